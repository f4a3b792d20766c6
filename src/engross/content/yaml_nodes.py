"""What YAML says, as a tree of texts with positions."""

from __future__ import annotations

import re

from engross.errors import Position
from engross.values import value_class

_NULLS = ("", "~", "null", "Null", "NULL")


@value_class
class Scalar:
    """A text. Line breaks are spaces, and it is stripped; empty for null."""

    text: str
    where: Position
    offset: int | None = None
    """How far the first character stands from `where`'s column, if the text is on one line as it is in the file."""


@value_class
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    where: Position


@value_class
class Table:
    """A mapping: by key, where the key stands and what it holds."""

    entries: dict[str, tuple[Position, Node]]
    where: Position


Node = Scalar | Sequence | Table


def scalar(value: str, style: str | None, where: Position, *, single: bool) -> Scalar:
    """A scalar by its value, its style (`"`, `'`, `|`, `>` or none) and whether it begins and ends on one line."""
    text = re.sub(r"[ \t]*\n\s*", " ", value).strip()
    if style is None and text in _NULLS:
        return Scalar("", where)
    offset = (0 if style is None else 1) if single and text == value and style in (None, "'", '"') else None
    return Scalar(text, where, offset)
