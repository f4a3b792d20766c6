"""A CSV file as rows of cells that know where they stand (RFC 4180: commas, double quotes, quoted line breaks).

Written by hand because `csv.reader` tells only the last line of a row, no column, and stops at the first stray quotation mark.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import field

from engross.content.fields import nearest
from engross.errors import Position, Problem
from engross.values import value_class

_SEPARATORS = {";": "semicolons", "\t": "tabs"}


@value_class
class Cell:
    """One value, stripped of outer spaces."""

    text: str
    where: Position
    quoted: bool = False


@value_class
class Row:
    """One record by column name; columns the file lacks are empty."""

    where: Position
    cells: dict[str, Cell] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Cell:
        return self.cells.get(column) or Cell("", self.where)


def read_table(text: str, path: str, columns: Collection[str], required: Collection[str]) -> tuple[list[Row], list[Problem]]:
    """The file's records, without those that are too long or short, and its faults: `unbalanced-quotes`, `bad-separator`, `unknown-column`, `missing-column`, `duplicate-column`, `short-row`, `long-row`."""
    problems: list[Problem] = []
    records = [record for record in _records(text, path, problems) if any(cell.text for cell in record)]
    if not records:
        return [], [*problems, Problem("missing-column", "the file is empty", Position(path), f"the first line names the columns: {','.join(columns)}")]
    header, *rest = records
    separator = next((sign for sign in _SEPARATORS if len(header) == 1 and sign in header[0].text), "")
    if separator:
        return [], [*problems, Problem("bad-separator", f"columns are separated by {_SEPARATORS[separator]}", header[0].where, "save the file as CSV separated by commas")]
    faults = list(_header_faults(header, path, columns, required))
    problems += faults
    if any(fault.code == "missing-column" for fault in faults):
        return [], problems
    rows = []
    for record in rest:
        if len(record) != len(header):
            problems.append(_length_fault(record, len(header)))
        else:
            rows.append(Row(record[0].where, dict(zip((cell.text for cell in header), record, strict=True))))
    return rows, problems


def _header_faults(header: list[Cell], path: str, columns: Collection[str], required: Collection[str]) -> Iterator[Problem]:
    names = [cell.text for cell in header]
    for index, cell in enumerate(header):
        if cell.text not in columns:
            yield Problem("unknown-column", f"there is no column {cell.text!r}", cell.where, nearest(cell.text, columns, "columns"))
        elif cell.text in names[:index]:
            yield Problem("duplicate-column", f"the column {cell.text!r} stands twice", cell.where)
    for name in required:
        if name not in names:
            yield Problem("missing-column", f"the column {name!r} is missing", Position(path, header[0].where.line), f"the first line names the columns: {','.join(columns)}")


def _length_fault(record: list[Cell], width: int) -> Problem:
    short = len(record) < width
    where = record[-1].where if short else record[width].where
    hint = "a comma is missing, or the row is cut off" if short else "put a value that holds a comma between double quotes"
    return Problem("short-row" if short else "long-row", f"{len(record)} values where the first line names {width} columns", where, hint)


def _records(text: str, path: str, problems: list[Problem]) -> Iterator[list[Cell]]:
    """Every record, with the line and column of each cell."""
    at, line, line_start = 0, 1, 0
    record: list[Cell] = []
    while at < len(text):
        where = Position(path, line, at - line_start + 1)
        cell, end = _cell(text, at, where, problems)
        record.append(cell)
        broken = text.count("\n", at, end)
        if broken:
            line, line_start = line + broken, text.rindex("\n", at, end) + 1
        at = end + 1
        if end >= len(text) or text[end] == "\n":
            yield record
            record, line, line_start = [], line + 1, at
        elif at == len(text):
            yield [*record, Cell("", Position(path, line, at - line_start + 1))]


def _cell(text: str, at: int, where: Position, problems: list[Problem]) -> tuple[Cell, int]:
    """The cell that begins at `at`, and the index of the comma or line end that ends it."""
    start = at
    while start < len(text) and text[start] == " ":
        start += 1
    if text[start : start + 1] != '"':
        end = _end(text, at)
        value = text[at:end]
        if '"' in value:
            problems.append(
                Problem("unbalanced-quotes", "a quotation mark inside an unquoted value", where, 'put the value between double quotes and double those inside: "the ""best"" one"')
            )
        return Cell(value.strip(), where), end
    close = start + 1
    while True:
        close = text.find('"', close)
        if close < 0:
            problems.append(Problem("unbalanced-quotes", "a quotation mark is never closed", where, "close it at the end of the value"))
            end = _end(text, at)
            return Cell(text[start + 1 : end].strip(), where), end
        if text[close + 1 : close + 2] != '"':
            break
        close += 2
    end = _end(text, close + 1)
    if text[close + 1 : end].strip():
        problems.append(Problem("unbalanced-quotes", "text follows a closed quotation mark", where, 'double the marks inside a value: "the ""best"" one"'))
    return Cell(text[start + 1 : close].replace('""', '"').strip(), where, quoted=True), end


def _end(text: str, at: int) -> int:
    """Where an unquoted value ends."""
    comma, newline = text.find(",", at), text.find("\n", at)
    return min(index if index >= 0 else len(text) for index in (comma, newline))
