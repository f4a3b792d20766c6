"""Sending: what would go out is shown first, and goes out when somebody says so."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from engross.cli import faxing, frame

if TYPE_CHECKING:
    from engross.dispatch.channel import Item
    from engross.dispatch.fax.legible import Gate, Override
    from engross.dispatch.items import Choice
    from engross.dispatch.published import Published
    from engross.dispatch.sending import Result
    from engross.ledger import Channel, Delivery, Ledger, LedgerError, State
    from engross.project import Project

LetterId = Annotated[str, typer.Argument(help="Id of the letter.")]
Languages = Annotated[Optional[list[str]], typer.Option("--language", "-l", help="A language, e.g. ko; may be given several times.", show_default=False)]  # noqa: UP045 - Typer reads this at run time
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
STEP = 0.5
"""Seconds between two looks at the clock while waiting: a machine that slept wakes up to the right time, and Ctrl-C is heard."""


def register(app: typer.Typer) -> None:
    """Add the command `send`."""
    app.command()(send)


@dataclass(frozen=True, slots=True)
class _Offer:
    """What would go out, as it is shown."""

    name: str
    published: Published
    items: list[Item]
    impossible: list[str]
    states: dict[Delivery, State]
    redirect: dict[Channel, str]
    gate: Gate
    override: Override | None
    now: datetime
    trouble: LedgerError | None = None
    """Why the ledger cannot be used; a test needs none."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How somebody wants it sent and shown."""

    in_hours: bool
    wait: bool
    each: bool
    """Each delivery is told of when it is done."""
    json: bool
    told: list[Result] = field(default_factory=list)


def send(  # noqa: PLR0913, PLR0917 - what is asked, as options
    letter: LetterId,
    via: Annotated[Optional[str], typer.Option("--via", help="email or fax; both when not given.", show_default=False)] = None,  # noqa: UP045
    to: Annotated[Optional[list[str]], typer.Option("--to", help="Id of a mission; may be given several times. All recipients when not given.", show_default=False)] = None,  # noqa: UP045
    languages: Languages = None,
    office: Annotated[str, typer.Option("--office", help="Only what this office serves.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Send. Without it the command shows what would go out, and asks if there is somebody to ask.")] = False,
    in_hours: Annotated[bool, typer.Option("--in-hours", help="Send to each mission in its office hours; see --wait.")] = False,
    wait: Annotated[
        bool | None,
        typer.Option("--wait/--no-wait", help="With --in-hours: wait until closed missions open, or leave them for another run. At a terminal it waits.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Show each delivery, however many there are.")] = False,
    unreadable_by: faxing.UnreadableBy = "",
    because: faxing.Because = "",
    json: Json = False,
) -> None:
    """Send the official edition to the missions, each by each way once.

    First it shows who gets what, by which way and from which office, with everything that looks doubtful. What was sent before is not sent again; what was deferred is, when it is due.
    With ENGROSS_DELIVER_TO=test@example.org,+12025550100 everything goes to that address and number instead, and counts as a test.

    The first Ctrl-C lets what is being sent be finished and begins nothing more; the same command goes on later.

    Exit codes: 0 servers took everything, or it was only shown. 1 nothing can be sent: no edition, no ledger, embargo. 2 wrong usage. 3 something is left: refused, deferred, uncertain, held, or a mission is closed. 130 interrupted.
    """
    from engross.dispatch import overview, sending
    from engross.dispatch.items import Choice
    from engross.project import find

    if wait is not None and not in_hours:
        raise typer.BadParameter("it belongs to --in-hours", param_hint="--wait")
    project = find(Path.cwd())
    (name,) = project.pick([letter])
    choice = Choice(channel(via, ("email", "fax")), tuple(dict.fromkeys(to or ())), tuple(languages or ()), office)
    with frame.about(name), redirect_stdout(sys.stderr) if json else nullcontext():
        offer = _offer(project, name, choice, faxing.override(unreadable_by, because))
        if not json:
            for line in overview.offer_lines(offer.items, offer.impossible, offer.states, offer.redirect, offer.now, everything=everything):
                frame.say(line)
            for line in overview.hours_lines(overview.due(offer.items, offer.states, offer.now), offer.now) if in_hours else ():
                frame.say(line)
        sending.require_open(name, offer.published.embargo, offer.now)
        manner = _Manner(in_hours, sys.stderr.isatty() if wait is None else wait, not json and (everything or len(offer.items) <= overview.FEW or not sys.stderr.isatty()), json)
        code = _decided(project, offer, manner, yes=yes)
    if json:
        frame.as_json(_as_data(offer, manner.told))
    raise typer.Exit(code)


