"""The cover of a fax, and the margins of all its pages, as read: who it is from and for, which page of how many, of which document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from engross import canonical
from engross.labels import Labels
from engross.letter import Letter, Mission
from engross.proof import ocr
from engross.proof.distance import find
from engross.proof.faxscan import Scan
from engross.proof.faxtext import figures, folded, has_figure
from engross.render.fax_html import Sender
from engross.render.fax_html import expected as shown

_LABEL_START = 8
"""Characters by which a row of the cover is known; the rest of its label may take more lines, or be English."""
EDGE_LINES = 4
"""Lines at the top and the bottom of a page among which those of the margin are sought."""


@dataclass(frozen=True, slots=True)
class Margin:
    """What stands in the margins of a page."""

    office: str
    number: str
    """The office's, as printed; empty when it has none."""
    folio: str
    """`Page 2 of 7`; of a draft with the word before it."""
    document: str
    seal: str
    draft: bool = False

    def texts(self) -> list[str]:
        """The folded texts, for readers of other scripts than the letter's."""
        return [folded(text) for text in (self.office, self.number, self.folio, self.document, self.seal) if text]


def margin(letter: Letter, labels: Labels, sender: Sender | None, page: int, total: int, *, draft: bool = False) -> Margin:
    """The margins that a page must have."""
    folio = (f"{labels['draft']} · " if draft else "") + labels.fill("page_of", page=page, pages=total)
    office = (sender.name, sender.fax) if sender else ("", "")
    return Margin(*office, folio, canonical.document_number(letter), canonical.seal(letter), draft)


def texts(letter: Letter, labels: Labels, sender: Sender | None, missions: Iterable[Mission], total: int) -> list[str]:
    """The folded texts of a cover for one of these missions: a line that reads like one of them need not be looked at twice."""
    values = [text for mission in missions for text in (*map(shown, (*mission.lines(), mission.mission)), mission.fax)]
    office = (*sender.address, sender.voice, sender.fax, sender.email) if sender else ()
    return [folded(text) for text in (*values, *office, f"{labels['pages']} {total}", shown(letter.subject or letter.title)) if text]


def read_margin(page: Scan, wanted: Margin) -> tuple[list[str], list[ocr.Line]]:
    """What cannot be read in the margins of a page, in words; and their lines, which are no text of the letter."""
    lines: list[ocr.Line] = []
    edges = [*range(min(EDGE_LINES, len(page.lines))), *range(max(EDGE_LINES, len(page.lines) - EDGE_LINES), len(page.lines))]
    missing: list[str] = []
    for what, text, fold, part in _marks(wanted):
        want = fold(text)
        edits, index, read = min(((find(want, fold(read)).edits, i, read) for i in edges for read in page.raw[i]), default=(len(want), -1, ""))
        exact = what != "page number" or all(has_figure(figure, folded(read)) for figure in figures(text))
        if edits > max(1, len(want) // part) or not exact:
            missing.append(f"the {what} {text!r}")
        if index >= 0 and edits <= len(want) // 2:
            lines.append(page.lines[index])
    above = max((line.bottom for line in lines if line.top < page.lines[len(page.lines) // 2].top), default=0)  # the page number's line: what stands lower is no margin
    office = [page.lines[i] for i in edges if page.lines[i].top < above and _within(page.texts[i], wanted.office)]
    if wanted.office and not _read_in(folded(wanted.office), [folded("".join(page.texts[i] for i in edges[:EDGE_LINES])), *(folded(read) for i in edges for read in page.raw[i])]):
        missing.append(f"the office {wanted.office!r}")
    digits = re.sub(r"\D", "", wanted.number)
    if digits and not any(digits in re.sub(r"\D", "", read) for i in edges for read in page.raw[i]):
        missing.append(f"the office's number {wanted.number!r}")
    return missing, [*lines, *office]


def _marks(wanted: Margin) -> Iterator[tuple[str, str, Callable[[str], str], int]]:
    """Name, text, how to fold it, and of how many characters one may be misread. Of a page number the figures count, and they are exact; of a draft the word too."""
    yield "page number", wanted.folio, folded, 6 if wanted.draft else 3
    yield "document number", wanted.document, folded, 8
    yield "seal", wanted.seal, hexadecimal, 8


def _read_in(want: str, readings: Sequence[str]) -> bool:
    return min((find(want, reading).edits for reading in readings), default=len(want)) <= max(1, len(want) // 8)


def _within(text: str, office: str) -> bool:
    """Whether a line is a piece of the office's name: a long one takes two lines."""
    read = folded(text)
    return len(read) >= 4 and find(read, folded(office)).edits <= len(read) // 3


_HEXADECIMAL = str.maketrans("OQDIL|SZG", "00D111526", " ")


def hexadecimal(text: str) -> str:
    """Check digits, with letters that are no such digits read as those they look like."""
    return folded(text).upper().translate(_HEXADECIMAL)


def numbers_on(cover: Scan, missions: Iterable[Mission]) -> set[str]:
    """The fax numbers of these missions that can be read on a cover, as they are dialled."""
    read = "".join(re.sub(r"[^\d+]", "", text) + "\n" for readings in cover.raw for text in readings)
    known = {mission.fax_e164 for mission in missions if mission.fax_e164}
    return {number for number in known if re.search(rf"(?<!\d){number.removeprefix('+')}(?!\d)", read)}


def has_count(cover: Scan, label: str, total: int) -> bool:
    """Whether the row of that label ends with that number of pages. The margin has it too (`Page 1 of 7`), and that is no proof of the row."""
    start = folded(label)[:_LABEL_START]
    rows = [line for line, readings in zip(cover.lines, cover.raw, strict=True) if any(find(start, folded(text)).edits <= len(start) // 4 for text in readings)]
    beside = [readings for line, readings in zip(cover.lines, cover.raw, strict=True) if any(line.beside(row) for row in rows)]
    return any(re.search(rf"(?<!\d){total}\s*$", text) for readings in beside for text in readings)


def faults(cover: Scan, letter: Letter, labels: Labels, total: int, mission: Mission | None, *, draft: bool = False) -> Iterator[str]:
    """What is wrong with a cover: it names one mission, by a fax number that can be read, and how many pages come; of a draft it says that.

    Args:
        cover: as read.
        letter: whose recipients may be named.
        labels: the words on the cover.
        total: pages of the fax.
        mission: for whom it is, under a number that need not be the letter's if it was corrected; any one recipient when not given.
        draft: whether it is one, and must say so.
    """
    named = numbers_on(cover, (*letter.cc, *letter.recipients, *([mission] if mission else [])))
    if mission is not None and named != {mission.fax_e164}:
        yield f"{', '.join(sorted(named)) or 'the fax number of no recipient'} can be read on the cover, and not {mission.fax_e164 or 'a number'} alone"
    elif len(named) != 1:
        yield f"{'the fax number of no recipient can be read' if not named else f'{len(named)} recipients are named'} on the cover"
    if not has_count(cover, labels["pages"], total):
        yield f"the number of pages, {total}, cannot be read on the cover"
    if draft and not _read_in(folded(labels["draft_notice"]), [folded(text) for readings in cover.raw for text in readings]):
        yield "it cannot be read on the cover that this is a draft"
