"""Lines, and boxes that stand side by side in them, with the bytes of stock WeasyPrint. See `weasy_speed`.

- `filled`: a line that one text fills is laid out without looking for what else might stand in it.
- `texts`: a text in a line is not asked what other kind of box it is.
- `spaces`: a text with single spaces alone is not searched for others.
- `cells`: an inline block that does not fit into the rest of a line is not laid out before it goes to the next line, where it is laid out again.
"""

from __future__ import annotations

import re
from typing import Any

_FOLDED = re.compile(r"[\t\n\r]|  ")
"""White space that CSS Text 3, 4.1 folds."""


def filled() -> None:
    """Lay out a line as WeasyPrint would, if it begins in a text that ends behind it or with the paragraph, and nothing floats; the others are WeasyPrint's business."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import inline

    stock = inline.get_next_linebox

    def get_next_linebox(context: Any, linebox: Any, position_y: float, bottom_space: float, skip_stack: Any, containing_block: Any, *more: Any) -> Any:
        """As WeasyPrint's: the next line, and where the one after it begins."""
        *_, first_letter_style, first_line_style = more
        if type(linebox) is boxes.LineBox and not (first_letter_style or first_line_style or context.excluded_shapes):
            line = _filled(inline, boxes.TextBox, context, linebox, position_y, skip_stack, containing_block)
            if line:
                return line
        return stock(context, linebox, position_y, bottom_space, skip_stack, containing_block, *more)

    inline.get_next_linebox = get_next_linebox


def _filled(inline: Any, text_box: Any, context: Any, box: Any, position_y: float, skip_stack: Any, containing_block: Any) -> Any:
    """The line of a box that begins there and where the next begins, or nothing if more than one text stands in it."""
    start = inline.skip_first_whitespace(box, skip_stack)
    if start == "continue" or not (_level(box.style) and containing_block.style["direction"] == "ltr"):
        return None
    ((index, inner),) = start.items() if start else ((0, None),)
    last = len(box.children) - 1
    if index > last or not _plain_text(box.children[index], text_box) or any((box.margin_top, box.margin_left, box.margin_right, box.padding_right, box.border_right_width)):
        return None
    child, left = box.children[index], containing_block.content_box_x()
    width = left + containing_block.width - left
    box.position_x, box.position_y, box.width, box.height = left, position_y, 0, 0
    inline.resolve_percentages(child, containing_block)
    child.position_x, child.position_y = left + box.text_indent, position_y
    limit = (left + width) * (1 + 1e-9)
    text, resume, preserved = inline.split_text_box(context, child, limit - child.position_x, next(iter(inner)) if inner else 0, is_line_start=True)
    if text is None or (resume is None and index < last):
        return None
    end = text.position_x + text.margin_width()
    if end > limit:
        return None
    line = box.copy_with_children([text])
    line.remove_decoration(start=start is not None, end=resume is not None)
    line.width = end - line.content_box_x()
    inline._adjust_line_height(line)
    box.width, box.height = line.width, line.height
    if text.text[-1:] in ("", " "):
        inline.remove_last_whitespace(context, line)
    shift = inline.text_align(context, line, width, last=resume is None or preserved)
    _place(line, text, shift, position_y)
    return line, None if resume is None else {index: {resume: None}}


def _place(line: Any, text: Any, shift: float, position_y: float) -> None:
    """Give a line and its only text their places (CSS 2.1, 10.8: both stand on one baseline, which is 0 until the line's top is known)."""
    top, text.position_y = 0 - line.baseline, 0 - text.baseline
    bottom = max(text.position_y + text.margin_height(), top + line.margin_height())
    top = min(text.position_y, top)
    line.baseline, line.height = -top, bottom - top
    line.margin_top = line.margin_bottom = 0
    line.position_y = position_y
    text.position_y += position_y - top
    if shift:
        line.position_x += shift
        text.position_x += shift


def _level(style: Any) -> bool:
    """Whether a line of this style runs from left to right and holds no place for what is positioned; kept with the style."""
    known: bool | None = style.__dict__.get("_engross_level")
    if known is None:
        known = style.__dict__["_engross_level"] = style["direction"] == "ltr" and style["position"] == "static"
    return known


