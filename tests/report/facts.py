"""A ledger filled through its own interface with everything that can become of a delivery, and what was sent: real faxes and a real PDF in real messages."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw

from engross.dispatch.email.notices import take
from engross.dispatch.fax import evidence
from engross.ledger import MAIL, Channel, Claim, Decision, Delivery, Ledger, Status
from engross.project import Project, find
from engross.render import tiff
from tests.conftest import REPO, copy_workspace

LETTER = "2018-06-06-dprk"
T0 = datetime(2018, 6, 6, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NEW_YORK, GENEVA = "dprk-new-york", "dprk-geneva"
HOSTILE = "\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>&amp;\"'\u202egnp.exe\u200b\U0001f4a3\ue000z\u0301\u0301\u0301\u0301" + "A" * 4000
OFFICE = """
[tool.engross.offices.london]
name = "Example Office London"
email = "office@example.org"
fax = "+44-20-7946-0101"
time_zone = "Europe/London"
"""
QUEUE = """jobid:17
commid:00000042
number:{number}
external:{number}
jobtag:t
state:{state}
npages:{pages}
totpages:{total}
tottries:{tries}
totdials:{tries}
dataformat:{coding}
signalrate:{rate}
csi:{csid}
status:{status}
"""
CALL = """Jun 06 14:05:00.00: [ 100]: SESSION BEGIN 00000042 1
Jun 06 14:05:01.00: [ 100]: DIAL {number}
Jun 06 14:05:20.00: [ 100]: USE {mode}
Jun 06 14:06:31.00: [ 100]: SESSION END
"""


def workspace(target: Path) -> Project:
    """The first letter with an office that serves both missions."""
    root = copy_workspace(REPO, target)
    settings = root / "pyproject.toml"
    settings.write_text(settings.read_text() + OFFICE)
    return find(root)


def pdf() -> bytes:
    document = pypdfium2.PdfDocument.new()
    document.new_page(595, 842)
    document.new_page(595, 842)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def fax(name: str, pages: int = 3) -> bytes:
    """A fax whose cover differs by name; the other pages are those of every fax."""
    strips = []
    for number in range(pages):
        image = Image.new("1", (1728, 2200), 0)
        ImageDraw.Draw(image).text((200, 200), f"to {name}" if number == 0 else f"page {number}", fill=1, font_size=90)
        strips.append(tiff.code(image, "mmr"))
    return tiff.write(strips, coding="mmr", dpi=196, stamp="2018:06:06 00:00:00")


def message(to: str, attached: bytes, token: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Message-ID"] = "office@example.org", to, token
    mail.set_content("The letter is attached.\n")
    mail.add_attachment(attached, maintype="application", subtype="pdf", filename="서한.pdf")
    return mail.as_bytes()


class Story:
    """A ledger that tells what happened, a minute at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.ledger = Ledger.open(folder / "ledger.sqlite3", offices=1, now=T0)
        self.now = T0
        self.pdf = pdf()

    def tick(self) -> datetime:
        self.now += MINUTE
        return self.now

    def delivery(self, recipient: str, packet: str = MAIL, edition: int = 1) -> Delivery:
        return Delivery(LETTER, edition, recipient, Channel.EMAIL if packet == MAIL else Channel.FAX, packet)

    def plan(self, delivery: Delivery, address: str) -> Delivery:
        self.ledger.plan({delivery: address}, self.tick())
        return delivery

    def claim(self, delivery: Delivery, token: str = "", **details: Any) -> Claim:
        state = self.ledger.state(delivery)
        assert state
        mail = delivery.channel is Channel.EMAIL
        token = token or (f"<{delivery.recipient}-{len(state.attempts)}@example.org>" if mail else f"{delivery}#{len(state.attempts)}")
        data = message(state.address, self.pdf, token) if mail else fax(delivery.recipient)
        known = {"languages": ["ko"] if mail else [delivery.packet], "office": "london"}
        if mail:
            known |= {"envid": f"envid-{delivery.recipient}-{len(state.attempts)}", "attachments": [hashlib.sha256(self.pdf).hexdigest()], "from": "office@example.org"}
        return self.ledger.claim(
            delivery, owner="host:1:a", until=self.now + 60 * MINUTE, token=token, payload=self.ledger.objects.put(data), now=self.tick(), details={**known, **details}
        )

    def submit(self, delivery: Delivery, result: Status = Status.ACCEPTED, reason: str = "250 2.0.0 Ok: queued", **details: Any) -> Claim:
        claim = self.claim(delivery)
        self.ledger.commit(claim, now=self.tick())
        facts = {"server": "mail.example.org:587", "tls": "TLSv1.3", "dsn": "requested", "phase": "waiting for the answer to the message"}
        if delivery.channel is Channel.FAX:
            facts = {"server": "127.0.0.1:4559", "job": "17"}
        until = self.now + 15 * MINUTE if result is Status.DEFERRED else None
        self.ledger.outcome(claim, result, now=self.tick(), reason=reason, until=until, details={**facts, **details})
        return claim

    def follow(self, delivery: Delivery, *, pages: int = 3, csid: str = "+1 202 555 0143", state: str = "7", status: str = "", mode: str = "error correction mode") -> Status:
        """What the fax server's records show, read as they always are."""
        number = "+12025550143"
        record = QUEUE.format(
            number=number, state=state, pages=pages, total=3, tries=1, coding="2-D MMR" if "error" in mode else "2-D MR", rate="14400", csid=csid, status=status
        ).encode()
        log = CALL.format(number=number, mode=mode).encode()
        outcome = evidence.read(record, log)
        self.ledger.observe(
            delivery, 1, outcome.result, now=self.tick(), reason=outcome.reason, evidence=self.ledger.objects.put(record),
            details={**outcome.details(), "tag": "t", "log": self.ledger.objects.put(log).data()},
        )  # fmt: skip
        return outcome.result

    def post(self, text: str) -> None:
        """A message comes in."""
        path = self.folder / "in.eml"
        path.write_bytes(text.replace("\n", "\r\n").encode("utf-8", "surrogateescape"))
        assert [one.recorded for one in take(self.ledger, LETTER, path, self.tick())] == [True]

    def notice(self, envid: str, recipient: str, action: str, diagnostic: str = "smtp; 250 2.0.0 delivered") -> None:
        self.post(
            f"From: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
            f"Reporting-MTA: dns; mx.example.org\nOriginal-Envelope-Id: {envid}\n\nFinal-Recipient: rfc822; {recipient}\nAction: {action}\nRemote-MTA: dns; mx.example.org\nStatus: 2.0.0\nDiagnostic-Code: {diagnostic}\n\n--b--\n"
        )

    def answer(self, token: str, sender: str, subject: str) -> None:
        self.post(
            f"From: {sender}\nSubject: {Header(subject, 'utf-8').encode(maxlinelen=0) if not subject.isascii() else subject}\nDate: Thu, 7 Jun 2018 09:00:00 +0900\nIn-Reply-To: {token}\n\nReceived.\n"
        )


