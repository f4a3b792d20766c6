"""A parsed PDF: its bytes, its objects, and what is read out of them once for all rules."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pikepdf

from engross.conformance import content, structure
from engross.conformance.content import Content, Key
from engross.conformance.fonts import Font
from engross.conformance.objects import MAPS, everything, get, identity, inherited, items, name, text
from engross.conformance.structure import Structure


class Document:
    """What rules look at. Pages are counted from 1."""

    def __init__(self, data: bytes) -> None:
        """Open a file.

        Raises:
            pikepdf.PdfError: it is no PDF, or is encrypted with a password.
        """
        self.data = data
        self.pdf = pikepdf.Pdf.open(io.BytesIO(data), suppress_warnings=True, attempt_recovery=False)
        self.trailer: Any = self.pdf.trailer
        self.root: Any = self.pdf.Root
        self.pages: list[Any] = [page.obj for page in self.pdf.pages]

    @cached_property
    def objects(self) -> list[Any]:
        """Every dictionary, stream, array and string, once."""
        return list(everything(self.pdf))

    @cached_property
    def maps(self) -> list[Any]:
        """Every dictionary and stream, once, but those of the structure tree, which are most of a file and are read as such."""
        return [item for item in self.objects if isinstance(item, MAPS) and name(item, "Type") not in ("StructElem", "OBJR", "MCR")]

    @cached_property
    def contents(self) -> list[Content]:
        """What is on each page."""
        return [content.read(f"page {number}", page, inherited(page, "Resources"), identity(page)) for number, page in enumerate(self.pages, 1)]

    @cached_property
    def appearances(self) -> list[Content]:
        """What the appearances of annotations show: forms of their own, outside of the page's content."""
        found = [stream for _, note in self.annotations for stream in _streams(get(note, "AP"))]
        return [content.read(f"appearance, object {identity(item)[0]}", item, get(item, "Resources"), identity(item)) for item in found]

    @cached_property
    def annotations(self) -> list[tuple[int, Any]]:
        """Page and annotation, in order."""
        return [(number, note) for number, page in enumerate(self.pages, 1) for note in items(page, "Annots")]

    @cached_property
    def structure(self) -> Structure:
        """The structure tree; empty when there is none."""
        return structure.read(get(self.root, "StructTreeRoot"), self.lang)

    @property
    def lang(self) -> str:
        """The language of the document, as the catalog says."""
        return text(self.root, "Lang")

    @cached_property
    def fonts(self) -> dict[tuple[int, int], Font]:
        """Every font of the file but descendants, with the codes that pages and appearances show in it."""
        fonts = {identity(item): Font(item) for item in self.maps if name(item, "Type") == "Font" and not name(item, "Subtype").startswith("CIDFont")}
        for shown in (*self.contents, *self.appearances):
            for key, item in shown.fonts.items():
                fonts.setdefault(key, Font(item))
            for key, strings in shown.glyphs.items():
                font = fonts.setdefault(key, Font(None))
                plain = {code for string, replaced in strings if not replaced for code in font.split(string)}
                font.replaced = (font.replaced | {code for string, _ in strings for code in font.split(string)}) - plain - font.codes
                font.codes |= plain
        return fonts

    @cached_property
    def texts(self) -> dict[Key, str]:
        """What each piece of marked content says."""
        return {key: "".join(self.fonts[font].text(shown) for font, shown in pieces if font in self.fonts) for page in self.contents for key, pieces in page.texts.items()}


def _streams(appearance: Any) -> Iterator[Any]:
    for state in (get(appearance, key) for key in ("N", "R", "D")):
        if isinstance(state, pikepdf.Stream):
            yield state
        elif isinstance(state, pikepdf.Dictionary):
            yield from (item for _, item in state.items() if isinstance(item, pikepdf.Stream))
