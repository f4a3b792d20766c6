"""A fax page as read: its lines, and for each the best of what readers of the languages in it say."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from engross import markup
from engross.proof import ocr
from engross.proof.distance import distance, find
from engross.proof.faxtext import figures, folded, has_figure
from engross.render import tiff

SECOND = "en"
"""The language of names and acronyms in letters that are not written in Latin script. Tesseract's Korean cannot read them."""


NEAR = 8
"""Characters by which a doubtful line's place in the text is stretched to the end of the text it belongs to."""


ZOOM = 0.75
"""Doubtful lines are looked at again in this size: what one size blurs (a comma into a digit), another shows."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read of one page."""

    lines: tuple[ocr.Line, ...]
    texts: tuple[str, ...]
    """Of each line the best of its readings, pieces in Latin script by the reader of that script."""
    raw: tuple[tuple[str, ...], ...]
    """Of each line all readings as they are."""


def scan(page: tiff.Page, lang: str, texts: Sequence[str]) -> Scan:
    """Read a page in a language; lines that stand in none of the (folded) `texts` are looked at again, also for their Latin words."""
    lines_per_mm = next(r.lines_per_mm for r in tiff.RESOLUTIONS.values() if r.dpi == round(page.dpi))
    key = (page.strip, page.coding, lines_per_mm)
    name, second = ocr.language(lang), ocr.language(SECOND)
    lines, raw = ocr.lines(*key), [[text] for text in ocr.read(*key, name)]
    whole, bounds = "".join(texts), [0, *accumulate(len(text) for text in texts)]
    _look(raw, whole, lambda doubtful: ocr.read(*key, name, doubtful, ZOOM))
    own = [tuple(readings) for readings in raw]
    if second in ocr.installed() and markup.runs("Latin", lang)[0][1] != lang:
        _look(raw, whole, lambda doubtful: ocr.read(*key, second, doubtful))
    best = [_best(mine, all_[len(mine) :], whole, bounds, lang) for mine, all_ in zip(own, raw, strict=True)]
    return Scan(lines, tuple(best), tuple(map(tuple, raw)))


def _look(raw: Sequence[list[str]], whole: str, read: Callable[[tuple[int, ...]], Sequence[str]]) -> None:
    """Add a reading to the lines of which none stands in the text."""
    doubtful = tuple(i for i, readings in enumerate(raw) if not any(folded(text) in whole for text in readings))
    for index, text in zip(doubtful, read(doubtful), strict=True):
        raw[index].append(text)


def _best(own: Sequence[str], others: Sequence[str], whole: str, bounds: Sequence[int], lang: str) -> str:
    """A line's text from its readings: the nearest to what should stand there, or joined from pieces, each by the reader of its script.

    Nothing is added that no reader has read.
    """
    mine, theirs = [folded(text) for text in own], [folded(text) for text in others]
    if exact := next((text for text, plain in zip(own, mine, strict=True) if plain in whole), None):
        return exact
    best, least = own[0], (0, 1.0)
    for reading in (*mine, *theirs):
        match = find(reading, whole)
        before, after = bounds[bisect_right(bounds, match.start) - 1], bounds[min(bisect_left(bounds, match.end), len(bounds) - 1)]
        expected = whole[before if match.start - before <= NEAR else match.start : after if after - match.end <= NEAR else match.end]
        for text in (*mine, *theirs, *(_pieces(expected, one, other, lang) for one in mine for other in theirs)):
            share = distance(text, expected) / max(1, len(expected))
            wrong = sum(not has_figure(figure, text) for figure in figures(expected))
            if share < 1 and (least[1] == 1 or (wrong, share) < least) and len(text) * 3 >= len(mine[0]) * 2:
                best, least = text, (wrong, share)
    return best


def _pieces(expected: str, one: str, other: str, lang: str) -> str:
    pieces = []
    for piece, tag in markup.runs(expected, lang):
        reading = one if tag == lang else other
        found = find(piece, reading)
        pieces.append(reading[found.start : found.end])
    return "".join(pieces)
