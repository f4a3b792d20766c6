"""The characters of one body segment and where each stands in the file, and what is wrong inside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engross import markup
from engross.content.source import SUSPECT, unseen
from engross.errors import Position, Problem
from engross.values import value_class

_TYPED = re.compile(r"(?:\(?\d{1,3}(?:\.\d{1,3})*\\?[.)]|\(?[a-z]\)|\([ivx]+\)|[ivxIVX]{1,4}[.)]|[•·▪●○◦–—\-+*])\s+\S")
_NOTE = re.compile(r"\[\^([^\]\s]+)\]")


@value_class
class Lines:
    """A text of one line, made from one or several lines of the file."""

    text: str
    path: str
    spans: tuple[tuple[int, int, int], ...]
    """(offset in the text, line, column) where a line of the file begins; columns and lines are 1-based."""
    breaks: tuple[int, ...] = ()
    """Offsets at which the file forces a line break (two spaces or a backslash at the end of a line)."""

    @classmethod
    def read(cls, pieces: Sequence[str], source: Sequence[str], path: str, index: int, first: int) -> Lines:
        """Join `pieces`, the content of the lines of `source` from `index` on; `first` is the file's number of the first line of `source`."""
        text, spans, breaks = "", [], []
        for number, piece in enumerate(pieces):
            stripped = piece.strip()
            if number:
                previous = pieces[number - 1]
                backslash = len(previous) - len(previous.rstrip("\\")) & 1
                if backslash or previous.endswith("  "):
                    breaks.append(len(text) - backslash)
                text += " " if text and stripped else ""
            line = source[index + number] if index + number < len(source) else ""
            spans.append((len(text), first + index + number, max(line.find(stripped), 0) + 1))
            text += stripped
        return cls(text, path, tuple(spans), tuple(breaks))

    def at(self, offset: int) -> Position:
        """Where the character at `offset` stands."""
        start, line, column = next(span for span in reversed(self.spans) if span[0] <= max(offset, self.spans[0][0]))
        return Position(self.path, line, column + max(offset - start, 0))

    def cut(self, start: int) -> Lines:
        """The text from `start` on."""
        where = self.at(start)
        later = tuple((offset - start, line, column) for offset, line, column in self.spans if offset > start)
        return Lines(self.text[start:], self.path, ((0, where.line, where.column), *later), tuple(b - start for b in self.breaks))


def note_references(text: str) -> Iterator[tuple[str, int]]:
    """The footnotes a text refers to, with the offsets of the references."""
    cursor = 0
    for key in markup.note_keys(text):
        cursor = max(text.find(f"[^{key}]", cursor), cursor)
        yield key, cursor
        cursor += 1


def inline_problems(lines: Lines, role: str) -> list[Problem]:
    """What the inline Markdown of a block may not hold."""
    problems = [Problem(fault.code, fault.message, lines.at(fault.offset), fault.hint) for fault in markup.faults(lines.text)]
    if "&" in lines.text:  # an entity may stand for what the file's own characters may not be
        hidden = dict.fromkeys(match[0] for match in SUSPECT.finditer(markup.plain(lines.text)) if match[0] not in lines.text)
        problems += [unseen(character, lines.at(lines.text.index("&"))) for character in hidden]
    problems += [
        Problem("unsupported-markup", "a forced line break", lines.at(offset), "end the paragraph with an empty line, or remove the spaces or backslash") for offset in lines.breaks
    ]
    if role in ("heading", "bullet", "item") and (match := _TYPED.match(lines.text)):
        what = "number or mark"
        problems.append(
            Problem("typed-number", f"the {role} begins with a typed {what}: {lines.text[: match.end()]!r}", lines.at(0), "remove it; the layout numbers sections and marks items")
        )
    return problems
