"""The logo of the letterhead as an inline picture (DrawingML, ISO/IEC 29500-1, 20.4)."""

from __future__ import annotations

import struct
from pathlib import PurePosixPath

from engross.errors import EngrossError
from engross.render.layout import Layout
from engross.render.word.opc import OFFICE, Part, Relationships, quoteattr

HEIGHT = 504000
"""14 mm in English Metric Units, as on the printed page."""

_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"


def logo(layout: Layout, alternative: str, rels: Relationships) -> tuple[str, dict[str, Part]]:
    """A run with the layout's logo, and its part by file name; nothing when there is none.

    Raises:
        EngrossError: not a PNG or JPEG file; Word cannot show SVG everywhere.
    """
    if not layout.logo:
        return "", {}
    suffix = PurePosixPath(layout.logo).suffix.lower()
    data = layout.bytes(layout.logo)
    size = _png(data) or _jpeg(data)
    if suffix not in _TYPES or not size:
        raise EngrossError(f"the logo {layout.logo} is not a PNG or JPEG picture, which is what Word can show", hint="save it as PNG, 14 mm high at 600 dpi or more")
    name = f"media/logo{'.png' if data.startswith(_PNG) else '.jpeg'}"
    key = rels.add(f"{OFFICE}/image", name)
    width = HEIGHT * size[0] // size[1]
    extent = f'cx="{width}" cy="{HEIGHT}"'
    text = quoteattr(alternative)
    run = (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {extent}/><wp:docPr id="1" name="Logo" descr={text}/>'
        f'<a:graphic xmlns:a="{_A}"><a:graphicData uri="{_PIC}"><pic:pic xmlns:pic="{_PIC}"><pic:nvPicPr><pic:cNvPr id="1" name="Logo" descr={text}/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{key}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
    )
    return run, {name: Part(data, _TYPES[".png" if data.startswith(_PNG) else ".jpeg"])}


_PNG = b"\x89PNG\r\n\x1a\n"


def _png(data: bytes) -> tuple[int, int] | None:
    """Width and height from the IHDR chunk, which comes first (PNG, ISO/IEC 15948, 11.2.2)."""
    if not data.startswith(_PNG) or len(data) < 24:
        return None
    width, height = struct.unpack(">II", data[16:24])
    return (width, height) if width and height else None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """Width and height from the first frame header (ITU-T T.81, B.2.2)."""
    if not data.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return (width, height) if width and height else None
        at += 2 + length
    return None
