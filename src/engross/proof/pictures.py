"""Pages of a PDF as pictures, and where on them characters stand."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engross.proof.finding import Place

SCALE = 1.4
"""Pixels a point."""
COLOURS = 48
"""Of a picture: letters are black, white and one more, and a page then has a fifth of the bytes."""
Box = tuple[float, float, float, float]
"""Left, top, width and height in points from the page's upper left corner."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page."""

    png: bytes
    width: float
    """In points."""
    height: float


def boxes(pdf: bytes, places: Sequence[Place]) -> list[Box]:
    """Where characters stand on their page, one box for each line."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        return [box for place in places for box in _lines(document[place.page - 1], place)]
    finally:
        document.close()


def picture(pdf: bytes, number: int) -> Picture:
    """A page, counted from 1, as a PNG."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[number - 1]
        width, height = page.get_size()
        image = page.render(scale=SCALE).to_pil().convert("RGB").quantize(COLOURS)
    finally:
        document.close()
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return Picture(stream.getvalue(), width, height)


def _lines(page: Any, place: Place) -> Iterator[Box]:
    text, height = page.get_textpage(), page.get_height()
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
