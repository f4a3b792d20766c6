"""PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1): our own rules on what stock output gets wrong and signing can break. Where veraPDF is installed, it is asked too."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

from engross.verify.document import Document
from engross.verify.model import Finding


def claims(document: Document) -> Iterator[Finding]:
    """The XMP claims both standards and agrees with Info; colours have an output intent; attachments are associated, each once."""
    root = document.reader.root
    xmp = bytes(root["/Metadata"].data).decode("utf-8", "replace") if "/Metadata" in root else ""
    for pattern, what in (
        (r"part>\s*3\s*<|part=\"3\"", "PDF/A part 3"),
        (r"conformance>\s*A\s*<|conformance=\"A\"", "level A"),
        (r"pdfuaid:part>\s*1\s*<|pdfuaid:part=\"1\"", "PDF/UA-1"),
    ):
        if not re.search(pattern, xmp):
            yield Finding("conformance", f"the XMP does not claim {what}")
    if "pdfaExtension:schemas" not in xmp:
        yield Finding("conformance", "the XMP does not describe the schema of its PDF/UA claim (ISO 19005-3, 6.6.2.3)")
    information = document.reader.trailer["/Info"] if "/Info" in document.reader.trailer else {}
    for key, element in (("/Title", "dc:title"), ("/Author", "dc:creator"), ("/Producer", "pdf:Producer"), ("/Creator", "xmp:CreatorTool")):
        if key in information and not _in_xmp(xmp, element, str(information[key])):
            yield Finding("conformance", f"{key[1:]} in Info and {element} in the XMP differ")
    intents = root["/OutputIntents"] if "/OutputIntents" in root else []
    if len(intents) != 1 or "/DestOutputProfile" not in intents[0]:
        yield Finding("conformance", "there is not exactly one output intent with its profile")
    associated = [entry.idnum for entry in _raw(root["/AF"])] if "/AF" in root else []
    if len(associated) != len(set(associated)):
        yield Finding("conformance", "an attachment is associated twice (ISO 19005-3, 6.8)")
    if "/MarkInfo" not in root or str(root["/MarkInfo"].get("/Marked")) not in ("true", "True"):
        yield Finding("conformance", "the document is not marked as tagged")
    if "/Lang" not in root:
        yield Finding("conformance", "the document has no language")


def structure(document: Document) -> Iterator[Finding]:
    """Fonts are embedded; every marked content and annotation has its place in the structure, and every annotation a description."""
    root = document.reader.root
    parents = dict(_numbers(root["/StructTreeRoot"]["/ParentTree"]))
    for number, reference in enumerate(_raw(root["/Pages"]["/Kids"]), 1):
        page = reference.get_object()
        yield from _fonts(page.get("/Resources", {}), f"page {number}", set())
        if page.get("/Tabs") not in (None, "/S"):
            yield Finding("conformance", f"page {number}: the order of its fields is not that of the structure")
        for entry in page["/Annots"] if "/Annots" in page else ():
            annotation = entry.get_object()
            kind, key = str(annotation.get("/Subtype")), annotation.get("/StructParent")
            if kind not in ("/Link", "/Widget"):
                yield Finding("conformance", f"page {number} has an annotation {kind}")
                continue
            owner = parents[int(key)].get_object() if key is not None and int(key) in parents else None
            if owner is None or owner.get("/S") not in ("/Link", "/Form", "/Reference"):
                yield Finding("conformance", f"page {number}: an annotation {kind} has no place in the structure (ISO 14289-1, 7.18)")
            if not str(annotation.get("/TU" if kind == "/Widget" else "/Contents", "")):
                yield Finding("conformance", f"page {number}: an annotation {kind} has no description (ISO 14289-1, 7.18)")
            if kind == "/Widget":
                yield from _appearance(annotation, number)


def verapdf(path: str) -> Iterator[Finding]:
    """What veraPDF says; nothing where it is not installed."""
    program = shutil.which("verapdf")
    if not program:
        return
    for flavour in ("3a", "ua1"):
        run = subprocess.run([program, "--flavour", flavour, "--format", "text", path], capture_output=True, text=True, check=False)  # noqa: S603 - the program's own path
        if not run.stdout.startswith("PASS"):
            yield Finding("conformance", f"veraPDF {flavour}: {run.stdout.strip() or run.stderr.strip()}")


def _appearance(widget: Any, page: int) -> Iterator[Finding]:
    appearance = widget["/AP"] if "/AP" in widget else {}
    if set(appearance) != {"/N"}:
        yield Finding("conformance", f"page {page}: a field has no appearance, or more than the normal one (ISO 19005-3, 6.3.3)")
        return
    yield from _fonts(appearance["/N"].get("/Resources", {}), f"a field on page {page}", set())


def _fonts(resources: Any, where: str, seen: set[int]) -> Iterator[Finding]:
    resources = resources.get_object() if hasattr(resources, "get_object") else resources
    for key in resources["/Font"] if "/Font" in resources else ():
        font = resources["/Font"][key]
        descendants = font["/DescendantFonts"] if "/DescendantFonts" in font else [font]
        for inner in descendants:
            descriptor = inner.get_object().get("/FontDescriptor", {})
            descriptor = descriptor.get_object() if hasattr(descriptor, "get_object") else descriptor
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
                yield Finding("conformance", f"{where}: the font {font.get('/BaseFont')} is not embedded (ISO 19005-3, 6.2.11.4)")
        if "/ToUnicode" not in font:
            yield Finding("conformance", f"{where}: the text in {font.get('/BaseFont')} cannot be read back (ISO 19005-3, 6.2.11.7)")
    for key in resources["/XObject"] if "/XObject" in resources else ():
        reference = resources["/XObject"].raw_get(key)
        number = getattr(reference, "idnum", 0)
        if number not in seen:
            seen.add(number)
            yield from _fonts(reference.get_object().get("/Resources", {}), where, seen)


def _numbers(tree: Any) -> Iterator[tuple[int, Any]]:
    """Entries of a number tree, in one node or in several."""
    for kid in tree["/Kids"] if "/Kids" in tree else ():
        yield from _numbers(kid.get_object())
    entries: Any = tree["/Nums"] if "/Nums" in tree else []
    for index in range(0, len(entries) - 1, 2):
        yield int(entries[index]), entries.raw_get(index + 1)


def _raw(array: Any) -> list[Any]:
    return [array.raw_get(index) for index in range(len(array))]


def _in_xmp(xmp: str, element: str, value: str) -> bool:
    from html import unescape

    blocks = re.findall(rf'\s{element}="([^"]*)"', xmp) + re.findall(rf"<{element}[^>]*>(.*?)</{element}>", xmp, re.DOTALL)
    return any(value in unescape(re.sub(r"<[^>]+>", "", block)) for block in blocks)
