"""What is done once for many boxes, lines and pages is done once."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from engross.render import weasy
from tests.render.conftest import REPO

FONTS = REPO / "layouts" / "fonts"


@pytest.fixture(scope="module", autouse=True)
def _loaded() -> None:
    weasy.warm(FONTS)


def page(body: str, rules: str = "") -> str:
    return f'<!doctype html><html lang="en"><head><title>T</title><style>@page {{ size: 200px 100px; margin: 20px }} {rules}</style></head><body>{body}</body></html>'


def calls(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> list[Any]:
    """What a function was called with, from now on."""
    stock, seen = getattr(place, name), []

    def watched(*arguments: Any, **more: Any) -> Any:
        seen.append(arguments)
        return stock(*arguments, **more)

    monkeypatch.setattr(place, name, watched)
    return seen


def test_a_line_that_one_text_fills_is_not_split_as_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.layout import inline

    seen = calls(monkeypatch, inline, "split_inline_box")
    weasy.to_plain_pdf(page(f"<p>{'words ' * 60}</p>"), font_folder=FONTS)
    assert not seen
    weasy.to_plain_pdf(page("<p>one <b>two</b> three</p>"), font_folder=FONTS)
    assert seen


def test_words_in_the_margins_are_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from weasyprint.layout import page as layout

    rules = 'p { break-before: page } @page { @top-left { content: "same" } @bottom-right { content: counter(page) } }'
    seen = calls(monkeypatch, layout, "block_container_layout")
    weasy.to_plain_pdf(page("<p>a</p><p>b</p><p>c</p><p>d</p>", rules), font_folder=FONTS)
    assert len(seen) == 2 + 4  # the first page's style is computed by itself (`page_styles`)


def test_style_sheets_and_titles_are_not_looked_for_in_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    import weasyprint
    from cssselect2 import ElementWrapper  # type: ignore[import-untyped]

    root = weasyprint.HTML(string=page("<p>one <b>two</b></p><div><style>p { color: red }</style><p>x</p></div>")).wrapper_element
    assert [found.etree_element.text for found in root.query_all("title", "meta", "link")] == ["T"]
    styles = [found.etree_element for found in root.query_all("style", "link")]
    assert styles == root.etree_element.findall(".//style")
    assert len(styles) == 2
    seen = calls(monkeypatch, ElementWrapper, "__init__")
    assert list(root.query_all("title", "meta", "link"))
    assert len(seen) == 4  # head and body, title and style


def test_a_page_is_gone_through_in_order() -> None:
    import weasyprint
    from weasyprint.formatting_structure import boxes

    def each(box: Any, placeholders: bool) -> Iterator[Any]:
        yield box
        for child in box.children:
            if placeholders or isinstance(child, boxes.Box):
                yield from each(getattr(child, "_box", child), placeholders)
            else:
                yield child

    body = '<p>one <b>two <i>three</i></b> <span style="position: absolute">four <b>five</b></span></p><ul><li>six</li></ul>'
    root = weasyprint.HTML(string=page(body)).render().pages[0]._page_box
    for placeholders in (False, True):
        found = list(root.descendants(placeholders))
        assert [id(box) for box in found] == [id(box) for box in each(root, placeholders)]
        assert len(found) > 10
    assert boxes.Box.descendants.__module__.startswith("engross.")


PLAIN = page("<p>one <b>two</b> three</p><p>four <i>five</i></p><ul><li>six</li></ul>", "b { color: red } i { color: blue }")
CALLS = {
    "layout/inline.py split_inline_level": 3,
    "layout/inline.py split_inline_box": 6,
    "formatting_structure/boxes.py process_whitespace of TextBox": 1,
    "layout/background.py layout_box_backgrounds": 3,
    "anchors.py gather_anchors": 14,
    "stacking.py _dispatch": 8,
    "draw/border.py draw_border": 0,
    "draw/__init__.py draw_inline_level": 0,
    "pydyf/__init__.py _to_bytes": 60,
    "engross/render/weasy_speed.py _used": 10,
}
"""How often each function is called at most while this page is printed: without the speed-ups by each box, line or value."""


def test_what_has_one_answer_is_not_asked_of_each_box() -> None:
    from weasyprint.formatting_structure import boxes

    asked: Counter[str] = Counter()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            code = frame.f_code
            text = " of TextBox" if code.co_name == "process_whitespace" and isinstance(frame.f_locals["self"], boxes.TextBox) else ""
            asked["/".join(code.co_filename.split("/")[-3:]) + f" {code.co_name}{text}"] += 1

    weasy.to_plain_pdf(PLAIN, font_folder=FONTS)
    sys.setprofile(note)
    try:
        weasy.to_plain_pdf(PLAIN, font_folder=FONTS)
    finally:
        sys.setprofile(None)
    found = {name: sum(number for place, number in asked.items() if place.endswith(f"{name}")) for name in CALLS}
    assert {name: number for name, number in found.items() if number > CALLS[name]} == {}


def test_white_space_is_folded_where_there_is_some() -> None:
    from weasyprint.formatting_structure import boxes

    for text in (" one two ", " one\ttwo  ", "  one\r\ntwo ", " one  two\t", " one \n two\n"):
        box = boxes.TextBox("p", {"white_space": "normal"}, None, text)
        assert box.process_whitespace(following_collapsible_space=True)
        assert (box.text, box.leading_collapsible_space) == ("one two ", True)


def test_values_are_written_as_pydyf_writes_them() -> None:
    import pydyf

    entries = {"A": 1, 1: 1.0, "B": True, "C": 1.5, "D": -0.25, "E": 1e-9, "F": b"/G", "H": None, "I": pydyf.Array([1, "x", pydyf.String("é)")]), "J": pydyf.String("(")}
    written = b"<</A 1/1 1/B True/C 1.5/D -0.25/E 0./F /G/H None/I [1 x <feff00e90029>]/J (\\()>>"
    assert pydyf.Dictionary(entries).data == written
    assert pydyf.Dictionary({True: 1}).data == b"<</True 1>>"
    assert pydyf.Stream(["q", b"Q", 2.0], {"X": 1}).data == b"<</X 1/Length 5>>\nstream\nq\nQ\n2\nendstream"
    assert pydyf.Stream(["q"], compress=True).data.startswith(b"<</Filter /FlateDecode/Length ")


def test_a_process_that_ends_soon_takes_no_document_apart() -> None:
    program = f"""
from pathlib import Path
from engross import workers
from engross.render import weasy
weasy.warm(Path({str(FONTS)!r}))
workers._begin()
weasy.to_plain_pdf({page("<p>one</p>")!r}, font_folder=Path({str(FONTS)!r}))
print(len(weasy.spent), weasy.spent.maxlen == workers.LEFT_WHOLE)
"""
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split() == ["1", "True"]
