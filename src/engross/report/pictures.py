"""First pages as small PNG pictures, made from the exact bytes that were sent."""

from __future__ import annotations

import hashlib
import io
import struct
from typing import TYPE_CHECKING

from engross.errors import EngrossError
from engross.render import tiff

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH = 620
"""Pixels of a document's picture: 200 to the inch at the size it is printed."""
_COLOURS = 64


def of_pdf(data: bytes) -> tuple[bytes, int]:
    """The first page of a PDF, and how many pages it has; no picture and 0 when it cannot be read."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
        try:
            page = document[0]
            image = page.render(scale=WIDTH / page.get_width()).to_pil().convert("RGB")
            return _png(image.quantize(_COLOURS)), len(document)
        finally:
            document.close()
    except (pypdfium2.PdfiumError, ValueError, IndexError):
        return b"", 0


def of_fax(data: bytes, number: int, width: int) -> bytes:
    """A page of a TIFF of class F (0 is the cover); empty when it cannot be read or has no such page."""
    from PIL import Image as Images
    from PIL import ImageOps

    try:
        page = tiff.read(data)[number]
        image = ImageOps.invert(tiff.decode(page.strip, page.coding).convert("L"))  # a coded page has black as 1
    except (EngrossError, IndexError, OSError, ValueError, struct.error):
        return b""
    height = round(width * (page.strip.rows / page.dpi) / (page.strip.width / tiff.DPI_ACROSS))
    return _png(image.resize((width, height), Images.Resampling.BOX).quantize(16))


def fax_page(data: bytes, number: int) -> tuple[str, int]:
    """A digest of a page's coded pixels, by which equal pages of many faxes are known without decoding them, and how many pages the fax has; empty and 0 when it cannot be read."""
    try:
        pages = tiff.read(data)
        return hashlib.sha256(pages[number].strip.data).hexdigest(), len(pages)
    except (EngrossError, IndexError, ValueError, struct.error):
        return "", 0


def _png(image: Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    return stream.getvalue()
