"""A fax page as a receiving machine takes it on trust: its size, its resolution and its ink, looked at without reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engross.errors import EngrossError, Position, Problem
from engross.letter import Letter
from engross.render import tiff
from engross.render.fax import PAGE_HEIGHT_MM

COVERAGE = (0.005, 0.20)
"""Share of a page that is black. OCR does not see an inverted page; this does."""
ALONE_LIMIT = 0.05
"""Single dots among the black: 0.1 to 0.4 % in type, 25 % and more in dithered grey."""


def geometry(pages: Sequence[tiff.Page], letter: Letter) -> list[Problem]:
    """What is wrong with the size, resolution and ink of pages, whose numbers count from 1."""
    return [found for number, page in enumerate(pages, 1) for found in _of_page(number, page, letter)]


def _of_page(number: int, page: tiff.Page, letter: Letter) -> Iterator[Problem]:
    known = {resolution.dpi: resolution for resolution in tiff.RESOLUTIONS.values()}
    if page.strip.width != tiff.WIDTH:
        yield problem(letter, "fax-geometry", f"page {number} is {page.strip.width} pixels wide, not {tiff.WIDTH}")
    if round(page.dpi) not in known:
        yield problem(letter, "fax-geometry", f"page {number} has {page.dpi:g} lines per inch, which no Group 3 machine has")
        return
    height = page.strip.rows / known[round(page.dpi)].lines_per_mm
    if abs(height - PAGE_HEIGHT_MM) > 2:
        yield problem(letter, "fax-geometry", f"page {number} is {height:.0f} mm high at its resolution, not {PAGE_HEIGHT_MM:.0f} mm")
        return
    try:
        share, alone = _ink(page)
    except EngrossError as error:
        yield problem(letter, "fax-geometry", f"page {number}: {error.message}")
        return
    if not COVERAGE[0] <= share <= COVERAGE[1]:
        what = "empty" if share < COVERAGE[0] else "inverted or full of grey" if share > 0.5 else "too dark"
        yield problem(letter, "fax-coverage", f"{share:.1%} of page {number} is black: it looks {what}")
    elif alone > ALONE_LIMIT:
        hint = "fax pages are black and white: see fax.css"
        yield problem(letter, "fax-grey", f"{alone:.0%} of the black on page {number} are single dots: something grey was dithered", hint=hint)


def coverage(page: tiff.Page) -> float:
    """The share of a page that is black, as its own PhotometricInterpretation has it."""
    return _ink(page)[0]


def _ink(page: tiff.Page) -> tuple[float, float]:
    """The share of black, and of it the share that has white on either side."""
    image = tiff.decode(page.strip, page.coding)
    size, data = (image.width + 7) // 8, image.tobytes()
    rows = [int.from_bytes(data[at : at + size], "big") for at in range(0, len(data), size)]
    black = sum(row.bit_count() for row in rows)
    alone = sum((row & ~(row << 1) & ~(row >> 1)).bit_count() for row in rows)
    share = black / (image.width * image.height)
    return (1 - share if page.fields.get(262) == (1,) else share), alone / max(1, black)


def problem(letter: Letter, code: str, message: str, *, where: Position | None = None, hint: str = "build the fax again, and look at the page") -> Problem:
    """A problem of a fax of a letter."""
    return Problem(code, message, where or Position(letter.where.path or letter.id), hint)
