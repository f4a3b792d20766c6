"""Compare the figures of a source and its translation by value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property, lru_cache

from engross.translation.checks.figures import figures
from engross.translation.checks.numerals import FIRM, HINT, SPOKEN
from engross.translation.checks.pair import Case, Finding, quoted
from engross.translation.checks.reading import Day, Figure, Number

_SAME_YEAR = re.compile(r"같은 해|그해|그 해|동년|이듬해|同年|同じ年|その年|翌年|mismo año|ese año|año siguiente|(?:same|that) year")


_SMALL = 100


class Side:
    """The figures of one text, and every value they can stand for."""

    def __init__(self, text: str, lang: str) -> None:
        self.text = text
        self.figures = figures(text, lang)
        self.days = [f.day for f in self.figures if f.day]
        self.values = set(_values(self.figures))

    @cached_property
    def same_year(self) -> bool:
        """Whether it names a year by another one."""
        return bool(_SAME_YEAR.search(self.text))

    def covers(self, figure: Figure) -> bool:
        """Whether this side has the figure of the other."""
        if figure.day:
            return any(self._same(figure.day, day) for day in self.days)
        if self.values.intersection(figure.values) or figure.foreign in self.values:
            return True
        fraction = next((v for v in figure.values if v.denominator > 1), None)
        return fraction is not None and {fraction.numerator, fraction.denominator} <= self.values

    def often(self, figure: Figure) -> int:
        """How often this side has a small number; dates and large numbers are often repeated and do not count."""
        return sum(bool(f.values) and f.values[0] == figure.values[0] for f in self.figures) if figure.values and figure.values[0] < _SMALL else 0

    def _same(self, wanted: Day, day: Day) -> bool:
        if wanted.month != day.month:
            return False
        if wanted.day and wanted.day != day.day and not (day.day and any(wanted.day in f.values and f.weight == FIRM for f in self.figures)):
            return False
        if not wanted.year or wanted.year == day.year:
            return True
        return day.year is None and (wanted.year in self.values or self.same_year)


def _values(found: Iterable[Figure]) -> Iterator[Number]:
    for figure in found:
        yield from figure.values
        for value in figure.values:
            if value.denominator > 1:
                yield from (value.numerator, value.denominator)
        if figure.foreign is not None:
            yield figure.foreign
        if figure.day:
            yield from (part for part in (figure.day.year, figure.day.month, figure.day.day) if part)


def _sides(case: Case) -> tuple[Side, Side]:
    if "sides" not in case.cache:
        case.cache["sides"] = (Side(case.source, case.pair.source_lang.split("-")[0]), Side(case.target, case.lang))
    sides = case.cache["sides"]
    assert isinstance(sides, tuple)
    return sides


def figures_kept(case: Case) -> Iterator[Finding]:
    """Every figure and date of the source has its value in the translation, and the translation has no other."""
    source, target = _sides(case)
    missing = [f for f in source.figures if f.weight == FIRM and not target.covers(f)]
    extra = [f for f in target.figures if f.weight == FIRM and not source.covers(f)]
    if missing and extra:
        yield Finding(f"the source has {_listed(missing)}, the translation {_listed(extra)}", _factor(missing, extra))
    elif missing:
        yield Finding(f"{_listed(missing)} of the source is missing", "if the sense is there in words, waive it with a reason")
    elif extra:
        yield Finding(f"{_listed(extra)} is not in the source")


def spelled(case: Case) -> Iterator[Finding]:
    """A small number in words does not become another one."""
    source, target = _sides(case)
    missing = [f for f in source.figures if f.weight == SPOKEN and not target.covers(f)]
    extra = [f for f in target.figures if f.weight == SPOKEN and not source.covers(f)]
    if missing and not extra:
        extra = [f for f in target.figures if f.weight != HINT and target.often(f) > source.often(f) and source.covers(f)]
    if missing and extra:
        yield Finding(f"the source has {_listed(missing)}, the translation {_listed(extra)}", "compare the two numbers")


def order(case: Case) -> Iterator[Finding]:
    """Numbers that name something (No. 87, 제98호) come in the order of the source: two that changed places name the wrong thing."""
    source, target = _sides(case)
    wanted, found = ([f.values[0] for f in side.figures if f.numbered and f.values] for side in (source, target))
    if len(wanted) > 1 and wanted != found and sorted(wanted) == sorted(found):
        place = next(n for n, (a, b) in enumerate(zip(wanted, found, strict=True)) if a != b)
        yield Finding(f"number {wanted[place]} of the source stands where the translation has {found[place]}", "see that each number stands with its own convention or article")


def style(case: Case) -> Iterator[Finding]:
    """Thousands and decimals are parted as the language does it."""
    source, target = _sides(case)
    for figure in target.figures:
        if figure.foreign is not None and figure.foreign in source.values and not source.values.intersection(figure.values):
            yield Finding(f"{quoted(figure.text)} is grouped the English way", "write 200.000 or 200 000, and decimals with a comma")


_UNITS = {
    "dollars": {"en": r"\$|\bdollars?\b|\bUSD\b", "ko": r"달러|\$|USD|불", "ja": r"ドル|\$|USD|弗", "es": r"d[óo]lar|\$|USD", "zh": r"美元|\$|USD"},
    "euros": {"en": r"€|\beuros?\b|\bEUR\b", "ko": r"유로|€|EUR", "ja": r"ユーロ|€|EUR", "es": r"\beuros?\b|€|EUR", "zh": r"欧元|€|EUR"},
    "yen": {"en": r"¥|\byen\b|\bJPY\b", "ko": r"엔|¥|JPY", "ja": r"円|¥|JPY", "es": r"\byen(?:es)?\b|¥|JPY", "zh": r"日元|¥|JPY"},
    "won": {"en": r"₩|\d (?:(?:thousand|million|billion|trillion) )?won\b|\bKRW\b", "ko": r"원|₩|KRW", "ja": r"ウォン|₩|KRW", "es": r"\bwons?\b|wones|₩|KRW", "zh": r"韩元|₩|KRW"},
    "pounds": {"en": r"£|\bGBP\b", "ko": r"파운드|£|GBP", "ja": r"ポンド|£|GBP", "es": r"libras?\b|£|GBP", "zh": r"英镑|£|GBP"},
    "percent": {
        "en": r"\d ?%|\bper ?cent\b|\bpercentage\b",
        "ko": r"[%％]|퍼센트|프로|백분율|할",
        "ja": r"[%％]|パーセント|割|百分",
        "es": r"%|por ciento|porcentaje|por 100",
        "zh": r"[%％]|百分",
    },
}
_UNIT_PATTERNS = {unit: {lang: re.compile(pattern, re.IGNORECASE) for lang, pattern in table.items()} for unit, table in _UNITS.items()}


def units(case: Case) -> Iterator[Finding]:
    """Currencies and percent signs stay what they are."""
    for unit in _counted(case.source, case.pair.source_lang.split("-")[0]):
        table = _UNIT_PATTERNS[unit]
        if case.lang in table and not table[case.lang].search(case.target):
            yield Finding(f"the source counts in {unit}, the translation does not say so", "name the unit after the figure")


@lru_cache(maxsize=4096)
def _counted(text: str, lang: str) -> tuple[str, ...]:
    """The units that a text counts in; the same source is read once for all languages."""
    return tuple(unit for unit, table in _UNIT_PATTERNS.items() if lang in table and table[lang].search(text))


_SHOWN = 6
"""How many figures a message names."""


def _listed(found: list[Figure]) -> str:
    shown = list(dict.fromkeys(_shown(figure) for figure in found))
    return ", ".join(shown[:_SHOWN]) + (" …" if len(shown) > _SHOWN else "")


def _shown(figure: Figure) -> str:
    if figure.day:
        return f"{quoted(figure.text)} ({figure.day})"
    value = figure.values[0]
    number = f"{value.numerator:,}" if value.denominator == 1 else (f"{float(value):,}" if value.denominator % 3 else f"{value.numerator}/{value.denominator}")
    return quoted(figure.text) if number.replace(",", "") == figure.text.replace(",", "") else f"{quoted(figure.text)} ({number})"


def _factor(missing: list[Figure], extra: list[Figure]) -> str:
    """The slip of a zero is worth naming."""
    for a in missing[:_SHOWN]:
        for b in extra[:_SHOWN]:
            if a.values and b.values and a.values[0] and b.values[0]:
                ratio = Fraction(max(a.values[0], b.values[0])) / min(a.values[0], b.values[0])
                if ratio.denominator == 1 and ratio.numerator in {10**n for n in range(1, 13)}:
                    return f"one is {ratio.numerator:,} times the other"
    return "compare the figures"
