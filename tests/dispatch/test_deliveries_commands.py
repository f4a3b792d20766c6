"""`engross deliveries`: a list that hundreds fit into, actions that take what they say, and what was done without the program."""

from __future__ import annotations

import json
import re
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engross.cli import listing
from engross.cli.actions import ACTIONS, fault, help_text, option
from engross.cli.app import app
from engross.ledger import MAIL, Channel, Delivery, Ledger, State, Status
from tests.dispatch.office import Office
from tests.dispatch.small import LETTER, MISSIONS

A, B, C = MISSIONS[:3]
BY = ("--by", "desk officer", "--reason", "they rang")


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "receipt.txt"
    path.write_text("received")
    return path


def test_the_list_is_narrowed_by_state_mission_and_way(office: Office) -> None:
    office.send("--to", A, "--to", B, "--to", C, code=3)

    def listed(*arguments: str) -> list[str]:
        return [row["recipient"] for row in json.loads(office.run("deliveries", LETTER, "list", "--json", *arguments))]

    assert listed() == [A, B, C]
    assert listed("--state", "refused") == [C]
    assert listed("--state", "refused", "--state", "accepted", "--to", B) == [B]
    assert listed("--via", "fax") == []
    shown = office.run("deliveries", LETTER)
    assert f"{LETTER}, edition 1: 3 deliveries to 3 missions:\n       2  accepted" in shown
    assert f"refused ({C}): right the address" in shown
    assert "next:" not in office.run("deliveries", LETTER, "list", "--state", "accepted")
    office.run("deliveries", LETTER, "list", "--state", "gone", code=2)
    assert "states are planned, claimed" in office.errors
    office.run("deliveries", LETTER, "list", "--to", "mission-22", code=2)
    assert "did you mean 'mission-0" in office.errors


