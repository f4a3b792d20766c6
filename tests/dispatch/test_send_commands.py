"""`engross send` and what people decide, on a small edition for twelve missions. The program runs in this process, so that its clock can be set and its Ctrl-C timed; servers are real."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engross.cli import sending as command
from engross.dispatch.email.way import EmailWay
from engross.ledger import Kind, Ledger
from tests.dispatch import small as edition
from tests.dispatch.office import Office
from tests.dispatch.small import LETTER, taken
from tests.fax_calls.hylafax import HylaFax, until

A, B, C = edition.MISSIONS[:3]
THREE = ("--to", A, "--to", B, "--to", C)
BY = ("--by", "desk officer", "--reason", "wait for the minister")
NOTICE = "edition 2 of the letter. It corrects and replaces edition 1"
SUNDAY = datetime(2030, 1, 6, 15, tzinfo=UTC)


def test_a_held_delivery_waits_for_its_release(office: Office) -> None:
    office.send("--to", C, code=3)
    office.send("--to", A)
    assert "held" not in office.decide("correct", C, *BY, "--address", "right@example.org")
    office.decide("hold", C, *BY)
    assert f"{C}  email mail  held: wait for the minister" in office.send("--to", C, code=3)
    office.decide("release", C, *BY)
    office.send("--to", C)
    assert taken(office.root) == [f"{A}@example.org", "right@example.org"]


def test_what_is_cancelled_before_it_was_sent_never_goes_and_nothing_is_left_to_do(office: Office) -> None:
    office.monkeypatch.setattr(command, "_now", lambda: SUNDAY)
    office.send("--to", A, "--in-hours", code=3)
    office.decide("cancel", A, *BY)
    office.monkeypatch.setattr(command, "_now", lambda: datetime.now(UTC))
    assert f"{A}  email mail  cancelled: wait for the minister" in office.send("--to", A, "--to", B)
    assert taken(office.root) == [f"{B}@example.org"]


def test_a_correction_keeps_the_attempt_that_went_wrong_and_says_why(office: Office) -> None:
    office.send("--to", A)
    office.decide("correct", A, "--by", "desk officer", "--reason", "it is the consulate's", "--address", "right@example.org")
    assert f"! corrected by a person: the address book says {A}@example.org" in office.send("--to", A)
    row = office.states()[A]
    assert [(attempt["address"], attempt["misdirected"]) for attempt in row["attempts"]] == [(f"{A}@example.org", True), ("right@example.org", False)]
    with Ledger.open(office.root.parent / "state/engross/ledger/ledger.sqlite3", offices=1, now=SUNDAY, create=False) as ledger:
        assert [event.data["reason"] for event in ledger.events() if event.kind is Kind.CORRECTED] == ["it is the consulate's"]


@pytest.mark.parametrize("action", ["hold", "release", "cancel", "correct", "resolve"])
def test_a_decision_says_who_and_why(office: Office, action: str) -> None:
    for lacking in (("--by", "desk officer"), ("--reason", "they rang")):
        office.decide(action, A, *lacking, code=2)
        assert re.search(r"--(by|reason)", office.errors)


def test_only_what_is_uncertain_is_resolved_as_sent(office: Office) -> None:
    office.send("--to", A)
    office.decide("resolve", A, *BY, "--decision", "arrived", code=1)
    assert "only an uncertain delivery is resolved as arrived" in office.errors
    office.decide("resolve", A, *BY, "--decision", "perhaps", code=2)
    assert "not-sent" in office.errors


def test_one_address_under_two_missions_is_held_for_a_person(office: Office) -> None:
    book = office.root / "content/missions.yaml"
    book.write_text(book.read_text().replace(f"{B}@example.org", f"{A.upper()}@example.org"))
    sent = office.send("--to", A, "--to", B, code=3)
    assert f"{A}  email mail  held: the same number or address as {B}" in sent
    assert f"{B}  email mail  held: the same number or address as {A}" in sent
    assert f"held ({A}, {B}): let it go, or end it with cancel" in sent
    assert taken(office.root) == []
    office.decide("release", A, *BY)
    office.decide("release", B, *BY)
    office.send("--to", A, "--to", B)
    assert len(taken(office.root)) == 2


def test_an_address_book_that_has_changed_since_the_edition_is_pointed_out(office: Office) -> None:
    note = "the address book has changed since the edition was made"
    assert note not in office.run("send", LETTER, "--via", "email", "--to", A)
    book = office.root / "content/missions.yaml"
    book.write_text(book.read_text().replace(f"{A}@example.org", "moved@example.org"))
    shown = office.run("send", LETTER, "--via", "email", "--to", A)
    assert f"{A}  email  moved@example.org" in shown
    assert note in shown


def test_why_nothing_goes_to_anybody_is_said(office: Office) -> None:
    source = office.root / f"content/{LETTER}/letter.md"
    source.write_text(re.sub(r"(?m)^recipients: .*\n", "", source.read_text()))
    assert edition.run(office.root, "build", LETTER, "--official", "-f", "pdf").returncode == 0
    office.run("send", LETTER, code=1)
    assert f"{LETTER} goes to no mission: neither cc nor recipients in content/{LETTER}/letter.md name one" in office.errors


@pytest.fixture
def second(office: Office) -> Office:
    """One mission has edition 1, and edition 2 is made."""
    office.send("--to", A)
    source = office.root / f"content/{LETTER}/letter.md"
    source.write_text(source.read_text().replace("edition: 1", "edition: 2\nsupersedes: 1\nreason: a number was wrong", 1))
    built = edition.run(office.root, "build", LETTER, "--official", "-f", "pdf", "-f", "fax")
    assert built.returncode == 0, built.stdout + built.stderr
    return office


def test_a_new_edition_tells_those_who_had_the_old_one_and_no_others(second: Office) -> None:
    shown = second.send("--to", A, "--to", B)
    assert shown.count("had edition 1: goes with a correction notice") == 1
    rows = [row for row in json.loads(second.run("deliveries", LETTER, "--json")) if row["edition"] == 2]
    texts = {row["recipient"]: " ".join(second.message(row["attempts"][0]["sha256"]).split()) for row in rows}
    assert NOTICE in texts[A]
    assert NOTICE not in texts[B]
    second.run("deliveries", LETTER, "hold", "--to", A, "--edition", "1", *BY, code=1)
    assert f"{LETTER}/1/{A}/email/mail is accepted" in second.errors


def test_a_new_edition_by_fax_says_so_on_the_cover_of_those_who_had_the_old_one(second: Office, tmp_path: Path) -> None:
    settings = second.root / "pyproject.toml"
    settings.write_text(settings.read_text() + '[tool.engross.offices.example-office.fax_server]\nkind = "manual"\n')
    said = second.run("send", LETTER, "--via", "fax", "--to", A, "--to", B, "--yes")
    assert said.count("had edition 1: goes with a correction notice on its cover") == 1
    papers = [Path(path) for path in re.findall(r"Print (\S+\.pdf) at", said)]
    assert [path.is_relative_to(second.root / "output") for path in papers] == [False, True], "the second is the edition's own"
    covers = []
    for path in papers:
        subprocess.run(["pdftoppm", "-r", "200", "-l", "1", "-gray", "-singlefile", path, tmp_path / "cover"], check=True)
        covers.append(" ".join(subprocess.run(["tesseract", tmp_path / "cover.pgm", "-"], capture_output=True, text=True, check=True).stdout.split()))
    assert [NOTICE in cover for cover in covers] == [True, False]


def test_closed_missions_are_left_for_another_run_where_nobody_looks_on(office: Office) -> None:
    office.monkeypatch.setattr(command, "_now", lambda: SUNDAY)
    closed = office.send(*THREE[:4], "--in-hours", code=3)
    assert f"closed until Mon 2030-01-07 09:00 EST: {A}, {B}" in closed
    assert f"{A}  email mail  planned: the mission is closed; run again after 2030-01-07T09:00:00-05:00" in closed
    assert re.search(r"planned: engross send \S+   after ... 2030-01-07", closed)
    assert taken(office.root) == []
    office.monkeypatch.setattr(command, "_now", lambda: datetime(2030, 1, 7, 14, tzinfo=UTC))
    office.send(*THREE[:4], "--in-hours")
    assert len(taken(office.root)) == 2
    office.run("send", LETTER, "--wait", code=2)
    assert "--in-hours" in office.errors


def test_waiting_looks_at_the_clock_again_and_again_and_hears_when_it_is_to_stop() -> None:
    now, ticks = [datetime(2030, 1, 6, 23, 58, 30, tzinfo=UTC)], list[tuple[int, int]]()

    def sleep(seconds: float) -> None:
        assert seconds <= command.STEP
        now[0] = now[0].replace(minute=now[0].minute + 1) if now[0].minute < 59 else datetime(2030, 1, 7, 9, tzinfo=UTC)  # the lid was closed

    command.wait_until(datetime(2030, 1, 7, 0, 30, tzinfo=UTC), lambda: now[0], sleep, lambda: False, lambda done, total: ticks.append((done, total)))
    assert ticks == [(0, 31), (1, 31)]
    command.wait_until(datetime(2030, 1, 8, tzinfo=UTC), lambda: now[0], sleep, lambda: True, lambda *_: pytest.fail("it was to stop"))


def test_ctrl_c_finishes_the_message_that_is_on_the_line_and_begins_no_other(office: Office) -> None:
    submit = EmailWay.submit

    def interrupted(self, item, parcel, commit):
        os.kill(os.getpid(), signal.SIGINT)
        return submit(self, item, parcel, commit)

    office.monkeypatch.setattr(EmailWay, "submit", interrupted)
    said = office.send(*THREE, code=130)
    assert taken(office.root) == [f"{A}@example.org"]
    assert said.count("planned: not tried: interrupted") == 2
    assert "the same command goes on where it stopped" in office.errors
    office.monkeypatch.setattr(EmailWay, "submit", submit)
    office.send("--to", A, "--to", B)
    assert taken(office.root) == [f"{A}@example.org", f"{B}@example.org"]


def test_ctrl_c_twice_breaks_off_and_says_what_is_not_known(office: Office) -> None:
    def broken(self, item, parcel, commit):
        commit()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    office.monkeypatch.setattr(EmailWay, "submit", broken)
    office.send(*THREE, code=130)
    assert f"broken off at {A} email" in office.errors
    assert {name: row["status"] for name, row in office.states().items()} == {A: "committing", B: "planned", C: "planned"}
    assert re.search(rf"committing \({A}\): if no program is at it any more, it is uncertain then: engross deliveries {LETTER}   after ", office.run("deliveries", LETTER))


def test_json_is_one_document_and_asks_nobody(office: Office) -> None:
    offer = json.loads(office.run("send", LETTER, "--via", "email", *THREE, "--json"))
    assert offer["to_go"] == {"missions": 3, "messages": 3, "faxes": 0, "mail_bytes": 3 * offer["items"][0]["bytes"], "fax_minutes": 0}
    assert [(item["recipient"], item["due"], item["status"]) for item in offer["items"]] == [(A, True, None), (B, True, None), (C, True, None)]
    assert offer["results"] == []
    sent = json.loads(office.send(*THREE, "--json", code=3))
    assert [(result["recipient"], result["status"]) for result in sent["results"]] == [(A, "accepted"), (B, "accepted"), (C, "refused")]


def test_a_sending_ends_with_what_became_of_it_and_what_to_do(office: Office) -> None:
    said = office.send(*THREE, code=3)
    assert "to go out now: 3 messages" in said
    assert re.search(r"3 deliveries:\n +2  accepted: .*\n +1  refused: .*\nnext:\n  refused \(mission-02\): .*engross deliveries \S+ correct --to MISSION --via email", said)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--to", "mission-00x"), "did you mean 'mission-00'?"),
        (("--via", "post"), "one of email, fax"),
        (("--office", "nowhere"), "the settings have no office 'nowhere'"),
        (("-l", "xx"), "do not name the language 'xx'"),
        (("--because", "they asked"), "a role and a reason belong together"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_sent(office: Office, arguments: tuple[str, ...], words: str) -> None:
    office.run("send", LETTER, "--yes", *arguments, code=2)
    assert words in office.errors
    assert taken(office.root) == []


@pytest.fixture(scope="module")
def hylafax() -> Iterator[HylaFax]:
    with HylaFax() as server:
        yield server


def test_an_accepted_fax_job_is_ended_by_cancel(office: Office, hylafax: HylaFax) -> None:
    settings = office.root / "pyproject.toml"
    settings.write_text(settings.read_text() + f'[tool.engross.offices.example-office.fax_server]\nkind = "hylafax"\nport = {hylafax.port}\n')
    line = hylafax.world / "line-0100"
    line.touch()
    office.run("send", LETTER, "--via", "fax", "--to", A, "--yes")
    until(lambda: [number for _, number in hylafax.calls() if number == "+12025550100"])
    shutil.rmtree(office.root / "output")  # what is to be stopped is stopped, whatever became of the edition
    ended = office.run("deliveries", LETTER, "cancel", "--to", A, "--via", "fax", *BY)
    line.unlink()
    assert f"{A}  fax en  +12025550100  failed" in ended
    office.run("deliveries", LETTER, "cancel", "--to", A, "--via", "fax", *BY, code=3)
    assert "no job of" in office.errors
