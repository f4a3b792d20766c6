"""The one road out: intent into the ledger, the last step only while the claim still stands, the outcome after it."""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engross.dispatch.channel import Item, Outcome, Parcel, Way
from engross.dispatch.hours import opens
from engross.errors import EngrossError, OutsideError, UsageError
from engross.files import failpoint
from engross.ledger import Channel, Claim, Delivery, Ledger, State, Status

CLAIM = timedelta(minutes=15)
"""How long one attempt may prepare before others may take it over."""
COMMIT = timedelta(minutes=15)
"""How long the last step may take before it counts as uncertain; longer than a server's answer may take."""

SOON = timedelta(minutes=1)
"""When to try again after something was amiss on our own side."""


INTERRUPTED = "not tried: interrupted"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item, in the ledger's words."""

    item: Item
    status: str
    reason: str = ""
    tried: bool = False
    """Whether a server was asked."""
    again: datetime | None = None
    """When it can be tried next, as far as that is known."""
    closed: bool = False
    """The mission is closed until then, and nothing else is amiss."""

    @property
    def good(self) -> bool:
        """Whether nothing is left to do for the sender."""
        return self.status in _GOOD


_GOOD = frozenset(status.value for status in (Status.ACCEPTED, Status.DELIVERY_REPORTED, Status.ACKNOWLEDGED, Status.CANCELLED, Status.CORRECTED))


@dataclass(frozen=True, slots=True)
class Watch:
    """How whoever sends looks on."""

    progress: Callable[[str, int, int], None] = lambda *_: None
    """Told what is being sent, how many were, and of how many."""
    tell: Callable[[Result], None] = lambda _: None
    """Told what became of an item, at once."""
    stop: Callable[[], bool] = lambda: False
    """Whether to begin with nothing more."""
    wait: Callable[[datetime, Sequence[Item]], None] | None = None
    """Returns at that moment, when the first of the missions that are closed opens, or when `stop` is true; given those that wait. Without it they are left for another run."""


WATCH = Watch()


def require_open(letter: str, embargo: datetime | None, now: datetime) -> None:
    """Nothing reaches any server before the embargo ends, not even as a test.

    Raises:
        EngrossError: it is too early.
    """
    if embargo and now < embargo:
        raise EngrossError(f"{letter} is under embargo until {embargo.isoformat()}", hint="nothing was sent, to nobody and to no server; run the command again then")


def redirection(environment: Mapping[str, str]) -> dict[Channel, str]:
    """Where `ENGROSS_DELIVER_TO` sends everything: an address, a number, or both parted by a comma; empty for real sending.

    Raises:
        UsageError: it is neither.
    """
    found: dict[Channel, str] = {}
    for part in filter(None, (piece.strip() for piece in environment.get("ENGROSS_DELIVER_TO", "").split(","))):
        channel = Channel.EMAIL if "@" in part else Channel.FAX
        if channel in found or (channel is Channel.FAX and not (part.startswith("+") and part[1:].isdecimal())):
            raise UsageError("ENGROSS_DELIVER_TO is not an address and a number", hint="for instance test@example.org,+12025550100")
        found[channel] = part
    if "ENGROSS_DELIVER_TO" in environment and not found:
        raise UsageError("ENGROSS_DELIVER_TO is empty", hint="unset it to send for real")
    return found


