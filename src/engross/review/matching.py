"""What came back, held against what the letter says now: each block found again or refused, each change numbered."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

from engross.errors import Position, Problem
from engross.review import marks, wording
from engross.review.export import Text, Texts
from engross.review.model import UNTRACKED, Change, Comment, Piece, Report, Reviewed
from engross.review.reading import Paragraph, Remark, Revision
from engross.review.wording import Glyphs

_ALIKE = 0.6
_SHOWN = 400
HINT_BY_HAND = "settle it with the reviewers and change the text by hand"


@dataclass(slots=True)
class _Block:
    """A paragraph with the text it carries."""

    paragraph: Paragraph
    mark: marks.Mark
    text: Text


def match(found: Texts, paragraphs: Sequence[Paragraph], remarks: dict[str, Remark], sent: Sequence[str], file: str) -> Report:
    """The report of a reviewed file; nothing is written.

    Args:
        found: what the letter says now.
        paragraphs: of the file, in order.
        remarks: its comments by id.
        sent: what was sent out, `alias=digest`, in order; empty when the file does not say.
        file: the file's name.
    """
    return _Matcher(found, paragraphs, remarks, sent, file).report()


@dataclass
class _Matcher:
    found: Texts
    paragraphs: Sequence[Paragraph]
    remarks: dict[str, Remark]
    sent: Sequence[str]
    file: str
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    blocks: list[Reviewed] = field(default_factory=list)
    present: set[str] = field(default_factory=set)
    """Ids of changes that stand in the letter already."""
    spoilt: set[str] = field(default_factory=set)
    """Aliases of blocks that are reported and not taken."""
    labels: dict[int, str] = field(default_factory=dict)
    """By the paragraph's index, the label it is reported under."""

    def report(self) -> Report:
        """Match every paragraph with the text that it was, then say what changed in it."""
        by_alias = {marks.alias(text.label): text for text in self.found.texts}
        self.slipped(by_alias)
        placed = [(at, self.own(paragraph, marks.TARGET)) for at, paragraph in enumerate(self.paragraphs)]
        anchors = [(at, mark) for at, found in placed for mark in found]
        known = {at: self.resolve(mark, by_alias) for at, mark in anchors}
        self.structure(anchors, known, by_alias)
        for at, paragraph in enumerate(self.paragraphs):
            text = known.get(at)
            self.labels[at] = text.label if text else self.labels.get(at, "")
            pieces = self.pieces(paragraph, self.labels[at])
            mark = next(iter(self.own(paragraph, marks.TARGET)), None)
            if text and mark and mark.alias not in self.spoilt:
                self.block(_Block(paragraph, mark, text), pieces)
        for source in (p for p in self.paragraphs if self.own(p, marks.SOURCE)):
            self.source_column(source, by_alias)
        return Report(
            self.found.letter.id,
            self.found.lang,
            self.file,
            tuple(self.changes),
            tuple(self.comments()),
            tuple(self.blocks),
            tuple(sorted(self.problems, key=lambda p: p.where)),
            present=frozenset(self.present),
        )

    def own(self, paragraph: Paragraph, kind: str) -> list[marks.Mark]:
        return [mark for mark in paragraph.marks if mark.kind == kind]

    def problem(self, code: str, message: str, text: Text | None = None, hint: str = HINT_BY_HAND, *texts: tuple[str, Glyphs | str]) -> None:
        """A problem at the place of a text in the workspace, with the wordings it is about."""
        where = text.line.segment.where if text else Position(self.file)
        shown = "; ".join(f"{name}: “{_short(words if isinstance(words, str) else wording.plain(wording.tidy(words)))}”" for name, words in texts)
        label = f"{text.label}: " if text else ""
        self.problems.append(Problem(code, f"{label}{message}{': ' if shown else ''}{shown}", where, hint))

    # -- which block is which

    def resolve(self, mark: marks.Mark, by_alias: dict[str, Text]) -> Text | None:
        """The text a bookmark means today: the same label and wording, else the same wording elsewhere."""
        text = by_alias.get(mark.alias)
        if text and text.digest == mark.digest:
            return text
        same = [other for other in self.found.texts if other.digest == mark.digest]
        return same[0] if len(same) == 1 else text

    def slipped(self, by_alias: dict[str, Text]) -> None:
        """Put back a bookmark that stayed behind in an empty paragraph: somebody pressed Enter before the first word."""
        for paragraph, following in pairwise(self.paragraphs):
            own = self.own(paragraph, marks.TARGET)
            if len(own) != 1 or following.marks or _words(paragraph.base):
                continue
            text = self.resolve(own[0], by_alias)
            if text and text.segment.text and wording.tidy(following.base) == wording.tidy(wording.glyphs(text.segment.text, marked_up=text.line.segment.markup)):
                paragraph.marks.remove(own[0])
                following.marks.append(own[0])

    def structure(self, anchors: Sequence[tuple[int, marks.Mark]], known: dict[int, Text | None], by_alias: dict[str, Text]) -> None:
        """Blocks that were copied, merged, split, moved, lost or newly made."""
        counts = Counter(mark.alias for _, mark in anchors)
        for alias in (alias for alias, count in counts.items() if count > 1):
            self.spoil(alias, "review-copied", "stands more than once in the file", by_alias)
        self.merged(anchors, by_alias)
        self.moved(anchors, by_alias)
        self.unlabelled(anchors, known, by_alias)
        gone = [alias for alias, _ in self.outgoing() if alias not in counts and alias not in self.spoilt]
        for alias in gone:
            text = by_alias.get(alias)
            self.problem("review-missing", "the file no longer has this text", text, HINT_BY_HAND, ("the letter", text.segment.text if text else alias))

    def outgoing(self) -> list[tuple[str, str]]:
        return [(alias, digest) for alias, _, digest in (entry.partition("=") for entry in self.sent)] or [(marks.alias(t.label), t.digest) for t in self.found.texts]

    def spoil(self, alias: str, code: str, message: str, by_alias: dict[str, Text], *texts: tuple[str, Glyphs | str]) -> None:
        text = by_alias.get(alias)
        self.spoilt.add(alias)
        self.problem(code, message, text, HINT_BY_HAND, *((("the letter", text.segment.text),) if text else ()), *texts)

    def merged(self, anchors: Sequence[tuple[int, marks.Mark]], by_alias: dict[str, Text]) -> None:
        """Two bookmarks in a paragraph, or a paragraph whose end is struck out before another text of the letter."""
        at_of = dict(anchors)
        for at, paragraph in enumerate(self.paragraphs):
            own = self.own(paragraph, marks.TARGET)
            follower = at_of.get(at + 1)
            both = paragraph.joined and follower and own and _words(paragraph.final) and _words(self.paragraphs[at + 1].final)  # else one of them was struck out as a whole
            joined = [*own, follower] if both and follower else own
            if len(joined) > 1:
                final = (*paragraph.final, wording.Glyph(" "), *self.paragraphs[at + 1].final) if paragraph.joined else paragraph.final
                for mark in joined:
                    self.spoil(mark.alias, "review-merged", "was joined with another text", by_alias, ("the file", final))

    def moved(self, anchors: Sequence[tuple[int, marks.Mark]], by_alias: dict[str, Text]) -> None:
        """Blocks out of the order in which they were sent: all but the longest run that kept it. Tracked moves are moves too."""
        order = {alias: at for at, (alias, _) in enumerate(self.outgoing())}
        sequence = [(at, mark) for at, mark in anchors if mark.alias in order and mark.alias not in self.spoilt]
        kept = _longest_increasing([order[mark.alias] for _, mark in sequence])
        for at, (where, mark) in enumerate(sequence):
            paragraph = self.paragraphs[where]
            if at not in kept or any(s.moved for s in paragraph.stretches):
                self.spoil(mark.alias, "review-moved", "was moved", by_alias, ("the file", paragraph.final))

    def unlabelled(self, anchors: Sequence[tuple[int, marks.Mark]], known: dict[int, Text | None], by_alias: dict[str, Text]) -> None:
        """Paragraphs without a bookmark: the rest of one that was split, one that lost its bookmark, or a new one."""
        at_of, present = dict(anchors), {mark.alias for _, mark in anchors}
        missing = {alias: text for alias, text in by_alias.items() if alias not in present}
        previous: int | None = None
        for at, paragraph in enumerate(self.paragraphs):
            if at in at_of:
                previous = at
                continue
            if self.own(paragraph, marks.SOURCE) or not paragraph.stretches or self.furniture(paragraph):
                continue
            if all(s.moved for s in paragraph.stretches):
                self.labels[at] = self.same(paragraph)
                continue
            text = known.get(previous) if previous is not None else None
            if text and previous is not None and self.rest(previous, at, text):
                self.labels[at] = text.label
                final = tuple(g for p in self.paragraphs[previous : at + 1] for g in (*p.final, wording.Glyph(" ")))
                self.spoil(at_of[previous].alias, "review-split", "was split into several paragraphs", by_alias, ("the file", final))
                continue
            lost = self.lost(paragraph, missing)
            if lost:
                self.labels[at] = missing[lost].label
                self.spoil(lost, "review-unlabelled", "lost its hidden bookmark", by_alias, ("the file", paragraph.final))
                del missing[lost]
            elif _words(paragraph.final):
                after = f"after {text.label}" if text else "at the beginning"
                self.labels[at] = ""
                self.problem("review-new", f"a paragraph that the letter does not have, {after}", None, HINT_BY_HAND, ("the file", paragraph.final))

    def same(self, paragraph: Paragraph) -> str:
        """The label of the text that the other end of a tracked move is."""
        words = wording.plain(g for s in paragraph.stretches for g in s.glyphs)
        return next((t.label for t in self.found.texts if wording.plain(wording.glyphs(t.segment.text, marked_up=t.line.segment.markup)) == words), "")

    def furniture(self, paragraph: Paragraph) -> bool:
        """Labels and column heads of the table, which are grey and nobody's text."""
        words = _words(paragraph.base)
        return self.found.translated and (words in {text.label for text in self.found.texts} or paragraph.stretches[0] in self.heads())

    def heads(self) -> list[object]:
        first = next((at for at, p in enumerate(self.paragraphs) if p.marks), 0)
        return [s for p in self.paragraphs[: max(first - 1, 0)] for s in p.stretches]

    def rest(self, start: int, at: int, text: Text) -> bool:
        """Whether this paragraph and those since the bookmark were one."""
        group = self.paragraphs[start : at + 1]
        whole = wording.plain(wording.tidy(g for p in group for g in (*p.base, wording.Glyph(" "))))
        expected = wording.plain(wording.tidy(wording.glyphs(text.segment.text, marked_up=text.line.segment.markup)))
        if not _words(group[-1].base):
            return False
        return whole.replace(" ", "") == expected.replace(" ", "") or (
            wording.plain(wording.tidy(group[0].base)) != expected and SequenceMatcher(None, whole, expected, autojunk=False).ratio() > 1 - (1 - _ALIKE) / 2
        )

    def lost(self, paragraph: Paragraph, missing: dict[str, Text]) -> str:
        """The alias of the missing text that a paragraph most likely is; empty for none."""
        best, score = "", _ALIKE
        for alias, text in missing.items():
            words = wording.plain(wording.glyphs(text.segment.text, marked_up=text.line.segment.markup))
            ratio = max(SequenceMatcher(None, wording.plain(version), words, autojunk=False).ratio() for version in (paragraph.base, paragraph.final))
            if ratio > score:
                best, score = alias, ratio
        return best

    # -- what changed

    def pieces(self, paragraph: Paragraph, label: str) -> tuple[Piece, ...]:
        """The paragraph's stretches with their changes numbered; stretches of one change share its number."""
        out: list[Piece] = []
        last: tuple[str, Revision] | None = None
        for stretch in paragraph.stretches:
            ids = {"insert": "", "delete": "", "format": ""}
            for kind, who in (("insert", stretch.inserted), ("delete", stretch.deleted), ("format", stretch.formatted)):
                if who:
                    ids[kind] = self.number(kind, label, stretch.glyphs, who, joined=last == (kind, who))
                    last = (kind, who)
            if not any(ids.values()):
                last = None
            out.append(Piece(stretch.glyphs, ids["insert"], ids["delete"], ids["format"], stretch.before))
        return tuple(out)

    def number(self, kind: str, label: str, text: Glyphs, who: Revision, *, joined: bool) -> str:
        words = wording.plain(text)
        if joined:
            old = self.changes[-1]
            self.changes[-1] = Change(old.id, label, kind, old.text + words, old.author, old.date)
        else:
            self.changes.append(Change(str(len(self.changes) + 1), label, kind, words, who.author, who.date))
        return self.changes[-1].id

    def block(self, block: _Block, pieces: tuple[Piece, ...]) -> None:
        """A block in its place: clean, or reported."""
        text, paragraph = block.text, block.paragraph
        current = wording.glyphs(text.segment.text, marked_up=text.line.segment.markup)
        if text.digest != block.mark.digest:
            mine = {key for piece in pieces for key in (piece.inserted, piece.deleted, piece.formatted) if key}
            if mine and wording.tidy(paragraph.final) == wording.tidy(current):
                self.present |= mine
                return
            self.problem(
                "review-stale",
                "the text has changed since the file was sent",
                text,
                "take over by hand what still applies",
                ("the letter now", current),
                ("the file", paragraph.final),
            )
            return
        if paragraph.strange:
            self.problem("review-strange", f"holds {', '.join(dict.fromkeys(paragraph.strange))}", text, HINT_BY_HAND, ("the file", paragraph.final))
            return
        if current and not _words(paragraph.final):
            self.problem("review-deleted", "the whole text was deleted", text, "remove it from the letter by hand if it is to go", ("the letter", current))
            return
        base = wording.tidy(paragraph.base)
        if base == wording.tidy(current):
            if any(piece.inserted or piece.deleted or piece.formatted for piece in pieces):
                self.blocks.append(Reviewed(text.segment, text.line.segment, pieces))
            return
        self.untracked(text, current, paragraph)

    def untracked(self, text: Text, current: Glyphs, paragraph: Paragraph) -> None:
        """Words that changed while tracking was off: listed as nobody's changes, taken only by name."""
        listed = self.changes
        self.changes = [change for change in listed if change.label != text.label]
        pieces: list[Piece] = []
        for kind, glyphs in wording.compare(wording.tidy(current), wording.tidy(paragraph.final)):
            key = "" if kind == "equal" else self.number(kind, text.label, glyphs, Revision(UNTRACKED, ""), joined=False)
            pieces.append(Piece(glyphs, inserted=key if kind == "insert" else "", deleted=key if kind == "delete" else ""))
        self.blocks.append(Reviewed(text.segment, text.line.segment, tuple(pieces), untracked=True))
        hint = f"if it is meant, take it over with --apply --accept {text.label}"
        self.problem("review-untracked", "was changed while changes were not tracked", text, hint, ("the letter", current), ("the file", paragraph.final))

    def source_column(self, paragraph: Paragraph, by_alias: dict[str, Text]) -> None:
        mark = self.own(paragraph, marks.SOURCE)[0]
        text = by_alias.get(mark.alias)
        if text and any(s.inserted or s.deleted for s in paragraph.stretches):
            own = text.line.segment
            hint = "the source is reviewed in a file of its own: `engross review export` without -l"
            self.problem("review-source", "the source beside the translation was edited", text, hint, ("the letter", own.text), ("the file", paragraph.final))

    def comments(self) -> Iterable[Comment]:
        """The comments with the text that each is about; of one that spans paragraphs, the first names the text."""
        seen: dict[str, tuple[str, str]] = {}
        for at, paragraph in enumerate(self.paragraphs):
            source = next(iter(self.own(paragraph, marks.SOURCE)), None)
            label = self.labels.get(at, "") or next((t.label for t in self.found.texts if source and marks.alias(t.label) == source.alias), "")
            for key, quoted in paragraph.comments.items():
                old = seen.get(key)
                seen[key] = (old[0] or label, f"{old[1]} {quoted}".strip()) if old else (label, quoted)
        for key, remark in self.remarks.items():
            label, quoted = seen.get(key, ("", ""))
            yield Comment(label, remark.text, remark.author, remark.date, quoted)


def _longest_increasing(values: Sequence[int]) -> set[int]:
    """Indices of the longest increasing subsequence (patience sorting)."""
    tails: list[int] = []
    tops: list[int] = []
    before: list[int] = []
    for at, value in enumerate(values):
        place = bisect_left(tails, value)
        before.append(tops[place - 1] if place else -1)
        tails[place : place + 1] = [value]
        tops[place : place + 1] = [at]
    kept: set[int] = set()
    at = tops[-1] if tops else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return kept


def _words(text: Glyphs) -> str:
    return wording.plain(text).strip()


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
