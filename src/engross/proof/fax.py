"""The legibility gate: a fax is decoded, read by tesseract and compared with the letter before it is sent.

It looks at the file as a receiver gets it and knows nothing of how it was made: geometry and ink of each page, the size of its type, the order of
pages, and every text of the letter, figures exactly. Limits are measured ones (docs: reading a page of good 12 pt type errs in 0.03 to 0.7 % of its
characters; a blank line costs 2 to 7 %, a missing page 26 to 48 %).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from engross import canonical
from engross.errors import EngrossError, Position, Problem
from engross.labels import Labels
from engross.letter import Letter
from engross.locales import Locale
from engross.proof import ocr
from engross.proof.distance import Match, find
from engross.proof.faxscan import Scan, scan
from engross.proof.faxtext import Expected, figures, folded, has_figure, printed
from engross.render import tiff
from engross.render.fax import PAGE_HEIGHT_MM

CER_LIMIT = 0.005
"""Share of a page's characters that may be misread."""
CER_LIMIT_CJK = 0.02
COVERAGE = (0.005, 0.20)
"""Share of a page that is black. OCR does not see an inverted page; this does."""
ALONE_LIMIT = 0.05
"""Single dots among the black: 0.1 to 0.4 % in type, 25 % and more in dithered grey."""
TYPE_FLOOR_POINTS = 10.0
"""The layout's floor is 10.5 pt; the rest is the uncertainty of measuring."""
_INK_OF_TYPE = 0.93
"""A line's ink from the highest to the lowest, as a share of its type size (measured: 0.90 to 0.97 in four scripts)."""
EDGE_LINES = 4
"""Lines at the top and the bottom of a page among which those of the margin are sought."""
PIECE = 16
"""Characters of which more than half misread make a hole in a text, however long the text is."""


TAIL = 6
"""The last characters of a text, which may stand on a line of their own."""
FEW = 6
"""Misread characters that a short page may have, whatever share that is."""


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

    @property
    def fit(self) -> bool:
        """Whether everything can be read."""
        return not any(problem.is_error for problem in self.problems)

    @property
    def unreadable(self) -> tuple[TextReading, ...]:
        """The texts that cannot be read."""
        return tuple(text for text in self.texts if not text.readable)


def legibility(fax: bytes, letter: Letter, labels: Labels, locale: Locale, *, cover: bool = True) -> Report:
    """Read a fax back and compare it with the letter.

    Args:
        fax: a class-F TIFF.
        letter: as localized for it.
        labels: the words of its language.
        locale: the facts of its language.
        cover: whether its first page is a cover.

    Raises:
        OutsideError: tesseract, or its data of the language, is missing.
        EngrossError: the file is not a class-F TIFF.
    """
    ocr.require(locale.code)
    pages = tiff.read(fax)
    problems = [problem for number, page in enumerate(pages, 1) for problem in _geometry(number, page, letter)]
    if problems:
        return Report((), (), tuple(problems))
    expected = printed(letter, labels, locale)
    texts = [folded(text.text) for text in expected]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        scans = list(pool.map(lambda page: scan(page, locale.code, texts), pages))
    gate = _Gate(letter, labels, locale, expected, scans, cover=cover)
    return gate.report([_coverage(page) for page in pages])


def _geometry(number: int, page: tiff.Page, letter: Letter) -> Iterator[Problem]:
    """What a receiving machine takes on trust, checked without reading."""
    known = {resolution.dpi: resolution for resolution in tiff.RESOLUTIONS.values()}
    if page.strip.width != tiff.WIDTH:
        yield _problem(letter, "fax-geometry", f"page {number} is {page.strip.width} pixels wide, not {tiff.WIDTH}")
    if round(page.dpi) not in known:
        yield _problem(letter, "fax-geometry", f"page {number} has {page.dpi:g} lines per inch, which no Group 3 machine has")
        return
    height = page.strip.rows / known[round(page.dpi)].lines_per_mm
    if abs(height - PAGE_HEIGHT_MM) > 2:
        yield _problem(letter, "fax-geometry", f"page {number} is {height:.0f} mm high at its resolution, not {PAGE_HEIGHT_MM:.0f} mm")
        return
    try:
        share = _coverage(page)
    except EngrossError as error:
        yield _problem(letter, "fax-geometry", f"page {number}: {error.message}")
        return
    if not COVERAGE[0] <= share <= COVERAGE[1]:
        what = "empty" if share < COVERAGE[0] else "inverted or full of grey" if share > 0.5 else "too dark"
        yield _problem(letter, "fax-coverage", f"{share:.1%} of page {number} is black: it looks {what}")
    elif (alone := _alone(page)) > ALONE_LIMIT:
        yield _problem(
            letter, "fax-grey", f"{alone:.0%} of the black on page {number} are single dots: something grey was dithered", hint="fax pages are black and white: see fax.css"
        )


def _coverage(page: tiff.Page) -> float:
    """The share of black, as the file's own PhotometricInterpretation has it."""
    image = tiff.decode(page.strip, page.coding)
    black = image.histogram()[255] / (image.width * image.height)
    return 1 - black if page.fields.get(262) == (1,) else black