def test_hundreds_are_a_sum_and_those_that_need_a_person(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    def of(number: int, edition: int, status: Status, reason: str) -> State:
        return State(Delivery("letter", edition, f"m-{number:03}", Channel.EMAIL, MAIL), status, f"m-{number:03}@example.org", reason=reason)

    states = [of(n, 2, Status.ACCEPTED, "250 queued") for n in range(383)]
    states += [of(n, 2, Status.UNCERTAIN, "the line dropped") for n in range(383, 386)]
    states += [of(n, 1, Status.ACCEPTED, "250 queued") for n in range(9)]
    listing.show(states, ledger, json=False, everything=False)
    said = capsys.readouterr().out.splitlines()
    assert said[:3] == [
        "letter, edition 2: 386 deliveries to 386 missions:",
        "     383  accepted: a server took it; whether it arrived is not known",
        "       3  uncertain: it broke off in the last step: they may have it or not",
    ]
    assert "  uncertain: 3 missions: the line dropped: m-383, m-384, m-385" in said
    assert "letter, edition 1: 9 deliveries to 9 missions:" in said
    assert len(said) == 9
    listing.show(states, ledger, json=False)
    assert sum("@example.org" in line for line in capsys.readouterr().out.splitlines()) == len(states)


def test_tests_are_listed_apart_and_in_no_sum(office: Office) -> None:
    office.send("--to", A, "--to", B)
    office.monkeypatch.setenv("ENGROSS_DELIVER_TO", "test@example.org")
    office.send("--to", B, "--to", C)
    office.monkeypatch.delenv("ENGROSS_DELIVER_TO")
    listed = office.run("deliveries", LETTER).splitlines()
    assert f"{LETTER}, edition 1: 2 deliveries to 2 missions:" in listed
    tests = listed[listed.index("2 tests, which no mission got and no sum counts:") + 1 :]
    assert [(line.split()[4:9], "to test@example.org  accepted" in line) for line in tests] == [
        ([B, "email", "mail", "to", "test@example.org"], True),
        ([C, "email", "mail", "to", "test@example.org"], True),
    ]
    (only,) = [line for line in office.run("deliveries", LETTER, "list", "--to", C).splitlines() if C in line]
    assert "to test@example.org  accepted" in only
    assert "tests" not in office.run("deliveries", LETTER, "list", "--state", "accepted")
    assert len(json.loads(office.run("deliveries", LETTER, "--json"))) == 2


def test_a_server_that_is_not_there_is_told_by_its_name_and_in_words(office: Office) -> None:
    settings = office.root / "pyproject.toml"
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        settings.write_text(re.sub(r"port = \d+", f"port = {port}", settings.read_text("utf-8")), "utf-8")
        sent = office.send("--to", A, code=3)
    assert f"deferred: localhost:{port}: Connection refused (while connecting)" in sent


def test_without_a_ledger_nobody_is_told_how_to_send_all_the_same(office: Office) -> None:
    assert office.run("send", LETTER, "--via", "email").splitlines()[-1] == "nothing was sent; --yes sends"
    shutil.rmtree(office.root.parent / "state")
    assert office.run("send", LETTER, "--via", "email").splitlines()[-1] == "nothing was sent"


def test_hints_name_the_letter(office: Office) -> None:
    shutil.rmtree(office.root.parent / "state")
    for command, code in ((("deliveries", LETTER), 1), (("send", LETTER, "--via", "email"), 0), (("archive", LETTER, "bag"), 1)):
        office.run(*command, code=code)
        assert "LETTER" not in office.errors
        assert f"engross deliveries {LETTER} init" in office.errors or command[0] == "archive"


def test_each_action_takes_only_what_it_says() -> None:
    assert fault("hold", ["to", "by", "reason", "via"]) == ""
    assert fault("hold", ["to", "decision", "files"]) == "hold needs --by, --reason; hold takes no --decision, FILES"
    assert fault("resolv", []).startswith("there is no 'resolv'; did you mean 'resolve'?")
    assert fault("list", []) == fault("init", []) == ""


def test_the_help_has_every_action_and_the_options_exist() -> None:
    (command,) = [one for one in app.registered_commands if one.callback and one.callback.__name__ == "deliveries"]
    assert command.help == help_text()
    parameters = command.callback.__code__.co_varnames[: command.callback.__code__.co_argcount]  # type: ignore[union-attr]
    assert {name for one in ACTIONS.values() for name in (*one.needs, *one.takes)} == set(parameters) - {"context", "letter", "action"}
    assert all(f"[bold]{name}[/]" in help_text() for name in ACTIONS)
    assert option("everything") == "--all"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("hold", "--to", A, "--by", "clerk"), "hold needs --reason"),
        (("hold", "--to", A, "--by", "clerk", "--reason", ""), "--reason: it is empty"),
        (("hold", "--to", A, *BY, "--decision", "again"), "hold takes no --decision"),
        (("import",), "import needs FILES: what came back, as .eml files"),
        (("report",), "report needs FILES: the PDF to write, for instance record.pdf"),
        (("import", "absent.eml"), "there is no absent.eml"),
        (("list", "some.eml"), "list takes no FILES"),
        (("report", "record.txt"), "one PDF file"),
        (("hold", "--to", A, "--via", "pigeon", *BY), "one of email, fax, hand, post, courier"),
        (("hold", "--to", A, *BY), "nothing was planned yet"),
    ],
)
def test_a_mistake_is_named(office: Office, arguments: tuple[str, ...], words: str) -> None:
    office.run("deliveries", LETTER, *arguments, code=2)
    assert words in office.errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--via", "hand", "--at", "2018-06-06T15:30"), "write the time zone too"),
        (("--via", "hand", "--at", "yesterday"), "'yesterday' is no time"),
        (("--via", "hand", "--at", (datetime.now(UTC) + timedelta(days=2)).isoformat()), "in the future"),
        (("--via", "hand", "--result", "refused"), "one of accepted, acknowledged, failed, partial"),
        (("--via", "hand", "--pages", "2"), "only a fax has a confirmation sheet"),
        (("--via", "hand", "-l", "a packet"), "packet is not an id: 'a packet'"),
        (("--via", "email", "-l", "en"), "a message has all languages"),
        (("--via", "fax", "-l", "en", "--result", "acknowledged"), "follows from what its confirmation sheet says"),
        (("--via", "fax"), "a fax is entered with -l LANGUAGE"),
        (("--via", "hand", "--edition", "7"), "no official edition 7"),
    ],
)
def test_what_cannot_have_been_is_not_recorded(office: Office, receipt: Path, arguments: tuple[str, ...], words: str) -> None:
    office.run("deliveries", LETTER, "record", "--to", A, "--by", "clerk", "--evidence", str(receipt), *arguments, code=2)
    assert words in office.errors
    assert office.states() == {}


def test_what_does_not_follow_is_explained_and_no_wrong_address_is_taken(office: Office) -> None:
    office.send("--to", A)
    office.decide("hold", A, *BY, code=1)
    assert "is accepted; held does not follow hint: hold: stops a delivery until its release; not once it is being submitted" in office.errors
    for wrong in ("mission", "a@example.org, b@example.org", "a@example.org\nBcc: b@example.org"):
        office.decide("correct", A, *BY, "--address", wrong, code=2)
        assert "cannot be written to" in office.errors
    assert office.states()[A]["status"] == "accepted"


def test_what_was_done_by_hand_is_recorded_with_its_evidence(office: Office, receipt: Path) -> None:
    entry = ("deliveries", LETTER, "record", "--to", A, "--by", "clerk", "--via", "courier", "--at", "2018-06-06T15:30+02:00")
    said = office.run(*entry, "--evidence", str(receipt), "--result", "acknowledged")
    assert f"{A}  courier letter    acknowledged" in said
    receipt.write_text("")
    office.run(*entry, "--evidence", str(receipt), code=2)
    assert "there is nothing in" in office.errors


def test_an_archive_that_is_not_whole_says_so_and_does_not_end_as_if_it_were(office: Office) -> None:
    shutil.rmtree(office.root.parent / "state")
    assert "without 1 thing" in office.run("archive", LETTER, str(office.root.parent / "bag"), code=1)
    assert "not in the bag: the ledger" in office.errors
    office.run("archive", LETTER, str(office.root.parent / "bag"), code=2)
