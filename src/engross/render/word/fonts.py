"""Fonts a Word user already has, and languages as Word writes them.

A PDF carries its fonts, a Word file names them. The print fonts of the layout (Source Serif 4 and the Noto families) are on hardly any desk, and Word
replaces an unknown font as it likes, differently on each machine. So the document names what Office itself brings: Cambria, Batang (바탕), MS Mincho
(ＭＳ 明朝), the faces of official letters in Korea and Japan, whose line height is even beside Latin letters (Yu Mincho's is not). LibreOffice has replacements
for all three, and the font table gives the local names and the classification (PANOSE) by which any program can choose a likeness. They stand in the
theme, by script, so that staff change them in one place (Design > Fonts).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engross.locales import Locale
from engross.render.word.opc import HEAD
from engross.render.word.wml import NAMESPACES, RUN_ORDER, properties

LATIN = "Cambria"
COMPLEX = "Times New Roman"

EAST_ASIAN: Mapping[str, tuple[str, str]] = {"ko": ("Hang", "Batang"), "ja": ("Jpan", "MS Mincho"), "zh": ("Hans", "SimSun"), "zh-Hant": ("Hant", "PMingLiU")}
"""The theme's script and the font, by language."""

RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
COMPLEX_SCRIPTS = (*RIGHT_TO_LEFT, "th", "hi")

REGIONS = {"zh": "zh-CN", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
"""Tags as Word knows them, where they are not language and region."""


def east_asian(lang: str) -> str:
    """The key of `EAST_ASIAN` for a BCP 47 tag; empty when the language is written with another script."""
    parts = lang.split("-")
    if parts[0] == "zh" and ({"Hant", "TW", "HK", "MO"} & set(parts)):
        return "zh-Hant"
    return parts[0] if parts[0] in EAST_ASIAN else ""


@lru_cache(maxsize=256)
def with_region(lang: str) -> str:
    """A tag with the region Word's proofing tools ask for: `de` is `de-DE` (CLDR likely subtags)."""
    if lang in REGIONS:
        return REGIONS[lang]
    if "-" in lang:
        return lang
    from babel.core import get_global

    likely = str(get_global("likely_subtags").get(lang, "")).split("_")
    return f"{lang}-{likely[-1]}" if len(likely) > 1 else lang


@dataclass(frozen=True)
class Tongues:
    """The languages of a document: what its defaults say, and what a run in another language must say."""

    latin: str
    """Default of runs in Latin script, `en-US`."""
    asian: str
    """Default of East Asian runs, `ko-KR`."""
    fonts: Mapping[str, str]
    """East Asian font by key of `EAST_ASIAN`, as the theme has it."""
    locales: Mapping[str, Locale]

    def tag(self, lang: str) -> str:
        """The BCP 47 tag with region of a language as segments name it."""
        return self.locales[lang].tag if lang in self.locales else with_region(lang)

    def formatting(self, lang: str) -> dict[str, str]:
        """The children of `w:rPr` that a run in this language needs beside the defaults.

        East Asian runs carry the hint, without which Word sets quotation marks and dashes in the Latin font (ISO/IEC 29500-1, 17.3.2.26).
        """
        tag = self.tag(lang)
        key = east_asian(lang)
        if key:
            if key == east_asian(self.asian):
                return {"rFonts": '<w:rFonts w:hint="eastAsia"/>'}
            return {"rFonts": f'<w:rFonts w:eastAsia="{self.fonts[key]}" w:hint="eastAsia"/>', "lang": f'<w:lang w:eastAsia="{tag}"/>'}
        if lang.split("-", maxsplit=1)[0] in COMPLEX_SCRIPTS:
            direction = {"rtl": "<w:rtl/>"} if lang.split("-", maxsplit=1)[0] in RIGHT_TO_LEFT else {"cs": "<w:cs/>"}
            return {**direction, "lang": f'<w:lang w:bidi="{tag}"/>'}
        return {} if tag == self.latin else {"lang": f'<w:lang w:val="{tag}"/>'}

    def display_font(self, lang: str, latin: str) -> str:
        """The font of a word in a drawing, where no theme reaches."""
        key = east_asian(lang)
        return self.fonts[key] if key else latin

    def run_properties(self, lang: str, **children: str) -> str:
        """`w:rPr` of a run in this language with more children."""
        return properties("rPr", RUN_ORDER, {**children, **self.formatting(lang)})


_SCRIPTS = {"ko": re.compile("[\uac00-\ud7a3]"), "ja": re.compile("[\u3040-\u30ff]"), "zh": re.compile("[\u4e00-\u9fff]")}


def dominant_asian(texts: Iterable[str]) -> str:
    """The East Asian language a Latin document holds most of, judged by its script; empty when it holds none."""
    counts = dict.fromkeys(_SCRIPTS, 0)
    for text in texts:
        if not text.isascii():
            for key, script in _SCRIPTS.items():
                counts[key] += len(script.findall(text))
    if counts["ja"]:
        counts["ja"] += counts.pop("zh")
    best = max(counts, key=lambda key: counts[key])
    return best if counts[best] else ""


def font_table() -> bytes:
    """word/fontTable.xml: local names, PANOSE and character set, by which a program without the font finds a likeness."""
    rows = (
        ("Cambria", "Caladea", "02040503050406030204", "00", "roman", "variable"),
        ("Times New Roman", "", "02020603050405020304", "00", "roman", "variable"),
        ("Batang", "바탕", "02030600000101010101", "81", "roman", "variable"),
        ("MS Mincho", "ＭＳ 明朝", "02020609040205080304", "80", "modern", "fixed"),
    )
    fonts = "".join(
        f'<w:font w:name="{name}">'
        + (f'<w:altName w:val="{other}"/>' if other else "")
        + f'<w:panose1 w:val="{panose}"/><w:charset w:val="{charset}"/><w:family w:val="{family}"/><w:pitch w:val="{pitch}"/></w:font>'
        for name, other, panose, charset, family, pitch in rows
    )
    return f"{HEAD}<w:fonts {NAMESPACES}>{fonts}</w:fonts>".encode()
