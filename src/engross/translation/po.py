"""A gettext catalogue as a value (GNU gettext manual, "The Format of PO Files"): entries and header, without plurals, which letters do not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from types import MappingProxyType

from engross.values import value_class

Key = tuple[str, str]
"""What identifies an entry: role (msgctxt, empty for none) and source text (msgid)."""

SHARED_DOMAINS = ("missions", "layouts")
"""The domains that all letters share; every other domain but the report's is a letter's id."""
REPORT_DOMAIN = "report"
"""The domain of the delivery report's words, which are in no letter."""


@value_class
class Entry:
    """One message and its translation."""

    role: str
    """msgctxt; empty when the file has none."""
    source: str
    """msgid"""
    text: str = ""
    """msgstr; empty when it is not translated."""
    fuzzy: bool = False
    obsolete: bool = False
    notes: tuple[str, ...] = ()
    """Translators' comments (`# `), one a line: they belong to people and survive everything."""
    comments: tuple[str, ...] = ()
    """Extracted comments (`#. `), one a line."""
    references: tuple[str, ...] = ()
    """`#:`, `path` or `path:line`."""
    flags: tuple[str, ...] = ()
    """`#,` without `fuzzy`."""
    previous: Key | None = None
    """Role and text of the source that `text` translates, on fuzzy entries (`#|`)."""
    line: int = field(default=0, compare=False)
    """Where its msgid stands in the file; 0 for an entry that was not read."""

    @property
    def key(self) -> Key:
        """Role and source text."""
        return self.role, self.source

    @property
    def translated(self) -> bool:
        """Whether the translation may be used: there is one, and it is not fuzzy."""
        return bool(self.text) and not self.fuzzy


@value_class
class Catalog:
    """A PO or POT file."""

    header: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Fields by name, as written."""
    entries: tuple[Entry, ...] = ()
    """In the file's order, the obsolete ones among them."""
    notes: tuple[str, ...] = ()
    """Comment at the head of the file."""
    tail: tuple[str, ...] = ()
    """Comment after the last entry, which belongs to none."""
    path: str = ""
    """Relative to the workspace, for problems."""
    data: bytes = field(default=b"", compare=False, repr=False)
    """The bytes it was read from: what must still stand there when it is written."""

    @property
    def active(self) -> Iterator[Entry]:
        """The entries that are in use."""
        return (entry for entry in self.entries if not entry.obsolete)

    @property
    def obsolete(self) -> Iterator[Entry]:
        """The entries kept as memory (`#~`)."""
        return (entry for entry in self.entries if entry.obsolete)

    def by_key(self) -> dict[Key, Entry]:
        """The entries in use by role and source text."""
        return {entry.key: entry for entry in self.active}
