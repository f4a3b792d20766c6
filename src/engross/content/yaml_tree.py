"""YAML as a tree of texts with positions. No scalar is interpreted: `NO` is Norway, and a date is text until somebody asks for a date.

YAML 1.2 through ruamel.yaml's composer. Anchors, aliases and tags are refused: staff do not write them, and aliases can grow without bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engross.errors import Position, Problem

QUOTE_HINT = "put a text between double quotes if it holds “: ” or “ #”, or begins with a sign"
_NULLS = ("", "~", "null", "Null", "NULL")
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. Line breaks are spaces, and it is stripped; empty for null."""

    text: str
    where: Position
    offset: int | None = None
    """How far the first character stands from `where`'s column, if the text is on one line as it is in the file."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    where: Position


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping: by key, where the key stands and what it holds."""

    entries: dict[str, tuple[Position, Node]]
    where: Position


Node = Scalar | Sequence | Table


def read_yaml(text: str, path: str) -> tuple[Node | None, list[Problem]]:
    """The document's tree, and its faults: `bad-yaml`, `duplicate-key`. `None` when it is empty or cannot be read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from ruamel.yaml.events import AliasEvent

    problems: list[Problem] = []
    try:
        for event in YAML(typ="rt", pure=True).parse(text):
            if isinstance(event, AliasEvent):
                mark = event.start_mark
                return None, [Problem("bad-yaml", "an alias (*name) is not used here", Position(path, mark.line + 1, mark.column + 1), QUOTE_HINT)]
        root = YAML(typ="rt", pure=True).compose(text)
    except (YAMLError, ValueError, AttributeError, TypeError, AssertionError, IndexError, RecursionError) as error:
        return None, [_broken(error, path)]
    if root is None:
        return None, []
    return _convert(root, path, problems, 0), problems


def _broken(error: BaseException, path: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = Position(path, mark.line + 1, mark.column + 1) if mark else Position(path)
    said = getattr(error, "problem", None) or str(error).split("\n")[0] or type(error).__name__
    return Problem("bad-yaml", f"not YAML: {said}", where, QUOTE_HINT)


def _convert(node: Any, path: str, problems: list[Problem], depth: int) -> Node:
    where = Position(path, node.start_mark.line + 1, node.start_mark.column + 1)
    if depth > _DEPTH or (node.tag and not str(node.tag).startswith("tag:yaml.org,2002:")):
        problems.append(Problem("bad-yaml", "a YAML tag or too deep a nesting", where, QUOTE_HINT))
        return Scalar("", where)
    if node.id == "scalar":
        return _scalar(node, where)
    if node.id == "sequence":
        return Sequence(tuple(_convert(item, path, problems, depth + 1) for item in node.value), where)
    entries: dict[str, tuple[Position, Node]] = {}
    for key, value in _pairs(node, path, problems):
        at = Position(path, key.start_mark.line + 1, key.start_mark.column + 1)
        if key.value in entries:
            problems.append(Problem("duplicate-key", f"the key {key.value!r} stands twice", at, f"it first stands in line {entries[key.value][0].line}"))
            continue
        entries[key.value] = (at, _convert(value, path, problems, depth + 1))
    return Table(entries, where)


def _pairs(node: Any, path: str, problems: list[Problem]) -> Iterator[tuple[Any, Any]]:
    for key, value in node.value:
        if key.id == "scalar":
            yield key, value
        else:
            problems.append(Problem("bad-yaml", "a key must be a word", Position(path, key.start_mark.line + 1, key.start_mark.column + 1), QUOTE_HINT))


def _scalar(node: Any, where: Position) -> Scalar:
    value = node.value.replace("\a", "") if node.style == ">" else node.value  # where ruamel.yaml notes a fold
    text = re.sub(r"[ \t]*\n\s*", " ", value).strip()
    if node.style is None and text in _NULLS:
        return Scalar("", where)
    single = node.end_mark.line == node.start_mark.line and text == node.value
    offset = (0 if node.style is None else 1) if single and node.style in (None, "'", '"') else None
    return Scalar(text, where, offset)
