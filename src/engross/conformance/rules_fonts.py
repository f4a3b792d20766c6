"""Rules about fonts: embedded, named, measured and readable as text."""

from __future__ import annotations

import re
import unicodedata

import pikepdf

from engross.conformance.document import Document
from engross.conformance.fonts import Font
from engross.conformance.objects import get, name, place, rectangle
from engross.conformance.rule import A3, UA1, Found, Rule

_SUBSET = re.compile(r"[A-Z]{6}\+.+")
TOLERANCE = 1
"""Thousandths of an em by which two widths may differ (ISO 19005-3, 6.2.11.5)."""
NO_TEXT = {0x0000, 0xFEFF, 0xFFFE}


def kinds(document: Document) -> Found:
    """Only composite fonts with two-byte codes: the ones whose glyphs the other rules can follow."""
    for font in document.fonts.values():
        if not font.composite:
            yield f"{font.label} is of type {name(font.item, 'Subtype') or 'unknown'}, not Type0 with Identity-H", ""
        elif name(font.descendant, "Subtype") == "CIDFontType2" and get(font.descendant, "CIDToGIDMap") is None:
            yield f"{font.label} has no CIDToGIDMap", ""


def embedded(document: Document) -> Found:
    """Every font is embedded, its program can be read."""
    for font in document.fonts.values():
        if font.program is None:
            yield f"{font.label} is not embedded, or its program cannot be read", ""


def descriptors(document: Document) -> Found:
    """A descriptor says of a font either that it is symbolic or that it is not, and has a box."""
    for font in document.fonts.values():
        flags = get(font.descriptor, "Flags")
        if not isinstance(flags, int) or bool(flags & 4) == bool(flags & 32):
            yield f"{font.label}: flags must say either symbolic or not", ""
        if rectangle(get(font.descriptor, "FontBBox")) is None:
            yield f"{font.label} has no box", ""


def names(document: Document) -> Found:
    """A font is a subset, is named so, and has one name everywhere."""
    for font in document.fonts.values():
        called = name(font.item, "BaseFont")
        if not _SUBSET.fullmatch(called):
            yield f"{font.label} has no subset tag", ""
        if {called, name(font.descendant, "BaseFont"), name(font.descriptor, "FontName")} != {called}:
            yield f"{font.label} has other names in its descendant or descriptor", ""


def widths(document: Document) -> Found:
    """The widths of the font dictionary are those of the font program."""
    for font in document.fonts.values():
        if font.program is None or not font.composite:
            continue
        wrong = [code for code in sorted(font.codes | font.replaced) if (real := _advance(font, code)) is not None and abs(real - font.width(code)) > TOLERANCE]
        if wrong:
            yield f"{font.label}: the widths of {len(wrong)} used glyphs are not the font's, the first is {wrong[0]}", ""


def _advance(font: Font, code: int) -> float | None:
    """The width of a glyph in the font program, in thousandths; `None` when there is no such glyph."""
    if "hmtx" not in font.program:
        return None
    order, glyph = font.program.getGlyphOrder(), font.glyph(code)
    if glyph >= len(order):
        return None
    return float(font.program["hmtx"][order[glyph]][0] * 1000 / font.program["head"].unitsPerEm)


def glyphs(document: Document) -> Found:
    """Every glyph shown is in the font, and none is the one for missing characters."""
    for font in document.fonts.values():
        used = {font.glyph(code) for code in font.codes | font.replaced} if font.composite else set()
        if 0 in used:
            yield f"{font.label}: the glyph for missing characters is shown", ""
        if font.program is not None and used and max(used) >= len(font.program.getGlyphOrder()):
            yield f"{font.label}: a glyph is shown that is not in the font", ""


def cid_set(document: Document) -> Found:
    """CIDSet is absent, or names exactly the glyphs of the font program that are not empty of meaning: all that are used, none that is not there."""
    for font in document.fonts.values():
        stream = get(font.descriptor, "CIDSet")
        if stream is None:
            continue
        bits = stream.read_bytes() if isinstance(stream, pikepdf.Stream) else b""
        listed = {8 * at + bit for at, byte in enumerate(bits) for bit in range(8) if byte & (0x80 >> bit)}
        there = set(range(len(font.program.getGlyphOrder()))) if font.program is not None else set()
        if not font.codes <= listed or not {font.glyph(code) for code in listed} <= there:
            yield f"{font.label}: CIDSet does not agree with the font", place(stream)


def to_unicode(document: Document) -> Found:
    """Every code that is shown has a text, and none is a text that means nothing."""
    for font in document.fonts.values():
        if not isinstance(get(font.item, "ToUnicode"), pikepdf.Stream):
            yield f"{font.label} has no ToUnicode", ""
            continue
        missing = [code for code in sorted(font.codes) if not font.unicodes.get(code)]
        if missing:
            yield f"{font.label}: {len(missing)} used codes have no text, the first is {missing[0]}", ""
        senseless = sorted(code for code, said in font.unicodes.items() if any(ord(sign) in NO_TEXT for sign in said))
        if senseless:
            yield f"{font.label}: ToUnicode gives code {senseless[0]} as U+0000, U+FEFF or U+FFFE", ""
        private = [code for code in sorted(font.codes) if any(unicodedata.category(sign) == "Co" for sign in font.unicodes.get(code, ""))]
        if private:
            yield f"{font.label}: code {private[0]} is text of the private use area without ActualText", ""


RULES = (
    Rule("font-kind", A3 + "6.2.11.3; ours", kinds),
    Rule("font-embedded", A3 + "6.2.11.4.1; " + UA1 + "7.21.4.1", embedded),
    Rule("font-descriptor", "ISO 32000-1, 9.8.2", descriptors),
    Rule("font-name", "ISO 32000-1, 9.6.4", names),
    Rule("font-widths", A3 + "6.2.11.5; " + UA1 + "7.21.5", widths),
    Rule("glyphs", A3 + "6.2.11.8; " + UA1 + "7.21.8", glyphs),
    Rule("cid-set", A3 + "6.2.11.4.2; " + UA1 + "7.21.4.2", cid_set),
    Rule("to-unicode", A3 + "6.2.11.7; " + UA1 + "7.21.7", to_unicode),
)
