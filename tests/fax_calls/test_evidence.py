"""What records show. Those in records/ come from real calls between two modems (`make test-fax-call` makes them anew); of the logs, single frames are left out."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from engross.dispatch.fax.evidence import FaxOutcome, read
from engross.ledger import Status

RECORDS = Path(__file__).with_name("records")


def real(name: str) -> tuple[bytes, bytes]:
    return (RECORDS / f"{name}.record").read_bytes(), (RECORDS / f"{name}.log").read_bytes()


def changed(name: str, *, log: bool = True, without: str = "", **fields: str) -> FaxOutcome:
    """The outcome of a real call of which some lines were other ones."""
    record, text = real(name)
    for field, value in fields.items():
        record, count = re.subn(rf"(?m)^{field}:.*$".encode(), f"{field}:{value}".encode(), record)
        assert count == 1, field
    if without:
        assert without.encode() in text
        text = b"".join(line for line in text.splitlines(keepends=True) if without.encode() not in line)
    return read(record, text if log else b"")


REAL = [
    # name, result, cause, pages, rate, ecm, seconds
    ("arrives", Status.ACKNOWLEDGED, "", 2, 14400, True, 52),
    ("without-ecm", Status.ACCEPTED, "", 2, 14400, False, 60),
    ("old-receiver", Status.ACCEPTED, "", 2, 9600, False, 79),
    ("no-answer", Status.FAILED, "no-answer", 0, 0, None, 46),
    ("cancelled", Status.FAILED, "cancelled", 0, 14400, True, 23),
    ("vanishes", Status.UNCERTAIN, "no-confirmation", 1, 14400, True, 93),
]


@pytest.mark.parametrize(("name", "result", "cause", "pages", "rate", "ecm", "seconds"), REAL)
def test_a_real_call_is_read_as_what_it_was(name, result, cause, pages, rate, ecm, seconds) -> None:
    outcome = read(*real(name))
    assert (outcome.result, outcome.cause, outcome.pages, outcome.total) == (result, cause, pages, 2)
    assert (outcome.rate, outcome.ecm) == (rate, ecm)
    assert outcome.seconds is not None
    assert round(outcome.seconds) == seconds
    assert (outcome.number, outcome.dialled) == ("+12025550101", "12025550101")
    assert outcome.ended
    assert outcome.csid == ("" if name == "no-answer" else "+1 202 555 0101")
    assert not outcome.csid_differs
    json.dumps(outcome.details())


def test_a_call_that_was_never_answered_says_nothing_of_rate_and_coding() -> None:
    assert b"signalrate:14400 bit/s" in real("no-answer")[0], "HylaFAX writes what it would have liked"
    assert (read(*real("no-answer")).rate, read(*real("no-answer")).coding) == (0, "")


VARIANTS = [
    ("no CSI", {"name": "arrives", "csi": "<UNSPECIFIED>"}, Status.ACCEPTED),
    ("ECM unknown: MR without log", {"name": "arrives", "log": False, "dataformat": "2-D MR"}, Status.ACCEPTED),
    ("no log, but MMR goes with ECM only", {"name": "arrives", "log": False}, Status.ACKNOWLEDGED),
    ("done with a page less", {"name": "arrives", "npages": "1"}, Status.PARTIAL),
    ("done with no page at all", {"name": "arrives", "npages": "0"}, Status.UNCERTAIN),
    ("two calls, of which the last had one page", {"name": "arrives", "tottries": "2", "without": "page 1 of 2"}, Status.ACCEPTED),
    ("two calls, all pages in the last", {"name": "arrives", "tottries": "2"}, Status.ACKNOWLEDGED),
    ("in the queue", {"name": "arrives", "state": "3", "npages": "1"}, Status.ACCEPTED),
    ("failed with every page confirmed", {"name": "vanishes", "npages": "2"}, Status.UNCERTAIN),
    ("the last page was not begun", {"name": "vanishes", "without": "SEND send EOP"}, Status.PARTIAL),
    ("the last page, without a log that could tell", {"name": "vanishes", "log": False}, Status.UNCERTAIN),
    ("a page of three", {"name": "vanishes", "totpages": "3"}, Status.PARTIAL),
    ("one page, no confirmation", {"name": "vanishes", "npages": "0", "totpages": "1"}, Status.UNCERTAIN),
    ("engaged", {"name": "no-answer", "status": "Busy signal detected; too many attempts to dial"}, Status.FAILED),
]


@pytest.mark.parametrize(("what", "change", "result"), VARIANTS, ids=[what for what, _, _ in VARIANTS])
def test_the_rule_holds_at_its_edges(what, change, result) -> None:
    assert changed(**change).result is result


WORDS = [
    ("Busy signal detected; too many attempts to dial", "busy"),
    ("No answer from remote", "no-answer"),
    ("Ringback detected, no answer without CED", "no-answer"),
    ("No carrier detected", "no-fax"),
    ("No local dialtone", "line-dead"),
    ("Kill time expired", "time-over"),
    ("REJECT: Too many attempts to dial: 3, max 3", "rejected"),
    ("Something that HylaFAX will say in ten years", "other"),
    ("", "other"),
]


@pytest.mark.parametrize(("words", "cause"), WORDS)
def test_the_cause_of_a_failure(words, cause) -> None:
    assert changed("no-answer", status=words).cause == cause


NAMES = [("+1 202 555 0101", False), ("2025550101", False), ("5550101", False), ("+41 22 555 01 99", True), ("EXAMPLE MISSION", False), ("0101", False), ("", False)]


@pytest.mark.parametrize(("name", "differs"), NAMES)
def test_a_machine_that_names_another_number_is_flagged(name, differs) -> None:
    outcome = changed("arrives", csi=name, without="REMOTE CSI")
    assert (outcome.csid, outcome.csid_differs) == (name, differs)
    assert replace(outcome, csid_differs=False).result is outcome.result


def test_what_a_machine_calls_itself_is_kept_byte_for_byte_and_harms_nothing() -> None:
    record = real("arrives")[0].replace(b"csi:+1 202 555 0101", b"csi:\x1b[2J<script>\xff")
    assert read(record).csid == "\x1b[2J<script>\udcff"


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"<html>", b"state\nnumber"])
def test_what_is_no_record_is_refused(data) -> None:
    with pytest.raises(ValueError, match="no queue record"):
        read(data)
