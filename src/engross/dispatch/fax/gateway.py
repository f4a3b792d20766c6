"""Mail-to-fax: a service that takes a message addressed to the number and calls it. What it says about the call comes back by mail, if at all."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engross.dispatch.channel import Item, Outcome, Parcel
from engross.dispatch.email import smtp
from engross.dispatch.fax.hfaxd import DIAL
from engross.dispatch.fax.way import checked_fax
from engross.errors import OutsideError, UsageError
from engross.ledger import Channel
from engross.render import tiff
from engross.render.fax import Pages, pdf

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


def as_pdf(data: bytes, item: Item) -> bytes:
    """The pages of a fax as a PDF of the same pixels."""
    pages = tiff.read(data)
    lines = next(resolution.name for resolution in tiff.RESOLUTIONS.values() if resolution.dpi == round(pages[0].dpi))
    stamp = str(pages[0].fields.get(306, ""))[:10].replace(":", "")
    delivery = item.delivery
    number = f"{delivery.letter}/{delivery.edition}/{delivery.packet}"
    facts = Pages(tuple(page.strip for page in pages), lines, pages[0].coding, number, delivery.packet, number, stamp, item.office.name, draft=False)
    return pdf(None, facts)


@dataclass
class GatewayWay:
    """Faxes of an office through its mail-to-fax service. `redirect` is a test number that gets everything; empty for real."""

    gateway: Gateway
    root: Path
    """Of the workspace, where certificates of mail servers are."""
    environment: Mapping[str, str] = field(repr=False)
    redirect: str = ""
    channel: Channel = Channel.FAX

    def pack(self, item: Item, now: datetime, earlier: Parcel | None) -> Parcel:
        """The message to the service; one that was tried before keeps its Message-ID and bytes.

        Raises:
            EngrossError: see `checked_fax`.
        """
        data, pages, _ = checked_fax(item, redirect=self.redirect)
        if earlier:
            return earlier
        if self.gateway.pdf:
            data = as_pdf(data, item)
        number, token = self.redirect or item.address, f"<{secrets.token_hex(16)}@{item.office.email.rpartition('@')[2]}>"
        date = now.astimezone(ZoneInfo(item.office.time_zone)).replace(microsecond=0)
        name = f"{item.delivery.letter}.{item.languages[0]}"
        made = message(self.gateway, number, data, sender=item.office.email, name=name, token=token, date=date)
        digests = [hashlib.sha256(one).hexdigest() for one in item.files.values()]
        details = {
            "number": number,
            "from": item.office.email,
            "pages": pages,
            "office": item.office.id,
            "languages": list(item.languages),
            "envid": secrets.token_hex(16),
            "attachments": digests,
        }
        return Parcel(made, token, {**details, "gateway": address(self.gateway, number)})

    def submit(self, item: Item, parcel: Parcel, commit: Callable[[], None]) -> Outcome:
        """Hand the message to the office's mail server. Accepted means that the server has it; what the service does with it, it alone knows.

        Raises:
            OutsideError: the office has no mail server, or the secret is missing.
        """
        if item.office.smtp is None:
            raise OutsideError(f"the office {item.office.id} has no mail server", hint=f"[tool.engross.offices.{item.office.id}.smtp]")
        session = smtp.Session(item.office.smtp, smtp.login(item.office.smtp, self.environment), self.root)
        return session.send(item.office.email, str(parcel.details["gateway"]), parcel.payload, str(parcel.details["envid"]), commit)
