"""Kinds of edit in Word's form: each arrives as exactly the expected change, and letter.md changes there and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from engross.review import applying, export, returning
from tests.review.conftest import SECOND
from tests.review.word import AUTHOR, DATE, Doc

Expected = list[tuple[str, str, str]]


@dataclass(frozen=True)
class Case:
    """An edit, the changes it is reported as, the problems, and what becomes of letter.md."""

    name: str
    edit: Callable[[Doc], object]
    changes: Expected = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """`code label` of each."""
    written: tuple[tuple[str, str], ...] = ()
    """Old and new words of letter.md."""
    accept: tuple[str, ...] = ("all",)


FIRST = '<w:ins w:id="995" w:author="x" w:date="2020-02-01T10:00:00Z"><w:r><w:t>Before all.</w:t></w:r></w:ins>'
BOTH = '<w:rPr><w:rStyle w:val="Strong"/><w:i/></w:rPr>'
NEXT_TO = '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"/></w:drawing></w:r>'
NOTE = '<w:ins w:id="990" w:author="x" w:date="2020-02-01T10:00:00Z"><w:r><w:footnoteReference w:id="1"/></w:r></w:ins>'
BREAK = '<w:ins w:id="991" w:author="x" w:date="2020-02-01T10:00:00Z"><w:r><w:br/><w:t>more</w:t></w:r></w:ins>'
INNER = '<w:ins w:id="992" w:author="A" w:date="2020-02-01T10:00:00Z"><w:del w:id="993" w:author="B" w:date="2020-02-02T10:00:00Z"><w:r><w:delText>second thoughts </w:delText></w:r></w:del></w:ins>'
LINK = '<w:hyperlink w:anchor="x"><w:ins w:id="994" w:author="A" w:date="2020-02-01T10:00:00Z"><w:r><w:t xml:space="preserve"> See there.</w:t></w:r></w:ins></w:hyperlink>'

CASES = [
    Case("a word put in", lambda d: d.insert("p2", "roof", "good "), [("p2", "insert", "good ")], written=(("more than a roof", "more than a good roof"),)),
    Case("a word struck out", lambda d: d.delete("s2.p1", "those who "), [("s2.p1", "delete", "those who ")], written=(("of those who live there", "of live there"),)),
    Case(
        "a word replaced",
        lambda d: d.change("s3.heading", "ask", "expect"),
        [("s3.heading", "insert", "expect"), ("s3.heading", "delete", "ask")],
        written=(("What we ask\n", "What we expect\n"),),
    ),
    Case("words at the beginning", lambda d: d.insert("s1.n3", "Every", "Today: "), [("s1.n3", "insert", "Today: ")], written=(("3. Every", "3. Today: Every"),)),
    Case("words at the end", lambda d: d.insert("s2.q1.p2", "", " Why?"), [("s2.q1.p2", "insert", " Why?")], written=(("shown it to us.", "shown it to us. Why?"),)),
    Case(
        "words in a paragraph of several lines",
        lambda d: d.insert("p1", "three", "all "),
        [("p1", "insert", "all ")],
        written=(("\nthree languages", "\nall three languages"),),
    ),
    Case("a bullet of the second level", lambda d: d.delete("s1.n1.2", " a year"), [("s1.n1.2", "delete", " a year")], written=(("million a year;", "million;"),)),
    Case("a text between quotation marks", lambda d: d.insert("s1.q1.p1", "safe", "“truly” "), [("s1.q1.p1", "insert", "“truly” ")], written=(("is safe", "is “truly” safe"),)),
    Case("emphasis in an edited text stays", lambda d: d.insert("s1.n1.3", "of those", "or titles "), [("s1.n1.3", "insert", "or titles ")], written=(("*names* of", "*names* or titles of"),)),
    Case("a word inside nested emphasis", lambda d: d.insert("s3.b1", "water", "rain", formatting=BOTH).delete("s3.b1", "water"), [("s3.b1", "insert", "rain"), ("s3.b1", "delete", "water")], written=(("*water*", "*rain*"),)),
    Case("a link's neighbour", lambda d: d.delete("s3.b3", "this "), [("s3.b3", "delete", "this ")], written=(("answer this letter", "answer letter"),)),
    Case("a footnote reference's neighbour", lambda d: d.insert("s3.b2", "30", "Friday "), [("s3.b2", "insert", "Friday ")], written=(("before 30 June", "before Friday 30 June"),)),
    Case("a footnote's reference struck out", lambda d: d.delete("s3.b2", "[^date]"), [("s3.b2", "delete", "[^date]")], written=(("2020;[^date] and", "2020; and"),)),
    Case("a footnote's text", lambda d: d.insert("note.both", "of the", "and 5 "), [("note.both", "insert", "and 5 ")], written=(("3 and 4 of", "3 and 4 and 5 of"),)),
    Case("bold, tracked", lambda d: d.embolden("s1.n3", "village"), [("s1.n3", "format", "village")], written=(("Every village is", "Every **village** is"),)),
    Case("italic, tracked", lambda d: d.embolden("p2", "home", mark="i"), [("p2", "format", "home")], written=(("A home is", "A *home* is"),)),
    Case("Markdown's own signs typed", lambda d: d.insert("p2", "roof", "*flat* "), [("p2", "insert", "*flat* ")], written=(("a roof", "a \\*flat\\* roof"),)),
    Case("Hangul and kana typed", lambda d: d.insert("p2", "roof", "집의 うち "), [("p2", "insert", "집의 うち ")], written=(("a roof", "a 집의 うち roof"),)),
    Case("the salutation", lambda d: d.insert("salutation", ",", " and friends"), [("salutation", "insert", " and friends")], written=(("salutation: Excellencies,", "salutation: Excellencies and friends,"),)),
    Case("a quoted value of the front matter", lambda d: d.change("subject", "water", "rain"), [("subject", "insert", "rain"), ("subject", "delete", "water")], written=(("Housing, water and", "Housing, rain and"),)),
    Case("a value that needs quotation marks now", lambda d: d.insert("closing", "Yours", "In haste: "), [("closing", "insert", "In haste: ")], written=(("closing: Yours faithfully,", 'closing: "In haste: Yours faithfully,"'),)),
    Case("an enclosure", lambda d: d.insert("e2", "authors", "two "), [("e2", "insert", "two ")], written=(("the authors’ consent'", "the two authors’ consent'"),)),
    Case("a value over several lines", lambda d: d.insert("a2.title", "Measures", "Weights and "), [("a2.title", "insert", "Weights and ")], ["review-unwritable a2.title"]),
    Case("a text of the address book", lambda d: d.insert("cc.example-london.name", "Example", "New "), [("cc.example-london.name", "insert", "New ")], ["review-elsewhere cc.example-london.name"]),
    Case("a signatory's name", lambda d: d.delete("sig.ornek-dernek.name", "Örnek "), [("sig.ornek-dernek.name", "delete", "Örnek ")], ["review-elsewhere sig.ornek-dernek.name"]),
    Case("put in by one and struck out by another", lambda d: d.add("p2", INNER), [("p2", "insert", "second thoughts "), ("p2", "delete", "second thoughts ")]),
    Case("a tracked word in a link of Word's", lambda d: d.add("p2", LINK), [("p2", "insert", " See there.")], written=(("a roof.", "a roof. See there."),)),
    Case("only what is accepted", lambda d: d.insert("p2", "roof", "good ").insert("p3", "glad", "very "), [("p2", "insert", "good "), ("p3", "insert", "very ")], written=(("be glad", "be very glad"),), accept=("p3",)),
    Case("split", lambda d: d.split("p1", "The text is"), [], ["review-split p1"]),
    Case("split, untracked", lambda d: d.split("s1.q1.p1", "that is", tracked=False), [], ["review-split s1.q1.p1"]),
    Case("joined with the next", lambda d: d.join("s2.q1.p1"), [], ["review-merged s2.q1.p1", "review-merged s2.q1.p2"]),
    Case("joined with the next, untracked", lambda d: d.join("s2.q1.p1", tracked=False), [], ["review-merged s2.q1.p1", "review-merged s2.q1.p2"]),
    Case("moved", lambda d: d.move("p2", "s3.p1"), [], ["review-moved p2"]),
    Case("moved, tracked", lambda d: d.move("p2", "s3.p1", tracked=True), [("p2", "delete", "A home is more than a roof."), ("p2", "insert", "A home is more than a roof.")], ["review-moved p2"]),
    Case("copied", lambda d: d.copy("p2"), [], ["review-copied p2"]),
    Case("a new paragraph", lambda d: d.write_after("p2", "A home is a right."), [("", "insert", "A home is a right.")], ["review-new "]),
    Case("the whole text struck out", lambda d: d.delete("p2", "A home is more than a roof."), [("p2", "delete", "A home is more than a roof.")], ["review-deleted p2"]),
    Case("a text and its end struck out", lambda d: d.delete("p2", "A home is more than a roof.").join("p2"), [("p2", "delete", "A home is more than a roof.")], ["review-deleted p2"]),
    Case("Enter before the first word, and a paragraph written there", lambda d: d.split("p2", "A home").add("p2", FIRST).insert_after("p2", "roof", "good "), [("", "insert", "Before all."), ("p2", "insert", "good ")], ["review-new "], written=(("a roof", "a good roof"),)),
    Case("gone without a trace", lambda d: d.drop("p2"), [], ["review-missing p2"]),
    Case("its bookmark lost", lambda d: d.unmark("p2").insert("p3", "glad", "very "), [("p3", "insert", "very ")], ["review-unlabelled p2"], written=(("be glad", "be very glad"),)),
    Case("changed while tracking was off", lambda d: d.retype("p2", "roof", "house"), [("p2", "delete", "roof"), ("p2", "insert", "house")], ["review-untracked p2"]),
    Case("changed while tracking was off, and meant", lambda d: d.retype("p2", "roof", "house"), [("p2", "delete", "roof"), ("p2", "insert", "house")], ["review-untracked p2"], written=(("a roof", "a house"),), accept=("p2",)),
    Case("a picture", lambda d: d.add("p2", NEXT_TO), [], ["review-strange p2"]),
    Case("a footnote of Word's", lambda d: d.add("p2", NOTE), [], ["review-strange p2"]),
    Case("a forced line break", lambda d: d.add("p2", BREAK), [("p2", "insert", "\nmore")], written=(("a roof.", "a roof. more"),)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_edit_arrives_as_exactly_what_it_is(case: Case, english: bytes, home, tmp_path) -> None:
    doc = Doc(english)
    case.edit(doc)
    letter = home.content / SECOND / "letter.md"
    before = letter.read_text("utf-8")
    report = returning.read_returned(home, doc.save(tmp_path / "r.docx"))
    assert [(c.label, c.kind, c.text) for c in report.changes] == case.changes
    done = applying.apply(home, report, case.accept, now=datetime(2020, 2, 3, tzinfo=UTC))
    assert sorted(f"{p.code} {p.message.partition(':')[0] if p.where.path != 'r.docx' else ''}" for p in done.problems) == sorted(case.problems)
    expected = before
    for old, new in case.written:
        assert before.count(old) == 1
        expected = expected.replace(old, new)
    assert letter.read_text("utf-8") == expected
    assert bool(done.written) == (expected != before)


def test_every_change_has_its_author_and_date(english, home, tmp_path) -> None:
    doc = Doc(english).change("p2", "roof", "house").embolden("p3", "glad")
    changes = returning.read_returned(home, doc.save(tmp_path / "r.docx")).changes
    assert {(c.author, c.date) for c in changes} == {(AUTHOR, DATE)}
    assert [c.id for c in changes] == ["1", "2", "3"]


def test_comments_arrive_with_the_words_they_are_about(english, home, tmp_path) -> None:
    doc = Doc(english).comment("s1.n2", "public", "Which public?").comment("note.both", "Articles 3", "And 5?")
    report = returning.read_returned(home, doc.save(tmp_path / "r.docx"))
    assert [(c.label, c.quoted, c.text, c.author, c.date) for c in report.comments] == [
        ("s1.n2", "public", "Which public?", AUTHOR, DATE),
        ("note.both", "Articles 3", "And 5?", AUTHOR, DATE),
    ]
    assert not report.changes
    assert not report.problems


def test_a_file_that_nobody_touched_says_nothing(english, korean, home, korea, tmp_path) -> None:
    for project, data in ((home, english), (korea, korean)):
        (tmp_path / "r.docx").write_bytes(data)
        report = returning.read_returned(project, tmp_path / "r.docx")
        assert (report.changes, report.comments, report.problems) == ((), (), ())


def test_several_edits_at_once_touch_only_their_blocks(english, home, tmp_path) -> None:
    doc = Doc(english).insert("p2", "roof", "good ").delete("s2.b1", ", in part").change("salutation", "Excellencies", "Ministers").insert("note.date", "plan", "whole ")
    letter = home.content / SECOND / "letter.md"
    before = letter.read_bytes()
    report = applying.apply(home, returning.read_returned(home, doc.save(tmp_path / "r.docx")), ["all"])
    after = letter.read_bytes()
    assert len(report.applied) == len(report.changes) == 5
    old, new = before.split(b"\n"), after.split(b"\n")
    assert [number for number, (a, b) in enumerate(zip(old, new, strict=True), 1) if a != b] == [23, 44, 62, 88]


def test_line_ends_of_windows_stay(english, home, tmp_path) -> None:
    letter = home.content / SECOND / "letter.md"
    windows = letter.read_bytes().replace(b"\n", b"\r\n")
    letter.write_bytes(windows)
    report = returning.read_returned(home, Doc(english).insert("p1", "three", "all ").save(tmp_path / "r.docx"))
    applying.apply(home, report, ["all"])
    assert letter.read_bytes() == windows.replace(b"\r\nthree languages", b"\r\nall three languages")


def test_a_text_that_changed_since_is_reported_with_both_texts(english, home, tmp_path) -> None:
    letter = home.content / SECOND / "letter.md"
    letter.write_text(letter.read_text("utf-8").replace("more than a roof", "more than four walls"), "utf-8")
    before = letter.read_bytes()
    report = applying.apply(home, returning.read_returned(home, Doc(english).insert("p2", "roof", "good ").save(tmp_path / "r.docx")), ["all"])
    (problem,) = report.problems
    assert problem.code == "review-stale"
    assert "more than four walls" in problem.message
    assert "more than a good roof" in problem.message
    assert letter.read_bytes() == before


def test_a_change_that_was_written_before_stands_there_already(english, home, tmp_path) -> None:
    file = Doc(english).insert("p2", "roof", "good ").save(tmp_path / "r.docx")
    first = applying.apply(home, returning.read_returned(home, file), ["all"])
    letter = (home.content / SECOND / "letter.md").read_bytes()
    again = applying.apply(home, returning.read_returned(home, file), ["all"])
    assert [list(report.lines())[-1] for report in (first, again)] == [f"r.docx: 1 change, 0 comments, 0 to be settled by hand; {count} written" for count in (1, 0)]
    assert (again.problems, list(again.lines())[1].endswith("[stands there already]")) == ((), True)
    assert (home.content / SECOND / "letter.md").read_bytes() == letter


def test_a_text_whose_label_moved_is_found_by_its_wording(english, home, tmp_path) -> None:
    letter = home.content / SECOND / "letter.md"
    letter.write_text(letter.read_text("utf-8").replace("We write about", "First of all.\n\nWe write about", 1), "utf-8")
    report = applying.apply(home, returning.read_returned(home, Doc(english).insert("p2", "roof", "good ").save(tmp_path / "r.docx")), ["all"])
    assert [c.label for c in report.changes] == ["p3"]
    assert "more than a good roof" in letter.read_text("utf-8")


def test_a_file_leaves_with_tracking_on_and_the_same_bytes_each_time(english, home) -> None:
    assert export.export(home, SECOND, "en") == english
    settings = Doc(english).parts["word/settings.xml"].decode()
    assert "<w:trackRevisions/>" in settings
    assert 'w:edit="trackedChanges"' in settings


def test_what_to_accept_must_be_in_the_file(english, home, tmp_path) -> None:
    report = returning.read_returned(home, Doc(english).insert("p2", "roof", "good ").save(tmp_path / "r.docx"))
    done = applying.apply(home, report, ["nobody", "legal ADVISER"])
    assert [p.code for p in done.problems] == ["review-unknown"]
    assert done.applied == ("1",)
