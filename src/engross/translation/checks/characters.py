"""Characters that have no business in a letter: what hides, reorders, breaks lines or has no meaning of its own (Unicode 15, UAX 9, UTR 36)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from engross.translation.checks.pair import Case, Finding

_ALLOWED_SPACES = "\u0020\u00a0\u202f\u3000"
"""Space, the two no-break spaces of Spanish and French figures, and the ideographic one, which the check of widths looks at."""
_NAMED = {
    **dict.fromkeys("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", "a direction control"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u2061\u2062\u2063\u2064\u034f", "an invisible character"),
    **dict.fromkeys("\u115f\u1160\u3164\uffa0", "a Hangul filler"),
    "\u00ad": "a soft hyphen",
    "\ufffd": "the mark of a broken character",
    "\ufffc": "an object mark",
}
_RANGES = (
    (0xE0000, 0xE007F, "a tag character"),
    (0xFE00, 0xFE0F, "a variation selector"),
    (0xE0100, 0xE01EF, "a variation selector"),
    (0x2E80, 0x2FDF, "a radical, not a Chinese character"),
    (0xFF61, 0xFF9F, "half-width katakana"),
)
_CATEGORIES = {"Cc": "a control character", "Cf": "an invisible control", "Co": "a private-use character", "Cs": "half a character", "Cn": "an unassigned character"}
_PLAIN = re.compile(r"[ -~¡-¬®-ɏ–—‘’“”…가-힣ぁ-んァ-ー一-鿿、。「」『』（）：；]*\Z")


def characters(case: Case) -> Iterator[Finding]:
    """Only characters that are seen, or known spaces."""
    if _PLAIN.match(case.pair.target):
        return
    for character in dict.fromkeys(case.pair.target):
        kind = kind_of(character)
        if kind and character != "\n":
            name = unicodedata.name(character, "")
            yield Finding(f"{kind}, U+{ord(character):04X}{f' {name}' if name else ''}", "delete it, or type the text anew")
    if re.search(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3}", case.pair.target):
        yield Finding("accents are piled on one letter", "type the word anew")


def kind_of(character: str) -> str:
    """What is wrong with a character; empty when nothing is."""
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    for first, last, kind in _RANGES:
        if first <= code <= last:
            return kind
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or (category == "Zs" and character not in _ALLOWED_SPACES):
        return "an unusual space"
    return _CATEGORIES.get(category, "")


def line_break(case: Case) -> Iterator[Finding]:
    """One line, as every text of a letter."""
    if "\n" in case.pair.target and "\n" not in case.pair.source:
        yield Finding("a line break", "write the translation as one line; the layout breaks lines")


def edge_space(case: Case) -> Iterator[Finding]:
    """No space before the first and after the last character."""
    text = case.pair.target
    if text.strip(" \t\u00a0\u3000\u202f") != text and case.pair.source.strip() == case.pair.source:
        yield Finding("a space at the beginning or the end", "delete it")


def composed(case: Case) -> Iterator[Finding]:
    """Unicode normalization form C, so that equal texts are equal bytes."""
    if not unicodedata.is_normalized("NFC", case.pair.target):
        yield Finding("letters and their accents (or the parts of Hangul) are stored apart", "type the text anew; your editor may offer “normalize (NFC)”")
