"""The legibility gate: a fax is decoded, read by tesseract and compared with the letter before it is sent.

It looks at the file as a receiver gets it and knows nothing of how it was made: geometry and ink of each page, the size of its type, the order of
pages, and every text of the letter, figures exactly. Limits are measured ones (docs: reading a page of good 12 pt type errs in 0.03 to 0.7 % of its
characters; a blank line costs 2 to 7 %, a missing page 26 to 48 %).
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import accumulate
from statistics import median

from engross.errors import Position, Problem
from engross.labels import Labels
from engross.letter import Letter, Mission
from engross.locales import Locale
from engross.proof import faxcost, faxcover, faxpage, ocr
from engross.proof.distance import Match, find
from engross.proof.faxcover import Margin
from engross.proof.faxscan import Scan, scan
from engross.proof.faxtext import Expected, figures, folded, has_figure, printed
from engross.render import tiff
from engross.render.fax_html import Sender

CER_LIMIT = 0.005
"""Share of a page's characters that may be misread."""
CER_LIMIT_CJK = 0.02
TYPE_FLOOR_POINTS = 10.0
"""The layout's floor is 10.5 pt; the rest is the uncertainty of measuring."""
_INK_OF_TYPE = 0.93
"""A line's ink from the highest to the lowest, as a share of its type size (measured: 0.90 to 0.97 in four scripts)."""
PIECE = 16
"""Characters of which more than half misread make a hole in a text, however long the text is."""


TAIL = 6
"""The last characters of a text, which may stand on a line of their own."""
FEW = 6
"""Misread characters that a short page may have, whatever share that is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a fax must show."""

    letter: Letter
    """As localized for it."""
    labels: Labels
    locale: Locale
    sender: Sender | None = None
    """The office in the margin of every page; not looked for when it is not given."""
    authoritative: str = ""
    """Locale of the one authoritative version, if the pages say which it is."""
    draft: bool = False


@dataclass(frozen=True, slots=True)
class PageReading:
    """What was read of one page."""

    number: int
    """1-based, the cover included."""
    cer: float
    """Misread, missing and additional characters, as a share of those that should stand there."""
    coverage: float
    type_points: float
    """Size of most of its type; 0 when there is no running text."""


@dataclass(frozen=True, slots=True)
class TextReading:
    """What was read of one text of the letter."""

    label: str
    text: str
    cer: float
    readable: bool
    page: int
    """Where it was found."""


@dataclass(frozen=True, slots=True)
class Report:
    """The gate's answer. Fit to send when there are no problems."""

    pages: tuple[PageReading, ...]
    texts: tuple[TextReading, ...]
    problems: tuple[Problem, ...]
    costs: Mapping[str, int] = field(default_factory=dict)
    """Coded bytes by part (`faxcost.PARTS`), the dearest first."""

    @property
    def fit(self) -> bool:
        """Whether everything can be read."""
        return not any(problem.is_error for problem in self.problems)

    @property
    def unreadable(self) -> tuple[TextReading, ...]:
        """The texts that cannot be read."""
        return tuple(text for text in self.texts if not text.readable)


def legibility(fax: bytes, wanted: Wanted, *, cover: bool = True, mission: Mission | None = None) -> Report:
    """Read a fax back and compare it with the letter.

    Args:
        fax: a class-F TIFF.
        wanted: what it must show.
        cover: whether its first page is a cover.
        mission: for whom the cover must be; any one recipient when not given.

    Raises:
        OutsideError: tesseract, or its data of the language, is missing.
        EngrossError: the file is not a class-F TIFF.
    """
    pages = tiff.read(fax)
    if problems := faxpage.geometry(pages, wanted.letter):
        ocr.require(wanted.locale.code)
        return Report((), (), tuple(problems))
    first = 2 if cover else 1
    report = read_letter(pages[first - 1 :], wanted, first=first)
    if not cover:
        return report
    faults = read_cover(pages[0], wanted, len(pages), mission)
    costs = faxcost.total([faxcost.by_part(pages[0], _cover_bands(pages[0])), report.costs])
    return Report(report.pages, report.texts, (*faults, *report.problems), costs)