def _decided(project: Project, offer: _Offer, manner: _Manner, *, yes: bool) -> int:
    """Send if somebody says so; the exit code."""
    from engross.dispatch import overview
    from engross.dispatch.items import why_nobody

    if not offer.items:
        if not offer.impossible:
            frame.warn(f"warning: {why_nobody(offer.published)}")
        return 1
    if offer.trouble:
        if yes:
            raise offer.trouble
        frame.warn(f"warning: {offer.trouble.message}: nothing can be sent" + ("" if offer.states else ", and what was sent before is not known"))
        frame.warn(f"  hint: {offer.trouble.hint.replace('LETTER', offer.name)}")
    if not yes:
        waiting = overview.due(offer.items, offer.states, offer.now)
        if not waiting:
            return 0
        question = f"Send {overview.totals(waiting)}?"
        if manner.json or offer.trouble or not sys.stdin.isatty() or not typer.confirm(question, default=False):
            frame.say("nothing was sent" + ("" if offer.trouble else "; --yes sends"))
            return 0
    stop = _Stop()
    good = False
    try:
        with stop.heard():
            good = _send(project, offer, manner, stop)
    except KeyboardInterrupt:
        stop.asked = True
        frame.warn(f"broken off at {stop.doing}: `engross deliveries {offer.name}` says what is known of it; if that was the last step, it is uncertain in a quarter of an hour")
    finally:
        prefix = "test: " if offer.redirect else ""
        if manner.told and not manner.json:
            for line in overview.result_lines(offer.name, manner.told, told=manner.each, test=bool(offer.redirect)):
                frame.say(prefix + line)
    if stop.asked:
        frame.warn("interrupted; the same command goes on where it stopped")
        return frame.INTERRUPTED
    return 0 if good and all(result.good for result in manner.told) else 3


def _offer(project: Project, name: str, choice: Choice, override: Override | None) -> _Offer:
    """Read what would go out."""
    from engross.dispatch import sending
    from engross.dispatch.items import items
    from engross.dispatch.published import read_published
    from engross.dispatch.records import open_ledger, require_ledger
    from engross.dispatch.ways import fax_gate
    from engross.ledger import LedgerError

    now, redirect = _now(), sending.redirection(os.environ)
    published = read_published(project, name, now)
    frame.say(f"{name}, edition {published.manifest.edition}")
    states: dict[Delivery, State] = {}
    trouble = None
    if not redirect:
        try:
            with open_ledger(project, now) as ledger:
                states = {state.delivery: state for state in ledger.deliveries()}
                require_ledger(ledger, published, project.settings.ledger_id)
        except LedgerError as error:
            trouble = error
    found, impossible = items(project, published, choice, states, now)
    gate = fax_gate(project, published, redirect, override)
    found = faxing.look([item for item in found if not redirect or item.delivery.channel in redirect], gate, states)
    return _Offer(name, published, found, impossible, states, redirect, gate, override, now, trouble)


