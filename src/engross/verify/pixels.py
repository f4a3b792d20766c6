"""The pages before and after signing, drawn and compared: outside the boxes of the signatures every pixel is the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engross.verify.document import Document, pages
from engross.verify.model import Finding

SCALE = 1.0
"""Pixels a point."""
LARGEST = 2000
"""Points of a side of a page that is drawn."""
EDGE = 1
"""Pixels around a box where the line of its drawing may be smoothed."""


def unchanged(document: Document) -> Iterator[Finding]:
    """Every page looks as it did before the first signature, but for the boxes."""
    import pypdfium2
    from PIL import ImageChops, ImageDraw

    if len(document.revisions) == 1:
        return
    boxes = _boxes(document)
    before, after = pypdfium2.PdfDocument(document.prefix), pypdfium2.PdfDocument(document.data)
    try:
        before.init_forms()
        after.init_forms()
        if len(before) != len(after):
            yield Finding("pixels", f"the file had {len(before)} pages before it was signed, and has {len(after)}")
            return
        for number in range(len(before)):
            if max(after[number].get_size()) > LARGEST:
                yield Finding("pixels", f"page {number + 1} is larger than what is looked at")
                continue
            images = [source[number].render(scale=SCALE, may_draw_forms=True).to_pil() for source in (before, after)]
            difference = ImageChops.difference(*images)
            pen, height = ImageDraw.Draw(difference), difference.height
            for left, bottom, right, top in boxes[number] if number < len(boxes) else ():
                if right > left and top > bottom:
                    pen.rectangle((left * SCALE - EDGE, height - top * SCALE - EDGE, right * SCALE + EDGE, height - bottom * SCALE + EDGE), fill=0)
            if found := difference.getbbox():
                yield Finding("pixels", f"page {number + 1} looks different from what was signed at {found}")
    finally:
        before.close()
        after.close()


def _boxes(document: Document) -> list[list[tuple[float, ...]]]:
    """Rectangles of the fields on each page."""
    places = {widget.container_ref.idnum: tuple(float(side) for side in widget["/Rect"]) for widget in document.fields.values()}
    found: list[list[tuple[float, ...]]] = []
    for page in pages(document.reader.root):
        notes: Any = page["/Annots"] if "/Annots" in page else []
        found.append([places[key] for key in (getattr(notes.raw_get(index), "idnum", None) for index in range(len(notes))) if key in places])
    return found
