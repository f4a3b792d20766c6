"""Text with its formatting, character by character: what Word shows and what Markdown writes are both turned into it, and so can be compared.

Footnote references are characters like others, `[^key]`, in both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from engross import markup


class Glyph(NamedTuple):
    """One character and how it is set."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""


Glyphs = tuple[Glyph, ...]
Token = tuple[Glyph, ...]
_Escape = Callable[[str], str]

_TOKEN = re.compile(r"\[\^[^\]\s]+\]|[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+(?:[’'][^\W\d_]+)*|\s+|[^\w\s]")
_NOTE = re.compile(r"(\[\^[^\]\s]+\])")
_MOST = 0.35
"""Two texts of which less than this part is common share words by chance: the new one then replaces the old as a whole."""


class Unwritable(ValueError):
    """Formatting that the letters' Markdown cannot write."""


def glyphs(text: str, *, marked_up: bool) -> Glyphs:
    """A segment's characters; `marked_up` says whether its text is inline Markdown."""
    return tuple(_of(markup.parse(text), Glyph(""))) if marked_up else tuple(Glyph(c) for c in text)


def _of(nodes: Sequence[markup.Inline], look: Glyph) -> Iterator[Glyph]:
    """The characters of inline nodes, each with the look of all around it."""
    for node in nodes:
        if isinstance(node, markup.Text):
            yield from (look._replace(text=c) for c in node.text)
        elif isinstance(node, markup.NoteRef):
            yield from (look._replace(text=c) for c in f"[^{node.key}]")
        elif isinstance(node, markup.Link):
            yield from _of(node.children, look._replace(href=node.href))
        elif isinstance(node, markup.Strong):
            yield from _of(node.children, look._replace(strong=True))
        else:
            yield from _of(node.children, look._replace(emphasis=True))


def plain(text: Iterable[Glyph]) -> str:
    """The characters alone."""
    return "".join(glyph.text for glyph in text)


def tidy(text: Iterable[Glyph]) -> Glyphs:
    """Without spaces at the ends, with one where several stand, and spaces set like no particular word when formatting ends there.

    Programs move a space into or out of a bold word as they like; letters do not print the difference.
    """
    out: list[Glyph] = []
    for glyph in text:
        if glyph.text in " \t\n":
            if out and out[-1].text != " ":
                out.append(glyph._replace(text=" "))
        else:
            out.append(glyph)
    while out and out[-1].text == " ":
        out.pop()
    for at, glyph in enumerate(out):
        if glyph.text == " ":
            before, after = out[at - 1], out[at + 1]
            out[at] = Glyph(" ", before.strong and after.strong, before.emphasis and after.emphasis, before.href if before.href == after.href else "")
    return tuple(out)


def markdown(text: Sequence[Glyph]) -> str:
    """The Markdown that reads as these characters, with as few escapes as do.

    Raises:
        Unwritable: there is none, as for emphasis that begins inside a word next to other emphasis.
    """
    for escape in (_unescaped, markup.escape):
        written = _links(text, escape)
        if glyphs(written, marked_up=True) == tuple(text) and not markup.faults(written):
            return written
    raise Unwritable(f"this formatting cannot be written in the letter: {plain(text)!r}")


def _unescaped(text: str) -> str:
    return text if markup.parse(text) == (markup.Text(text),) and not markup.faults(text) else markup.escape(text)


def _links(text: Sequence[Glyph], escape: _Escape) -> str:
    return "".join(f"[{_emphasis(tuple(g), escape)}]({href})" if href else _emphasis(tuple(g), escape) for href, g in groupby(text, key=lambda glyph: glyph.href))


def _emphasis(text: Sequence[Glyph], escape: _Escape) -> str:
    """Strong outside, emphasis inside; where a strong word stands in an emphasized phrase, the other way round."""
    mixed = any(g.strong for g in text) and len({g.strong for g in text if g.emphasis}) > 1
    outer, inner = ("emphasis", "strong") if mixed else ("strong", "emphasis")
    marks = {"strong": "**", "emphasis": "*"}
    out = []
    for on, group in groupby(text, key=lambda glyph: bool(getattr(glyph, outer))):
        parts = "".join(
            f"{marks[inner]}{_plain(tuple(g), escape)}{marks[inner]}" if deep else _plain(tuple(g), escape)
            for deep, g in groupby(group, key=lambda glyph: bool(getattr(glyph, inner)))
        )
        out.append(f"{marks[outer]}{parts}{marks[outer]}" if on else parts)
    return "".join(out)


def _plain(text: Sequence[Glyph], escape: _Escape) -> str:
    return "".join(piece if at % 2 else escape(piece) for at, piece in enumerate(_NOTE.split(plain(text))) if piece)


def tokens(text: Sequence[Glyph]) -> list[Token]:
    """Words, spaces and marks: what a reader sees change. Chinese and Japanese characters are each their own; Korean is cut at its spaces."""
    return [tuple(text[match.start() : match.end()]) for match in _TOKEN.finditer(plain(text))]


Step = tuple[str, Glyphs]
"""`equal`, `delete` or `insert`, and the characters."""


def compare(old: Sequence[Glyph], new: Sequence[Glyph]) -> list[Step]:
    """The words that go and come, deletions before insertions, in reading order."""
    before, after = tokens(old), tokens(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if old and new and matcher.ratio() < _MOST:
        return [("delete", tuple(old)), ("insert", tuple(new))]
    steps: list[Step] = []
    for kind, i1, i2, j1, j2 in _bridged(matcher, before):
        gone, come = (tuple(g for token in part for g in token) for part in (before[i1:i2], after[j1:j2]))
        if kind == "equal":
            steps.append(("equal", gone))
            continue
        steps += [("delete", gone)] if gone else []
        steps += [("insert", come)] if come else []
    return steps


def _bridged(matcher: SequenceMatcher[Token], before: Sequence[Token]) -> Iterator[tuple[str, int, int, int, int]]:
    """The matcher's steps; a lone space between two changed words changes with them, which reads better."""
    held: tuple[int, int, int, int] | None = None
    steps = matcher.get_opcodes()
    for at, (kind, i1, i2, j1, j2) in enumerate(steps):
        lone = kind == "equal" and plain(g for token in before[i1:i2] for g in token).isspace() and 0 < at < len(steps) - 1
        if kind == "equal" and not lone:
            if held:
                yield ("replace", *held)
                held = None
            yield kind, i1, i2, j1, j2
        else:
            held = (held[0], i2, held[2], j2) if held else (i1, i2, j1, j2)
    if held:
        yield ("replace", *held)
