"""The layout's own words in one language: "CC:", "Fax", "Page {page} of {pages}"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Labels:
    """Words by their key in layouts/labels.yaml. An unknown key is a programming or layout error and raises `KeyError`."""

    lang: str
    words: Mapping[str, str]

    def __getitem__(self, key: str) -> str:
        return self.words[key]

    def fill(self, key: str, **values: object) -> str:
        """The words with their `{placeholders}` replaced, each once and as text."""
        text = self.words[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text
