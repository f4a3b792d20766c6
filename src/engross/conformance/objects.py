"""Looking into the objects of a PDF that may be anything: what is missing or of another kind is `None`, never an exception."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf

MAPS = (pikepdf.Dictionary, pikepdf.Stream)


def get(value: Any, *path: str) -> Any:
    """The value at the end of a path of keys, `get(page, "Resources", "Font")`."""
    for key in path:
        if not isinstance(value, MAPS):
            return None
        value = value.get("/" + key)
    return value


def inherited(page: Any, key: str) -> Any:
    """An attribute of a page that may stand further up in the page tree (ISO 32000-1, 7.7.3.4)."""
    for _ in range(50):
        found = get(page, key)
        if found is not None or page is None:
            return found
        page = get(page, "Parent")
    return None


def name(value: Any, *path: str) -> str:
    """A name without its slash; empty when there is none."""
    found = get(value, *path)
    return str(found)[1:] if isinstance(found, pikepdf.Name) else ""


def text(value: Any, *path: str) -> str:
    """A text string; empty when there is none."""
    found = get(value, *path)
    return str(found) if isinstance(found, pikepdf.String) else ""


def items(value: Any, *path: str) -> list[Any]:
    """The entries of an array; a single value counts as an array of one."""
    found = get(value, *path)
    if found is None:
        return []
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def entries(value: Any, *path: str) -> list[tuple[str, Any]]:
    """Keys, without their slash, and values of a dictionary."""
    found = get(value, *path)
    return [(key[1:], item) for key, item in found.items()] if isinstance(found, MAPS) else []


def number(value: Any) -> float | None:
    """A number, or `None`."""
    return None if isinstance(value, bool) or not hasattr(value, "__float__") or isinstance(value, pikepdf.Object) else float(value)


def rectangle(value: Any) -> tuple[float, float, float, float] | None:
    """A rectangle as left, bottom, right, top."""
    numbers = [number(item) for item in value] if isinstance(value, pikepdf.Array) else []
    if len(numbers) != 4 or None in numbers:
        return None
    a, b, c, d = (item for item in numbers if item is not None)
    return min(a, c), min(b, d), max(a, c), max(b, d)


def identity(value: Any) -> tuple[int, int]:
    """Number and generation of an indirect object; (0, 0) for a direct one."""
    return value.objgen if isinstance(value, pikepdf.Object) else (0, 0)


def place(value: Any) -> str:
    """How an object is called in a finding."""
    known = identity(value)[0]
    return f"object {known}" if known else ""


def everything(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary, stream, array and string of the file once, those that nothing refers to included."""
    seen: set[tuple[int, int]] = set()
    todo: list[Any] = [pdf.trailer, *pdf.objects]
    while todo:
        value = todo.pop()
        if not isinstance(value, pikepdf.Object):
            continue
        if value.objgen != (0, 0):
            if value.objgen in seen:
                continue
            seen.add(value.objgen)
        yield value
        if isinstance(value, MAPS):
            todo.extend(item for _, item in value.items())
        elif isinstance(value, pikepdf.Array):
            todo.extend(value)


def tree(root: Any, leaf: str) -> tuple[list[tuple[Any, Any]], list[str]]:
    """The pairs of a name tree (`leaf` "Names") or number tree ("Nums") in their order, and what is wrong with it (ISO 32000-1, 7.9.6 and 7.9.7)."""
    pairs: list[tuple[Any, Any]] = []
    wrong: list[str] = []
    seen: set[tuple[int, int]] = set()
    todo = [root]
    while todo:
        node = todo.pop()
        if node is None:
            continue
        if identity(node) != (0, 0) and identity(node) in seen:
            wrong.append("a node stands in the tree twice")
            continue
        seen.add(identity(node))
        flat = items(node, leaf)
        if len(flat) % 2:
            wrong.append("a key has no value")
        own = list(zip(flat[0::2], flat[1::2], strict=False))
        limits = items(node, "Limits")
        if limits and own and (len(limits) != 2 or _key(limits[0]) != _key(own[0][0]) or _key(limits[1]) != _key(own[-1][0])):
            wrong.append("the limits of a node are not its first and last key")
        pairs += own
        todo.extend(reversed(items(node, "Kids")))
    keys = [_key(key) for key, _ in pairs]
    if keys != sorted(set(keys)):
        wrong.append("the keys are not in order, or one stands twice")
    return pairs, wrong


def _key(value: Any) -> tuple[int, bytes]:
    return (value, b"") if isinstance(value, int) else (0, bytes(value) if isinstance(value, pikepdf.String) else b"")
