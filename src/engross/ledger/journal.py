"""The chained events themselves: opening and making them, appending under the rules, and telling whether they are still what they were."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

from engross import redaction
from engross.errors import EngrossError
from engross.files import failpoint
from engross.ledger import chain
from engross.ledger.chain import Fault, Row, read_event
from engross.ledger.location import locate, state_folder
from engross.ledger.model import Delivery, Event, Head, Kind, LedgerError, State
from engross.ledger.objects import Objects
from engross.ledger.states import advance, state
from engross.ledger.witness import Witness

if TYPE_CHECKING:
    from engross.ledger.database import Database, Transaction

FORMAT = 1
OURS = frozenset({"owner", "until", "token", "payload", "evidence", "decision", "result", "occurred", "late", "address", "for"})
"""Fields of events that the program makes and its rules read."""


class Journal:
    """Events appended, never updated. Made by `open`; close it, or use it in a `with`.

    One object belongs to one process: open another after a fork.
    """

    def __init__(self, database: Database, objects: Objects, witness: Witness, secrets: Iterable[str]) -> None:
        self._database = database
        self.objects = objects
        """The exact bytes that events speak of, as far as they are on this machine."""
        self._witness = witness
        self._secrets = tuple(secrets)
        self.identity = UUID(int=0)
        """Made when the ledger was; the signed manifest names it."""

    @classmethod
    def open(
        cls,
        where: str | Path | None = None,
        *,
        offices: int,
        now: datetime,
        create: bool = True,
        folder: Path | None = None,
        secrets: Iterable[str] = (),
        identity: UUID | None = None,
    ) -> Self:
        """Open the ledger, or make it.

        Args:
            where: a path, `postgresql://…`, or None for the user's state directory.
            offices: how many offices the settings name; several need PostgreSQL.
            now: when a new ledger is made.
            create: whether to make one that is missing. A sender passes False.
            folder: where exact bytes and what was seen of the ledger are kept; beside the file, or in the user's state directory.
            secrets: passwords and tokens in use, which are taken out of whatever a server sends back.
            identity: for a new ledger; random when absent.

        Raises:
            UsageError: the place cannot hold the ledger; see `locate`.
            LedgerError: it is missing or damaged.
            OutsideError: the database cannot be reached.
        """
        from engross.ledger.database import Database

        place = locate(where, offices=offices)
        folder = folder or (place.file.parent if place.file else state_folder() / "ledger")
        self = cls(Database(place, create=create), Objects(folder / "objects", platform.node()), Witness(folder / "seen"), secrets)
        try:
            self._identify(now, identity, create=create)
        except BaseException:
            self.close()
            raise
        return self

    def _identify(self, now: datetime, identity: UUID | None, *, create: bool) -> None:
        with self._database.reading() as transaction:
            first, head = transaction.row(1), transaction.head()
        if head is None and create:
            with self._database.appending() as transaction:
                first = transaction.row(1) or transaction.append(Event(Kind.CREATED, now, data={"format": FORMAT, "ledger": str(identity or uuid4())}))
        if first is None:
            raise LedgerError("the ledger has lost its first row", hint="restore it from a backup")
        event = read_event(first)
        if event.kind is not Kind.CREATED:
            raise LedgerError("the ledger begins with a row that does not say which ledger it is", hint="restore it from a backup")
        if event.data.get("format") != FORMAT:
            raise LedgerError("the ledger was made by a newer version of the program")
        self.identity = UUID(event.data["ledger"])
        self._witness.saw(self.identity, first.head)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give back the database."""
        self._database.close()

    def events(self, delivery: Delivery | None = None) -> list[Event]:
        """The events of one delivery, or of the whole ledger, in order."""
        with self._database.reading() as transaction:
            return [read_event(row) for row in (transaction.rows_of(delivery) if delivery else transaction.rows())]

    def head(self) -> Head:
        """The last row, to be kept elsewhere: by the manifest, in the report, on paper."""
        with self._database.reading() as transaction:
            row = transaction.head()
        if row is None:
            raise LedgerError("the ledger is empty: even its first row is missing")
        return row.head

    def verify(self, identity: UUID | None = None, head: Head | None = None) -> list[Fault]:
        """Everything that shows that the ledger is another one, or not what it was; empty when it is sound.

        `identity` and `head` are what the manifest says; what this machine saw last is checked as well.
        """
        if identity is not None and identity != self.identity:
            return [Fault(0, f"this is the ledger {self.identity}, not {identity}")]
        with self._database.reading() as transaction:
            heads = [known for known in (head, self._witness.seen(self.identity)) if known]
            found = list(chain.faults(transaction.rows(), heads))
            return found or list(_broken_rules(transaction.rows()))

    def require(self, identity: UUID | None = None, head: Head | None = None) -> None:
        """Refuse to go on with a ledger that `verify` finds fault with.

        Raises:
            LedgerError: with every fault.
        """
        if found := self.verify(identity, head):
            raise LedgerError("; ".join(fault.message for fault in found), hint="nothing is sent on it; restore the ledger, and see docs/ledger.md")

    # how

    @contextmanager
    def _appending(self, *, restored: bool = False) -> Iterator[Transaction]:
        """A transaction in which nobody else appends, on a ledger that still has what this machine last saw of it."""
        with self._database.appending() as transaction:
            before = transaction.head()
            if not restored:
                self._recognise(transaction)
            yield transaction
            after = transaction.head()
            kind = read_event(after).kind.value if after and after != before else "nothing"
            failpoint(f"ledger:before-commit:{kind}")
        failpoint(f"ledger:after-commit:{kind}")
        if after and after != before:
            self._witness.saw(self.identity, after.head, lower=restored)

    def _recognise(self, transaction: Transaction) -> None:
        seen = self._witness.seen(self.identity)
        row = transaction.row(seen.sequence) if seen else None
        if seen and (row is None or row.hash != seen.hash):
            raise LedgerError(f"the ledger no longer has row {seen.sequence} as this machine saw it: it was rolled back or changed", hint="restore it; see docs/ledger.md")

    def _append(self, transaction: Transaction, before: State | None, event: Event) -> State:
        """Append one event of a delivery if the rules allow it; the state after it."""
        event = replace(event, number=before.events + 1 if before else 1, data=clean(event.data, self._secrets))
        after = advance(before, event)
        transaction.append(event)
        return after

    def _state(self, transaction: Transaction, delivery: Delivery) -> State | None:
        return state(read_event(row) for row in transaction.rows_of(delivery))


