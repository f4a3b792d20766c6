"""A PDF without asking for each element what is the same for all of them, with the same bytes. See `weasy_speed`.

- `references`: the references to a PDF's pages are written once, not once for each element of the structure tree.
- `outlines`: a box without an outline is passed by.
"""

from __future__ import annotations

from typing import Any


def references() -> None:
    """Keep the references to the pages (ISO 32000-1, 7.3.10) until a page is added."""
    import pydyf

    stock = pydyf.PDF.page_references.fget

    def page_references(self: Any) -> tuple[bytes, ...]:
        """As pydyf's."""
        kids = self.pages["Kids"]
        known: tuple[int, tuple[bytes, ...]] = self.__dict__.get("_engross_references", (-1, ()))
        if known[0] != len(kids):
            known = self.__dict__["_engross_references"] = len(kids), stock(self)
        return known[1]

    pydyf.PDF.page_references = property(page_references)


def outlines() -> None:
    """Look for the outline's width before its colour is computed (CSS UI 4, 3.2: 0 unless there is a style)."""
    from weasyprint import draw
    from weasyprint.draw import border
    from weasyprint.formatting_structure import boxes

    stock = border.draw_outline

    def draw_outline(stream: Any, box: Any) -> None:
        """As WeasyPrint's, of a box and of those in it."""
        if box.style["outline_width"]:
            stock(stream, box)
            return
        for child in box.children:
            if isinstance(child, boxes.Box):
                draw_outline(stream, child)

    border.draw_outline = draw.draw_outline = draw_outline
