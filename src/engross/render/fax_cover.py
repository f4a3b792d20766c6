"""Fax covers: laid out in pieces, since only the rows that name the mission differ, and put together as pixels.

The common pieces (the frame with the words in the margins, the head, the rest of the form) are set once for a language, an office and a number of pages;
a mission's own rows are set on a small page of their own. A black mark at the left edge, where nothing is printed, says where each piece ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engross.errors import EngrossError
from engross.labels import Labels
from engross.letter import Letter, Mission
from engross.render import fax_html
from engross.render import tiff as class_f
from engross.render.fax_html import Sender
from engross.render.layout import Layout

if TYPE_CHECKING:
    from PIL.Image import Image

EDGE = 16
"""Pixels at the left edge that belong to the marks; the layout leaves 20 blank on either side."""


@dataclass(frozen=True, slots=True)
class Form:
    """The cover without the mission's rows, mode `1`, black as 1."""

    page: Image
    """Frame and head."""
    rest: Image
    """What comes below the mission's rows, as high as it is."""
    top: int
    """Row at which the mission's rows begin."""
    bottom: int
    """Row at which the text area ends."""

    def filled(self, own: Image) -> Image | None:
        """The cover with a mission's rows, or nothing if it does not fit on the page."""
        below = self.top + own.height
        if below + self.rest.height > self.bottom:
            return None
        cover = self.page.copy()
        cover.paste(own, (0, self.top))
        cover.paste(self.rest, (0, below))
        return cover


def form(letter: Letter, labels: Labels, english: Labels, layout: Layout, sender: Sender, total: int, resolution: class_f.Resolution) -> Form:
    """What all covers of a language and an office have in common; `total` counts all pages of the fax.

    Raises:
        EngrossError: the layout cannot be set, or a piece of it takes more than a page.
    """
    html = fax_html.cover_form_html(letter, labels, english, layout, sender, total)
    pages = [*_pages(html, layout, fax_html.PAGE_HEIGHT_MM, resolution)]
    if len(pages) != 3:
        raise EngrossError("the form of the fax cover does not fit on a page", hint="shorten the cover note or the office's address")
    frame, head, rest = pages
    top, bottom = _marks(frame)
    frame.paste(0, (0, 0, EDGE, frame.height))
    head = _cut(head)
    frame.paste(head, (0, top))
    return Form(frame, _cut(rest), top + head.height, bottom)


def covers(
    letter: Letter, labels: Labels, english: Labels, layout: Layout, sender: Sender, missions: Sequence[Mission], common: Form, resolution: class_f.Resolution
) -> Iterator[Image]:
    """The cover of each mission, in their order, from one layout of all their rows.

    Raises:
        EngrossError: a cover does not fit on one page; the message names its mission.
    """
    html = fax_html.cover_rows_html(letter, labels, english, layout, sender, missions)
    rows = [*_pages(html, layout, fax_html.ROWS_HEIGHT_MM, resolution)]
    if len(rows) != len(missions) > 1:  # which mission's rows take two pages is seen when each is set alone
        for mission in missions:
            yield from covers(letter, labels, english, layout, sender, [mission], common, resolution)
        return
    for mission, own in zip(missions, rows, strict=False):
        cover = common.filled(_cut(own)) if len(rows) == len(missions) else None
        if cover is None:
            raise EngrossError(f"the fax cover for {mission.id} does not fit on one page", hint="shorten the cover note, the office's address or the mission's lines")
        yield cover


def _pages(html: str, layout: Layout, height: float, resolution: class_f.Resolution) -> Iterator[Image]:
    from engross.render import raster, weasy

    document = weasy.to_plain_pdf(html, font_folder=layout.root / "fonts")
    for image in raster.rasters(document, class_f.WIDTH, resolution.rows(height)):
        yield image.copy()


def _marks(image: Image) -> tuple[int, int]:
    """First and last row of the marks at the left edge."""
    found = image.crop((0, 0, EDGE, image.height)).getbbox()
    if found is None:
        raise EngrossError("a piece of the fax cover does not say where it ends", hint="put the marks back into layouts/fax-cover.html and fax.css")
    return found[1], found[3]


def _cut(image: Image) -> Image:
    """A piece without its mark, as high as the mark says."""
    _, end = _marks(image)
    piece = image.crop((0, 0, image.width, end))
    piece.paste(0, (0, 0, EDGE, end))
    return piece
