"""What makes the layout faster changes no byte."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engross.errors import UsageError
from engross.render import weasy_import, weasy_speed
from tests.render.conftest import FIRST, SECOND, printed

PROGRAM = """
import hashlib, sys
from tests.render.conftest import case
from engross.render import fax, pdf, weasy, weasy_speed
weasy.load()
from weasyprint.layout import percent
print(percent.resolve_percentages.__module__)
for name, lang in {letters}:
    one = case(name, lang)
    print(hashlib.sha256(pdf.render(one.letter, one.labels, one.layout)).hexdigest())
    body = fax.letter_pages(one.letter, one.labels, one.layout, fax.Sender(name="Example"))
    print(hashlib.sha256(repr(body).encode()).hexdigest())
print(hashlib.sha256(weasy.to_plain_pdf({page!r}, font_folder=one.layout.root / "fonts")).hexdigest())
"""
PAGE = """<!doctype html>
<html lang="en"><head><title>What no letter has</title><style>
@page { size: 300px 200px; margin: 10vw 10vh; @top-left { content: counter(page) " / " counter(pages) } @bottom-center { content: "x"; width: 50% } }
@page :first { margin: 30px; @top-left { content: none } @left-middle { content: "first" } }
@page wide { size: 400px 200px; counter-increment: page 2; @top-right-corner { content: "words in several lines" } }
@page :nth(4) { @top-right { content: "fourth" } }
:root { --pad: 3px }
body { font: 12px "Source Serif 4" }
section { break-before: page; page: wide }
p { margin: 1px } p { margin: 4px 0 }
p:nth-child(2n) { color: #00f; padding-left: var(--pad) }
p:first-child::before { content: attr(class) " "; color: red !important }
section p::first-letter { font-size: 2em } section p::first-line { color: #808000; letter-spacing: 1px }
p + p::after { content: " (" counter(x) ")"; counter-increment: x }
[lang|=ko] { font-weight: 700 } [lang|=ko] em { font-style: normal }
.narrow { list-style-type: "a marker that is wider than the page, if it is set in one line and not in two" }
.odd { width: 9em; letter-spacing: 1px } .odd b { letter-spacing: normal }
.left { float: left; width: 5em; border-top: 1px dotted } .wide { text-align: justify; text-indent: 2em } .up { vertical-align: super; font-size: .7em } .off { position: relative; top: 2px }
.edged { border: 1px solid; background: #eee; border-radius: 2px } .turned { transform: rotate(3deg); z-index: 1; position: relative } .kept { white-space: pre-wrap } .cut { overflow: hidden; height: 1em }
.free { position: absolute; right: 0 } .inline { display: inline-block; border: 1px solid; max-width: 60% }
</style></head><body>
<p class="one">One <span lang="ko">a <em>b</em></span> <span lang="ko">c</span> <span lang="ja">d</span></p><p>Two</p><p style="color: green">Three</p><p style="color: green">Four</p>
<ul><li>a</li><li>b<ol start="9"><li>c</li><li>d</li></ol></li></ul>
<div class="free">one that stands free of the flow and is wider than its page <span class="inline">and in line</span></div>
<section><p>Five</p><p>Six</p><p>Seven</p></section><section><p>Eight</p><ul class="narrow"><li>e</li><li>f</li></ul></section>
<section><p class="one">Nine</p><p>Ten <span class="inline">a box that is wider than a page could be, or its line, so that it must be broken into two</span></p></section>
<section><p class="odd">one \u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd two \u05e9\u05dc\u05d5\u05dd \U000f0000 three \u05e2\u05d5\u05dc\u05dd four <b>five \u05e9\u05dc\u05d5\u05dd six</b> <u>seven \u05e2\u05d5\u05dc\u05dd</u></p></section>
<section id="last"><div class="left">on the left</div><p class="wide">a paragraph beside what floats, set full, <i class="up">raised</i> <i class="off">moved <i class="edged">and edged</i></i> <i class="turned">turned</i> <a href="#last">and leading
somewhere</a>, with  spaces	to fold</p><p class="kept">  kept 	 as
it is  </p><p class="cut">cut off at its end, which comes in the next line or the one after it</p><p dir="rtl" style="direction: rtl">one <b>two</b> three</p></section>
</body></html>"""
ALL = ((SECOND, "en"), (FIRST, "ko"), (FIRST, "ja"), (FIRST, "es"))
SMALL = ((SECOND, "en"),)

REPLACED = {
    "weasyprint.layout.percent:resolve_percentages": "71673078096fcf87",
    "weasyprint.css:ComputedStyle.__missing__": "b318d8efc8ac79d7",
    "weasyprint.css:AnonymousStyle.__missing__": "d392527077647306",
    "weasyprint.text.line_break:strut": "b57885b70dd08efe",
    "weasyprint.text.line_break:Layout.setup": "fb227a55094f41d4",
    "weasyprint.text.line_break:split_first_line": "39ad1016863ca34d",
    "weasyprint.text.line_break:first_line_metrics": "55ec5d0b58b29a8b",
    "weasyprint.text.line_break:get_next_break_point_from_text": "39b162a79080e236",
    "weasyprint.text.line_break:get_next_word_boundaries": "3aab26b84151036d",
    "weasyprint.layout.inline:split_text_box": "8c564329599ef23f",
    "weasyprint.layout.inline:split_inline_level": "d98c008c8fc00582",
    "weasyprint.layout.inline:split_inline_box": "3a0cb7ca7e34c7ef",
    "weasyprint.layout.inline:_break_waiting_children": "62536bacd563bb44",
    "weasyprint.text.line_break:Layout.deactivate": "bfec3ec8406e1c82",
    "weasyprint.css:find_stylesheets": "ac92dbb80c3fd936",
    "weasyprint.layout.background:layout_box_backgrounds": "617a870678c82755",
    "weasyprint.layout.float:avoid_collisions": "5fc7793c573af328",
    "weasyprint.pdf.fonts:Font._harfbuzz_subset": "f80805663ede8080",
    "weasyprint.pdf.fonts:Font.__init__": "1f281166b10302a4",
    "weasyprint.text.fonts:get_hb_object_data": "03040a623df04c2b",
    "weasyprint.draw.text:draw_text": "ebaf96239c6ca363",
    "weasyprint.draw.text:draw_first_line": "1bb8eae6d88e71b1",
    "weasyprint:HTML.__init__": "5f19f40b81837f87",
    "tinyhtml5:parse": "96cbcbb8fe5ef6e0",
    "weasyprint.css:StyleFor.__init__": "b1e725a7552502aa",
    "weasyprint.css:StyleFor.__call__": "96b91915ae7c344a",
    "weasyprint.css:StyleFor.set_computed_styles": "b5b15856b8beff3f",
    "weasyprint.css:find_style_attributes": "c5b4eb4d3c008b07",
    "cssselect2:Matcher.match": "f7a761027c24ba61",
    "weasyprint.layout.page:set_page_type_computed_styles": "4e68b396b35c4a06",
    "weasyprint.layout.page:_standardize_page_based_counters": "6c3791760c3fbe13",
    "weasyprint.layout.preferred:shrink_to_fit": "38ecf6d5c6439df6",
    "weasyprint.draw.border:draw_outline": "c98afcef4e21d301",
    "pydyf:PDF.page_references.fget": "060bf90aad55931b",
    "weasyprint.text.line_break:Layout.reactivate": "0b89ee097104b713",
    "pyphen:HyphDict.__init__": "ded3bdcdf58f9d38",
    "pyphen:HyphDict.positions": "74d3837eaee5ba1b",
    "pyphen:AlternativeParser": "2134b0f8e97de264",
    "weasyprint.layout.inline:get_next_linebox": "67af458c2545e74f",
    "weasyprint.layout.inline:line_box_verticality": "1018aadb3410f89a",
    "weasyprint.layout.inline:inline_box_verticality": "5c7109868242013b",
    "weasyprint.layout.page:make_margin_boxes": "4a2d2e301eb3bc47",
    "weasyprint.layout.page:margin_box_content_layout": "9ebcc7de57732126",
    "weasyprint.formatting_structure.boxes:Box.descendants": "c15a877f61361343",
    "weasyprint.html:get_html_metadata": "bc30b27717b2a9f8",
    "cssselect2:ElementWrapper.query_all": "a60b33a154011a11",
    "weasyprint.layout.background:layout_backgrounds": "5d7d4d589e3d8a33",
    "weasyprint.stacking:_dispatch": "003563d2565b4d30",
    "weasyprint.stacking:_dispatch_children": "664961378e41dc05",
    "weasyprint.anchors:gather_anchors": "373f8c676f27da3b",
    "weasyprint.draw.border:draw_border": "8ba918f30893929f",
    "weasyprint.draw.border:set_mask_border": "2d237bb8022172ad",
    "weasyprint.draw:draw_inline_level": "068162a401d00efd",
    "weasyprint.formatting_structure.boxes:TextBox.process_whitespace": "76bdbeb747c0ae63",
    "pydyf:_to_bytes": "1cefd02c285d3aee",
    "pydyf:Dictionary.data.fget": "1a6ebf2b6bc6adcb",
    "pydyf:Array.data.fget": "136a84494ae7c8cc",
    "pydyf:Stream.data.fget": "bdc2bc513f286de7",
    "weasyprint.formatting_structure.boxes:Box.is_in_normal_flow": "5f49d6ab23da7e51",
}
"""First 16 digits of the SHA-256 of the source of what the speed-ups stand in for. When one changes with a new version, read what it does now, and mend or drop the speed-up."""


def rendered(letters: tuple[tuple[str, str], ...], speedups: str) -> list[str]:
    return printed(PROGRAM.format(letters=letters, page=PAGE), speedups)


def test_with_and_without_the_bytes_are_the_same() -> None:
    (fast, *quick), (stock, *slow) = rendered(ALL, ""), rendered(ALL, "off")
    assert (fast, stock) == ("engross.render.weasy_speed", "weasyprint.layout.percent")
    assert quick == slow
    assert len(set(quick)) == 2 * len(ALL) + 1


@pytest.fixture(scope="module")
def plain() -> list[str]:
    return rendered(SMALL, "off")[1:]


@pytest.mark.parametrize("name", [speedup.__name__ for speedup in (*weasy_import.IMPORTS, *weasy_speed.SPEEDUPS)])
def test_each_alone_changes_no_byte(name: str, plain: list[str]) -> None:
    assert rendered(SMALL, name)[1:] == plain


def test_a_speedup_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weasy_speed.VARIABLE, "struts,magic")
    with pytest.raises(UsageError, match="magic"):
        weasy_speed.chosen()
    monkeypatch.setenv(weasy_speed.VARIABLE, "struts,flow")
    assert [speedup.__name__ for speedup in weasy_speed.chosen()] == ["struts", "flow"]


SOURCES = """
import inspect, hashlib, importlib, sys
for place in sys.argv[1:]:
    module, _, path = place.partition(":")
    value = importlib.import_module(module)
    for name in path.split("."):
        value = getattr(value, name)
    print(hashlib.sha256(inspect.getsource(value).encode()).hexdigest()[:16])
"""


def test_what_the_speedups_stand_in_for_is_what_they_were_written_for() -> None:
    run = subprocess.run([sys.executable, "-c", SOURCES, *REPLACED], capture_output=True, text=True, check=True)
    assert dict(zip(REPLACED, run.stdout.split(), strict=True)) == REPLACED
