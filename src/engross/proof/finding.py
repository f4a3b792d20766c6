"""What a proof can find, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engross.errors import Position, Problem

CODES = {
    "proof-missing": "is missing",
    "proof-changed": "differs",
    "proof-figure": "has another number, date or address",
    "proof-doubled": "stands there more than once",
    "proof-order": "stands in another place",
    "proof-language": "stands there in another language",
    "proof-added": "does not belong to the letter",
    "proof-spacing": "has other spaces",
    "proof-link": "a link",
    "proof-font": "a font",
    "proof-pages": "the pages",
    "proof-margin": "the margin",
    "proof-metadata": "the document's own description",
    "proof-attachment": "the attached content",
    "proof-unreadable": "cannot be read",
    "proof-file": "the file",
}
"""Every code, in words."""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of characters on a page of a PDF."""

    page: int
    """From 1."""
    start: int
    """Index of its first character among the page's, as pdfium counts them."""
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where an artefact does not say what the letter says."""

    code: str
    label: str
    """Of the text, `s2.b5`; or what part of the document it is."""
    message: str
    expected: str = ""
    found: str = ""
    where: Position = Position("")
    """Of the source text."""
    places: tuple[Place, ...] = ()
    """On the pages of a PDF."""

    @property
    def pages(self) -> str:
        """`page 3` or `pages 1, 2, 3`; empty when it stands on none."""
        numbers = sorted({place.page for place in self.places})
        return f"page{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}" if numbers else ""

    def __str__(self) -> str:
        pages = f" ({self.pages})" if self.places else ""
        return f"[{self.code}] {self.label}{pages}: {self.message}"

    def beside(self, path: str) -> str:
        """The finding in a line after the file's path, which is not said twice."""
        return f"{path}: [{self.code}] {self.message}" if path.endswith(self.label) and self.code in ("proof-file", "proof-unreadable") else f"{path}: {self}"

    def problem(self, path: str) -> Problem:
        """The finding as a problem of a build that must not go out."""
        pages = f", {self.pages}" if self.places else ""
        return Problem(self.code, f"{path}{pages}: {self.label}: {self.message}", self.where, "look at the file with `engross proof`; a layout or a renderer has a fault")


_PARTS = {"b": "bullet", "n": "item", "p": "paragraph", "q": "quotation", "a": "addressee", "s": "section", "e": "enclosure", "l": "line"}
_WHOLE = {"sig": "signatory", "cc": "copy to", "note": "footnote", "officer": "officer"}


def in_words(label: str) -> str:
    """A text's place for people who do not know its label: `s2.b5` is section 2, bullet 5."""
    kind, *rest = label.split(".")
    numbered = re.fullmatch(r"([a-z])(\d+)", kind)
    if kind in _WHOLE and rest:
        return " ".join((_WHOLE[kind], ", ".join(rest)))
    if not (numbered and numbered[1] in _PARTS):
        return label if rest else label.replace("-", " ")
    parts = [re.fullmatch(r"([a-z])(\d+)", part) for part in (kind, *rest)]
    return ", ".join(f"{_PARTS.get(found[1], found[1])} {found[2]}" if found else part for found, part in zip(parts, (kind, *rest), strict=True))


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with those joined that say the same of several pages."""
    found: dict[tuple[str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.label, finding.message)
        found[key] = replace(found[key], places=(*found[key].places, *finding.places)) if key in found else finding
    return list(found.values())


def short(text: str, size: int = 60) -> str:
    """The text, cut to what fits in a line."""
    return text if len(text) <= size else text[: size - 1] + "…"
