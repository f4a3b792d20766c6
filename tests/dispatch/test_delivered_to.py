"""ENGROSS_DELIVER_TO: everything goes to a test address and number, says so everywhere, leaves a trace in the record, and leaves the deliveries to be made."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from engross.dispatch import archiving, reporting
from engross.ledger import Channel, Delivery, Event, Ledger, Status
from engross.project import find
from engross.report.model import Way
from tests.dispatch.conftest import end, start_server
from tests.dispatch.fake_server import Script
from tests.dispatch.small import LETTER, copy, run, smtp, taken

ADDRESS, NUMBER = "test@example.org", "+12025550199"
SERVICE = '[tool.engross.offices.example-office.fax_server]\nkind = "gateway"\naddress = "{digits}@fax.example.org"\n'


@dataclass(frozen=True)
class World:
    unrecorded: CompletedProcess[str]
    """A test where there was no ledger yet."""
    test: CompletedProcess[str]
    tested: list[str]
    """Who the server was told of in the test."""
    after: list[dict[str, object]]
    """The deliveries when only the test had been made."""
    real: CompletedProcess[str]
    sent: list[str]
    events: list[tuple[Delivery, Event]]
    messages: list[EmailMessage]
    ways: list[Way]
    bag: Path


@pytest.fixture(scope="module")
def world(small: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("delivered-to")
    server, port = start_server(folder / "world", Script())
    workspace = copy(small, folder / "workspace", smtp(port) + SERVICE)
    (folder / "tesseract").write_text("#!/bin/sh\nexit 1\n")  # faxes are not read here, which takes seconds: somebody says that they may go
    (folder / "tesseract").chmod(0o755)
    path, redirected = f"{folder}:{os.environ['PATH']}", f"{ADDRESS},{NUMBER}"
    chosen = ("send", LETTER, "--to", "mission-00", "--to", "mission-01", "--yes", "--unreadable-by", "desk officer", "--because", "a test")
    try:
        unrecorded = run(workspace, *chosen[:4], "--via", "email", "--yes", ENGROSS_DELIVER_TO=ADDRESS)
        before = len(taken(workspace))
        with Ledger.open(folder / "state/engross/ledger/ledger.sqlite3", offices=1, now=datetime.now(UTC)) as ledger:
            test = run(workspace, *chosen, ENGROSS_DELIVER_TO=redirected, PATH=path)
            tested = taken(workspace)[before:]
            after = json.loads(run(workspace, "deliveries", LETTER, "--json").stdout)
            real = run(workspace, *chosen, PATH=path)
            events = ledger.tests(LETTER)
            payloads = [ledger.objects.get(event.data["payload"]["sha256"]) for _, event in events]
            assert ledger.verify() == []
            report = reporting.gather(find(workspace), LETTER, ledger, "en")
            archiving.archive(find(workspace), LETTER, ledger, folder / "bag", datetime.now(UTC))
    finally:
        end(server)
    messages = [message_from_bytes(data, policy=default) for data in payloads]
    ways = [way for mission in report.missions for way in mission.ways]
    return World(unrecorded, test, tested, after, real, taken(workspace)[before + len(tested) :], events, messages, ways, folder / "bag")


def test_the_envelope_of_every_channel_is_rewritten(world: World) -> None:
    assert world.test.returncode == 0, world.test.stdout + world.test.stderr
    assert sorted(world.tested) == ["12025550199@fax.example.org"] * 2 + [ADDRESS] * 2


def test_the_message_says_that_it_is_a_test_and_names_no_mission_as_its_recipient(world: World) -> None:
    mails = [message for (delivery, _), message in zip(world.events, world.messages, strict=True) if delivery.channel is Channel.EMAIL]
    assert len(mails) == 2
    for mail in mails:
        assert mail["Subject"].startswith("[TEST]")
        assert [address.addr_spec for address in mail["To"].addresses] == [ADDRESS]


def test_every_output_says_so(world: World) -> None:
    for told in (world.test, world.unrecorded):
        assert "mission-00@" not in told.stdout
        lines = [line for line in told.stdout.splitlines() if "accepted" in line or "@" in line or "goes to" in line]
        assert lines
        assert [line for line in lines if "test" not in line.casefold()] == []


def test_the_deliveries_are_not_occupied(world: World) -> None:
    assert world.after == []
    assert world.real.returncode == 0, world.real.stdout + world.real.stderr
    assert sorted(world.sent) == ["12025550100@fax.example.org", "12025550101@fax.example.org", "mission-00@example.org", "mission-01@example.org"]


def test_the_test_is_on_record(world: World) -> None:
    assert {(delivery.recipient, delivery.channel, event.data["address"]) for delivery, event in world.events} == {
        (f"mission-0{n}", channel, address) for n in range(2) for channel, address in ((Channel.EMAIL, ADDRESS), (Channel.FAX, NUMBER))
    }
    for _, event in world.events:
        assert event.delivery is None
        assert event.data["result"] == "accepted"
        assert event.data["from"] == "office@example.org"
        assert "queued as" in event.data["reason"]
    assert "not put on record" in world.unrecorded.stderr


def test_the_report_and_the_archive_have_it_apart_from_the_deliveries(world: World) -> None:
    assert sorted((way.channel, way.test, way.state) for way in world.ways) == sorted(
        (channel, test, "accepted") for channel in ("email", "fax") for test in (True, False) for _ in range(2)
    )
    assert {way.address for way in world.ways if way.test} == {ADDRESS, NUMBER}
    lines = [json.loads(line) for line in (world.bag / "data/ledger/events.jsonl").read_text().splitlines()]
    assert sum(line["kind"] == "tested" for line in lines) == 4
    assert [line["sequence"] for line in lines] == sorted(line["sequence"] for line in lines)
    assert all((world.bag / "data/ledger/objects" / event.data["payload"]["sha256"]).exists() for _, event in world.events)


def test_a_test_changes_no_delivery_that_was_planned_or_made(ledger: Ledger) -> None:
    from tests.dispatch.facts import T0

    delivery = Delivery("letter", 1, "new-york", Channel.EMAIL, "mail")
    payload = ledger.objects.put(b"x")
    ledger.tested(delivery, address=ADDRESS, result=Status.REFUSED, token="<t>", payload=payload, now=T0)
    assert ledger.state(delivery) is None
    ledger.plan({delivery: "mission@example.org"}, T0)
    before = ledger.state(delivery)
    ledger.tested(delivery, address=ADDRESS, result=Status.ACCEPTED, token="<t>", payload=payload, now=T0)
    assert ledger.state(delivery) == before
    assert ledger.find("<t>") is None
    assert ledger.verify() == []
