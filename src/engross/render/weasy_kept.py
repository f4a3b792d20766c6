"""Paragraphs that stay broken into lines from one document to the next, for a process that sets nearly the same letter again and again. See `weasy_speed_text`.

What Pango makes of a text depends on the text, the width and the properties below; whatever else a style says is asked of the style of the document at hand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engross.render import weasy_speed_text

DECISIVE = (
    *("font_family", "font_size", "font_style", "font_weight", "font_stretch", "font_variation_settings", "font_language_override", "lang", "hyphens", "white_space", "tab_size"),
    *("font_kerning", "font_feature_settings"),
    *(f"font_variant_{name}" for name in ("ligatures", "position", "caps", "numeric", "alternates", "east_asian")),
)
"""Properties that decide how Pango shapes and breaks a text whose style is plain (`weasy_speed_text`)."""


def keep_paragraphs(most: int) -> None:
    """Keep the `most` paragraphs that were used last, from now on and as long as the process lives; their bytes are those of paragraphs broken anew."""
    stock = weasy_speed_text._broken
    known: dict[Any, weasy_speed_text.Paragraph] = {}

    def broken(context: Any, style: Any, text: bytes, base: int, width: float, lines: int) -> weasy_speed_text.Paragraph | None:
        key = (_decisive(style), text, base, width, lines)
        kept = known.pop(key, None)
        if kept is None:
            paragraph = stock(context, style, text, base, width, lines)
            if paragraph is None:
                return None
            kept = replace(paragraph, style=None, layout=paragraph.layout.layout)  # Pango's own: nothing of the document is held
        known[key] = kept
        if len(known) > most:
            del known[next(iter(known))]
        return replace(kept, style=style)

    weasy_speed_text._broken = broken


def _decisive(style: Any) -> tuple[Any, ...]:
    """The values of a style that decide, and the fonts there are, kept with the style."""
    values: tuple[Any, ...] | None = style.__dict__.get("_engross_decisive")
    if values is None:
        values = style.__dict__["_engross_decisive"] = (id(style.font_config), *(_plain(style[name]) for name in DECISIVE))
    return values


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
