"""Numbers and dates are read by value in each language, whatever way they are written."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from engross.translation.checks.figures import figures
from engross.translation.checks.reading import Day

LANGUAGES = ("en", "es", "ko", "ja")


def values(text: str, lang: str) -> list[object]:
    return [figure.day or figure.values[0] for figure in figures(text, lang)]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(value=st.integers(13, 10**15), lang=st.sampled_from(LANGUAGES))
def test_a_number_as_cldr_writes_it_is_read_back(value, lang):
    # In Spanish CLDR groups from five digits on; 2017 is the same with and without.
    assert values(format_decimal(value, locale=lang), lang) == [value]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(whole=st.integers(0, 10**6), tenth=st.integers(1, 9), lang=st.sampled_from(LANGUAGES))
def test_a_decimal_is_read_back(whole, tenth, lang):
    assert values(format_decimal(whole + tenth / 10, locale=lang), lang) == [Fraction(10 * whole + tenth, 10)]


@settings(derandomize=True, deadline=None, max_examples=150)
@given(digits=st.integers(1, 999), power=st.integers(0, 10), lang=st.sampled_from(LANGUAGES))
def test_a_number_with_its_scale_is_read_back(digits, power, lang):
    value = digits * 10**power
    text = format_compact_decimal(value, format_type="long" if lang in ("en", "es") else "short", locale=lang, fraction_digits=3)
    assert value in figures(text, lang)[0].values, text


def myriads(value: int, units: str, comma: str, space: str) -> str:
    """25503 → 2만 5,503."""
    parts = []
    for power, unit in ((12, units[2]), (8, units[1]), (4, units[0]), (0, "")):
        section = value // 10**power % 10**4
        if section:
            parts.append(f"{section:,}".replace(",", comma) + unit)
    return space.join(parts)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(value=st.integers(1, 10**15), style=st.sampled_from([("ko", "만억조", ",", " "), ("ko", "만억조", "", ""), ("ja", "万億兆", "", ""), ("ja", "万億兆", ",", "")]))
def test_mixed_myriads_are_read_back(value, style):
    lang, *parts = style
    found = figures(myriads(value, *parts) + ("명" if lang == "ko" else "人"), lang)
    assert len(found) == 1
    assert found[0].values[0] == value


def kanji(value: int) -> str:
    """20503 → 二万五百三."""
    out = ""
    for power, unit in ((12, "兆"), (8, "億"), (4, "万"), (0, "")):
        section = value // 10**power % 10**4
        if section:
            for small, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
                digit = section // small % 10
                if digit:
                    out += ("" if digit == 1 and small > 1 else "〇一二三四五六七八九"[digit]) + name
            out += unit
    return out


@settings(derandomize=True, deadline=None, max_examples=150)
@given(value=st.integers(1, 10**13))
def test_chinese_numerals_are_read_back(value):
    assert value in figures(f"約{kanji(value)}人", "ja")[0].values


@settings(derandomize=True, deadline=None, max_examples=150)
@given(day=st.dates(date(1900, 1, 1), date(2099, 12, 31)), lang=st.sampled_from(LANGUAGES))
def test_a_date_in_full_is_read_back(day, lang):
    assert values(format_date(day, "long", locale=lang), lang) == [Day(day.year, day.month, day.day)]
    assert values(day.isoformat(), lang) == [Day(day.year, day.month, day.day)]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(day=st.dates(date(1900, 1, 1), date(2099, 12, 31)), lang=st.sampled_from(LANGUAGES))
def test_a_month_with_its_year_is_read_back(day, lang):
    pattern = {"en": "MMMM y", "es": "MMMM 'de' y", "ko": "y년 M월", "ja": "y年M月"}[lang]
    assert values(format_date(day, pattern, locale=lang), lang) == [Day(day.year, day.month, None)]


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "eighteen million people", [18 * 10**6]),
        ("en", "two hundred and fifty thousand people", [250_000]),
        ("en", "twenty-five", [25]),
        ("en", "US$25.5 million", [25_500_000]),
        ("en", "a 5m wall", [5]),
        ("en", "the 21st and the 3rd", [21, 3]),
        ("en", "1950-53", [1950, 1953]),
        ("es", "mil doscientos treinta y cuatro", [1234]),
        ("es", "dieciocho millones", [18 * 10**6]),
        ("es", "dos mil diecisiete", [2017]),
        ("es", "3.000 millones", [3 * 10**9]),
        ("es", "1.234.567,8", [Fraction(12345678, 10)]),
        ("es", "1.º de mayo de 2018", [Day(2018, 5, 1)]),
        ("es", "primero de mayo de 2018", [Day(2018, 5, 1)]),
        ("ko", "3천 5백 명", [3500]),
        ("ko", "3명이 억류", [3]),
        ("ko", "2017년 조선로동당", [2017]),
        ("ko", "105조약", [105]),
        ("ko", "제19조", [19]),
        ("ko", "12개월과 23개월", [12, 23]),
        ("ko", "만 5세", [5]),
        ("ja", "令和元年5月1日", [Day(2019, 5, 1)]),
        ("ja", "昭和28年", [1953]),
        ("ja", "12か月", [12]),
        ("ja", "3分の1", [Fraction(1, 3)]),
        ("fr", "18 millions de personnes", [18 * 10**6]),
        ("fr", "le 27 avril 2018", [Day(2018, 4, 27)]),
        ("fr", "le 1er mai 2018", [Day(2018, 5, 1)]),
        ("fr", "200 000 enfants", [200_000]),
        ("de", "25,5 Millionen", [25_500_000]),
        ("zh", "2018年4月27日，1800万人", [Day(2018, 4, 27), 18_000_000]),
        ("xx", "2018", [2018]),
    ],
)
def test_ways_of_writing(lang, text, expected):
    found = [figure.day or figure.values[0] for figure in figures(text, lang) if figure.weight]
    assert found == expected
