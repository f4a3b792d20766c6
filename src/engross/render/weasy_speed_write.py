"""A PDF without asking for each element what is the same for all of them, with the same bytes. See `weasy_speed`.

- `references`: the references to a PDF's pages are written once, not once for each element of the structure tree.
- `outlines`, `borders`: a box without an outline or a border is passed by.
- `inlines`: a line without background and border is drawn as its texts.
- `values`: what stands in a PDF becomes bytes by its type, names of entries once.
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


def borders() -> None:
    """Draw borders of boxes that have some."""
    from weasyprint import draw
    from weasyprint.draw import border

    stock = border.draw_border

    def draw_border(stream: Any, box: Any) -> None:
        """As WeasyPrint's: a box's borders and column rules."""
        if _bordered(box):
            stock(stream, box)

    border.draw_border = draw.draw_border = draw_border


def _bordered(box: Any) -> bool:
    """Whether a box has borders, an image or a mask for them, or rules between its columns; of the style it is kept there."""
    if box.border_top_width or box.border_right_width or box.border_bottom_width or box.border_left_width:
        return True
    style = box.style
    known: bool | None = style.__dict__.get("_engross_ruled")
    if known is None:
        known = bool(style["border_image_source"][0] != "none" or style["mask_border_source"][0] != "none" or style["column_rule_width"])
        style.__dict__["_engross_ruled"] = known
    return known


def inlines() -> None:
    """Draw the texts of a line or of a part of it, if nothing else is seen of it."""
    from weasyprint import draw
    from weasyprint.formatting_structure import boxes
    from weasyprint.stacking import StackingContext

    stock = draw.draw_inline_level

    def draw_inline_level(stream: Any, page: Any, box: Any, offset_x: float = 0, text_overflow: str = "clip", block_ellipsis: str = "none") -> None:
        """As WeasyPrint's: a line and what stands in it."""
        kind = type(box)
        if (kind is not boxes.LineBox and kind is not boxes.InlineBox) or box.background is not None or _bordered(box):
            stock(stream, page, box, offset_x, text_overflow, block_ellipsis)
            return
        if kind is boxes.LineBox:
            text_overflow, block_ellipsis = box.text_overflow, box.block_ellipsis
        last = len(box.children) - 1
        for number, child in enumerate(box.children):
            ellipsis = block_ellipsis if number == last else "none"
            moved = offset_x if type(child) is StackingContext else offset_x + child.position_x - box.position_x
            if not isinstance(child, boxes.TextBox):
                draw_inline_level(stream, page, child, moved, text_overflow, ellipsis)
            elif stream._tags is None:
                draw.draw_text(stream, child, moved, text_overflow, ellipsis)
            else:
                with stream.marked(child, "Span"):
                    draw.draw_text(stream, child, moved, text_overflow, ellipsis)

    draw.draw_inline_level = draw_inline_level


def values() -> None:
    """Write names, numbers and references (ISO 32000-1, 7.3) without asking for each what it might be."""
    import pydyf

    stock, compressed = pydyf._to_bytes, pydyf.Stream.data.fget

    def to_bytes(item: Any) -> Any:
        """As pydyf's."""
        kind = type(item)
        if kind is bytes:
            return item
        if kind is str:
            return item.encode("ascii")
        if kind is int:
            return b"%d" % item
        if kind is float:
            return b"%d" % int(item) if item.is_integer() else f"{item:f}".rstrip("0").encode("ascii")
        return stock(item)

    class Names(dict[str, bytes]):
        """The names of entries, written."""

        def __missing__(self, name: Any) -> bytes:
            written: bytes = b"/" + to_bytes(name) + b" "
            if type(name) is str:  # 1 and True are one key, and are written otherwise
                self[name] = written
            return written

    names = Names()

    def dictionary(self: Any) -> bytes:
        return b"<<" + b"".join([names[name] + to_bytes(value) for name, value in self.items()]) + b">>"

    def array(self: Any) -> bytes:
        return b"[" + b" ".join(map(to_bytes, self)) + b"]"

    def stream(self: Any) -> Any:
        if self.compress:
            return compressed(self)
        content = b"\n".join(map(to_bytes, self.stream))
        return b"\n".join((dictionary(self.extra | {"Length": len(content)}), b"stream", content, b"endstream"))

    pydyf._to_bytes, pydyf.Dictionary.data, pydyf.Array.data, pydyf.Stream.data = to_bytes, property(dictionary), property(array), property(stream)
