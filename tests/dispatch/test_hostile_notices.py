"""Notices and answers made to mislead, or to break their reader."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from pathlib import Path

import pytest

from engross.dispatch.email import notices
from engross.dispatch.email.notices import Finding
from engross.errors import EngrossError
from engross.ledger import MAIL, Channel, Delivery, Ledger, State, Status
from tests.dispatch.facts import HOUR, T0

MAILED = Delivery("letter", 1, "new-york", Channel.EMAIL, MAIL)
FAXED = Delivery("letter", 1, "new-york", Channel.FAX, "en")
ADDRESS, NUMBER, SERVICE = "mission@example.org", "+12025550143", "12025550143@fax.example.org"
NOTICE = """Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

Told.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
Original-Envelope-Id: {envid}

Original-Recipient: rfc822;{address}
Action: {action}
Status: 2.0.0
--b--
"""


@pytest.fixture
def sent(ledger: Ledger) -> Ledger:
    """A message and a fax through a mail-to-fax service, both accepted by the office's server."""
    for delivery, address, envid in ((MAILED, ADDRESS, "e" * 32), (FAXED, NUMBER, "f" * 32)):
        ledger.plan({delivery: address}, T0)
        details = {"envid": envid, **({"gateway": SERVICE} if delivery is FAXED else {})}
        token = f"<{delivery.channel.value}@example.org>"
        claim = ledger.claim(delivery, owner="o", until=T0 + HOUR, token=token, payload=ledger.objects.put(b"sent"), now=T0, details=details)
        ledger.commit(claim, now=T0)
        ledger.outcome(claim, Status.ACCEPTED, now=T0)
    return ledger


def take(ledger: Ledger, path: Path, data: bytes | None = None) -> list[Finding]:
    if data is not None:
        path.write_bytes(data)
    return list(notices.take(ledger, "letter", path, T0 + timedelta(hours=1)))


def status(ledger: Ledger, delivery: Delivery) -> Status:
    state = ledger.state(delivery)
    assert isinstance(state, State)
    return state.status


def test_a_notice_with_the_number_of_the_message_instead_of_the_envelope_is_forged(sent: Ledger, tmp_path: Path) -> None:
    """Every recipient knows the Message-ID; only servers on the way know the ENVID."""
    for envid in ("<email@example.org>", "", "e" * 31):
        (finding,) = take(sent, tmp_path / "n.eml", NOTICE.format(envid=envid, address=ADDRESS, action="failed").encode())
        assert not finding.recorded
    (finding,) = take(sent, tmp_path / "n.eml", NOTICE.format(envid="e" * 32, address=ADDRESS, action="failed").encode())
    assert finding.recorded
    assert status(sent, MAILED) is Status.FAILED


@pytest.mark.parametrize(
    ("address", "action", "after"),
    [(SERVICE, "delivered", Status.ACCEPTED), (SERVICE, "failed", Status.FAILED), (NUMBER, "failed", Status.ACCEPTED), ("", "failed", Status.ACCEPTED)],
)
def test_of_a_fax_service_only_a_failure_says_something_of_the_fax(sent: Ledger, tmp_path: Path, address: str, action: str, after: Status) -> None:
    (finding,) = take(sent, tmp_path / "n.eml", NOTICE.format(envid="f" * 32, address=address, action=action).encode())
    assert finding.recorded == (address == SERVICE)
    assert status(sent, FAXED) is after


BOMBS = {
    "messages in messages": b"Content-Type: message/rfc822\n\n" * 3000,
    "parts in parts": b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(900)),
    "many parts": b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\n" * 100_000,
    "many blocks": b'Content-Type: multipart/report; boundary="b"\n\n--b\nContent-Type: message/delivery-status\n\n' + b"A: b\n\n" * 50_000 + b"--b--",
    "many recipients": NOTICE.format(envid="0" * 32, address=ADDRESS, action="failed").replace("\n--b--", "\n\nFinal-Recipient: rfc822;a@example.org" * 5000 + "\n--b--").encode(),
    "many references": b"References: " + b"<a@b.example.org> " * 1_000_000 + b"\n\n",
    "a long line": b"From: " + b"x" * 5_000_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_made_to_break_the_reader_is_read_quickly_or_not_at_all(sent: Ledger, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    find = sent.find

    def counted(reference: str, *, envelope: bool = False) -> tuple[Delivery, int] | None:
        looked.append(reference)
        return find(reference, envelope=envelope)

    monkeypatch.setattr(sent, "find", counted)
    findings = take(sent, tmp_path / "bomb.eml", BOMBS[name])
    assert findings
    assert len(findings) <= notices.MAX_ENTRIES
    assert not any(finding.recorded for finding in findings)
    assert len(looked) <= notices.MAX_ENTRIES
    assert len(sent.events()) == 1 + 2 * 4


def test_bytes_that_were_changed_at_random_break_nothing(sent: Ledger, tmp_path: Path) -> None:
    dice = random.Random(3464)
    whole = NOTICE.format(envid="e" * 32, address=ADDRESS, action="delivered").encode()
    for number in range(300):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            at = dice.randrange(len(data))
            data[at : at + dice.choice((0, 1, 30))] = dice.randbytes(dice.choice((0, 1, 2)))
        take(sent, tmp_path / f"{number}.eml", bytes(data))
    assert status(sent, MAILED) in (Status.ACCEPTED, Status.DELIVERY_REPORTED)
    assert sent.verify() == []


def test_of_a_large_file_only_the_beginning_is_read(sent: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "LIMIT", 2000)
    with (tmp_path / "large.eml").open("wb") as stream:
        stream.truncate(1 << 40)
    (tmp_path / "box.mbox").write_bytes(
        b"From a@example.org Thu Jan  1 00:00:00 1970\n\n"
        + b"x\n" * 2000
        + b"\nFrom b@example.org Thu Jan  1 00:00:00 1970\nSubject: y\n\nFrom here on it is text.\n>From a quoted line.\n"
    )
    assert [finding.text for finding in take(sent, tmp_path / "large.eml")] == ["too large to be an answer; not read"]
    assert [finding.text[:15] for finding in take(sent, tmp_path / "box.mbox")] == ["too large to be", "neither a notic", "neither a notic"]


@pytest.mark.parametrize("kind", ["pipe", "folder", "gone"])
def test_what_is_no_file_of_messages_is_refused(sent: Ledger, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.eml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    with pytest.raises(EngrossError, match=r"is no file|is no Maildir"):
        take(sent, path)
