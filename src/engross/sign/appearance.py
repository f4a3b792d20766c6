"""What is seen in a signature field: the layout's signature.html, set in the letter's language and fonts, imported as a form."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from engross.errors import EngrossError
from engross.labels import Labels
from engross.letter import Letter
from engross.render import pages, weasy
from engross.render.layout import Layout

if TYPE_CHECKING:
    from pyhanko.stamp import BaseStampStyle


SIZES = (7.2, 6.7, 6.2, 5.7, 5.2, 4.8, 4.4)
"""Of the letters in points, tried in this order."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What is drawn for one officer."""

    letter: Letter
    labels: Labels
    layout: Layout
    name: str
    """Of the officer, as the certificate has it."""
    role: str
    image: str = ""
    """File in the layout."""

    def pdf(self, moment: datetime, width: float, height: float) -> bytes:
        """A page of the field's size in points, with letters as large as fit: of what is signed nothing is cut off.

        Raises:
            EngrossError: the layout has a fault, or the field is too small for name and role.
        """
        inliner = pages.Inliner(self.letter, self.labels, self.layout, lambda _inliner, _note: Markup(""))
        image = pages.image_url(self.layout, self.image)
        for size in SIZES:
            html = pages.render(
                "signature.html",
                inliner,
                css=Markup(pages.language_css(self.layout)),  # noqa: S704 - rules made from the table of languages
                name=self.name,
                role=self.role,
                moment=self.layout.locale.format_moment(moment),
                image=image,
                width=width,
                height=height,
                size=size,
            )
            made = weasy.to_plain_pdf(html, font_folder=self.layout.root / "fonts", images=[image] if image else [], compressed=True)
            if _fits(made):
                return made
        raise EngrossError(
            f"name and role do not fit into the signature field of {width:g} by {height:g} points: {self.name}, {self.role}",
            hint='a shorter role in the settings, a higher .room in layouts/letter.css, or appearance = "none"; nothing was signed',
        )


def _fits(pdf: bytes) -> bool:
    """Whether it is one page and every letter stands on it."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        text, (width, height) = page.get_textpage(), page.get_size()
        boxes = [text.get_charbox(index) for index in range(text.count_chars()) if text.get_text_range(index, 1).strip()]
        return len(document) == 1 and all(left >= 0 and bottom >= 0 and right <= width and top <= height for left, bottom, right, top in boxes)


def style(page: bytes) -> BaseStampStyle:
    """The page as pyHanko draws it into a field."""
    from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    rule = SimpleBoxLayoutRule(x_align=AxisAlignment.ALIGN_MIN, y_align=AxisAlignment.ALIGN_MIN, margins=Margins(0, 0, 0, 0), inner_content_scaling=InnerScaling.NO_SCALING)
    return StaticStampStyle(border_width=0, background=_picture(page), background_layout=rule)


def nothing() -> BaseStampStyle:
    """An empty appearance."""
    from pyhanko.stamp import StaticStampStyle

    return StaticStampStyle(border_width=0, background=None)


def _picture(page: bytes) -> Any:
    from pyhanko.pdf_utils.content import PdfContent
    from pyhanko.pdf_utils.layout import BoxConstraints
    from pyhanko.pdf_utils.reader import PdfFileReader

    class Picture(PdfContent):
        """The first page of a PDF in memory (pyHanko's own class reads files)."""

        def render(self) -> bytes:
            form = self._ensure_writer.import_page_as_xobject(PdfFileReader(io.BytesIO(page)), page_ix=0)
            name = f"/Import{uuid.uuid4().hex}"
            self.resources.xobject[name] = form
            left, bottom, right, top = form.get_object()["/BBox"]
            self.box = BoxConstraints(width=abs(right - left), height=abs(top - bottom))
            return f"{name} Do".encode()

    return Picture()
