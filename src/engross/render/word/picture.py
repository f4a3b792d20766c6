"""The logo of the letterhead as an inline picture."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from engross.errors import EngrossError
from engross.render.layout import Layout

if TYPE_CHECKING:
    from docx.parts.story import StoryPart

HEIGHT = 504000
"""14 mm in English Metric Units, as on the printed page."""
_TYPES = {"image/png": "png", "image/jpeg": "jpeg"}


def logo(layout: Layout, alternative: str, part: StoryPart) -> str:
    """A run with the layout's logo, and a line break; nothing when there is none. The picture becomes a part that `part` refers to.

    Raises:
        EngrossError: not a PNG or JPEG file; Word cannot show SVG everywhere.
    """
    if not layout.logo:
        return ""
    from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
    from docx.image.image import Image
    from docx.opc.packuri import PackURI
    from lxml import etree

    data = layout.bytes(layout.logo)
    try:
        image = Image.from_blob(data)
        kind, proportion = _TYPES[image.content_type], image.px_width / image.px_height
        inline = part.new_pic_inline(io.BytesIO(data), round(HEIGHT * proportion), HEIGHT)
    except (InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError, KeyError, AttributeError, ZeroDivisionError, struct.error) as error:
        raise EngrossError(f"the logo {layout.logo} is not a PNG or JPEG picture, which is what Word can show", hint="save it as PNG, 14 mm high at 600 dpi or more") from error
    for name in ("docPr", "cNvPr"):
        for properties in inline.iter(f"{{*}}{name}"):
            properties.set("id", "1")
            properties.set("name", "Logo")
            properties.set("descr", alternative)
    (key,) = (str(blip.get(f"{{{_R}}}embed")) for blip in inline.iter("{*}blip"))
    part.related_parts[key].partname = PackURI(f"/word/media/logo.{kind}")
    return f"<w:r><w:drawing>{etree.tostring(inline, encoding='unicode')}</w:drawing></w:r><w:r><w:br/></w:r>"


_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
