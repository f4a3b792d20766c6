"""Artefacts as independent readers see them: PDF through pdfium, Word's XML through lxml, HTML through Python's parser, text as it is."""

from __future__ import annotations

import ctypes
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_BULLETS = "•–"
_HYPHENS = re.compile("[\ufffe\x02]")


@dataclass(slots=True)
class Reading:
    """What was read. Lines of `text` end in a newline; a PDF's pages follow each other in it."""

    text: str = ""
    places: list[tuple[int, int]] = field(default_factory=list)
    """Of a PDF: page (from 1) and index on it for each character of `text`."""
    pages: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Footnotes, where the format keeps them apart."""
    links: list[str] = field(default_factory=list)
    margins: list[str] = field(default_factory=list)
    """Headers and footers, where the format keeps them apart."""
    title: str = ""
    language: str = ""
    fonts: dict[str, bool] = field(default_factory=dict)
    """Name without subset tag, and whether it is embedded."""
    attachments: dict[str, bytes] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)


class UnreadableError(ValueError):
    """The bytes are not a document of their kind."""


def read(kind: str, data: bytes) -> Reading:
    """Read an artefact of the kind `pdf`, `docx`, `html` or `txt`.

    Raises:
        UnreadableError: the reader cannot make sense of it.
    """
    try:
        return {"pdf": _pdf, "docx": _docx, "html": _html, "txt": _txt}[kind](data)
    except (ValueError, LookupError, OSError, zipfile.BadZipFile, RuntimeError, SyntaxError) as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error


def _pdf(data: bytes) -> Reading:
    import pypdfium2
    from pypdfium2 import raw

    reading = Reading()
    document = pypdfium2.PdfDocument(data)
    try:
        reading.title = document.get_metadata_value("Title")
        size = raw.FPDFCatalog_GetLanguage(document.raw, None, 0)
        buffer = (ctypes.c_ushort * (size // 2 + 1))()
        raw.FPDFCatalog_GetLanguage(document.raw, buffer, size)
        reading.language = bytes(buffer).decode("utf-16-le").rstrip("\0")
        for number in range(len(document)):
            page = document[number]
            reading.pages.append(page.get_textpage().get_text_range())
            reading.links.extend(_targets(document, page))
            _fonts(page, reading.fonts)
        for number in range(document.count_attachments()):
            attachment = document.get_attachment(number)
            reading.attachments[attachment.get_name()] = bytes(attachment.get_data())
    finally:
        document.close()
    return reading


def _targets(document: Any, page: Any) -> Iterator[str]:
    """The addresses that the page's link annotations lead to."""
    from pypdfium2 import raw

    at, link = ctypes.c_int(0), raw.FPDF_LINK()
    while raw.FPDFLink_Enumerate(page.raw, ctypes.byref(at), ctypes.byref(link)):
        action = raw.FPDFLink_GetAction(link)
        size = raw.FPDFAction_GetURIPath(document.raw, action, None, 0) if action else 0
        if size > 1:
            buffer = ctypes.create_string_buffer(size)
            raw.FPDFAction_GetURIPath(document.raw, action, buffer, size)
            yield buffer.value.decode("utf-8", "replace")


def _fonts(page: Any, fonts: dict[str, bool]) -> None:
    """Every font that a text of the page is set in; a form's texts too."""
    from pypdfium2 import raw

    buffer = ctypes.create_string_buffer(256)
    for item in page.get_objects(filter=(raw.FPDF_PAGEOBJ_TEXT,), max_depth=4):
        font = raw.FPDFTextObj_GetFont(item.raw)
        raw.FPDFFont_GetBaseFontName(font, buffer, len(buffer))
        name = buffer.value.decode("utf-8", "replace")
        fonts[name.partition("+")[2] or name] = fonts.get(name, True) and bool(raw.FPDFFont_GetIsEmbedded(font))


