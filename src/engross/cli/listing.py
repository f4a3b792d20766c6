"""What `engross deliveries` prints of deliveries: each, or of many how many are in which state, and those that need a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engross.cli import faxing, frame

if TYPE_CHECKING:
    from engross.ledger import Ledger, State


def show(states: Sequence[State], ledger: Ledger, *, json: bool, everything: bool = True) -> None:
    """Print the deliveries.

    Args:
        states: those that were asked for.
        ledger: they are of.
        json: all of them for another program.
        everything: each, however many there are.
    """
    from engross.dispatch.overview import FEW
    from engross.dispatch.records import row

    if json:
        frame.as_json([{**row(state), "unreadable": faxing.unreadable(ledger, state)} for state in states])
        return
    if len(states) <= FEW or everything:
        for state in states:
            for line in _each(state, ledger, several=len({one.delivery.edition for one in states}) > 1):
                frame.say(line)
    if not states:
        frame.say("nothing was planned yet, or nothing is as you asked")
    elif len(states) > 1:
        for line in _many(states, told=len(states) <= FEW or everything):
            frame.say(line)


def _each(state: State, ledger: Ledger, *, several: bool) -> Iterator[str]:
    delivery = state.delivery
    when = f" until {state.until.isoformat(timespec='seconds')}" if state.until else ""
    edition = f"  edition {delivery.edition}" if several else ""
    yield f"{delivery.recipient}  {delivery.channel.value} {delivery.packet}  {state.address}  {state.status.value}{when}{' (a person says so)' if state.decided else ''}{edition}"
    if state.reason:
        yield f"    {state.reason}"
    if known := faxing.unreadable(ledger, state):
        yield f"    sent although it cannot be read ({len(known['problems'])}: {known['problems'][0]}); {known['by']}: {known['because']}"


def _many(states: Sequence[State], *, told: bool) -> Iterator[str]:
    """By edition, the latest first: how many are in which state, and for the latest what can be done."""
    from engross.dispatch import overview

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
        steps = list(overview.next_lines(letter, [(state.delivery, state.status.value, state.until) for state in mine]))
        if steps:
            yield "next:"
            yield from steps
    if not told:
        yield "--all shows each; --state, --to, --via, -l and --edition those you mean"
