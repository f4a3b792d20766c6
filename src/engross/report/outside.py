"""Strings from outside (replies, names of machines, notices, answers) made fit to print: bounded, harmless, and nothing in them hidden.

Controls, invisible characters and those that turn the direction of a line are shown as escapes, as are characters that the fonts lack: a reader sees that
something stood there, and a PDF has a glyph for everything (ISO 19005-3, 6.2.11.7). HTML is the template's business, which escapes every value.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Set as AbstractSet

LIMIT = 300
"""Characters of one string that are printed."""
_SHOWN = frozenset("LMNPSZ")
"""First letters of the general categories that have a shape; controls, formats, surrogates and unassigned code points (C) have none."""


def printable(text: str, known: AbstractSet[str], limit: int = LIMIT) -> str:
    """The text on one line, at most `limit` characters of it (an ellipsis says that there was more), everything else than characters of `known` as escapes.

    Marks count as unknown when they pile up: nobody needs more than two on a letter.
    """
    shown: list[str] = []
    marks = 0
    for character in " ".join(text[:limit].split()):
        marks = marks + 1 if unicodedata.combining(character) else 0
        sound = character in known and unicodedata.category(character)[0] in _SHOWN and marks <= 2
        shown.append(character if character == " " or sound else _escaped(character))
    made = "".join(shown)
    return made if len(text) <= limit and len(made) <= 2 * limit else made[: 2 * limit].rstrip() + "…"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