_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def _docx(data: bytes) -> Reading:
    from lxml import etree

    reading = Reading()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = set(package.namelist())
        parser = etree.XMLParser(resolve_entities=False, no_network=True)

        def part(name: str) -> Any:
            return etree.fromstring(package.read(name), parser)

        def links(name: str, root: Any) -> Iterator[str]:
            rels = f"word/_rels/{name}.rels"
            targets = {rel.get("Id"): rel.get("Target") for rel in part(rels)} if rels in names else {}
            yield from (targets[link.get(f"{_R}id")] for link in root.iter(f"{_W}hyperlink") if link.get(f"{_R}id"))

        body = part("word/document.xml")
        reading.text = "".join(_paragraph(p) + "\n" for p in body.iter(f"{_W}p"))
        reading.links = list(links("document.xml", body))
        if "word/footnotes.xml" in names:
            notes = part("word/footnotes.xml")
            reading.notes = [" ".join(_paragraph(p) for p in note.iter(f"{_W}p")).strip() for note in notes if note.get(f"{_W}type") is None]
            reading.links += links("footnotes.xml", notes)
        for name in sorted(names):
            if re.fullmatch(r"word/(?:header|footer)\d+\.xml", name):
                reading.margins.append("\n".join(_paragraph(p) for p in part(name).iter(f"{_W}p")))
        core = part("docProps/core.xml")
        reading.title = next((node.text or "" for node in core if node.tag.endswith("}title")), "")
        reading.language = next((node.text or "" for node in core if node.tag.endswith("}language")), "")
        if "docProps/custom.xml" in names:
            reading.properties = {prop.get("name"): "".join(prop.itertext()) for prop in part("docProps/custom.xml")}
    return reading


def _paragraph(paragraph: Any) -> str:
    """The text of a paragraph; what a revision deleted and what a field computes from are not its text."""
    out: list[str] = []
    for node in paragraph.iter():
        if node.tag == f"{_W}t":
            out.append(node.text or "")
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            out.append("\n")
        elif node.tag == f"{_W}tab" and node.getparent().tag == f"{_W}r":
            out.append("\t")
        elif node.tag == f"{_W}noBreakHyphen":
            out.append("-")
    return "".join(out)


class _Page(HTMLParser):
    """Text as a browser shows it, one block a line."""

    _BLOCKS = frozenset(["p", "div", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "main", "blockquote", "br", "body"])

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.reading = Reading()
        self._out: list[str] = []
        self._hidden = 0
        self._title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the language, what is hidden, and where a block begins."""
        values = dict(attrs)
        if tag == "html":
            self.reading.language = values.get("lang") or ""
        self._title |= tag == "title"
        self._hidden += tag in ("style", "script", "template")
        target = values.get("href") or ""
        if tag == "a" and target and not target.startswith("#"):
            self.reading.links.append(target)
        if tag in self._BLOCKS:
            self._out.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._title &= tag != "title"
        self._hidden -= tag in ("style", "script", "template")
        if tag in self._BLOCKS:
            self._out.append("\n")

    def handle_data(self, data: str) -> None:
        if self._title:
            self.reading.title += data
        elif not self._hidden:
            self._out.append(re.sub(r"\s+", " ", data))

    def finish(self) -> Reading:
        self.reading.text = re.sub(r" *\n[ \n]*", "\n", "".join(self._out)).strip() + "\n"
        return self.reading


def _html(data: bytes) -> Reading:
    page = _Page()
    page.feed(data.decode("utf-8"))
    page.close()
    return page.finish()


def _txt(data: bytes) -> Reading:
    text = data.decode("utf-8")
    return Reading(text=re.sub(r"^(?:> | *• )", "", text, flags=re.MULTILINE))


def page_lines(page: str) -> Iterator[tuple[int, str]]:
    """The lines of a PDF page with the index of their first character, bullets removed from their beginning."""
    at = 0
    for line in page.split("\n"):
        text = line.removesuffix("\r")
        bullet = len(text) - len(text.lstrip(_BULLETS + " ")) if text[:1] in tuple(_BULLETS) and text[1:2] in ("", " ") else 0
        yield at + bullet, text[bullet:]
        at += len(line) + 1
