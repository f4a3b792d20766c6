"""PDF pages to black and white at fax geometry: 1728 pixels over 215 mm, 3.85 or 7.7 lines to the millimetre.

PDFium draws straight at that geometry, whose pixels are not square, with smooth edges; then each pixel is black or white by one
threshold. Never dithered and never scaled afterwards: both cost legibility, above all of Korean and Japanese.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from engross.errors import EngrossError
from engross.render.bitmap import Bitmap

THRESHOLD = 160
"""Grey below it is black (0 to 255). Above one half, so that thin strokes stay whole."""
_SWATH = 4
"""Rows that are looked at together for ink: more than half of all rows are blank and need no threshold."""
_WEIGHTS = [weight if grey < THRESHOLD else 0 for weight in (8, 4, 2, 1) for grey in range(256)]
"""What a grey adds to half a byte, for each of the four pixels that make one."""


def load() -> None:
    """Load PDFium and what packs pixels now, for instance before a process forks."""
    import pypdfium2.raw  # noqa: F401
    from PIL import Image, ImageChops, ImagePalette  # noqa: F401


def rasters(pdf: bytes, width: int, rows: Iterable[int], *, first: int = 0) -> Iterator[Bitmap]:
    """Pages of a PDF from `first` (0-based) on, each stretched to `width` (a multiple of 8) × as many pixels as `rows` says for it; as many pages as there are of both.

    Raises:
        EngrossError: PDFium cannot read the PDF.
    """
    import pypdfium2.raw as pdfium

    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadMemDocument64(pdf, len(pdf), None)
    if not document:
        raise EngrossError(f"PDFium cannot read the fax layout (error {pdfium.FPDF_GetLastError()})", hint="report this together with the version of pypdfium2")
    try:
        for number, height in zip(range(first, pdfium.FPDF_GetPageCount(document)), rows, strict=False):
            canvas, grey = _canvas(width, height)
            page = pdfium.FPDF_LoadPage(document, number)
            pdfium.FPDFBitmap_FillRect(canvas, 0, 0, width, height, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(canvas, page, 0, 0, width, height, 0, pdfium.FPDF_ANNOT | pdfium.FPDF_GRAYSCALE)
            pdfium.FPDF_ClosePage(page)
            yield _black(grey, width)
    finally:
        pdfium.FPDF_CloseDocument(document)


@lru_cache(maxsize=2)
def _canvas(width: int, rows: int) -> tuple[Any, bytearray]:
    """A grey bitmap of PDFium's and its pixels, the same for page after page: each is taken off it before the next is drawn."""
    import pypdfium2.raw as pdfium

    pixels = bytearray(width * rows)
    return pdfium.FPDFBitmap_CreateEx(width, rows, pdfium.FPDFBitmap_Gray, (ctypes.c_ubyte * len(pixels)).from_buffer(pixels), width), pixels


def _black(grey: bytes | bytearray, width: int) -> Bitmap:
    """What is darker than the threshold."""
    size, pixels, black = width * _SWATH, memoryview(grey), bytearray(len(grey) // 8)
    white = b"\xff" * size
    inked = [at for at in range(0, len(grey), size) if not grey.startswith(white, at)]
    packed = _packed(b"".join([pixels[at : at + size] for at in inked]), width)
    for number, at in enumerate(inked):
        black[at // 8 : (at + size) // 8] = packed[number * size // 8 : (number + 1) * size // 8]
    return Bitmap(width, bytes(black))


def _packed(grey: bytes, width: int) -> bytes:
    """Rows of pixels, eight to a byte.

    Pillow packs black and white pixel by pixel, in twice the time. Here four neighbours are the channels of one pixel, which Pillow adds up by the row,
    and what comes of that are colours of a palette of sixteen, which it packs two to a byte.
    """
    from PIL import Image as Images
    from PIL import ImageChops

    if not grey:
        return b""
    first, second, third, fourth = Images.frombuffer("RGBA", (width // 4, len(grey) // width), grey, "raw", "RGBA", 0, 1).point(_WEIGHTS).split()
    halves = ImageChops.add_modulo(ImageChops.add_modulo(first, second), ImageChops.add_modulo(third, fourth))
    return Images.frombuffer("P", halves.size, halves.tobytes(), "raw", "P", 0, 1).tobytes("raw", "P;4")