def _alone(page: tiff.Page) -> float:
    """The share of black pixels with a white one on either side."""
    image = tiff.decode(page.strip, page.coding)
    size, data = (image.width + 7) // 8, image.tobytes()
    rows = [int.from_bytes(data[at : at + size], "big") for at in range(0, len(data), size)]
    black = sum(row.bit_count() for row in rows)
    return sum((row & ~(row << 1) & ~(row >> 1)).bit_count() for row in rows) / max(1, black)


def _problem(letter: Letter, code: str, message: str, *, where: Position | None = None, hint: str = "build the fax again, and look at the page") -> Problem:
    return Problem(code, message, where or Position(letter.where.path or letter.id), hint)


class _Gate:
    """One comparison: all pages of a fax with all texts of a letter."""

    def __init__(self, letter: Letter, labels: Labels, locale: Locale, expected: Sequence[Expected], scans: Sequence[Scan], *, cover: bool) -> None:
        self._letter, self._labels, self._expected, self._total = letter, labels, expected, len(scans)
        self._limit = CER_LIMIT_CJK if locale.fullwidth or locale.keep_words or not locale.spaces else CER_LIMIT
        self._first = 2 if cover else 1
        self._cover = scans[0] if cover else None
        self._problems: list[Problem] = []
        bodies = [self._body(number, page) for number, page in enumerate(scans[self._first - 1 :], self._first)]
        self._texts = ["".join(folded(text) for _, text in body) for body in bodies]
        self._sizes = [_type_points(body) for body in bodies]

    def report(self, coverage: Sequence[float]) -> Report:
        """Everything that was found, problems in reading order."""
        self._check_cover()
        self._check_type()
        errors = self._page_errors()
        texts = tuple(self._text_readings())
        readings = tuple(
            PageReading(number, errors[number - self._first], coverage[number - 1], self._sizes[number - self._first]) for number in range(self._first, self._total + 1)
        )
        return Report(readings, texts, tuple(self._problems))

    def _say(self, code: str, message: str, *, where: Position | None = None, hint: str = "build the fax again, and look at the page") -> None:
        self._problems.append(_problem(self._letter, code, message, where=where, hint=hint))

    def _body(self, number: int, page: Scan) -> list[tuple[ocr.Line, str]]:
        """The lines of a page without those in the margin, which are checked: page number, document number, seal."""
        folio = self._labels.fill("page_of", page=number, pages=self._total if self._first == 2 else self._total + 1)
        margin: list[ocr.Line] = []
        edges = [*range(min(EDGE_LINES, len(page.lines))), *range(max(EDGE_LINES, len(page.lines) - EDGE_LINES), len(page.lines))]
        for what, text in (("page number", folio), ("document number", canonical.document_number(self._letter)), ("seal", canonical.seal(self._letter))):
            wanted = _hexadecimal(text) if what == "seal" else folded(text)
            fold = _hexadecimal if what == "seal" else folded
            edits, index, read = min(((find(wanted, fold(read)).edits, i, read) for i in edges for read in page.raw[i]), default=(len(wanted), -1, ""))
            exact = all(has_figure(figure, folded(read)) for figure in figures(text)) if text == folio else True
            allowed = len(wanted) // 3 if text == folio else len(wanted) // 8  # of a page number the figures count, and they are exact
            if edits > max(1, allowed) or not exact:
                self._say("fax-margin", f"the {what} {text!r} cannot be read in the margin of page {number}")
            if index >= 0 and edits <= len(wanted) // 2:
                margin.append(page.lines[index])
        return [(line, text) for line, text in zip(page.lines, page.texts, strict=True) if not any(line.beside(edge) for edge in margin)]

    def _check_type(self) -> None:
        for number, points in enumerate(self._sizes, self._first):
            if 0 < points < TYPE_FLOOR_POINTS:
                self._say("fax-type-size", f"most of the type on page {number} is {points:.1f} pt", hint="fax type is 12 pt, and never below 10.5 pt: see fax.css")

    def _check_cover(self) -> None:
        """A cover names one mission, by a fax number that can be read, and how many pages come."""
        if self._cover is None:
            return
        texts = [text for i in range(len(self._cover.lines)) for text in self._cover.raw[i]]
        read = "".join(re.sub(r"[^\d+]", "", text) + "\n" for text in texts)
        known = {mission.fax_e164 for mission in (*self._letter.cc, *self._letter.recipients) if mission.fax_e164}
        named = {number for number in known if number.removeprefix("+") in read}
        if len(named) != 1:
            what = "the fax number of no recipient can be read" if not named else f"{len(named)} recipients are named"
            self._say("fax-cover", f"{what} on the cover")
        if not re.search(rf"(?<!\d){self._total}(?!\d)", "\n".join(texts)):
            self._say("fax-cover", f"the number of pages, {self._total}, cannot be read on the cover")

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


_HEXADECIMAL = str.maketrans("OQDIL|SZG", "00D111526", " ")


def _hexadecimal(text: str) -> str:
    """Check digits, with letters that are no such digits read as those they look like."""
    return folded(text).upper().translate(_HEXADECIMAL)


def _short(text: str, size: int = 48) -> str:
    return text if len(text) <= size else text[: size - 1] + "…"
