"""Sending, and what is known of what was sent."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import faxing, frame, reporting

if TYPE_CHECKING:
    from engross.dispatch.channel import Item
    from engross.dispatch.sending import Result
    from engross.ledger import Channel, Ledger, State, Stored
    from engross.project import Project
    from engross.settings_dispatch import Office

ACTIONS = ("list", "init", "record", "import", "follow", "hold", "release", "cancel", "correct", "resolve", "report")

LetterId = Annotated[str, typer.Argument(help="Id of the letter.")]
Via = Annotated[Optional[str], typer.Option("--via", help="email or fax; when recording also hand, post or courier.", show_default=False)]  # noqa: UP045 - Typer reads this at run time
Languages = Annotated[Optional[list[str]], typer.Option("--language", "-l", help="A language, e.g. ko; may be given several times.", show_default=False)]  # noqa: UP045
Files = Annotated[Optional[list[Path]], typer.Argument(help="For import: .eml files, Maildir folders or mbox files. For report: the PDF to write.", show_default=False)]  # noqa: UP045
Evidence = Annotated[Optional[Path], typer.Option("--evidence", help="A receipt, a photograph, an answer: kept.", exists=True, dir_okay=False, show_default=False)]  # noqa: UP045
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of one delivery."""

    to: str
    channel: Channel | None
    language: str
    by: str
    reason: str
    address: str
    decision: str
    result: str
    at: str
    evidence: Stored | None
    sheet: faxing.SheetSaid


def register(app: typer.Typer) -> None:
    """Add the commands `send` and `deliveries`."""
    app.command()(send)
    app.command()(deliveries)


