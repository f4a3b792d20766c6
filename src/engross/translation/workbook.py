"""A table as an Office Open XML workbook (ECMA-376) and back: one sheet, every cell typed as text, so that nothing is ever a formula or a date.

Reading trusts nothing: sizes are bounded before unpacking, a document type declaration is refused, entities are not expanded, formulas are refused.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from engross.translation.hostile import Refused, xml_root
from engross.values import value_class

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST = 20_000_000
"""Bytes that a workbook may unpack to, and that any exchanged file may have."""
MOST_PARTS = 200
NO_WORKBOOK = "save it in the spreadsheet program as .xlsx (Excel workbook) or as CSV UTF-8"

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@value_class
class Line:
    """A row of the sheet."""

    number: int
    """1-based, as the spreadsheet program shows it."""
    cells: tuple[str, ...]


def write(rows: Sequence[Sequence[str]], *, title: str, widths: Sequence[int]) -> bytes:
    """The workbook; the first row is the heading and stays in view. Equal rows give equal bytes."""
    columns = "".join(f'<col min="{n}" max="{n}" width="{width}" customWidth="1" style="1"/>' for n, width in enumerate(widths, 1))
    body = "".join(_row(number, row) for number, row in enumerate(rows, 1))
    view = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    sheet = f'{_HEAD}<worksheet xmlns="{_MAIN}">{view}<cols>{columns}</cols><sheetData>{body}</sheetData></worksheet>'
    parts = {**_FRAME, "xl/workbook.xml": _WORKBOOK.format(title=escape(title[:31], {'"': "&quot;"})), "xl/worksheets/sheet1.xml": sheet}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name, _EPOCH), text.encode(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def read(data: bytes) -> list[Line]:
    """The rows of the first sheet that have any text.

    Raises:
        Refused: it is no workbook, too large, or holds what no translation needs: formulas, entities, document types.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > LARGEST:
                raise Refused("the workbook unpacks to more than a letter can hold")
            names = {info.filename for info in infos}
            sheets = sorted((n for n in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", n)), key=lambda n: int(re.sub(r"\D", "", n)))
            if not sheets:
                raise Refused("it is not a workbook", NO_WORKBOOK)
            shared = xml_root(_part(package, "xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else None
            return list(_lines(xml_root(_part(package, sheets[0])), [] if shared is None else [_text(si) for si in shared.findall(f"{{{_MAIN}}}si")]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Refused(f"it is not a workbook: {error}", NO_WORKBOOK) from error


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a part; what the directory says of its size is not believed."""
    with package.open(name) as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Refused("the workbook unpacks to more than a letter can hold")
    return data


def _lines(root: _Element, shared: list[str]) -> Iterator[Line]:
    for position, row in enumerate(root.iter(f"{{{_MAIN}}}row"), 1):
        number = int(row.get("r") or position)
        cells: list[str] = []
        for cell in row.findall(f"{{{_MAIN}}}c"):
            at = _column(cell.get("r") or "") or len(cells)
            if at > MOST_PARTS:
                raise Refused(f"row {number} has a cell in column {at}")
            cells += [""] * (at + 1 - len(cells))
            cells[at] = _cell(cell, shared, number)
        if any(cells):
            yield Line(number, tuple(cells))


def _cell(cell: _Element, shared: list[str], number: int) -> str:
    if cell.find(f"{{{_MAIN}}}f") is not None:
        raise Refused(f"row {number} holds a formula", "paste it as text")
    kind = cell.get("t") or "n"
    value: Any = cell.findtext(f"{{{_MAIN}}}v") or ""
    if kind == "inlineStr":
        return _text(cell)
    if kind == "s":
        if not value.isdigit() or int(value) >= len(shared):
            raise Refused(f"row {number} refers to a text that is not there")
        return shared[int(value)]
    if kind == "e":
        raise Refused(f"row {number} holds an error value {value}")
    return str(value)


def _text(node: _Element) -> str:
    """The characters of a string item: plain or in runs; phonetic readings (`rPh`) are no part of it."""
    found = [t.text or "" for t in node.iter(f"{{{_MAIN}}}t") if not any(a.tag == f"{{{_MAIN}}}rPh" for a in t.iterancestors())]
    return re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), "".join(found))


def _column(reference: str) -> int:
    """0 for `A1`, 27 for `AB3`."""
    index = 0
    for letter in re.match(r"[A-Z]{0,3}", reference)[0]:  # type: ignore[index]
        index = index * 26 + ord(letter) - 64
    return max(index - 1, 0)


def _row(number: int, row: Sequence[str]) -> str:
    style = 2 if number == 1 else 1
    cells = "".join(f'<c r="{chr(65 + n)}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escape(_printable(text))}</t></is></c>' for n, text in enumerate(row))
    return f'<row r="{number}">{cells}</row>'


def _printable(text: str) -> str:
    """Characters that XML cannot hold in the notation of ECMA-376 (ST_Xstring), and what looks like that notation protected."""
    text = re.sub(r"_(?=x[0-9A-F]{4}_)", "_x005F_", text)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\r\ufffe\uffff]", lambda m: f"_x{ord(m[0]):04X}_", text)


_WORKBOOK = f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets><sheet name="{{title}}" sheetId="1" r:id="rId1"/></sheets></workbook>'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# style 1: text (number format 49), wrapped, at the top of its cell; style 2: the same in bold
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    + "".join(
        f'<xf numFmtId="49" fontId="{font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
        for font in (0, 1)
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_FRAME = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_RELS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELS}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": _STYLES,
}
