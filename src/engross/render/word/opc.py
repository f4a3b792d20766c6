"""The package behind a Word file (Open Packaging Conventions, ECMA-376 part 2): python-docx opens, fills and saves it; here is what it does not do.

It opens whatever it is given, so sizes and document type declarations are looked at first; and it stamps the clock on every entry, so what it saves is
packed again with bytes that repeat.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docx.document import Document
    from docx.opc.part import Part, XmlPart
    from docx.package import Package
    from lxml import etree

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DOS_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a ZIP entry can carry: all entries have it, so that equal letters are equal bytes."""
MAX_BYTES = 32 << 20
"""Limit of what a package may unpack to; a style reference has a hundredth of it."""
MAX_ENTRIES = 2000
_ENCODING = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([^"']*)""")
_ENCODINGS = (b"utf-8", b"utf-16", b"us-ascii", b"ascii")
_MARKS = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0<")


class Malformed(ValueError):
    """The bytes are not a package that can be used; the message says why."""


def escape(text: str) -> str:
    """Text between tags. (`xml.sax.saxutils` has this too, and imports an HTTP client with it.)"""
    return html.escape(text, quote=False)


def quoteattr(text: str) -> str:
    """An attribute's value between its quotes."""
    return f'"{html.escape(text)}"'


def parse(data: bytes) -> etree._Element:
    """The root of an XML part, with python-docx's classes for its elements. Document type declarations, and with them entities, are refused (ECMA-376 part 2, 8.1.4).

    Raises:
        Malformed: not well-formed, with a document type declaration, or in an encoding that packages do not use.
    """
    from docx.oxml import parse_xml
    from lxml import etree

    _no_document_type(data)
    try:
        root: etree._Element = parse_xml(data)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Malformed(f"its XML is broken: {error}") from error
    return root


def _no_document_type(data: bytes) -> None:
    """Refuse a declaration in whichever encoding it may be written; XML in a package is UTF-8 or UTF-16 (ECMA-376 part 2, 8.1.4)."""
    plain = data.replace(b"\0", b"")
    declared = _ENCODING.search(plain[:300])
    if declared and declared[1].lower() not in _ENCODINGS:
        raise Malformed("its XML is neither UTF-8 nor UTF-16")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Malformed("it has a document type declaration")


def read(data: bytes) -> dict[str, bytes]:
    """The entries of a package by name, checked: nothing is unpacked before its size is known, no part has a document type declaration.

    Raises:
        Malformed: not a ZIP file, damaged, encrypted, with too many entries, larger than `MAX_BYTES` when unpacked, or with such a declaration.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if sum(info.file_size for info in infos) > MAX_BYTES:
                raise Malformed("it unpacks to more than 32 MB")
            if len(infos) > MAX_ENTRIES:
                raise Malformed(f"it holds more than {MAX_ENTRIES} files")
            if len({info.filename for info in infos}) < len(infos):
                raise Malformed("it holds two files of one name")
            entries = {info.filename: _unpacked(archive, info) for info in infos if not info.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(f"it is not a Word document ({error})") from error
    for name, part in entries.items():
        if name.endswith((".xml", ".rels")) or (part.lstrip()[:3].startswith(_MARKS) and not name.endswith(".svg")):
            if not part.lstrip()[:3].startswith(_MARKS):
                raise Malformed(f"its XML is broken: {name}")
            _no_document_type(part)
    return entries


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """No more than the directory says it is: `ZipFile.read` unpacks all of an entry before it looks."""
    with archive.open(info) as stream:
        return stream.read(info.file_size)


def open_document(data: bytes) -> Document:
    """A Word file, checked by `read` first.

    Raises:
        Malformed: what `read` refuses; no Word document inside; in the Strict variant; XML that is broken.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from lxml import etree

    entries = read(data)
    if b"purl.oclc.org/ooxml" in entries.get("_rels/.rels", b""):
        raise Malformed(NOT_TRANSITIONAL)
    checked = io.BytesIO()
    with zipfile.ZipFile(checked, "w") as archive:  # what was looked at is what is opened, whatever else the file may hold
        for name, part in entries.items():
            archive.writestr(name, part)
    try:
        document = docx.Document(checked)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"its XML is broken: {error}") from error
    except (KeyError, PackageNotFoundError) as error:
        raise Malformed(f"it has no document part, or one of its parts is missing ({error})") from error
    except (ValueError, AttributeError, TypeError) as error:
        kind = re.search(r"content type is '(?:application/)?([^']*)'", str(error))
        raise Malformed(f"it is not a Word document ({kind[1] if kind else error})") from error
    if document.part.element.tag != "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}document":
        raise Malformed(NOT_TRANSITIONAL)
    return document


NOT_TRANSITIONAL = "it is not in the usual (Transitional) form; in Word choose Save As > Word Document (*.docx), not Strict Open XML"


def blob_part(package: Package, name: str, content_type: str, data: bytes) -> Part:
    """A part with ready bytes, `/word/x.xml`, not yet related to anything."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    return Part(PackURI(name), content_type, data, package)


def xml_part(package: Package, name: str, content_type: str, root: etree._Element) -> XmlPart:
    """A part whose XML may still be filled, not yet related to anything."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import XmlPart

    return XmlPart(PackURI(name), content_type, root, package)  # type: ignore[arg-type] # any element will do


def refill(root: etree._Element, *children: etree._Element) -> None:
    """Put other content into an element, root of a part or body, whose attributes speak of the old."""
    root.clear()
    root.extend(children)


def save(package: Package) -> bytes:
    """The package as bytes that repeat: content types first, then the parts sorted by name, none with a date of its own."""
    saved, buffer = io.BytesIO(), io.BytesIO()
    package.save(saved)
    with zipfile.ZipFile(saved) as archive, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name in sorted(archive.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            info = zipfile.ZipInfo(name, DOS_EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            packed.writestr(info, archive.read(name))
    return buffer.getvalue()
