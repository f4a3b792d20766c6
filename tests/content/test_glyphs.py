"""The reader of font coverage, against fontTools."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

from engross.content.cmap import Cmap
from tests.conftest import REPO

FONTS = sorted((REPO / "layouts" / "fonts").glob("*-400-*.ttf"))


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.stem)
def test_the_characters_of_a_font_are_those_that_fonttools_finds(path: Path) -> None:
    with TTFont(path, lazy=True) as font:
        expected = {chr(code) for code in font.getBestCmap()}
    with path.open("rb") as stream:
        found = Cmap(stream)
    assert len(expected) > 100
    assert set(found.characters()) == expected
    assert {character for character in map(chr, range(0x30000)) if character in found} == {character for character in expected if ord(character) < 0x30000}


def without_glyph(font: TTFont, kind: int) -> bytes:
    """The font with one table of characters, of format 4 or 12, in which a run is broken by characters that are mapped to no glyph."""
    plain = {code: name for code, name in font.getBestCmap().items() if code < 0x3000}
    table = CmapSubtable.newSubtable(kind)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 1 if kind == 4 else 10, 0, {**plain, ord("k"): ".notdef", 0x100: ".notdef"}
    font["cmap"].tables = [table]
    stream = BytesIO()
    font.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("kind", [4, 12])
def test_a_character_without_glyph_is_none(kind: int) -> None:
    with TTFont(FONTS[0], lazy=True) as font:
        wanted = {chr(code) for code in font.getBestCmap() if code < 0x3000} - {"k", chr(0x100)}
        data = without_glyph(font, kind)
    found = Cmap(BytesIO(data))
    assert set(found.characters()) == wanted
    assert [character in found for character in ("j", "k", "l", "\u0100", "\uffff", "\U0001f600")] == [True, False, True, False, False, False]


def test_a_font_of_another_kind_has_no_characters() -> None:
    with TTFont(FONTS[0], lazy=True) as font:
        del font["cmap"]
        stream = BytesIO()
        font.save(stream)
    stream.seek(0)
    found = Cmap(stream)
    assert "a" not in found
    assert list(found.characters()) == []
