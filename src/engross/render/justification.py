"""How the free space of a justified line is shared out: between words, and in Korean and Japanese also between characters.

Latin script stretches spaces alone. Japanese stretches all characters alike (JLReq, 3.8.4); Korean stretches spaces and, when those would become holes, a
little between the syllables too (KLReq, 3.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SPACES = " \u00a0"
WIDE_SPACE = 0.3
"""From this many em added to each space on, Korean lets its syllables help."""
LETTER_SHARE = 0.45
"""How much of the free space they take then."""
LETTER_LIMIT = 0.055
"""And at most how many em each: more would read as a space between words."""


@dataclass(frozen=True, slots=True)
class Gaps:
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
    spaces = sum(text.count(" ") + text.count("\u00a0") for text, _, _ in runs)
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
    count = sum(character not in SPACES for character in text)
    return count - (last and text[-1:] not in SPACES)


def _gaps(text: str, space: float, letter: float, letters: int, last: bool) -> Gaps:
    spaces = sum(character in SPACES for character in text)
    return Gaps(space, letter, space * spaces + letter * letters, last)


def stretch(line: Any, text: bytes, gaps: Gaps, ffi: Any, units: int) -> None:
    """Widen the glyphs of a Pango line in place; `units` Pango units make a pixel. Text runs from left to right."""
    space, letter = round(gaps.space * units), round(gaps.letter * units)
    run, widened = line.runs[0], None
    while run != ffi.NULL:
        item, glyphs = run.data.item, run.data.glyphs
        run = run.next
        if not letter and b" " not in (own := text[item.offset : item.offset + item.length]) and b"\xc2\xa0" not in own:
            continue
        clusters = ffi.unpack(glyphs.log_clusters, glyphs.num_glyphs)
        for i, (start, following) in enumerate(zip(clusters, [*clusters[1:], -1], strict=True)):
            if start == following:
                continue
            at = item.offset + start
            is_space = text[at] == 0x20 or text[at : at + 2] == b"\xc2\xa0"
            geometry = glyphs.glyphs[i].geometry
            geometry.width += space if is_space else letter
            widened = None if is_space else geometry
    if widened is not None and gaps.last:
        widened.width -= letter
