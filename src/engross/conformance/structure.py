"""The structure tree of a tagged PDF (ISO 32000-1, 14.7) in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from engross.conformance.content import Key
from engross.conformance.objects import MAPS, get, identity, items, name, text, tree


@dataclass(eq=False, slots=True)
class Element:
    """A structure element."""

    item: Any
    kind: str
    """Its standard type, with the role map applied."""
    parent: Element | None
    lang: str
    """The language in force, as it is said here or further up."""
    children: list[Element] = field(default_factory=list)
    content: list[Key] = field(default_factory=list)
    objects: list[Any] = field(default_factory=list)
    """The annotations and XObjects it holds (OBJR)."""

    @property
    def where(self) -> str:
        """How a finding calls it."""
        return f"object {identity(self.item)[0]} ({self.kind})"

    def below(self) -> Iterator[Element]:
        """Itself and everything below it, in reading order."""
        todo = [self]
        while todo:
            element = todo.pop()
            yield element
            todo.extend(reversed(element.children))

    def above(self) -> Iterator[Element]:
        """What it stands in, the nearest first."""
        element = self.parent
        while element:
            yield element
            element = element.parent


@dataclass(slots=True)
class Structure:
    """The tree, and the way back from content to it."""

    elements: list[Element]
    """All of them, in reading order."""
    tops: list[Element]
    parents: dict[int, Any]
    """The parent tree."""
    faults: list[tuple[str, str]]


def read(root: Any, lang: str) -> Structure:
    """Read the tree below a StructTreeRoot; `lang` is the catalog's language."""
    pairs, wrong = tree(get(root, "ParentTree"), "Nums")
    structure = Structure([], [], {key: value for key, value in pairs if isinstance(key, int)}, [(f"parent tree: {fault}", "") for fault in wrong])
    roles = get(root, "RoleMap")
    seen: set[tuple[int, int]] = set()
    todo: list[tuple[Any, Element | None]] = [(item, None) for item in reversed(items(root, "K"))]
    while todo:
        item, parent = todo.pop()
        if not isinstance(item, MAPS) or not name(item, "S"):
            structure.faults.append(("something in the tree is no structure element", ""))
            continue
        element = Element(item, _role(name(item, "S"), roles), parent, text(item, "Lang") or (parent.lang if parent else lang))
        if identity(item) == (0, 0) or identity(item) in seen:
            structure.faults.append(("the element stands in the tree twice, or is no object of its own", element.where))
            continue
        seen.add(identity(item))
        (parent.children if parent else structure.tops).append(element)
        structure.elements.append(element)
        if identity(get(item, "P")) != identity(parent.item if parent else root):
            structure.faults.append(("P does not name the element it stands in", element.where))
        todo += reversed([(kid, element) for kid in items(item, "K") if not _leaf(element, kid)])
    return structure


def _leaf(element: Element, kid: Any) -> bool:
    """Take up a piece of content or an object; whether it was one."""
    page = get(element.item, "Pg")
    if isinstance(kid, int):
        element.content.append((identity(page), kid))
        return True
    kind = name(kid, "Type")
    if kind == "MCR":
        owner = get(kid, "Stm") or get(kid, "Pg") or page
        element.content.append((identity(owner), get(kid, "MCID")))
    elif kind == "OBJR":
        element.objects.append(get(kid, "Obj"))
    return kind in ("MCR", "OBJR")


def _role(kind: str, roles: Any) -> str:
    for _ in range(8):
        mapped = get(roles, kind)
        if not isinstance(mapped, pikepdf.Name):
            return kind
        kind = str(mapped)[1:]
    return kind
