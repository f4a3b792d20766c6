"""A PDF that is drawn at once and read by nobody, without what no pixel comes of: PDFium loads its pages in two thirds of the time.

For the layouts of faxes, between WeasyPrint and PDFium. What is drawn stays as it is, to the pixel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any


def leave_out(_document: object, pdf: Any) -> None:
    """A finisher of WeasyPrint's `write_pdf`.

    - WeasyPrint writes a move of 0 behind each glyph whose width is no whole number (ISO 32000-1, 9.4.3), and PDFium makes a string of what stands before it.
    - PDFium goes through a list of widths for each glyph (ISO 32000-1, 9.7.4.3), and most of a Korean or Japanese font are as wide as each other.
    - What characters a font's glyphs are (ISO 32000-1, 9.10.3) PDFium looks up while it draws, but needs only for those that the font has not.
    """
    import pydyf

    for entry in pdf.objects:
        if isinstance(entry, pydyf.Stream):
            entry.stream[:] = _joined(entry.stream)
        elif isinstance(entry, dict):
            if entry.get("Encoding") == "/Identity-H":
                entry.pop("ToUnicode", None)
            if entry.get("W"):
                entry["DW"], widths = _unusual(entry["W"])
                entry["W"] = pydyf.Array([pydyf.Array(part) if isinstance(part, list) else part for part in widths])


def _joined(pieces: Sequence[Any]) -> list[Any]:
    """The pieces of a content stream; what shows text has its strings in one where nothing moves between them."""
    return [piece.replace(b">0<", b"") if type(piece) is bytes and piece[-3:] == b" TJ" else piece for piece in pieces]


def _unusual(widths: Sequence[Any]) -> tuple[int, list[Any]]:
    """The width that most glyphs have, and those of the others: a glyph's number and the widths from it on, in turns."""
    each = [(first + at, width) for first, run in zip(widths[::2], widths[1::2], strict=True) for at, width in enumerate(run)]
    usual: int = Counter(width for _, width in each).most_common(1)[0][0]
    runs: list[Any] = []
    for glyph, width in each:
        if width == usual:
            continue
        if runs and runs[-2] + len(runs[-1]) == glyph:
            runs[-1].append(width)
        else:
            runs += [glyph, [width]]
    return usual, runs
