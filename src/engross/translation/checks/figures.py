"""Read the figures of a text by value: numbers with their scale, spelled numbers, fractions, dates.

1,800만, 18 million and 18 millones are one value; 2018年4月27日 and April 27, 2018 one day. What a text leaves open (“조” after a figure is
10¹² or an article of a law) is read in every way: a figure has several values, and any of them will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from engross.translation.checks.dates import east_dates, month_dates, numeric_dates, times
from engross.translation.checks.digits import east_numbers, fractions, short_ranges, west_numbers
from engross.translation.checks.numerals import for_language
from engross.translation.checks.pair import MASK, mask
from engross.translation.checks.reading import Figure, Reader
from engross.translation.checks.spelled import east_words, roman, west_words

_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xA0: 0x20, 0x202F: 0x20, 0x2009: 0x20, 0x3000: 0x20}
_LONG_RUN = re.compile(r"[\d〇零一二三四五六七八九十百千万億兆]{45,}")
"""Whatever that is, it is no figure of a letter."""


@lru_cache(maxsize=4096)
def figures(text: str, lang: str) -> tuple[Figure, ...]:
    """Every figure of a text in a language (primary code), in the order of the text. Addresses and placeholders are not looked at."""
    reader = Reader(_LONG_RUN.sub(lambda match: MASK * len(match[0]), mask(text.translate(_FOLD))).replace("−", "-"), lang, for_language(lang))
    for step in _STEPS:
        step(reader)
    return tuple(sorted(reader.found, key=lambda figure: figure.at))


_STEPS: tuple[Callable[[Reader], None], ...] = (
    numeric_dates,
    east_dates,
    month_dates,
    times,
    short_ranges,
    fractions,
    east_numbers,
    west_numbers,
    east_words,
    west_words,
    roman,
)
