"""A HylaFAX server as a way out: one job is one attempt, and the job is handed over by the one command after `commit`.

Before that command nothing can have gone out: the server drops a job whose connection ends. After it, a reply other than yes does not settle the matter: hfaxd
writes the job before it asks the scheduler. So the queues are asked too, on a new connection.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engross.dispatch.channel import Item, Outcome, Parcel
from engross.dispatch.fax import hfaxd
from engross.dispatch.fax.hfaxd import FaxServerError, Job, Order, Server, Session
from engross.errors import EngrossError, UsageError
from engross.files import failpoint
from engross.ledger import Channel, Delivery, Status
from engross.render import tiff

AGAIN = timedelta(minutes=10)
"""After a temporary refusal of the fax server."""
SUSPENDED = "T"
"""A job that is being described, or that an operator has stopped: it was not handed over as far as anybody can tell."""


def tag(delivery: Delivery, *, test: bool = False) -> str:
    """A new tag for one attempt: the delivery in plain words, and a random part that tells attempts apart."""
    return f"{prefix(delivery, test=test)}{secrets.token_hex(8)}"


def prefix(delivery: Delivery, *, test: bool = False) -> str:
    """How the tags of all attempts at a delivery begin."""
    return f"{'test:' if test else ''}{delivery}#"


def checked_fax(item: Item, *, redirect: str = "") -> tuple[bytes, int, int]:
    """The bytes of a fax, its pages and its lines per inch, if it may be dialled.

    Raises:
        EngrossError: the number is not one to dial, is not the one on the cover, or the file is no fax.
    """
    number = redirect or item.address
    if not hfaxd.DIAL.match(number):
        raise UsageError(f"{number!r} is not a number to dial", hint="write it internationally, with + and 7 to 15 digits")
    if not redirect and item.address != item.mission.fax_e164:
        raise EngrossError(
            f"the fax for {item.mission.id} would be dialled to {item.address}, and its cover says {item.mission.fax_e164 or 'no number'}",
            hint="correct the address book and build the fax again: cover and call must agree",
        )
    files = [data for path, data in item.files.items() if path.endswith(".tif")]
    if len(files) != 1:
        raise EngrossError(f"a fax is one TIFF file, and {item.delivery} has {len(files)}", hint="build the letter again")
    pages = tiff.read(files[0])
    if not pages:
        raise EngrossError(f"the fax of {item.delivery} has no page", hint="build the letter again")
    return files[0], len(pages), round(pages[0].dpi)


@dataclass
class HylafaxWay:
    """Faxes of an office's HylaFAX server. `redirect` is a test number that gets everything; empty for real."""

    server: Server
    identifier: str = ""
    """Our number, as our machine tells it (TSI)."""
    sender: str = "engross"
    redirect: str = ""
    known: Callable[[str], bool] | None = None
    """Whether the ledger knows an attempt by that tag. With it, a job of the same delivery that the ledger does not know stops the attempt."""
    channel: Channel = Channel.FAX

    def pack(self, item: Item, now: datetime, earlier: Parcel | None) -> Parcel:  # noqa: ARG002 - each job is a new one
        """The fax as it is in the set, under a new tag.

        Raises:
            EngrossError: see `checked_fax`.
        """
        data, pages, lines = checked_fax(item, redirect=self.redirect)
        details = {"number": self.redirect or item.address, "from": self.identifier, "pages": pages, "lines": lines, "office": item.office.id, "languages": list(item.languages)}
        return Parcel(data, tag(item.delivery, test=bool(self.redirect)), details)

    def submit(self, item: Item, parcel: Parcel, commit: Callable[[], None]) -> Outcome:
        """Hand the job over to the fax server. Accepted means that the server has it, not that anybody was called."""
        order = Order(
            parcel.payload,
            str(parcel.details["number"]),
            parcel.token,
            _ascii(self.sender),
            identifier=_ascii(self.identifier),
            lines=int(parcel.details["lines"]),
            mail=item.office.email or "nobody",
        )
        return submit(self.server, order, prefix(item.delivery, test=bool(self.redirect)), commit, None if self.redirect else self.known)


def submit(server: Server, order: Order, attempts: str, commit: Callable[[], None], known: Callable[[str], bool] | None = None) -> Outcome:
    """Prepare the job, `commit`, hand it over, and say what is known of it then.

    Args:
        server: the fax server.
        order: the fax.
        attempts: how the tags of all attempts at this delivery begin.
        commit: called once, just before the job is handed over; what it raises ends the attempt, and the server drops the job.
        known: whether the ledger knows an attempt by that tag.
    """
    facts: dict[str, Any] = {"server": server.name}
    committed = False
    try:
        failpoint("fax:before-connect")
        with Session(server) as session:
            failpoint("fax:connected")
            if other := _other(session.find(attempts), known):
                return _outcome(Status.REFUSED, f"the fax server has job {other.id} of this delivery already ({other.tag})", facts)
            failpoint("fax:before-prepare")
            job = session.prepare(order)
            facts["job"] = job
            failpoint("fax:prepared")
            commit()
            committed = True
            failpoint("fax:before-submit")
            reply = session.submit(job)
            failpoint("fax:after-submit")
            return _outcome(Status.ACCEPTED, reply, facts)
    except FaxServerError as error:
        facts["reply"] = str(error.code)
        if committed:
            return _settle(server, order.tag, error, facts)
        status = Status.DEFERRED if error.temporary or error.code == 530 else Status.REFUSED
        return _outcome(status, error.message, facts, broken=error.code in (0, 421, 530))


def _other(jobs: list[Job], known: Callable[[str], bool] | None) -> Job | None:
    """A job of the same delivery that speaks against another one: it is still at work, or the ledger knows nothing of it."""
    for job in jobs:
        if job.state != SUSPENDED and (not job.ended or (known is not None and not known(job.tag))):
            return job
    return None


def _settle(server: Server, tag: str, error: FaxServerError, facts: Mapping[str, Any]) -> Outcome:
    """The command that hands the job over was sent, and its answer was an error or did not come: the queues decide, if they can."""
    try:
        found = hfaxd.find(server, tag)
    except FaxServerError:
        return _outcome(Status.UNCERTAIN, error.message, facts)
    if found and found[0].state != SUSPENDED:
        return _outcome(Status.ACCEPTED, f"the fax server has job {found[0].id}, though it answered: {error.message}", {**facts, "job": found[0].id})
    if error.code in (0, 421):
        return _outcome(Status.UNCERTAIN, f"{error.message}; the job is not in its queue, which proves nothing", facts)
    # The server said no in words, and does not have it: that is evidence, an empty queue alone would be none.
    return _outcome(Status.DEFERRED if error.temporary else Status.REFUSED, error.message, facts)


def _outcome(status: Status, reason: str, facts: Mapping[str, Any], *, broken: bool = False) -> Outcome:
    return Outcome(status, reason, AGAIN if status is Status.DEFERRED else None, dict(facts), broken=broken)


def _ascii(text: str) -> str:
    """The text as the server's Latin-1 fonts and commands surely take it."""
    return "".join(c if " " <= c <= "~" else "?" for c in text)
