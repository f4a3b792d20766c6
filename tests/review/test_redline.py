"""Redlines: accepting every change gives the new version, rejecting every change the old; the page says in words what colour shows."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import html5lib
import pytest
from lxml import etree

from engross import translation
from engross.content import editions
from engross.edition import read_source
from engross.errors import UsageError
from engross.files import write_atomic
from engross.project import Project
from engross.review import redline, versions, wording
from tests.docx.package import W, text_of
from tests.review.conftest import REAL, SECOND

EDITS = (
    ("more than a roof", "more than four walls"),
    ("hear the third village", "visit the *third* village"),
    ("- with costs of 25.5 million a year; and\n   ", ""),
    ("A home is", "First, a home is"),
    ("We would be glad", "A new paragraph of its own.\n\nWe would be glad"),
    ("[published](https://example.org/principles)", "[printed](https://example.org/principles)"),
    ("salutation: Excellencies,", "salutation: Your Excellencies,"),
)


@pytest.fixture
def changed(home: Project, tmp_path: Path) -> Path:
    """The letter as it was, while the workspace's is edited."""
    letter = home.content / SECOND / "letter.md"
    old = tmp_path / "before.md"
    text = letter.read_text("utf-8")
    old.write_text(text, "utf-8")
    for before, after in EDITS:
        assert text.count(before) == 1
        text = text.replace(before, after)
    letter.write_text(text, "utf-8")
    return old


def texts(version: versions.Version) -> list[str]:
    return [wording.plain(wording.glyphs(line.segment.text, marked_up=line.segment.markup)) for line in version.lines]


def document(data: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read("word/document.xml"))


def settled(root: etree._Element, *, gone: str) -> list[str]:
    """The paragraphs' texts after one kind of change is taken out, paragraph ends included."""
    out, open_text = [], ""
    for paragraph in root.iter(f"{W}p"):
        for node in list(paragraph.iter(f"{W}{gone}")):
            for run in node.findall(f"{W}r"):
                node.remove(run)
        for text in paragraph.iter(f"{W}delText"):
            text.tag = f"{W}t"
        open_text += text_of(paragraph)
        if paragraph.find(f"{W}pPr/{W}rPr/{W}{gone}") is None:
            out.append(open_text)
            open_text = ""
    return out[1:-1]


def test_accepting_gives_the_new_version_and_rejecting_the_old(home, changed) -> None:
    data, said = redline.make(home, SECOND, "en", str(changed), "docx")
    assert said.startswith("4 changed, 1 added, 1 removed")
    assert settled(document(data), gone="del") == texts(versions.current(home, SECOND, "en"))
    assert settled(document(data), gone="ins") == texts(versions.against(home, SECOND, "en", str(changed)))


def test_changes_are_words_with_the_letters_date_and_its_lead_as_author(home, changed) -> None:
    data, _ = redline.make(home, SECOND, "en", str(changed), "docx")
    root = document(data)
    marks = [*root.iter(f"{W}ins", f"{W}del")]
    assert {(m.get(f"{W}author"), m.get(f"{W}date")) for m in marks} == {("Example Centre for Housing 1", "2020-02-29T00:00:00Z")}
    assert len({m.get(f"{W}id") for m in marks}) == len(marks)
    shown = [(str(m.tag).rpartition("}")[2], "".join(t.text or "" for t in m.iter(f"{W}t", f"{W}delText"))) for m in marks]
    assert {("del", "a roof"), ("ins", "four walls"), ("del", "hear"), ("ins", "printed"), ("del", "published"), ("ins", "Your ")} <= set(shown)
    assert redline.make(home, SECOND, "en", str(changed), "docx")[0] == data


def test_the_page_says_what_colour_shows(home, changed) -> None:
    data, _ = redline.make(home, SECOND, "en", str(changed), "html")
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page = parser.parse(data.decode())
    assert page.get("lang") == "en"
    assert page.find(".//main").get("lang") == "en-US"
    for tag, opening in (("ins", "[added: "), ("del", "[removed: ")):
        marks = page.findall(f".//main//{tag}")
        assert marks
        assert all(mark[0].text == opening for mark in marks)
    linked = [a.get("href")[1:] for a in page.findall(".//nav//a")]
    assert linked == [node.get("id") for node in page.find(".//main") if node.get("id")]
    assert len(linked) == 6
    assert "<script" not in data.decode()


