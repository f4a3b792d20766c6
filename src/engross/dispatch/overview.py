"""What many deliveries come to, in lines for a person: totals, what is the same for many, and what to do next. Nothing is read or sent here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engross.dispatch.channel import Item
from engross.dispatch.hours import opens
from engross.dispatch.sending import Result
from engross.ledger import Channel, Delivery, State, Status

FEW = 24
"""Deliveries that are shown one by one unasked."""
NAMED = 6
"""Missions that a line about many names."""

MEANS: Mapping[str, str] = {
    Status.ACKNOWLEDGED.value: "the answering machine confirmed all pages, or a person did",
    Status.DELIVERY_REPORTED.value: "a notice says that it was put into the mailbox",
    Status.ACCEPTED.value: "a server took it; whether it arrived is not known",
    Status.PLANNED.value: "not sent yet",
    Status.CLAIMED.value: "being prepared by a program, or by one that broke off",
    Status.COMMITTING.value: "in its last step: they may have it",
    Status.DEFERRED.value: "not taken: a server said later, or could not be used; they have nothing",
    Status.UNCERTAIN.value: "it broke off in the last step: they may have it or not",
    Status.REFUSED.value: "the other side said no; they have nothing",
    Status.PARTIAL.value: "some pages arrived",
    Status.FAILED.value: "it was taken and did not arrive",
    Status.HELD.value: "stopped, until a person decides",
    Status.CANCELLED.value: "it shall not go out",
    Status.CORRECTED.value: "the recipient was wrong",
    "not sent": "it could not be made, or somebody else has it; they have nothing",
}
"""The words of docs/ledger.md, best known first: the order of every summary."""

_DECIDE = "engross deliveries {letter} {action} --to MISSION --via {ways} --by ROLE --reason WHY"
_STEPS: Mapping[str, tuple[str, str]] = {
    Status.PLANNED.value: ("", "engross send {letter}{after}"),
    Status.DEFERRED.value: ("", "engross send {letter}{after}"),
    Status.CLAIMED.value: ("if no program is at it any more", "engross send {letter}{after}"),
    Status.COMMITTING.value: ("if no program is at it any more, it is uncertain then", "engross deliveries {letter}{after}"),
    Status.UNCERTAIN.value: ("ask the mission, or look into the journal", f"{_DECIDE} --decision sent|arrived|not-sent|again"),
    Status.REFUSED.value: ("right the address, or have it tried again", f"{_DECIDE} --address RIGHT"),
    Status.PARTIAL.value: ("ask the mission, or have it sent again", f"{_DECIDE} --decision again"),
    Status.FAILED.value: ("right the address, or have it sent again", f"{_DECIDE} --decision again"),
    Status.HELD.value: ("let it go, or end it with cancel", _DECIDE),
}
OPEN = frozenset(_STEPS)
"""States in which something is left to do."""
_ACTIONS = {Status.UNCERTAIN.value: "resolve", Status.REFUSED.value: "correct", Status.PARTIAL.value: "resolve", Status.FAILED.value: "resolve", Status.HELD.value: "release"}
_PARTICULAR = re.compile(r"[^\s,;:()]*[@\d…][^\s,;()]*")


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is of something to send."""

    missions: int
    messages: int
    faxes: int
    mail_bytes: int
    """Of attachments, before they are encoded for the mail."""
    minutes: float
    """Estimated, on the telephone line."""

    def __str__(self) -> str:
        parts = []
        if self.messages:
            parts.append(f"{many(self.messages, 'message')} ({_size(self.mail_bytes)})")
        if self.faxes:
            parts.append(f"{many(self.faxes, 'fax', 'faxes')} (about {self.minutes:,.0f} min on the line)")
        return f"{' and '.join(parts)} to {many(self.missions, 'mission')}" if parts else "nothing"

    def to_json(self) -> dict[str, object]:
        """As plain data."""
        return {"missions": self.missions, "messages": self.messages, "faxes": self.faxes, "mail_bytes": self.mail_bytes, "fax_minutes": round(self.minutes, 1)}


def totals(items: Iterable[Item]) -> Totals:
    """What the items come to."""
    items = list(items)
    mail = [item for item in items if item.delivery.channel is Channel.EMAIL]
    faxes = [item for item in items if item.delivery.channel is Channel.FAX]
    return Totals(len({item.delivery.recipient for item in items}), len(mail), len(faxes), sum(item.size for item in mail), sum(item.minutes for item in faxes))


def due(items: Iterable[Item], states: Mapping[Delivery, State], now: datetime) -> list[Item]:
    """Those that would go out now."""
    return [item for item in items if (state := states.get(item.delivery)) is None or state.due(now)]


