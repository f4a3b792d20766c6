"""Catalogues out to an agency and back: as a workbook or a CSV table for people who work in a spreadsheet, as XLIFF for those who work in a CAT tool.

What comes back is data: only texts that the catalogues know are taken, a translation is never deleted, and what is taken counts as translated but not
approved. Everything else is reported.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from engross.errors import Position, Problem, Rejected, Severity, UsageError
from engross.project import Project
from engross.translation import catalog, workbook, xliff
from engross.translation.hostile import Refused
from engross.translation.po import REPORT_DOMAIN, SHARED_DOMAINS, Catalog, Entry, Key
from engross.translation.refresh import Change, write
from engross.values import value_class

COLUMNS = ("domain", "role", "source", "translation", "state", "comment")
WIDTHS = (18, 14, 70, 70, 12, 40)
KINDS = ("xlsx", "csv", "xliff")
STATES = ("translated", "fuzzy", "empty")

_FORMULA = re.compile(r"[=+\-@\t\r]")


@value_class
class Returned:
    """A translation that came back."""

    domain: str
    """Empty when the file does not say."""
    role: str
    """Empty when the file does not say."""
    source: str
    text: str
    fuzzy: bool
    line: int = 0
    """Row or line in the file, 0 when it has none."""
    explicit: bool = False
    """Whether `fuzzy` was decided with this text. A cell of a table is not: it may just have been left as it was."""


@value_class
class ImportReport:
    """What an import did."""

    changed: tuple[tuple[str, Key], ...]
    """Domain and key of the entries that have another translation or state now."""
    unchanged: int
    written: tuple[str, ...]
    problems: tuple[Problem, ...]
    """Warnings: texts nobody asked for, texts that came back empty."""


def export(project: Project, name: str, lang: str, kind: str) -> dict[str, bytes]:
    """The letter's catalogues in one language, by file name: one table, or one XLIFF file for each domain. `report` names the delivery report's words.

    Raises:
        UsageError: the kind is unknown, or the language is the source's.
        Rejected: a catalogue is missing or broken.
        OutsideError: po2xliff is not installed or failed.
    """
    catalogs = _catalogs(project, name, lang)
    if kind == "xliff":
        source, target = project.locale(project.settings.languages[0]).tag, project.locale(lang).tag
        return {f"{domain}.{lang}.xlf": xliff.write(each, original=domain, source_tag=source, target_tag=target) for domain, each in catalogs.items()}
    rows = [COLUMNS, *((domain, *_cells(entry)) for domain, each in catalogs.items() for entry in each.active)]
    if kind == "xlsx":
        return {f"{name}.{lang}.xlsx": workbook.write(rows, title=f"{name} {lang}", widths=WIDTHS)}
    if kind == "csv":
        return {f"{name}.{lang}.csv": _csv(rows)}
    raise UsageError(f"there is no exchange format {kind!r}", hint=f"it is one of {', '.join(KINDS)}")


def import_file(project: Project, name: str, lang: str, path: Path, *, now: datetime | None = None) -> ImportReport:
    """Take the translations of a file that came back into the letter's catalogues, or into that of the `report`.

    Raises:
        UsageError: the file's name has no ending that says what it is, there is no such file, or it is of another language.
        Rejected: the file or a catalogue is broken; nothing was written.
        StaleFile: somebody saved a catalogue meanwhile; that file was not written.
        OutsideError: xliff2po is not installed or failed.
    """
    catalogs = _catalogs(project, name, lang)
    returned, problems = read_returned(path)
    if any(problem.is_error for problem in problems):
        raise Rejected(problems)
    _require_language(project, lang, path)
    changed: list[tuple[str, Key]] = []
    unchanged = 0
    updates: dict[str, dict[Key, Entry]] = {domain: {} for domain in catalogs}
    for row in returned:
        target = _target(row, catalogs, path.name)
        if isinstance(target, Problem):
            problems.append(target)
            continue
        domain, entry = target
        fuzzy = row.fuzzy and (row.explicit or row.text == entry.text)
        new = replace(entry, text=row.text, fuzzy=fuzzy, previous=entry.previous if fuzzy else None)
        if (new.text, new.fuzzy) == (entry.text, entry.fuzzy):
            unchanged += 1
        else:
            changed.append((domain, entry.key))
            updates[domain][entry.key] = new
    stamp = catalog.stamp(now or datetime.now(UTC))
    changes = [_change(project, lang, domain, catalogs[domain], new, stamp) for domain, new in updates.items() if new]
    write(project, changes)
    return ImportReport(tuple(dict.fromkeys(changed)), unchanged, tuple(change.path for change in changes), tuple(problems))


def _require_language(project: Project, lang: str, path: Path) -> None:
    """Refuse a file that says it is of another language, as an exported one does by its name and XLIFF by itself: each of its texts would take the place of a good one."""
    named = [code for part in path.name.split(".")[1:-1] if (code := part.split(" ")[0].split("(")[0]) in project.settings.languages]
    wrong = f"its name says {named[-1]}" if named and lang not in named else ""
    if path.suffix.lower() in (".xlf", ".xliff"):
        mine = project.locale(lang).tag.split("-")[0].lower()
        others = sorted(tag for tag in xliff.target_languages(path.read_bytes()) if tag.split("-")[0].lower() != mine)
        wrong = f"it says that it is translated into {others[0]}" if others else wrong
    if wrong:
        raise UsageError(
            f"{path.name} is of another language than {lang}: {wrong}", hint=f"import it with its own language; if it does hold {lang}, correct what it says of itself"
        )


def read_returned(path: Path) -> tuple[list[Returned], list[Problem]]:
    """The translations in a file, and what is wrong with it. Rows without a translation are left out.

    Raises:
        UsageError: the file's name has no ending that says what it is, or there is no such file.
        OutsideError: xliff2po is not installed or failed.
    """
    kind = {".xlsx": "xlsx", ".csv": "csv", ".xlf": "xliff", ".xliff": "xliff"}.get(path.suffix.lower())
    if not kind or not path.is_file():
        raise UsageError(f"{path.name}: {'there is no such file' if kind else 'the ending does not say what it is'}", hint="give a file that ends in .xlsx, .csv or .xlf")
    if path.stat().st_size > workbook.LARGEST:
        return [], [Problem("bad-exchange", "the file is larger than a letter can be", Position(path.name))]
    data = path.read_bytes()
    try:
        if kind == "xliff":
            domain = path.name.split(".")[0]
            found = [Returned(domain, e.role, e.source, _clean(e.text), e.fuzzy, explicit=True) for e in xliff.read(data) if e.text.strip()]
        else:
            found = _table(workbook.read(data) if kind == "xlsx" else _csv_lines(data))
    except Refused as refused:
        return [], [Problem("bad-exchange", refused.message, Position(path.name, refused.line), refused.hint)]
    problems = [
        Problem("bad-character", f"the translation of {_short(row.source)} has the control character U+{ord(c):04X}", Position(path.name, row.line), "delete it")
        for row in found
        for c in sorted(set(row.text))
        if unicodedata.category(c) in ("Cc", "Cs")
    ]
    return found, problems


def _catalogs(project: Project, name: str, lang: str) -> dict[str, Catalog]:
    if lang == project.settings.languages[0]:
        raise UsageError(f"{lang} is the language the letters are written in", hint="export a language they are translated into")
    catalogs: dict[str, Catalog] = {}
    problems: list[Problem] = []
    for domain in (name,) if name == REPORT_DOMAIN else (name, *SHARED_DOMAINS):
        path = catalog.catalog_path(project, lang, domain)
        catalogs[domain], found = catalog.read(project, path)
        problems += found
        if not found and not catalogs[domain].data:
            problems.append(Problem("untranslated", "there is no such catalogue yet", Position(project.relative(path)), "run `engross update`"))
    if any(problem.is_error for problem in problems):
        raise Rejected(problems)
    return catalogs


def _cells(entry: Entry) -> tuple[str, ...]:
    state = "fuzzy" if entry.fuzzy else "translated" if entry.text else "empty"
    comment = "\n".join([*entry.comments, *(f"> {note}" for note in entry.notes), *([f"previously: {entry.previous[1]}"] if entry.previous else [])])
    return entry.role, entry.source, entry.text, state, comment


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    """UTF-8 with BOM and CRLF, as Excel reads it; a cell that would be a formula there begins with an apostrophe."""
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([f"'{cell}" if _FORMULA.match(cell) or cell.startswith("'") else cell for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _csv_lines(data: bytes) -> list[workbook.Line]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused("the table is not UTF-8", "save it as “CSV UTF-8”, or send the workbook", line) from error
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    lines: list[workbook.Line] = []
    try:
        while (row := next(reader, None)) is not None:
            lines.append(workbook.Line(reader.line_num, tuple(cell[1:] if re.match(r"'[=+\-@\t\r']", cell) else cell for cell in row)))
    except csv.Error as error:
        raise Refused(f"it is not a table: {error}", line=reader.line_num) from error
    return lines


def _table(lines: Sequence[workbook.Line]) -> list[Returned]:
    head = [cell.strip().lower() for cell in lines[0].cells] if lines else []
    missing = [name for name in COLUMNS[:4] if name not in head]
    if missing:
        raise Refused(f"the table has no column {', '.join(missing)}", f"its first row names the columns: {', '.join(COLUMNS)}", 1)
    rows: list[Returned] = []
    for line in lines[1:]:
        cells = dict(zip(head, line.cells, strict=False))
        text = _clean(cells.get("translation", ""))
        if text:
            rows.append(
                Returned(cells.get("domain", "").strip(), cells.get("role", "").strip(), cells["source"], text, cells.get("state", "").strip().lower() == "fuzzy", line.number)
            )
    return rows


def _clean(text: str) -> str:
    """One line in NFC, as catalogues hold it."""
    return unicodedata.normalize("NFC", re.sub(r"[ \t\r\n]+", " ", text).strip())


def _target(row: Returned, catalogs: dict[str, Catalog], file: str) -> tuple[str, Entry] | Problem:
    """The entry a returned translation belongs to. Domain and role may have got lost on the way, as long as the source text says which it is."""
    source = row.source.strip()
    found = [
        (domain, entry)
        for domain, each in catalogs.items()
        if row.domain in ("", domain) or row.domain not in catalogs
        for entry in each.active
        if entry.source.strip() == source and row.role in ("", entry.role)
    ]
    if len(found) == 1:
        return found[0]
    message = f"the letter has no such text: {_short(source)}" if not found else f"the file does not say which of {len(found)} equal texts it means: {_short(source)}"
    hint = "the source text was changed, in the file or in the letter since" if not found else "keep the columns domain and role"
    return Problem("unknown-text", message, Position(file, row.line), hint, Severity.WARNING)


def _change(project: Project, lang: str, domain: str, old: Catalog, new: dict[Key, Entry], stamp: str) -> Change:
    entries = tuple(entry if entry.obsolete else new.get(entry.key, entry) for entry in old.entries)
    header = dict(old.header) | {"PO-Revision-Date": stamp}
    path = project.relative(catalog.catalog_path(project, lang, domain))
    return Change(path, domain, lang, old.data, catalog.dump(replace(old, entries=entries, header=header)))


def _short(text: str, limit: int = 60) -> str:
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
