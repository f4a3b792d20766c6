"""The reader of font coverage, against fontTools."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from engross.content.glyphs import _characters
from tests.conftest import REPO

FONTS = sorted((REPO / "layouts" / "fonts").glob("*-400-*.ttf"))


@pytest.mark.parametrize("path", FONTS, ids=lambda path: path.stem)
def test_the_characters_of_a_font_are_those_that_fonttools_finds(path: Path) -> None:
    with TTFont(path, lazy=True) as font:
        expected = {chr(code) for code in font.getBestCmap()}
    assert len(expected) > 100
    assert _characters(str(path), 0) == expected
