"""Rules about what the file says of itself: XMP, Info, claims, language, title."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from lxml import etree

from engross.conformance.document import Document
from engross.conformance.objects import get, name, place, text
from engross.conformance.rule import A3, UA1, Found, Rule

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
PDF = "{http://ns.adobe.com/pdf/1.3/}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"
EXTENSION = "{http://www.aiim.org/pdfa/ns/extension/}"
SCHEMA = "{http://www.aiim.org/pdfa/ns/schema#}"
PROPERTY = "{http://www.aiim.org/pdfa/ns/property#}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
PREDEFINED = {DC, XMP, PDF, PDFA, EXTENSION, "{http://ns.adobe.com/xap/1.0/mm/}", "{http://ns.adobe.com/xap/1.0/rights/}"}
"""Schemas whose properties need no description (ISO 19005-3, 6.6.2.3; those a letter has use for)."""
DESCRIBES, PROPERTIES = ("schema", "namespaceURI", "prefix", "property"), ("name", "valueType", "category", "description")
"""What an extension schema, and each of its properties, has to say (ISO 19005-3, 6.6.2.3.3)."""
AGREE = (
    ("Title", DC + "title"),
    ("Author", DC + "creator"),
    ("Subject", DC + "description"),
    ("Keywords", PDF + "Keywords"),
    ("Creator", XMP + "CreatorTool"),
    ("Producer", PDF + "Producer"),
    ("CreationDate", XMP + "CreateDate"),
    ("ModDate", XMP + "ModifyDate"),
)
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(Z|[+-]\d\d'?(?:\d\d)?'?)?(?:00'?)?")


def packet(document: Document) -> bytes:
    """The XMP packet; empty when there is none."""
    stream = get(document.root, "Metadata")
    return stream.read_bytes() if name(stream, "Type") == "Metadata" and hasattr(stream, "read_bytes") else b""


def parse(document: Document) -> Any:
    """The XMP as XML, or `None` when it is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(packet(document), parser)
    except etree.XMLSyntaxError:
        return None
    return None if b"<!DOCTYPE" in packet(document) else root


def properties(document: Document) -> dict[str, list[Any]]:
    """Every top-level property of the XMP with its elements (an attribute counts as one)."""
    found: dict[str, list[Any]] = {}
    root = parse(document)
    for description in () if root is None else root.iter(RDF + "Description"):
        if description.getparent().tag != RDF + "RDF":
            continue
        for child in description.iterchildren(tag=etree.Element):
            found.setdefault(str(child.tag), []).append(child)
        for key, value in description.attrib.items():
            if not str(key).startswith(RDF) and str(key).startswith("{") and key != LANG:
                element = etree.Element(key)
                element.text = value
                found.setdefault(str(key), []).append(element)
    return found


def value(found: dict[str, list[Any]], key: str) -> list[str]:
    """What a property says: its text, or the texts of its array."""
    return [text.strip() for element in found.get(key, ()) for text in [*(item.text or "" for item in element.iter(RDF + "li"))] or [element.text or ""]]


def xmp(document: Document) -> Found:
    """The catalog has an XMP packet that is well-formed and not encoded by another hand."""
    data = packet(document)
    if not data:
        yield "the catalog has no XMP metadata", ""
        return
    root = parse(document)
    if root is None or (root.find(RDF + "RDF") is None and root.tag != RDF + "RDF"):
        yield "the XMP is not well-formed XML with RDF inside", ""
    head = data[: data.find(b"?>") + 2]
    if not head.startswith(b"<?xpacket") or b"bytes=" in head or b"encoding=" in head:
        yield "the XMP packet header is missing, or has bytes or encoding", ""
    if any(len(elements) > 1 for elements in properties(document).values()):
        yield "a property stands in the XMP twice", ""


def claim_a(document: Document) -> Found:
    """PDF/A-3a is claimed."""
    found = properties(document)
    if (value(found, PDFA + "part"), value(found, PDFA + "conformance")) != (["3"], ["A"]):
        yield "the XMP does not claim PDF/A part 3, conformance A", ""


