"""A real mail server: what arrives is what was sent, signatures hold, and its notices close the deliveries."""

from __future__ import annotations

import email
import email.policy
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from engross.dispatch import sending
from engross.dispatch.email import notices
from engross.dispatch.email.way import EmailWay
from engross.dispatch.items import Choice, items
from engross.dispatch.published import Published, read_published
from engross.ledger import Channel, Ledger, State, Status
from engross.project import Project, find
from engross.settings_dispatch import Smime, Smtp
from tests.dispatch.postfix import Postfix

LETTER = "2018-06-06-dprk"


@dataclass(frozen=True)
class Sent:
    """Both missions' messages sent for real, in the settings' way but for the port, which the tests choose."""

    folder: Path
    published: Published
    results: list[sending.Result]
    arrived: dict[str, bytes]
    notices: list[bytes]
    keys: Path
    port: int


def with_port(project: Project, port: int, keys: Path, smime: Smime | None = None) -> Project:
    office = replace(project.settings.offices["example-office"], smtp=Smtp("localhost", port, ca=str(keys / "root.pem")), smime=smime)
    return replace(project, settings=replace(project.settings, offices={office.id: office}))


@pytest.fixture(scope="module")
def sent(campaign: Path, postfix: Postfix, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    project = with_port(find(campaign), postfix.port, keys, Smime(str(keys / "smime.pem"), str(keys / "smime.key")))
    published = read_published(project, LETTER, datetime.now(UTC))
    folder, now = tmp_path_factory.mktemp("sent"), datetime.now(UTC)
    with Ledger.open(folder / "ledger.sqlite3", offices=1, now=now) as ledger:
        found, impossible = items(project, published, Choice(Channel.EMAIL), {}, now)
        assert [item.delivery.recipient for item in found] == ["dprk-new-york", "dprk-geneva"]
        assert impossible == []
        results = sending.send(found, {Channel.EMAIL: EmailWay(project, published.edition, {})}, ledger, lambda: datetime.now(UTC))
    for _ in range(4):  # two messages and two notices
        postfix.wait_for(rb"status=sent \(delivered to maildir\)")
    return Sent(folder, published, results, {name: postfix.box(box)[0] for name, box in (("dprk-new-york", "a"), ("dprk-geneva", "b"))}, postfix.box("office"), keys, postfix.port)


@pytest.fixture
def ledger(sent: Sent, tmp_path: Path) -> Iterator[Ledger]:
    """The ledger as it was right after sending, for each test anew."""
    shutil.copytree(sent.folder, tmp_path / "ledger")
    with Ledger.open(tmp_path / "ledger/ledger.sqlite3", offices=1, now=datetime.now(UTC), create=False) as opened:
        yield opened


def parsed(data: bytes) -> EmailMessage:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def states(ledger: Ledger) -> list[Status]:
    return [state.status for state in ledger.deliveries()]


def test_the_server_took_both(sent: Sent, ledger: Ledger) -> None:
    assert [result.status for result in sent.results] == ["accepted", "accepted"], [result.reason for result in sent.results]
    facts = [event.data for event in ledger.events() if event.kind.value == "accepted"]
    assert all(fact["tls"].startswith("TLSv1.") and fact["dsn"] == "requested" for fact in facts)


@pytest.mark.parametrize("name", ["dprk-new-york", "dprk-geneva"])
def test_what_arrives_is_the_edition(sent: Sent, name: str) -> None:
    message = parsed(sent.arrived[name])
    pdfs = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
    manifest = {entry.language: entry.sha256 for entry in sent.published.manifest.artifacts if entry.kind == "pdf"}
    assert [(part["Content-Language"], hashlib.sha256(part.get_content()).hexdigest()) for part in pdfs] == [("en-US", manifest["en"]), ("ko-KR", manifest["ko"])]
    assert str(pdfs[1].get_filename()).endswith("공동 서한 (한국어).pdf")
    assert message["To"].addresses[0].addr_spec == {"dprk-new-york": "mission-a@example.org", "dprk-geneva": "mission-b@example.org"}[name]
    assert len(message["To"].addresses) == 1
    assert message["From"].addresses[0].addr_spec == message["Reply-To"].addresses[0].addr_spec == "office@example.org"
    assert (datetime.now(UTC) - message["Date"].datetime) < timedelta(minutes=10)
    assert message["X-Unsent"] is None


def test_each_has_a_name_of_its_own_which_the_ledger_knows(sent: Sent, ledger: Ledger) -> None:
    names = {name: parsed(data)["Message-ID"] for name, data in sent.arrived.items()}
    assert len(set(names.values())) == 2
    for name, reference in names.items():
        found = ledger.find(reference)
        assert found
        assert found[0].recipient == name


@pytest.mark.parametrize("name", ["dprk-new-york", "dprk-geneva"])
def test_the_signature_holds_after_transport(sent: Sent, tmp_path: Path, name: str) -> None:
    def verify(data: bytes) -> int:
        (tmp_path / "m.eml").write_bytes(data)
        command = ["openssl", "cms", "-verify", "-in", str(tmp_path / "m.eml"), "-CAfile", str(sent.keys / "root.pem"), "-purpose", "smimesign", "-out", "/dev/null"]
        return subprocess.run(command, capture_output=True, check=False).returncode

    data = sent.arrived[name]
    assert verify(data) == 0
    middle = data.index(b"JVBERi0") + 400
    assert verify(data[:middle] + (b"A" if data[middle : middle + 1] != b"A" else b"B") + data[middle + 1 :]) != 0


def test_the_exact_bytes_were_kept(sent: Sent, ledger: Ledger) -> None:
    for state in ledger.deliveries():
        payload = state.attempts[0].payload
        assert payload
        assert sent.arrived[state.delivery.recipient].replace(b"\r\n", b"\n").endswith(ledger.objects.get(payload.digest).replace(b"\r\n", b"\n"))


def take(ledger: Ledger, folder: Path, *messages: bytes, letter: str = LETTER) -> list[notices.Finding]:
    found = []
    for number, data in enumerate(messages):
        path = folder / f"back-{number}.eml"
        path.write_bytes(data)
        found += list(notices.take(ledger, letter, path, datetime.now(UTC)))
    return found


def test_the_notices_close_the_deliveries(sent: Sent, ledger: Ledger, tmp_path: Path) -> None:
    assert len(sent.notices) == 2
    findings = take(ledger, tmp_path, *sent.notices)
    assert [finding.recorded for finding in findings] == [True, True], findings
    assert states(ledger) == [Status.DELIVERY_REPORTED] * 2
    assert ledger.verify() == []
    again = take(ledger, tmp_path, *sent.notices)
    assert [finding.recorded for finding in again] == [False, False]


def test_notices_come_from_a_maildir_or_an_mbox_too(sent: Sent, ledger: Ledger, tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    (tmp_path / "Maildir/new/1").write_bytes(sent.notices[0])
    box = tmp_path / "box.mbox"
    box.write_bytes(b"".join(b"From office@example.org Thu Jan  1 00:00:00 1970\n" + data.replace(b"\nFrom ", b"\n>From ") + b"\n" for data in sent.notices))
    assert [one.recorded for one in notices.take(ledger, LETTER, tmp_path / "Maildir", datetime.now(UTC))] == [True]
    assert sorted(one.recorded for one in notices.take(ledger, LETTER, box, datetime.now(UTC))) == [False, True]
    assert states(ledger) == [Status.DELIVERY_REPORTED] * 2


@pytest.mark.parametrize("action", [b"relayed", b"expanded", b"delayed"])
def test_what_is_not_arrival_changes_nothing(sent: Sent, ledger: Ledger, tmp_path: Path, action: bytes) -> None:
    (finding, _) = take(ledger, tmp_path, *(data.replace(b"Action: delivered", b"Action: " + action) for data in sent.notices))
    assert finding.recorded
    assert states(ledger) == [Status.ACCEPTED] * 2


@pytest.mark.parametrize("wrong", ["envid", "recipient", "letter"])
def test_a_forged_notice_is_not_believed(sent: Sent, ledger: Ledger, tmp_path: Path, wrong: str) -> None:
    before = len(ledger.events())
    data = sent.notices[0]
    if wrong == "envid":
        start = data.index(b"Original-Envelope-Id: ") + 22
        data = data[:start] + bytes(reversed(data[start : start + 32])) + data[start + 32 :]
    elif wrong == "recipient":
        data = data.replace(b"mission-a@", b"mission-x@").replace(b"mission-b@", b"mission-x@")
    (finding,) = take(ledger, tmp_path, data, letter="another-letter" if wrong == "letter" else LETTER)
    assert not finding.recorded
    assert len(ledger.events()) == before


def test_a_failure_notice_fails_it_and_sends_nothing_again(sent: Sent, ledger: Ledger, tmp_path: Path) -> None:
    failed = sent.notices[0].replace(b"Action: delivered", b"Action: failed").replace(b"Status: 2.0.0", b"Status: 5.1.1")
    take(ledger, tmp_path, failed)
    assert sorted(status.value for status in states(ledger)) == ["accepted", "failed"]
    state: State = next(state for state in ledger.deliveries() if state.status is Status.FAILED)
    assert not state.due(datetime.now(UTC) + timedelta(days=9))


@pytest.mark.parametrize(("header", "kind"), [("", "person"), ("Auto-Submitted: auto-replied\n", "automatic")])
def test_answers_are_kept_and_change_nothing(sent: Sent, ledger: Ledger, tmp_path: Path, header: str, kind: str) -> None:
    reference = parsed(sent.arrived["dprk-geneva"])["Message-ID"]
    answer = f"From: \x1b[2J <someone@example.org>\nSubject: Re\nIn-Reply-To: {reference}\n{header}\nWe have it.\n".encode()
    (finding,) = take(ledger, tmp_path, answer)
    assert finding.recorded
    assert states(ledger) == [Status.ACCEPTED] * 2
    event = ledger.events()[-1]
    assert event.data["answer"] == kind
    assert ledger.objects.get(event.data["evidence"]["sha256"]) == answer


@pytest.mark.parametrize(
    "data", [b"", b"\x00\xff" * 50, b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n\n--x--", b"Subject: =?utf-8?q?=\n\n"]
)
def test_rubbish_is_not_recorded(sent: Sent, ledger: Ledger, tmp_path: Path, data: bytes) -> None:
    assert not any(finding.recorded for finding in take(ledger, tmp_path, data))
