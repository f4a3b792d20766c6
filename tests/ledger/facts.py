"""Deliveries, times and events that the tests of the ledger share."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engross.ledger import Channel, Delivery, Event, Kind, Ledger, State, Stored
from engross.ledger.states import advance

T0 = datetime(2018, 6, 6, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAYLOAD = Stored(hashlib.sha256(b"the fax").hexdigest(), 7, "here")
NUMBER, OTHER_NUMBER = "+12025550143", "+12025550144"
FAX = Delivery("2018-06-06-dprk", 1, "new-york", Channel.FAX, "en")
MAIL = Delivery("2018-06-06-dprk", 1, "new-york", Channel.EMAIL, "mail")
GENEVA = Delivery("2018-06-06-dprk", 1, "geneva", Channel.FAX, "en")


def open_ledger(folder: Path, **options: Any) -> Ledger:
    return Ledger.open(folder / "ledger.sqlite3", offices=1, now=T0, **options)


def canonical_event(kind: Kind, state: State | None, at: datetime = T0, **changes: Any) -> Event:
    """An event of that kind as a well-behaved program would write it on that state."""
    latest = state.attempts[-1].number if state and state.attempts else 1
    upcoming = len(state.attempts) + 1 if state else 1
    until = (at + HOUR).isoformat()
    data: dict[Kind, dict[str, Any]] = {
        Kind.PLANNED: {"address": NUMBER},
        Kind.CLAIMED: {"attempt": upcoming, "owner": "o", "until": until, "token": f"tag-{upcoming}", "payload": PAYLOAD.data()},
        Kind.COMMITTING: {"attempt": latest, "owner": "o", "until": until},
        Kind.HELD: {"by": "clerk", "reason": "wait"},
        Kind.RELEASED: {"by": "clerk", "reason": "go"},
        Kind.CANCELLED: {"by": "clerk", "reason": "no"},
        Kind.CORRECTED: {"by": "clerk", "reason": "wrong recipient"},
        Kind.RESOLVED: {"by": "clerk", "reason": "asked", "decision": "again"},
        Kind.RECORDED: {"attempt": upcoming, "by": "clerk", "result": "acknowledged", "evidence": PAYLOAD.data()},
        Kind.NOTED: {"text": "out of office"},
        Kind.DEFERRED: {"attempt": latest, "owner": "o", "until": until, "reason": "451 later"},
    }
    return Event(kind, at, FAX, data={**data.get(kind, {"attempt": latest, "owner": "o", "reason": ""}), **changes})


def after(*kinds: str) -> State | None:
    """The state after events of those kinds."""
    state: State | None = None
    for kind in kinds:
        state = advance(state, canonical_event(Kind(kind), state))
    return state