def everything(folder: Path) -> Story:
    """Every state and every kind of news, at the two missions and at some that the address book does not have."""
    story = Story(folder)
    ledger = story.ledger

    story.submit(story.plan(story.delivery(NEW_YORK), "mission-a@example.org"))
    story.submit(fax_ko := story.plan(story.delivery(NEW_YORK, "ko"), "+12025550143"))
    assert story.follow(fax_ko) is Status.ACKNOWLEDGED
    story.submit(fax_en := story.plan(story.delivery(NEW_YORK, "en"), "+12025550144"))
    assert story.follow(fax_en, csid="+44 20 7946 0999", pages=1, state="8", status="No response to MPS repeated 3 tries") is Status.PARTIAL

    story.submit(mail := story.plan(story.delivery(GENEVA), "mission-b@example.org"), Status.DEFERRED, "451 4.7.1 greylisted")
    story.now += 20 * MINUTE
    claim = story.claim(mail)
    ledger.commit(claim, now=story.tick())
    ledger.outcome(claim, Status.UNCERTAIN, now=story.tick(), reason="the connection broke (while waiting for the answer to the message)")
    story.notice("envid-dprk-geneva-1", "mission-b@example.org", "relayed")
    story.notice("envid-dprk-geneva-1", "mission-b@example.org", "delivered")
    story.answer("<dprk-geneva-1@example.org>", "The Mission <mission-b@example.org>", "잘 받았습니다")
    story.submit(other := story.plan(story.delivery(GENEVA, "ko"), "+442079460143"))
    assert story.follow(other, mode="normal mode", csid="<UNSPECIFIED>") is Status.ACCEPTED

    story.submit(refused := story.plan(story.delivery("third"), "wrong@example.org"), Status.REFUSED, "550 5.1.1 no such user")
    ledger.correct(refused, by="desk officer", reason="a typing error", now=story.tick(), address="right@example.org")
    story.submit(wrong := story.plan(story.delivery("third", "ko"), "+12025550145"))
    ledger.correct(wrong, by="desk officer", reason="another ministry", now=story.tick(), address="+12025550146")
    story.submit(unsure := story.plan(story.delivery("fourth"), "fourth@example.org"), Status.UNCERTAIN, "timed out")
    ledger.resolve(unsure, Decision.ARRIVED, by="desk officer", reason="they rang", now=story.tick())
    story.submit(lost := story.plan(story.delivery("fifth"), "fifth@example.org"), Status.UNCERTAIN, "timed out")
    ledger.resolve(lost, Decision.NOT_SENT, by="desk officer", reason="the log has nothing", now=story.tick())
    story.submit(story.plan(story.delivery("sixth"), "sixth@example.org"), Status.UNCERTAIN, "timed out")
    story.submit(bounced := story.plan(story.delivery("seventh"), "seventh@example.org"))
    story.notice(f"envid-{bounced.recipient}-0", "seventh@example.org", "failed", "smtp; 550 5.1.1 unknown")
    held = story.plan(story.delivery("eighth"), "eighth@example.org")
    ledger.hold(held, by="desk officer", reason="wait for the minister", now=story.tick())
    story.plan(story.delivery("ninth", "en"), "+12025550147")
    by_hand = Delivery(LETTER, 1, "ninth", Channel.HAND, "letter")
    receipt = ledger.objects.put(b"a receipt")
    ledger.record(by_hand, by="courier of the office", result=Status.ACKNOWLEDGED, occurred=story.now - 30 * MINUTE, evidence=receipt, now=story.tick(), note="stamped at the door")
    fax, details = ledger.objects.put(b"a fax"), {"server": "127.0.0.1:4559", "job": "18", "languages": ["en"]}
    ledger.tested(story.delivery("tenth", "en"), address="+12025550148", result=Status.ACCEPTED, token="test:rehearsal#1", payload=fax, now=story.tick(), details=details)
    return story
