"""Tesseract as a reader of fax pages: which version and languages are there, apart from running it."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from engross.errors import OutsideError
from engross.proof.faxcost import Band
from engross.render import tiff

if TYPE_CHECKING:
    from PIL.Image import Image

DPI = 306
"""Pages are enlarged to it, both ways alike: half as much again as a fax has across."""
TIMEOUT_SECONDS = 120
LANGUAGES = {
    "ar": "ara", "de": "deu", "en": "eng", "es": "spa", "fr": "fra", "id": "ind", "it": "ita", "ja": "jpn", "ko": "kor", "pt": "por", "ru": "rus",
    "th": "tha", "vi": "vie", "zh": "chi_sim", "zh-Hans": "chi_sim", "zh-Hant": "chi_tra",
}  # fmt: skip
"""What tesseract calls a language; others by their own code."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of ink, or a part of one set apart by a wide gap; in pixels of the enlarged page from the top left."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def height(self) -> int:
        """From the highest to the lowest ink."""
        return self.bottom - self.top

    def beside(self, other: Line) -> bool:
        """Whether both stand on one line of the page."""
        return self.top < other.bottom and other.top < self.bottom


def language(locale: str) -> str:
    """Tesseract's name of a language."""
    return LANGUAGES.get(locale) or LANGUAGES.get(locale.split("-")[0]) or locale


def require(locale: str) -> str:
    """Tesseract's name of a language that it can read.

    Raises:
        OutsideError: tesseract, or its data of that language, is not installed.
    """
    name = language(locale)
    if name not in installed():
        raise OutsideError(f"tesseract cannot read {locale}: its language data {name!r} is missing", hint=f"install tesseract-ocr-{name.replace('_', '-')}")
    return name


@lru_cache(maxsize=1)
def installed() -> frozenset[str]:
    """The languages tesseract has data for.

    Raises:
        OutsideError: tesseract is not installed.
    """
    answer = _run("--list-langs")
    return frozenset(line.strip() for line in answer.splitlines()[1:] if line.strip())


@lru_cache(maxsize=256)
def lines(strip: tiff.Strip, coding: str, lines_per_mm: float) -> tuple[Line, ...]:
    """The lines of a coded page, by its ink alone: a fax has one column, so rows without ink part them.

    Tesseract's own search for lines loses some beside short ones, above all in Korean.
    """
    return tuple(_find_lines(tiff.decode(strip, coding), *_factors(lines_per_mm)))


@lru_cache(maxsize=1024)
def read(strip: tiff.Strip, coding: str, lines_per_mm: float, name: str, wanted: tuple[int, ...] | None = None, zoom: float = 1.0) -> tuple[str, ...]:
    """The texts of a page's lines, or of the `wanted` ones (indexes into `lines`), which a second look may see enlarged by `zoom` besides.

    A page is read once in a process: one letter goes out under many covers.

    Raises:
        OutsideError: tesseract is missing or fails.
    """
    found = lines(strip, coding, lines_per_mm)
    chosen = found if wanted is None else [found[i] for i in wanted]
    if not chosen:
        return ()
    page = _enlarged(strip, coding, lines_per_mm)
    boxes = [(max(0, line.left - _EDGE), max(0, line.top - _EDGE), min(page.width, line.right + _EDGE), min(page.height, line.bottom + _EDGE)) for line in chosen]
    first, *rest = [_zoomed(page.crop(box), zoom) for box in boxes]
    buffer = io.BytesIO()
    first.save(buffer, "TIFF", compression="raw", save_all=True, append_images=rest)
    answer = _run("-", "-", "-l", name, "--psm", "7", "--dpi", str(DPI), data=buffer.getvalue())
    texts = answer.split("\f")[: len(chosen)]
    if len(texts) != len(chosen):
        raise OutsideError(f"tesseract read {len(texts)} lines of {len(chosen)}", hint="run it by hand on the fax to see more")
    return tuple(" ".join(text.split()) for text in texts)


def _zoomed(line: Image, zoom: float) -> Image:
    return line if zoom == 1 else line.resize((round(line.width * zoom), round(line.height * zoom)))


_EDGE = 14
"""White around a line that tesseract wants, in pixels; less than half of what parts two lines."""
_THIN = 12
"""Rules are thinner, lines of type higher."""
_GAP = 96
"""Pixels (8 mm) that no space between words takes: what is beyond is read by itself."""


@lru_cache(maxsize=4)
def _enlarged(strip: tiff.Strip, coding: str, lines_per_mm: float) -> Image:
    """A page as dark on light with square pixels."""
    from PIL import Image as Images

    page = tiff.decode(strip, coding)
    across, down = _factors(lines_per_mm)
    size = round(page.width * across), round(page.height * down)
    return page.point([255] + [0] * 255, "L").resize(size, Images.Resampling.BICUBIC)


def _factors(lines_per_mm: float) -> tuple[float, float]:
    return DPI / (tiff.WIDTH / tiff.SCAN_WIDTH_MM * 25.4), DPI / (lines_per_mm * 25.4)


def _find_lines(page: Image, across: float, down: float) -> Iterator[Line]:
    """Lines of a page in fax pixels (black as 1), given in enlarged ones; `across` and `down` are the factors."""
    size = (page.width + 7) // 8
    data = page.tobytes()
    rows = [int.from_bytes(data[at : at + size], "big") for at in range(0, len(data), size)]
    for top, bottom in _stretches(rows, 1):
        if (bottom - top) * down < _THIN:
            continue
        columns = [int(bit) for bit in f"{_union(rows[top:bottom]):0{size * 8}b}"]
        for left, right in _stretches(columns, round(_GAP / across)):
            mask = ((1 << (right - left)) - 1) << (size * 8 - right)
            inked = [row for row in range(top, bottom) if rows[row] & mask]
            yield Line(round(left * across), round(inked[0] * down), round(right * across), round((inked[-1] + 1) * down))


def _union(rows: Sequence[int]) -> int:
    together = 0
    for row in rows:
        together |= row
    return together


def band(line: Line, lines_per_mm: float, part: str) -> Band:
    """The rows of a line in the page as it is coded."""
    down = _factors(lines_per_mm)[1]
    return Band(round(line.top / down), round(line.bottom / down), part)


def _stretches(profile: Sequence[int], gap: int) -> Iterator[tuple[int, int]]:
    """Runs of nonzero values that at least `gap` zeros part."""
    start, last = -1, -1
    for at, value in enumerate(profile):
        if value:
            if start >= 0 and at - last > gap:
                yield start, last + 1
                start = -1
            start, last = at if start < 0 else start, at
    if start >= 0:
        yield start, last + 1


def _run(*arguments: str, data: bytes = b"") -> str:
    program = shutil.which("tesseract")
    if program is None:
        raise OutsideError("tesseract is not installed: faxes cannot be read back", hint="install tesseract-ocr and the data of the letter's languages")
    kept = {name: os.environ[name] for name in ("PATH", "TESSDATA_PREFIX") if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  the program found on the path, with arguments of our own
            [program, *arguments], input=data, capture_output=True, check=True, timeout=TIMEOUT_SECONDS, env={**kept, "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
        )
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or b""
        detail = said.decode("utf-8", "replace").strip().splitlines()[-1:] or [type(error).__name__]
        raise OutsideError(f"tesseract failed: {detail[0]}", hint="run it by hand on the fax to see more") from error
    return done.stdout.decode("utf-8", "replace")