def fold(rows: Iterable[Row]) -> dict[Delivery, State]:
    """The state of each delivery that the rows speak of, in the order in which they were entered."""
    states: dict[Delivery, State] = {}
    for row in rows:
        event = read_event(row)
        if event.delivery:
            states[event.delivery] = advance(states.get(event.delivery), event)
    return states


def _broken_rules(rows: Iterable[Row]) -> Iterator[Fault]:
    """Events that the rules would not have allowed: the chain is whole, but something else wrote it."""
    states: dict[Delivery, State] = {}
    broken: set[Delivery] = set()
    for row in rows:
        try:
            event = read_event(row)
            if event.delivery and event.delivery not in broken:
                states[event.delivery] = advance(states.get(event.delivery), event)
        except EngrossError as error:
            yield Fault(row.sequence, f"row {row.sequence} breaks the rules: {error.message}")
            broken.update({Delivery.parse(row.delivery)} if row.delivery else ())


def clean(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Plain data for an event: secrets taken out, and the lone surrogates by which Python carries bytes that are no UTF-8 written out.

    What the rules read is the program's own and stays as it is, whatever somebody chose as a password.

    Raises:
        TypeError: it is no string, integer, None, sequence or mapping.
    """
    if isinstance(value, str):
        return redaction.clean(value, secrets).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {clean(key): clean(item, () if key in OURS else secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item, secrets) for item in value]
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"an event cannot hold a {type(value).__name__}")
