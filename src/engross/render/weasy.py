"""WeasyPrint, and the one place that touches its private parts: pinned to the version they were read in, each change named and small.

What stock WeasyPrint 70.0 lacks for these letters, and what is done about it:

- `keep_words`: `word-break: keep-all` is not implemented; Korean words are kept whole with Pango's allow-breaks attribute.
- `flush_lines`: only spaces stretch when a line is justified; Japanese lines stretch between all characters.
- `tag_repairs`: margin boxes are artifacts (ISO 14289-1, 7.8), `Lang` stands on structure elements (7.2), footnotes are Reference and Note (7.9), a link's
  `Contents` is its text.
- `claim_ua`: PDF/A-3a and PDF/UA-1 cannot both be asked for; the second claim is added to the XMP with the schema that PDF/A wants described.

`load` refuses another version rather than patching blindly.
"""

from __future__ import annotations

import ctypes.util
import gc
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

from engross.errors import EngrossError, OutsideError
from engross.render import fonts

VERSION = "70.0"
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_HANGUL_WORD = re.compile(r"\S*[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]\S*")


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF (PDF/A-3)."""

    name: str
    data: bytes
    description: str
    relationship: str = "Source"
    """AFRelationship, ISO 32000-2, 7.11.3."""


def to_pdf(html: str, *, font_folder: Path, identifier: bytes, moment: datetime, attachments: Sequence[Attached] = (), images: Sequence[str] = ()) -> bytes:
    """Lay out a page and write it as PDF/A-3a that also claims PDF/UA-1; the same arguments give the same bytes.

    `identifier` becomes the file identifier, `moment` the date of the attachments, `images` the `data:` URLs the page may load: nothing else is fetched.

    Raises:
        EngrossError: the page asks for anything else.
        OutsideError: WeasyPrint or a library it needs is missing or of another version.
    """
    with fonts.private(font_folder), _no_collection():
        weasyprint = load()
        from weasyprint.urls import FatalURLFetchingError

        try:
            document = weasyprint.HTML(string=html, url_fetcher=_fetcher(frozenset(images))).render(font_config=_font_configuration(font_folder), pdf_variant="pdf/a-3a")
        except FatalURLFetchingError as error:
            raise EngrossError(f"the layout asks for something outside it: {error}", hint="a letter loads no URLs; put the logo's file name into the settings") from error
        _claim_ua(document)
        files = [_attachment(weasyprint, item, moment) for item in attachments]
        data = document.write_pdf(pdf_variant="pdf/a-3a", attachments=files, pdf_identifier=identifier, custom_metadata=True, finisher=_finish)
    return bytes(data)


def to_plain_pdf(html: str, *, font_folder: Path) -> bytes:
    """Lay out a page and write it untagged, uncompressed and without any image: for a raster made at once, not for readers.

    Raises:
        EngrossError: the page asks for something outside it.
        OutsideError: WeasyPrint or a library it needs is missing or of another version.
    """
    with fonts.private(font_folder), _no_collection():
        weasyprint = load()
        from weasyprint.urls import FatalURLFetchingError

        try:
            document = weasyprint.HTML(string=html, url_fetcher=_fetcher(frozenset())).render(font_config=_font_configuration(font_folder))
        except FatalURLFetchingError as error:
            raise EngrossError(f"the layout asks for something outside it: {error}", hint="a letter loads no URLs") from error
        return bytes(document.write_pdf(uncompressed_pdf=True))


@lru_cache(maxsize=1)
def load() -> ModuleType:
    """WeasyPrint, imported and repaired, once in a process. Call it with the private fonts set."""
    try:
        # cffi asks find_library, which starts ldconfig and a compiler, for names that are not needed here: dlopen knows the real ones.
        with mock.patch.object(ctypes.util, "find_library", lambda name: None):
            import weasyprint
    except (ImportError, OSError) as error:
        raise OutsideError(f"WeasyPrint cannot be loaded: {error}", hint="install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0") from error
    if weasyprint.__version__ != VERSION:
        raise OutsideError(f"WeasyPrint {weasyprint.__version__} is installed, {VERSION} is needed", hint="install the locked packages")
    for repair in REPAIRS:
        repair()
    return weasyprint


_font_configurations: dict[Path, Any] = {}


def _font_configuration(folder: Path) -> Any:
    """One Pango font map for all letters of a process: it keeps what it learnt of the fonts."""
    from weasyprint.text.fonts import FontConfiguration

    configuration = fonts.configure(folder)
    if configuration not in _font_configurations:
        _font_configurations[configuration] = FontConfiguration()
    return _font_configurations[configuration]


@contextmanager
def _no_collection() -> Iterator[None]:
    """The layout makes a million objects that all live to its end; looking for garbage among them costs a sixth of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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
        file_obj=io.BytesIO(item.data), name=item.name, description=item.description, relationship=item.relationship, created=moment, modified=moment, url_fetcher=_fetcher(frozenset())
    )


def _finish(document: Any, pdf: Any) -> None:
    """Name each associated file once (ISO 19005-3, 6.8); WeasyPrint lists it twice."""
    import pydyf

    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


