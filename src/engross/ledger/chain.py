"""Rows chained by hashes, so that whoever kept one head can tell later whether anything before it was changed, lost or put in another order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from engross.canonical import canonical_json
from engross.ledger.model import Delivery, Event, Head, Kind, LedgerError

GENESIS = "0" * 64
"""What the first row has as the hash of the one before."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the database."""

    sequence: int
    previous: str
    hash: str
    delivery: str | None
    number: int
    event: str
    """Canonical JSON of `Event.body`."""

    @property
    def head(self) -> Head:
        """What to keep of this row to recognise the ledger up to here."""
        return Head(self.sequence, self.hash)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that shows that the ledger is not what it was."""

    sequence: int
    """The row at which it shows; 0 for the whole."""
    message: str


def seal(sequence: int, previous: str, event: str) -> str:
    """Hash of a row: SHA-256, hexadecimal, over the canonical JSON of place, previous hash and event."""
    return hashlib.sha256(f'{{"event":{event},"previous":"{previous}","sequence":{sequence}}}'.encode()).hexdigest()


def row_after(head: Row | None, event: Event) -> Row:
    """The row that appends the event."""
    sequence, previous = (head.sequence + 1, head.hash) if head else (1, GENESIS)
    text = canonical_json(event.body()).decode()
    return Row(sequence, previous, seal(sequence, previous, text), str(event.delivery) if event.delivery else None, event.number, text)


def read_event(row: Row) -> Event:
    """The event in a row.

    Raises:
        LedgerError: there is none in it that this program can read.
    """
    try:
        body = json.loads(row.event)
        delivery = Delivery.parse(body["delivery"]) if body["delivery"] is not None else None
        return Event(Kind(body["kind"]), datetime.fromisoformat(body["at"]), delivery, body["number"], body["data"], row.sequence, row.hash)
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(f"row {row.sequence} of the ledger cannot be read", hint="it was changed, or written by a newer version of the program") from error


def faults(rows: Iterable[Row], heads: Iterable[Head] = ()) -> Iterator[Fault]:
    """Everything that is wrong with the rows, which come in order of their sequence; `heads` are rows that must be among them."""
    wanted: dict[int, set[str]] = {}
    for head in heads:
        wanted.setdefault(head.sequence, set()).add(head.hash)
    last, previous = 0, GENESIS
    for row in rows:
        if row.sequence != last + 1:
            missing = f"row {last + 1} is" if row.sequence == last + 2 else f"rows {last + 1} to {row.sequence - 1} are"
            yield Fault(row.sequence, f"{missing} missing")
        elif row.previous != previous:
            yield Fault(row.sequence, f"row {row.sequence} does not follow from the row before it")
        if reason := _changed(row):
            yield Fault(row.sequence, f"row {row.sequence} was changed: {reason}")
        for known in wanted.pop(row.sequence, ()):
            if known != row.hash:
                yield Fault(row.sequence, f"row {row.sequence} is not the row that was there")
        last, previous = row.sequence, row.hash
    for sequence in sorted(wanted):
        yield Fault(sequence, f"the ledger ends at row {last}, but had at least {sequence}: it was rolled back or cut")


def _changed(row: Row) -> str:
    """How a row contradicts itself; empty when it does not."""
    if seal(row.sequence, row.previous, row.event) != row.hash:
        return "its hash does not match"
    try:
        body = json.loads(row.event)
        if canonical_json(body).decode() != row.event:
            return "its event is not in canonical form"
    except ValueError:
        return "its event is not JSON"
    if not isinstance(body, dict) or (body.get("delivery"), body.get("number")) != (row.delivery, row.number):
        return "its columns do not match its event"
    return ""
