"""Whether the fonts have a glyph for every character of a text, in print (serif) and on the fax (sans) alike; and which version of a font it is.

Reads the tables `cmap` (`content.cmap`) and `name` only (OpenType 1.9). A character without glyph would be set from a font of the machine, or as a box.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from engross import markup
from engross.content.cmap import Cmap, table
from engross.errors import Problem
from engross.letter import Segment
from engross.locales import LATIN_FONTS, Locale

_STACKS = {"print": "serif", "fax": "sans"}


def missing_glyphs(segments: Iterable[Segment], locale: Locale, fonts: Path, locales: Mapping[str, Locale]) -> list[Problem]:
    """One `missing-glyph` for each character of each segment that the letter's fonts lack, and the fonts of the language its script belongs to as well.

    `fonts` is the folder of font files; `locale` the letter's language; `locales` all languages, for names and terms in their own script.
    """
    available = {use: _covered(fonts, locale, kind) for use, kind in _STACKS.items()}
    common: set[str] = set()
    problems: list[Problem] = []
    for segment in segments:
        text = markup.plain_of(segment)
        common.update(character for character in set(text) - common if all(character in coverage for coverage in available.values()))
        lacking = {character for character in set(text) - common if not _without_shape(character)}
        for character in sorted(lacking, key=text.index) if lacking else ():
            uses = [use for use in _STACKS if character not in available[use] and not _in_own_fonts(character, text, segment, fonts, locales, use)]
            if uses:
                problems.append(_problem(segment, character, uses, locale))
    return problems


def drawable(fonts: Path, locales: Iterable[Locale]) -> frozenset[str]:
    """Every character that the sans serif fonts of the languages have between them."""
    return frozenset().union(*(_covered(fonts, locale, "sans").characters() for locale in locales))


_VERSION, _WINDOWS = 5, 3
"""Identifiers of a version string and of the platform that writes it in UTF-16 (OpenType, `name`)."""


def font_version(path: Path) -> str:
    """What a font says its version is (`Version 2.004; …`); empty when it says nothing or is no font."""
    try:
        with path.open("rb") as stream:
            names = table(stream, b"name")
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


class Coverage:
    """The characters that fonts have between them."""

    def __init__(self, fonts: Iterable[Path]) -> None:
        """Look where the fonts list their characters."""
        self._fonts = [_cmap(str(path), path.stat().st_mtime_ns) for path in fonts]
        self._known: dict[str, bool] = {}

    def __contains__(self, character: str) -> bool:
        """Whether any of the fonts has a glyph for it; each character is looked up once."""
        found = self._known.get(character)
        if found is None:
            found = self._known[character] = any(character in font for font in self._fonts)
        return found

    def characters(self) -> Iterator[str]:
        """All of them."""
        for font in self._fonts:
            yield from font.characters()


@lru_cache(maxsize=64)
def _cmap(path: str, _changed: int) -> Cmap:
    with open(path, "rb") as stream:  # noqa: PTH123 - seeks in a font of ten megabytes
        return Cmap(stream)


def _covered(fonts: Path, locale: Locale, kind: str) -> Coverage:
    return _union(str(fonts), (*LATIN_FONTS, *locale.fonts), kind)


def forget() -> None:
    """Look at the fonts again: they have changed under a process that lives on."""
    _union.cache_clear()


@lru_cache(maxsize=64)
def _union(fonts: str, prefixes: tuple[str, ...], kind: str) -> Coverage:
    return Coverage(path for path in _upright(Path(fonts)) if path.name.startswith(prefixes) and _kind(path.name) == kind)


def _upright(fonts: Path) -> Iterator[Path]:
    """The regular cuts: the others of a family have the same characters, or are not used where it matters."""
    for path in sorted(fonts.glob("*.ttf")):
        if "-400-normal" in path.name:
            yield path


def _kind(name: str) -> str:
    return "serif" if "serif" in name else "sans"