def send(items: Iterable[Item], ways: Mapping[Channel, Way], ledger: Ledger, clock: Callable[[], datetime], *, in_hours: bool = False, watch: Watch = WATCH) -> list[Result]:
    """Send what is due, each at most once; what cannot go out now says why.

    Args:
        items: what was shown to the person who said yes.
        ways: how to send on each channel.
        ledger: sound, and the one the edition names. It is not held while waiting.
        clock: the present, aware.
        in_hours: send nothing that would arrive while the mission is closed.
        watch: told what happens; it may stop the sending, and wait for missions that are closed.

    Returns:
        What became of each, in the order in which it did.

    Raises:
        EngrossError: it is under embargo; nothing was sent.
    """
    waiting, results = list(items), list[Result]()
    for item in waiting:
        require_open(item.delivery.letter, item.embargo, clock())
    ledger.expire(clock())
    known = {state.delivery for state in ledger.deliveries()}
    ledger.plan({item.delivery: item.address for item in waiting if item.delivery not in known}, clock())
    total = len(waiting)
    while waiting:
        closed: list[Result] = []
        broken: dict[tuple[str, Channel], str] = {}
        replaced = _replaced(ledger, waiting)
        for item in waiting:
            watch.progress(f"{item.delivery.recipient} {item.delivery.channel.value}", len(results), total)
            server = item.office.id, item.delivery.channel
            stopped = INTERRUPTED if watch.stop() else broken.get(server, "") or replaced.get(item.delivery, "")
            result, outcome = _one(item, ways[item.delivery.channel], ledger, clock, in_hours=in_hours, stopped=stopped)
            if outcome and outcome.broken:
                broken[server] = f"not tried: {outcome.reason}"
            if result.closed and watch.wait:
                closed.append(result)
            else:
                results.append(result)
                watch.tell(result)
        waiting = [result.item for result in closed]
        if waiting and watch.wait:
            ledger.close()
            watch.wait(min(result.again for result in closed if result.again), waiting)
    return results


def rehearse(
    items: Iterable[Item], ways: Mapping[Channel, Way], clock: Callable[[], datetime], watch: Watch = WATCH, *, ledger: Ledger | None = None, redirect: Mapping[Channel, str]
) -> list[Result]:
    """Send to the test address or number that the ways were made with. The deliveries stay to be made.

    Args:
        items: what is sent.
        ways: made with `redirect`.
        clock: the present, aware.
        watch: told what happens.
        ledger: where it is kept that there was a test; None where there is no ledger yet.
        redirect: where everything goes.

    Raises:
        EngrossError: it is under embargo; nothing was sent.
    """
    items, results = list(items), list[Result]()
    for number, item in enumerate(items):
        watch.progress(f"{item.delivery.recipient} {item.delivery.channel.value}", number, len(items))
        require_open(item.delivery.letter, item.embargo, clock())
        results.append(Result(item, "not sent", INTERRUPTED) if watch.stop() else _rehearsed(item, ways[item.delivery.channel], clock, ledger, redirect[item.delivery.channel]))
        watch.tell(results[-1])
    return results


def _rehearsed(item: Item, way: Way, clock: Callable[[], datetime], ledger: Ledger | None, address: str) -> Result:
    try:
        parcel = way.pack(item, clock(), None)
        payload = ledger.objects.put(parcel.payload) if ledger else None
        outcome = way.submit(item, parcel, lambda: None)
    except EngrossError as error:
        return Result(item, "not sent", error.message)
    if ledger and payload:
        details = {**parcel.details, **outcome.details}
        ledger.tested(item.delivery, address=address, result=outcome.status, token=parcel.token, payload=payload, now=clock(), reason=outcome.reason, details=details)
    return Result(item, outcome.status.value, outcome.reason, tried=True)


def _replaced(ledger: Ledger, items: Iterable[Item]) -> dict[Delivery, str]:
    """Why not, for those whose recipients get a later edition."""
    known = [state.delivery for state in ledger.deliveries() if state.status not in (Status.CANCELLED, Status.CORRECTED)]
    latest: dict[tuple[str, str], int] = {}
    for one in known:
        latest[one.letter, one.recipient] = max(one.edition, latest.get((one.letter, one.recipient), 0))
    found = {item.delivery: latest.get((item.delivery.letter, item.delivery.recipient), 0) for item in items}
    return {one: f"edition {newer} goes to them instead" for one, newer in found.items() if newer > one.edition}


