"""What Pango made of a text, kept from one document to the next, for a process that sets nearly the same letter again and again.

It depends on the text, the width and the `DECISIVE` properties of its style. Whatever else a style says is asked of the style of the document at hand. The bytes are those of lines set anew.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from engross.render import weasy_speed_text


def keep_lines(most: int) -> None:
    """Keep `most` paragraphs (`weasy_speed_text`) and as many other lines, those that were used last, as long as the process lives. WeasyPrint must be loaded."""
    from weasyprint.layout import inline, preferred
    from weasyprint.text import line_break

    stock = line_break.split_first_line
    weasy_speed_text._broken = _paragraphs(weasy_speed_text._broken, most)
    for module in (line_break, inline, preferred):
        if module.split_first_line is stock:
            module.split_first_line = _lines(stock, most)


def _paragraphs(stock: Callable[..., Any], most: int) -> Callable[..., Any]:
    kept = _Kept(most)

    def broken(context: Any, style: Any, text: bytes, base: int, width: float, lines: int) -> Any:
        """As `weasy_speed_text`'s: the paragraph broken into lines, or as it was broken before."""
        key = (weasy_speed_text.decisive(style), text, base, width, lines)
        found = kept.find(key)
        if found is None:
            paragraph = stock(context, style, text, base, width, lines)
            if paragraph is None:
                return None
            found = replace(paragraph, style=None, layout=paragraph.layout.layout)  # Pango's own: nothing of the document is held
        kept.put(key, found)
        return replace(found, style=style)

    return broken


def _lines(stock: Callable[..., Any], most: int) -> Callable[..., Any]:
    kept = _Kept(most)

    def split_first_line(text: str, style: Any, context: Any, max_width: Any, justification_spacing: Any, is_line_start: bool = True, minimum: bool = False) -> Any:
        """As WeasyPrint's: the first line of a text, or as it was found before."""
        key = (weasy_speed_text.decisive(style), text, max_width, justification_spacing, is_line_start, minimum)
        found = kept.find(key)
        if found is None:
            found = stock(text, style, context, max_width, justification_spacing, is_line_start, minimum)
            if {"layout", "style"} & found[0].__dict__.keys():  # not put away: it belongs to its document
                return found
        kept.put(key, found)
        return copy.copy(found[0]), *found[1:]  # what is laid out is marked later: how its line ends, how it is justified

    return split_first_line


class _Kept:
    """Values by key; those that were not used for longest are forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Hashable, Any] = {}

    def find(self, key: Hashable) -> Any:
        return self._known.pop(key, None)

    def put(self, key: Hashable, value: Any) -> None:
        self._known[key] = value
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]
