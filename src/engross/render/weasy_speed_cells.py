"""Boxes that stand side by side, with the bytes of stock WeasyPrint. See `weasy_speed`.

- `cells`: an inline block that does not fit into the rest of a line is not laid out before it goes to the next line, where it is laid out again.
"""

from __future__ import annotations

from typing import Any


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
