"""What a worker is given, as values: a letter in one language, how it is set, and the files to make of it.

This module knows nothing of how a letter is read, so that the processes that render load nothing that only reading needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from engross.labels import Labels
from engross.letter import Letter, Mission
from engross.render.layout import Layout
from engross.values import value_class

if TYPE_CHECKING:
    from engross.render.bilingual import Row


@value_class
class Version:
    """The letter in one language, with the layout's words."""

    letter: Letter
    labels: Labels


@value_class
class Product:
    """A file that a task makes."""

    kind: str
    language: str
    recipe: str
    mission: str = ""


@value_class
class Task:
    """Products that come from one rendering: a file, or all fax copies of a language and an office."""

    format: str
    products: Mapping[str, Product]
    """By path in the set's folder."""
    version: Version
    layout: Layout
    english: Labels
    """The layout's words in the source language, for bilingual fax covers."""
    office: str = ""
    sender: Mapping[str, object] | None = None
    missions: tuple[Mission, ...] = ()
    fax: tuple[str, str] = ("fine", "mmr")
    """Resolution and coding of fax pages."""
    rows: tuple[Row, ...] = ()
    """Source and translation side by side, for the bilingual edition."""

    @property
    def title(self) -> str:
        """What a progress bar says."""
        return f"{self.version.letter.id} {self.version.letter.lang} {self.format}"
