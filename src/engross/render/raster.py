"""PDF pages to black and white at fax geometry: 1728 pixels over 215 mm, 3.85 or 7.7 lines to the millimetre.

PDFium draws straight at that geometry, whose pixels are not square, with smooth edges; then each pixel is black or white by one
threshold. Never dithered and never scaled afterwards: both cost legibility, above all of Korean and Japanese.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engross.errors import EngrossError

if TYPE_CHECKING:
    from PIL.Image import Image

THRESHOLD = 160
"""Grey below it is black (0 to 255). Above one half, so that thin strokes stay whole."""
_BLACK_IS_ONE = [255 if grey < THRESHOLD else 0 for grey in range(256)]


def load() -> None:
    """Load PDFium now, for instance before a process forks."""
    import pypdfium2.raw  # noqa: F401


def rasters(pdf: bytes, width: int, rows: int, *, first: int = 0) -> Iterator[Image]:
    """Each page of a PDF from `first` (0-based) on, stretched to `width` × `rows` pixels: mode `1`, black as 1.

    Raises:
        EngrossError: PDFium cannot read the PDF.
    """
    import pypdfium2.raw as pdfium
    from PIL import Image as Images

    pdfium.FPDF_InitLibrary()
    buffer = (ctypes.c_char * len(pdf)).from_buffer_copy(pdf)
    document = pdfium.FPDF_LoadMemDocument64(buffer, len(pdf), None)
    if not document:
        raise EngrossError(f"PDFium cannot read the fax layout (error {pdfium.FPDF_GetLastError()})", hint="report this together with the version of pypdfium2")
    bitmap = pdfium.FPDFBitmap_CreateEx(width, rows, pdfium.FPDFBitmap_Gray, None, 0)
    stride = pdfium.FPDFBitmap_GetStride(bitmap)
    address = ctypes.cast(pdfium.FPDFBitmap_GetBuffer(bitmap), ctypes.c_void_p).value or 0
    pixels = (ctypes.c_ubyte * (stride * rows)).from_address(address)
    try:
        for number in range(first, pdfium.FPDF_GetPageCount(document)):
            page = pdfium.FPDF_LoadPage(document, number)
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, rows, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, rows, 0, pdfium.FPDF_ANNOT | pdfium.FPDF_GRAYSCALE)
            pdfium.FPDF_ClosePage(page)
            yield Images.frombuffer("L", (width, rows), pixels, "raw", "L", stride, 1).point(_BLACK_IS_ONE, "1")
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
        pdfium.FPDF_CloseDocument(document)
