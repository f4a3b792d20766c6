"""What WeasyPrint only warns of is refused: the page would be another than was meant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from engross.errors import EngrossError
from engross.render import weasy
from tests.pipeline.conftest import engross

FONTS = Path(__file__).parents[2] / "layouts" / "fonts"
PAGE = '<html lang="en"><head><title>A</title><style>{style}</style></head><body>{body}</body></html>'
WAYS: list[Callable[[str], bytes]] = [
    partial(weasy.to_pdf, font_folder=FONTS, identifier=b"0" * 32, moment=datetime(2018, 6, 6, tzinfo=UTC)),
    partial(weasy.to_plain_pdf, font_folder=FONTS),
]


@pytest.mark.real
@pytest.mark.parametrize("way", WAYS, ids=["print", "fax"])
@pytest.mark.parametrize(
    ("style", "body", "told"),
    [
        ("p { margin: 0 }\np { colour: red }", "<p>A</p>", r"Ignored `colour: red ` at 2:5, unknown property"),
        ("p { margin: 0", "<p>A</p>", ""),  # CSS lets the end of a sheet close what is open
        ("p { margin: large; width: 3 }", "<p>A</p>", r"`margin: large` at 1:5.*; Ignored `width: 3 ` at 1:20"),
        ("p } { color: red }", "<p>A</p>", "(?i)parse error|selector"),
        ("p::behind { color: red }", "<p>A</p>", "unsupported selector"),
        ("", '<p><a href="#nowhere">A</a></p>', "nowhere"),
    ],
)
def test_each_document_is_refused_that_is_not_understood(way: Callable[[str], bytes], style: str, body: str, told: str) -> None:
    page = PAGE.format(style=style, body=body)
    for _ in range(2):  # the second takes the sheet as the first has read it
        if told:
            with pytest.raises(EngrossError, match=told) as refused:
                way(page)
            assert "layouts/" in (refused.value.hint or "")
        else:
            assert way(page).startswith(b"%PDF")


@pytest.mark.parametrize("name", ["letter.css", "fax.css"])
def test_a_build_with_a_fault_in_a_style_sheet_publishes_nothing(name: str, real: Path) -> None:
    sheet = real / "layouts" / name
    sheet.write_text(sheet.read_text("utf-8") + "\nbody { colour: red }\n", "utf-8")
    line = sheet.read_text("utf-8").count("\n")
    for _ in range(2):
        failed = engross(real, "build", "2018-06-06-dprk", "-l", "en", "-f", "pdf", "-f", "fax", "-f", "txt")
        assert failed.returncode == 1
        assert f"Ignored `colour: red ` at {line}:8, unknown property" in failed.stderr
        assert "Traceback" not in failed.stderr
        assert not (real / "output" / "2018-06-06-dprk" / "draft" / "manifest.json").exists()


@pytest.mark.parametrize("way", WAYS, ids=["print", "fax"])
def test_a_character_without_a_glyph_is_not_the_layouts_fault(way: Callable[[str], bytes]) -> None:
    assert way(PAGE.format(style="", body="<p>\U0001d11e</p>")).startswith(b"%PDF")
