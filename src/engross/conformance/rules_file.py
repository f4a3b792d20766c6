"""Rules about the file: its header and end, what may not be in it, its pages."""

from __future__ import annotations

import re
from typing import Any

import pikepdf

from engross.conformance.document import Document
from engross.conformance.objects import MAPS, entries, get, identity, inherited, items, name, place, rectangle, text
from engross.conformance.rule import A3, UA1, Found, Rule

_HEADER = re.compile(rb"%PDF-1\.[0-7](?:\r\n|\r|\n)%[\x80-\xff]{4}")
_STREAM = re.compile(r"^WARNING: |stream <[^>]*>,? ?")
"""What qpdf calls a file that it reads from memory."""
_END = re.compile(rb"%%EOF(?:\r\n|\r|\n)?\Z")
_SCHEMES = ("https:", "http:", "mailto:", "tel:")
_FORBIDDEN = {
    "Launch",
    "Sound",
    "Movie",
    "ResetForm",
    "ImportData",
    "JavaScript",
    "Hide",
    "SetOCGState",
    "Rendition",
    "Trans",
    "GoTo3DView",
    "GoToR",
    "GoToE",
    "SubmitForm",
    "Thread",
    "Named",
}
_SMALLEST, _LARGEST = 3, 14400


def header(document: Document) -> Found:
    """The first line says PDF 1.0 to 1.7, the second is a comment of four bytes above 127."""
    if not _HEADER.match(document.data):
        yield "the file does not begin with %PDF-1.n and a line that marks it as binary", ""
    version = name(document.root, "Version")
    if version and not re.fullmatch(r"1\.[0-7]", version):
        yield f"the catalog says version {version}; PDF/A-3 is of PDF 1.7", ""


def end(document: Document) -> Found:
    """Nothing follows the last end-of-file marker."""
    if not _END.search(document.data[-64:]):
        yield "the file does not end with %%EOF", ""


def identifier(document: Document) -> Found:
    """The trailer has an identifier."""
    if len(items(document.trailer, "ID")) != 2 or not all(isinstance(part, pikepdf.String) and len(bytes(part)) for part in items(document.trailer, "ID")):
        yield "the trailer has no identifier of two strings (ID)", ""


def encryption(document: Document) -> Found:
    """No encryption."""
    if get(document.trailer, "Encrypt") is not None or document.pdf.is_encrypted:
        yield "the file is encrypted", ""


def syntax(document: Document) -> Found:
    """What qpdf complains about when it reads every object and stream."""
    for problem in document.pdf.check_pdf_syntax():
        yield f"qpdf: {_STREAM.sub('', str(problem))}", ""


def streams(document: Document) -> Found:
    """Streams stand in the file itself and are compressed by methods that every reader has."""
    for item in document.maps:
        if not isinstance(item, pikepdf.Stream):
            continue
        if any(get(item, key) is not None for key in ("F", "FFilter", "FDecodeParms")):
            yield "the data of a stream is outside of the file", place(item)
        bad = {str(part)[1:] for part in items(item, "Filter")} & {"LZWDecode", "Crypt"}
        if bad:
            yield f"a stream uses {bad.pop()}", place(item)


def limits(document: Document) -> Found:
    """Names, strings and whole numbers are no larger than PDF/A allows."""
    for item in document.objects:
        if isinstance(item, pikepdf.String) and len(bytes(item)) > 32767:
            yield "a string is longer than 32,767 bytes", ""
        elif isinstance(item, MAPS) and any(len(key.encode()) > 127 for key, _ in entries(item)):
            yield "a name is longer than 127 bytes", place(item)
        values = list(item) if isinstance(item, pikepdf.Array) else [value for _, value in entries(item)]
        if any(isinstance(value, int) and not isinstance(value, bool) and not -(2**31) <= value < 2**31 for value in values):
            yield "a whole number has more than 32 bits", place(item)


def actions(document: Document) -> Found:
    """Nothing happens by itself; links lead to web, mail and telephone addresses and to places in the letter."""
    for item in document.maps:
        kind = name(item, "S")
        if kind in _FORBIDDEN and name(item, "Type") in ("Action", ""):
            yield f"an action of type {kind}", place(item)
        if kind == "URI" and not text(item, "URI").startswith(_SCHEMES):
            yield f"a link to {text(item, 'URI')[:60]!r}", place(item)
        if get(item, "Next") is not None and kind == "URI":
            yield "an action is followed by another", place(item)
    for owner in (document.root, *document.pages, *(note for _, note in document.annotations)):
        if get(owner, "AA") is not None:
            yield "actions on events (AA)", place(owner)
    if get(document.root, "Names", "JavaScript") is not None:
        yield "the file has scripts", ""
    if isinstance(get(document.root, "OpenAction"), MAPS):
        yield "something happens when the file is opened", ""


