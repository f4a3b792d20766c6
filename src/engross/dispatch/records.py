"""The delivery record as people and programs ask for it, and the decisions that people enter."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engross.artifact import Manifest
from engross.errors import UsageError
from engross.ledger import MAIL, Attempt, Channel, Delivery, Ledger, State
from engross.project import Project


def secrets_in_use(project: Project, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Passwords and tokens that the environment holds for the offices: none of them may be seen anywhere."""
    return tuple(environment[name] for office in project.settings.offices.values() for name in office.secrets if environment.get(name))


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


def require_ledger(ledger: Ledger, manifest: Manifest) -> None:
    """The ledger is sound, and the one that the manifest names if it names one.

    Raises:
        LedgerError: it is not; nothing may be sent on its word.
    """
    del manifest
    ledger.require()
