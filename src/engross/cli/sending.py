"""Sending: what would go out is shown first, and goes out when somebody says so."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import faxing, frame

if TYPE_CHECKING:
    from engross.dispatch.channel import Item
    from engross.dispatch.sending import Result
    from engross.ledger import Channel, State
    from engross.project import Project

LetterId = Annotated[str, typer.Argument(help="Id of the letter.")]
Languages = Annotated[Optional[list[str]], typer.Option("--language", "-l", help="A language, e.g. ko; may be given several times.", show_default=False)]  # noqa: UP045 - Typer reads this at run time


def register(app: typer.Typer) -> None:
    """Add the command `send`."""
    app.command()(send)


def send(  # noqa: PLR0917 - what is asked, as options
    letter: LetterId,
    via: Annotated[Optional[str], typer.Option("--via", help="email or fax; both when not given.", show_default=False)] = None,  # noqa: UP045
    to: Annotated[Optional[list[str]], typer.Option("--to", help="Id of a mission; may be given several times. All recipients when not given.", show_default=False)] = None,  # noqa: UP045
    languages: Languages = None,
    office: Annotated[str, typer.Option("--office", help="Only what this office serves.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Send. Without it the command shows what would go out, and asks if there is somebody to ask.")] = False,
    in_hours: Annotated[bool, typer.Option("--in-hours", help="Leave out missions that are closed now, and say when to run again.")] = False,
    unreadable_by: faxing.UnreadableBy = "",
    because: faxing.Because = "",
) -> None:
    """Send the official edition to the missions, each by each way once.

    First it shows who gets what, by which way and from which office, with everything that looks doubtful. What was sent before is not sent again.
    With ENGROSS_DELIVER_TO=test@example.org,+12025550100 everything goes to that address and number instead, and counts as a test.
    """
    from engross.dispatch import sending
    from engross.dispatch.items import Choice, items
    from engross.dispatch.published import read_published
    from engross.dispatch.ways import fax_gate, ways
    from engross.project import find

    now, project = datetime.now(UTC), find(Path.cwd())
    (name,) = project.pick([letter])
    redirect = sending.redirection(os.environ)
    published, override = read_published(project, name, now), faxing.override(unreadable_by, because)
    states = {} if redirect else {state.delivery: state for state in _states(project, now)}
    found, impossible = items(project, published, Choice(channel(via, ("email", "fax")), tuple(to or ()), tuple(languages or ()), office), states, now)
    gate = fax_gate(project, published, redirect, override)
    found = faxing.look([item for item in found if not redirect or item.delivery.channel in redirect], gate, states)
    _show(found, impossible, {delivery: state.status.value for delivery, state in states.items()}, redirect)
    sending.require_open(name, published.embargo, now)
    if not found:
        raise typer.Exit(1)
    if not yes and not (sys.stdin.isatty() and typer.confirm("Send?", default=False)):
        frame.say("nothing was sent; --yes sends")
        return
    found, by_hand = faxing.parted(found)
    if redirect:
        results, good = sending.rehearse(found, ways(project, published, os.environ, redirect, override=override), _now), True
    else:
        from engross.dispatch.records import open_ledger, require_ledger

        with open_ledger(project, now) as ledger:
            require_ledger(ledger, published, project.settings.ledger_id)
            good = faxing.hand_out(by_hand, published, ledger, gate, now)
            way_of = ways(project, published, os.environ, {}, lambda tag: ledger.find(tag) is not None, override)
            results = sending.send(found, way_of, ledger, _now, in_hours=in_hours)
    _tell(results, "test: " if redirect else "")
    raise typer.Exit(0 if good and all(result.good for result in results) else 3)


def _show(found: list[Item], impossible: list[str], states: dict[object, str], redirect: dict[Channel, str]) -> None:
    for channel, address in redirect.items():
        frame.say(f"TEST: ENGROSS_DELIVER_TO is set; everything by {channel.value} goes to {address}, nothing to any mission")
    for item in found:
        minutes = f", about {item.minutes:.0f} min" if item.minutes else ""
        standing = f"  [{states[item.delivery]}]" if item.delivery in states else ""
        target = redirect.get(item.delivery.channel, item.address)
        frame.say(
            f"{item.delivery.recipient}  {item.delivery.channel.value}  {target}  {', '.join(item.languages)}  {item.size / 1000:.0f} kB{minutes}  from {item.office.id}{standing}"
        )
        for warning in item.warnings:
            frame.say(f"    ! {warning}")
    for line in impossible:
        frame.say(f"not possible: {line}")


def _tell(results: list[Result], prefix: str) -> None:
    for result in results:
        reason = f": {result.reason}" if result.reason else ""
        frame.say(f"{prefix}{result.item.delivery.recipient}  {result.item.delivery.channel.value} {result.item.delivery.packet}  {result.status}{reason}")


def _states(project: Project, now: datetime) -> list[State]:
    from engross.dispatch.records import open_ledger
    from engross.ledger import LedgerError

    try:
        with open_ledger(project, now) as ledger:
            return ledger.deliveries()
    except LedgerError as error:
        frame.warn(f"warning: {error.message}: what was sent before is not known, and nothing can be sent")
        return []


def channel(via: str | None, known: tuple[str, ...] = ("email", "fax", "hand", "post", "courier")) -> Channel | None:
    """The way that was asked for; None when none was."""
    from engross.ledger import Channel

    if via is not None and via not in known:
        raise typer.BadParameter(f"one of {', '.join(known)}", param_hint="--via")
    return Channel(via) if via else None


def _now() -> datetime:
    return datetime.now(UTC)