def _plain_text(box: Any, text_box: Any) -> bool:
    """Whether a box is a text on the baseline, in the flow."""
    return type(box) is text_box and box.style["vertical_align"] == "baseline" and box.is_in_normal_flow()


def texts() -> None:
    """Split a text box as WeasyPrint's function for everything in a line would."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import inline

    stock = inline.split_inline_level

    def split_inline_level(context: Any, box: Any, position_x: float, max_x: float, *more: Any) -> Any:
        """As WeasyPrint's: what of a box fits into a line, and where the rest begins."""
        if type(box) is not boxes.TextBox or more[-1]:
            return stock(context, box, position_x, max_x, *more)
        _, skip_stack, containing_block, *_, line_children, _, _ = more
        inline.resolve_percentages(box, containing_block)
        box.position_x = position_x
        start = next(iter(skip_stack)) if skip_stack else 0
        new_box, resume, preserved = inline.split_text_box(context, box, max_x - position_x, start or 0, is_line_start=not line_children)
        text, first, last = box.text, None, None
        if text:
            first, last = text[0], text[-1] if resume is None else text.encode()[:resume].decode()[-1]
        return new_box, None if resume is None else {resume: None}, preserved, first, last, {"left": 0, "right": 0}

    inline.split_inline_level = split_inline_level


def spaces() -> None:
    """Fold white space only where there is some to fold (CSS Text 3, 4.1)."""
    from weasyprint.formatting_structure import boxes

    stock, kind = boxes.TextBox.process_whitespace, boxes.TextBox

    def process_whitespace(self: Any, following_collapsible_space: bool = False) -> Any:
        """As WeasyPrint's: fold a text's white space; whether it ends with a space that folds with what follows."""
        text = self.text
        if not text or self.style["white_space"] != "normal" or _FOLDED.search(text):
            return stock(self, following_collapsible_space)
        if following_collapsible_space and text[0] == " ":
            self.text, self.leading_collapsible_space = text[1:], True
        return text[-1] == " "

    kind.process_whitespace = process_whitespace


def cells() -> None:
    """Ask for the width of an inline block first; where its width is not given, or no space stands before it, WeasyPrint is asked."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import inline

    stock = inline.split_inline_level
    depth = 0

    def split_inline_level(context: Any, box: Any, position_x: float, max_x: float, *more: Any) -> Any:
        """As WeasyPrint's: what of a box fits into a line, and where the rest begins."""
        nonlocal depth
        if type(box) is boxes.InlineBlockBox and not depth:
            _, skip_stack, containing_block, *_, line_children, first_letter_style, first_line_style = more
            free = skip_stack is None and not first_letter_style and not first_line_style
            if free and _space_before(line_children) and _too_wide(context, box, position_x, max_x, containing_block):
                return box.copy_with_children([]), None, False, "\u2e80", "\u2e80", {"left": 0, "right": 0}
        nested = isinstance(box, boxes.InlineBox)
        depth += nested
        try:
            return stock(context, box, position_x, max_x, *more)
        finally:
            depth -= nested

    inline.split_inline_level = split_inline_level


def _space_before(line_children: list[tuple[int, Any]]) -> bool:
    """Whether the line can surely be broken before what follows: then an overflowing box is thrown away."""
    from weasyprint.formatting_structure import boxes

    last = line_children[-1][1] if len(line_children) > 1 else None
    return isinstance(last, boxes.TextBox) and last.text == " " and last.style["white_space"] == "normal" and last.style["direction"] == "ltr"


def _too_wide(context: Any, box: Any, position_x: float, max_x: float, containing_block: Any) -> bool:
    """Whether a box of given width, whose content all stands in the flow, ends behind `max_x`."""
    from weasyprint.layout import inline

    if box.style["width"] == "auto" or box.is_table_wrapper or not all(inner.is_in_normal_flow() for inner in box.descendants()):
        return False
    inline.resolve_percentages(box, containing_block)
    for side in ("top", "right", "bottom", "left"):
        if getattr(box, f"margin_{side}") == "auto":
            setattr(box, f"margin_{side}", 0)
    inline.inline_block_width(box, context, containing_block)
    box.position_x = position_x
    return bool(position_x + box.margin_width() > max_x)
