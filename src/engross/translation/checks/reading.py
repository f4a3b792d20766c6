"""What reading the figures of a text works with: the figures found, the text that is left, and Chinese and Korean numerals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeAlias

from engross.translation.checks.numerals import FIRM, Numerals
from engross.translation.checks.pair import MASK
from engross.values import value_class

NUMBER = r"(?:\d+|[〇一二三四五六七八九十]+)"
MYRIADS = {"만": 10**4, "억": 10**8, "조": 10**12, "万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8, "兆": 10**12}
SMALL = {"십": 10, "백": 100, "천": 1000, "十": 10, "百": 100, "千": 1000}
HAN_DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "元": 1}
HANGUL_DIGITS = {c: n for n, c in enumerate("영일이삼사오육칠팔구")}
_ANY_DIGIT = re.compile(r"\d")
Number: TypeAlias = int | Fraction
"""Never a float: values are compared."""


@value_class
class Day:
    """A date as far as the text gives it."""

    year: int | None
    month: int
    day: int | None

    def __str__(self) -> str:
        return "-".join([f"{self.year:04d}" if self.year else "…", f"{self.month:02d}", *([f"{self.day:02d}"] if self.day else [])])


@value_class
class Figure:
    """A number or a date in a text."""

    text: str
    at: int
    values: tuple[Number, ...] = ()
    weight: int = FIRM
    day: Day | None = None
    foreign: Number | None = None
    """Its value if it were written the English way, where the language groups figures otherwise."""
    numbered: bool = False
    """It follows No., núm., 第, 제: a number that names something."""


class Reader:
    """The text while it is read; what has been understood is blanked, so that later steps do not see it."""

    def __init__(self, text: str, lang: str, numerals: Numerals) -> None:
        self.text = text
        self.lang = lang
        self.numerals = numerals
        self.found: list[Figure] = []
        self.digits = bool(_ANY_DIGIT.search(text))
        """Whether the text has any digit; most texts have none, and most patterns need one."""

    def each(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Where a pattern stands in what is left of the text."""
        yield from list(pattern.finditer(self.text))

    def take(self, match: re.Match[str], figure: Figure | None, group: int = 0) -> None:
        """Record a figure and blank what it was read from."""
        start, end = match.span(group)
        if figure:
            self.found.append(figure)
        self.text = self.text[:start] + MASK * (end - start) + self.text[end:]


def plain(match: re.Match[str], *values: Number, weight: int = FIRM) -> Figure:
    """A number."""
    return Figure(match[0].strip(), match.start(), values, weight)


def dated(match: re.Match[str], year: int | None, month: int, day: int | None, weight: int = FIRM) -> Figure | None:
    """A date, if there is such a month and day."""
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    return Figure(match[0].strip(), match.start(), (), weight, Day(year, month, day))


def han_value(text: str) -> int:
    """The number that digits, Chinese numerals (二〇一八, 二十七, 千八百万) or Sino-Korean ones (이십칠) write."""
    if text.isascii():
        return int(text)
    digits = HAN_DIGITS | HANGUL_DIGITS
    if all(c in digits for c in text):
        return int("".join(str(digits[c]) for c in text))
    total = section = current = 0
    for c in text:
        if c in digits:
            current = digits[c]
        elif c in SMALL:
            section, current = section + (current or 1) * SMALL[c], 0
        elif c in MYRIADS:
            total, section, current = total + ((section + current) or 1) * MYRIADS[c], 0, 0
    return total + section + current
