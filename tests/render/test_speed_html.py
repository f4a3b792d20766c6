"""Pages that are read as XML: the same tree as the HTML parser's, or left to it."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import tinyhtml5  # type: ignore[import-untyped]

from engross.letter import Holder, Mission
from engross.render import fax_html, pdf, weasy_speed_html
from tests.render.conftest import FIRST, SECOND, Case

PAGE = '<!doctype html>\n<html lang="en">\n<head>\n<title>T</title>\n</head>\n<body{}>\n{}\n</body>\n</html>\n'


def tree(element: Element) -> Any:
    return element.tag, list(element.items()), element.text or "", element.tail or "", [tree(child) for child in element]


def by_html(page: str) -> Any:
    return tree(tinyhtml5.parse(StringIO(page), namespace_html_elements=False))


def of_print(one: Case) -> str:
    return pdf.page(one.letter, one.labels, one.layout, logo="data:image/png;base64,AAA=", qr="data:image/svg+xml,%3Csvg")


def of_fax(one: Case) -> str:
    return fax_html.letter_html(one.letter, one.labels, one.layout, fax_html.Sender(name="Q & A <Example>"))


def of_covers(one: Case) -> str:
    words = one.letter.salutation
    missions = [Mission("xx", words, words, Holder(words, words), "+1-212-555-0100", "+12125550100", "", ("en",))]
    return fax_html.covers_html(one.letter, one.labels, one.labels, one.layout, fax_html.Sender(name="Example", address=("1 “Street”",)), missions, 7)


@pytest.mark.parametrize("make", [of_print, of_fax, of_covers])
@pytest.mark.parametrize(("name", "lang"), [(FIRST, "ko"), (FIRST, "ja"), (SECOND, "en")])
def test_every_page_of_a_letter_gives_the_tree_of_the_html_parser(make: Callable[[Case], str], name: str, lang: str, cases: Callable[[str, str], Case]) -> None:
    page = make(cases(name, lang))
    root = weasy_speed_html.read(page)
    assert root is not None
    assert tree(root) == by_html(page)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "text alone",
        '<p>One<br>two &amp; three<br/></p> tail <img src="data:," alt="">',
        "<div><ul><li>a <ol><li>b</li></ol></li></ul></div>",
        '<blockquote><p><em>a</em> <strong><a href="#x">b</a></strong></p></blockquote>',
    ],
)
def test_plain_markup_is_read_as_xml(content: str) -> None:
    page = PAGE.format(' class="a4"', content)
    root = weasy_speed_html.read(page)
    assert root is not None
    assert tree(root) == by_html(page)


@pytest.mark.parametrize(
    "content",
    [
        "<p>not closed",
        "<p><div>a block in a paragraph</div></p>",
        "<div/>text",
        "<table><tr><td>rows without a body</td></tr></table>",
        "<a href='#a'>a link <span><a href='#b'>in a link</a></span></a>",
        "<div><li>an item without a list</li></div>",
        "named&nbsp;entities",
        "&#150;",
        "<!-- a comment -->",
        '<p hidden>and <b id="x" id="y">attributes</b></p>',
        '<p title="two\nlines">x</p>',
        '<p Class="x">x</p>',
        '<p xml:lang="ko">x</p>',
        '<p xmlns:x="http://example.org/x">x</p>',
        "<style>p::before { content: '&amp;' }</style>",
        "\f",
    ],
)
def test_what_html_reads_otherwise_is_left_to_the_html_parser(content: str) -> None:
    assert weasy_speed_html.read(PAGE.format("", content)) is None


@pytest.mark.parametrize("page", ["<html><head></head><body></body></html>", PAGE.format("", "").replace("<head>", "<head>words"), PAGE.replace("<title>T</title>", "<p></p>")])
def test_so_is_a_page_of_another_shape(page: str) -> None:
    assert weasy_speed_html.read(page) is None
