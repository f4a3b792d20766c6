"""E-mail as a way out: the message made for sending, and handed to the office's server."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from engross.dispatch.channel import Item, Outcome, Parcel
from engross.dispatch.email import smime, smtp
from engross.dispatch.email.body import body
from engross.dispatch.email.compose import Attachment, Envelope, address, message, recipient, to_bytes
from engross.dispatch.email.connection import TIMEOUT
from engross.dispatch.email.names import attachment_name
from engross.dispatch.email.preview import layout_of, receivers
from engross.edition import Edition
from engross.errors import EngrossError, OutsideError
from engross.ledger import Channel
from engross.project import Project


@dataclass
class EmailWay:
    """Messages of one edition. `redirect` is a test address that gets everything; empty for real."""

    project: Project
    edition: Edition
    environment: Mapping[str, str] = field(repr=False)
    redirect: str = ""
    timeout: float = TIMEOUT
    timeout_dot: float = smtp.TIMEOUT_DOT
    channel: Channel = Channel.EMAIL

    def pack(self, item: Item, now: datetime, earlier: Parcel | None) -> Parcel:
        """The message with the present as its Date and a Message-ID of its own, signed when the office has a certificate.

        Raises:
            EngrossError: it is larger than the office's server may be given, or cannot be signed.
        """
        envid = secrets.token_hex(16)
        if earlier:
            return replace(earlier, details={**earlier.details, "envid": envid})
        versions = [(self.edition.versions[code].letter, self.edition.versions[code].labels, layout_of(self.project, code, draft=False)) for code in item.languages]
        office = item.office
        local = next(one for one in receivers(versions[0][0]) if one.id == item.mission.id)
        files = list(item.files.values())
        attachments = [Attachment(attachment_name(letter, layout.locale), data, layout.locale.tag) for (letter, _, layout), data in zip(versions, files, strict=True)]
        envelope = Envelope(
            address(office.email, office.name),
            address(office.reply_to or office.email, office.name),
            recipient(local, self.redirect or item.address),
            now.astimezone(ZoneInfo(office.time_zone)).replace(microsecond=0),
            f"<{secrets.token_hex(16)}@{office.email.rpartition('@')[2]}>",
            marks=("[TEST]",) if self.redirect else (),
        )
        made = message(body(versions, office, status=local.holder.status, correction=item.correction), attachments, envelope)
        data = smime.sign(made, office.smime, self.project.root, self.environment) if office.smime else to_bytes(made)
        limit = office.smtp.limit_mb * 1000 * 1000 if office.smtp else 0
        if len(data) > limit:
            raise EngrossError(
                f"the message to {item.mission.id} has {len(data) / 1e6:.1f} MB; the limit is {limit / 1e6:.0f} MB",
                hint="send fewer languages, or raise limit_mb if the server takes more",
            )
        digests = [hashlib.sha256(one).hexdigest() for one in files]
        details = {"envid": envid, "languages": list(item.languages), "attachments": digests, "from": office.email, "office": office.id, "signed": "S/MIME" if office.smime else ""}
        return Parcel(data, envelope.message_id, details)

    def submit(self, item: Item, parcel: Parcel, commit: Callable[[], None]) -> Outcome:
        """Hand the message to the office's server.

        Raises:
            OutsideError: the office has no server, or the secret is missing.
        """
        if item.office.smtp is None:
            raise OutsideError(f"the office {item.office.id} has no mail server", hint=f"[tool.engross.offices.{item.office.id}.smtp]")
        session = smtp.Session(item.office.smtp, smtp.login(item.office.smtp, self.environment), self.project.root, self.timeout, self.timeout_dot)
        return session.send(item.office.email, self.redirect or item.address, parcel.payload, str(parcel.details["envid"]), commit)
