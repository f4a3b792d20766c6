"""The page of a proof: what a person sees of the findings, in words, on the pages and on any screen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import html5lib
import pytest

from engross.proof import report
from engross.proof.compare import difference
from engross.proof.finding import Finding, Place, in_words, merged
from engross.proof.sets import Proved
from engross.proof.text import prove
from engross.render import RENDERERS
from tests.proof.faults import doubled, dropped, said
from tests.render.conftest import SECOND, case

NAME = "output/second/draft/en/second.en.pdf"


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Finding]]:
    """A PDF with four faults in it, and what its proof gave."""
    of = case(SECOND, "en")
    letter = of.letter
    for plant in (dropped("s3.b2"), doubled("s2.b1"), said("s1.p1", "2019", "2091"), said("p2", "roof.", "rooof.")):
        letter = plant(letter)
    data = RENDERERS["pdf"](letter, of.labels, of.layout)
    root = tmp_path_factory.mktemp("report")
    (root / NAME).parent.mkdir(parents=True)
    (root / NAME).write_bytes(data)
    return root, prove("pdf", data, of.letter, of.labels, of.layout)


@pytest.fixture(scope="module")
def page(findings: tuple[Path, list[Finding]]) -> Any:
    root, found = findings
    results = [
        Proved("second", NAME, "pdf", "en", tuple(found)),
        Proved("second", "output/second/draft/en/second.en.txt", "txt", "en", ()),
        Proved("second", "output/second/draft/ko/<b>.ko.txt", "txt", "ko", tuple(Finding("proof-missing", f"p{n}", "“<script>” is missing", "<script>") for n in range(1, 40))),
    ]
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(report.html(results, root))


def text(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())


def test_a_wrong_seal_on_every_page_is_one_finding_and_no_text_of_the_letter(findings: tuple[Path, list[Finding]]) -> None:
    _, found = findings
    (seal,) = (f for f in found if f.label == "seal")
    assert {place.page for place in seal.places} == set(range(1, max(p.page for f in found for p in f.places) + 1))
    assert " became " in seal.message
    assert {(f.code, f.label) for f in found} == {
        ("proof-margin", "seal"),
        ("proof-missing", "s3.b2"),
        ("proof-missing", "note.date"),
        ("proof-doubled", "s2.b1"),
        ("proof-figure", "s1.p1"),
        ("proof-changed", "p2"),
        ("proof-attachment", "content.json"),
    }


def test_the_very_word_is_marked(findings: tuple[Path, list[Finding]]) -> None:
    import pypdfium2

    root, found = findings
    for code, word in (("proof-figure", "2091"), ("proof-changed", "rooof.")):
        (place,) = next(f for f in found if f.code == code).places
        page = pypdfium2.PdfDocument(root / NAME)[place.page - 1].get_textpage().get_text_range()
        assert page[place.start : place.end] == word


def test_headings_say_in_words_where_and_what(page: Any) -> None:
    assert text(page.find(".//h1")) == "Proof of second"
    heads = [text(node) for node in page.iter("h3")]
    assert "Section 3, bullet 2 is missing, page 3" in [re.sub(r"page \d+$", "page 3", head) for head in heads]
    assert any(head.startswith("Section 1, paragraph 1 has another number, date or address, page ") for head in heads)
    assert [node.tag for node in page.iter() if node.tag in ("h1", "h2", "h3")][:3] == ["h1", "h2", "h3"]


def test_words_that_differ_are_marked_in_both_texts(page: Any) -> None:
    assert ("2019", "2091") in [(text(a), text(b)) for a, b in zip(page.iter("del"), page.iter("ins"), strict=True)]


def test_each_number_beside_a_page_leads_to_its_finding_and_hides_no_other(page: Any) -> None:
    ids = {node.get("id") for node in page.iter() if node.get("id")}
    for figure in page.iter("figure"):
        tags = [node for node in figure.iter("a") if node.get("class") == "tag"]
        assert tags
        assert all(node.get("href").removeprefix("#") in ids and node.get("aria-label") for node in tags)
        assert len({node.get("style") for node in tags}) == len(tags)
        for mark in (node for node in figure.iter("span")):
            left, top, width, height = (float(value) for value in re.findall(r"([\d.]+)%", mark.get("style")))
            assert 0 <= left <= left + width <= 100
            assert 0 <= top <= top + height <= 100


def test_a_screen_reader_and_a_telephone_are_thought_of(page: Any) -> None:
    assert page.get("lang") == "en"
    assert any(node.get("name") == "viewport" for node in page.iter("meta"))
    assert all(node.get("alt", "").startswith("Page ") and "marked: " in node.get("alt") for node in page.iter("img"))
    assert {node.tag for node in page.iter()} >= {"header", "nav", "main", "section", "figcaption"}
    links = [node.get("href") for node in page.iter("a")]
    assert all(link.startswith("#") for link in links), "the page loads and leaves nothing"


def test_of_very_many_findings_some_are_shown_and_the_others_counted(page: Any) -> None:
    (section,) = (node for node in page.iter("section") if "ko.txt" in text(node.find("h2")) if node.find("h2") is not None)
    assert len(list(section.iter("h3"))) == report.SHOWN
    assert f"{39 - report.SHOWN} more findings are not shown" in text(section)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("s2.b5", "section 2, bullet 5"),
        ("p3", "paragraph 3"),
        ("sig.example-union", "signatory example-union"),
        ("cc.example.fax", "copy to example, fax"),
        ("a1.name", "addressee 1, name"),
        ("page-number", "page number"),
        ("content.json", "content.json"),
        ("html: en.p2", "html: en.p2"),
    ],
)
def test_a_label_in_words(label: str, words: str) -> None:
    assert in_words(label) == words


@pytest.mark.parametrize(
    ("expected", "found", "said"),
    [
        ("on April 27, 2018, you pledged", "on April 29, 2018, you pledged", "“27,” became “29,” in “on April 29, 2018, you pledged”"),
        ("that was not so", "that was so", "“not” is missing in “that was so”"),
        ("4月27日に採択", "4月29日に採択", "“7” became “9” in “4月29日に採択”"),
        ("includ\u00ading this", "includ\ufffeing that", "“this” became “that” in “including that”"),
    ],
)
def test_a_difference_is_told_by_words_or_where_there_are_none_by_characters(expected: str, found: str, said: str) -> None:
    assert difference(expected.replace("\u00ad", ""), found) == said


def test_what_several_pages_say_alike_is_told_once() -> None:
    one, two = (Finding("proof-margin", "seal", "m", places=(Place(n, 0, 1),)) for n in (1, 2))
    assert [str(f) for f in merged([one, two])] == ["[proof-margin] seal (pages 1, 2): m"]