@dataclass(frozen=True, slots=True)
class Group:
    """The same thing said of several missions."""

    text: str
    """What they have in common; an ellipsis for what is particular to each."""
    each: tuple[tuple[str, str], ...]
    """Mission, and what was said of it."""

    def lines(self, mark: str, of: int = 0) -> Iterator[str]:
        """One line for all, or one for each where they differ and are few. Where it is said of each of `of` missions, they are not named."""
        missions = list(dict.fromkeys(name for name, _ in self.each))
        if len({text for _, text in self.each}) > 1 and len(self.each) <= NAMED:
            yield from (f"{mark}{name}: {text}" for name, text in self.each)
        elif len(missions) == 1:
            yield f"{mark}{missions[0]}: {self.text}"
        elif len(missions) == of:
            yield f"{mark}all {of:,} missions: {self.text}"
        else:
            yield f"{mark}{len(missions):,} missions: {self.text}: {_named(missions)}"


def grouped(said: Iterable[tuple[str, str]]) -> list[Group]:
    """Put together what is said alike of several missions: addresses, numbers and dates aside. The largest groups first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, text in said:
        found.setdefault(_PARTICULAR.sub("…", text), []).append((name, text))
    groups = [Group(same[0][1] if len({text for _, text in same}) == 1 else alike, tuple(same)) for alike, same in found.items()]
    return sorted(groups, key=lambda group: -len(group.each))


def offer_lines(
    items: Sequence[Item], impossible: Sequence[str], states: Mapping[Delivery, State], redirect: Mapping[Channel, str], now: datetime, *, everything: bool
) -> Iterator[str]:
    """What would go out, with everything that looks doubtful: one by one if there are few, else what is the same for many together.

    Args:
        items: everything that was asked for.
        impossible: `mission: why`, of what cannot go out.
        states: what the ledger knows.
        redirect: where a test goes; empty for real.
        now: the present, aware.
        everything: one by one however many there are.
    """
    for channel, address in redirect.items():
        yield f"TEST: ENGROSS_DELIVER_TO is set; everything by {channel.value} goes to {address}, nothing to any mission"
    waiting = due(items, states, now)
    if everything or len(items) <= FEW:
        count = totals(items).missions
        common = [] if everything or count < 2 else [warning for warning in items[0].warnings if all(warning in item.warnings for item in items)]
        yield from (f"  ! all {count} missions: {warning}" for warning in common)
        for item in items:
            yield _item_line(item, states, redirect)
            yield from (f"    ! {warning}" for warning in item.warnings if warning not in common)
    else:
        for office, channel in sorted({(item.office.id, item.delivery.channel) for item in waiting}):
            mine = [item for item in waiting if (item.office.id, item.delivery.channel) == (office, channel)]
            yield f"{channel.value} from {office}: {totals(mine)}; {', '.join(f'{code} {n:,}' for code, n in Counter(code for item in mine for code in item.languages).most_common())}"
        for group in grouped((item.delivery.recipient, warning) for item in waiting for warning in item.warnings):
            yield from group.lines("  ! ", totals(waiting).missions)
    for group in grouped((name, why) for name, _, why in (line.partition(": ") for line in impossible)):
        yield from group.lines("not possible: ")
    settled = [item for item in items if item not in waiting]
    if settled:
        yield f"not now, {len(settled):,} of {many(len(items), 'delivery', 'deliveries')}:"
        yield from count_lines(states[item.delivery].status.value for item in settled)
    yield f"to go out now: {totals(waiting)}" + ("; --all shows each" if not everything and len(items) > FEW else "")


def _item_line(item: Item, states: Mapping[Delivery, State], redirect: Mapping[Channel, str]) -> str:
    minutes = f", about {item.minutes:.0f} min" if item.minutes else ""
    standing = f"  [{states[item.delivery].status.value}]" if item.delivery in states else ""
    target = redirect.get(item.delivery.channel, item.address)
    return f"{item.delivery.recipient}  {item.delivery.channel.value}  {target}  {', '.join(item.languages)}  {_size(item.size)}{minutes}  from {item.office.id}{standing}"


def hours_lines(items: Iterable[Item], now: datetime) -> Iterator[str]:
    """Who is closed now and until when, and whose hours are not known."""
    closed: dict[str, list[str]] = {}
    for item in items:
        mission = item.mission
        opening = opens(mission.hours, mission.time_zone, now)
        if opening or not (mission.hours and mission.time_zone):
            when = f"closed until {opening:%a %Y-%m-%d %H:%M %Z}" if opening else "the address book has no office hours: it goes out at any hour"
            closed.setdefault(when, []).append(mission.id)
    for when, names in closed.items():
        yield f"  {when}: {_named(names)}"


def by_state(names: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Names by the status that stands beside each, in the order of `MEANS`."""
    found: dict[str, list[str]] = {}
    for name, status in names:
        found.setdefault(status, []).append(name)
    return {status: found[status] for status in MEANS if status in found}


