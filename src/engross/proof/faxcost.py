"""What the pages of a fax cost, part by part: each row of a page belongs to one part, and a part costs what its rows take when they are coded alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engross.render import tiff
from engross.render.fax import RATES, Cost

PARTS = ("cover", "head", "text", "signatories", "copies", "notes", "margins", "rules")
"""Head: letterhead, date, addressees, subject and salutation. Copies: who gets a copy. Notes: enclosures too."""


@dataclass(frozen=True, slots=True)
class Band:
    """Rows of a page, `[top:bottom]`, and the part they belong to."""

    top: int
    bottom: int
    part: str


@dataclass(frozen=True, slots=True)
class Price:
    """What a fax costs before it is sent."""

    cost: Cost
    parts: Mapping[str, int]
    """Coded bytes by part, the dearest first; empty when its pages were not read."""

    def __str__(self) -> str:
        times = ", ".join(f"{self.cost.seconds[rate] / 60:.1f} min at {rate:,}" for rate in RATES)
        most = ", ".join(f"{part} {size / max(1, self.cost.bytes):.0%}" for part, size in list(self.parts.items())[:3])
        return f"{self.cost.pages} pages, {self.cost.bytes / 1000:.0f} kB: {times} bit/s" + (f"; most for {most}" if most else "")

    def as_data(self) -> dict[str, object]:
        """As plain data, for JSON: the time of the call in seconds by bits a second."""
        seconds = {str(rate): round(time, 1) for rate, time in self.cost.seconds.items()}
        return {"pages": self.cost.pages, "bytes": self.cost.bytes, "seconds": seconds, "parts": dict(self.parts)}


def by_part(page: tiff.Page, bands: Iterable[Band]) -> dict[str, int]:
    """Bytes of a coded page by part. Rows with ink in no band are rules; what white rows take belongs to no part."""
    from PIL import Image

    image = tiff.decode(page.strip, page.coding)
    size, data = (image.width + 7) // 8, image.tobytes()
    part_of = [""] * image.height
    for band in bands:
        for row in range(max(0, band.top), min(image.height, band.bottom)):
            part_of[row] = part_of[row] or band.part
    inked = [any(data[row * size : (row + 1) * size]) for row in range(image.height)]
    part_of = [(part or "rules") if ink else "" for part, ink in zip(part_of, inked, strict=True)]
    white = _white(image.size, page.coding)
    found: dict[str, int] = {}
    for part in dict.fromkeys(filter(None, part_of)):
        rows = b"".join(data[row * size : (row + 1) * size] if one == part else bytes(size) for row, one in enumerate(part_of))
        found[part] = max(0, len(tiff.code(Image.frombytes("1", image.size, rows), page.coding).data) - white)
    return found


@lru_cache(maxsize=8)
def _white(size: tuple[int, int], coding: str) -> int:
    """Bytes of a page without ink."""
    from PIL import Image

    return len(tiff.code(Image.new("1", size), coding).data)


def total(pages: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Bytes by part of several pages, the dearest first."""
    sums: dict[str, int] = {}
    for page in pages:
        for part, size in page.items():
            sums[part] = sums.get(part, 0) + size
    return dict(sorted(sums.items(), key=lambda entry: (-entry[1], entry[0])))
