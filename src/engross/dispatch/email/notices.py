"""What comes back: delivery notices (RFC 3464) and answers. All of it is unauthenticated: it only adds to the record, and never sends anything."""

from __future__ import annotations

import hashlib
import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from pathlib import Path

from engross.errors import EngrossError
from engross.ledger import Channel, Delivery, Ledger, NotAllowed, Status

LIMIT = 30 * 1000 * 1000
"""Bytes of one message that are read; nobody answers with more."""
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
        EngrossError: the path is none of them.
    """
    for source, data in _messages(path):
        if len(data) > LIMIT:
            yield Finding(source, "too large to be an answer; not read")
        else:
            yield from _message(ledger, letter, source, data, now)


def _messages(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        if not {"cur", "new"} <= {entry.name for entry in path.iterdir()}:
            raise EngrossError(f"{path} is no Maildir", hint="a folder with cur and new in it, an mbox file, or .eml files")
        for folder in ("new", "cur"):
            yield from ((entry.name, entry.read_bytes()) for entry in sorted((path / folder).iterdir()) if entry.is_file())
        return
    data = path.read_bytes()
    if not data.startswith(b"From "):
        yield path.name, data
        return
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.keys():  # noqa: SIM118 - a mailbox iterates over messages
            yield f"{path.name}:{key}", box.get_bytes(key)
    finally:
        box.close()


def _message(ledger: Ledger, letter: str, source: str, data: bytes, now: datetime) -> Iterator[Finding]:
    message = message_from_bytes(data, policy=compat32)
    reports = list(_reports(message))
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
    found = ledger.find(envid) if envid else None
    if found is None or found[0].letter != letter or found[0].channel is not Channel.EMAIL:
        return Finding(source, "a notice that belongs to no delivery of this letter; not recorded")
    delivery, number = found
    state = ledger.state(delivery)
    attempt = state.attempt(number) if state else None
    recipients = {_address(_text(entry, name)) for name in ("Original-Recipient", "Final-Recipient")}
    if attempt is None or attempt.address.casefold() not in recipients:
        return Finding(source, f"a notice on {delivery} for another recipient; not recorded", delivery=delivery)
    action = _text(entry, "Action").casefold()
    details = {"notice": action, "code": _text(entry, "Status"), "diagnostic": _text(entry, "Diagnostic-Code"), "by": _text(entry, "Remote-MTA") or _text(entry, "Reporting-MTA")}
    if _known(ledger, delivery, data):
        return Finding(source, f"{delivery}: this notice is in the record already", delivery=delivery)
    stored = ledger.objects.put(data)
    try:
        if action in ARRIVED:
            after = ledger.observe(
                delivery, number, ARRIVED[action], now=now, reason=f"notice: {action} {details['code']} {details['diagnostic']}".strip(), evidence=stored, details=details
            )
            return Finding(source, f"{delivery}: {action} {details['code']}; now {after.status.value}", recorded=True, delivery=delivery)
        ledger.note(delivery, now=now, evidence=stored, details={**details, "attempt": number})
    except NotAllowed as error:
        return Finding(source, f"{delivery}: {error.message}; not recorded", delivery=delivery)
    return Finding(source, f"{delivery}: {action or 'a notice without action'}; that is not arrival, and was noted", recorded=True, delivery=delivery)


def _answer(ledger: Ledger, letter: str, source: str, data: bytes, message: Message, now: datetime) -> Finding:
    """Somebody, or their machine, answered one of our messages. It is kept, and says nothing by itself: a person reads it."""
    for reference in reversed(_IDS.findall(f"{_text(message, 'References', 20 * _FIELD)} {_text(message, 'In-Reply-To')}")):
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
