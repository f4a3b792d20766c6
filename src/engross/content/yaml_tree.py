"""YAML as a tree of texts with positions. No scalar is interpreted: `NO` is Norway, and a date is text until somebody asks for a date.

YAML 1.2 through ruamel.yaml's composer. Anchors, aliases and tags are refused: staff do not write them, and aliases can grow without bound.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from engross.errors import Position, Problem
from engross.values import value_class

QUOTE_HINT = "put a text between double quotes if it holds “: ” or “ #”, or begins with a sign"
TAB_HINT = "put spaces where the tab stands: YAML takes no tabs at the beginning of a line"
_NULLS = ("", "~", "null", "Null", "NULL")
_DEPTH = 20


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


def read_yaml(text: str, path: str) -> tuple[Node | None, list[Problem]]:
    """The document's tree, and its faults: `bad-yaml`, `duplicate-key`. `None` when it is empty or cannot be read."""
    tree, problems = _read(text, path)
    return tree, list(problems)


@lru_cache(maxsize=16)
def _read(text: str, path: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Kept for a text that comes again: the parser is slow (20 to 40 ms a file), and most files stay as they are while one is edited."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    problems: list[Problem] = []
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, ValueError, AttributeError, TypeError, AssertionError, IndexError, RecursionError) as error:
        return None, (_broken(error, path),)
    if root is None:
        return None, ()
    return _Conversion(path, problems).node(root), tuple(problems)


def _broken(error: BaseException, path: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = Position(path, mark.line + 1, mark.column + 1) if mark else Position(path)
    said = getattr(error, "problem", None) or str(error).split("\n")[0] or type(error).__name__
    return Problem("bad-yaml", f"not YAML: {said}", where, TAB_HINT if "'\\t'" in said else QUOTE_HINT)


class _Conversion:
    """Makes the tree; each node of the document is visited once, so that aliases cannot make it grow."""

    def __init__(self, path: str, problems: list[Problem]) -> None:
        self.path, self.problems = path, problems
        self.seen: set[int] = set()

    def at(self, node: Any) -> Position:
        return Position(self.path, node.start_mark.line + 1, node.start_mark.column + 1)

    def node(self, node: Any, depth: int = 0) -> Node:
        """What a node of the parsed file is, with its place; what letters do not use is a problem."""
        where = self.at(node)
        strange = node.tag and not str(node.tag).startswith("tag:yaml.org,2002:")
        if strange or depth > _DEPTH or id(node) in self.seen:
            what = "a tag (!name)" if strange else "an alias (*name)" if id(node) in self.seen else "so deep a nesting"
            self.problems.append(Problem("bad-yaml", f"{what} is not used here", where, QUOTE_HINT))
            return Scalar("", where)
        self.seen.add(id(node))
        if node.id == "scalar":
            return _scalar(node, where)
        if node.id == "sequence":
            return Sequence(tuple(self.node(item, depth + 1) for item in node.value), where)
        return Table(self.entries(node, depth), where)

    def entries(self, node: Any, depth: int) -> dict[str, tuple[Position, Node]]:
        """The entries of a mapping by key, each with the place of its key; keys that are no words or stand twice are problems."""
        entries: dict[str, tuple[Position, Node]] = {}
        for key, value in node.value:
            at = self.at(key)
            if key.id != "scalar":
                self.problems.append(Problem("bad-yaml", "a key must be a word", at, QUOTE_HINT))
            elif key.value in entries:
                self.problems.append(Problem("duplicate-key", f"the key {key.value!r} stands twice", at, f"it first stands in line {entries[key.value][0].line}"))
            else:
                entries[key.value] = (at, self.node(value, depth + 1))
        return entries


def _scalar(node: Any, where: Position) -> Scalar:
    text = re.sub(r"[ \t]*\n\s*", " ", node.value).strip()
    if node.style is None and text in _NULLS:
        return Scalar("", where)
    single = node.end_mark.line == node.start_mark.line and text == node.value
    offset = (0 if node.style is None else 1) if single and node.style in (None, "'", '"') else None
    return Scalar(text, where, offset)
