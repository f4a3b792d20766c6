"""The rules: which event may follow which state, and what state follows. Pure functions; the ledger asks them inside its transaction.

Two tables decide. `MOVES` says how an attempt goes on when something is observed of it; `FROM` says in which states of the delivery a person or
a sender may act. An attempt that may have been taken by the other side is never followed by another automatic one unless a person decided so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from engross.ledger.model import Attempt, Channel, Decision, Event, Kind, NotAllowed, Stale, State, Status, Stored, utc

MOVES: dict[Status, frozenset[Kind]] = {
    Status.CLAIMED: frozenset({Kind.REFUSED, Kind.DEFERRED}),
    Status.COMMITTING: frozenset(
        {Kind.ACCEPTED, Kind.REFUSED, Kind.DEFERRED, Kind.UNCERTAIN, Kind.DELIVERY_REPORTED, Kind.ACKNOWLEDGED, Kind.PARTIAL, Kind.FAILED},
    ),
    Status.ACCEPTED: frozenset({Kind.DELIVERY_REPORTED, Kind.ACKNOWLEDGED, Kind.PARTIAL, Kind.FAILED, Kind.UNCERTAIN}),
    Status.UNCERTAIN: frozenset({Kind.ACCEPTED, Kind.DELIVERY_REPORTED, Kind.ACKNOWLEDGED, Kind.PARTIAL, Kind.FAILED}),
    Status.DELIVERY_REPORTED: frozenset({Kind.ACKNOWLEDGED, Kind.FAILED}),
    Status.PARTIAL: frozenset({Kind.ACKNOWLEDGED}),
    Status.FAILED: frozenset({Kind.DELIVERY_REPORTED, Kind.ACKNOWLEDGED}),
    Status.REFUSED: frozenset({Kind.ACCEPTED, Kind.DELIVERY_REPORTED, Kind.ACKNOWLEDGED}),
    Status.DEFERRED: frozenset({Kind.ACCEPTED, Kind.DELIVERY_REPORTED, Kind.ACKNOWLEDGED}),
    Status.ACKNOWLEDGED: frozenset(),
}
"""What may be observed of an attempt in each standing, each leading to the standing of the same name."""

KNOWN: dict[Status, frozenset[Kind]] = {
    Status.ACCEPTED: frozenset({Kind.ACCEPTED}),
    Status.DELIVERY_REPORTED: frozenset({Kind.ACCEPTED, Kind.DELIVERY_REPORTED}),
    Status.ACKNOWLEDGED: frozenset({Kind.ACCEPTED, Kind.DELIVERY_REPORTED, Kind.ACKNOWLEDGED}),
    Status.PARTIAL: frozenset({Kind.ACCEPTED, Kind.PARTIAL}),
    Status.FAILED: frozenset({Kind.ACCEPTED, Kind.FAILED}),
}
"""What may be observed once more, or late, and changes nothing."""

OBSERVED = frozenset().union(*MOVES.values())

_ENDED = frozenset({Status.ACCEPTED, Status.DELIVERY_REPORTED, Status.ACKNOWLEDGED, Status.PARTIAL, Status.FAILED, Status.REFUSED, Status.UNCERTAIN})
_WAITING = frozenset({Status.PLANNED, Status.DEFERRED})

FROM: dict[Kind, frozenset[Status | None]] = {
    Kind.PLANNED: frozenset({None}),
    Kind.CLAIMED: _WAITING | {Status.CLAIMED},
    Kind.COMMITTING: frozenset({Status.CLAIMED}),
    Kind.HELD: _WAITING | {Status.CLAIMED},
    Kind.RELEASED: frozenset({Status.HELD}),
    Kind.CANCELLED: _WAITING | {Status.CLAIMED, Status.HELD},
    Kind.CORRECTED: _WAITING | _ENDED | {Status.CLAIMED, Status.HELD},
    Kind.RESOLVED: _ENDED | {Status.CANCELLED},
    Kind.RECORDED: _WAITING | _ENDED | {None, Status.HELD},
    Kind.NOTED: frozenset(Status),
}
"""In which states of the delivery each act is allowed; None: before it was planned."""

_RANK = {Status.ACCEPTED: 1, Status.DELIVERY_REPORTED: 2, Status.ACKNOWLEDGED: 3}
_DECIDED = {Decision.SENT: Status.ACCEPTED, Decision.ARRIVED: Status.ACKNOWLEDGED, Decision.NOT_SENT: Status.FAILED}
RECORDABLE = frozenset({Status.ACCEPTED, Status.ACKNOWLEDGED, Status.PARTIAL, Status.FAILED})
"""What a person may record of a delivery made outside."""


def state(events: Iterable[Event]) -> State | None:
    """What the events of one delivery, in order, say together; None when there are none.

    Raises:
        NotAllowed: an event does not follow from the ones before it.
    """
    now: State | None = None
    for event in events:
        now = advance(now, event)
    return now


def advance(now: State | None, event: Event) -> State:
    """The state after one more event.

    Raises:
        Stale: the event belongs to a claim that is over.
        NotAllowed: the event does not follow.
    """
    if event.delivery is None or (now and now.delivery != event.delivery):
        raise NotAllowed(f"{event.kind.value} is no event of {now.delivery if now else 'a delivery'}")
    after = _observe(_known(now, event), event) if event.kind in OBSERVED else _act(now, event)
    return replace(after, events=(now.events if now else 0) + 1)


def _known(now: State | None, event: Event) -> State:
    if now is None:
        raise NotAllowed(f"{event.delivery} was never planned")
    return now


def _act(now: State | None, event: Event) -> State:
    """A sender's or a person's act."""
    status = now.status if now else None
    if event.kind not in FROM or status not in FROM[event.kind]:
        if event.kind is Kind.COMMITTING:
            raise Stale(f"{event.delivery} is {status.value if status else 'not planned'}: this claim is over", hint="nothing may be submitted on it")
        raise NotAllowed(f"{event.delivery} is {status.value if status else 'not planned'}; {event.kind.value} does not follow")
    if event.kind is Kind.PLANNED:
        assert event.delivery
        return State(event.delivery, Status.PLANNED, address=event.data.get("address", ""))
    if event.kind is Kind.RECORDED:
        return _record(now, event)
    assert now
    return _ACTS[event.kind](now, event)


def _claim(now: State, event: Event) -> State:
    if not now.due(event.at):
        assert now.until
        holder = f"is claimed by {now.attempts[-1].owner}" if now.status is Status.CLAIMED else "is deferred"
        raise NotAllowed(f"{now.delivery} {holder} until {now.until.isoformat()}")
    data = event.data
    until = _moment(data["until"])
    if until <= utc(event.at):
        raise NotAllowed("a claim needs a deadline in the future")
    number = _next(now, data)
    attempt = Attempt(number, data["owner"], now.address, data["token"], Stored.read(data["payload"]), until)
    return replace(now, status=Status.CLAIMED, attempts=(*now.attempts, attempt), current=number, until=until, reason="")


def _commit(now: State, event: Event) -> State:
    """The compare-and-swap: only the owner of the latest claim, within its time, and only while no earlier attempt is open."""
    attempt = now.attempts[-1]
    if event.data["attempt"] != attempt.number or event.data["owner"] != attempt.owner:
        raise Stale(f"{now.delivery} was taken over by {attempt.owner}", hint="nothing may be submitted on the old claim")
    assert attempt.until
    if attempt.until <= utc(event.at):
        raise Stale(f"the claim on {now.delivery} ended at {attempt.until.isoformat()}", hint="claim it again")
    if now.submissions >= now.allowed:
        raise NotAllowed(f"{now.delivery} was submitted before", hint="a person has to decide on a second submission")
    until = _moment(event.data["until"])
    if until <= utc(event.at):
        raise NotAllowed("a submission needs a deadline in the future")
    return replace(_with(now, replace(attempt, standing=Status.COMMITTING, submitted=True, until=until)), status=Status.COMMITTING, until=until)


def _observe(now: State, event: Event) -> State:
    """Something was seen of an attempt: by its owner, by a poll, or in a notice."""
    attempt = now.attempt(event.data["attempt"])
    if attempt is None:
        raise NotAllowed(f"{now.delivery} has no attempt {event.data['attempt']}")
    owner = event.data.get("owner")
    if owner is not None and owner != attempt.owner:
        raise Stale(f"attempt {attempt.number} of {now.delivery} belongs to {attempt.owner}")
    if not attempt.submitted and (now.status is not Status.CLAIMED or now.current != attempt.number):
        raise Stale(f"{now.delivery} is {now.status.value}: this claim is over", hint="nothing was submitted on it")
    if event.kind in KNOWN.get(attempt.standing, ()):
        return now
    if event.kind not in MOVES[attempt.standing]:
        raise NotAllowed(f"attempt {attempt.number} of {now.delivery} is {attempt.standing.value}; {event.kind.value} does not follow")
    _authority(now, attempt, event)
    standing = Status(event.kind.value)
    after = _with(now, replace(attempt, standing=standing))
    if attempt.misdirected or not (now.current == attempt.number or _lifts(now, standing)):
        return after
    until = _moment(event.data["until"]) if standing is Status.DEFERRED else None
    return replace(after, status=standing, current=attempt.number, until=until, reason=event.data.get("reason", ""), decided=False)


def _authority(now: State, attempt: Attempt, event: Event) -> None:
    """Only the owner says that nothing was taken; anybody may say that its time is over, once it is."""
    if event.data.get("owner") is not None:
        return
    if event.kind in (Kind.REFUSED, Kind.DEFERRED):
        raise NotAllowed(f"only the owner of attempt {attempt.number} of {now.delivery} can say that it was {event.kind.value}")
    if event.kind is Kind.UNCERTAIN and attempt.standing is Status.COMMITTING and attempt.until and attempt.until > utc(event.at):
        raise NotAllowed(f"{attempt.owner} is submitting {now.delivery} until {attempt.until.isoformat()}")


def _lifts(now: State, standing: Status) -> bool:
    """Whether news of an earlier attempt settles the delivery: it has arrived after all, so nothing more is to be sent by itself."""
    return standing in _RANK and now.status is not Status.COMMITTING and now.status not in _RANK and now.status is not Status.CORRECTED


def _resolve(now: State, event: Event) -> State:
    decision = Decision(event.data["decision"])
    if decision is Decision.AGAIN:
        return replace(now, status=Status.PLANNED, until=None, current=None, allowed=now.submissions + 1, reason=event.data["reason"], decided=True)
    attempt = now.attempt(now.current or 0)
    if now.status is not Status.UNCERTAIN or attempt is None:
        raise NotAllowed(f"{now.delivery} is {now.status.value}: only an uncertain delivery is resolved as {decision.value}")
    status = _DECIDED[decision]
    return replace(_with(now, replace(attempt, standing=status)), status=status, until=None, reason=event.data["reason"], decided=True)


def _correct(now: State, event: Event) -> State:
    attempts = tuple(replace(a, misdirected=a.misdirected or a.open) for a in now.attempts)
    address = event.data.get("address", "")
    idle = replace(now, attempts=attempts, until=None, current=None, reason=event.data["reason"], decided=False, released=False)
    if not address:
        return replace(idle, status=Status.CORRECTED)
    if address == now.address:
        raise NotAllowed(f"{now.delivery} has this address already")
    return replace(idle, status=Status.PLANNED, address=address, allowed=now.submissions + 1, corrected=True)


def _record(now: State | None, event: Event) -> State:
    assert event.delivery
    now = now or State(event.delivery, Status.PLANNED)
    result = Status(event.data["result"])
    if result not in RECORDABLE:
        raise NotAllowed(f"a person cannot record {result.value}")
    number = _next(now, event.data)
    attempt = Attempt(number, event.data["by"], event.data.get("address", "") or now.address, standing=result, automatic=False, submitted=True)
    after = replace(now, attempts=(*now.attempts, attempt))
    if _RANK.get(result, 0) <= _RANK.get(now.status, -1):
        return after
    return replace(after, status=result, current=number, until=None, reason=event.data.get("note", ""), decided=False)


def _note(now: State, _event: Event) -> State:
    return now


def _stop(now: State, event: Event) -> State:
    return replace(now, status=Status(event.kind.value), until=None, current=None, reason=event.data["reason"], decided=False)


def _release(now: State, _event: Event) -> State:
    return replace(now, status=Status.PLANNED, reason="", released=True)


_ACTS: dict[Kind, Callable[[State, Event], State]] = {
    Kind.CLAIMED: _claim,
    Kind.COMMITTING: _commit,
    Kind.RESOLVED: _resolve,
    Kind.CORRECTED: _correct,
    Kind.NOTED: _note,
    Kind.HELD: _stop,
    Kind.CANCELLED: _stop,
    Kind.RELEASED: _release,
}


def _next(now: State, data: Any) -> int:
    number = len(now.attempts) + 1
    if data["attempt"] != number:
        raise NotAllowed(f"the next attempt at {now.delivery} is {number}, not {data['attempt']}")
    return number


def _with(now: State, attempt: Attempt) -> State:
    return replace(now, attempts=(*now.attempts[: attempt.number - 1], attempt, *now.attempts[attempt.number :]))


def _moment(text: str) -> datetime:
    return utc(datetime.fromisoformat(text))


def shared_with(one: State, states: Iterable[State]) -> list[State]:
    """Deliveries of the same letter, edition and channel that go to another recipient under the same number or address."""
    mine = comparable(one.delivery.channel, one.address)
    return [
        other
        for other in states
        if mine
        and other.delivery.recipient != one.delivery.recipient
        and (other.delivery.letter, other.delivery.edition, other.delivery.channel) == (one.delivery.letter, one.delivery.edition, one.delivery.channel)
        and other.status not in (Status.CANCELLED, Status.CORRECTED)
        and comparable(other.delivery.channel, other.address) == mine
    ]


def comparable(channel: Channel, address: str) -> str:
    """The number or address with everything gone that does not tell two of them apart; empty for ways that have none."""
    if channel is Channel.FAX:
        return "".join(c for c in address if c.isdecimal())
    return address.strip().casefold() if channel is Channel.EMAIL else ""
