"""Rules about the files inside the file (PDF/A-3, 6.8)."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pikepdf

from engross.conformance.document import Document
from engross.conformance.objects import get, identity, items, name, place, text, tree
from engross.conformance.rule import A3, UA1, Found, Rule

RELATIONSHIPS = {"Source", "Data", "Alternative", "Supplement", "Unspecified"}
_MIME = re.compile(r"[a-z]+/[A-Za-z0-9.+-]+")
_DATE = re.compile(r"D:\d{4}(?:\d\d){0,5}(?:Z|[+-]\d\d'?(?:\d\d'?)?)?(?:00'?(?:00'?)?)?")


def _specifications(document: Document) -> list[Any]:
    return [item for item in document.maps if isinstance(item, pikepdf.Dictionary) and (name(item, "Type") in ("Filespec", "F") or get(item, "EF") is not None)]


def specification(document: Document) -> Found:
    """A file specification has both names, and says how the file belongs to the document."""
    for item in _specifications(document):
        if not text(item, "F") or text(item, "F") != text(item, "UF"):
            yield "a file specification lacks F or UF, or they differ", place(item)
        if name(item, "AFRelationship") not in RELATIONSHIPS:
            yield f"{text(item, 'UF')!r} does not say how it belongs to the document (AFRelationship)", place(item)
        if not text(item, "Desc"):
            yield f"{text(item, 'UF')!r} has no description", place(item)


def embedded(document: Document) -> Found:
    """An embedded file says its type, date, size and digest, and they are right."""
    for item in _specifications(document):
        called, stream = repr(text(item, "UF")), get(item, "EF", "F")
        if not isinstance(stream, pikepdf.Stream):
            yield f"{called} is not in the file", place(item)
            continue
        if not _MIME.fullmatch(name(stream, "Subtype")):
            yield f"{called} has no MIME type", place(item)
        if not _DATE.fullmatch(text(stream, "Params", "ModDate")):
            yield f"{called} has no date (Params ModDate)", place(item)
        data, digest = stream.read_bytes(), get(stream, "Params", "CheckSum")
        if get(stream, "Params", "Size") not in (None, len(data)):
            yield f"{called} has another size than Params say", place(item)
        if digest is not None and bytes(digest) != hashlib.md5(data, usedforsecurity=False).digest():
            yield f"{called} has another digest than Params say", place(item)


def associated(document: Document) -> Found:
    """Every embedded file stands once in the catalog's AF and once in the tree of embedded files, under its name."""
    pairs, wrong = tree(get(document.root, "Names", "EmbeddedFiles"), "Names")
    yield from ((f"tree of embedded files: {fault}", "") for fault in wrong)
    lines = [identity(item) for item in items(document.root, "AF")]
    named = [identity(item) for _, item in pairs]
    for item in _specifications(document):
        if lines.count(identity(item)) != 1 or named.count(identity(item)) != 1:
            yield f"{text(item, 'UF')!r} does not stand once in AF and once in the tree of embedded files", place(item)
    for item in (*items(document.root, "AF"), *(item for _, item in pairs)):
        if get(item, "EF") is None:
            yield "AF or the tree of embedded files names something that is no file", place(item)


RULES = (
    Rule("file-specification", A3 + "6.8; " + UA1 + "7.11", specification),
    Rule("embedded-file", A3 + "6.8", embedded),
    Rule("associated-files", A3 + "6.8; ISO 32000-1, 7.9.6", associated),
)
