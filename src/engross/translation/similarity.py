"""How alike two texts are: the measure of msgmerge's fuzzy matching, exact instead of by heuristics."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=65536)
def similarity(one: str, other: str) -> float:
    """Twice the length of the longest common subsequence over the sum of both lengths: 0.0 to 1.0, what fstrcmp() of gettext approximates.

    Bit-parallel (Hyyrö 2004): one row of the table is one integer, so two paragraphs of the letter take some 0.2 ms.
    """
    if not one or not other:
        return float(one == other)
    where: dict[str, int] = {}
    for index, character in enumerate(one):
        where[character] = where.get(character, 0) | 1 << index
    full = (1 << len(one)) - 1
    row = full
    for character in other:
        matched = row & where.get(character, 0)
        row = (row + matched | row - matched) & full
    common = len(one) - row.bit_count()
    return 2 * common / (len(one) + len(other))


def bound(one: str, other: str) -> float:
    """The similarity can not be more than this, which costs nothing to know."""
    shorter = min(len(one), len(other))
    return 2 * shorter / (len(one) + len(other)) if shorter else 0.0
