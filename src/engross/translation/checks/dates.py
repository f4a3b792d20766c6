"""Dates and times of day in the ways the languages write them."""

from __future__ import annotations

import re
from functools import lru_cache

from engross.translation.checks.numerals import FIRM, HINT, for_language
from engross.translation.checks.reading import NUMBER, Reader, dated, han_value, plain

_AMBIGUOUS = frozenset({"may", "march", "august", "mar", "mai", "mars"})
_ISO = re.compile(r"(?<!\d)(\d{4})(?:-(\d\d)-(\d\d)|\. ?(\d{1,2})\. ?(\d{1,2})\.?|/(\d{1,2})/(\d{1,2}))(?![\d-])")
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\d/])")
_EAST_DAY = re.compile(
    rf"(?:(\d{{4}}|[〇一二三四五六七八九]{{4}}|(?:明治|大正|昭和|平成|令和)(?:元|\d+|[一二三四五六七八九十]+))\s?[年년],?\s?)?({NUMBER})\s?[月월](?:\s?({NUMBER})\s?[日일])?"
)
_ERA_YEAR = re.compile(r"(明治|大正|昭和|平成|令和)(元|\d+|[一二三四五六七八九十]+)年")
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}


def numeric_dates(reader: Reader) -> None:
    """2018-04-27, 2018. 4. 27., 2018/4/27; with the year last, month first in English and day first elsewhere."""
    if not reader.digits:
        return
    for match in reader.each(_ISO):
        year, *rest = (int(group) for group in match.groups() if group)
        figure = dated(match, year, rest[0], rest[1])
        if figure:
            reader.take(match, figure)
    for match in reader.each(_SLASHED):
        first, second, year = (int(group) for group in match.groups())
        month, day = (first, second) if reader.lang == "en" else (second, first)
        figure = dated(match, year, month, day) or dated(match, year, day, month)
        if figure:
            reader.take(match, figure)


def east_dates(reader: Reader) -> None:
    """2018年4月27日, 2018년 4월, 4月27日, also with Chinese numerals and in the Japanese eras."""
    if not reader.numerals.east_asian:
        return
    for match in reader.each(_EAST_DAY):
        figure = dated(match, _year(match[1]) if match[1] else None, han_value(match[2]), han_value(match[3]) if match[3] else None)
        if figure:
            reader.take(match, figure)
    for match in reader.each(_ERA_YEAR):
        reader.take(match, plain(match, _year(match[0][:-1])))


def _year(text: str) -> int:
    era = _ERAS.get(text[:2])
    if era is None:
        return han_value(text)
    return era + (1 if text[2:] == "元" else han_value(text[2:]))


@lru_cache(maxsize=16)
def _month_patterns(lang: str) -> tuple[re.Pattern[str] | None, re.Pattern[str], re.Pattern[str], re.Pattern[str]] | None:
    names = "|".join(sorted(map(re.escape, for_language(lang).months), key=len, reverse=True))
    if not names:
        return None
    if lang == "en":
        name = rf"(?<!\w)({names})\b\.?"
        return (
            re.compile(rf"{name} (\d{{1,2}})(?:st|nd|rd|th)?(?!\d|,\d|\.\d)(?:,? (\d{{4}})(?!\d|,\d))?", re.IGNORECASE),
            re.compile(rf"(?<![\d,.])(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {name}(?:,? (\d{{4}}))?", re.IGNORECASE),
            re.compile(rf"{name}(?: of)?,? (\d{{4}})(?!\d|,\d)", re.IGNORECASE),
            re.compile(rf"{name}", re.IGNORECASE),
        )
    name = rf"(?<!\w)({names})(?!\w)"
    glue = r"(?: de(?:l)?(?: año)?)?" if lang == "es" else r"(?:\.)?"
    return (
        None,
        re.compile(rf"(?<![\d,.])(\d{{1,2}}|primero|premier)(?:\.?[ºº°o]|er|\.)?{glue} {name}(?:{glue},? (\d{{4}})(?!\d))?", re.IGNORECASE),
        re.compile(rf"{name}{glue},? (\d{{4}})(?!\d)", re.IGNORECASE),
        re.compile(name, re.IGNORECASE),
    )


def month_dates(reader: Reader) -> None:
    """April 27, 2018; 27 de abril de 2018; a month with a year, or alone."""
    patterns = _month_patterns(reader.lang)
    if not patterns:
        return
    months = reader.numerals.months
    month_day, day_month, month_year, alone = patterns
    if not alone.search(reader.text):
        return
    for match in reader.each(month_day) if month_day else ():
        _take_day(reader, match, (match[3], months[match[1].lower()], match[2]))
    for match in reader.each(day_month):
        _take_day(reader, match, (match[3], months[match[2].lower()], match[1]))
    for match in reader.each(month_year):
        _take_day(reader, match, (match[2], months[match[1].lower()], None))
    for match in reader.each(alone):
        if reader.lang == "en" and match[1][0].islower():
            continue
        weight = HINT if match[1].lower() in _AMBIGUOUS or len(match[1]) < 4 or (reader.lang != "en" and match[1][0].isupper()) else FIRM
        reader.take(match, dated(match, None, months[match[1].lower()], None, weight))


def _take_day(reader: Reader, match: re.Match[str], parts: tuple[str | None, int, str | None]) -> None:
    year, month, day = parts
    figure = dated(match, int(year) if year else None, month, (int(day) if day.isdigit() else 1) if day else None)
    if figure:
        reader.take(match, figure)


_CLOCK = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s?([ap])\.?\s?m\b\.?)?|(?<![\d:.,])(1[0-2]|\d)\s?([ap])\.?m\b\.?", re.IGNORECASE)
_EAST_CLOCK = re.compile(r"(오전|오후|午前|午後|上午|下午)\s?(\d{1,2})\s?[시時]")


_POINTED_CLOCK = re.compile(r"(?<=\blas )([01]?\d|2[0-3])[.:]([0-5]\d)(?![\d.,]\d)")
"""Spanish: a las 14.30."""


def times(reader: Reader) -> None:
    """9:00, 2 p.m., 오후 2시. The minutes count unless they are 00."""
    if not reader.digits:
        return
    for match in reader.each(_POINTED_CLOCK) if reader.lang == "es" else ():
        reader.take(match, plain(match, int(match[1])))
        if int(match[2]):
            reader.found.append(plain(match, int(match[2])))
    for match in reader.each(_CLOCK):
        hour, half = int(match[1] or match[4]), (match[3] or match[5] or "").lower()
        readings = (hour, hour + 12) if half == "p" and hour < 12 else (hour, 0 if half == "a" and hour == 12 else hour)
        reader.take(match, plain(match, *dict.fromkeys(readings)))
        if match[2] and int(match[2]):
            reader.found.append(plain(match, int(match[2])))
    for match in reader.each(_EAST_CLOCK):
        hour = int(match[2])
        reader.take(match, plain(match, hour, *((hour + 12,) if match[1] in "오후午後下午" and hour < 12 else ())))
