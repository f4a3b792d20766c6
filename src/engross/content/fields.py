"""Reads the keys of one YAML mapping, says what is missing, unknown or of the wrong kind, and hands out plain values."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator
from datetime import date

from engross.content.yaml_tree import Scalar, Sequence, Table
from engross.errors import Position, Problem, Severity


def nearest(word: str, known: Iterable[str], what: str = "") -> str:
    """A hint: the known word that looks most like this one, or all of them."""
    names = list(known)
    close = difflib.get_close_matches(word, names, 1, 0.5)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"{what or 'known'}: {', '.join(names)}" if names else ""


class Fields:
    """The entries of `table`. Every read appends its problems to `problems` and returns a value that can be worked with."""

    def __init__(self, table: Table, known: Collection[str], problems: list[Problem], owner: str) -> None:
        self.table = table
        self.problems = problems
        self.owner = owner
        for key, (where, _) in table.entries.items():
            if key not in known:
                problems.append(Problem("unknown-key", f"{owner} has no key {key!r}", where, nearest(key, known, "keys")))

    def fault(self, code: str, message: str, where: Position, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        """Add a problem."""
        self.problems.append(Problem(code, message, where, hint, severity))

    def where(self, key: str) -> Position:
        """Where the key's value stands, or the mapping when there is none."""
        entry = self.table.entries.get(key)
        return entry[1].where if entry else self.table.where

    def scalar(self, key: str, *, required: bool = False) -> Scalar | None:
        """The text under a key; `None` when there is none, which is a `missing-field` if it is required."""
        entry = self.table.entries.get(key)
        value = entry[1] if entry else None
        if isinstance(value, Scalar) and value.text:
            return value
        if value is not None and not isinstance(value, Scalar):
            self.fault("bad-value", f"{key} of {self.owner} must be a text", value.where, "write it on the same line as the key")
        elif required:
            self.fault("missing-field", f"{self.owner} has no {key}", entry[0] if entry else self.table.where, f"add `{key}:`")
        return None

    def text(self, key: str, *, required: bool = False) -> str:
        """The text under a key, or the empty one."""
        found = self.scalar(key, required=required)
        return found.text if found else ""

    def scalars(self, key: str) -> tuple[Scalar, ...]:
        """A list of texts; one text alone counts as a list of one."""
        entry = self.table.entries.get(key)
        value = entry[1] if entry else None
        if isinstance(value, Scalar):
            return (value,) if value.text else ()
        if isinstance(value, Table):
            self.fault("bad-value", f"{key} of {self.owner} must be a list of texts", value.where, "write each on a line that begins with “- ”")
        found = []
        for item in value.items if isinstance(value, Sequence) else ():
            if isinstance(item, Scalar):
                found += [item] if item.text else []
            else:
                self.fault("bad-value", f"an entry of {key} must be a text", item.where, "put it between double quotes if it holds “: ”")
        return tuple(found)

    def tables(self, key: str) -> Iterator[Table]:
        """A list of mappings."""
        entry = self.table.entries.get(key)
        value = entry[1] if entry else None
        if isinstance(value, Table):
            yield value
        elif isinstance(value, Sequence):
            for item in value.items:
                if isinstance(item, Table):
                    yield item
                else:
                    self.fault("bad-value", f"an entry of {key} must have keys", item.where, "for instance “- name: …”")
        elif isinstance(value, Scalar) and value.text:
            self.fault("bad-value", f"{key} must be a list of entries with keys", value.where, "for instance “- name: …”")

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A calendar date, ISO 8601 `2018-06-06`."""
        found = self.scalar(key, required=required)
        if found is None:
            return None
        try:
            if len(found.text) == len("2018-06-06"):
                return date.fromisoformat(found.text)
        except ValueError:
            pass
        self.fault("bad-date", f"{key} is not a date: {found.text!r}", found.where, "write year-month-day, for instance 2018-06-06")
        return None

    def number(self, key: str) -> int | None:
        """A whole number from 1."""
        found = self.scalar(key)
        if found is None:
            return None
        if found.text.isascii() and found.text.isdigit() and int(found.text[:6]) > 0 and len(found.text) < 6:
            return int(found.text)
        self.fault("bad-value", f"{key} is not a number: {found.text!r}", found.where, "write 1, 2, 3 …")
        return None

    def choice(self, key: str, options: Collection[str], default: str) -> str:
        """One of some words."""
        found = self.scalar(key)
        if found is None:
            return default
        if found.text not in options:
            self.fault("bad-value", f"{key} cannot be {found.text!r}", found.where, nearest(found.text, options, "it is one of"))
            return default
        return found.text
