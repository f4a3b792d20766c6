"""Fax: the letter's pages coded once for a language and an office, a cover for each mission, and both joined without coding again.

ITU-T T.4 and T.6 pages of 210 × 279 mm, which fit A4 and Letter machines, as class-F TIFF to send and as a PDF of the same pixels to print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat

from engross import canonical
from engross.errors import EngrossError
from engross.labels import Labels
from engross.letter import Letter, Mission
from engross.render import fax_cover, fax_html, fax_pdf, undrawn
from engross.render import tiff as class_f
from engross.render.fax_html import PAGE_HEIGHT_MM, Sender
from engross.render.layout import Layout

__all__ = ["PAGE_HEIGHT_MM", "Cost", "Pages", "Sender", "cost", "covers", "letter_pages", "packet", "pdf", "tiff"]

CALL_SECONDS = 14.0
"""Dialling, training and goodbye, as measured."""
PAGE_SECONDS = 4.0
"""Between two pages."""
RATES = (9600, 14400, 33600)
"""Bits a second of V.29, V.17 and V.34."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Coded pages of one language and office: a cover, or the letter."""

    strips: tuple[class_f.Strip, ...]
    resolution: str
    coding: str
    title: str = ""
    lang: str = ""
    """BCP 47 tag."""
    number: str = ""
    """Document number."""
    stamp: str = ""
    """The letter's date, `20180606`: files are dated by the letter, never by the clock."""
    author: str = ""
    draft: bool = True

    def __len__(self) -> int:
        return len(self.strips)

    @property
    def size(self) -> int:
        """Bytes that go over the line."""
        return sum(len(strip.data) for strip in self.strips)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a fax costs before it is sent."""

    pages: int
    bytes: int
    """Coded pages, without the file around them."""
    seconds: dict[int, float]
    """Estimated time of the call by bits a second."""
    page_bytes: tuple[int, ...]
    """Bytes of each page, in order: which of them is dear."""


def letter_pages(letter: Letter, labels: Labels, layout: Layout, sender: Sender, *, resolution: str = "fine", coding: str = "mmr") -> Pages:
    """The letter in the fax layout, rastered and coded. Its page numbers count the cover, which is page 1.

    Raises:
        UsageError: an unknown resolution or coding.
        EngrossError: the layout cannot be set.
    """
    from engross.render import raster, weasy

    rows = class_f.resolution(resolution).rows(PAGE_HEIGHT_MM)
    class_f.check_coding(coding)
    document = weasy.to_plain_pdf(fax_html.letter_html(letter, labels, layout, sender), font_folder=layout.root / "fonts", finisher=undrawn.leave_out)
    strips = tuple(class_f.code(image, coding) for image in raster.rasters(document, class_f.WIDTH, repeat(rows), first=1))
    return _pages(strips, letter, layout, sender, resolution, coding)


def packet(
    letter: Letter, labels: Labels, english: Labels, layout: Layout, sender: Sender, missions: Sequence[Mission], *, resolution: str = "fine", coding: str = "mmr"
) -> tuple[Pages, Iterator[Pages]]:
    """The pages of `letter_pages` and the `covers` of these missions, for less: the first covers are pages of the letter's document, which fonts are loaded for once.

    Raises:
        UsageError, EngrossError: as both do.
    """
    from engross.render import raster, weasy

    if not missions:
        return letter_pages(letter, labels, layout, sender, resolution=resolution, coding=coding), iter(())
    sizes = class_f.resolution(resolution)
    class_f.check_coding(coding)
    settings: list[fax_cover.Setting] = []

    def first_covers(total: int) -> str:
        settings.append(fax_cover.Setting(letter, labels, english, layout, sender, total, sizes))
        return settings[0].html(missions[: fax_cover.CHUNK], with_form=True)

    html = fax_html.letter_html(letter, labels, layout, sender)
    document = weasy.to_plain_pdf(html, font_folder=layout.root / "fonts", following=first_covers, finisher=undrawn.leave_out)
    (setting,) = settings
    count = setting.total - 1
    heights = chain(repeat(sizes.rows(PAGE_HEIGHT_MM), count), setting.heights(with_form=True))
    images = raster.rasters(document, class_f.WIDTH, heights, first=1)
    strips = tuple(class_f.code(image, coding) for image in islice(images, count))
    made = setting.covers(missions, [*images])
    return _pages(strips, letter, layout, sender, resolution, coding), (_pages((class_f.code(image, coding),), letter, layout, sender, resolution, coding) for image in made)


def covers(
    letter: Letter,
    labels: Labels,
    english: Labels,
    layout: Layout,
    sender: Sender,
    missions: Sequence[Mission],
    pages: int,
    *,
    resolution: str = "fine",
    coding: str = "mmr",
) -> Iterator[Pages]:
    """A coded cover for each mission, in their order, each naming its own mission only; no number of them takes more memory.

    Args:
        letter: in the language of the fax.
        labels: the words of that language.
        english: the same words in English, printed beside.
        layout: its files and the language.
        sender: the office it comes from.
        missions: localized, as `letter.cc` holds them.
        pages: pages of the letter, the cover not counted.
        resolution: as that of the letter's pages.
        coding: as that of the letter's pages.

    Raises:
        EngrossError: a cover does not fit on one page.
    """
    setting = fax_cover.Setting(letter, labels, english, layout, sender, pages + 1, class_f.resolution(resolution))
    for image in setting.covers(missions):
        yield _pages((class_f.code(image, coding),), letter, layout, sender, resolution, coding)


def tiff(cover: Pages | None, pages: Pages) -> bytes:
    """The fax as a class-F TIFF: the cover, if any, then the letter.

    Raises:
        EngrossError: cover and letter are coded differently.
    """
    strips = _joined(cover, pages)
    stamp = f"{pages.stamp[:4]}:{pages.stamp[4:6]}:{pages.stamp[6:]} 00:00:00" if pages.stamp else ""
    return class_f.write(strips, coding=pages.coding, dpi=class_f.resolution(pages.resolution).dpi, stamp=stamp)


def pdf(cover: Pages | None, pages: Pages) -> bytes:
    """The same pixels at their true size, to print and feed by hand.

    Raises:
        EngrossError: cover and letter are coded differently.
    """
    strips = _joined(cover, pages)
    if pages.coding != "mmr":
        strips = tuple(class_f.code(class_f.decode(strip, pages.coding), "mmr") for strip in strips)
    facts = fax_pdf.Facts(pages.title, pages.lang, pages.number, pages.author, pages.stamp, draft=pages.draft)
    return fax_pdf.write(strips, class_f.resolution(pages.resolution).lines_per_mm, facts)


def cost(fax: bytes | Pages | Iterable[Pages]) -> Cost:
    """Pages, bytes and the estimated time of a call, of a TIFF or of coded pages (cover and letter)."""
    if isinstance(fax, bytes):
        sizes = tuple(len(page.strip.data) for page in class_f.read(fax))
    else:
        parts = (fax,) if isinstance(fax, Pages) else tuple(fax)
        sizes = tuple(len(strip.data) for part in parts for strip in part.strips)
    total = sum(sizes)
    return Cost(len(sizes), total, {rate: CALL_SECONDS + PAGE_SECONDS * len(sizes) + total * 8 / rate for rate in RATES}, sizes)


def _joined(cover: Pages | None, pages: Pages) -> tuple[class_f.Strip, ...]:
    if cover is None:
        return pages.strips
    if (cover.resolution, cover.coding) != (pages.resolution, pages.coding):
        raise EngrossError("the cover and the letter of a fax are coded differently", hint="make both with the same resolution and coding")
    return cover.strips + pages.strips


def _pages(strips: tuple[class_f.Strip, ...], letter: Letter, layout: Layout, sender: Sender, resolution: str, coding: str) -> Pages:
    return Pages(
        strips,
        resolution,
        coding,
        title=letter.title.text,
        lang=layout.locale.tag,
        number=canonical.document_number(letter),
        stamp=letter.date.strftime("%Y%m%d"),
        author=sender.name,
        draft=layout.draft,
    )
