"""The proof finds what is planted, in each kind of document, and nothing where nothing is wrong."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache

import pypdf
import pytest

from engross.letter import Letter
from engross.proof.finding import Finding
from engross.proof.text import prove
from engross.render import RENDERERS, pdf
from tests.proof.faults import ALL, FAULTS, Fault, foreign
from tests.render.conftest import FIRST, SECOND, Case, case


@lru_cache
def known(letter_id: str, lang: str) -> Case:
    return case(letter_id, lang)


@pytest.fixture(scope="module")
def second() -> Case:
    return known(SECOND, "en")


def render(kind: str, of: Case, letter: Letter) -> bytes:
    return RENDERERS[kind](letter, of.labels, of.layout)


def proved(kind: str, data: bytes, of: Case) -> list[Finding]:
    return prove(kind, data, of.letter, of.labels, of.layout, [foreign(of.letter)])


def finds(fault: Fault, findings: list[Finding]) -> bool:
    return any(finding.label == fault.label and finding.code in fault.codes for finding in findings)


EVERY = [(FIRST, lang, kind) for lang in ("en", "ko", "ja", "es") for kind in ("docx", "html", "txt")] + [(SECOND, "en", kind) for kind in ALL]
"""The first letter's PDFs are proved where its edition is built."""


@pytest.mark.parametrize(("letter_id", "lang", "kind"), EVERY)
def test_nothing_is_found_where_nothing_is_wrong(letter_id, lang, kind):
    of = known(letter_id, lang)
    assert prove(kind, render(kind, of, of.letter), of.letter, of.labels, of.layout, [foreign(of.letter)]) == []


@pytest.mark.parametrize("kind", ["docx", "html", "txt"])
def test_every_fault_is_found_by_itself(kind, second):
    missed = []
    for fault in FAULTS:
        if kind in fault.kinds:
            findings = proved(kind, render(kind, second, fault.plant(second.letter)), second)
            if not finds(fault, findings):
                missed.append((fault.name, [str(f) for f in findings][:6]))
    assert not missed


@pytest.mark.parametrize("share", range(5))
def test_every_fault_is_found_in_a_pdf(share, second):
    """Several at once, as each PDF takes time; chosen so that they stand apart."""
    chosen: list[Fault] = []
    letter = second.letter
    for fault in FAULTS[share::5]:
        if not any(fault.label == other.label for other in chosen):
            letter = fault.plant(letter)
            chosen.append(fault)
    findings = proved("pdf", render("pdf", second, letter), second)
    missed = [fault.name for fault in chosen if not finds(fault, findings)]
    assert not missed, [str(f) for f in findings]
    assert all(f.places for f in findings if f.code in ("proof-changed", "proof-figure", "proof-language", "proof-doubled", "proof-added"))


@pytest.fixture(scope="module")
def printed(second) -> bytes:
    return render("pdf", second, second.letter)


def rewritten(data: bytes, change) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    change(writer)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_a_page_is_missing(second, printed):
    found = prove("pdf", rewritten(printed, lambda writer: writer.remove_page(1)), second.letter, second.labels, second.layout, pages=3)
    assert {"proof-pages", "proof-missing", "proof-margin"} <= {f.code for f in found}
    assert "s2.b1" in {f.label for f in found}


def test_pages_changed_places(second, printed):
    def swap(writer: pypdf.PdfWriter) -> None:
        kids = writer.root_object["/Pages"]["/Kids"]
        kids[0], kids[1] = kids[1], kids[0]

    assert {"proof-margin"} <= {f.code for f in proved("pdf", rewritten(printed, swap), second)}


def test_the_attached_content_is_another(second):
    other = replace(second.letter, enclosures=())
    data = pdf.render(other, second.labels, second.layout)
    assert "content.json" in {f.label for f in proved("pdf", data, second) if f.code == "proof-attachment"}


def test_something_is_attached_that_does_not_belong(second, printed):
    data = rewritten(printed, lambda writer: writer.add_attachment("notes.txt", b"for us only"))
    assert [f.label for f in proved("pdf", data, second) if f.code == "proof-attachment"] == ["notes.txt"]


def test_a_font_of_the_machine_stood_in(second, printed):
    def rename(writer: pypdf.PdfWriter) -> None:
        for entry in writer.pages[0]["/Resources"]["/Font"].values():
            font = entry.get_object()["/DescendantFonts"][0].get_object()
            for owner, key in ((font, "/BaseFont"), (font["/FontDescriptor"], "/FontName")):
                owner[pypdf.generic.NameObject(key)] = pypdf.generic.NameObject("/ABCDEF+DejaVu-Serif")

    assert "DejaVu-Serif" in {f.label for f in proved("pdf", rewritten(printed, rename), second) if f.code == "proof-font"}


@pytest.mark.parametrize("kind", ["pdf", "docx", "html"])
def test_what_is_no_document_is_said_to_be_none(kind, second):
    found = proved(kind, b"\xff\xfe not a document", second)
    assert [f.code for f in found] == ["proof-unreadable"]


def test_words_that_run_together_are_found(second):
    data = render("txt", second, second.letter).replace(b"A home is", b"Ahome is")
    assert [(f.code, f.label) for f in proved("txt", data, second)] == [("proof-spacing", "p2")]


def test_a_line_too_much_is_found(second):
    data = render("html", second, second.letter).replace(b"</article>", b"<p>For internal use</p></article>")
    assert [f.code for f in proved("html", data, second)] == ["proof-added"]
