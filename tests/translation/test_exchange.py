"""Out to an agency and back: what returns is data, checked and reported."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engross import files
from engross.errors import OutsideError, Rejected, UsageError
from engross.project import Project
from engross.translation import catalog, workbook
from engross.translation.exchange import COLUMNS, ImportReport, export, import_file, read_returned
from engross.translation.hostile import Refused, xml_root
from engross.translation.po import Entry
from engross.translation.refresh import plan, write
from tests.translation.makers import CREATED, ID, domains, letter, message, msgfmt, project

NOW = datetime(2030, 3, 1, tzinfo=UTC)
HOSTILE = ("=1+2", "+1", "-1", "@SUM(A1)", "'quoted", '<b>"&amp;', "emoji 🙂 한국", "_x000D_ _x005F_", "tab\tinside")


@pytest.fixture
def space(tmp_path: Path) -> Project:
    made = project(tmp_path / "space")
    content = domains()
    content[ID] += [message("Same text", "paragraph"), message("Same text", "bullet")]
    write(made, plan(made, content, created=CREATED)[0])
    return made


def entries(made: Project, domain: str = ID) -> dict[tuple[str, str], Entry]:
    return catalog.read(made, catalog.catalog_path(made, "ko", domain))[0].by_key()


def edit(made: Project, change: Callable[[Entry], Entry]) -> None:
    path = catalog.catalog_path(made, "ko", ID)
    old, _ = catalog.read(made, path)
    path.write_bytes(catalog.dump(replace(old, entries=tuple(map(change, old.entries)))))


def out(made: Project, kind: str, folder: Path) -> list[Path]:
    paths = []
    for name, data in export(made, ID, "ko", kind).items():
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    return paths


def back(made: Project, path: Path) -> ImportReport:
    return import_file(made, ID, "ko", path, now=NOW)


def rows_of(path: Path) -> list[list[str]]:
    return [list(line.cells) + [""] * (len(COLUMNS) - len(line.cells)) for line in workbook.read(path.read_bytes())]


def save(path: Path, rows: list[list[str]]) -> None:
    path.write_bytes(workbook.write(rows, title="t", widths=(9,) * 6))


@pytest.mark.parametrize("kind", ["xlsx", "csv", pytest.param("xliff", marks=pytest.mark.real)])
def test_what_goes_out_and_comes_back_untouched_changes_nothing(space, kind, tmp_path):
    edit(space, lambda e: replace(e, text=f"{HOSTILE[len(e.source) % 6]} <b>{e.source}", fuzzy=e.role == "heading", notes=("a question",)))
    before = catalog.catalog_path(space, "ko", ID).read_bytes()
    for path in out(space, kind, tmp_path):
        report = back(space, path)
        assert (report.changed, report.problems, report.written) == ((), (), ())
        assert report.unchanged == (len(entries(space)) if path.name.startswith(ID) else 0)
    assert catalog.catalog_path(space, "ko", ID).read_bytes() == before


def test_an_agencys_workbook_is_taken_and_counts_as_translated(space, tmp_path):
    edit(space, lambda e: replace(e, text="옛 글", fuzzy=True, previous=("paragraph", "Thanks.")) if e.source == "Thank you." else e)
    (path,) = out(space, "xlsx", tmp_path)
    rows = rows_of(path)
    for row in rows[1:]:
        row[3] = f"번역: {row[1]}"
    save(path, rows)
    report = back(space, path)
    assert len(report.changed) == len(rows) - 1
    assert report.written == tuple(f"translations/ko/LC_MESSAGES/{domain}.po" for domain in (ID, "missions", "layouts"))
    thanks = entries(space)["paragraph", "Thank you."]
    assert (thanks.text, thanks.fuzzy, thanks.previous) == ("번역: paragraph", False, None)
    assert entries(space)["bullet", "Same text"].text == "번역: bullet"
    assert b"PO-Revision-Date: 2030-03-01 00:00+0000" in catalog.catalog_path(space, "ko", ID).read_bytes()
    assert msgfmt(catalog.catalog_path(space, "ko", ID).read_bytes(), tmp_path) == ""


def test_an_empty_cell_deletes_nothing_and_an_unchanged_fuzzy_stays_fuzzy(space, tmp_path):
    edit(space, lambda e: replace(e, text="글", fuzzy=e.source == "Thank you."))
    (path,) = out(space, "xlsx", tmp_path)
    rows = rows_of(path)
    for row in rows[1:]:
        row[3] = row[3] if row[2] == "Thank you." else ""
    save(path, rows)
    report = back(space, path)
    assert (report.changed, report.unchanged) == ((), 1)
    assert entries(space)["closing", "Sincerely,"].text == "글"


def test_unknown_and_ambiguous_texts_are_reported_with_their_row_and_skipped(space, tmp_path):
    path = tmp_path / "back.xlsx"
    save(path, [list(COLUMNS), [ID, "paragraph", "Not ours.", "x", "", ""], ["", "", "Same text", "y", "", ""], ["", "", "Thank you.", "감사합니다.", "", ""]])
    report = back(space, path)
    assert [(p.code, p.where.line, p.is_error) for p in report.problems] == [("unknown-text", 2, False), ("unknown-text", 3, False)]
    assert report.changed == ((ID, ("paragraph", "Thank you.")),)


def test_translations_are_text_on_one_line_in_nfc(space, tmp_path):
    path = tmp_path / "back.xlsx"
    save(path, [list(COLUMNS), [ID, "paragraph", "Thank you.", " 가\n나\t=1+1 ", "", ""]])
    back(space, path)
    assert entries(space)["paragraph", "Thank you."].text == "가 나 =1+1"


def test_control_characters_are_refused_with_their_row(space, tmp_path):
    path = tmp_path / "back.xlsx"
    save(path, [list(COLUMNS), [ID, "paragraph", "Thank you.", "a\x07b", "", ""]])
    before = catalog.catalog_path(space, "ko", ID).read_bytes()
    with pytest.raises(Rejected) as caught:
        back(space, path)
    assert [(p.code, p.where.line) for p in caught.value.problems] == [("bad-character", 2)]
    assert catalog.catalog_path(space, "ko", ID).read_bytes() == before


def test_every_cell_of_the_workbook_is_typed_text_and_reads_back(tmp_path):
    data = workbook.write([HOSTILE, HOSTILE], title="a/b", widths=(9,) * len(HOSTILE))
    assert [line.cells for line in workbook.read(data)] == [HOSTILE, HOSTILE]
    assert workbook.write([HOSTILE, HOSTILE], title="a/b", widths=(9,) * len(HOSTILE)) == data
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert len(re.findall("<c ", sheet)) == len(re.findall('t="inlineStr"', sheet)) == 2 * len(HOSTILE)
    assert "<f>" not in sheet


def test_shared_strings_and_runs_of_office_programs_are_read():
    data = workbook.write([["x"]], title="t", widths=(9,))
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    changed = repack(
        data,
        {
            "xl/sharedStrings.xml": f"<sst {main}><si><t>plain</t></si><si><r><t>two </t></r><r><t>runs</t></r><rPh sb='0' eb='1'><t>READING</t></rPh></si></sst>",
            "xl/worksheets/sheet1.xml": f'<worksheet {main}><sheetData><row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3" t="s"><v>1</v></c><c r="D3"><v>1950</v></c></row></sheetData></worksheet>',
        },
    )
    assert workbook.read(changed) == [workbook.Line(3, ("plain", "", "two runs", "1950"))]


def repack(data: bytes, parts: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts.get(name) or old.read(name))
    return stream.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1">{}</c></row></sheetData></worksheet>'
ENTITY = '<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (SHEET.format("<f>1+1</f><v>2</v>"), "formula"),
        (ENTITY + SHEET.format("<v>&b;</v>"), "document type"),
        (SHEET.format("<v>1</v>")[:-9], "well-formed"),
        (" " * (workbook.LARGEST + 1), "unpacks"),
        (SHEET.format("<v>1</v>").replace('r="A1"', 'r="ZZZ1"'), "column"),
        (SHEET.format("<v>7</v>").replace('r="A1"', 'r="A1" t="s"'), "not there"),
        (SHEET.format("<v>#REF!</v>").replace('r="A1"', 'r="A1" t="e"'), "error value"),
    ],
)
def test_a_workbook_that_is_more_than_a_table_is_refused(sheet, says):
    data = repack(workbook.write([["x"]], title="t", widths=(9,)), {"xl/worksheets/sheet1.xml": sheet})
    with pytest.raises(Refused, match=says):
        workbook.read(data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_encoding(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>{ENTITY}<x>&b;</x>'
    with pytest.raises(Refused, match="document type"):
        xml_root(text.encode(encoding))


def test_a_catalogue_saved_during_the_import_is_not_overwritten(space, tmp_path, monkeypatch):
    path = tmp_path / "back.xlsx"
    save(path, [list(COLUMNS), [ID, "paragraph", "Thank you.", "감사합니다.", "", ""]])
    real = files.write_atomic

    def saving_meanwhile(target, data, **more):
        edit(space, lambda e: replace(e, text="사람이 쓴 글"))
        real(target, data, **more)

    monkeypatch.setattr(files, "write_atomic", saving_meanwhile)
    with pytest.raises(files.StaleFile):
        back(space, path)
    assert entries(space)["paragraph", "Thank you."].text == "사람이 쓴 글"


@pytest.mark.parametrize(
    ("name", "data"), [("a.xlsx", b"PK\x03\x04 no"), ("a.xlsx", b""), ("a.csv", "domain\n한".encode("cp949")), ("a.csv", b"a,b\n"), ("a.xlf", b"<xliff"), ("a.xlf", b"<html/>")]
)
def test_what_is_not_an_exchanged_file_is_one_problem(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    found, problems = read_returned(path)
    assert found == []
    assert [p.code for p in problems] == ["bad-exchange"]


def test_a_table_saved_with_semicolons_is_read(space, tmp_path):
    (path,) = out(space, "csv", tmp_path)
    path.write_text(f"domain;role;source;translation\r\n{ID};paragraph;Thank you.;감사합니다.\r\n", encoding="utf-8-sig")
    assert back(space, path).changed == ((ID, ("paragraph", "Thank you.")),)


def test_csv_cells_are_no_formulas_in_a_spreadsheet(space, tmp_path):
    edit(space, lambda e: replace(e, text="=1+1"))
    (path,) = out(space, "csv", tmp_path)
    text = path.read_bytes().decode("utf-8-sig")
    assert "'=1+1" in text
    assert ",=1+1" not in text


# -- XLIFF


def xliff_of(made: Project, folder: Path) -> Path:
    return next(path for path in out(made, "xliff", folder) if path.name.startswith(ID))


@pytest.mark.real
def test_xliff_names_both_languages_and_carries_roles_and_comments(space, tmp_path):
    edit(space, lambda e: replace(e, notes=("a question",)))
    text = xliff_of(space, tmp_path).read_text()
    assert 'source-language="en-US"' in text
    assert 'target-language="ko-KR"' in text
    assert f'original="{ID}"' in text
    assert "a question" in text
    assert ">salutation<" in text


@pytest.mark.real
def test_an_agencys_xliff_is_taken_by_its_states_and_equal_texts_go_to_their_roles(space, tmp_path):
    path = xliff_of(space, tmp_path)
    text = path.read_text()
    count = 0

    def answer(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        state = "needs-review-translation" if "Thank you." in match[1] else "translated"
        return f'{match[1]}<target state="{state}">번역 {count}</target>'

    path.write_text(re.sub(r"(<source>[^<]*</source>\s*)<target\s*/>", answer, text.replace("<target></target>", "<target/>")))
    report = back(space, path)
    assert report.problems == ()
    assert len(report.changed) == count == len(entries(space))
    found = entries(space)
    assert found["paragraph", "Thank you."].fuzzy
    assert found["salutation", "Dear Minister,"].translated
    assert found["paragraph", "Same text"].text != found["bullet", "Same text"].text


@pytest.mark.real
@pytest.mark.parametrize(("old", "new", "says"), [("<xliff", f"{ENTITY}<xliff", "document type"), ("<source>Thank you.", "<source><g id='1'>Thank</g> you.", "elements")])
def test_xliff_with_entities_or_inline_elements_is_refused(space, tmp_path, old, new, says):
    path = xliff_of(space, tmp_path)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(Rejected) as caught:
        back(space, path)
    (problem,) = caught.value.problems
    assert problem.code == "bad-exchange"
    assert says in problem.message
    assert problem.where.line


def test_a_missing_program_is_the_outside_worlds_fault(space, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutsideError, match="po2xliff is not installed"):
        export(space, ID, "ko", "xliff")


def test_wrong_requests_are_told(space, tmp_path):
    with pytest.raises(UsageError):
        export(space, ID, "en", "xlsx")
    with pytest.raises(UsageError):
        export(space, ID, "ko", "pdf")
    with pytest.raises(UsageError):
        read_returned(tmp_path / "nothing.xlsx")
    with pytest.raises(Rejected):
        export(space, "no-such-letter", "ko", "xlsx")


def test_the_letter_under_test_has_a_message_for_each_of_its_texts():
    assert {m.text for m in domains()[ID]} >= {s.text for s in letter().segments() if s.domain == ID and not s.label.startswith("sig.gone")}
