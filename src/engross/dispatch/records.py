"""The delivery record as people and programs ask for it, and the decisions that people enter."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engross import redaction
from engross.dispatch.published import Published
from engross.errors import OutsideError, UsageError
from engross.ledger import MAIL, Attempt, Channel, Delivery, Head, Ledger, LedgerError, Missing, State
from engross.project import Project
from engross.sign import LedgerName


def secrets_in_use(project: Project, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Passwords and tokens that the environment holds for the offices, the database and the officers: none of them may be seen anywhere."""
    return redaction.secrets(environment, [name for office in project.settings.offices.values() for name in office.secrets])


def open_ledger(project: Project, now: datetime, *, create: bool = False) -> Ledger:
    """The ledger that the settings name. A sender never makes one.

    Raises:
        UsageError: the place cannot hold it.
        LedgerError: it is missing or damaged.
        OutsideError: the database cannot be reached.
    """
    where = project.settings.ledger
    if where and "://" not in where:
        where = str(project.root / os.path.expanduser(where))  # noqa: PTH111 - a URL is no path
    return Ledger.open(where or None, offices=len(project.settings.offices), now=now, create=create, secrets=secrets_in_use(project, os.environ))


def pick(states: list[State], recipient: str, channel: Channel | None, packet: str) -> State:
    """The one delivery that a person means.

    Raises:
        UsageError: there is none, or more than one; the message names them.
    """
    found = [s for s in states if s.delivery.recipient == recipient and channel in (None, s.delivery.channel) and packet in ("", s.delivery.packet)]
    found = [s for s in found if s.delivery.edition == max(one.delivery.edition for one in found)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"{s.delivery.recipient} {s.delivery.channel.value} {s.delivery.packet}" for s in found or states)
    raise UsageError(
        f"{'several deliveries' if found else 'no delivery'} to {recipient!r}", hint=f"say --to, --via and -l; there are: {listed}" if listed else "nothing was planned yet"
    )


def outside_delivery(letter: str, edition: int, recipient: str, channel: Channel, packet: str) -> Delivery:
    """The delivery that somebody made without the program."""
    return Delivery(letter, edition, recipient, channel, MAIL if channel is Channel.EMAIL else packet or "letter")


def row(state: State) -> dict[str, Any]:
    """A delivery as plain data, for `--json`."""
    delivery = state.delivery
    return {
        "letter": delivery.letter,
        "edition": delivery.edition,
        "recipient": delivery.recipient,
        "channel": delivery.channel.value,
        "packet": delivery.packet,
        "address": state.address,
        "status": state.status.value,
        "decided_by_a_person": state.decided,
        "until": state.until.isoformat() if state.until else None,
        "reason": state.reason,
        "attempts": [_attempt(attempt) for attempt in state.attempts],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "by": attempt.owner,
        "address": attempt.address,
        "status": attempt.standing.value,
        "reference": attempt.token,
        "sha256": attempt.payload.digest if attempt.payload else None,
        "bytes": attempt.payload.size if attempt.payload else None,
        "automatic": attempt.automatic,
        "misdirected": attempt.misdirected,
    }


def require_ledger(ledger: Ledger, published: Published, chosen: str) -> None:
    """The ledger is sound, and the one that the signed manifest names; where nothing is signed, the one that the settings name, if they do.

    Args:
        ledger: as it was opened.
        published: the edition that is to be sent.
        chosen: `ledger_id` of the settings, or empty.

    Raises:
        LedgerError: it is not; nothing may be sent on its word.
    """
    named = published.signed.listing.ledger if published.signed else None
    if published.signed and not named and not chosen:
        hint = f'if {ledger.identity} is the one, write ledger_id = "{ledger.identity}" below [tool.engross] in pyproject.toml'
        raise LedgerError("the signed manifest names no ledger, and neither do the settings", hint=hint)
    if named and chosen and named.identity != chosen:
        raise LedgerError(f"the signed manifest names the ledger {named.identity}, the settings {chosen}", hint="correct ledger_id in pyproject.toml")
    identity = named.identity if named else chosen
    head = Head(named.sequence, named.hash) if named and named.sequence else None
    ledger.require(UUID(identity) if identity else None, head)


def named_at_signing(project: Project, now: datetime) -> LedgerName | None:
    """The ledger that the manifest signed now is to name; None in a workspace whose offices cannot send anything.

    Where the officer signs, the ledger need not be at hand if the settings say which one it is.

    Raises:
        UsageError: there is none yet, or another one than the settings say.
        LedgerError: it is damaged, or was rolled back.
        OutsideError: its database cannot be reached, and the settings do not say which one it is.
    """
    chosen = project.settings.ledger_id
    if not chosen and not any(office.smtp or office.fax_server for office in project.settings.offices.values()):
        return None
    try:
        with open_ledger(project, now) as ledger:
            ledger.require(UUID(chosen) if chosen else None)
            head = ledger.head()
            return LedgerName(str(ledger.identity), head.sequence, head.hash)
    except Missing as error:
        if not chosen:
            hint = "make it first: engross deliveries LETTER init. If it is on another machine, write the ledger_id that it printed there into pyproject.toml"
            raise UsageError(f"the signed manifest names the ledger of the deliveries, and {error.message}", hint=hint) from None
    except OutsideError:
        if not chosen:
            raise
    return LedgerName(chosen)
