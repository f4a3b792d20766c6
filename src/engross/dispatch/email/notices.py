"""What comes back: delivery notices (RFC 3464) and answers. All of it is unauthenticated: it only adds to the record, and never sends anything."""

from __future__ import annotations

import hashlib
import mailbox
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from itertools import islice
from pathlib import Path

from engross.errors import EngrossError
from engross.ledger import Attempt, Channel, Delivery, Kind, Ledger, NotAllowed, Status

LIMIT = 30 * 1000 * 1000
"""Bytes of one message that are read; nobody answers with more."""
MAX_PARTS, MAX_BLANKS = 1000, 20_000
"""Lines that may begin a part, and blank lines, in a message that is read: the parser takes minutes and gigabytes for one that is made of them."""
MAX_ENTRIES = 100
"""Recipients of a notice, and messages an answer refers to, that are looked up: each of our messages has one recipient."""
ARRIVED = {"delivered": Status.DELIVERY_REPORTED, "failed": Status.FAILED}
"""What an action says of arrival. `relayed` and `expanded` say that another system has it, `delayed` that it is on its way: neither is arrival."""
_IDS = re.compile(r"<[^<>\s]+>")
_FIELD = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """What one message came to."""

    source: str
    text: str
    recorded: bool = False
    delivery: Delivery | None = None

    def to_json(self) -> dict[str, object]:
        """As plain data."""
        return {"source": self.source, "text": self.text, "recorded": self.recorded, "delivery": str(self.delivery) if self.delivery else None}


def take(ledger: Ledger, letter: str, path: Path, now: datetime) -> Iterator[Finding]:
    """Read a message, a Maildir or an mbox, and record what belongs to the letter.

    Raises:
        EngrossError: the path is none of them, or cannot be read.
    """
    for source, data in _messages(path):
        if len(data) > LIMIT:
            yield Finding(source, "too large to be an answer; not read")
        elif data.count(b"\n--") > MAX_PARTS or data.count(b"\n\n") + data.count(b"\n\r\n") > MAX_BLANKS:
            yield Finding(source, "too many parts to be an answer; not read")
        else:
            yield from _message(ledger, letter, source, data, now)


def _messages(path: Path) -> Iterator[tuple[str, bytes]]:
    """Each message with a name for it; of a large one no more than shows that it is too large."""
    try:
        if path.is_dir():
            if not {"cur", "new"} <= {entry.name for entry in path.iterdir()}:
                raise EngrossError(f"{path} is no Maildir", hint="a folder with cur and new in it, an mbox file, or .eml files")
            for folder in ("new", "cur"):
                yield from ((entry.name, _start(entry)) for entry in sorted((path / folder).iterdir()) if entry.is_file())
        elif not path.is_file():
            raise EngrossError(f"{path} is no file", hint="a Maildir, an mbox file, or .eml files")
        elif not _start(path, 5).startswith(b"From "):
            yield path.name, _start(path)
        else:
            with closing(mailbox.mbox(path, create=False)) as box:
                for key in box.keys():  # noqa: SIM118 - a mailbox iterates over messages
                    yield f"{path.name}:{key}", box.get_file(key).read(LIMIT + 1)
    except OSError as error:
        raise EngrossError(f"cannot read {error.filename or path}: {error.strerror or error}") from error


def _start(path: Path, size: int = LIMIT + 1) -> bytes:
    with path.open("rb") as stream:
        return stream.read(size)


def _message(ledger: Ledger, letter: str, source: str, data: bytes, now: datetime) -> Iterator[Finding]:
    try:
        message = message_from_bytes(data, policy=compat32)
        reports = list(islice(_reports(message), MAX_ENTRIES))
    except RecursionError:
        yield Finding(source, "parts within parts without end; not read")
        return
    if reports:
        for envid, entry in reports:
            yield _notice(ledger, letter, source, data, envid, entry, now)
    else:
        yield _answer(ledger, letter, source, data, message, now)