def catalog(document: Document) -> Found:
    """Nothing in the catalog that asks for more than a reader: optional content, XFA, collections, requirements, usage rights."""
    for key in ("OCProperties", "Requirements", "Collection", "Legal", "SpiderInfo"):
        if get(document.root, key) is not None:
            yield f"the catalog has {key}", ""
    if get(document.root, "AcroForm", "XFA") is not None or get(document.root, "NeedsRendering") is True:
        yield "the file has an XFA form", ""
    if get(document.root, "AcroForm", "NeedAppearances") is True:
        yield "the appearance of fields is left to the reader", ""
    if get(document.root, "Names", "AlternatePresentations") is not None or any(get(page, "PresSteps") is not None for page in document.pages):
        yield "the file has other presentations of its pages", ""
    if {key for key, _ in entries(document.root, "Perms")} - {"DocMDP"}:
        yield "permissions other than those of a certification", ""


def multimedia(document: Document) -> Found:
    """No sound, film, 3D, PostScript, reference XObject or alternate image."""
    for item in document.maps:
        if name(item, "Subtype") in ("3D", "Sound", "Screen", "Movie", "RichMedia", "PS") and name(item, "Type") in ("Annot", "XObject", ""):
            yield f"{name(item, 'Subtype')} inside the file", place(item)
        if name(item, "Type") != "XObject" and not isinstance(item, pikepdf.Stream):
            continue
        for key in ("OPI", "Alternates", "Ref", "PS"):
            if get(item, key) is not None:
                yield f"an XObject with {key}", place(item)
        if get(item, "Interpolate") is True:
            yield "an image is interpolated", place(item)


def boxes(document: Document) -> Found:
    """Page boxes have a size and lie inside each other: trim in bleed in media."""
    for number, page in enumerate(document.pages, 1):
        media = rectangle(inherited(page, "MediaBox"))
        if media is None:
            yield "the page has no MediaBox", f"page {number}"
            continue
        if not all(_SMALLEST <= side <= _LARGEST for side in (media[2] - media[0], media[3] - media[1])):
            yield f"the page measures {media[2] - media[0]:g} by {media[3] - media[1]:g} points", f"page {number}"
        outer = media
        for key in ("BleedBox", "TrimBox"):
            box = rectangle(get(page, key))
            if box and not _inside(box, outer):
                yield f"{key} reaches over the box around it", f"page {number}"
            outer = box or outer
        crop = rectangle(inherited(page, "CropBox"))
        if crop and not _inside(crop, media):
            yield "CropBox reaches over MediaBox", f"page {number}"


def _inside(inner: tuple[float, float, float, float], outer: tuple[float, float, float, float]) -> bool:
    slack = 0.01
    return all(a >= b - slack for a, b in zip(inner[:2], outer[:2], strict=True)) and all(a <= b + slack for a, b in zip(inner[2:], outer[2:], strict=True))


def resources(document: Document) -> Found:
    """Forms name the resources they use themselves, and borrow none from the page. (Of pages pikepdf does not tell it.)"""
    for shown in (*document.contents, *document.appearances):
        yield from ((f"{form} has no resources of its own", shown.where) for form in dict.fromkeys(shown.borrowed))


def destinations(document: Document) -> Found:
    """Links and bookmarks lead to pages of this file."""
    pages = {identity(page) for page in document.pages}
    named = {bytes(key) for key, target in _destinations(document) if _leads(target, pages)}
    for where, target in _targets(document):
        if isinstance(target, pikepdf.String):
            if bytes(target) not in named:
                yield f"a link leads to {str(target)[:60]!r}, which is not there", where
        elif not _leads(target, pages):
            yield "a link leads to no page", where


def _destinations(document: Document) -> list[tuple[Any, Any]]:
    from engross.conformance.objects import tree

    return [(key, target) for key, target in tree(get(document.root, "Names", "Dests"), "Names")[0] if isinstance(key, pikepdf.String)]


def _targets(document: Document) -> list[tuple[str, Any]]:
    found = [(f"page {number}", get(note, "Dest")) for number, note in document.annotations if get(note, "Dest") is not None]
    for item in document.maps:
        if name(item, "S") == "GoTo":
            found.append((place(item), get(item, "D")))
        elif text(item, "Title") and get(item, "Dest") is not None:
            found.append((place(item), get(item, "Dest")))
    return found


def _leads(target: Any, pages: set[tuple[int, int]]) -> bool:
    target = get(target, "D") if isinstance(target, pikepdf.Dictionary) else target
    return isinstance(target, pikepdf.Array) and len(target) > 0 and identity(target[0]) in pages


RULES = (
    Rule("header", A3 + "6.1.2", header),
    Rule("end", A3 + "6.1.3", end),
    Rule("identifier", A3 + "6.1.3", identifier),
    Rule("encryption", A3 + "6.1.3", encryption),
    Rule("syntax", "ISO 32000-1, 7", syntax),
    Rule("streams", A3 + "6.1.7", streams),
    Rule("limits", A3 + "6.1.13", limits),
    Rule("actions", A3 + "6.5; ours", actions),
    Rule("catalog", A3 + "6.4, 6.9 to 6.11; ours", catalog),
    Rule("multimedia", A3 + "6.2.8, 6.2.9, 6.3.1", multimedia),
    Rule("boxes", A3 + "6.1.13; ISO 32000-1, 14.11.2", boxes),
    Rule("resources", A3 + "6.2.2", resources),
    Rule("destinations", UA1 + "7.17; ISO 32000-1, 12.3.2", destinations),
)