def count_lines(statuses: Iterable[str]) -> Iterator[str]:
    """How many are in each state, and what that means."""
    counts = {status: len(found) for status, found in by_state(("", status) for status in statuses).items()}
    for status, count in counts.items():
        yield f"  {count:>6,}  {status}: {MEANS[status]}"


def next_lines(letter: str, open_ones: Iterable[tuple[Delivery, str, datetime | None]]) -> Iterator[str]:
    """What a person can do for those that are not done, one line for each state.

    Args:
        letter: its id.
        open_ones: deliveries with their states, and when they can be tried again if that is known.
    """
    found: dict[str, list[tuple[Delivery, datetime | None]]] = {}
    for delivery, status, again in open_ones:
        found.setdefault(status, []).append((delivery, again))
    for status, (first, command) in _STEPS.items():
        if status in found:
            moments = [again for _, again in found[status] if again]
            after = f"   after {local(max(moments))}" if moments else ""
            ways = "|".join(sorted({delivery.channel.value for delivery, _ in found[status]}))
            filled = command.format(letter=letter, action=_ACTIONS.get(status, ""), ways=ways, after=after)
            whom = f" ({_named([delivery.recipient for delivery, _ in found[status]])})" if first else ""
            yield f"  {status}{whom}: {first + ': ' if first else ''}{filled}"


def result_line(result: Result) -> str:
    """What became of one item."""
    delivery = result.item.delivery
    return f"{delivery.recipient}  {delivery.channel.value} {delivery.packet}  {result.status}{': ' + result.reason if result.reason else ''}"


def result_lines(letter: str, results: Sequence[Result], *, told: bool, test: bool) -> Iterator[str]:
    """A sending in a few lines: how many of what, why not, and what to do.

    Args:
        letter: its id.
        results: what became of each.
        told: each was shown already.
        test: nothing of it is on record, so there is nothing to decide.
    """
    yield f"{many(len(results), 'delivery', 'deliveries')}:"
    yield from count_lines(result.status for result in results)
    left = [result for result in results if not result.good]
    for status, names in by_state((result.item.delivery.recipient, result.status) for result in left if not told).items():
        said = [(result.item.delivery.recipient, result.reason) for result in left if result.status == status and result.reason]
        yield from (line for group in grouped(said) for line in group.lines(f"  {status}: ")) if said else iter([f"  {status}: {_named(names)}"])
    steps = list(next_lines(letter, [(result.item.delivery, result.status, result.again) for result in left]))
    if steps and not test:
        yield "next:"
        yield from steps


def item_json(item: Item, states: Mapping[Delivery, State], now: datetime) -> dict[str, Any]:
    """An item as plain data, for `--json`."""
    state = states.get(item.delivery)
    return {
        "recipient": item.delivery.recipient,
        "channel": item.delivery.channel.value,
        "packet": item.delivery.packet,
        "address": item.address,
        "office": item.office.id,
        "languages": list(item.languages),
        "bytes": item.size,
        "fax_minutes": round(item.minutes, 1),
        "correction": item.correction,
        "status": state.status.value if state else None,
        "due": bool(due([item], states, now)),
        "warnings": list(item.warnings),
    }


def result_json(result: Result) -> dict[str, Any]:
    """What became of an item as plain data, for `--json`."""
    delivery = result.item.delivery
    return {
        "recipient": delivery.recipient,
        "channel": delivery.channel.value,
        "packet": delivery.packet,
        "status": result.status,
        "reason": result.reason,
        "tried": result.tried,
        "again": result.again.isoformat() if result.again else None,
    }


def local(moment: datetime) -> str:
    """A moment in the time of this machine: `Wed 2018-06-06 15:00 CEST`."""
    return f"{moment.astimezone():%a %Y-%m-%d %H:%M %Z}"


def _named(names: Sequence[str]) -> str:
    names = list(dict.fromkeys(names))
    return ", ".join(names) if len(names) <= NAMED + 1 else f"{', '.join(names[:NAMED])} and {len(names) - NAMED:,} more"


def many(count: int, one: str, several: str = "") -> str:
    """The number with its noun: `1 mission`, `386 missions`."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1000:,.0f} kB"
