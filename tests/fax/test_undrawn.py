"""What is left out of a PDF before it is drawn changes no pixel."""

from __future__ import annotations

from itertools import repeat

import pytest

from engross.render import fax_html, raster, undrawn, weasy
from tests.fax.letters import LANGUAGES, REPO, SENDER, case

FONTS = REPO / "layouts" / "fonts"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pixels_are_the_same(lang: str) -> None:
    this = case(lang).short()
    html = fax_html.letter_html(this.letter, this.labels, this.layout, SENDER)
    covers = fax_html.covers_html(this.letter, this.labels, this.english, this.layout, SENDER, this.letter.cc, 7)
    whole, lean = (weasy.to_plain_pdf(html, font_folder=FONTS, following=lambda _: covers, finisher=finisher) for finisher in (None, undrawn.leave_out))
    assert (b">0<" in whole, b">0<" in lean) == (True, False)
    assert (whole.count(b"/ToUnicode") > 0, lean.count(b"/ToUnicode")) == (True, 0)
    pixels = [list(raster.rasters(document, 1728, repeat(2148))) for document in (whole, lean)]
    assert pixels[0] == pixels[1]
    assert len(pixels[0]) >= 5


def test_a_character_that_no_font_has_is_drawn_as_before() -> None:
    html = f"<style>html {{ font-family: {fax_html.families(case('en').layout)} }}</style><p>one \U0001d11e \u0e01 \U000f0000 two"
    documents = [weasy.to_plain_pdf(html, font_folder=FONTS, finisher=finisher) for finisher in (None, undrawn.leave_out)]
    assert list(raster.rasters(documents[0], 1728, [2148])) == list(raster.rasters(documents[1], 1728, [2148]))


def test_only_unusual_widths_are_listed() -> None:
    assert undrawn._unusual([3, [260], 7, [920, 300, 310, 920], 11, [500], 40, [920]]) == (920, [3, [260], 8, [300, 310], 11, [500]])
    assert undrawn._unusual([5, [600, 600]]) == (600, [])


def test_only_strings_between_which_nothing_moves_become_one() -> None:
    shown, font = b"[<2277>0<1ab7>-30<0003>0] TJ", b"\x00>0<\x00"
    assert undrawn._joined([b"BT", shown, font, "ET"]) == [b"BT", b"[<22771ab7>-30<0003>0] TJ", font, "ET"]