def _one(item: Item, way: Way, ledger: Ledger, clock: Callable[[], datetime], *, in_hours: bool, stopped: str) -> tuple[Result, Outcome | None]:
    """Try one item, unless it is not due or `stopped` says why not; what the way saw of it, if it was asked."""
    now = clock()
    state = ledger.state(item.delivery)
    if state is None or not state.due(now):
        return Result(item, state.status.value if state else "unknown", _why_not(state), again=_again(state)), None
    if state.address != item.address:
        return Result(item, state.status.value, f"it goes to {state.address} now; look at the list again"), None
    if stopped:
        return Result(item, state.status.value, stopped), None
    if in_hours and (later := opens(item.mission.hours, item.mission.time_zone, now)):
        return Result(item, state.status.value, f"the mission is closed; run again after {later.isoformat()}", again=later, closed=True), None
    try:
        parcel = way.pack(item, now, _earlier(ledger, state, item))
        payload = ledger.objects.put(parcel.payload)
        failpoint("send:before-claim")
        owner = f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}"
        claim = ledger.claim(item.delivery, owner=owner, until=now + CLAIM, token=parcel.token, payload=payload, now=now, details=parcel.details)
        failpoint("send:after-claim")
        outcome = _submitted(item, way, parcel, lambda: _commit(ledger, claim, clock))
        failpoint("send:before-outcome")
        end = clock()
        until = end + outcome.retry if outcome.retry else None
        after = ledger.outcome(claim, outcome.status, now=end, reason=outcome.reason, until=until, details=outcome.details)
        failpoint("send:after-outcome")
    except OutsideError:
        raise
    except EngrossError as error:
        return Result(item, "not sent", error.message), None
    reason = outcome.reason + (f"; run again after {until.isoformat(timespec='seconds')}" if until else "")
    return Result(item, after.status.value, reason, tried=True, again=until), outcome


def _submitted(item: Item, way: Way, parcel: Parcel, commit: Callable[[], None]) -> Outcome:
    """The outcome of a try; what the way could not even begin, for want of a password, is one too."""
    try:
        return way.submit(item, parcel, commit)
    except OutsideError as error:
        return Outcome(Status.DEFERRED, error.message, SOON, broken=True)


def _commit(ledger: Ledger, claim: Claim, clock: Callable[[], datetime]) -> None:
    ledger.commit(claim, now=clock(), until=clock() + COMMIT)


def _earlier(ledger: Ledger, state: State, item: Item) -> Parcel | None:
    """The same thing as it was tried before: to the same address, with the same files, and its bytes still here."""
    last = next((attempt for attempt in reversed(state.attempts) if attempt.automatic and attempt.payload), None)
    if last is None or last.payload is None or last.address != item.address or not ledger.objects.has(last.payload.digest):
        return None
    details = next((dict(event.data) for event in ledger.events(item.delivery) if event.data.get("token") == last.token), {})
    kept = {key: value for key, value in details.items() if key not in ("attempt", "owner", "until", "token", "payload")}
    if kept.get("attachments") != [hashlib.sha256(data).hexdigest() for data in item.files.values()]:
        return None
    return Parcel(ledger.objects.get(last.payload.digest), last.token, kept)


def _again(state: State | None) -> datetime | None:
    return state.until if state and state.status in (Status.DEFERRED, Status.CLAIMED) else None


def _why_not(state: State | None) -> str:
    if state is None:
        return "it was never planned"
    if state.status is Status.DEFERRED and state.until:
        return f"run again after {state.until.isoformat(timespec='seconds')}"
    if state.status in (Status.CLAIMED, Status.COMMITTING) and state.until:
        return f"being sent by {state.attempts[-1].owner} until {state.until.isoformat(timespec='seconds')}"
    if state.status is Status.UNCERTAIN:
        return f"it may have arrived or not; a person decides: engross deliveries {state.delivery.letter} resolve"
    return state.reason
