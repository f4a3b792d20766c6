"""What is seen in a signature field: the layout's signature.html, set in the letter's language and fonts, imported as a form."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from engross.labels import Labels
from engross.letter import Letter
from engross.render import pages, weasy
from engross.render.layout import Layout

if TYPE_CHECKING:
    from pyhanko.stamp import BaseStampStyle


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
        """A page of the field's size in points.

        Raises:
            EngrossError: the layout has a fault.
        """
        inliner = pages.Inliner(self.letter, self.labels, self.layout, lambda _inliner, _note: Markup(""))
        image = pages.image_url(self.layout, self.image)
        html = pages.render(
            "signature.html",
            inliner,
            css=Markup(pages.language_css(self.layout)),  # noqa: S704 - rules made from the table of languages
            name=self.name,
            role=self.role,
            moment=f"{self.layout.locale.format_date(moment.date())}, {moment:%H:%M} UTC",
            image=image,
            width=width,
            height=height,
        )
        return weasy.to_plain_pdf(html, font_folder=self.layout.root / "fonts", images=[image] if image else [], compressed=True)


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
