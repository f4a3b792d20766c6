"""Two sequences of texts laid side by side: what a letter says and what was read, differences told apart by kind.

Where all is well the comparison is one walk: every text follows the one before and nothing is left over. Only where it is not, the texts that stand
there once and whole hold the rest in place (a longest increasing subsequence, as in patience diff), and what is between them is explained.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engross.proof.distance import find
from engross.proof.finding import Finding, Place, short
from engross.proof.wanted import Item

INVISIBLE = "\u2060\u200b\u00ad\ufeff"
SOFT_HYPHENS = "\ufffe\x02"
"""How pdfium gives a hyphen at the end of a line."""
_SKIPPED = frozenset(f" \t\n\r\x0b\x0c\x85\xa0\u2009\u202f\u3000\x00-{INVISIBLE}{SOFT_HYPHENS}")
SKIPPED = re.compile(f"[{''.join(map(re.escape, sorted(_SKIPPED)))}]+")
_HIDDEN = re.compile(f"[{INVISIBLE}{SOFT_HYPHENS}]")
_WORDS = re.compile(r"\s+|[^\s]+")
MARKED, WORD = 5, 16
"""So many places of a text are marked one by one, and so long is a word where there are no spaces."""
AROUND = 6
"""So many words and spaces, or characters, are shown around a difference."""
ANCHOR = 6
"""Characters that a text needs to hold others in place."""
ALIKE = 0.4
"""Share of a text that may differ before it is another text."""
_FIGURE = re.compile(r"[+]?\d[\d.,:/-]*|\S+@\S+|https?://\S+")


@dataclass(frozen=True, slots=True)
class Stream:
    """What was read, without spaces and hyphens, and where each character stood."""

    raw: str
    folded: str
    at: tuple[int, ...]
    """Index in `raw` of each character of `folded`."""

    def slice(self, start: int, end: int) -> str:
        """The text as it was read between two places of the folded one."""
        return self.raw[self.at[start] : self.at[end - 1] + 1] if end > start else ""


def stream(raw: str) -> Stream:
    """The text prepared for comparison."""
    return Stream(raw, SKIPPED.sub("", raw), tuple(index for index, character in enumerate(raw) if character not in _SKIPPED))


def fold(text: str) -> str:
    """A text without spaces and hyphens, which lines may change; both are compared afterwards."""
    return SKIPPED.sub("", unicodedata.normalize("NFC", text))


@dataclass(slots=True)
class _Claim:
    item: int
    start: int
    end: int


Locate = Callable[[int, int], tuple[Place, ...]]
"""The places on pages of a stretch of the raw text."""


def nowhere(_start: int, _end: int) -> tuple[Place, ...]:
    """The places of a text that has no pages."""
    return ()


class Comparison:
    """One artefact's text against the letter's."""

    def __init__(self, items: Sequence[Item], read: Stream, *, lines: bool, others: Mapping[str, Sequence[str]], locate: Locate) -> None:
        """Prepare.

        Args:
            items: what must be there, in order.
            read: what is there.
            lines: whether lines end where a layout ends them and not where the text does (PDF); spaces are then not compared.
            others: the same texts in other languages, by label.
            locate: tells places on pages.
        """
        self.items, self.read, self.lines, self.others, self.locate = items, read, lines, others, locate
        self.folded = [fold(item.text) for item in items]
        self.claims: dict[int, _Claim] = {}

    def findings(self) -> list[Finding]:
        """Everything that differs, in the order of the letter, what does not belong to it last."""
        if not self._walk():
            self.claims.clear()
            moved = self._anchors()
            self._between()
            lost = list(self._explained())
            return [*moved, *lost, *self._leftovers(), *self._details()]
        return list(self._details())

    def _walk(self) -> bool:
        at = 0
        for index, text in enumerate(self.folded):
            start = self._next(index, at)
            if start is None:
                return False
            at = start + len(text)
            self.claims[index] = _Claim(index, start, at)
        return at == len(self.read.folded)

    def _next(self, index: int, at: int) -> int | None:
        """Where a text begins that follows at once, its marker perhaps before it."""
        for mark in ("", fold(self.items[index].marker)):
            if self.read.folded.startswith(mark + self.folded[index], at):
                return at + len(mark)
        return None

    def _anchors(self) -> list[Finding]:
        """Claim the texts that stand there once, in order; name those that stand in another place."""
        counts = Counter(self.folded)
        whole = self.read.folded
        found: list[tuple[int, int]] = []
        for index, text in enumerate(self.folded):
            if (
                len(text) >= ANCHOR
                and counts[text] == 1
                and whole.count(text) == 1
                and not any(text in other for other in self.folded if other is not text and len(other) > len(text))
            ):
                found.append((index, whole.index(text)))
        kept = _increasing([at for _, at in found])
        moved = []
        for position, (index, at) in enumerate(found):
            self.claims[index] = _Claim(index, at, at + len(self.folded[index]))
            if position not in kept:
                moved.append(self._finding("proof-order", index, f"“{short(self.items[index].text)}” stands in another place", at, at + len(self.folded[index])))
        self._moved = {index for position, (index, _) in enumerate(found) if position not in kept}
        return moved

    def _between(self) -> None:
        """Claim what follows in order between anchors."""
        at = 0
        for index, text in enumerate(self.folded):
            if index in self._moved:
                continue
            if index in self.claims:
                at = self.claims[index].end
                continue
            limit = next((self.claims[later].start for later in range(index + 1, len(self.items)) if later in self.claims and later not in self._moved), len(self.read.folded))
            start = self._next(index, at)
            if start is None:
                start = self.read.folded.find(text, at, limit)
                if start < 0 or not self._free(start, start + len(text)):
                    continue
            self.claims[index] = _Claim(index, start, start + len(text))
            at = start + len(text)

    def _free(self, start: int, end: int) -> bool:
        return all(claim.end <= start or claim.start >= end for claim in self.claims.values())

    def _gap(self, index: int) -> tuple[int, int]:
        """The unclaimed stretch where a text should stand."""
        before = [self.claims[i].end for i in range(index) if i in self.claims and i not in self._moved]
        after = [self.claims[i].start for i in range(index + 1, len(self.items)) if i in self.claims and i not in self._moved]
        return (max(before, default=0), min(after, default=len(self.read.folded)))

    def _explained(self) -> Iterator[Finding]:
        """Why each text that was not found was not."""
        for index, text in enumerate(self.folded):
            if index in self.claims:
                continue
            start, end = self._gap(index)
            region = self.read.folded[start:end]
            item = self.items[index]
            for other in self.others.get(item.label, ()):
                strange = fold(other)
                if strange and strange != text and (at := region.find(strange)) >= 0:
                    self.claims[index] = _Claim(index, start + at, start + at + len(strange))
                    yield self._finding("proof-language", index, f"“{short(item.text)}” stands there in another language", start + at, start + at + len(strange))
                    break
            else:
                match = find(text, region) if region else None
                if match and match.edits <= max(1, len(text) * ALIKE) and match.end > match.start and match.edits < len(text):
                    self.claims[index] = _Claim(index, start + match.start, start + match.end)
                    yield self._changed(index, start + match.start, start + match.end)
                else:
                    yield self._finding("proof-missing", index, f"“{short(item.text)}” is missing", start, start)

    def _changed(self, index: int, start: int, end: int) -> Finding:
        expected, found = self.items[index].text, " ".join(self.read.slice(start, end).split())
        figures = Counter(map(fold, _FIGURE.findall(expected))) != Counter(map(fold, _FIGURE.findall(found)))
        finding = self._finding("proof-figure" if figures else "proof-changed", index, difference(expected, found), start, end)
        exact = tuple(place for first, last in self._spots(index, start, end) for place in self.locate(first, last))
        return replace(finding, places=exact or finding.places)

    def _spots(self, index: int, start: int, end: int) -> list[tuple[int, int]]:
        """The words of the raw text in which a text differs; none where it differs in many places."""
        spots: list[tuple[int, int]] = []
        raw = self.read.raw
        for tag, _, _, c, d in difflib.SequenceMatcher(None, self.folded[index], self.read.folded[start:end], autojunk=False).get_opcodes():
            if tag != "equal":
                at = start + max(0, c - (c == d))  # where something is missing, the character before
                first = self.read.at[min(at, end - 1)]
                last = self.read.at[min(max(start + d, at + 1), end) - 1] + 1
                while first > 0 and raw[first - 1] not in _SKIPPED and last - first < WORD:
                    first -= 1
                while last < len(raw) and raw[last] not in _SKIPPED and last - first < WORD:
                    last += 1
                if not spots or spots[-1] != (first, last):
                    spots.append((first, last))
        return spots if len(spots) <= MARKED else []

    def _leftovers(self) -> Iterator[Finding]:
        """What stands there besides."""
        at = 0
        known = {text: index for index, text in enumerate(self.folded) if len(text) > 1}
        for claim in [*sorted(self.claims.values(), key=lambda c: c.start), _Claim(-1, len(self.read.folded), len(self.read.folded))]:
            if claim.start > at:
                yield from self._leftover(at, claim.start, known)
            at = max(at, claim.end)

    def _leftover(self, start: int, end: int, known: Mapping[str, int]) -> Iterator[Finding]:
        """A stretch that no text claimed: texts of the letter in it stand there once too often, texts of another language do not belong there."""
        text = self.read.folded[start:end]
        if not text:
            return
        for one in sorted(known, key=len, reverse=True):
            if (len(one) >= ANCHOR or one == text) and (at := text.find(one)) >= 0:
                yield from self._leftover(start, start + at, known)
                yield self._finding("proof-doubled", known[one], f"“{short(self.items[known[one]].text)}” stands there more than once", start + at, start + at + len(one))
                yield from self._leftover(start + at + len(one), end, known)
                return
        shown = " ".join(self.read.slice(start, end).split())
        strange = next((label for label, texts in self.others.items() for other in texts if len(other) > ANCHOR and fold(other) in text), None)
        code = "proof-language" if strange else "proof-added"
        message = f"“{short(shown)}” is in another language" if strange else f"“{short(shown)}” does not belong to the letter"
        yield Finding(code, strange or "text", message, found=shown, places=self._places(start, end))

    def _details(self) -> Iterator[Finding]:
        """Spaces and hyphens of the texts that are there."""
        for index, claim in sorted(self.claims.items()):
            if self.read.folded[claim.start : claim.end] != self.folded[index]:
                continue
            expected, found = self.items[index].text, self.read.slice(claim.start, claim.end)
            if not _same_hyphens(expected, found, lines=self.lines):
                figure = any("-" in part for part in _FIGURE.findall(expected))
                yield self._finding("proof-figure" if figure else "proof-changed", index, difference(expected, " ".join(found.split())), claim.start, claim.end)
            elif not self.lines and _spaced(found) != _spaced(expected):
                yield self._finding("proof-spacing", index, difference(_spaced(expected), _spaced(found)), claim.start, claim.end)

    def _finding(self, code: str, index: int, message: str, start: int, end: int) -> Finding:
        item, found = self.items[index], _HIDDEN.sub("", " ".join(self.read.slice(start, end).split()))
        return Finding(code, item.label, message, item.text, found, item.where, self._places(start, end))

    def _places(self, start: int, end: int) -> tuple[Place, ...]:
        """Where it stands; what is missing, by the character before."""
        if not self.read.at:
            return ()
        first = self.read.at[max(0, min(start, len(self.read.at)) - (start == end))] if start == end else self.read.at[start]
        return self.locate(first, first + 1 if start == end else self.read.at[end - 1] + 1)


def difference(expected: str, found: str) -> str:
    """The first places where two texts differ, in words; character by character where a text has no spaces between words."""
    clean = _HIDDEN.sub("", found)
    one, other = (_WORDS.findall(text) if " " in expected else list(text) for text in (expected, clean))
    parts = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag != "equal":
            old, new = ("".join(pieces).strip() for pieces in (one[a:b], other[c:d]))
            around = "".join(other[max(0, c - AROUND) : d + AROUND]).strip()
            if old and new:
                parts.append(f"“{short(old, 60)}” became “{short(new, 60)}”" + (f" in “{short(around, 90)}”" if around != new else ""))
            elif old or new:
                parts.append(f"“{short(old or new, 60)}” {'is missing' if old else 'was added'} in “{short(around, 90)}”")
            else:
                parts.append(f"other spaces in “{short(around, 90)}”")
    return "; ".join(parts[:3]) + ("; …" if len(parts) > 3 else "")


def _spaced(text: str) -> str:
    return " ".join(re.sub(f"[{INVISIBLE}]", "", text).split())


def _same_hyphens(expected: str, found: str, *, lines: bool) -> bool:
    """Whether both have the same hyphens, but for those that a line's end adds or takes."""
    if expected == found:
        return True
    wanted = re.sub(r"\s", "", unicodedata.normalize("NFC", expected))
    i = 0
    for at, character in enumerate(found):
        if character in _SKIPPED and character != "-" and character not in SOFT_HYPHENS:
            continue
        if lines and (character in SOFT_HYPHENS or (character == "-" and found[at + 1 : at + 2] in ("\r", "\n"))):
            i += wanted[i : i + 1] == "-"
            continue
        if wanted[i : i + 1] != character:
            return False
        i += 1
    return i == len(wanted)


def _increasing(values: Sequence[int]) -> set[int]:
    """Positions of a longest increasing subsequence."""
    tails: list[int] = []
    before: list[int] = []
    for position, value in enumerate(values):
        at = bisect_left([values[p] for p in tails], value)
        before.append(tails[at - 1] if at else -1)
        tails[at : at + 1] = [position]
    out: set[int] = set()
    at = tails[-1] if tails else -1
    while at >= 0:
        out.add(at)
        at = before[at]
    return out
