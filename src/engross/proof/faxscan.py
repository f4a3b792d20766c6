"""A fax page as read: its lines, and for each the best of what readers of the languages in it say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from engross import markup
from engross.proof import ocr
from engross.proof.distance import distance, find
from engross.proof.faxtext import folded
from engross.render import tiff

SECOND = "en"
"""The language of names and acronyms in letters that are not written in Latin script. Tesseract's Korean cannot read them."""


NEAR = 8
"""Characters by which a doubtful line's place in the text is stretched to the end of the text it belongs to."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read of one page."""

    lines: tuple[ocr.Line, ...]
    firsts: tuple[str, ...]
    """Of each line, what the reader of the letter's language says."""
    seconds: dict[int, str]
    """Of some lines, what the second reader says."""
    texts: tuple[str, ...]
    """Of each line the best of both: the pieces in Latin script by the second reader where the first could not read them."""

    def readings(self, index: int) -> list[str]:
        """All that was read of a line."""
        return [self.firsts[index], *([self.seconds[index]] if index in self.seconds else [])]


def scan(page: tiff.Page, lang: str, texts: Sequence[str]) -> Scan:
    """Read a page in a language; lines that stand in none of the (folded) `texts` are read again for their Latin words."""
    lines_per_mm = next(r.lines_per_mm for r in tiff.RESOLUTIONS.values() if r.dpi == round(page.dpi))
    key = (page.strip, page.coding, lines_per_mm)
    lines, firsts = ocr.lines(*key), ocr.read(*key, ocr.language(lang))
    second = ocr.language(SECOND)
    if second == ocr.language(lang) or second not in ocr.installed() or markup.runs("Latin", lang)[0][1] == lang:
        return Scan(lines, firsts, {}, firsts)
    whole, bounds = "".join(texts), [0, *accumulate(len(text) for text in texts)]
    doubtful = tuple(i for i, text in enumerate(firsts) if folded(text) not in whole)
    seconds = dict(zip(doubtful, ocr.read(*key, second, doubtful), strict=True))
    joined = [_joined(text, seconds[i], whole, bounds, lang) if i in seconds else text for i, text in enumerate(firsts)]
    return Scan(lines, firsts, seconds, tuple(joined))


def _joined(first: str, second: str, whole: str, bounds: Sequence[int], lang: str) -> str:
    """A line's text from two readings: each piece of what should stand there, as the reader of its script has it.

    Nothing is added that neither has read; if the join is no nearer to the expected text than a reading by itself, that one stands.
    """
    one, other = folded(first), folded(second)
    best, least = first, 1.0
    for reading in (one, other):
        match = find(reading, whole)
        start = next((bound for bound in bounds if 0 <= match.start - bound <= NEAR), match.start)
        end = next((bound for bound in bounds if 0 <= bound - match.end <= NEAR), match.end)
        expected = whole[start:end]
        for text in (one, other, _pieces(expected, one, other, lang)):
            share = distance(text, expected) / max(1, len(expected))
            if share < least and len(text) * 3 >= len(one) * 2:
                best, least = text, share
    return best


def _pieces(expected: str, one: str, other: str, lang: str) -> str:
    pieces = []
    for piece, tag in markup.runs(expected, lang):
        reading = one if tag == lang else other
        found = find(piece, reading)
        pieces.append(reading[found.start : found.end])
    return "".join(pieces)
