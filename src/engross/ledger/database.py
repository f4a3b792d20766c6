"""The one table of the ledger, in SQLite or PostgreSQL: rows are appended in a transaction that lets nobody else append meanwhile.

SQLite runs with a write-ahead log and synchronous=FULL: what a commit has returned survives a power cut. Triggers refuse UPDATE and DELETE in both
databases; they stop mistakes, the hash chain shows what got past them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engross.errors import OutsideError
from engross.ledger.chain import Row, row_after
from engross.ledger.location import Place, private_folder
from engross.ledger.model import Delivery, Event, LedgerError, Missing

WAIT_SECONDS = 60
"""How long to wait for another process that is writing."""

_LOCK = 0x656E67726F7373
"""Key of the advisory lock in PostgreSQL: the letters of the program's name."""

_rows = sa.Table(
    "engross_ledger",
    sa.MetaData(),
    sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("previous", sa.String(64), nullable=False, unique=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("delivery", sa.Text),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.UniqueConstraint("delivery", "number"),
)

_GUARDS = {
    "sqlite": [
        f"CREATE TRIGGER engross_ledger_{act.lower()} BEFORE {act} ON engross_ledger BEGIN SELECT RAISE(ABORT, 'the ledger is only appended to'); END"
        for act in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION engross_ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the ledger is only appended to'; END $$",
        "CREATE TRIGGER engross_ledger_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON engross_ledger FOR EACH STATEMENT EXECUTE FUNCTION engross_ledger_guard()",
    ],
}


class Transaction:
    """What may be done in one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def head(self) -> Row | None:
        """The last row."""
        return next(self._select(sa.select(_rows).order_by(_rows.c.sequence.desc()).limit(1)), None)

    def row(self, sequence: int) -> Row | None:
        """The row at that place."""
        return next(self._select(sa.select(_rows).where(_rows.c.sequence == sequence)), None)

    def rows(self) -> Iterator[Row]:
        """All rows in order."""
        return self._select(sa.select(_rows).order_by(_rows.c.sequence))

    def rows_of(self, delivery: Delivery) -> Iterator[Row]:
        """The rows of one delivery in order."""
        return self._select(sa.select(_rows).where(_rows.c.delivery == str(delivery)).order_by(_rows.c.number))

    def rows_under(self, prefix: str) -> Iterator[Row]:
        """The rows of all deliveries whose names begin so, in order."""
        return self._select(sa.select(_rows).where(_rows.c.delivery.startswith(prefix, autoescape=True)).order_by(_rows.c.sequence))

    def append(self, event: Event) -> Row:
        """Add one event; it is there for others once the transaction ends."""
        row = row_after(self.head(), event)
        self._connection.execute(_rows.insert().values(sequence=row.sequence, previous=row.previous, hash=row.hash, delivery=row.delivery, number=row.number, event=row.event))
        return row

    def _select(self, query: sa.Select[Any]) -> Iterator[Row]:
        return (Row(*values) for values in self._connection.execute(query))


class Database:
    """A connection to the ledger's table.

    Raises:
        LedgerError: there is none and none is to be made, or the file is no database.
        OutsideError: the server does not answer or refuses.
    """

    def __init__(self, place: Place, *, create: bool) -> None:
        self._place = place
        if place.file:
            _prepare_file(place.file, create=create)
            self._engine = _sqlite(place.file)
        else:
            self._engine = _postgresql(place)
        try:
            self._prepare_table(create=create)
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"Database({str(self._place)!r})"

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one state of the ledger and changes nothing."""
        with self._translated(), self._engine.connect() as connection:
            if not self._place.file:  # SQLite shows one state anyway
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield Transaction(connection)

    @contextmanager
    def appending(self) -> Iterator[Transaction]:
        """A transaction in which nobody else appends: what it has read stays true until it ends."""
        with self._translated(), self._engine.connect() as connection:
            writing = connection.execution_options(engross_writes=True)
            with writing.begin():
                if not self._place.file:
                    writing.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
                    writing.exec_driver_sql("SET LOCAL synchronous_commit = on")
                    writing.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield Transaction(writing)

    def _prepare_table(self, *, create: bool) -> None:
        with self._translated(), self._engine.connect() as connection:
            there = sa.inspect(connection).has_table(_rows.name)
        if there:
            return
        if not create:
            raise _missing(self._place)
        with self.appending() as transaction:
            connection = transaction._connection  # noqa: SLF001 - the only other user of it is this class
            if not sa.inspect(connection).has_table(_rows.name):
                _rows.create(connection)
                for guard in _GUARDS[connection.dialect.name]:
                    connection.exec_driver_sql(guard)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Errors of the driver as ours, without statements and values."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            said = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            if "not a database" in said[0] or "malformed" in said[0]:
                raise LedgerError(f"the ledger {self._place} is damaged: {said[0]}", hint="restore it from a backup") from None
            raise OutsideError(f"the ledger {self._place} cannot be used: {said[0]}", hint="nothing was sent on it; try again") from None


def _missing(place: Place) -> Missing:
    return Missing(
        f"there is no ledger at {place}",
        hint="if nothing was ever sent: engross deliveries LETTER init. Else restore it, or correct the settings: a new one would not know what was sent",
    )


def _prepare_file(file: Path, *, create: bool) -> None:
    """The file exists, and nobody else can read it."""
    if not create and not file.exists():
        raise _missing(Place(file=file))
    try:
        private_folder(file.parent)
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.fchmod(handle, 0o600)
        finally:
            os.close(handle)
    except OSError as error:
        raise OutsideError(f"the ledger {file} cannot be opened: {error.strerror}") from error


def _postgresql(place: Place) -> sa.Engine:
    try:
        return sa.create_engine(place.url, connect_args={**place.options, "connect_timeout": WAIT_SECONDS}, hide_parameters=True)
    except ImportError:
        raise OutsideError("the driver of PostgreSQL, psycopg, is not installed", hint="install engross with its extra `postgres`") from None


def _sqlite(file: Path) -> sa.Engine:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(file)), connect_args={"timeout": WAIT_SECONDS}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself: `_begun` does
        # The change to a write-ahead log needs the file alone and does not wait for it: one process at a time. The folder is locked, not the
        # file: closing a second handle of the file would drop SQLite's own locks (POSIX, fcntl).
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            connection.execute("PRAGMA journal_mode = WAL").close()
        finally:
            os.close(folder)
        for pragma in ("synchronous = FULL", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: sa.Connection) -> None:
        # IMMEDIATE takes the right to write at once; a transaction that only reads would fail when it wants to write after another one has
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("engross_writes") else "BEGIN")

    return engine
