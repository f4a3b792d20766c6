"""A reviewer who has LibreOffice: what it makes of the file and of edits arrives like Word's."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from engross.review import applying, returning
from tests.review.conftest import SECOND
from tests.review.office import AUTHOR, edit
from tests.review.word import DATE, Doc

EDITS = [
    ("substitute", "more than a roof", "more than a house"),
    ("before", "meet you", "really "),
    ("substitute", ", in part", ""),
    ("part", "The text is"),
    ("join", "We were told that the plan exists."),
    ("write", "Every village is heard.", "A new one."),
    ("embolden", "Two of"),
    ("substitute", "We ask both ministries to:", ""),
    ("after", "Yours faithfully,", " and well"),
]


@pytest.fixture(scope="module")
def edited(english: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    (folder / "out.docx").write_bytes(english)
    return edit(folder / "out.docx", folder / "back.docx", EDITS, folder / "profile")


def test_edits_made_in_libreoffice_arrive(edited, home) -> None:
    letter = home.content / SECOND / "letter.md"
    before = letter.read_text("utf-8")
    report = applying.apply(home, returning.read_returned(home, edited), ["all"])
    assert {(c.label, c.kind, c.text) for c in report.changes} == {
        ("p2", "delete", "more than a roof"),
        ("p2", "insert", "more than a house"),
        ("p3", "insert", "really "),
        ("s2.b1", "delete", ", in part"),
        ("", "insert", "A new one."),
        ("s2.b2", "format", "Two of"),
        ("s3.p1", "delete", "We ask both ministries to:"),
        ("closing", "insert", " and well"),
    }
    assert {c.author for c in report.changes} == {AUTHOR}
    assert sorted(f"{p.code} {p.message.partition(':')[0]}" for p in report.problems if p.code != "review-new") == [
        "review-deleted s3.p1",
        "review-merged s2.q1.p1",
        "review-merged s2.q1.p2",
        "review-split p1",
    ]
    assert [p.message.partition(":")[2].strip() for p in report.problems if p.code == "review-new"] == ["the file: “A new one.”"]
    expected = before
    for old, new in (
        ("a roof.", "a house."),
        ("to meet", "to really meet"),
        (", in part.", "."),
        ("- Two of three", "- **Two of** three"),
        ("closing: Yours faithfully,", "closing: Yours faithfully, and well"),
    ):
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    assert letter.read_text("utf-8") == expected


def test_what_word_wrote_passes_through_libreoffice(english, korean, home, korea, tmp_path) -> None:
    """Opened and saved by a second reviewer who changed nothing."""
    Doc(english).comment("s1.n2", "public", "Which public?").change("p2", "roof", "house").save(tmp_path / "en.docx")
    Doc(korean).comment("p1", "귀", "문의").insert("s1.heading", "", " 요청").save(tmp_path / "ko.docx")
    program = shutil.which("soffice")
    assert program, "LibreOffice Writer is missing: make test installs it"
    command = [program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(tmp_path / "back")]
    subprocess.run([*command, str(tmp_path / "en.docx"), str(tmp_path / "ko.docx")], check=True, capture_output=True, timeout=180)
    report = returning.read_returned(home, tmp_path / "back" / "en.docx")
    assert {(c.label, c.kind, c.text, c.date) for c in report.changes} == {("p2", "insert", "house", DATE), ("p2", "delete", "roof", DATE)}
    assert [(c.label, c.quoted, c.text, c.date) for c in report.comments] == [("s1.n2", "public", "Which public?", DATE)]
    assert not report.problems
    report = returning.read_returned(korea, tmp_path / "back" / "ko.docx")
    assert [(c.label, c.kind, c.text) for c in report.changes] == [("s1.heading", "insert", " 요청")]
    assert [(c.label, c.text) for c in report.comments] == [("p1", "문의")]
    assert not report.problems
