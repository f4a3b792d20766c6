"""Whether the fonts have a glyph for every character of a text, in print (serif) and on the fax (sans) alike.

Reads the `cmap` table only (OpenType 1.9). A character without glyph would be set from a font of the machine, or as a box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

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
        text = markup.plain(segment.text) if segment.markup else segment.text
        lacking = {character for character in text if character not in common and not _without_shape(character)}
        for character in sorted(lacking, key=text.index) if lacking else ():
            uses = [use for use in _STACKS if character not in available[use] and not _in_own_fonts(character, text, segment, fonts, locales, use)]
            if uses:
                problems.append(_problem(segment, character, uses, locale))
    return problems


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
    """The characters of a font's Unicode cmap."""
    from fontTools.ttLib import TTFont

    with TTFont(path, lazy=True) as font:
        return frozenset(chr(code) for code in font.getBestCmap() or {})
