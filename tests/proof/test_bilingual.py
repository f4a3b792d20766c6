"""The proof of a bilingual edition finds what is planted in either column, in Word and in PDF, and nothing where nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from engross import collation
from engross.edition import prepare
from engross.labels import Labels
from engross.letter import Letter
from engross.plan import source_labels
from engross.project import find
from engross.proof.bilingual import prove_bilingual, unlisted
from engross.proof.finding import Finding
from engross.render import bilingual
from engross.render.bilingual import Flag, Row
from engross.render.layout import Layout
from engross.render.word import bilingual as word
from tests.conftest import REPO
from tests.proof.faults import CHANGED, DOUBLED, FIGURE, LANGUAGE, MISSING, ORDER

LETTER = "2018-06-06-dprk"
KINDS = ("bilingual-docx", "bilingual-pdf")
Plant = Callable[[list[Row]], list[Row]]


@dataclass(frozen=True)
class Sheet:
    """A few rows of the first letter in Korean, and how they are set."""

    rows: tuple[Row, ...]
    letter: Letter
    labels: Labels
    layout: Layout

    def made(self, kind: str, rows: Sequence[Row]) -> bytes:
        render = bilingual.pdf if kind == "bilingual-pdf" else word.render
        return render(rows, self.letter, self.labels, self.layout)

    def found(self, kind: str, data: bytes, pages: int | None = None) -> list[Finding]:
        return prove_bilingual(kind, data, self.rows, self.letter, self.labels, self.layout, pages)


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    project = find(REPO)
    edition = prepare(project, LETTER, ["ko"], official=False)
    rows = list(collation.rows(project, edition.letter, "ko")[:24])
    flagged = next(i for i, row in enumerate(rows) if row.label == "s1.p1")
    rows[flagged] = replace(rows[flagged], flags=(Flag("figures", "the source has 18 million, the translation 1,900", "warning"),))
    layout = Layout(project.layouts, project.locale("ko"), project.settings.locales)
    return Sheet(tuple(rows), edition.versions["ko"].letter, source_labels(project), layout)


def at(label: str, change: Callable[[Row], list[Row]]) -> Plant:
    """Put other rows in the place of one."""

    def plant(rows: list[Row]) -> list[Row]:
        assert any(row.label == label for row in rows), f"no row has the label {label}"
        return [new for row in rows for new in (change(row) if row.label == label else [row])]

    return plant


def column(side: str, old: str, new: str) -> Callable[[Row], list[Row]]:
    """Other words in one column."""

    def change(row: Row) -> list[Row]:
        segment = getattr(row, side)
        assert old in segment.text, segment.text
        return [replace(row, **{side: replace(segment, text=segment.text.replace(old, new, 1))})]

    return change


def swapped(rows: list[Row]) -> list[Row]:
    i = next(i for i, row in enumerate(rows) if row.label == "s1.b3")
    return [*rows[:i], rows[i + 1], rows[i], *rows[i + 2 :]]


FAULTS: list[tuple[str, Plant, str, tuple[str, ...]]] = [
    ("a row is gone", at("p3", lambda _: []), "p3.en", (MISSING,)),
    ("a row stands twice", at("s1.b1", lambda row: [row, row]), "s1.b1.en", (DOUBLED,)),
    ("two rows changed places", swapped, "s1.b3.en", (ORDER,)),
    ("a figure is another in the source", at("s1.p2", column("source", "2017", "2071")), "s1.p2.en", (FIGURE,)),
    ("a figure is another in the translation", at("p2", column("target", "27일", "29일")), "p2.ko", (FIGURE,)),
    ("a word is another in the translation", at("salutation", column("target", "국무위원장님께", "국무위원님께")), "salutation.ko", (CHANGED,)),
    ("the translation's place holds the source", at("s1.p3", lambda row: [replace(row, target=row.source)]), "s1.p3.ko", (LANGUAGE,)),
    ("the source's place holds the translation", at("a1.title", lambda row: [replace(row, source=row.target)]), "a1.title.en", (LANGUAGE, MISSING)),
    ("what is said against a translation is gone", at("s1.p1", lambda row: [replace(row, flags=())]), "s1.p1.flag1", (MISSING,)),
]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_found_where_nothing_is_wrong(sheet: Sheet, kind: str) -> None:
    assert sheet.found(kind, sheet.made(kind, sheet.rows)) == []


@pytest.mark.parametrize(("plant", "label", "codes"), [entry[1:] for entry in FAULTS], ids=[entry[0] for entry in FAULTS])
def test_a_fault_is_found_in_word(sheet: Sheet, plant: Plant, label: str, codes: tuple[str, ...]) -> None:
    found = sheet.found("bilingual-docx", sheet.made("bilingual-docx", plant(list(sheet.rows))))
    assert {(label, code) for code in codes} & {(f.label, f.code) for f in found}, [str(f) for f in found]


def test_all_faults_are_found_in_one_pdf_with_their_places(sheet: Sheet) -> None:
    rows = list(sheet.rows)
    for _, plant, _, _ in FAULTS:
        rows = plant(rows)
    found = sheet.found("bilingual-pdf", sheet.made("bilingual-pdf", rows), pages=9)
    missed = [name for name, _, label, codes in FAULTS if not {(label, code) for code in codes} & {(f.label, f.code) for f in found}]
    assert not missed, [str(f) for f in found]
    assert "proof-pages" in {f.code for f in found}
    assert all(f.places for f in found if f.code in (FIGURE, CHANGED, DOUBLED, LANGUAGE, ORDER))


@pytest.mark.parametrize("kind", KINDS)
def test_counts_that_are_not_those_of_the_rows_are_found(sheet: Sheet, kind: str) -> None:
    unflagged = [replace(row, flags=()) for row in sheet.rows]
    assert "counts" in {f.label for f in sheet.found(kind, sheet.made(kind, unflagged))}


def test_a_printed_text_without_a_row_is_found() -> None:
    project = find(REPO)
    edition = prepare(project, LETTER, ["ko"], official=False)
    rows, letter = collation.rows(project, edition.letter, "ko"), edition.versions["ko"].letter
    assert unlisted(rows, letter) == []
    assert [f.label for f in unlisted([row for row in rows if row.label != "s1.b3"], letter)] == ["s1.b3"]


@pytest.mark.parametrize("kind", KINDS)
def test_another_letters_seal_and_a_file_that_is_none_are_found(sheet: Sheet, kind: str) -> None:
    other = replace(sheet, letter=replace(sheet.letter, edition=2))
    assert "seal" in {f.label for f in sheet.found(kind, other.made(kind, sheet.rows[:3])) if f.code == "proof-margin"}
    assert [f.code for f in sheet.found(kind, b"\xff\xfe not a document")] == ["proof-unreadable"]
