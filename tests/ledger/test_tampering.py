"""Whoever writes into the database behind the program's back is found out, in each way there is."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from engross.ledger import Delivery, Head, Kind, LedgerError, Status
from engross.ledger.chain import row_after, seal
from engross.ledger.model import Event
from tests.ledger.facts import FAX, GENEVA, MAIL, NUMBER, OTHER_NUMBER, T0, canonical_event, open_ledger

COLUMNS = "sequence, previous, hash, delivery, number, event"
Change = Callable[[sqlite3.Connection], object]


@pytest.fixture
def known(tmp_path: Path) -> tuple[Path, Head]:
    """A ledger with six rows, and its head."""
    with open_ledger(tmp_path) as ledger:
        ledger.plan({FAX: NUMBER, GENEVA: OTHER_NUMBER, MAIL: "desk@example.org"}, T0)
        ledger.hold(FAX, by="clerk", reason="wait", now=T0)
        ledger.release(FAX, by="clerk", reason="go", now=T0)
        return tmp_path, ledger.head()


def tamper(folder: Path, change: Change) -> None:
    connection = sqlite3.connect(folder / "ledger.sqlite3")
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    change(connection)
    connection.commit()
    connection.close()


def swap(connection: sqlite3.Connection) -> None:
    rows = {row[0]: row for row in connection.execute(f"SELECT {COLUMNS} FROM engross_ledger WHERE sequence IN (3, 4)").fetchall()}
    connection.execute("DELETE FROM engross_ledger WHERE sequence IN (3, 4)")
    for sequence, other in ((3, 4), (4, 3)):
        connection.execute("INSERT INTO engross_ledger VALUES (?, ?, ?, ?, ?, ?)", (sequence, *rows[other][1:]))


def rewrite(connection: sqlite3.Connection) -> None:
    """Change one event and every hash after it, as somebody would who knows how the chain is made."""
    rows = connection.execute(f"SELECT {COLUMNS} FROM engross_ledger ORDER BY sequence").fetchall()
    connection.execute("DELETE FROM engross_ledger")
    previous = "0" * 64
    for sequence, _, _, delivery, number, event in rows:
        text = event.replace(NUMBER, "+12025550199")
        hashed = seal(sequence, previous, text)
        connection.execute("INSERT INTO engross_ledger VALUES (?, ?, ?, ?, ?, ?)", (sequence, previous, hashed, delivery, number, text))
        previous = hashed


def update(column: str, value: str) -> Change:
    return lambda connection: connection.execute(f"UPDATE engross_ledger SET {column} = {value} WHERE sequence = 3")


CHANGES: dict[str, tuple[Change, str]] = {
    "an event": (update("event", f"replace(event, '{OTHER_NUMBER}', '+12025550199')"), "row 3 was changed: its hash does not match"),
    "a time": (update("event", "replace(event, '09:00', '08:00')"), "row 3 was changed"),
    "a hash": (update("hash", "'ff'"), "row 3 was changed"),
    "the link": (update("previous", "'ff'"), "row 3 does not follow"),
    "the delivery of a row": (update("delivery", "'x/1/y/fax/en'"), "its columns do not match"),
    "the number of a row": (update("number", "7"), "its columns do not match"),
    "a row deleted": (lambda c: c.execute("DELETE FROM engross_ledger WHERE sequence = 3"), "row 3 is missing"),
    "rows deleted": (lambda c: c.execute("DELETE FROM engross_ledger WHERE sequence IN (3, 4)"), "rows 3 to 4 are missing"),
    "the end cut off": (lambda c: c.execute("DELETE FROM engross_ledger WHERE sequence > 4"), "rolled back or cut"),
    "two rows exchanged": (swap, "row 3"),
    "everything rewritten with fresh hashes": (rewrite, "row 6 is not the row that was there"),
    "spaces in the JSON": (update("event", "replace(event, ',', ', ')"), "row 3 was changed"),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("witness", ["the manifest's head", "what this machine saw"])
def test_each_change_is_found(known: tuple[Path, Head], name: str, witness: str) -> None:
    folder, head = known
    change, message = CHANGES[name]
    tamper(folder, change)
    if witness == "the manifest's head":
        shutil.rmtree(folder / "seen")
    with open_ledger(folder, create=False) as ledger:
        found = ledger.verify(head=head if witness == "the manifest's head" else None)
        assert re.search(message, " / ".join(f.message for f in found)), found
        with pytest.raises(LedgerError):
            ledger.require(head=head if witness == "the manifest's head" else None)


def test_a_row_that_is_sealed_but_not_canonical_or_not_an_event_is_found(known: tuple[Path, Head]) -> None:
    folder, _ = known
    for text, message in (('{"b": 1}', "not in canonical form"), ("nothing", "is not JSON"), ("[]", "columns do not match")):

        def change(connection: sqlite3.Connection, text: str = text) -> None:
            (previous,) = connection.execute("SELECT previous FROM engross_ledger WHERE sequence = 6").fetchone()
            connection.execute("UPDATE engross_ledger SET event = ?, hash = ? WHERE sequence = 6", (text, seal(6, previous, text)))

        tamper(folder, change)
        with open_ledger(folder) as ledger:
            assert message in " ".join(f.message for f in ledger.verify())
            with pytest.raises(LedgerError, match="row 6 of the ledger cannot be read"):
                ledger.events(FAX)


def test_a_chain_that_is_whole_but_breaks_the_rules_is_found(known: tuple[Path, Head]) -> None:
    folder, _ = known
    with open_ledger(folder) as ledger:
        state = ledger.state(GENEVA)
        assert state
        event = canonical_event(Kind.ACCEPTED, state)
        with ledger._database.appending() as transaction:
            transaction.append(Event(event.kind, T0, GENEVA, 2, event.data))
        (fault,) = ledger.verify()
        assert (fault.sequence, "has no attempt 1" in fault.message) == (7, True)


def test_the_database_itself_refuses_changes(known: tuple[Path, Head]) -> None:
    connection = sqlite3.connect(known[0] / "ledger.sqlite3")
    for statement in ("UPDATE engross_ledger SET number = 9", "DELETE FROM engross_ledger"):
        with pytest.raises(sqlite3.IntegrityError, match="only appended to"):
            connection.execute(statement)
    connection.close()


def test_another_ledger_a_missing_one_and_an_emptied_one_are_refused(known: tuple[Path, Head], tmp_path: Path) -> None:
    folder, head = known
    with open_ledger(folder) as ledger:
        assert "this is the ledger" in ledger.verify(uuid4())[0].message
        identity = ledger.identity
    other = tmp_path / "other"
    with pytest.raises(LedgerError, match="there is no ledger"):
        open_ledger(other, create=False)
    assert not other.exists()
    with open_ledger(other) as new, pytest.raises(LedgerError):
        new.require(identity, head)
    with open_ledger(tmp_path / "twin", identity=identity) as twin:
        assert "rolled back" in twin.verify(identity, head)[0].message
    tamper(folder, lambda c: c.execute("DELETE FROM engross_ledger WHERE sequence = 1"))
    with pytest.raises(LedgerError, match="lost its first row"):
        open_ledger(folder)


def test_a_ledger_that_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(b"not a database at all, but long enough to be one" * 100)
    with pytest.raises(LedgerError, match="damaged"):
        open_ledger(tmp_path)


def test_nothing_is_written_on_a_ledger_that_was_put_back_and_a_person_goes_on(known: tuple[Path, Head]) -> None:
    folder, _ = known
    copy = folder / "copy"
    shutil.copy(folder / "ledger.sqlite3", copy)
    with open_ledger(folder) as ledger:
        payload = ledger.objects.put(b"the fax")
        ledger.commit(ledger.claim(FAX, owner="a", until=T0.replace(hour=12), token="t", payload=payload, now=T0), now=T0)
    shutil.move(copy, folder / "ledger.sqlite3")
    with open_ledger(folder) as ledger:
        assert ledger.state(FAX).status is Status.PLANNED  # type: ignore[union-attr]
        with pytest.raises(LedgerError, match="no longer has row 8"):
            ledger.claim(FAX, owner="b", until=T0.replace(hour=12), token="t", payload=payload, now=T0)
        held = ledger.restored(by="clerk", reason="disk failure", now=T0)
        assert [s.delivery for s in held] == [FAX, GENEVA, MAIL]
        assert ledger.verify() == []
        assert ledger.release(FAX, by="clerk", reason="asked them", now=T0).status is Status.PLANNED
        assert [e.data["lost"] for e in ledger.events() if e.kind is Kind.RESTORED] == [8]


def test_a_damaged_memory_of_what_was_seen_is_reported(known: tuple[Path, Head]) -> None:
    folder, _ = known
    (seen,) = (folder / "seen").glob("*.json")
    seen.write_text("{}")
    with pytest.raises(LedgerError, match="cannot be read"):
        open_ledger(folder)


def test_the_hash_is_what_the_page_says(known: tuple[Path, Head]) -> None:
    event = Event(Kind.PLANNED, T0, Delivery.parse("l/1/m/hand/x"), 1, {"b": "é\n", "a": [1, None]})
    row = row_after(None, event)
    assert row.event == '{"at":"2018-06-06T09:00:00+00:00","data":{"a":[1,null],"b":"é\\n"},"delivery":"l/1/m/hand/x","kind":"planned","number":1}'
    whole = {"sequence": 1, "previous": "0" * 64, "event": json.loads(row.event)}
    assert row.hash == hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
