"""How four languages write numbers and months: tables of facts. Other languages take months and scales from CLDR (`for_language`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction
from functools import lru_cache

from engross.values import value_class

FIRM, SPOKEN, HINT = 2, 1, 0
"""How much a figure says. FIRM needs its counterpart; SPOKEN (two … twelve) may be left out, but not become another number; a HINT (one, first, both)
only explains a figure of the other side."""


@value_class
class Numerals:
    """What one language's numbers are made of."""

    months: Mapping[str, int] = field(default_factory=dict)
    """Names in lower case."""
    groups: str = ","
    """What may part thousands; a regular expression class."""
    decimal: str = "."
    scales: Mapping[str, int] = field(default_factory=dict)
    """Words after a figure, `million`."""
    words: Mapping[str, int] = field(default_factory=dict)
    hints: Mapping[str, int | Fraction] = field(default_factory=dict)
    """Words that may stand for a number, or not."""
    times: Mapping[str, int] = field(default_factory=dict)
    """Units of time or count that may be told by their number of years or pieces, `decade`."""
    links: frozenset[str] = frozenset()
    """Words inside a spelled number: `and`."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Denominators of fractions in words."""
    east_asian: bool = False
    """Counts in myriads (만 億) and writes year, month and day with units."""


def _enumerated(names: str, start: int = 1) -> dict[str, int]:
    return {name: number for number, group in enumerate(names.split(), start) for name in group.split("/")}


_EN_TENS = {word: 10 * n for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)}
_EN_WORDS = _enumerated("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen", 0) | _EN_TENS
_EN_MONTHS = _enumerated("january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec")
_EN_ORDINALS = _enumerated("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")
_EN_ORDINALS |= _enumerated("thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth", 13)
_EN_ORDINALS |= {word: 10 * n for n, word in enumerate(["thirtieth", "fortieth", "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth", "hundredth"], 3)}
_ES_UNITS = _enumerated(
    "cero uno/una/un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte "
    "veintiuno/veintiún/veintiuna veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve",
    0,
)
_ES_TENS = {word: 10 * n for n, word in enumerate(["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"], 3)}
_ES_HUNDREDS = {"cien": 100, "ciento": 100} | {
    stem + end: 100 * n
    for n, stem in enumerate(["doscient", "trescient", "cuatrocient", "quinient", "seiscient", "setecient", "ochocient", "novecient"], 2)
    for end in ("os", "as")
}
_ES_MONTHS = _enumerated("enero febrero marzo abril mayo junio julio agosto septiembre/setiembre octubre noviembre diciembre")
_ES_ORDINALS = _enumerated(
    "primer/primero/primera segundo/segunda tercer/tercero/tercera cuarto/cuarta quinto/quinta sexto/sexta séptimo/séptima octavo/octava noveno/novena décimo/décima"
)
_ES_ORDINALS |= {"undécimo": 11, "undécima": 11, "duodécimo": 12, "duodécima": 12}
_ES_ORDINALS |= {
    stem + end: 10 * n
    for n, stem in enumerate(["vigésim", "trigésim", "cuadragésim", "quincuagésim", "sexagésim", "septuagésim", "octogésim", "nonagésim", "centésim"], 2)
    for end in ("o", "a", "er")
}

_TABLE: Mapping[str, Numerals] = {
    "en": Numerals(
        months=_EN_MONTHS,
        scales={"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12, "m": 10**6, "mn": 10**6, "bn": 10**9, "k": 1000},
        words=_EN_WORDS | {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12},
        hints={**_EN_ORDINALS}
        | {"a": 1, "an": 1, "each": 1, "every": 1, "single": 1, "sole": 1, "another": 1}
        | {
            "once": 1,
            "twice": 2,
            "both": 2,
            "either": 2,
            "pair": 2,
            "couple": 2,
            "half": Fraction(1, 2),
            "quarter": Fraction(1, 4),
        },
        times={"decade": 10, "decades": 10, "century": 100, "centuries": 100, "dozen": 12, "dozens": 12, "score": 20},
        links=frozenset({"and"}),
        parts={
            "half": 2,
            "halves": 2,
            "third": 3,
            "thirds": 3,
            "quarter": 4,
            "quarters": 4,
            "fourths": 4,
            "fifth": 5,
            "fifths": 5,
            "sixths": 6,
            "eighths": 8,
            "tenth": 10,
            "tenths": 10,
        },
    ),
    "es": Numerals(
        months=_ES_MONTHS,
        groups=". ",
        decimal=",",
        scales={"mil millones": 10**9, "mil": 1000, "millón": 10**6, "millones": 10**6, "millardo": 10**9, "millardos": 10**9, "billón": 10**12, "billones": 10**12},
        words=_ES_UNITS | _ES_TENS | _ES_HUNDREDS | {"mil": 1000, "millón": 10**6, "millones": 10**6, "billón": 10**12, "billones": 10**12},
        hints={**_ES_ORDINALS} | {"ambos": 2, "ambas": 2, "par": 2, "mitad": Fraction(1, 2), "medio": Fraction(1, 2), "media": Fraction(1, 2), "cada": 1},
        times={"década": 10, "décadas": 10, "decenio": 10, "decenios": 10, "siglo": 100, "siglos": 100, "docena": 12, "docenas": 12, "decena": 10, "decenas": 10, "centenar": 100},
        links=frozenset({"y"}),
        parts={
            "medio": 2,
            "medios": 2,
            "tercio": 3,
            "tercios": 3,
            "cuarto": 4,
            "cuartos": 4,
            "cuartas": 4,
            "quinto": 5,
            "quintos": 5,
            "quintas": 5,
            "décimo": 10,
            "décimos": 10,
            "terceras": 3,
        },
    ),
    "ko": Numerals(east_asian=True),
    "ja": Numerals(east_asian=True),
    "zh": Numerals(east_asian=True),
}


@lru_cache(maxsize=32)
def for_language(lang: str) -> Numerals:
    """The tables of a primary language (`es`, `fr`); of one not described here, the months, separators and scales of CLDR."""
    if lang in _TABLE:
        return _TABLE[lang]
    from babel import Locale, UnknownLocaleError

    try:
        data = Locale.parse(lang)
    except (UnknownLocaleError, ValueError):
        return Numerals(groups=", .", decimal=".")
    months = {name.casefold(): number for context in ("format", "stand-alone") for number, name in data.months[context]["wide"].items()}
    scales: dict[str, int] = {}
    for plurals in data.compact_decimal_formats.get("long", {}).values():
        for size, pattern in plurals.items():
            word = re.sub(r"[0#.,'\s\u00a0\u202f]", "", str(pattern.pattern))
            if word:  # "00 Millionen" for 10 000 000: two of its digits stand before the word
                scales.setdefault(word.casefold(), int(size) // 10 ** (str(pattern.pattern).count("0") - 1))
    symbols = data.number_symbols.get("latn", {})
    decimal = str(symbols.get("decimal", "."))
    return Numerals(months=months, groups=f"{symbols.get('group', ',')} ".replace("\u202f", " ").replace("\u00a0", " "), decimal=decimal, scales=scales)
