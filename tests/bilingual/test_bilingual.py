"""The bilingual edition: what a second reader sees of a translation that has every kind of fault."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from datetime import date
from importlib import import_module

import mammoth
import pytest

from engross import collation, edition, inspection, plan
from engross.conformance import check
from engross.errors import Rejected, UsageError
from engross.project import find
from engross.render import bilingual
from engross.render.bilingual import cut
from engross.render.word import bilingual as word
from tests.conftest import REPO, copy_workspace

NAME = "2018-06-06-dprk"
QUESTION = "QUESTION to the desk: which letter is meant?"


@pytest.fixture(scope="module")
def flawed(tmp_path_factory):
    """The first letter, whose Korean has a fuzzy paragraph with a question, an empty bullet and a wrong figure."""
    root = copy_workspace(REPO, tmp_path_factory.mktemp("flawed") / "workspace")
    file = root / "translations" / "ko" / "LC_MESSAGES" / f"{NAME}.po"
    text = file.read_text()
    at = text.index('msgctxt "paragraph"')
    text = f'{text[:at]}# {QUESTION}\n#, fuzzy\n#| msgid "As it was before."\n{text[at:]}'
    start = text.index('msgstr "', text.index('msgctxt "bullet"')) + len('msgstr "')
    text = text[:start] + text[text.index('"\n', start) :]
    assert "1,800만" in text
    file.write_text(text.replace("1,800만", "1,900만"))
    return find(root)


@pytest.fixture(scope="module")
def draft(flawed):
    return edition.prepare(flawed, NAME, ["ko"], official=False)


@pytest.fixture(scope="module")
def rows(flawed, draft):
    return collation.rows(flawed, draft.letter, "ko")


def row(rows, code):
    return next(row for row in rows if any(flag.code == code for flag in row.flags))


def test_every_text_that_reaches_a_reader_is_a_row(draft, rows):
    from engross.translation import printed_segments

    texts = {(segment.role, segment.text) for segment in printed_segments(draft.letter)}
    assert texts <= {(row.role, row.source.text) for row in rows}
    assert any(row.role == "label" for row in rows)
    assert len({(row.source.domain, row.role, row.source.text) for row in rows}) == len(rows)


def test_what_is_wrong_stands_beside_its_text(rows):
    fuzzy = row(rows, "fuzzy")
    assert "As it was before." in fuzzy.flags[0].message
    assert fuzzy.target.text.endswith("촉구합니다.")
    assert [flag.message for flag in fuzzy.flags if flag.code == "comment"] == [QUESTION]
    assert row(rows, "untranslated").target.text == row(rows, "untranslated").source.text
    figures = row(rows, "figures")
    assert "1,900만" in figures.target.text
    assert "18 million" in figures.source.text
    assert {flag.code for flag in figures.flags} == {"figures", "changed"}
    assert sum(bool(row.flags) for row in rows) == 3


def test_terms_are_found_in_both_texts(rows):
    terms = {term.source: term.target for row in rows for term in row.terms}
    assert terms["human rights"] == "인권"
    assert terms["Democratic People’s Republic of Korea"] == "조선민주주의인민공화국"
    assert all(target in row.target.text for row in rows for target in [term.target for term in row.terms] if not row.source.markup)


def test_spanish_terms_are_found_in_their_inflected_forms():
    project = find(REPO)
    letter = edition.prepare(project, NAME, ["es"], official=False).letter
    found = [term for row in collation.rows(project, letter, "es") for term in row.terms]
    assert sum(bool(term.target) for term in found) > 0.9 * len(found)
    assert any(term.target and term.target.lower() not in [required.lower() for required in term.required] for term in found)


def test_differing_renderings_of_a_term_are_listed(rows):
    line = next(line for line in bilingual.glossary(rows) if line.term == "human rights")
    assert line.used == ("인권",)
    other = replace(rows[0], terms=(bilingual.Term("human rights", "human rights", "사람의 권리", ("인권",)),))
    line = next(line for line in bilingual.glossary([*rows, other]) if line.term == "human rights")
    assert line.used[-1] == "사람의 권리 (1)"


@pytest.mark.parametrize(
    ("text", "phrases", "expected"),
    [
        ("the UN and the UNHCR", ["UN"], [("the ", False), ("UN", True), (" and the UNHCR", False)]),
        ("유엔의 유엔 총회", ["유엔", "유엔 총회"], [("유엔", True), ("의 ", False), ("유엔 총회", True)]),
        ("a (b)* c", ["(b)*"], [("a ", False), ("(b)*", True), (" c", False)]),
        ("", ["x"], []),
        ("abc", [""], [("abc", False)]),
    ],
)
def test_phrases_are_cut_out_of_a_text(text, phrases, expected):
    assert cut(text, phrases) == expected


@pytest.fixture(scope="module")
def few(rows):
    """A dozen rows, the flagged ones among them, one with texts that would be markup."""
    chosen = [each for each in rows if each.flags] + list(rows[:8])
    hostile = chosen[-1]
    target = replace(hostile.target, text="<script>alert(1)</script> {{ letter }} & “x”", markup=False)
    return (*dict.fromkeys(chosen[:-1]), replace(hostile, target=target))


@pytest.fixture(scope="module")
def task(flawed, draft):
    return plan.tasks(flawed, draft, ["bilingual"], "a4")[0]


def test_the_pdf_says_it_all(few, task, tmp_path):
    made = bilingual.pdf(few, task.version.letter, task.english, task.layout)
    assert made == bilingual.pdf(few, task.version.letter, task.english, task.layout)
    (tmp_path / "x.pdf").write_bytes(made)
    text = " ".join(subprocess.run(["pdftotext", "-raw", "x.pdf", "-"], cwd=tmp_path, capture_output=True, check=True, text=True).stdout.split())
    for expected in (QUESTION, "As it was before.", "Remarks", "English", "Korean", "<script>alert(1)</script> {{ letter }} & “x”", "Page 1 of", "Required rendering"):
        assert expected in text


def test_the_pdf_keeps_the_standards_it_claims(few, task):
    assert check(bilingual.pdf(few, task.version.letter, task.english, task.layout)) == []


def test_the_word_document_is_a_table_to_write_into(few, task):
    made = word.render(few, task.version.letter, task.english, task.layout)
    assert made == word.render(few, task.version.letter, task.english, task.layout)
    html = mammoth.convert_to_html(io.BytesIO(made)).value
    assert html.count("<tr>") == len(few) + 1 + len(bilingual.glossary(few)) + 1
    for expected in (QUESTION, "As it was before.", "Remarks", "&lt;script&gt;alert(1)&lt;/script&gt; {{ letter }} &amp; “x”"):
        assert expected in html


def test_the_word_document_is_valid(few, task, tmp_path):
    (tmp_path / "x.docx").write_bytes(word.render(few, task.version.letter, task.english, task.layout))
    result = import_module("openxml_audit").OpenXmlValidator().validate(tmp_path / "x.docx")  # it has no types
    assert result.is_valid, [str(error) for error in result.errors]


def test_it_is_a_working_copy(flawed, draft):
    assert {task.format for task in plan.tasks(flawed, draft, [], "a4")} == set(plan.FORMATS)
    with pytest.raises(UsageError):
        plan.tasks(flawed, replace(draft, official=True), ["bilingual"], "a4")
    source = edition.prepare(flawed, NAME, ["en"], official=False)
    with pytest.raises(UsageError):
        plan.tasks(flawed, source, ["bilingual"], "a4")


def test_a_check_that_may_be_waived_stops_the_official_letter_and_its_approval_but_no_draft(flawed, draft):
    assert "figures" in {problem.code for problem in draft.unfinished}
    for attempt in (lambda: edition.prepare(flawed, NAME, ["ko"], official=True), lambda: inspection.approve(flawed, NAME, "ko", "reader", date(2030, 1, 31))):
        with pytest.raises(Rejected) as caught:
            attempt()
        assert "figures" in {problem.code for problem in caught.value.problems}