def claim_ua(document: Document) -> Found:
    """PDF/UA-1 is claimed."""
    if value(properties(document), PDFUA + "part") != ["1"]:
        yield "the XMP does not claim PDF/UA part 1", ""


def extension(document: Document) -> Found:
    """Properties that PDF/A does not know are described in the XMP itself."""
    found = properties(document)
    described = {
        "{" + (schema.findtext(SCHEMA + "namespaceURI") or "") + "}" + (item.findtext(PROPERTY + "name") or "")
        for bag in found.get(EXTENSION + "schemas", ())
        for schema in bag.iter(RDF + "li")
        for item in schema.iter(RDF + "li")
    }
    for bag in found.get(EXTENSION + "schemas", ()):
        for what, parts in ((SCHEMA, DESCRIBES), (PROPERTY, PROPERTIES)):
            for item in bag.iter(RDF + "li"):
                told = {str(child.tag) for child in item.iterchildren(tag=etree.Element)}
                if any(tag.startswith(what) for tag in told) and not {what + part for part in parts} <= told:
                    yield f"the extension schema lacks {', '.join(sorted(part for part in parts if what + part not in told))}", ""
    for key in found:
        if key.partition("}")[0] + "}" not in PREDEFINED and key not in described:
            yield f"the XMP has a property {key} that no extension schema describes", ""


def agreement(document: Document) -> Found:
    """Info and XMP say the same."""
    found, info = properties(document), get(document.trailer, "Info")
    for key, name_in_xmp in AGREE:
        said, told = text(info, key), value(found, name_in_xmp)
        if key.endswith("Date"):
            same = (not said and not told) or (len(told) == 1 and _moment(said) is not None and _moment(said) == _moment(told[0]))
        else:
            same = [said] == (told or [""]) or said == ", ".join(told)
        if not same:
            yield f"Info says {key} {said[:60]!r}, XMP says {'; '.join(told)[:60]!r}", ""


def _moment(said: str) -> datetime | None:
    match = _DATE.fullmatch(said)
    if match:
        zone = (match[7] or "Z").replace("'", "")
        zone = "+00:00" if zone == "Z" else zone[:3] + ":" + (zone[3:] or "00")
        said = f"{match[1]}-{match[2] or '01'}-{match[3] or '01'}T{match[4] or '00'}:{match[5] or '00'}:{match[6] or '00'}{zone}"
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return moment if moment.tzinfo else datetime.fromisoformat(said[:19] + "+00:00")


def title(document: Document) -> Found:
    """The document has a title, and readers show it instead of the file's name."""
    if not any(value(properties(document), DC + "title")):
        yield "the XMP has no title", ""
    if get(document.root, "ViewerPreferences", "DisplayDocTitle") is not True:
        yield "ViewerPreferences does not say DisplayDocTitle", ""


def language(document: Document) -> Found:
    """The catalog says the language; every language is said as BCP 47 wants it."""
    if not document.lang:
        yield "the catalog has no Lang", ""
    for page in document.contents:
        for said in sorted({said for said in page.langs.values() if said and not LANGUAGE.fullmatch(said)}):
            yield f"{said!r} is no language tag", page.where
    for item in (document.root, *(element.item for element in document.structure.elements)):
        said = get(item, "Lang")
        if said is not None and not LANGUAGE.fullmatch(text(item, "Lang")):
            yield f"{str(said)!r} is no language tag", place(item)


RULES = (
    Rule("xmp", A3 + "6.6.2.1", xmp),
    Rule("claim-pdfa", A3 + "6.6.4", claim_a),
    Rule("claim-pdfua", UA1 + "5", claim_ua),
    Rule("xmp-extension", A3 + "6.6.2.3", extension),
    Rule("info-agrees", A3 + "6.6.3; ours", agreement),
    Rule("title", UA1 + "7.1", title),
    Rule("language", A3 + "6.7.4; " + UA1 + "7.2", language),
)
