"""WeasyPrint, behind one door: loaded fast, repaired (`weasy_private`), with our fonts and nothing fetched."""

from __future__ import annotations

import ctypes.util
import gc
import io
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from engross.errors import EngrossError, OutsideError
from engross.render import fonts, weasy_sheets, weasy_speed, weasy_speed_pages
from engross.render.signature_fields import Fields
from engross.render.signature_fields import add as add_fields
from engross.render.weasy_private import REPAIRS, VERSION, claim_ua, signature_boxes

NO_FIELDS = Fields()
spent: deque[object] = deque(maxlen=0)
"""Documents that have been written. To take one apart takes a thirtieth of the time that it took to make it: a process that lives on may let them lie here until it has answered."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF (PDF/A-3)."""

    name: str
    data: bytes
    description: str
    relationship: str = "Source"
    """AFRelationship, ISO 32000-2, 7.11.3."""


def to_pdf(
    html: str, *, font_folder: Path, identifier: bytes, moment: datetime, attachments: Sequence[Attached] = (), images: Sequence[str] = (), fields: Fields = NO_FIELDS
) -> bytes:
    """Lay out a page and write it as PDF/A-3a that also claims PDF/UA-1; the same arguments give the same bytes.

    `identifier` becomes the file identifier, `moment` the date of the attachments, `images` the `data:` URLs the page may load: nothing else is fetched.
    `fields` tells of signature fields what the page does not (`signature_fields`).

    Raises:
        EngrossError: the page asks for anything else, or has what WeasyPrint does not understand.
        OutsideError: WeasyPrint or a library it needs is missing or of another version.
    """
    with fonts.private(font_folder) as configuration, _quiet(), _understood():
        weasyprint = load()
        from weasyprint.urls import FatalURLFetchingError

        try:
            document = weasyprint.HTML(string=html, url_fetcher=_fetcher(frozenset(images))).render(font_config=_font_configuration(configuration), pdf_variant="pdf/a-3a")
        except FatalURLFetchingError as error:
            raise EngrossError(f"the layout asks for something outside it: {error}", hint="a letter loads no URLs; put the logo's file name into the settings") from error
        claim_ua(document)
        spent.append(document)
        files = [_attachment(weasyprint, item, moment) for item in attachments]
        data = document.write_pdf(pdf_variant="pdf/a-3a", attachments=files, pdf_identifier=identifier, custom_metadata=True, finisher=partial(_finish, fields=fields))
    return bytes(data)