_UA_CLAIM = """<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li>\
</rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


def _claim_ua(document: Any) -> None:
    """Say PDF/UA-1 (ISO 14289-1, 5) beside PDF/A-3a in the XMP, with the extension schema of ISO 19005-3, 6.6.2.3."""
    stock = document.metadata.generate_rdf_metadata

    def generate(variant: str, version: int, conformance: str) -> bytes:
        head, closing, rest = stock(variant, version, conformance).decode().rpartition("</rdf:RDF>")
        if not closing or rest.strip():
            raise OutsideError("WeasyPrint wrote XMP of a strange shape", hint="install the locked packages")
        return str(head + _UA_CLAIM).encode()

    document.metadata.generate_rdf_metadata = generate


def keep_words() -> None:
    """Never break a line inside a word with Hangul: in one run by Pango's attribute, between two runs by answering that there is no break."""
    from weasyprint.layout import inline
    from weasyprint.text import line_break
    from weasyprint.text.ffi import ffi, pango

    ffi.cdef("PangoAttribute * pango_attr_allow_breaks_new (int allow_breaks);")
    stock_set_text, stock_can_break = line_break.Layout.set_text, inline.can_break_text

    def set_text(self: Any, text: str, justify: bool = False) -> None:
        stock_set_text(self, text, justify)
        words = [match for match in _HANGUL_WORD.finditer(self.text) if match.end() - match.start() > 1]
        if not words:
            return
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        for match in words:
            attribute = pango.pango_attr_allow_breaks_new(0)
            attribute.start_index = len(self.text[: match.start()].encode())
            attribute.end_index = attribute.start_index + len(match[0].encode())
            pango.pango_attr_list_change(attributes, attribute)
        pango.pango_layout_set_attributes(self.layout, attributes)

    def can_break_text(text: str, lang: str | None) -> bool:
        if text and _HANGUL.search(text):
            return bool(re.search(r"\s\S", text))
        return bool(stock_can_break(text, lang))

    line_break.Layout.set_text, inline.can_break_text = set_text, can_break_text


def flush_lines() -> None:
    """Justify Japanese by a little space between all characters of a line (JLReq 3.8.3, step of last resort; here lines are ragged without it)."""
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout import inline
    from weasyprint.text import line_break

    stock_count, stock_set_text = inline.count_expandable_spaces, line_break.Layout.set_text

    def japanese(style: Any) -> bool:
        return (style["lang"] or "").startswith("ja")

    def count_expandable_spaces(box: Any) -> int:
        if isinstance(box, boxes.TextBox) and japanese(box.style):
            return max(len(box.text) - 1, 0)
        return int(stock_count(box))

    def set_text(self: Any, text: str, justify: bool = False) -> None:
        if not (justify and self.justification_spacing and japanese(self.style)):
            stock_set_text(self, text, justify)
            return
        style, spacing = self.style, self.justification_spacing
        base = 0 if style["letter_spacing"] == "normal" else style["letter_spacing"]
        self.style, self.justification_spacing = style.copy(), 0
        self.style["letter_spacing"] = base + spacing
        stock_set_text(self, text, justify)
        self.style, self.justification_spacing = style, spacing

    inline.count_expandable_spaces, line_break.Layout.set_text = count_expandable_spaces, set_text


def tag_repairs() -> None:
    """Mend the structure tree; see the module's docstring."""
    from weasyprint import document, pdf
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout.absolute import AbsolutePlaceholder
    from weasyprint.pdf import tags

    stock_build, stock_add = tags._build_box_tree, pdf.add_tags
    languages: list[str] = []

    def build(box: Any, parent: Any, *rest: Any) -> Iterator[Any]:
        box = box._box if isinstance(box, AbsolutePlaceholder) else box
        if isinstance(box, boxes.MarginBox):
            return
        for element in stock_build(box, parent, *rest):
            if box.element is not None and not isinstance(box, boxes.PageBox) and box.element_tag not in ("html", "body"):
                _mend(element, box, languages[-1])
            yield element

    def add_tags(writer: Any, document: Any, *rest: Any) -> None:
        languages.append(document.metadata.lang)
        stock_add(writer, document, *rest)
        languages.pop()

    tags._build_box_tree, pdf.add_tags = build, add_tags
    _margin_artifacts(document, boxes)


def _mend(element: Any, box: Any, document_language: str) -> None:
    import pydyf

    pseudo = "::" in box.element_tag
    lang = box.element.get("lang")
    if lang and lang != document_language and not pseudo:
        element["Lang"] = pydyf.String(lang)
    if box.element_tag.endswith("::footnote-call"):
        element["S"] = "/Reference"
    elif box.element.get("role") == "doc-footnote" and not pseudo:
        element["S"] = "/Note"
        element["ID"] = pydyf.String(f"note-{element.number}")
    if box.link_annotation:
        box.link_annotation["Contents"] = pydyf.String(box.element.get("title") or "".join(box.element.itertext()).strip() or box.element.get("href", ""))
    title = box.element.get("title")
    if title and not pseudo and element["S"] == "/Sect":
        element["T"] = pydyf.String(title)


def _margin_artifacts(document: ModuleType, boxes: ModuleType) -> None:
    """What stands in the margins (page number, running head, watermark) is drawn as an artifact of the page."""
    import pydyf
    from weasyprint.pdf.stream import Stream

    stock_paint, stock_marked = document.Page.paint, Stream.marked

    def paint(self: Any, stream: Any, *rest: Any, **more: Any) -> None:
        margins = (box for box in self._page_box.children if isinstance(box, boxes.MarginBox))
        stream.margin_boxes = {id(inner) for box in margins for inner in box.descendants()}
        stock_paint(self, stream, *rest, **more)

    @contextmanager
    def marked(self: Any, box: Any, tag: str) -> Iterator[None]:
        if self._tags is None or id(box) not in getattr(self, "margin_boxes", ()):
            with stock_marked(self, box, tag):
                yield
            return
        pydyf.Stream.begin_marked_content(self, "Artifact", pydyf.Dictionary({"Type": "/Pagination"}))
        try:
            yield
        finally:
            pydyf.Stream.end_marked_content(self)

    document.Page.paint, Stream.marked = paint, marked


REPAIRS: tuple[Callable[[], None], ...] = (keep_words, flush_lines, tag_repairs)