def send(  # noqa: PLR0917 - what is asked, as options
    letter: LetterId,
    via: Via = None,
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
    found, impossible = items(project, published, Choice(_channel(via, ("email", "fax")), tuple(to or ()), tuple(languages or ()), office), states, now)
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
        from engross.dispatch.records import require_ledger

        with _ledger(project, now) as ledger:
            require_ledger(ledger, published, project.settings.ledger_id)
            good = faxing.hand_out(by_hand, published, ledger, gate, now)
            way_of = ways(project, published, os.environ, {}, lambda tag: ledger.find(tag) is not None, override)
            results = sending.send(found, way_of, ledger, _now, in_hours=in_hours)
    _tell(results, "test: " if redirect else "")
    raise typer.Exit(0 if good and all(result.good for result in results) else 3)


def deliveries(  # noqa: PLR0913, PLR0917 - what the actions need, as options
    letter: LetterId,
    action: Annotated[str, typer.Argument(help=", ".join(ACTIONS))] = "list",
    files: Files = None,
    to: Annotated[str, typer.Option("--to", help="Id of the mission.")] = "",
    via: Via = None,
    language: Annotated[str, typer.Option("--language", "-l", help="Of a fax: its language. For report: the reader's.")] = "",
    by: Annotated[str, typer.Option("--by", help="The role of who decides or did it.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    address: Annotated[str, typer.Option("--address", help="For correct: the right address or number; without it the recipient was wrong.")] = "",
    decision: Annotated[str, typer.Option("--decision", help="For resolve: sent, arrived, not-sent or again.")] = "",
    result: Annotated[str, typer.Option("--result", help="For record: accepted, acknowledged, partial or failed.")] = "accepted",
    at: Annotated[str, typer.Option("--at", help="For record: when it was done, 2018-06-06T15:30+02:00.")] = "",
    evidence: Evidence = None,
    dialled: faxing.Dialled = "",
    pages: faxing.Pages = 0,
    ok: faxing.Good = False,
    machine: faxing.Machine = "",
    ecm: faxing.Ecm = False,
    json: Json = False,
) -> None:
    """What was sent and what is known of it; and what people know or decide.

    list shows each delivery. import reads notices and answers that came back. record enters what was done without the program; of a fax, what its confirmation sheet says.
    hold and release, cancel, correct (wrong number or recipient) and resolve (uncertain, or once more) are decisions: they need --by and --reason.
    follow asks the fax servers what became of the jobs. report writes a PDF for who has to say what was sent and what arrived. init makes the ledger, once.
    """
    from engross.project import find

    now, project = datetime.now(UTC), find(Path.cwd())
    (name,) = project.pick([letter])
    if action not in ACTIONS:
        raise typer.BadParameter(f"{action!r}: one of {', '.join(ACTIONS)}", param_hint="ACTION")
    with _ledger(project, now, create=action == "init") as ledger:
        if action == "init":
            frame.say(f"ledger {ledger.identity}")
            if str(ledger.identity) != project.settings.ledger_id:
                frame.say(f'to let every machine know it, write below [tool.engross] in pyproject.toml: ledger_id = "{ledger.identity}"')
        elif action == "list":
            ledger.expire(now, name)
            _list(ledger.deliveries(name), ledger, json=json)
        elif action == "follow":
            _follow(project, ledger, name, now)
            _list(ledger.deliveries(name), ledger, json=json)
        elif action == "report":
            ledger.expire(now, name)
            reporting.report(project, ledger, name, files or [], language)
        elif action == "import":
            if absent := [str(path) for path in files or [] if not path.exists()]:
                raise typer.BadParameter(f"there is no {', '.join(absent)}", param_hint="FILES")
            _import(ledger, name, files or [], now, json=json)
        else:
            if not (by and to) or (not reason and action != "record"):
                raise typer.BadParameter(f"{action} needs --to, --by and --reason", param_hint="ACTION")
            stored = ledger.objects.put(evidence.read_bytes()) if evidence else None
            said = Said(to, _channel(via), language, by, reason, address, decision, result, at, stored, faxing.SheetSaid(dialled, pages, ok, machine, ecm))
            state = _record(project, ledger, name, said, now) if action == "record" else _decide(project, ledger, name, action, said, now)
            _list([state], ledger, json=json)


def _decide(project: Project, ledger: Ledger, name: str, action: str, said: Said, now: datetime) -> State:
    from engross.dispatch.records import pick
    from engross.ledger import Channel, Decision

    state = pick(ledger.deliveries(name), said.to, said.channel, said.language)
    delivery = state.delivery
    if action == "correct":
        return ledger.correct(delivery, by=said.by, reason=said.reason, now=now, address=said.address)
    if action == "resolve":
        try:
            decision = Decision(said.decision)
        except ValueError:
            raise typer.BadParameter(f"one of {', '.join(one.value for one in Decision)}", param_hint="--decision") from None
        return ledger.resolve(delivery, decision, by=said.by, reason=said.reason, now=now, evidence=said.evidence)
    if action == "cancel" and delivery.channel is Channel.FAX and state.submissions:
        from engross.dispatch.fax import follow
        from engross.dispatch.ways import fax_server

        return follow.cancel(ledger, delivery, fax_server(_office_of(project, name, said.to), os.environ), by=said.by, reason=said.reason, now=now)
    act = {"hold": ledger.hold, "release": ledger.release, "cancel": ledger.cancel}[action]
    return act(delivery, by=said.by, reason=said.reason, now=now)


def _office_of(project: Project, name: str, recipient: str) -> Office:
    """The office that serves a recipient of the letter."""
    from engross.dispatch.email.preview import office_of, receivers
    from engross.dispatch.published import read_published
    from engross.errors import UsageError

    mission = next((one for one in receivers(read_published(project, name, _now()).edition.letter) if one.id == recipient), None)
    office = office_of(project, mission) if mission else None
    if office is None:
        raise UsageError(f"no office serves {recipient!r}")
    return office


def _follow(project: Project, ledger: Ledger, name: str, now: datetime) -> None:
    from engross.dispatch.fax import follow
    from engross.dispatch.ways import fax_server

    ledger.expire(now, name)
    for office in project.settings.offices.values():
        if office.fax_server and office.fax_server.kind == "hylafax":
            follow.follow_all(ledger, fax_server(office, os.environ), name, now)


def _record(project: Project, ledger: Ledger, name: str, said: Said, now: datetime) -> State:
    from engross.dispatch.email.preview import receivers
    from engross.dispatch.published import read_published
    from engross.dispatch.records import outside_delivery
    from engross.ledger import Channel, Status

    if said.channel is None or said.evidence is None:
        raise typer.BadParameter("record needs --via and --evidence FILE", param_hint="ACTION")
    try:
        occurred = datetime.fromisoformat(said.at) if said.at else now
        status = Status(said.result)
    except ValueError:
        raise typer.BadParameter("--at is a time like 2018-06-06T15:30+02:00, --result one of accepted, acknowledged, partial, failed", param_hint="ACTION") from None
    if occurred.tzinfo is None:
        raise typer.BadParameter("write the time zone too, 2018-06-06T15:30+02:00", param_hint="--at")
    published = read_published(project, name, now)
    delivery = outside_delivery(name, published.manifest.edition, said.to, said.channel, said.language)
    if said.channel is Channel.FAX:
        number = next((one.fax_e164 for one in receivers(published.edition.letter) if one.id == said.to), "")
        return faxing.record_sheet(ledger, delivery, published.manifest.artifacts, number, said.sheet, said.evidence, said.by, occurred, now)
    return ledger.record(delivery, by=said.by, result=status, occurred=occurred, evidence=said.evidence, now=now, address=said.address, note=said.reason)


def _import(ledger: Ledger, name: str, files: list[Path], now: datetime, *, json: bool) -> None:
    from engross.dispatch.email.notices import take

    findings = [finding for path in files for finding in take(ledger, name, path, now)]
    if json:
        frame.as_json([finding.to_json() for finding in findings])
    else:
        for finding in findings:
            frame.say(f"{finding.source}: {finding.text}")
        frame.say(f"{len(findings)} message(s) read, {sum(finding.recorded for finding in findings)} recorded")


def _list(states: list[State], ledger: Ledger, *, json: bool) -> None:
    from engross.dispatch.records import row

    if json:
        frame.as_json([{**row(state), "unreadable": faxing.unreadable(ledger, state)} for state in states])
        return
    for state in states:
        delivery = state.delivery
        when = f" until {state.until.isoformat(timespec='seconds')}" if state.until else ""
        frame.say(f"{delivery.recipient}  {delivery.channel.value} {delivery.packet}  {state.address}  {state.status.value}{when}{' (a person says so)' if state.decided else ''}")
        if state.reason:
            frame.say(f"    {state.reason}")
        if known := faxing.unreadable(ledger, state):
            frame.say(f"    sent although it cannot be read ({len(known['problems'])}: {known['problems'][0]}); {known['by']}: {known['because']}")
    if not states:
        frame.say("nothing was planned yet")


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
    from engross.ledger import LedgerError

    try:
        with _ledger(project, now) as ledger:
            return ledger.deliveries()
    except LedgerError as error:
        frame.warn(f"warning: {error.message}: what was sent before is not known, and nothing can be sent")
        return []


def _ledger(project: Project, now: datetime, *, create: bool = False) -> Ledger:
    from engross.dispatch.records import open_ledger

    return open_ledger(project, now, create=create)


def _channel(via: str | None, known: tuple[str, ...] = ("email", "fax", "hand", "post", "courier")) -> Channel | None:
    from engross.ledger import Channel

    if via is not None and via not in known:
        raise typer.BadParameter(f"one of {', '.join(known)}", param_hint="--via")
    return Channel(via) if via else None


def _now() -> datetime:
    return datetime.now(UTC)
