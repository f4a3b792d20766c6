"""What a proof can find, and where."""

from __future__ import annotations

from dataclasses import dataclass

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

    def __str__(self) -> str:
        page = f" (page {self.places[0].page})" if self.places else ""
        return f"[{self.code}] {self.label}{page}: {self.message}"

    def problem(self, path: str) -> Problem:
        """The finding as a problem of a build that must not go out."""
        page = f", page {self.places[0].page}" if self.places else ""
        return Problem(self.code, f"{path}{page}: {self.label}: {self.message}", self.where, "look at the file with `engross proof`; a layout or a renderer has a fault")


def short(text: str, size: int = 60) -> str:
    """The text, cut to what fits in a line."""
    return text if len(text) <= size else text[: size - 1] + "…"
