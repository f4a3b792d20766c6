"""What the ledger speaks of: deliveries, events, attempts, and the state that follows from the events. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from engross.errors import EngrossError

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DIGEST = re.compile(r"[0-9a-f]{64}")

MAIL = "mail"
"""The packet of an e-mail, which carries every language of its mission."""


class LedgerError(EngrossError):
    """The ledger is missing, is another one, or is not what it was: nothing may be sent on its word."""


class Missing(LedgerError):
    """There is no ledger where it was expected."""


class NotAllowed(EngrossError):
    """What was asked does not follow from the delivery's state. Nothing was recorded."""


class Stale(NotAllowed):
    """Somebody else holds the delivery now, or the claim's time is over: whoever gets this must not submit anything."""


class Channel(Enum):
    """The way a delivery goes."""

    FAX = "fax"
    EMAIL = "email"
    HAND = "hand"
    POST = "post"
    COURIER = "courier"


class Status(Enum):
    """Where a delivery, or one attempt at it, stands. docs/ledger.md says each in plain words."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    COMMITTING = "committing"
    ACCEPTED = "accepted"
    DELIVERY_REPORTED = "delivery-reported"
    ACKNOWLEDGED = "acknowledged"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    HELD = "held"
    CANCELLED = "cancelled"
    CORRECTED = "corrected"


class Kind(Enum):
    """What happened. The kinds that name a `Status` say that an attempt, or the delivery, reached it."""

    CREATED = "created"
    RESTORED = "restored"
    PLANNED = "planned"
    CLAIMED = "claimed"
    COMMITTING = "committing"
    ACCEPTED = "accepted"
    DELIVERY_REPORTED = "delivery-reported"
    ACKNOWLEDGED = "acknowledged"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNCERTAIN = "uncertain"
    HELD = "held"
    RELEASED = "released"
    CANCELLED = "cancelled"
    CORRECTED = "corrected"
    RESOLVED = "resolved"
    RECORDED = "recorded"
    NOTED = "noted"
    TESTED = "tested"
    """Something went to a test address or number. It is an event of no delivery, so that none is occupied; `data` names the one it was made for."""


class Decision(Enum):
    """What a person decides about a delivery; the first three are for uncertain ones only."""

    SENT = "sent"
    """It went out: taken as accepted."""
    ARRIVED = "arrived"
    """The mission says it has it: taken as acknowledged."""
    NOT_SENT = "not-sent"
    """It did not go out: taken as failed."""
    AGAIN = "again"
    """Submit once more, whatever became of the earlier attempts."""


@dataclass(frozen=True, slots=True, order=True)
class Delivery:
    """One thing that has to arrive once: this edition of this letter, at this recipient, by this way.

    Raises:
        ValueError: a part is not an id, or the packet does not belong to the channel.
    """

    letter: str
    edition: int
    recipient: str
    channel: Channel = field(compare=True)
    packet: str
    """For a fax the tag of its language; for e-mail `mail`; otherwise what the office calls it."""

    def __post_init__(self) -> None:
        for name in ("letter", "recipient", "packet"):
            if not _ID.fullmatch(getattr(self, name)):
                raise ValueError(f"{name} is not an id: {getattr(self, name)!r}")
        if self.edition < 1:
            raise ValueError(f"editions count from 1, not {self.edition}")
        if (self.channel is Channel.EMAIL) != (self.packet == MAIL) and self.channel in (Channel.EMAIL, Channel.FAX):
            raise ValueError(f"{self.packet!r} is not a packet of {self.channel.value}")

    def __str__(self) -> str:
        return f"{self.letter}/{self.edition}/{self.recipient}/{self.channel.value}/{self.packet}"

    @classmethod
    def parse(cls, text: str) -> Delivery:
        """The delivery that `str` names.

        Raises:
            ValueError: it names none.
        """
        letter, edition, recipient, channel, packet = text.split("/")
        return cls(letter, int(edition), recipient, Channel(channel), packet)


@dataclass(frozen=True, slots=True)
class Stored:
    """Exact bytes that are kept: a message, a fax, a confirmation sheet."""

    digest: str
    """SHA-256, hexadecimal."""
    size: int
    """In bytes."""
    where: str
    """Name of the store (of the office's machine) that has them."""

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.digest):
            raise ValueError(f"not a SHA-256 in hexadecimal: {self.digest!r}")

    def data(self) -> dict[str, Any]:
        """As it stands in events."""
        return {"sha256": self.digest, "bytes": self.size, "where": self.where}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Stored:
        """From an event."""
        return cls(data["sha256"], data["bytes"], data["where"])


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the ledger: something that was decided or observed. It is never changed."""

    kind: Kind
    at: datetime
    """Aware; kept in UTC."""
    delivery: Delivery | None = None
    """None for what concerns the ledger itself."""
    number: int = 0
    """Counts the events of one delivery from 1."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Strings, integers, None, lists and mappings; strings from outside as they came."""
    sequence: int = 0
    """Its place in the ledger, from 1; 0 until it is appended."""
    hash: str = ""

    def body(self) -> dict[str, Any]:
        """What the hash covers."""
        return {
            "at": utc(self.at).isoformat(),
            "data": dict(self.data),
            "delivery": str(self.delivery) if self.delivery else None,
            "kind": self.kind.value,
            "number": self.number,
        }


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a ledger at some time. Whoever keeps one can tell later whether the ledger still contains it."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to try one delivery once, until a time, for the one owner that got it."""

    delivery: Delivery
    attempt: int
    owner: str
    until: datetime
    token: str
    payload: Stored
    address: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: by the program (`automatic`) or by a person outside it."""

    number: int
    owner: str
    address: str
    """The number or address as it was used."""
    token: str = ""
    """Message-ID or fax tag, by which it can be found again."""
    payload: Stored | None = None
    until: datetime | None = None
    standing: Status = Status.CLAIMED
    automatic: bool = True
    submitted: bool = False
    """Whether it came to the point where the other side may have taken it."""
    misdirected: bool = False
    """A person found that it went to a wrong number or address: what becomes of it says nothing about the delivery."""

    @property
    def open(self) -> bool:
        """Whether the other side has it or may have it: submitted, and no answer said that it was not taken."""
        return self.submitted and self.standing not in (Status.REFUSED, Status.DEFERRED)


@dataclass(frozen=True, slots=True)
class State:
    """What the events of one delivery say together."""

    delivery: Delivery
    status: Status
    address: str = ""
    until: datetime | None = None
    """Of a claim or a commit: its deadline. Of a deferred delivery: not to be tried before."""
    attempts: tuple[Attempt, ...] = ()
    current: int | None = None
    """Number of the attempt that decides the status; None when nothing is being tried."""
    allowed: int = 1
    """How many automatic submissions there may have been: one, and one more for each decision of a person."""
    reason: str = ""
    """Why it is held, cancelled, deferred, refused, failed or uncertain, as recorded."""
    decided: bool = False
    """The status was decided by a person and not observed."""
    released: bool = False
    """A person has seen that the address is shared and let it go."""
    corrected: bool = False
    """A person has put another number or address in the place of the first."""
    events: int = 0

    @property
    def submissions(self) -> int:
        """Automatic attempts that the other side has or may have."""
        return sum(attempt.automatic and attempt.open for attempt in self.attempts)

    def attempt(self, number: int) -> Attempt | None:
        """The attempt of that number, if there is one."""
        return self.attempts[number - 1] if 1 <= number <= len(self.attempts) else None

    def due(self, now: datetime) -> bool:
        """Whether the program may claim it now."""
        if self.status is Status.PLANNED:
            return True
        return self.status in (Status.DEFERRED, Status.CLAIMED) and self.until is not None and self.until <= utc(now)

    def overdue(self, now: datetime) -> bool:
        """Whether its submission has outlived its deadline without an outcome: it is uncertain and has only to be written down so."""
        return self.status is Status.COMMITTING and self.until is not None and self.until <= utc(now)


def utc(moment: datetime) -> datetime:
    """The moment in UTC.

    Raises:
        ValueError: it has no time zone, so nobody can know which moment is meant.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a time without a time zone: {moment.isoformat()}")
    return moment.astimezone(UTC)