def read_cover(page: tiff.Page, wanted: Wanted, total: int, mission: Mission | None = None) -> list[Problem]:
    """What is wrong with a cover: its number, its number of pages, its margins."""
    margin = faxcover.margin(wanted.letter, wanted.labels, wanted.sender, 1, total, draft=wanted.draft)

    def faults(read: Scan) -> list[Problem]:
        missing, _ = faxcover.read_margin(read, margin)
        margins = [faxpage.problem(wanted.letter, "fax-margin", f"{what} cannot be read in the margin of page 1") for what in missing]
        return [*(faxpage.problem(wanted.letter, "fax-cover", what) for what in faxcover.faults(read, wanted.letter, wanted.labels, total, mission, draft=wanted.draft)), *margins]

    missions = [mission] if mission else [*wanted.letter.cc, *wanted.letter.recipients]
    cover = faxcover.texts(wanted.letter, wanted.labels, wanted.sender, missions, total)
    found = faults(scan(page, wanted.locale.code, [*margin.texts(), *cover]))
    return faults(scan(page, wanted.locale.code, margin.texts(), closer=True)) if found else found


def read_letter(pages: Sequence[tiff.Page], wanted: Wanted, *, first: int = 2) -> Report:
    """Read the letter's pages, which are the same under every cover; `first` is the number of the first of them."""
    ocr.require(wanted.locale.code)
    expected = printed(wanted.letter, wanted.labels, wanted.locale, authoritative=wanted.authoritative, draft=wanted.draft)
    texts = [folded(text.text) for text in expected]
    total = len(pages) + first - 1
    margins = [faxcover.margin(wanted.letter, wanted.labels, wanted.sender, number, total, draft=wanted.draft) for number in range(first, total + 1)]

    def report(*, closer: bool) -> Report:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            scans = list(pool.map(lambda one: scan(one[0], wanted.locale.code, [*texts, *one[1].texts()], closer=closer), zip(pages, margins, strict=True)))
        return _Gate(wanted, expected, scans, margins, first).report(pages)

    found = report(closer=False)
    only_figures = found.problems and {problem.code for problem in found.problems} <= {"fax-figure", "fax-margin"}
    return report(closer=True) if only_figures else found


def _cover_bands(page: tiff.Page) -> list[faxcost.Band]:
    key = page.strip, page.coding, _lines_per_mm(page)
    lines = ocr.lines(*key)
    edges = {*[line.top for line in lines if line.beside(lines[0])], *[line.top for line in lines if line.beside(lines[-1])]} if lines else set()
    return [ocr.band(line, key[2], "margins" if line.top in edges else "cover") for line in lines]


def _lines_per_mm(page: tiff.Page) -> float:
    return next(r.lines_per_mm for r in tiff.RESOLUTIONS.values() if r.dpi == round(page.dpi))


