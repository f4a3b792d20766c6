"""Numbers written in digits: their separators, scales (million, 만, 億) and fractions."""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache

from engross.translation.checks.numerals import HINT, SPOKEN, Numerals, for_language
from engross.translation.checks.pair import MASK
from engross.translation.checks.reading import MYRIADS, NUMBER, SMALL, Figure, Number, Reader, han_value, plain

_BUN = re.compile(rf"({NUMBER})\s?(?:분의|分の|分之)\s?({NUMBER})")
_DIGITS = re.compile(r"(?<![\d])\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?")
_EAST_TAIL = re.compile(r"(?:([십백천十百千])(?:(?![년월])))?(만|억|조(?![약선사치직건])|万|萬|億|亿|兆)?")
_MYRIAD_APART = re.compile(r" (만|억)(?= ?(?:명|원|달러|유로|톤|여|가구|개|인))")
_MORE_DIGITS = re.compile(r" ?(?=\d)")
_NEXT_WORD = re.compile(r"[ -](\w+)")
_BEFORE = 12
"""How far back No. or 제 may stand from its number."""
_SHORT_RANGE = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)[-–—/](\d\d)(?!\d)")
_NUMBERED = re.compile(r"(?:\bNos?\.|\bnúms?\.|\bn\.?[ºo°]|№|第|제|\bArticle|\bArt\.|\bartículo|\bart\.)\s?\Z", re.IGNORECASE)


