"""Mail-to-fax: a service that takes a message addressed to the number and calls it. What it says about the call comes back by mail, if at all."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from engross.dispatch.fax.hfaxd import DIAL
from engross.errors import UsageError

PLACES = ("{number}", "{digits}")
"""In a pattern: the number as `+12025550101`, or without the plus. One of them, once."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class Gateway:
    """A mail-to-fax service."""

    pattern: str
    """Address of a number, for instance `{digits}@fax.example.org`."""
    subject: str = ""
    """What the service wants there: often an account or nothing."""
    pdf: bool = False
    """It wants a PDF; else the class-F TIFF, whose pixels it need not make again."""


def address(gateway: Gateway, number: str) -> str:
    """The one address of a number at the gateway.

    Raises:
        UsageError: it is not a number to dial, or the pattern makes no address of it.
    """
    if not DIAL.match(number):
        raise UsageError(f"{number!r} is not a number to dial", hint="write it internationally, with + and 7 to 15 digits")
    if sum(gateway.pattern.count(place) for place in PLACES) != 1:
        raise UsageError(f"the gateway's address {gateway.pattern!r} has no place for the number", hint="for instance {digits}@fax.example.org")
    made = gateway.pattern.replace("{number}", number).replace("{digits}", number[1:])
    if not _ADDRESS.match(made):
        raise UsageError(f"{made!r} is not one e-mail address", hint="for instance {digits}@fax.example.org")
    return made


def message(gateway: Gateway, number: str, fax: bytes, *, sender: str, name: str, token: str, date: datetime) -> bytes:
    """The message that asks the gateway to call: the fax attached and nothing else, as many gateways would fax a text as well.

    Args:
        gateway: the service.
        number: as `DIAL` wants it.
        fax: the bytes of the TIFF, or of the PDF if the gateway wants one.
        sender: the office's address; answers about the call come here.
        name: the file's name, without its ending.
        token: the Message-ID, in angle brackets.
        date: aware; the message's date.

    Raises:
        UsageError: see `address`.
        ValueError: a header would hold a line break.
    """
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["From"] = Address(addr_spec=sender)
    mail["To"] = Address(addr_spec=address(gateway, number))
    mail["Subject"] = gateway.subject
    mail["Date"] = format_datetime(date)
    mail["Message-ID"] = token
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody on holiday answers it
    kind, subtype, ending = ("application", "pdf", "pdf") if gateway.pdf else ("image", "tiff", "tif")
    mail.add_attachment(fax, maintype=kind, subtype=subtype, filename=f"{name}.{ending}")
    mail.set_boundary(f"=_{hashlib.sha256(fax + token.encode()).hexdigest()[:32]}")
    return mail.as_bytes()
