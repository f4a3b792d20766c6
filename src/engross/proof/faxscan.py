"""A fax page as read: its lines, and for each the best of what readers of the languages in it say."""

from __future__ import annotations

import re
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from engross import markup
from engross.proof import ocr
from engross.proof.distance import distance, find
from engross.proof.faxtext import figures, folded, has_figure
from engross.render import tiff

NEAR = 16
"""Characters by which a doubtful line's place in the text is stretched to the end of the text it belongs to."""
ZOOM = 0.75
"""Doubtful lines are looked at again in this size: what one size blurs (a comma into a digit), another shows."""
CLOSER = (0.6, 0.9)
"""Sizes of the last look at figures, which counts only where both show the same ones."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read of one page."""

    lines: tuple[ocr.Line, ...]
    texts: tuple[str, ...]
    """Of each line the best of its readings, pieces in another script by the reader of that script."""
    raw: tuple[tuple[str, ...], ...]
    """Of each line all readings as they are."""


def scan(page: tiff.Page, lang: str, texts: Sequence[str], *, closer: bool = False) -> Scan:
    """Read a page in a language; lines that stand in none of the (folded) `texts` are looked at again, also by readers of the other scripts in them.

    Tesseract's Korean cannot read Latin names, nor its English Korean ones. With `closer` the figures of doubtful lines are read in two more sizes.
    """
    lines_per_mm = next(r.lines_per_mm for r in tiff.RESOLUTIONS.values() if r.dpi == round(page.dpi))
    key = (page.strip, page.coding, lines_per_mm)
    name = ocr.language(lang)
    lines, raw = ocr.lines(*key), [[(lang, text)] for text in ocr.read(*key, name)]
    whole, bounds = "".join(texts), [0, *accumulate(len(text) for text in texts)]
    _look(raw, whole, lang, lambda doubtful: ocr.read(*key, name, doubtful, ZOOM))
    for tag in sorted({tag for text in texts for _, tag in markup.runs(text, lang)} - {lang}):
        other = ocr.language(tag)
        if other in ocr.installed():
            _look(raw, whole, tag, lambda doubtful, other=other: ocr.read(*key, other, doubtful))  # type: ignore[misc]
    if closer:
        _look_closer(raw, whole, lang, lambda doubtful, zoom: ocr.read(*key, name, doubtful, zoom))
    best = [_best(readings, whole, bounds, lang) for readings in raw]
    return Scan(lines, tuple(best), tuple(tuple(text for _, text in readings) for readings in raw))


Readings = list[tuple[str, str]]
"""Of one line: whose language the reader was of, and what it read."""


def _look(raw: Sequence[Readings], whole: str, tag: str, read: Callable[[tuple[int, ...]], Sequence[str]]) -> None:
    """Add a reading to the lines of which none stands in the text."""
    doubtful = tuple(i for i, readings in enumerate(raw) if not any(_stands(folded(text), whole) for _, text in readings))
    for index, text in zip(doubtful, read(doubtful), strict=True):
        raw[index].append((tag, text))


def _look_closer(raw: Sequence[Readings], whole: str, tag: str, read: Callable[[tuple[int, ...], float], Sequence[str]]) -> None:
    """Add the readings of two more sizes to doubtful lines with figures, where both have the same digits: one reading may be luck."""
    doubtful = tuple(i for i, readings in enumerate(raw) if any(figures(text) for _, text in readings) and not any(_stands(folded(text), whole) for _, text in readings))
    for index, *both in zip(doubtful, *(read(doubtful, zoom) for zoom in CLOSER), strict=True):
        if len({tuple(re.sub(r"\D", " ", figure) for figure in figures(text)) for text in both}) == 1:
            raw[index].extend((tag, text) for text in both)


def _stands(text: str, whole: str) -> bool:
    """Whether a reading is not empty and stands in the text as it is."""
    return bool(text) and text in whole


def _best(readings: Readings, whole: str, bounds: Sequence[int], lang: str) -> str:
    """A line's text from its readings: the nearest to what should stand there, or joined from pieces, each by the reader of its script.

    Nothing is added that no reader has read.
    """
    plain = [(tag, folded(text)) for tag, text in readings]
    if exact := next((text for _, text in plain if _stands(text, whole)), None):
        return exact
    return _nearest([place for _, reading in plain for place in _places(reading, whole, bounds)], plain, lang)


def _nearest(places: Sequence[str], plain: Readings, lang: str) -> str:
    """Of all readings and joins the one nearest to one of the places: by wrong figures first.

    A character that was read counts as much as one that was misread: a place that is too short would lose the rest of the line.
    """
    foreign, nearest, rank = dict(plain), plain[0][1], (sys.maxsize, 0, 0)
    for expected in dict.fromkeys(places):
        joined = [_pieces(expected, {**foreign, lang: own}, lang) for tag, own in plain if tag == lang]
        for text in (*(text for _, text in plain), *joined):
            wrong = sum(not has_figure(figure, text) for figure in figures(expected))
            score = wrong, 2 * distance(text, expected) - len(expected), -len(text)
            if score[1] < len(expected) and score < rank and len(text) * 3 >= len(plain[0][1]) * 2:
                nearest, rank = text, score
    return nearest


def _places(reading: str, whole: str, bounds: Sequence[int]) -> Iterator[str]:
    """What should stand where a reading comes nearest: just there, and stretched to the ends of the text it belongs to if they are near."""
    match = find(reading, whole)
    before, after = bounds[bisect_right(bounds, match.start) - 1], bounds[min(bisect_left(bounds, match.end), len(bounds) - 1)]
    start, end = before if match.start - before <= NEAR else match.start, after if after - match.end <= NEAR else match.end
    yield whole[match.start : match.end]
    yield whole[start:end]


def _pieces(expected: str, readings: dict[str, str], lang: str) -> str:
    """What should stand in a line, piece by piece as the reader of the piece's script has it."""
    pieces = []
    for piece, tag in markup.runs(expected, lang):
        reading = readings.get(tag, readings[lang])
        found = find(piece, reading)
        pieces.append(reading[found.start : found.end])
    return "".join(pieces)
