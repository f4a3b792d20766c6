"""The hidden bookmark of each block: which text of the letter it is, and which wording was sent out.

Bookmarks whose names begin with an underscore are hidden in Word and LibreOffice, travel with their text and survive both programs. (Content controls do not:
LibreOffice 7.4 drops the tag of one around a paragraph and the formatting inside it.) A name has at most 40 letters, digits and underscores.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_LABEL = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*\Z")
_NAME = re.compile(r"_(eg|es)_([a-z0-9_]+)_([0-9a-f]{12})\Z", re.IGNORECASE)
_LONGEST = 20
TARGET, SOURCE = "eg", "es"
"""What is to be edited, and what stands beside it to be read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A bookmark's meaning."""

    kind: str
    """`TARGET` or `SOURCE`."""
    alias: str
    digest: str

    @property
    def name(self) -> str:
        """The bookmark's name."""
        return f"_{self.kind}_{self.alias}_{self.digest}"


def digest(*texts: str) -> str:
    """The first 48 bits of SHA-256 over role and texts: enough to tell the wordings of one letter apart."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def alias(label: str) -> str:
    """A label as part of a bookmark's name: `s2.b5` is `s2_b5`; one with other characters, or a long one, a digest."""
    if _LABEL.match(label) and len(label) <= _LONGEST:
        return label.replace(".", "_")
    return "x" + hashlib.sha256(label.encode()).hexdigest()[:16]


def read(name: str) -> Mark | None:
    """What a bookmark's name means; `None` for a bookmark of somebody else's."""
    match = _NAME.match(name)
    return Mark(match[1].lower(), match[2].lower(), match[3].lower()) if match else None


def labels(known: Iterable[str]) -> dict[str, str]:
    """By alias, the labels of a letter."""
    return {alias(label): label for label in known}
