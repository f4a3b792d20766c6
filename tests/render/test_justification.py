"""Gaps go after the last glyph of each character that they belong to, and nowhere else."""

from __future__ import annotations

import random

from engross.render.justification import Gaps, widen

Runs = list[tuple[int, list[int], list[int]]]


def set_line(chance: random.Random) -> tuple[bytes, Runs]:
    """A line of several scripts and spaces in runs; some characters have two glyphs, some none of their own."""
    characters = [chance.choice("ab \u00a0あ한é") for _ in range(chance.randrange(1, 24))]
    starts = [len("".join(characters[:number]).encode()) for number in range(len(characters))]
    runs, first = [], 0
    while first < len(characters):
        stop = first + chance.randrange(1, 9)
        clusters = [start - starts[first] for start in starts[first:stop] for _ in range(chance.choice((1, 1, 1, 2))) if start == starts[first] or chance.random() > 0.1]
        runs.append((starts[first], clusters, [chance.randrange(99) for _ in clusters]))
        first = stop
    return "".join(characters).encode(), [*runs, (0, [], [])] if chance.random() < 0.1 else runs


def one_by_one(text: bytes, runs: Runs, gaps: Gaps, units: int) -> None:
    """As `widen`, glyph by glyph."""
    end = None
    for offset, clusters, widths in runs:
        for glyph, start in enumerate(clusters):
            if clusters[glyph + 1 : glyph + 2] == [start]:
                continue
            if text[offset + start :].decode()[0] in " \u00a0":
                widths[glyph] += round(gaps.space * units)
                end = None
            elif gaps.letter:
                widths[glyph] += round(gaps.letter * units)
                end = widths, glyph
    if end and gaps.last:
        end[0][end[1]] -= round(gaps.letter * units)


def test_each_glyph_gets_what_it_gets_when_all_are_looked_at_one_by_one() -> None:
    chance = random.Random(0)
    for _ in range(3000):
        text, runs = set_line(chance)
        gaps = Gaps(chance.random(), chance.choice((0.0, 0.5)), last=chance.random() < 0.5)
        there = [(offset, clusters, [*widths]) for offset, clusters, widths in runs]
        one_by_one(text, there, gaps, 1024)
        widen(text, runs, gaps, 1024)
        assert runs == there, (text, gaps)


def test_a_space_inside_a_cluster_gets_nothing() -> None:
    runs = [(0, [0, 3], [10, 10])]
    widen(b"a b", runs, Gaps(1.0, 0.0), 1)
    assert runs == [(0, [0, 3], [10, 10])]