class _Gate:
    """One comparison: all pages of a fax with all texts of a letter."""

    def __init__(self, wanted: Wanted, expected: Sequence[Expected], scans: Sequence[Scan], margins: Sequence[Margin], first: int) -> None:
        locale = wanted.locale
        self._letter, self._expected, self._first, self._total = wanted.letter, expected, first, first + len(scans) - 1
        self._limit = CER_LIMIT_CJK if locale.fullwidth or locale.keep_words or not locale.spaces else CER_LIMIT
        self._problems: list[Problem] = []
        self._scans = scans
        self._bodies = [self._body(number, page, margin) for number, (page, margin) in enumerate(zip(scans, margins, strict=True), first)]
        self._texts = ["".join(folded(text) for _, text in body) for body in self._bodies]
        self._sizes = [_type_points(body) for body in self._bodies]

    def report(self, pages: Sequence[tiff.Page]) -> Report:
        """Everything that was found, problems in reading order."""
        self._check_type()
        errors = self._page_errors()
        texts = tuple(self._text_readings())
        readings = tuple(PageReading(n, errors[n - self._first], faxpage.coverage(page), self._sizes[n - self._first]) for n, page in enumerate(pages, self._first))
        costs = faxcost.total([faxcost.by_part(page, self._bands(index, _lines_per_mm(page))) for index, page in enumerate(pages)])
        return Report(readings, texts, tuple(self._problems), costs)

    def _bands(self, index: int, lines_per_mm: float) -> Iterator[faxcost.Band]:
        """Each line of a page with the part it belongs to, by the text that it was read as."""
        whole, bounds = _joined(self._expected)
        body = dict(self._bodies[index])
        part = "head" if index == 0 else "text"
        for line in self._scans[index].lines:
            if line not in body:
                yield ocr.band(line, lines_per_mm, "margins")
                continue
            if len(read := folded(body[line])) >= 4:
                part = self._expected[bisect_right(bounds, find(read, whole).start) - 1].part
            yield ocr.band(line, lines_per_mm, part)

    def _say(self, code: str, message: str, *, where: Position | None = None, hint: str = "build the fax again, and look at the page") -> None:
        self._problems.append(faxpage.problem(self._letter, code, message, where=where, hint=hint))

    def _body(self, number: int, page: Scan, margin: Margin) -> list[tuple[ocr.Line, str]]:
        """The lines of a page without those in the margin, which are checked: office, page number, document number, seal."""
        missing, edges = faxcover.read_margin(page, margin)
        for what in missing:
            self._say("fax-margin", f"{what} cannot be read in the margin of page {number}")
        return [(line, text) for line, text in zip(page.lines, page.texts, strict=True) if not any(line.beside(edge) for edge in edges)]

    def _check_type(self) -> None:
        for number, points in enumerate(self._sizes, self._first):
            if 0 < points < TYPE_FLOOR_POINTS:
                self._say("fax-type-size", f"most of the type on page {number} is {points:.1f} pt", hint="fax type is 12 pt, and never below 10.5 pt: see fax.css")

    def _page_errors(self) -> list[float]:
        """The error rate of each page. What is missing between two pages counts for the second."""
        whole = "".join(folded(text.text) for text in self._expected)
        errors, done = [], 0
        for number, text in enumerate(self._texts, self._first):
            match = find(text, whole) if text else Match(0, done, done)
            last = number == self._total
            missing = max(0, match.start - done) + (max(0, len(whole) - match.end) if last else 0)
            size = max(1, match.end - match.start + missing)
            rate = (match.edits + missing) / size if text else 1.0
            errors.append(rate)
            if match.end <= done and text:
                self._say("fax-page-order", f"page {number} holds text that stands on an earlier page")
            if rate > self._limit and match.edits + missing > FEW:
                gap = f", {missing} characters are missing" if missing > PIECE else ""
                self._say("fax-unreadable", f"page {number}: {rate:.1%} of the characters are misread{gap} (limit {self._limit:.1%})")
            done = max(done, match.end)
        return errors

    def _text_readings(self) -> Iterator[TextReading]:
        """Each text of the letter as found on the pages; a problem for each that cannot be read, or whose figures differ."""
        whole = "".join(self._texts)
        ends = [sum(len(text) for text in self._texts[: i + 1]) for i in range(len(self._texts))]
        for expected in self._expected:
            wanted = folded(expected.text)
            match = find(wanted, whole)
            page = self._first + sum(match.end > end for end in ends)
            holed = match.edits > 0 and _holed(wanted, whole[max(0, match.start - PIECE) : match.end + PIECE])
            rate = match.edits / max(1, len(wanted))
            readable = not holed and match.edits <= max(3, len(wanted) // 8)
            if not readable:
                self._say("fax-text", f"{expected.label}: “{_short(expected.text)}” cannot be read on page {page}", where=expected.where)
            elif wrong := _wrong_figures(expected, whole[max(0, match.start - 2) : match.end + 2]):
                self._say("fax-figure", f"{expected.label}: {', '.join(wrong)} cannot be read exactly on page {page}", where=expected.where)
                readable = False
            yield TextReading(expected.label, expected.text, rate, readable, page)


def _type_points(body: Sequence[tuple[ocr.Line, str]]) -> float:
    """The size of a page's type by the ink of its longer lines."""
    heights = [line.height for line, text in body if len(folded(text)) >= 20]
    return median(heights) * 72 / ocr.DPI / _INK_OF_TYPE if heights else 0.0


def _holed(wanted: str, found: str) -> bool:
    """Whether some piece of a text, or its end, is mostly unreadable."""
    pieces = [wanted[i : i + PIECE] for i in range(0, len(wanted), PIECE // 2)]
    whole = [piece for piece in pieces if len(piece) >= PIECE // 2]
    return any(find(piece, found).edits > len(piece) // 2 for piece in [*whole, wanted[-TAIL:]])


def _wrong_figures(expected: Expected, found: str) -> list[str]:
    printed_figures = figures(re.sub(r"\[\d+\]", "", expected.text))  # the marks of notes are small, and no figures of the text
    return [figure for figure in dict.fromkeys(printed_figures) if not has_figure(figure, found)]


def _joined(expected: Sequence[Expected]) -> tuple[str, list[int]]:
    """All folded texts as one, and where each begins."""
    texts = [folded(one.text) for one in expected]
    return "".join(texts), [0, *accumulate(len(text) for text in texts[:-1])]


def _short(text: str, size: int = 48) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"
