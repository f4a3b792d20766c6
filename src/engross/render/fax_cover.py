"""Fax covers: laid out in pieces, since only the rows that name the mission differ, and put together as pixels.

The form (the words in the margins, what stands above the mission's rows and what stands below) is set once for a language, an office and a number of pages;
a mission's own rows are set on a small page of their own, in the same document. A black mark at the left edge, where nothing is printed, says where each piece ends.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from engross.errors import EngrossError
from engross.labels import Labels
from engross.letter import Letter, Mission
from engross.render import fax_html, undrawn
from engross.render import tiff as class_f
from engross.render.bitmap import Bitmap
from engross.render.fax_html import Sender
from engross.render.layout import Layout

CHUNK = 32
"""Covers laid out in one document: fewer cost more time for each, more cost memory."""
EDGE = 18
"""Pixels at the left edge that belong to the marks; the layout leaves 20 blank on either side."""
PIECE_MARK, PAGE_MARK = 4, 12
"""Columns of the marks that say where a piece ends, and where the text area does."""


@dataclass(frozen=True, slots=True)
class Form:
    """The cover without the mission's rows."""

    page: Bitmap
    """What stands above the mission's rows, and the margins."""
    rest: Bitmap
    """What comes below the mission's rows, as high as it is."""
    top: int
    """Row at which the mission's rows begin."""
    bottom: int
    """Row at which the text area ends."""

    def filled(self, own: Bitmap) -> Bitmap | None:
        """The cover with a mission's rows, or nothing if it does not fit on the page."""
        end = self.top + own.height + self.rest.height
        return self.page.rows(0, self.top).over(own, self.rest, self.page.rows(end, self.page.height)) if end <= self.bottom else None


@dataclass(frozen=True, slots=True)
class Setting:
    """What covers are set with; `total` counts all pages of the fax."""

    letter: Letter
    labels: Labels
    english: Labels
    layout: Layout
    sender: Sender
    total: int
    resolution: class_f.Resolution

    def covers(self, missions: Sequence[Mission], first: Sequence[Bitmap] = ()) -> Iterator[Bitmap]:
        """The cover of each mission, in their order, `CHUNK` from one layout, so that no number of missions takes more memory.

        `first` are the pages that `html` makes of the form and the first `CHUNK`, if they are there already.

        Raises:
            EngrossError: the layout cannot be set; the form takes more than a page, or a cover does, whose mission the message names.
        """
        from engross.render import weasy

        form = None
        for start in range(0, len(missions), CHUNK):
            if form:
                weasy.spent.clear()
                gc.collect()  # a document's boxes refer to each other: without this the campaign's memory grows with the number of missions
            some = missions[start : start + CHUNK]
            pieces = [*first] if first and form is None else self._pieces(some, with_form=form is None)
            if len(pieces) != len(some) + (form is None):  # whether it is the form or one mission's rows that take two pages is seen when each is set alone
                form = form or _form(self._pieces((), with_form=True))
                pieces = [piece for mission in some for piece in self._alone(mission)]
            elif form is None:
                form = _form(pieces[:1])
                del pieces[0]
            for mission, own in zip(some, pieces, strict=True):
                cover = form.filled(_cut(own))
                if cover is None:
                    raise _too_long(mission)
                yield cover

    def _alone(self, mission: Mission) -> list[Bitmap]:
        pieces = self._pieces([mission], with_form=False)
        if len(pieces) != 1:
            raise _too_long(mission)
        return pieces

    def html(self, missions: Sequence[Mission], *, with_form: bool) -> str:
        """The form, if asked for, and the rows of each mission, to be laid out as pages as high as `heights` says."""
        return fax_html.covers_html(self.letter, self.labels, self.english, self.layout, self.sender, missions, self.total if with_form else 0)

    def heights(self, *, with_form: bool) -> Iterator[int]:
        """Rows of pixels of each page."""
        return chain(repeat(self.resolution.rows(fax_html.PAGE_HEIGHT_MM), int(with_form)), repeat(self.resolution.rows(fax_html.ROWS_HEIGHT_MM)))

    def _pieces(self, missions: Sequence[Mission], *, with_form: bool) -> list[Bitmap]:
        """The pages of one layout."""
        from engross.render import raster, weasy

        document = weasy.to_plain_pdf(self.html(missions, with_form=with_form), font_folder=self.layout.root / "fonts", finisher=undrawn.leave_out)
        return [*raster.rasters(document, class_f.WIDTH, self.heights(with_form=with_form))]


def _form(pages: Sequence[Bitmap]) -> Form:
    """The form from the only page it takes, cut where the marks say: above the mission's rows, below them."""
    if len(pages) != 1:
        raise EngrossError("the form of the fax cover does not fit on a page", hint="shorten the cover note or the office's address")
    (page,) = pages
    top, end = _marks(page, 2)
    (bottom,) = _marks(page, 1, column=PAGE_MARK)
    page = page.cleared(EDGE)
    rest = page.rows(top, end)
    return Form(page.rows(0, top).over(Bitmap(page.width, bytes(len(rest.data))), page.rows(end, page.height)), rest, top, bottom)


def _cut(rows: Bitmap) -> Bitmap:
    """A mission's rows without their mark, as high as the mark says."""
    (end,) = _marks(rows, 1)
    return rows.rows(0, end).cleared(EDGE)


def _marks(page: Bitmap, count: int, *, column: int = PIECE_MARK) -> list[int]:
    """The row below each mark of a column, from above."""
    rows = [found.end() for found in re.finditer(rb"[^\0]+", page.column(column))]
    if len(rows) != count:
        raise EngrossError("a piece of the fax cover does not say where it ends", hint="put the marks back into layouts/fax-cover.html and fax.css")
    return rows


def _too_long(mission: Mission) -> EngrossError:
    return EngrossError(f"the fax cover for {mission.id} does not fit on one page", hint="shorten the cover note, the office's address or the mission's lines")
