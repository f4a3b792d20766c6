"""The layout's own words in one language: "CC:", "Fax", "Page {page} of {pages}"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engross.errors import EngrossError


@dataclass(frozen=True)
class Labels:
    """Words by their key in layouts/labels.yaml. A word that a layout needs and the file lacks raises `EngrossError`."""

    lang: str
    words: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        if key not in self.words:
            raise EngrossError(f"the layouts need the word {key!r}, which layouts/labels.yaml lacks", hint="restore its line from the repository, or from a new `engross init`")
        return self.words[key]

    def fill(self, key: str, **values: object) -> str:
        """The words with their `{placeholders}` replaced, each once and as text."""
        text = self[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text
