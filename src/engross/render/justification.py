"""How the free space of a justified line is shared out: between words, and in Korean and Japanese also between characters.

Latin script stretches spaces alone. Japanese stretches all characters alike (JLReq, 3.8.4); Korean stretches spaces and, when those would become holes, a
little between the syllables too (KLReq, 3.3).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

SPACES = " \u00a0"
_SPACE = re.compile(b" |\xc2\xa0")
WIDE_SPACE = 0.3
"""From this many em added to each space on, Korean lets its syllables help."""
LETTER_SHARE = 0.45
"""How much of the free space they take then."""
LETTER_LIMIT = 0.055
"""And at most how many em each: more would read as a space between words."""


class Gaps(NamedTuple):
    """What is added inside one run of text, in CSS pixels."""

    space: float = 0.0
    """After each space."""
    letter: float = 0.0
    """After each other character."""
    total: float = 0.0
    """Of the whole run."""
    last: bool = False
    """Whether the run ends the line, so that nothing is added after its last character."""


def distribute(runs: Sequence[tuple[str, str, float]], extra: float) -> list[Gaps]:
    """Share `extra` pixels out over the runs of a line, given as (text, language, font size)."""
    spaces = sum(_spaces(text) for text, _, _ in runs)
    plan = [(_letters(text, lang, i == len(runs) - 1), lang[:2]) for i, (text, lang, _) in enumerate(runs)]
    japanese, korean = (sum(count for count, lang in plan if lang == code) for code in ("ja", "ko"))
    if japanese:
        unit = extra / (spaces + japanese)
        per_space, per_letter = unit, {"ja": unit}
    elif spaces:
        size = min(size for _, _, size in runs)
        helping = korean and extra / spaces > WIDE_SPACE * size
        letter = min(LETTER_SHARE * extra / korean, LETTER_LIMIT * size) if helping else 0.0
        per_space, per_letter = (extra - letter * korean) / spaces, {"ko": letter}
    else:
        return [Gaps() for _ in runs]
    return [
        _gaps(text, per_space, per_letter.get(lang, 0.0), count if lang in per_letter else 0, i == len(runs) - 1)
        for i, ((text, _, _), (count, lang)) in enumerate(zip(runs, plan, strict=True))
    ]


def _letters(text: str, lang: str, last: bool) -> int:
    """After how many characters other than spaces a gap may be put."""
    if lang[:2] not in ("ja", "ko"):
        return 0
    count = len(text) - _spaces(text)
    return count - (last and text[-1:] not in SPACES)


def _gaps(text: str, space: float, letter: float, letters: int, last: bool) -> Gaps:
    return Gaps(space, letter, space * _spaces(text) + letter * letters, last)


def _spaces(text: str) -> int:
    return sum(text.count(space) for space in SPACES)


def stretch(line: Any, text: bytes, gaps: Gaps, ffi: Any, units: int) -> None:
    """Widen the glyphs of a Pango line in place; `units` Pango units make a pixel. Text runs from left to right."""
    run, runs, places = line.runs[0], [], []
    while run != ffi.NULL:
        glyphs = run.data.glyphs
        widths = [glyphs.glyphs[i].geometry.width for i in range(glyphs.num_glyphs)]
        runs.append((run.data.item.offset, ffi.unpack(glyphs.log_clusters, glyphs.num_glyphs), widths))
        places.append(glyphs.glyphs)
        run = run.next
    widen(text, runs, gaps, units)
    for glyph_infos, (_, _, widths) in zip(places, runs, strict=True):
        for i, width in enumerate(widths):
            glyph_infos[i].geometry.width = width


def widen(text: bytes, runs: Sequence[tuple[int, Sequence[int], list[int]]], gaps: Gaps, units: int) -> None:
    """Add the gaps to the widths of a line's glyphs.

    Args:
        text: the bytes that the runs count.
        runs: of each the first byte in the text, where in it each glyph's cluster begins, and the widths in Pango units, which change.
        gaps: what is added.
        units: Pango units of a pixel.
    """
    space, letter = round(gaps.space * units), round(gaps.letter * units)
    end: tuple[list[int], int] | None = None
    for offset, clusters, widths in runs:
        if not clusters:
            continue
        spaces = _space_glyphs(text, offset, clusters)
        for glyph in spaces:
            widths[glyph] += space
        if letter:
            last = len(clusters) - 1
            beside = set(spaces)
            for glyph in range(len(clusters)) if len(set(clusters)) > last else _last_glyphs(clusters):
                if glyph not in beside:
                    widths[glyph] += letter
            end = None if last in beside else (widths, last)
    if end is not None and gaps.last:
        end[0][end[1]] -= letter


def _space_glyphs(text: bytes, offset: int, clusters: Sequence[int]) -> list[int]:
    """Which glyphs of a run are its spaces, from left to right; the last of a cluster where one has several."""
    found, glyph, ends = [], 0, offset + clusters[-1]
    for match in _SPACE.finditer(text, offset, ends + 2):
        at = match.start() - offset
        if at > clusters[-1]:
            break
        glyph = bisect_right(clusters, at, glyph)
        if glyph and clusters[glyph - 1] == at:  # else it is inside a cluster
            found.append(glyph - 1)
    return found


def _last_glyphs(clusters: Sequence[int]) -> list[int]:
    """Of each cluster the last glyph."""
    return [glyph for glyph, start in enumerate(clusters) if glyph + 1 == len(clusters) or start != clusters[glyph + 1]]
