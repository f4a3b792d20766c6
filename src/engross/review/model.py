"""What comes back from a review: changes and comments by segment, and what cannot be taken over by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from engross.errors import Problem
from engross.letter import Segment
from engross.review.wording import Glyph, Glyphs

UNTRACKED = ""
"""The author of a change that nobody's name stands at: tracking was off."""


@dataclass(frozen=True, slots=True)
class Change:
    """One insertion, deletion or change of formatting."""

    id: str
    """`3`, its number in the file: what `--accept` takes."""
    label: str
    kind: str
    """`insert`, `delete` or `format`."""
    text: str
    author: str
    date: str
    """ISO 8601 as the program wrote it; empty when it did not."""


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark in the margin."""

    label: str
    """Empty when it stands at no block of the letter."""
    text: str
    author: str
    date: str
    quoted: str = ""
    """The words it is about."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters that one author set, deleted, or left alone."""

    glyphs: Glyphs
    inserted: str = ""
    """Id of the change that puts it in; empty when it was there."""
    deleted: str = ""
    formatted: str = ""
    before: Glyphs = ()
    """How it was set before the change `formatted`."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One block of the letter as it came back, clean enough to be taken over."""

    segment: Segment
    """The current segment; of a translation, with the translation as text."""
    source: Segment
    """The segment of the letter as it is written."""
    pieces: tuple[Piece, ...]
    untracked: bool = False
    """The text differs from what was sent out beyond the tracked changes."""

    def text(self, accepted: frozenset[str]) -> Glyphs:
        """The text with some changes accepted and all others rejected."""
        out: list[Glyph] = []
        for piece in self.pieces:
            if (piece.inserted and piece.inserted not in accepted) or (piece.deleted and piece.deleted in accepted):
                continue
            out.extend(piece.before if piece.formatted and piece.formatted not in accepted else piece.glyphs)
        return tuple(out)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a reviewed file says."""

    letter: str
    lang: str
    file: str
    changes: tuple[Change, ...] = ()
    comments: tuple[Comment, ...] = ()
    blocks: tuple[Reviewed, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What is not taken over by itself, with both texts."""
    applied: tuple[str, ...] = ()
    """Ids of the changes that were written."""
    written: tuple[str, ...] = field(default=())
    """Files that were written."""
    present: frozenset[str] = frozenset()
    """Ids of changes that stand in the letter already: they were written before, or somebody else made the same ones."""

    def to_json(self) -> dict[str, Any]:
        """As plain data for other programs; the problems are the caller's to add in the form all commands have."""
        return {
            "letter": self.letter,
            "language": self.lang,
            "file": self.file,
            "changes": [asdict(change) | {"applied": change.id in self.applied, "present": change.id in self.present} for change in self.changes],
            "comments": [asdict(comment) for comment in self.comments],
            "written": list(self.written),
        }

    def lines(self) -> Iterator[str]:
        """The report for people."""
        by_label: dict[str, list[str]] = {}
        signs = {"insert": "+", "delete": "−", "format": "~"}
        for change in self.changes:
            who = f"{change.author or 'nobody (tracking was off)'}, {change.date or 'undated'}"
            done = "  [written]" if change.id in self.applied else "  [stands there already]" if change.id in self.present else ""
            by_label.setdefault(change.label, []).append(f"  {change.id:>3}  {signs[change.kind]} “{change.text}”  ({who}){done}")
        for comment in self.comments:
            quoted = f" on “{comment.quoted}”" if comment.quoted else ""
            by_label.setdefault(comment.label, []).append(f"   ?   {comment.text}{quoted}  ({comment.author}, {comment.date or 'undated'})")
        for label, rows in by_label.items():
            yield label or "outside the letter's texts"
            yield from rows
        changes, comments = (f"{len(found)} {thing}{'' if len(found) == 1 else 's'}" for found, thing in ((self.changes, "change"), (self.comments, "comment")))
        yield f"{self.file}: {changes}, {comments}, {len(self.problems)} to be settled by hand; {len(self.applied)} written"