def _send(project: Project, offer: _Offer, manner: _Manner, stop: _Stop) -> bool:
    """Send what was offered; whether the faxes by hand could be handed out. What became of each is in `manner.told`."""
    from engross.dispatch import overview, sending
    from engross.dispatch.records import open_ledger, require_ledger
    from engross.dispatch.ways import ways

    found, by_hand = faxing.parted(offer.items)
    with frame.progress() as bar:

        def progress(title: str, done: int, total: int) -> None:
            stop.doing = title
            bar(title, done, total)

        def tell(result: Result) -> None:
            manner.told.append(result)
            if manner.each:
                frame.say(("test: " if offer.redirect else "") + overview.result_line(result))

        def waiting(until: datetime, items: Sequence[Item]) -> None:
            frame.warn(f"waiting until {overview.local(until)}; to go out then or later: {overview.totals(items)}. Ctrl-C ends it, and the same command goes on")
            wait_until(until, _now, time.sleep, lambda: stop.asked, lambda done, total: bar(f"minutes until {overview.local(until)}", done, total))

        watch = sending.Watch(progress, tell, lambda: stop.asked, waiting if manner.wait else None)
        if offer.redirect:
            if by_hand:
                frame.say(f"test: {len(by_hand)} fax(es) that are sent by hand are no part of it")
            way_of = ways(project, offer.published, os.environ, offer.redirect, override=offer.override)
            with _record_of_tests(project, offer.now) as record:
                sending.rehearse(found, way_of, _now, watch, ledger=record, redirect=offer.redirect)
            return True
        with open_ledger(project, offer.now) as ledger:
            require_ledger(ledger, offer.published, project.settings.ledger_id)
            good = faxing.hand_out(by_hand, offer.published, ledger, offer.gate, offer.now)
            way_of = ways(project, offer.published, os.environ, {}, lambda tag: ledger.find(tag) is not None, offer.override)
            sending.send(found, way_of, ledger, _now, in_hours=manner.in_hours, watch=watch)
            return good


@contextmanager
def _record_of_tests(project: Project, now: datetime) -> Iterator[Ledger | None]:
    """The ledger, to keep that there was a test; None when there is none that can be used, which hinders no test."""
    from engross.dispatch.records import open_ledger
    from engross.errors import EngrossError

    try:
        ledger = open_ledger(project, now)
    except EngrossError as error:
        frame.warn(f"warning: {error.message}: this test is not put on record")
        yield None
        return
    with ledger:
        if faults := ledger.verify():
            frame.warn(f"warning: {faults[0].message}: this test is not put on record")
        yield None if faults else ledger


def wait_until(until: datetime, clock: Callable[[], datetime], pause: Callable[[float], None], stop: Callable[[], bool], tick: Callable[[int, int], None]) -> None:
    """Return at that moment by the clock, or when `stop` is true. `tick` gets the minutes that have passed and all of them."""
    begin = clock()
    while not stop() and (now := clock()) < until:
        tick(int((now - begin).total_seconds() // 60), int((until - begin).total_seconds() // 60))
        pause(min(STEP, (until - now).total_seconds()))


class _Stop:
    """Whether somebody wants it to stop."""

    def __init__(self) -> None:
        self.asked = False
        self.doing = "the beginning"

    @contextmanager
    def heard(self) -> Iterator[None]:
        """The first Ctrl-C only asks: a message that is on the line is finished, as one that breaks off in its last step is uncertain. The second breaks off."""

        def asked(_number: int, _frame: object) -> None:
            if self.asked:
                raise KeyboardInterrupt
            self.asked = True
            os.write(2, b"\nstopping; what is being sent now is finished first. Ctrl-C once more breaks it off\n")

        before = signal.signal(signal.SIGINT, asked)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def _as_data(offer: _Offer, results: Sequence[Result]) -> dict[str, Any]:
    from engross.dispatch import overview

    return {
        "letter": offer.name,
        "edition": offer.published.manifest.edition,
        "test": {channel.value: address for channel, address in offer.redirect.items()},
        "trouble": offer.trouble.message if offer.trouble else None,
        "to_go": overview.totals(overview.due(offer.items, offer.states, offer.now)).to_json(),
        "items": [overview.item_json(item, offer.states, offer.now) for item in offer.items],
        "impossible": offer.impossible,
        "results": [overview.result_json(result) for result in results],
    }


def channel(via: str | None, known: tuple[str, ...] = ("email", "fax", "hand", "post", "courier")) -> Channel | None:
    """The way that was asked for; None when none was."""
    from engross.ledger import Channel

    if via is not None and via not in known:
        raise typer.BadParameter(f"one of {', '.join(known)}", param_hint="--via")
    return Channel(via) if via else None


def _now() -> datetime:
    return datetime.now(UTC)
