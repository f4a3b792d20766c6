"""The message as bytes: RFC 5322 and MIME, CRLF throughout, 7 bits, no line over 998 characters. Nothing that a text says can become a header."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from engross.dispatch.email.body import Body
from engross.errors import EngrossError
from engross.letter import Letter, Mission
from engross.settings_dispatch import Office

POLICY = SMTP.clone(max_line_length=78, cte_type="7bit")
"""Seven bits, so that a signature survives every relay (RFC 8551, 3.1.3)."""
LONGEST_LINE = 998
WARN_BYTES = 10 * 1000 * 1000
_ADDRESS = re.compile(r"([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@([A-Za-z0-9.-]+)\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF of the edition."""

    name: str
    data: bytes
    tag: str
    """BCP 47 tag of its language."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who, to whom, when, and under which name."""

    sender: Address
    reply_to: Address
    recipient: Address
    date: datetime
    message_id: str = ""
    """`<…@…>`; a preview has none, as whoever sends it from their own program gets one there."""
    unsent: bool = False
    """`X-Unsent: 1`: Outlook opens the file as a draft."""
    marks: tuple[str, ...] = ()
    """Put before the subject, for instance that it is a test."""


def address(email: str, name: str = "") -> Address:
    """An address for a header.

    Raises:
        EngrossError: it is not one plain address, or not written in ASCII.
    """
    match = _ADDRESS.match(email)
    if not match:
        raise EngrossError(f"{email!r} cannot be written to", hint="one address in ASCII; a domain in another script in its xn-- form")
    return Address(_CONTROL.sub(" ", name).strip(), match[1], match[2])


def recipient(mission: Mission, email: str) -> Address:
    """The mission by name, with its address."""
    return address(email, mission.mission.text)


def preview_envelope(letter: Letter, office: Office, mission: Mission) -> Envelope:
    """For the file in output/: the letter's date and no Message-ID, so that it can be made again byte for byte."""
    day = datetime.combine(letter.date, time(12), UTC)
    return Envelope(address(office.email, office.name), address(office.reply_to or office.email, office.name), recipient(mission, mission.email), day, unsent=True)


def message(body: Body, attachments: Sequence[Attachment], envelope: Envelope) -> EmailMessage:
    """The message: text and HTML as alternatives, the PDFs beside them. Equal arguments give equal bytes.

    Raises:
        EngrossError: a header cannot be written.
    """
    made = EmailMessage(policy=POLICY)
    made.set_content(body.text, cte=_encoding(body.text))
    made["Content-Language"] = ", ".join(body.tags)
    made.add_alternative(body.html, subtype="html", cte=_encoding(body.html))
    list(made.iter_parts())[1]["Content-Language"] = ", ".join(body.tags)
    for one in attachments:
        made.add_attachment(one.data, maintype="application", subtype="pdf", filename=one.name)
        list(made.iter_parts())[-1]["Content-Language"] = one.tag
    try:
        for name, value in _headers(body, envelope):
            made[name] = value
    except ValueError as error:
        raise EngrossError(f"the message has a header that cannot be written: {error}") from error
    seed = hashlib.sha256(b"\0".join([body.subject.encode(), body.text.encode(), *(one.data for one in attachments)])).hexdigest()
    for number, part in enumerate(part for part in made.walk() if part.is_multipart()):
        part.set_boundary(f"=_{hashlib.sha256(f'{seed} {number}'.encode()).hexdigest()[:32]}")
    return made


def to_bytes(made: EmailMessage) -> bytes:
    """The message as it goes over the line, checked.

    Raises:
        EngrossError: it holds a bare CR or LF, a character beyond ASCII or a line that is too long.
    """
    return sound(made.as_bytes(policy=POLICY))


def sound(data: bytes) -> bytes:
    """The bytes, when they keep the rules of RFC 5321, 2.3.8 and 4.5.3.1.6.

    Raises:
        EngrossError: they do not.
    """
    lines = data.split(b"\r\n")
    if any(b"\r" in line or b"\n" in line or b"\0" in line or len(line) > LONGEST_LINE for line in lines) or not data.isascii() or lines[-1]:
        raise EngrossError("the message is not fit to be sent: a bare line break, a line that is too long, or eight bits", hint="this is a fault of the program; please report it")
    return data


def _headers(body: Body, envelope: Envelope) -> list[tuple[str, str | Address | datetime]]:
    subject = _CONTROL.sub(" ", " ".join([*envelope.marks, body.subject])).strip()
    headers: list[tuple[str, str | Address | datetime]] = [
        ("From", envelope.sender),
        ("Reply-To", envelope.reply_to),
        ("To", envelope.recipient),
        ("Subject", subject),
        ("Date", envelope.date),
    ]
    if envelope.message_id:
        headers.append(("Message-ID", envelope.message_id))
    if envelope.unsent:
        headers.append(("X-Unsent", "1"))
    return headers


def _encoding(text: str) -> str:
    return "quoted-printable" if sum(not c.isascii() for c in text) * 6 < len(text) else "base64"
