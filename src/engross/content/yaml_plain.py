"""YAML as people write it, read line by line: a tenth of the time that ruamel.yaml takes to be loaded and to read it.

Plain is a file in which each line is a comment, a key, an item, or both, with a value that ends on its line: words without a sign that YAML knows, words
between quotes without escapes, `[a, b]`, or `{key: value, key: value}`. All else is left to ruamel.yaml, and so is every mistake, so that there is one voice
for it. A test holds the two to each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engross.content.yaml_nodes import Node, Scalar, Sequence, Table, scalar
from engross.errors import Position
from engross.values import value_class

_KEY = r"[A-Za-z_][A-Za-z0-9_-]*"
_QUOTED = r""""[^"\\]*"|'[^']*'"""
_SIGNS = r"""\-?:,\[\]{}#&*!|>'"%@`"""
_LINE = re.compile(rf"( *)(- +)?(?:({_KEY}):(?: +|\Z))?(.*?) *\Z")
"""Indentation, dash, key, value."""
_WORDS = re.compile(rf"[^\s{_SIGNS}](?:[^:#]|:(?=[^ ])|(?<=[^ ])#)*\Z")
_FLOW_WORDS = rf"[^\s{_SIGNS}][^,\[\]{{}}:#]*"
_ITEM = re.compile(rf"({_QUOTED}|{_FLOW_WORDS}?) *(?:, +|\]\Z)")
_ENTRY = re.compile(rf"({_KEY}): +({_QUOTED}|{_FLOW_WORDS}?) *(?:, +|\}}\Z)")

_DEEPEST = 16
"""Columns of indentation: no letter goes so deep, and who does is told so by the other reader."""


class _NotPlain(Exception):
    """Something that this reader leaves to the other."""


@value_class
class _Line:
    number: int
    indent: int
    dash: str
    key: str
    value: str
    column: int
    """Where the value begins, from 0."""


def read_plain(text: str, path: str) -> Node | None:
    """The document's tree if every line of it is plain, otherwise nothing."""
    try:
        lines = list(_lines(text))
        node, rest = _block(lines, 0, path) if lines else (None, 0)
    except _NotPlain:
        return None
    return node if rest == len(lines) else None


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.isprintable():
            raise _NotPlain
        content = line.strip(" ")
        if not content or content.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None or len(match[1]) > _DEEPEST:
            raise _NotPlain
        yield _Line(number, len(match[1]), match[2] or "", match[3] or "", match[4], match.start(4))


def _block(lines: list[_Line], first: int, path: str) -> tuple[Node, int]:
    """The list or the mapping that begins in a line, and the line after it."""
    begin = lines[first]
    if not begin.dash:
        return _mapping(lines, first, begin.indent, path)
    items: list[Node] = []
    at = first
    while at < len(lines) and lines[at].indent == begin.indent and lines[at].dash:
        line = lines[at]
        if line.key:
            item, at = _mapping(lines, at, line.indent + len(line.dash), path)
        else:
            item, at = _value(line, path), _after(lines, at, begin.indent)
        items.append(item)
    return Sequence(tuple(items), Position(path, begin.number, begin.indent + 1)), at


def _mapping(lines: list[_Line], first: int, indent: int, path: str) -> tuple[Node, int]:
    """A mapping whose keys stand at `indent`, the first of them perhaps behind a dash."""
    entries: dict[str, tuple[Position, Node]] = {}
    at = first
    while at < len(lines) and (at == first or (lines[at].indent == indent and not lines[at].dash)):
        line = lines[at]
        if not line.key or line.key in entries:
            raise _NotPlain
        where = Position(path, line.number, indent + 1)
        if line.value:
            entries[line.key], at = (where, _value(line, path)), _after(lines, at, indent)
        elif at + 1 < len(lines) and lines[at + 1].indent > indent:
            node, at = _block(lines, at + 1, path)
            entries[line.key] = (where, node)
        else:  # null, or a list that stands as far left as its key
            raise _NotPlain
    return Table(entries, Position(path, lines[first].number, indent + 1)), at


def _after(lines: list[_Line], at: int, indent: int) -> int:
    """The next line; one that stands deeper would go on with the value."""
    if at + 1 < len(lines) and lines[at + 1].indent > indent:
        raise _NotPlain
    return at + 1


def _value(line: _Line, path: str) -> Node:
    where = Position(path, line.number, line.column + 1)
    if line.value.startswith("["):
        items = [_scalar(match[1], line, match.start(1), path) for match in _parts(_ITEM, line)]
        return Sequence(tuple(items), where)
    if line.value.startswith("{"):
        entries: dict[str, tuple[Position, Node]] = {}
        for match in _parts(_ENTRY, line):
            if match[1] in entries:
                raise _NotPlain
            entries[match[1]] = (Position(path, line.number, line.column + match.start(1) + 1), _scalar(match[2], line, match.start(2), path))
        return Table(entries, where)
    if not (_WORDS.match(line.value) or re.fullmatch(_QUOTED, line.value)):
        raise _NotPlain
    return _scalar(line.value, line, 0, path)


def _parts(pattern: re.Pattern[str], line: _Line) -> Iterator[re.Match[str]]:
    """What stands between the brackets of a value, part by part."""
    at = 1
    while at == 1 or at < len(line.value):
        match = pattern.match(line.value, at)
        if match is None:
            raise _NotPlain
        yield match
        at = match.end()


def _scalar(words: str, line: _Line, at: int, path: str) -> Scalar:
    style, value = (words[0], words[1:-1]) if words[0] in "\"'" else (None, words)
    return scalar(value, style, Position(path, line.number, line.column + at + 1), single=True)
