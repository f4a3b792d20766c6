"""A proof for the eyes: one HTML page with every finding, and the pages of PDFs as pictures with the places marked."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from engross.proof.finding import CODES, Finding, Place
from engross.proof.sets import Proved

SCALE = 1.4
"""Pixels a point."""
Box = tuple[float, float, float, float]
"""Left, top, width and height in points from the page's upper left corner."""

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #16181d }
h2 { margin-top: 2.5rem; font-size: 1.1rem; border-bottom: 1px solid #ccd }
.fine { color: #2b6b3f } .finding { border-left: 4px solid #b3261e; padding: .2rem 0 .2rem .9rem; margin: 1rem 0 }
.code { font: 600 .8rem ui-monospace, monospace; color: #b3261e } dt { color: #555b66; font-size: .85rem } dd { margin: 0 0 .4rem; white-space: pre-wrap }
.page { position: relative; display: inline-block; border: 1px solid #99a; margin: .5rem 0 } .page img { display: block; max-width: none }
.mark { position: absolute; background: #ff5a4a44; outline: 2px solid #b3261e }
"""


def html(results: Sequence[Proved], root: Path) -> str:
    """The page. It holds its pictures itself and loads nothing.

    Args:
        results: what the proof gave.
        root: folder of the workspace, where the files are read for their pictures.
    """
    wrong = [result for result in results if result.findings]
    read = sum(result.read for result in results)
    head = f"{sum(len(result.findings) for result in results)} findings in {len(wrong)} of {len(results)} files; the text of {read} was read"
    body = "".join(piece for result in wrong for piece in _file(result, root))
    fine = "".join(f"<li>{escape(result.path)}{'' if result.read else ' (text not read)'}</li>" for result in results if not result.findings)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Proof</title><style>{_STYLE}</style>'
        f'<h1>Proof</h1><p>{escape(head)}.</p>{body}<h2>Without findings</h2><ul class="fine">{fine}</ul></html>\n'
    )


def as_data(results: Iterable[Proved]) -> list[dict[str, object]]:
    """The proof as plain data, for JSON."""
    return [{"letter": r.letter, "path": r.path, "kind": r.kind, "language": r.language, "read": r.read, "findings": [_finding_data(f) for f in r.findings]} for r in results]


def boxes(pdf: bytes, places: Sequence[Place]) -> list[Box]:
    """Where characters stand on their page, one box for each line."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return [box for place in places for box in _lines(document[place.page - 1], place)]
    finally:
        document.close()


def _lines(page: object, place: Place) -> Iterator[Box]:
    text, height = page.get_textpage(), page.get_height()  # type: ignore[attr-defined]
    line: list[float] = []
    for index in range(place.start, min(place.end, text.count_chars())):
        left, bottom, right, top = text.get_charbox(index)
        if right <= left or top <= bottom:
            continue
        if line and (bottom > line[3] or top < line[1]):
            yield line[0], height - line[3], line[2] - line[0], line[3] - line[1]
            line = []
        line = [min(line[0], left), min(line[1], bottom), max(line[2], right), max(line[3], top)] if line else [left, bottom, right, top]
    if line:
        yield line[0], height - line[3], line[2] - line[0], line[3] - line[1]


def _finding_data(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "label": finding.label,
        "message": finding.message,
        "expected": finding.expected,
        "found": finding.found,
        "source": str(finding.where),
        "places": [{"page": p.page, "start": p.start, "end": p.end} for p in finding.places],
    }


def _file(result: Proved, root: Path) -> Iterator[str]:
    yield f"<h2>{escape(result.path)}</h2>"
    data = (root / result.path).read_bytes() if result.kind == "pdf" and any(f.places for f in result.findings) else b""
    for finding in result.findings:
        yield f'<div class="finding"><p><span class="code">{finding.code}</span> {escape(finding.label)} {escape(CODES.get(finding.code, ""))}: {escape(finding.message)}</p><dl>'
        for title, value in (("expected", finding.expected), ("found", finding.found), ("source", str(finding.where))):
            if value:
                yield f"<dt>{title}</dt><dd>{escape(value)}</dd>"
        yield "</dl></div>"
    for page in sorted({place.page for finding in result.findings for place in finding.places}) if data else ():
        yield _picture(data, page, [place for finding in result.findings for place in finding.places if place.page == page])


def _picture(data: bytes, number: int, places: Sequence[Place]) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    try:
        image = document[number - 1].render(scale=SCALE).to_pil()
    finally:
        document.close()
    stream = io.BytesIO()
    image.save(stream, "PNG")
    marks = "".join(
        f'<span class="mark" style="left:{x * SCALE - 2:.0f}px;top:{y * SCALE - 2:.0f}px;width:{w * SCALE + 4:.0f}px;height:{h * SCALE + 4:.0f}px"></span>'
        for x, y, w, h in boxes(data, places)
    )
    return f'<div class="page"><img alt="page {number}" src="data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}">{marks}</div>'
