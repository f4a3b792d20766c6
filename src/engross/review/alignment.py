"""Two versions of a letter, text beside text: what stayed, changed, went and came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from engross.review import wording
from engross.review.manuscript import Line
from engross.review.wording import Step

_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """A text in both versions or in one."""

    old: Line | None
    new: Line | None
    steps: tuple[Step, ...]
    """Of the text: `equal`, `delete`, `insert`."""

    @property
    def changed(self) -> bool:
        """Whether there is anything to agree on again."""
        return any(kind != "equal" for kind, _ in self.steps)

    @property
    def line(self) -> Line:
        """The new one, if there is one."""
        line = self.new or self.old
        assert line
        return line


def align(old: Sequence[Line], new: Sequence[Line]) -> list[Pair]:
    """The texts of both versions in reading order. Equal texts hold the rest in place; between them, texts of a kind that share most words are one text changed."""
    before, after = ([(line.style.split(" ")[0], line.segment.text) for line in lines] for lines in (old, new))
    pairs: list[Pair] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            pairs += [Pair(a, b, _steps(a, b)) for a, b in zip(old[i1:i2], new[j1:j2], strict=True)]
        else:
            pairs += _gap(old[i1:i2], new[j1:j2])
    return pairs


def _gap(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Pair]:
    """Pairs of the most similar texts that keep the order; the rest went or came. Dynamic programming over the similarities."""
    likeness = [[_likeness(a, b) for b in new] for a in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] else 0.0)
    i = j = 0
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and likeness[i][j] and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            yield Pair(old[i], new[j], _steps(old[i], new[j]))
            i, j = i + 1, j + 1
        elif i < len(old) and (j == len(new) or best[i][j] == best[i + 1][j]):
            yield Pair(old[i], None, _steps(old[i], None))
            i += 1
        else:
            yield Pair(None, new[j], _steps(None, new[j]))
            j += 1


def _likeness(old: Line, new: Line) -> float:
    """How much of their words two texts share; 0 when it is not enough to call them one."""
    if _kind(old) != _kind(new):
        return 0.0
    before, after = (wording.tokens(wording.glyphs(line.segment.text, marked_up=line.segment.markup)) for line in (old, new))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return ratio if matcher.quick_ratio() >= _ALIKE and (ratio := matcher.ratio()) >= _ALIKE else 0.0


def _kind(line: Line) -> str:
    return "list" if line.style.startswith("List") else line.style


def _steps(old: Line | None, new: Line | None) -> tuple[Step, ...]:
    before, after = (wording.glyphs(line.segment.text, marked_up=line.segment.markup) if line else () for line in (old, new))
    return tuple(wording.compare(before, after))