def to_plain_pdf(
    html: str,
    *,
    font_folder: Path,
    images: Sequence[str] = (),
    compressed: bool = False,
    following: Callable[[int], str] | None = None,
    finisher: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """Lay out a page and write it untagged, with the `data:` images named: for a raster or a picture made at once, not for readers.

    `following` gets the number of its pages and gives another page, which is laid out too and written behind it, with the same fonts. `finisher` may change the PDF before it is written.

    Raises:
        EngrossError: the page asks for something outside it, or has what WeasyPrint does not understand.
        OutsideError: WeasyPrint or a library it needs is missing or of another version.
    """
    with fonts.private(font_folder) as configuration, _quiet(), _understood():
        weasyprint = load()
        from weasyprint.urls import FatalURLFetchingError

        def laid_out(html: str) -> Any:
            return weasyprint.HTML(string=html, url_fetcher=_fetcher(frozenset(images))).render(font_config=_font_configuration(configuration))

        try:
            document = laid_out(html)
            if following:
                document = document.copy([*document.pages, *laid_out(following(len(document.pages))).pages])
        except FatalURLFetchingError as error:
            raise EngrossError(f"the layout asks for something outside it: {error}", hint="a letter loads no URLs") from error
        spent.append(document)
        return bytes(document.write_pdf(uncompressed_pdf=not compressed, finisher=finisher))


def warm(font_folder: Path, sheets: Sequence[str] = ()) -> None:
    """Load WeasyPrint now, and read these style sheets, for instance before a process forks; no thread of Pango starts before the first letter is laid out."""
    with fonts.private(font_folder):
        load()
    for text in sheets:
        weasy_speed_pages.read_sheet(text)


@lru_cache(maxsize=1)
def load() -> Any:
    """WeasyPrint, imported and repaired, once in a process. Call it with the private fonts set."""
    try:
        # cffi asks find_library, which starts ldconfig and a compiler, for names that are not needed here: dlopen knows the real ones.
        with _no_search(), weasy_speed.lean():
            import weasyprint
    except (ImportError, OSError) as error:
        raise OutsideError(f"WeasyPrint cannot be loaded: {error}", hint="install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0") from error
    if weasyprint.__version__ != VERSION:
        raise OutsideError(f"WeasyPrint {weasyprint.__version__} is installed, {VERSION} is needed", hint="install the locked packages")
    for repair in REPAIRS:
        repair()
    for speedup in weasy_speed.chosen():
        speedup()
    return weasyprint


@contextmanager
def _understood() -> Iterator[None]:
    """Refuse what WeasyPrint only warns of, a declaration that it ignores or a link to nowhere: the page would be another than was meant, and nobody would be told.

    Characters that no font has are not the layout's: whoever lets text in looks for them (`content.glyphs`).
    """
    with weasy_sheets.complaints() as heard:
        yield
    if told := [message.rstrip(".") for message in dict.fromkeys(heard) if not message.startswith(".notdef")]:
        raise EngrossError(
            f"WeasyPrint does not understand all of the layout: {'; '.join(told)}",
            hint="mend the style sheet or the template in layouts/; the numbers count lines and columns of a style element",
        )


@contextmanager
def _no_search() -> Iterator[None]:
    """Let ctypes find no library by its short name. By hand: unittest.mock loads asyncio, a twelfth of all imports."""
    stock = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        ctypes.util.find_library = stock


_font_configurations: dict[Path, Any] = {}


def _font_configuration(configuration: Path) -> Any:
    """One Pango font map for all letters of a process: it keeps what it learnt of the fonts."""
    from weasyprint.text.fonts import FontConfiguration

    if configuration not in _font_configurations:
        _font_configurations[configuration] = FontConfiguration()
    return _font_configurations[configuration]


@contextmanager
def _quiet() -> Iterator[None]:
    """The layout makes a million objects that all live to its end; looking for garbage among them costs a sixth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # WeasyPrint leaves the file of its colour profile to the garbage collector
            yield
    finally:
        if enabled:
            gc.enable()


@lru_cache(maxsize=4)
def _fetcher(allowed: frozenset[str]) -> Any:
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class Locked(URLFetcher):  # type: ignore[misc]
        """Fetches the URLs of the list and stops the rendering at any other."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            if url not in allowed:
                raise FatalURLFetchingError(url[:80])
            return super().fetch(url, headers)

    return Locked(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)


def _attachment(weasyprint: ModuleType, item: Attached, moment: datetime) -> Any:
    return weasyprint.Attachment(
        file_obj=io.BytesIO(item.data),
        name=item.name,
        description=item.description,
        relationship=item.relationship,
        created=moment,
        modified=moment,
        url_fetcher=_fetcher(frozenset()),
    )


def _finish(document: Any, pdf: Any, fields: Fields) -> None:
    """Add the signature fields, name each associated file once (ISO 19005-3, 6.8; WeasyPrint lists it twice), and fonts without the comma that Pango puts after "Source Serif 4"."""
    import pydyf

    from engross.render.frozen import freeze

    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    for entry in pdf.objects:
        if isinstance(entry, dict):
            for key in ("BaseFont", "FontName"):
                if key in entry:
                    entry[key] = bytes(entry[key]).rstrip(b",")
            if entry.get("S") == "/TH" and "A" in entry:  # WeasyPrint says which cells a header has, not which way it goes; ours all go down
                entry["A"]["Scope"] = "/Column"
    add_fields(pdf, signature_boxes(document), fields)
    freeze(pdf)
