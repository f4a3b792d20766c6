"""How far one text is from another, fast enough for whole pages: the bit-parallel edit distance of Myers (1999) in Hyyrö's form (2003).

Python's integers are the bit vectors, so one step handles a whole column of the classic table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """Where a text was found in another, `[start:end]`, and how many edits apart they are."""

    edits: int
    start: int
    end: int


def distance(one: str, other: str) -> int:
    """Insertions, deletions and substitutions between two texts (Levenshtein)."""
    if not one or not other:
        return len(one) + len(other)
    last = len(one)
    for last in _scores(one, other, anchored=True):  # noqa: B007  the last score is the answer
        pass
    return last


def find(pattern: str, text: str) -> Match:
    """The place in `text` that is nearest to `pattern`, the first of equals and the shortest from there."""
    if not pattern or not text:
        return Match(len(pattern), 0, 0)
    exact = text.find(pattern)
    if exact >= 0:
        return Match(0, exact, exact + len(pattern))
    edits, end = min((score, at) for at, score in enumerate(_scores(pattern, text, anchored=False), 1))
    if edits >= len(pattern):
        return Match(len(pattern), end, end)
    before = text[max(0, end - 2 * len(pattern) - 1) : end][::-1]
    _, length = min((score, at) for at, score in enumerate(_scores(pattern[::-1], before, anchored=True), 1))
    return Match(edits, end - length, end)


def _scores(pattern: str, text: str, *, anchored: bool) -> Iterator[int]:
    """After each character of `text`, the edits between `pattern` and what ends there; `anchored` means: and begins at the beginning."""
    size = len(pattern)
    mask, high = (1 << size) - 1, 1 << (size - 1)
    where: dict[str, int] = {}
    for index, character in enumerate(pattern):
        where[character] = where.get(character, 0) | 1 << index
    up, down, score = mask, 0, size
    for character in text:
        equal = where.get(character, 0)
        vertical = equal | down
        horizontal = (((equal & up) + up) ^ up) | equal
        plus = down | ~(horizontal | up) & mask
        minus = up & horizontal
        score += 1 if plus & high else -1 if minus & high else 0
        plus = plus << 1 | anchored
        minus <<= 1
        up = (minus | ~(vertical | plus)) & mask
        down = plus & vertical & mask
        yield score
