"""Whether the fonts have a glyph for every character of a text, in print (serif) and on the fax (sans) alike; and which version of a font it is.

Reads the tables `cmap` and `name` only (OpenType 1.9). A character without glyph would be set from a font of the machine, or as a box.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from engross import markup
from engross.errors import Problem
from engross.letter import Segment
from engross.locales import LATIN_FONTS, Locale

_STACKS = {"print": "serif", "fax": "sans"}


def missing_glyphs(segments: Iterable[Segment], locale: Locale, fonts: Path, locales: Mapping[str, Locale]) -> list[Problem]:
    """One `missing-glyph` for each character of each segment that the letter's fonts lack, and the fonts of the language its script belongs to as well.

    `fonts` is the folder of font files; `locale` the letter's language; `locales` all languages, for names and terms in their own script.
    """
    available = {use: _covered(fonts, locale, kind) for use, kind in _STACKS.items()}
    common = available["print"] & available["fax"]
    problems: list[Problem] = []
    for segment in segments:
        text = markup.plain_of(segment)
        lacking = {character for character in text if character not in common and not _without_shape(character)}
        for character in sorted(lacking, key=text.index) if lacking else ():
            uses = [use for use in _STACKS if character not in available[use] and not _in_own_fonts(character, text, segment, fonts, locales, use)]
            if uses:
                problems.append(_problem(segment, character, uses, locale))
    return problems


def drawable(fonts: Path, locales: Iterable[Locale]) -> frozenset[str]:
    """Every character that the sans serif fonts of the languages have between them."""
    return frozenset().union(*(_covered(fonts, locale, "sans") for locale in locales))


_VERSION, _WINDOWS = 5, 3
"""Identifiers of a version string and of the platform that writes it in UTF-16 (OpenType, `name`)."""


def font_version(path: Path) -> str:
    """What a font says its version is (`Version 2.004; …`); empty when it says nothing or is no font."""
    try:
        with path.open("rb") as stream:
            names = _table(stream, b"name")
        count, base = struct.unpack_from(">2xHH", names)
        for platform, _, _, kind, size, offset in struct.iter_unpack(">6H", names[6 : 6 + 12 * count]):
            if kind == _VERSION:
                return names[base + offset : base + offset + size].decode("utf-16-be" if platform in (0, _WINDOWS) else "latin-1")
    except (OSError, struct.error, UnicodeDecodeError):
        pass
    return ""


def _problem(segment: Segment, character: str, uses: list[str], locale: Locale) -> Problem:
    label = f"“{character}” (U+{ord(character):04X} {unicodedata.name(character, 'unnamed')})"
    return Problem(
        "missing-glyph",
        f"the {locale.code} fonts for {' and '.join(uses)} have no glyph for {label} in {segment.label}",
        segment.where,
        "write it otherwise, or add a font that has it to layouts/fonts/ and to the language's fonts in pyproject.toml",
    )


def _in_own_fonts(character: str, text: str, segment: Segment, fonts: Path, locales: Mapping[str, Locale], use: str) -> bool:
    """Whether the character stands in a run of another language whose fonts have it."""
    for piece, tag in markup.runs(text, segment.lang):
        if character in piece:
            own = locales.get(tag) or locales.get(tag.split("-")[0])
            if own is None or character not in _covered(fonts, own, _STACKS[use]):
                return False
    return True


def _without_shape(character: str) -> bool:
    """Spaces and controls draw nothing; invisible characters are reported elsewhere."""
    return unicodedata.category(character) in ("Zs", "Zl", "Zp", "Cc", "Cf")


def _covered(fonts: Path, locale: Locale, kind: str) -> frozenset[str]:
    return _union(str(fonts), (*LATIN_FONTS, *locale.fonts), kind)


def forget() -> None:
    """Look at the fonts again: they have changed under a process that lives on."""
    _union.cache_clear()


@lru_cache(maxsize=64)
def _union(fonts: str, prefixes: tuple[str, ...], kind: str) -> frozenset[str]:
    files = [path for path in _upright(Path(fonts)) if path.name.startswith(prefixes) and _kind(path.name) == kind]
    return frozenset().union(*(_characters(str(path), path.stat().st_mtime_ns) for path in files))


def _upright(fonts: Path) -> Iterator[Path]:
    """The regular cuts: the others of a family have the same characters, or are not used where it matters."""
    for path in sorted(fonts.glob("*.ttf")):
        if "-400-normal" in path.name:
            yield path


def _kind(name: str) -> str:
    return "serif" if "serif" in name else "sans"


@lru_cache(maxsize=64)
def _characters(path: str, _changed: int) -> frozenset[str]:
    """The characters of a font."""
    with open(path, "rb") as stream:  # noqa: PTH123 - seeks in a font of ten megabytes
        return frozenset(map(chr, _code_points(stream)))


_PREFERRED = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
"""Platform and encoding of the subtables that map Unicode, the widest first."""


def _code_points(font: BinaryIO) -> set[int]:
    """The code points with a glyph, from the best Unicode subtable of `cmap`; nothing when there is none of format 4 or 12.

    fontTools would do the same, and give each of 20,000 glyphs a name first, which takes half of the time of a check.
    """
    cmap = _table(font, b"cmap")
    (count,) = struct.unpack_from(">2xH", cmap) if cmap else (0,)
    subtables = {(platform, encoding): offset for platform, encoding, offset in struct.iter_unpack(">HHI", cmap[4 : 4 + 8 * count])}
    best = next((subtables[key] for key in _PREFERRED if key in subtables), None)
    if best is None:
        return set()
    (kind,) = struct.unpack_from(">H", cmap, best)
    return _segments(cmap, best) if kind == 4 else _groups(cmap, best) if kind == 12 else set()


def _table(font: BinaryIO, wanted: bytes) -> bytes:
    """A table of the font; empty when it has none."""
    (tables,) = struct.unpack(">4xH6x", font.read(12))
    directory = [struct.unpack(">4s4xII", font.read(16)) for _ in range(tables)]
    start, size = next(((offset, length) for tag, offset, length in directory if tag == wanted), (0, 0))
    font.seek(start)
    return font.read(size)


def _segments(cmap: bytes, at: int) -> set[int]:
    """Format 4: segments of the Basic Multilingual Plane."""
    (double,) = struct.unpack_from(">6xH", cmap, at)
    words = f">{double // 2}H"
    ends, starts, deltas, offsets = (struct.unpack_from(words, cmap, at + 14 + double * part + 2 * (part > 0)) for part in range(4))
    found: set[int] = set()
    for index, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        if offset == 0:
            none = -delta % 0x10000  # the code that is mapped to glyph 0, if it is one of these
            found.update(range(start, min(none, end + 1)), range(max(start, none + 1), end + 1))
        else:
            glyphs = struct.unpack_from(f">{end - start + 1}H", cmap, at + 16 + 3 * double + 2 * index + offset) if start != 0xFFFF else (0,)
            found.update(code for code, glyph in zip(range(start, end + 1), glyphs, strict=True) if glyph)
    found.discard(0xFFFF)
    return found


def _groups(cmap: bytes, at: int) -> set[int]:
    """Format 12: groups of all Unicode."""
    (count,) = struct.unpack_from(">12xI", cmap, at)
    found: set[int] = set()
    for start, end, glyph in struct.iter_unpack(">III", cmap[at + 16 : at + 16 + 12 * count]):
        found.update(range(start + (glyph == 0), end + 1))
    return found
