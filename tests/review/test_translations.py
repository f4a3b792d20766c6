"""A reviewed translation: into the catalogue as fuzzy with a note, and the source column is only read."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

from engross import translation
from engross.edition import read_source
from engross.review import applying, marks, returning
from tests.docx.package import W
from tests.review.conftest import REAL
from tests.review.word import AUTHOR, DATE, Doc

NOW = datetime(2020, 2, 3, tzinfo=UTC)


def test_source_and_translation_stand_side_by_side(korean) -> None:
    doc = Doc(korean)
    rows = [[doc.text(cell) for cell in row.iter(f"{W}tc")] for row in doc.root.iter(f"{W}tr")]
    assert rows[0] == ["", "영어", "한국어"]
    assert ["s1.heading", "Act on United Nations Human Rights Recommendations"] in [row[:2] for row in rows]
    assert all(len(row) == 3 for row in rows)


def test_a_change_goes_into_the_catalogue_as_fuzzy_with_a_note(korean, korea, tmp_path) -> None:
    path = korea.translations / "ko" / "LC_MESSAGES" / f"{REAL}.po"
    before = path.read_text("utf-8")
    doc = Doc(korean).insert("s1.heading", "", " 요청").comment("s1.heading", "유엔", "Is this the usual term?")
    report = applying.apply(korea, returning.read_returned(korea, doc.save(tmp_path / "r.docx")), ["all"], now=NOW)
    assert [(c.label, c.kind, c.text) for c in report.changes] == [("s1.heading", "insert", " 요청")]
    assert report.written == (f"translations/ko/LC_MESSAGES/{REAL}.po",)
    old, new = before.split("\n"), path.read_text("utf-8").split("\n")
    added = [line for line in new if line not in old]
    assert added[0].startswith('"PO-Revision-Date: 2020-02-03')
    assert added[1:4] == [f"# review: changed by {AUTHOR}, {DATE[:10]}", f"# review: {AUTHOR}, {DATE[:10]}: Is this the usual term?", "#, fuzzy"]
    assert added[4].startswith('msgstr "')
    assert added[4].endswith(' 요청"')
    assert len(added) == 5
    assert len([line for line in old if line not in new]) == 2
    program = shutil.which("msgfmt")
    assert program
    subprocess.run([program, "-c", "-o", str(tmp_path / "x.mo"), str(path)], check=True, capture_output=True)


def test_only_what_was_touched_loses_its_translation(korean, korea, tmp_path) -> None:
    doc = Doc(korean).insert("p1", "", " 끝.")
    applying.apply(korea, returning.read_returned(korea, doc.save(tmp_path / "r.docx")), ["all"], now=NOW)
    source, _ = read_source(korea, REAL)
    assert source
    catalogues, _ = translation.load(korea, "ko", source.letter)
    fuzzy = [entry.source for each in catalogues.catalogs.values() for entry in each.active if entry.fuzzy]
    assert fuzzy == [next(s.text for s in source.letter.segments() if s.label == "p1")]


def test_a_new_translation_of_a_name_that_had_none(korean, korea, tmp_path) -> None:
    label = "sig.odhikar.name"
    report = applying.apply(korea, returning.read_returned(korea, Doc(korean).insert(label, "", "오디카르").save(tmp_path / "r.docx")), ["all"], now=NOW)
    assert not report.problems
    assert 'msgstr "오디카르"' in (korea.root / report.written[0]).read_text("utf-8")


def test_an_edit_of_the_source_column_is_reported_and_not_taken(korean, korea, tmp_path) -> None:
    doc = Doc(korean).delete("p1", "rapidly ", kind=marks.SOURCE)
    report = applying.apply(korea, returning.read_returned(korea, doc.save(tmp_path / "r.docx")), ["all"])
    assert [p.code for p in report.problems] == ["review-source"]
    assert report.written == ()


def test_a_source_that_changed_since_is_reported(korean, korea, tmp_path) -> None:
    letter = korea.content / REAL / "letter.md"
    letter.write_text(letter.read_text("utf-8").replace("to move rapidly to", "to move quickly to"), "utf-8")
    translation.update(korea, (REAL,))
    report = applying.apply(korea, returning.read_returned(korea, Doc(korean).insert("p1", "", " 끝.").save(tmp_path / "r.docx")), ["all"])
    assert [p.code for p in report.problems] == ["review-stale"]
    assert report.written == ()
