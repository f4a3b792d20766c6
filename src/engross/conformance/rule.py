"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engross.conformance.document import Document

A3 = "ISO 19005-3, "
"""PDF/A-3."""
UA1 = "ISO 14289-1, "
"""PDF/UA-1."""

Found = Iterator[tuple[str, str]]
"""What is wrong, and where: `page 3`, `object 12`, or nothing for the whole file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in a PDF that its standards, or we, do not allow."""

    rule: str
    """Stable name of the rule that found it."""
    clause: str
    """Where the standard says so."""
    message: str
    where: str = ""
    """`page 3`, `object 12`; empty for the whole file."""

    def __str__(self) -> str:
        return f"{self.where + ': ' if self.where else ''}{self.message} [{self.rule}: {self.clause}]"


@dataclass(frozen=True, slots=True)
class Rule:
    """A named test of a whole document."""

    name: str
    clause: str
    find: Callable[[Document], Found]
