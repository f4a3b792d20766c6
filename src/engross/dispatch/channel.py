"""What a way out (e-mail, fax) is to the rest of the program. `sending` knows only this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from engross.ledger import Channel, Delivery, Status
from engross.letter import Mission
from engross.settings_dispatch import Office


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to send: a message, or a fax in one language, for one mission."""

    delivery: Delivery
    mission: Mission
    """In the language of the packet; for a message in the first of its languages."""
    address: str
    """The e-mail address, or the number in E.164."""
    office: Office
    languages: tuple[str, ...]
    files: Mapping[str, bytes]
    """What it is made of, by path in the set: read once, with the digest that the manifest gives. These very bytes go out."""
    size: int
    """In bytes, as far as known before it is made."""
    minutes: float = 0
    """Of a fax: estimated time on the line."""
    warnings: tuple[str, ...] = ()
    correction: bool = False
    """The recipient had an earlier edition: it goes with a correction notice."""
    anew: bool = False
    """A person has corrected the number, on record: the fax has a cover that is not in the edition."""
    embargo: datetime | None = None
    """Nothing may reach any server earlier."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """The exact bytes of one attempt, and how the attempt can be found outside."""

    payload: bytes
    token: str
    """Message-ID or fax tag."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Kept with the claim, for instance the `envid`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen of an attempt: `accepted`, `refused`, `deferred` or `uncertain`, and for a fax what its job showed."""

    status: Status
    reason: str = ""
    """In the server's words or ours."""
    retry: timedelta | None = None
    """Of a deferred one: when to try again."""
    details: Mapping[str, Any] = field(default_factory=dict)
    broken: bool = False
    """The office's own server is out of order (no connection, wrong certificate, wrong password): nothing more can go out through it now."""


class Way(Protocol):
    """One way out of one office."""

    channel: Channel

    def pack(self, item: Item, now: datetime, earlier: Parcel | None) -> Parcel:
        """Make the bytes. With `earlier`, the same thing was tried before: a message keeps its Message-ID and bytes, as it is the same message.

        Raises:
            EngrossError: it cannot be made, or is too large.
        """

    def submit(self, item: Item, parcel: Parcel, commit: Callable[[], None]) -> Outcome:
        """Hand it over. `commit` is called once, just before the step after which the other side may have it; what it raises ends the attempt.

        Nothing else is raised for what servers do: that is an `Outcome`. Only a loss after `commit` is `uncertain`.

        Raises:
            OutsideError: a secret is missing.
        """
