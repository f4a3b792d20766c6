"""What a delivery report is made of. Values only; strings from servers, machines and answers are as they came and are made fit to print by `page`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

OPEN = ("uncertain", "partial", "failed", "refused", "held")
"""States in which a delivery goes no further without a person."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line below a step: a word of the report, and what was recorded."""

    key: str
    """Of the report's words, without `f_`."""
    value: str = ""
    """From outside, or digits; printed as it is."""
    word: str = ""
    """Instead of the value: a key of the report's words."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What fills the word."""
    moment: datetime | None = None
    """Instead of the value: a time, printed in both time zones."""
    code: bool = False
    """A digest, an address, an identification: set in a way that tells letters apart."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was recorded of a delivery."""

    at: datetime
    """When it was recorded; aware."""
    key: str
    """Of the report's words, without `s_`."""
    attempt: int = 0
    """0: of no attempt."""
    values: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    """A state whose word fills `{state}`."""
    until: datetime | None = None
    """A time that fills `{until}`."""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One delivery: a mission, a way, a packet, an edition."""

    channel: str
    """`fax`, `email`, `hand`, `post`, `courier`."""
    edition: int
    languages: tuple[str, ...]
    """Codes; empty when the record does not name them."""
    packet: str
    address: str
    state: str
    sender: str = ""
    """Name of the office, and its address or number."""
    time_zone: str = "UTC"
    """Of the office, IANA."""
    decided: bool = False
    """A person decided the state."""
    outside: bool = False
    """A person did and recorded what decides the state."""
    sent: datetime | None = None
    """When it was handed over; None when it was not, or nobody knows when."""
    sent_for_sure: bool = True
    since: datetime | None = None
    """When the state was recorded."""
    pages: tuple[int, int] | None = None
    """Of a fax: confirmed, of how many; None when no record says."""
    misdirected: tuple[tuple[int, str], ...] = ()
    """Attempts that went to a wrong number or address: number, address."""
    test: bool = False
    """A test transmission: it went to the office itself."""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Addressee:
    """A mission, with all its deliveries."""

    id: str
    name: str
    """In the reader's language; the id where the address book no longer has it."""
    city: str
    time_zone: str
    """IANA; empty when not known."""
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Something that was sent, once for all missions that got it."""

    kind: str
    """`pdf`: a file that was attached. `cover`: the cover page of a fax, as an example. `fax`: the first page of the letter as it was faxed."""
    name: str
    """File name; of a cover, the mission it was made for."""
    language: str
    """Code; empty when not known."""
    digest: str
    """SHA-256 of the file; empty for a page of a fax, whose files differ by their covers."""
    size: int
    """In bytes; 0 when not known."""
    pages: int
    """0 when not known."""
    picture: bytes
    """PNG of the first page; empty when the bytes are not here."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is printed."""

    letter: str
    title: str
    editions: tuple[int, ...]
    missions: tuple[Addressee, ...]
    documents: tuple[Document, ...]
    ledger: str
    """Its number."""
    sequence: int
    """Of its last entry."""
    head: str
    """Digest of its last entry."""
    as_of: datetime
    """Time of its last entry."""
