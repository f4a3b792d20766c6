"""What is done once for many boxes, lines and pages is done once."""

from __future__ import annotations

from collections.abc import Iterator
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
    from cssselect2 import ElementWrapper

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