def test_nothing_changed(home) -> None:
    path = home.content / SECOND / "letter.md"
    data, said = redline.make(home, SECOND, "en", str(path), "docx")
    assert said.startswith("0 changed, 0 added, 0 removed")
    assert not [*document(data).iter(f"{W}ins", f"{W}del")]


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments], check=True, capture_output=True)


def test_a_translation_against_a_revision(korea) -> None:
    git(korea.root, "init", "-q")
    git(korea.root, "add", "content", "translations")
    git(korea.root, "commit", "-qm", "x")
    path = korea.translations / "ko" / "LC_MESSAGES" / f"{REAL}.po"
    text = path.read_text("utf-8")
    line = next(row for row in text.split("\n") if row.startswith('msgstr "') and "국제노동기구" in row)
    path.write_text(text.replace(line, line.replace("국제노동기구", "세계노동기구", 1)), "utf-8")
    data, said = redline.make(korea, REAL, "ko", "HEAD", "docx")
    assert said.startswith("1 changed, 0 added, 0 removed")
    shown = ["".join(t.text or "" for t in m.iter(f"{W}t", f"{W}delText")) for m in document(data).iter(f"{W}ins", f"{W}del")]
    assert len(shown) == 2
    assert "국제노동기구" in shown[0]
    assert "세계노동기구" in shown[1]


@pytest.mark.parametrize(("lang", "old", "new"), [("en", "to move rapidly to", "to move quickly to"), ("ja", "委員長閣下", "委員長様")])
def test_a_version_against_the_edition_that_was_signed(lang, old, new, korea) -> None:
    source, _ = read_source(korea, REAL)
    assert source
    catalogues, _ = translation.load(korea, lang, source.letter)
    local = translation.localize(source.letter, catalogues, korea.locale(lang))
    record = editions.FrozenEdition(REAL, 1, {lang: editions.frozen_version(local, {})})
    write_atomic(editions.path(korea, REAL, 1), record.to_json())
    assert redline.make(korea, REAL, lang, "edition-1", "html")[1].startswith("0 changed, 0 added, 0 removed")
    path = korea.content / REAL / "letter.md" if lang == "en" else korea.translations / lang / "LC_MESSAGES" / f"{REAL}.po"
    text = path.read_text("utf-8")
    at = text.index(old, text.index("msgstr", 2000) if lang != "en" else 0)
    path.write_text(text[:at] + new + text[at + len(old) :], "utf-8")
    assert redline.make(korea, REAL, lang, "edition-1", "html")[1].startswith("1 changed, 0 added, 0 removed")
    with pytest.raises(UsageError, match="no edition 7 signed in en") as never:
        redline.make(korea, REAL, "en", "edition-7", "html")
    assert never.value.hint.endswith(f"in content/{REAL}/editions/")
    with pytest.raises(UsageError, match="no edition 1 signed in es"):
        redline.make(korea, REAL, "es", "edition-1", "html")


@pytest.mark.real
@pytest.mark.parametrize(("asked", "kind"), [("edition-9", "docx"), ("nowhere", "docx"), ("--output=x", "docx"), ("missing.po", "docx"), ("HEAD", "pdf")])
def test_what_is_not_there_is_said(asked, kind, home) -> None:
    with pytest.raises(UsageError):
        redline.make(home, SECOND, "en", asked, kind)


@pytest.mark.parametrize(
    ("old", "new", "steps"),
    [
        ("국제 노동 기구는", "국제 노동 단체는", ["=국제 노동 ", "-기구는", "+단체는"]),
        ("国際労働機関", "国際労働機構", ["=国際労働機", "-関", "+構"]),
        ("one two three", "one 2 3", ["=one ", "-two three", "+2 3"]),
        ("a b c d e f", "q w e r t y u i", ["-a b c d e f", "+q w e r t y u i"]),
        ("the state’s", "the State’s", ["=the ", "-state’s", "+State’s"]),
    ],
)
def test_words_and_characters(old, new, steps) -> None:
    signs = {"equal": "=", "delete": "-", "insert": "+"}
    found = wording.compare(wording.glyphs(old, marked_up=False), wording.glyphs(new, marked_up=False))
    assert [signs[kind] + wording.plain(text) for kind, text in found] == steps
