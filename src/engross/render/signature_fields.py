"""Empty signature fields in a PDF that is to be signed: tagged form widgets (ISO 32000-1, 12.7.4.5; ISO 14289-1, 7.18.4) where the layout left room.

An element of the page with the id `sig-NAME` and a title becomes the field NAME. Fields without a place, above all those of archive time stamps, have no size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pydyf

PREFIX = "sig-"
FLAGS = 132
"""Print, and locked (ISO 32000-1, 12.5.3)."""

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Fields:
    """What the page itself does not show of its fields."""

    invisible: tuple[tuple[str, str], ...] = ()
    """Name and title of the fields without a place."""
    last: str = ""
    """The field whose signature locks all the others but those of `archives`."""
    archives: tuple[str, ...] = ()


def add(pdf: Any, placed: Iterable[tuple[int, str, str, Rectangle]], more: Fields) -> None:
    """Add the fields: those placed as (page from 0, name, title, rectangle in points), and those without a place at the end of the last page."""
    objects = {item.number: item for item in pdf.objects}
    tree = objects[_number(pdf.catalog["StructTreeRoot"])]
    document = objects[_number(tree["K"][0])]
    hosts: dict[str, Any] = {item["T"].string: item for item in pdf.objects if isinstance(item, dict) and item.get("S") == "/Form"}
    nothing: Rectangle = (0, 0, 0, 0)
    fields = [*placed, *((len(pdf.page_references) - 1, name, title, nothing) for name, title in (*more.invisible, *((name, name) for name in more.archives)))]
    if not fields:
        return
    form = pydyf.Dictionary({"Fields": pydyf.Array(), "SigFlags": 1})
    pdf.add_object(form)
    pdf.catalog["AcroForm"] = form.reference
    numbers = objects[_number(tree["ParentTree"])]["Nums"]
    for page, name, title, rectangle in fields:
        host = hosts.get(PREFIX + name)
        if host is None:
            host = _element(pdf, document, page)
            document["K"].append(host.reference)
        key = max(numbers[0::2], default=-1) + 1
        widget = _widget(pdf, objects[_number(pdf.page_references[page])], name, title, rectangle, key)
        if name == more.last:
            widget["Lock"] = _lock(pdf, more.archives, alone=len(fields) == 1 + len(more.archives))
        link = pydyf.Dictionary({"Type": "/OBJR", "Obj": widget.reference, "Pg": pdf.page_references[page]})
        pdf.add_object(link)
        host.pop("T", None)
        host.update({"K": link.reference, "Alt": pydyf.String(title)})
        numbers.extend((key, host.reference))
        form["Fields"].append(widget.reference)


def _element(pdf: Any, document: Any, page: int) -> Any:
    """The place in the structure of a field that the page does not show."""
    element = pydyf.Dictionary({"Type": "/StructElem", "S": "/Form", "P": document.reference, "Pg": pdf.page_references[page]})
    pdf.add_object(element)
    return element


def _widget(pdf: Any, page: Any, name: str, title: str, rectangle: Rectangle, key: int) -> Any:
    """A field and its only widget in one dictionary, with an empty appearance (ISO 19005-3, 6.3.3)."""
    size = [round(rectangle[2] - rectangle[0], 3), round(rectangle[3] - rectangle[1], 3)]
    appearance = pydyf.Stream([], {"Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array([0, 0, *size]), "Resources": pydyf.Dictionary({})})
    pdf.add_object(appearance)
    facts = {"Type": "/Annot", "Subtype": "/Widget", "FT": "/Sig", "T": pydyf.String(name), "TU": pydyf.String(title), "F": FLAGS, "StructParent": key}
    widget = pydyf.Dictionary({**facts, "Rect": pydyf.Array(rectangle), "P": page.reference, "AP": pydyf.Dictionary({"N": appearance.reference})})
    pdf.add_object(widget)
    page.setdefault("Annots", pydyf.Array()).append(widget.reference)
    return widget


def _lock(pdf: Any, archives: Iterable[str], *, alone: bool) -> Any:
    """Nothing may be filled in after this signature but archive time stamps (ISO 32000-2, 12.7.5.5).

    The entry P, of PDF 2.0, closes the document after several officers; one who signs alone certifies with the form open for the time stamps.
    """
    lock = pydyf.Dictionary({"Type": "/SigFieldLock", "Action": "/Exclude", "Fields": pydyf.Array(pydyf.String(name) for name in archives)})
    if not alone:
        lock["P"] = 1
    pdf.add_object(lock)
    return lock.reference


def _number(reference: str | bytes) -> int:
    return int(reference.split()[0])
