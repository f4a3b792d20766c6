"""The web page and the plain text, read by an HTML parser and by eye-like rules."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest

from engross import canonical
from engross.letter import Standing
from engross.render import html, text
from tests.render.conftest import FIRST, SECOND, case, changed, find_in_order, plain, reading_order
from tests.render.test_pdf import HOSTILE, hostile

EVERY = [(FIRST, lang) for lang in ("en", "ko", "ja", "es")] + [(SECOND, "en")]


def parse(case_) -> Any:
    """The page; html5lib in strict mode raises on any parse error."""
    data = html.render(case_.letter, case_.labels, case_.layout)
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(data.decode())


def words(root: Element) -> str:
    """What is read, without the marks of notes and what is hidden from readers of the letter."""
    out = []

    def walk(node: Element) -> None:
        if node.tag not in ("style", "script", "head", "sup"):
            out.append(node.text or "")
            for child in node:
                walk(child)
                out.append(child.tail or "")

    for child in root:
        walk(child)
        out.append(child.tail or "")
    return "".join(out)


def squeezed(value: str) -> str:
    return re.sub(r"\s", "", value)


def unmarked(value: str) -> str:
    """Without the marks of notes, as `markup.plain` gives it."""
    return re.sub(r"\[\d\]", "", value)


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_web_page_holds_the_letter_in_order(cases, letter_id, lang):
    root = parse(cases(letter_id, lang))
    letter = cases(letter_id, lang).letter
    page = words(root)
    assert find_in_order([plain(letter.title), *reading_order(cases(letter_id, lang)), *(plain(n.text) for n in letter.notes)], page, squeezed) == ""
    assert canonical.seal(letter) in page
    assert root.find("head/title").text == plain(letter.title)
    assert root.find("head/link[@rel='canonical']").get("href") == letter.published_at
    assert root.get("lang") == cases(letter_id, lang).layout.locale.tag


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_web_page_loads_and_runs_nothing(cases, letter_id, lang):
    root = parse(cases(letter_id, lang))
    assert not [e.tag for e in root.iter() if e.tag in ("script", "iframe", "object", "img", "form")]
    assert not [name for e in root.iter() for name in e.attrib if name.startswith("on") or name == "src"]
    css = root.find("head/style").text
    assert "url(" not in css
    assert "@import" not in css


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_web_page_can_be_walked_without_sight(cases, letter_id, lang):
    root = parse(cases(letter_id, lang))
    first = next(e for e in root.find("body"))
    assert (first.tag, first.get("href")) == ("a", "#letter")
    assert root.find("body/main[@id='letter']/article") is not None
    assert root.find("body/footer") is not None
    levels = [int(e.tag[1]) for e in root.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    names = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(names) == len(set(names))
    assert {e.get("href")[1:] for e in root.iter("a") if e.get("href", "").startswith("#")} <= set(names)


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_web_page_has_the_missions_as_links(cases, letter_id, lang):
    links = {e.get("href") for e in parse(cases(letter_id, lang)).iter("a")}
    for mission in cases(letter_id, lang).letter.cc:
        assert {f"mailto:{mission.email}", f"tel:{mission.fax_e164}"} <= links


def test_web_page_names_other_languages(cases):
    root = parse(cases(SECOND, "en"))
    said = {(squeezed("".join(e.itertext())), e.get("lang")) for e in root.iter() if e.get("lang")}
    assert {("주거", "ko-KR"), ("みず", "ja-JP"), ("PrzykładoweStowarzyszenienarzeczMieszkań", "pl"), ("예시인권센터", "ko-KR")} <= said


def test_web_page_gives_hostile_texts_as_text():
    attacked = changed(case(SECOND, "en"), hostile)
    root = parse(attacked)
    assert not list(root.iter("script"))
    assert len(list(root.iter("style"))) == 1
    page = words(root)
    for line in reading_order(attacked):
        assert squeezed(line) in squeezed(page), line
    assert all(squeezed(each) in squeezed(page) for each in HOSTILE[:4])


def test_draft_pages_say_so(cases):
    draft = case(SECOND, "ko", draft=True)
    page = words(parse(draft))
    assert draft.labels["draft_notice"] in page
    assert f"A home is more than a roof. [{draft.labels['untranslated']}]" in page
    assert cases(SECOND, "en").labels["draft_notice"] not in words(parse(cases(SECOND, "en")))


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_plain_text_holds_the_letter_one_paragraph_a_line(cases, letter_id, lang):
    given = cases(letter_id, lang)
    page = text.render(given.letter, given.labels, given.layout).decode()
    lines = [re.sub(r"^(\s*([•>]|\d+\.)\s)+", "", unmarked(line)) for line in page.splitlines()]
    for line in reading_order(given, numbered=lambda _, heading: heading):
        assert line in lines or any(line in each for each in lines if len(line) < 60), line
    assert find_in_order(reading_order(given), unmarked(page), squeezed) == ""
    for mission in given.letter.cc:
        assert mission.fax in page
        assert mission.email in page
    for note in given.letter.notes:
        assert f"[{note.number}] {plain(note.text)}" in page
    assert page.endswith(f"{canonical.seal(given.letter)}\n")


def test_plain_text_indents_what_is_below(cases):
    given = cases(SECOND, "en")
    page = text.render(given.letter, given.labels, given.layout).decode()
    assert "1. The ministry publishes a plan:\n  • with dates;\n  • with costs" in page
    assert "one year after they were adopted by all parties.[1] The text is published in three languages.\n<https://example.org/principles>\n" in page
    assert "> Everybody has the right" in page


def test_plain_text_marks_what_is_not_translated(cases):
    draft = case(SECOND, "ja", draft=True)
    marked = changed(draft, lambda s: replace(s, standing=Standing.FUZZY) if s.role == "closing" else s)
    page = text.render(marked.letter, marked.labels, marked.layout).decode()
    assert page.startswith(draft.labels["draft_notice"])
    assert f"A home is more than a roof. [{draft.labels['untranslated']}]" in page
    assert f"[{draft.labels['fuzzy']}]" in page


@pytest.mark.parametrize("render", [html.render, text.render])
def test_an_authoritative_version_is_named(cases, render):
    given = cases(FIRST, "ko")
    page = render(given.letter, given.labels, replace(given.layout, authoritative="en")).decode()
    assert given.labels.fill("translated_from", language="영어") in page
    assert given.labels.fill("authoritative", language="영어") in page
