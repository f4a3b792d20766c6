"""Rules about annotations: links and form fields."""

from __future__ import annotations

from typing import Any

import pikepdf

from engross.conformance.document import Document
from engross.conformance.objects import get, identity, items, name, place, rectangle, text
from engross.conformance.rule import A3, UA1, Found, Rule
from engross.conformance.structure import Element

ALLOWED = {"Link", "Widget"}
"""What a letter has use for; PDF/A allows more."""
PRINT, HIDING = 4, 1 | 2 | 32 | 256
"""Print; Invisible, Hidden, NoView and ToggleNoView (ISO 32000-1, 12.5.3)."""


def kinds(document: Document) -> Found:
    """Links and form fields only, printed, nothing hidden."""
    for number, note in document.annotations:
        kind = name(note, "Subtype")
        if kind not in ALLOWED:
            yield f"an annotation of type {kind or 'unknown'}", f"page {number}"
        flags = get(note, "F")
        if not isinstance(flags, int) or not flags & PRINT or flags & HIDING:
            yield f"{_called(note)} is hidden or not printed (F {flags})", f"page {number}"


def described(document: Document) -> Found:
    """Each annotation says what it is: Contents of a link, TU of a field."""
    for number, note in document.annotations:
        said, leads = text(note, "Contents").strip(), (text(note, "Dest"), text(note, "A", "D"))
        if name(note, "Subtype") == "Link" and (not said or said.lstrip("#") in leads):
            yield f"{_called(note)} has no Contents, or the name of an anchor, which says nothing to a reader", f"page {number}"
        if name(note, "Subtype") == "Widget" and not (text(note, "TU") or text(note, "Parent", "TU")).strip():
            yield f"{_called(note)} has no TU", f"page {number}"


def tagged(document: Document) -> Found:
    """Each annotation belongs to a structure element: links to a Link, fields to a Form; and the parent tree leads there."""
    holders: dict[tuple[int, int], list[Element]] = {}
    for element in document.structure.elements:
        for item in element.objects:
            holders.setdefault(identity(item), []).append(element)
    keys = [get(note, "StructParent") for _, note in document.annotations]
    for number, note in document.annotations:
        where, kind = f"page {number}", {"Link": "Link", "Widget": "Form"}.get(name(note, "Subtype"), "Annot")
        found = holders.get(identity(note), []) if identity(note) != (0, 0) else []
        if len(found) != 1:
            yield f"{_called(note)} belongs to {len(found)} structure elements", where
            continue
        if found[0].kind != kind:
            yield f"{_called(note)} belongs to {found[0].kind}, not {kind}", where
        key = get(note, "StructParent")
        back = document.structure.parents.get(key) if isinstance(key, int) else None
        if back is None or identity(back) != identity(found[0].item) or keys.count(key) > 1:
            yield f"the parent tree does not lead from {_called(note)} to its element (StructParent {key})", where
    annotations = {identity(note) for _, note in document.annotations}
    for key, elements in holders.items():
        if key not in annotations and key != (0, 0):
            yield "a structure element holds an annotation that is on no page", elements[0].where
    for element in document.structure.elements:
        if element.kind == "Link" and not any(below.objects for below in element.below()):
            yield "the link has no annotation", element.where


def tab_order(document: Document) -> Found:
    """Pages with annotations are walked in the order of the structure."""
    for number, page in enumerate(document.pages, 1):
        if items(page, "Annots") and name(page, "Tabs") != "S":
            yield "the tab order is not that of the structure (Tabs S)", f"page {number}"


def appearances(document: Document) -> Found:
    """A field that is seen has one appearance, and it is a stream; nothing is started by it."""
    for number, note in document.annotations:
        if name(note, "Subtype") != "Widget":
            continue
        where, box = f"page {number}", rectangle(get(note, "Rect"))
        if box is None:
            yield f"{_called(note)} has no rectangle", where
        seen = box is not None and box[2] > box[0] and box[3] > box[1]
        appearance = get(note, "AP")
        if seen and not isinstance(get(appearance, "N"), pikepdf.Stream):
            yield f"{_called(note)} has no appearance", where
        if get(appearance, "R") is not None or get(appearance, "D") is not None:
            yield f"{_called(note)} has more than one appearance", where
        if get(note, "A") is not None:
            yield f"{_called(note)} starts an action", where


def fields(document: Document) -> Found:
    """The form lists exactly the fields that are on the pages, each with a name of its own."""
    listed = [identity(item) for item in items(document.root, "AcroForm", "Fields")]
    widgets = [note for _, note in document.annotations if name(note, "Subtype") == "Widget"]
    for note in widgets:
        if identity(note) not in listed and identity(get(note, "Parent")) not in listed:
            yield f"{_called(note)} is not listed in the form", place(note)
    for item in items(document.root, "AcroForm", "Fields"):
        if not text(item, "T"):
            yield "a field has no name", place(item)
        if identity(item) not in {identity(note) for note in widgets} and not items(item, "Kids"):
            yield f"the field {text(item, 'T')!r} is on no page", place(item)
    names = [text(item, "T") for item in items(document.root, "AcroForm", "Fields")]
    if len(names) != len(set(names)):
        yield "two fields have one name", ""


def _called(note: Any) -> str:
    said = text(note, "Contents") or text(note, "T") or text(note, "A", "URI")
    return f"{name(note, 'Subtype').lower() or 'annotation'} {said[:40]!r}"


RULES = (
    Rule("annotation-kind", A3 + "6.3.1, 6.3.2; ours", kinds),
    Rule("annotation-text", UA1 + "7.18.1, 7.18.4, 7.18.5", described),
    Rule("annotation-tagged", UA1 + "7.18.1, 7.18.4, 7.18.5", tagged),
    Rule("tab-order", UA1 + "7.18.3", tab_order),
    Rule("appearance", A3 + "6.3.3, 6.4.1", appearances),
    Rule("fields", "ISO 32000-1, 12.7", fields),
)
