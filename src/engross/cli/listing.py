"""What `engross deliveries` prints of deliveries: each, or of many how many are in which state, and those that need a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from engross.cli import faxing, frame

if TYPE_CHECKING:
    from datetime import datetime

    from engross.ledger import Delivery, Event, Ledger, State


def show(states: Sequence[State], ledger: Ledger, *, json: bool, everything: bool = True, tests: Sequence[tuple[Delivery, Event]] = ()) -> None:
    """Print the deliveries, and after them what was only tested.

    Args:
        states: those that were asked for.
        ledger: they are of.
        json: all of them for another program.
        everything: each, however many there are.
        tests: what went to a test address or number; no delivery, and in no sum.
    """
    from engross.dispatch.overview import FEW
    from engross.dispatch.records import row

    if json:
        frame.as_json([{**row(state), "unreadable": faxing.unreadable(ledger, state)} for state in states])
        return
    handed = _handed_out(states, ledger)
    if len(states) <= FEW or everything:
        for state in states:
            for line in _each(state, ledger, handed.get(state.delivery), several=len({one.delivery.edition for one in states}) > 1):
                frame.say(line)
    if not states:
        frame.say("nothing was planned yet, or nothing is as you asked")
    elif len(states) > 1:
        for line in _many(states, handed, told=len(states) <= FEW or everything):
            frame.say(line)
    for line in _tested(tests, told=len(tests) <= FEW or everything):
        frame.say(line)


def _handed_out(states: Sequence[State], ledger: Ledger) -> dict[Delivery, datetime]:
    """When faxes that wait were handed out to be sent by hand; of these only a confirmation sheet can say more."""
    from engross.dispatch.fax.manual import handed_out
    from engross.ledger import Channel, Status

    waiting = [state.delivery for state in states if state.delivery.channel is Channel.FAX and state.status is Status.PLANNED]
    return {delivery: event.at for delivery in waiting if (event := handed_out(ledger, delivery))}


def _each(state: State, ledger: Ledger, handed: datetime | None, *, several: bool) -> Iterator[str]:
    from engross.dispatch.fax.manual import entering
    from engross.dispatch.overview import local

    delivery = state.delivery
    when = f" until {state.until.isoformat(timespec='seconds')}" if state.until else ""
    edition = f"  edition {delivery.edition}" if several else ""
    yield f"{delivery.recipient}  {delivery.channel.value} {delivery.packet}  {state.address}  {state.status.value}{when}{' (a person says so)' if state.decided else ''}{edition}"
    if state.reason:
        yield f"    {state.reason}"
    if handed:
        yield f"    handed out on {local(handed)} to be faxed by hand; once it was, enter what its confirmation sheet says:"
        yield f"    {entering(delivery.letter, delivery.recipient, delivery.packet, state.address, 'N')}"
    if known := faxing.unreadable(ledger, state):
        yield f"    sent although it cannot be read ({len(known['problems'])}: {known['problems'][0]}); {known['by']}: {known['because']}"


def _many(states: Sequence[State], handed: Mapping[Delivery, datetime], *, told: bool) -> Iterator[str]:
    """By edition, the latest first: how many are in which state, and for the latest what can be done."""
    from engross.dispatch import overview
    from engross.dispatch.fax.manual import entering

    letter = states[0].delivery.letter
    editions = sorted({state.delivery.edition for state in states}, reverse=True)
    for edition in editions:
        mine = [state for state in states if state.delivery.edition == edition]
        missions = len({state.delivery.recipient for state in mine})
        yield f"{letter}, edition {edition}: {overview.many(len(mine), 'delivery', 'deliveries')} to {overview.many(missions, 'mission')}:"
        yield from overview.count_lines(state.status.value for state in mine)
        if edition != editions[0]:
            continue
        troubled = [state for state in mine if state.status.value in overview.OPEN and not told]
        for status in overview.by_state((state.delivery.recipient, state.status.value) for state in troubled):
            said = [(state.delivery.recipient, state.reason or state.delivery.channel.value) for state in troubled if state.status.value == status]
            for group in overview.grouped(said):
                yield from group.lines(f"  {status}: ")
        steps = list(overview.next_lines(letter, [(state.delivery, state.status.value, state.until) for state in mine if state.delivery not in handed]))
        if by_hand := [state.delivery for state in mine if state.delivery in handed]:
            count = overview.many(len(by_hand), "fax", "faxes")
            steps.append(f"  planned, {count} handed out to be sent by hand: enter each confirmation sheet: {entering(letter, 'MISSION', 'LANGUAGE', 'NUMBER', 'N')}")
        if steps:
            yield "next:"
            yield from steps
    if not told:
        yield "--all shows each; --state, --to, --via, -l and --edition those you mean"


def _tested(tests: Sequence[tuple[Delivery, Event]], *, told: bool) -> Iterator[str]:
    """What went to a test address or number: each, or of many how many with which answer."""
    from engross.dispatch import overview

    if not tests:
        return
    yield f"{overview.many(len(tests), 'test', 'tests')}, which no mission got and no sum counts:"
    if told:
        for delivery, event in tests:
            reason = f": {event.data['reason']}" if event.data.get("reason") else ""
            yield f"  {overview.local(event.at)}  {delivery.recipient}  {delivery.channel.value} {delivery.packet}  to {event.data['address']}  {event.data['result']}{reason}"
        return
    results = [str(event.data["result"]) for _, event in tests]
    yield from (f"  {results.count(result):>6,}  {result}" for result in sorted(set(results)))