def short_ranges(reader: Reader) -> None:
    """1950-53 ends in 1953."""
    for match in reader.each(_SHORT_RANGE) if reader.digits else ():
        first, last = int(match[1]), int(match[2])
        if last > first % 100:
            reader.found.append(plain(match, first))
            reader.take(match, plain(match, first // 100 * 100 + last, last))


def east_numbers(reader: Reader) -> None:
    """1,800만, 3만 5천, 1억2000万: figures with the units of ten thousand."""
    if not reader.numerals.east_asian or not reader.digits:
        return
    at, text = 0, reader.text
    while match := _DIGITS.search(text, at):
        start = match.start()
        value, at = _east_value(text, match)
        bare, numbered = _amount(match[0]), bool(_NUMBERED.search(text[max(start - _BEFORE, 0) : start]))
        readings = [value]
        if "조" in text[match.end() : at]:  # 10¹², or an article
            readings = [bare] if numbered else [value, bare]
        elif text[at : at + 1] in ("割", "할"):  # tenths
            readings = [bare, bare * 10]
        reader.found.append(Figure(text[start:at], start, tuple(readings), numbered=numbered))
        reader.text = reader.text[:start] + MASK * (at - start) + reader.text[at:]


def _east_value(text: str, match: re.Match[str]) -> tuple[Number, int]:
    """The number that begins with the digits of `match`, and where it ends."""
    value: Number = 0
    section: Number = 0
    limit, end = 10**16, match.end()
    chunk: re.Match[str] | None = match
    while chunk:
        tail = _EAST_TAIL.match(text, chunk.end())
        small, myriad = (tail[1], tail[2]) if tail else (None, None)
        apart = None if small or myriad else _MYRIAD_APART.match(text, chunk.end())
        size = MYRIADS.get(apart[1] if apart else myriad or "", 1)
        section += _amount(chunk[0]) * SMALL.get(small or "", 1)
        end = apart.end() if apart else (tail.end() if tail else chunk.end())
        if size > 1:
            value, section, limit = value + section * size, 0, size
        chunk = _MORE_DIGITS.match(text, end) if size > 1 or small else None
        chunk = _DIGITS.match(text, chunk.end()) if chunk else None
        if chunk and not _continues(text, chunk, limit, small):
            chunk = None
    return value + section, end


def _continues(text: str, chunk: re.Match[str], limit: int, small: str | None) -> bool:
    """Whether the figure after a unit belongs to the same number: 1억 2,000만, 3천 5백."""
    value = _amount(chunk[0])
    tail = _EAST_TAIL.match(text, chunk.end())
    if limit <= 10**12:
        return value < limit and (MYRIADS.get((tail[2] if tail else "") or "", 1) < limit)
    return bool(small) and value < SMALL.get(small or "", 1)


def west_numbers(reader: Reader) -> None:
    """25.5 million, 200.000, 200 000, 25 mil: figures with the language's separators and scales."""
    numerals = reader.numerals
    if numerals.east_asian or not reader.digits:
        return
    for match in reader.each(_west_pattern(reader.lang)):
        value, foreign = _west_value(match[1], numerals)
        size = 1
        if match[2]:
            word = match[2].lower()
            size = numerals.scales[word]
            if len(word) == 1 and not re.search(r"[$€£¥]\s?\Z", reader.text[: match.start()]):
                size = 1
        values = [value * size]
        numbered = bool(_NUMBERED.search(reader.text[max(match.start() - _BEFORE, 0) : match.start()]))
        after = _NEXT_WORD.match(reader.text, match.end())
        if after and after[1].lower() in numerals.times:
            values.insert(0, value * numerals.times[after[1].lower()])
        figure = Figure(match[0].strip(), match.start(), tuple(values), foreign=foreign * size if foreign is not None else None, numbered=numbered)
        reader.take(match, figure)


@lru_cache(maxsize=16)
def _west_pattern(lang: str) -> re.Pattern[str]:
    numerals = for_language(lang)
    scales = tuple(sorted(numerals.scales, key=len, reverse=True))
    tail = rf"(?:[ -]?({'|'.join(map(re.escape, scales))})(?!\w))?" if scales else "()"
    group = re.escape(numerals.groups[0])
    point = r"\." if numerals.decimal == "." else "[.,]"
    grouped = rf"\d{{1,3}}(?:{group}\d{{3}})+(?!\d)(?:{re.escape(numerals.decimal)}\d+)?"
    if " " in numerals.groups:
        grouped += rf"|\d{{1,3}}(?: \d{{3}})+(?!\d)(?:{re.escape(numerals.decimal)}\d+)?"
    return re.compile(rf"(?<![\d])({grouped}|\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:{point}\d+)?)(?:st|nd|rd|th|\.?[ºª])?{tail}", re.IGNORECASE)


def _west_value(text: str, numerals: Numerals) -> tuple[Number, Number | None]:
    """The value, and the one it has if it is written the English way in a language with other separators."""
    if numerals.decimal == ".":
        return _amount(text), None
    english = _amount(text) if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text) else None
    if re.fullmatch(r"\d+\.\d+", text) and not re.fullmatch(r"\d{1,3}\.\d{3}", text):
        return Fraction(text), None  # 25.5: a point for decimals is accepted in much of the Spanish-speaking world
    if text.count(",") > 1 or (english is not None and "." in text):
        return english if english is not None else _amount(text), english
    own = text.replace(" ", "").replace(".", "").replace(",", ".")
    return _number(own), english


def _amount(text: str) -> Number:
    return _number(text.replace(",", ""))


def _number(text: str) -> Number:
    return int(text) if text.isdigit() else Fraction(text)


_SIGNS = re.compile(r"[½¼¾⅓⅔⅕⅛]")


@lru_cache(maxsize=16)
def _parts_pattern(lang: str) -> re.Pattern[str] | None:
    numerals = for_language(lang)
    top = "|".join(word for word, value in numerals.words.items() if 0 < value < 10)
    return re.compile(rf"\b(a|an|{top})[ -]({'|'.join(numerals.parts)})\b") if numerals.parts else None


_PART_OF_SCALE = {
    "en": re.compile(r"\b(half|quarter)(?: of)? an? (thousand|million|billion|trillion)\b"),
    "es": re.compile(r"\b(medio|cuarto de) (millón|billón)\b"),
}


def fractions(reader: Reader) -> None:
    """3분의 1, 3分の1, two-thirds, ½."""
    if reader.numerals.east_asian:
        for match in reader.each(_BUN):
            if bottom := han_value(match[1]):
                reader.take(match, plain(match, Fraction(han_value(match[2]), bottom), weight=SPOKEN))
    for match in reader.each(_SIGNS):
        reader.take(match, plain(match, Fraction(unicodedata.numeric(match[0])).limit_denominator(10), weight=SPOKEN))
    for match in list(_PART_OF_SCALE[reader.lang].finditer(reader.text.lower())) if reader.lang in _PART_OF_SCALE else ():
        size = reader.numerals.words[match[2]]
        reader.take(match, plain(match, size // (2 if match[1] in ("half", "medio") else 4)))
    pattern, words, parts = _parts_pattern(reader.lang), reader.numerals.words, reader.numerals.parts
    for match in list(pattern.finditer(reader.text.lower())) if pattern else ():
        weight = HINT if match[1] in ("a", "an") else SPOKEN
        reader.take(match, plain(match, Fraction(words.get(match[1], 1), parts[match[2]]), weight=weight))
