"""Open Packaging Conventions (ECMA-376 part 2), the little that a letter needs: read a package's parts, write one whose bytes repeat.

python-docx would do this too, but importing it costs more time than making a letter, and its writer stamps the clock on every part.
"""

from __future__ import annotations

import html
import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOS_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a ZIP entry can carry: all entries have it, so that equal letters are equal bytes."""
MAX_BYTES = 32 << 20
"""Limit of what a package may unpack to; a style reference has a hundredth of it."""


class Malformed(ValueError):
    """The bytes are not a package that can be used; the message says why."""


def escape(text: str) -> str:
    """Text between tags. (`xml.sax.saxutils` has this too, and imports an HTTP client with it.)"""
    return html.escape(text, quote=False)


def quoteattr(text: str) -> str:
    """An attribute's value between its quotes."""
    return f'"{html.escape(text)}"'


def parse(data: bytes) -> etree._Element:
    """The root of an XML part. Document type declarations, and with them entities, are refused (ECMA-376 part 2, 8.1.4).

    Raises:
        Malformed: not well-formed, or with a document type declaration.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Malformed(f"its XML is broken: {error}") from error
    if b"<!DOCTYPE" in data.replace(b"\0", b""):
        raise Malformed("it has a document type declaration")
    return root


def serialize(root: etree._Element) -> bytes:
    """The bytes of an XML part."""
    from lxml import etree

    return HEAD.encode() + etree.tostring(root, encoding="UTF-8")


def read(data: bytes) -> dict[str, bytes]:
    """The entries of a package by name, without leading slash.

    Raises:
        Malformed: not a ZIP file, damaged, encrypted, or larger than `MAX_BYTES` when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
                raise Malformed("it unpacks to more than 32 MB")
            return {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Malformed(f"it is not a Word document ({error})") from error


def related(entries: dict[str, bytes], source: str = "") -> dict[str, str]:
    """What a part (or the package itself) refers to inside the package: last word of the relationship's type to entry name."""
    folder, _, name = source.rpartition("/")
    rels = entries.get(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
    found: dict[str, str] = {}
    for rel in parse(rels) if rels else ():
        target = str(rel.get("Target", ""))
        if rel.get("TargetMode") != "External" and target:
            path = target.lstrip("/") if target.startswith("/") else _joined(folder, target)
            found.setdefault(str(rel.get("Type", "")).rpartition("/")[2], path)
    return found


def _joined(folder: str, target: str) -> str:
    parts = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)


@dataclass
class Relationships:
    """The relationships of one part. Equal ones are made once."""

    entries: dict[tuple[str, str, bool], str] = field(default_factory=dict)

    def add(self, kind: str, target: str, *, external: bool = False) -> str:
        """The id of a relationship of this type (its full URI) to a part, relative to the source, or to an outside address."""
        return self.entries.setdefault((kind, target, external), f"rId{len(self.entries) + 1}")

    def xml(self) -> bytes:
        """The relationships part."""
        rows = "".join(
            f'<Relationship Id="{key}" Type={quoteattr(kind)} Target={quoteattr(target)}' + (' TargetMode="External"/>' if external else "/>")
            for (kind, target, external), key in self.entries.items()
        )
        return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'.encode()


@dataclass
class Part:
    """One part of a package to be written."""

    data: bytes
    content_type: str
    rels: Relationships = field(default_factory=Relationships)


def write(parts: dict[str, Part], package_rels: Relationships) -> bytes:
    """The package: content types first, then the parts sorted by name, none with a date of its own. The same parts give the same bytes."""
    types = "".join(f'<Override PartName="/{name}" ContentType="{part.content_type}"/>' for name, part in sorted(parts.items()))
    entries: dict[str, bytes] = {"_rels/.rels": package_rels.xml()}
    for name, part in parts.items():
        entries[name] = part.data
        if part.rels.entries:
            folder, _, base = name.rpartition("/")
            entries[f"{folder}/_rels/{base}.rels"] = part.rels.xml()
    defaults = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    content_types = f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{defaults}{types}</Types>'.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in [("[Content_Types].xml", content_types), *sorted(entries.items())]:
            info = zipfile.ZipInfo(name, DOS_EPOCH)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()