def _reports(message: Message) -> Iterator[tuple[str, Message]]:
    """Each recipient's entry of each delivery status in a message, with the ENVID above it."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and isinstance(groups := part.get_payload(), list):
            blocks = [group for group in groups if isinstance(group, Message)]
            for entry in blocks[1:]:
                yield _text(blocks[0], "Original-Envelope-Id"), entry


def _notice(ledger: Ledger, letter: str, source: str, data: bytes, envid: str, entry: Message, now: datetime) -> Finding:
    """A delivery notice: it counts only when both the ENVID and the recipient are those of an attempt."""
    found = ledger.find(envid, envelope=True)
    if found is None or found[0].letter != letter:
        return Finding(source, "a notice that belongs to no delivery of this letter; not recorded")
    delivery, number = found
    state = ledger.state(delivery)
    attempt = state.attempt(number) if state else None
    recipients = {_address(_text(entry, name)) for name in ("Original-Recipient", "Final-Recipient")}
    written_to = _written_to(ledger, delivery, attempt).casefold() if attempt else ""
    if not written_to or written_to not in recipients:
        return Finding(source, f"a notice on {delivery} for another recipient; not recorded", delivery=delivery)
    action = _text(entry, "Action").casefold()
    details = {"notice": action, "code": _text(entry, "Status"), "diagnostic": _text(entry, "Diagnostic-Code"), "by": _text(entry, "Remote-MTA") or _text(entry, "Reporting-MTA")}
    if _known(ledger, delivery, data):
        return Finding(source, f"{delivery}: this notice is in the record already", delivery=delivery)
    stored = ledger.objects.put(data)
    result = ARRIVED.get(action) if delivery.channel is Channel.EMAIL or action == "failed" else None
    try:
        if result:
            reason = f"notice: {action} {details['code']} {details['diagnostic']}".strip()
            after = ledger.observe(delivery, number, result, now=now, reason=reason, evidence=stored, details=details)
            return Finding(source, f"{delivery}: {action} {details['code']}; now {after.status.value}", recorded=True, delivery=delivery)
        ledger.note(delivery, now=now, evidence=stored, details={**details, "attempt": number})
    except NotAllowed as error:
        return Finding(source, f"{delivery}: {error.message}; not recorded", delivery=delivery)
    return Finding(source, f"{delivery}: {action or 'a notice without action'}; that is not arrival, and was noted", recorded=True, delivery=delivery)


def _written_to(ledger: Ledger, delivery: Delivery, attempt: Attempt) -> str:
    """The address of the message: of a fax through a mail-to-fax service that of the service, whose delivery is no arrival of the fax."""
    if delivery.channel is Channel.EMAIL:
        return attempt.address
    claims = (event.data for event in ledger.events(delivery) if event.kind is Kind.CLAIMED and event.data["attempt"] == attempt.number)
    return next((str(data.get("gateway", "")) for data in claims), "")


def _answer(ledger: Ledger, letter: str, source: str, data: bytes, message: Message, now: datetime) -> Finding:
    """Somebody, or their machine, answered one of our messages. It is kept, and says nothing by itself: a person reads it."""
    references = _IDS.findall(f"{_text(message, 'References', 20 * _FIELD)} {_text(message, 'In-Reply-To')}")
    for reference in reversed(references[-MAX_ENTRIES:]):
        found = ledger.find(reference)
        if found and found[0].letter == letter:
            delivery, number = found
            if _known(ledger, delivery, data):
                return Finding(source, f"{delivery}: this answer is in the record already", delivery=delivery)
            machine = _text(message, "Auto-Submitted").casefold() not in ("", "no") or message.get_content_type() == "multipart/report"
            details = {
                "answer": "automatic" if machine else "person",
                "from": _text(message, "From"),
                "subject": _text(message, "Subject"),
                "date": _text(message, "Date"),
                "attempt": number,
            }
            ledger.note(delivery, now=now, evidence=ledger.objects.put(data), details=details)
            return Finding(source, f"{delivery}: {'an automatic answer' if machine else 'an answer'}; noted, for a person to read", recorded=True, delivery=delivery)
    return Finding(source, "neither a notice nor an answer to a message of this letter; not recorded")


def _known(ledger: Ledger, delivery: Delivery, data: bytes) -> bool:
    digest = hashlib.sha256(data).hexdigest()
    return any(isinstance(event.data.get("evidence"), dict) and event.data["evidence"].get("sha256") == digest for event in ledger.events(delivery))


def _text(message: Message, name: str, limit: int = _FIELD) -> str:
    """A header as it came, on one line; hostile ones are cut short."""
    return " ".join(str(message.get(name, "")).split())[:limit]


def _address(field: str) -> str:
    """`rfc822; a@b` without its type, xtext decoded (RFC 3461, 4)."""
    kind, _, value = field.partition(";")
    if kind.strip().casefold() not in ("rfc822", "utf-8"):
        return ""
    return re.sub(r"\+([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), value.strip()).strip("<>").casefold()
