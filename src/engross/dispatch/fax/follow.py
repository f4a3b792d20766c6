"""What became of faxes that were handed over: their jobs are looked for by tag, and what the records show is entered. Never causes another attempt.

Only positive evidence settles anything. A job that is found was handed over; a job that is not found proves nothing, as fax servers clear their queues.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engross.dispatch.fax import evidence, hfaxd
from engross.dispatch.fax.hfaxd import FaxServerError, Job, Server, Session
from engross.dispatch.fax.way import SUSPENDED
from engross.errors import OutsideError
from engross.files import failpoint
from engross.ledger import Attempt, Channel, Kind, Ledger, State, Status, Stored
from engross.ledger.model import Delivery

OPEN = (Status.COMMITTING, Status.ACCEPTED, Status.UNCERTAIN)
"""Standings of an attempt of which more may be learnt from the server."""


def follow_all(ledger: Ledger, server: Server, letter: str, now: datetime, progress: Callable[[str, int, int], None] = lambda *_: None) -> list[State]:
    """`follow` for every fax of a letter of which more may be learnt; submissions that outlived their deadline are uncertain first.

    `progress` is told which fax is asked about, how many were, and of how many.
    """
    ledger.expire(now, letter)
    waiting = [state for state in ledger.deliveries(letter) if state.delivery.channel is Channel.FAX and _open(state)]
    found: list[State] = []
    for state in waiting:
        progress(f"asking about {state.delivery.recipient} {state.delivery.packet}", len(found), len(waiting))
        found.append(follow(ledger, state.delivery, server, now))
    return found


def follow(ledger: Ledger, delivery: Delivery, server: Server, now: datetime) -> State:
    """Look at the jobs of a delivery once, each on a new connection, and enter what is new.

    Raises:
        FaxServerError: the server refused, or cannot be heard. Nothing was entered.
        NotAllowed: there is no such delivery.
    """
    state = _state(ledger, delivery)
    for attempt in _open(state):
        failpoint("fax:before-poll")
        jobs = hfaxd.find(server, attempt.token)
        failpoint("fax:after-poll")
        state = _enter(ledger, state, attempt, jobs[0] if jobs else None, server, now)
    return state


def cancel(ledger: Ledger, delivery: Delivery, server: Server, *, by: str, reason: str, now: datetime) -> State:
    """End the job of a fax that was handed over, also in the middle of a call, and enter what it then shows. Who wanted it is entered first.

    Raises:
        OutsideError: the server knows no job of this delivery that could be ended; what was sent is sent.
    """
    state = _state(ledger, delivery)
    for attempt in _open(state):
        running = [job for job in hfaxd.find(server, attempt.token) if not job.ended]
        for job in running:
            ledger.note(delivery, now=now, details={"what": "the fax job is to be ended", "attempt": attempt.number, "job": job.id, "by": by, "reason": reason})
            failpoint("fax:before-cancel")
            with Session(server) as session:
                session.cancel(job.id)
            failpoint("fax:after-cancel")
        if running:
            return follow(ledger, delivery, server, now)
    raise OutsideError(f"the fax server has no job of {delivery} that could be ended", hint="what went out is out; see `engross deliveries`")


def _enter(ledger: Ledger, state: State, attempt: Attempt, job: Job | None, server: Server, now: datetime) -> State:
    if job is None or job.state == SUSPENDED:
        if attempt.standing is not Status.ACCEPTED or job is not None or _taken_by(ledger, state, attempt) != server.name:
            return state
        return ledger.observe(state.delivery, attempt.number, Status.UNCERTAIN, now=now, reason="the fax server no longer knows the job; it may have been sent or not")
    if not job.ended:
        _note_call(ledger, state, attempt, job, server, now)
        if attempt.standing is Status.ACCEPTED:
            return _state(ledger, state.delivery)
        return ledger.observe(
            state.delivery, attempt.number, Status.ACCEPTED, now=now, reason="the job was found in the fax server's queue", details={"job": job.id, "tag": job.tag}
        )
    record, log = _records(server, job)
    outcome = evidence.read(record, log)
    details = {**outcome.details(), "tag": job.tag, "log": ledger.objects.put(log).data() if log else None}
    kept = ledger.objects.put(record)
    failpoint("fax:before-outcome")
    return ledger.observe(state.delivery, attempt.number, outcome.result, now=now, reason=outcome.reason, evidence=kept, details=details)


def _records(server: Server, job: Job) -> tuple[bytes, bytes]:
    """The queue record, and the log of the last call, empty when the server does not show it."""
    failpoint("fax:before-retrieve")
    with Session(server) as session:
        record, log = session.retrieve(job.record), _log(session, job)
    failpoint("fax:after-retrieve")
    return record, log


def _log(session: Session, job: Job) -> bytes:
    if not job.log:
        return b""
    try:
        return session.retrieve(job.log)
    except FaxServerError as error:
        if error.code == 0:
            raise
        return b""  # kept from this user, or gone


def _note_call(ledger: Ledger, state: State, attempt: Attempt, job: Job, server: Server, now: datetime) -> None:
    """A call that did not bring the fax over, before the server calls again: each is kept, with its log."""
    noted = [event.data.get("dials", 0) for event in ledger.events(state.delivery) if event.kind is Kind.NOTED and event.data.get("attempt") == attempt.number]
    if job.state == "R" or job.dials <= max([0, *noted]):
        return
    with Session(server) as session:
        log = _log(session, job)
    stored: Stored | None = ledger.objects.put(log) if log else None
    details = {
        "what": "a call of the fax server",
        "attempt": attempt.number,
        "job": job.id,
        "dials": job.dials,
        "tries": job.tries,
        "pages": job.pages,
        "session": job.session,
        "reason": job.status,
    }
    ledger.note(state.delivery, now=now, evidence=stored, details=details)


def _taken_by(ledger: Ledger, state: State, attempt: Attempt) -> str:
    """The server that took the job. Only that one can be said to know it no longer; another office's never did."""
    events = [event for event in ledger.events(state.delivery) if event.kind is Kind.ACCEPTED and event.data.get("attempt") == attempt.number]
    return str(events[-1].data.get("server", "")) if events else ""


def _open(state: State) -> list[Attempt]:
    """Attempts that were handed over, or may have been, and whose end is not known."""
    return [attempt for attempt in state.attempts if attempt.automatic and attempt.submitted and attempt.token and attempt.standing in OPEN]


def _state(ledger: Ledger, delivery: Delivery) -> State:
    state = ledger.state(delivery)
    if state is None:
        raise OutsideError(f"{delivery} was never planned")
    return state
