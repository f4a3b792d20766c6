"""What is known of what was sent, and what people know or decide of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import faxing, frame, reporting, sending

if TYPE_CHECKING:
    from engross.ledger import Channel, Delivery, Ledger, State
    from engross.project import Project
    from engross.settings_dispatch import Office

ACTIONS = ("list", "init", "record", "import", "follow", "hold", "release", "cancel", "correct", "resolve", "report")

Via = Annotated[Optional[str], typer.Option("--via", help="email or fax; when recording also hand, post or courier.", show_default=False)]  # noqa: UP045 - Typer reads this at run time
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
    evidence: Path | None
    sheet: faxing.SheetSaid
    edition: int


def register(app: typer.Typer) -> None:
    """Add the command `deliveries`."""
    app.command()(deliveries)


def deliveries(  # noqa: PLR0913, PLR0917 - what the actions need, as options
    letter: sending.LetterId,
    action: Annotated[str, typer.Argument(help=", ".join(ACTIONS))] = "list",
    files: Files = None,
    to: Annotated[str, typer.Option("--to", help="Id of the mission.")] = "",
    via: Via = None,
    language: Annotated[str, typer.Option("--language", "-l", help="Of a fax: its language. For report: the reader's.")] = "",
    edition: Annotated[int, typer.Option("--edition", help="Of record and the decisions: which edition; the latest when not given.", min=0, show_default=False)] = 0,
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
    from engross.dispatch.records import open_ledger
    from engross.project import find

    now, project = datetime.now(UTC), find(Path.cwd())
    (name,) = project.pick([letter])
    if action not in ACTIONS:
        raise typer.BadParameter(f"{action!r}: one of {', '.join(ACTIONS)}", param_hint="ACTION")
    with open_ledger(project, now, create=action == "init") as ledger:
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
            if absent := [frame.safe(str(path)) for path in files or [] if not path.exists()]:
                raise typer.BadParameter(f"there is no {', '.join(absent)}", param_hint="FILES")
            _import(ledger, name, files or [], now, json=json)
        else:
            if not (by and to) or (not reason and action != "record"):
                raise typer.BadParameter(f"{action} needs --to, --by and --reason", param_hint="ACTION")
            said = Said(to, sending.channel(via), language, by, reason, address, decision, result, at, evidence, faxing.SheetSaid(dialled, pages, ok, machine, ecm), edition)
            state = _record(project, ledger, name, said, now) if action == "record" else _decide(project, ledger, name, action, said, now)
            _list([state], ledger, json=json)


def _decide(project: Project, ledger: Ledger, name: str, action: str, said: Said, now: datetime) -> State:
    from engross.dispatch.published import unknown_recipient
    from engross.dispatch.records import pick
    from engross.ledger import Channel, Decision

    states = [state for state in ledger.deliveries(name) if said.edition in (0, state.delivery.edition)]
    if states and said.to not in {state.delivery.recipient for state in states}:
        raise unknown_recipient(name, said.to, [state.delivery.recipient for state in states])
    state = pick(states, said.to, said.channel, said.language)
    delivery = state.delivery
    if action == "correct":
        if delivery.channel is Channel.FAX and said.address:
            return ledger.correct(delivery, by=said.by, reason=said.reason, now=now, address=faxing.number(said.address))
        return ledger.correct(delivery, by=said.by, reason=said.reason, now=now, address=said.address)
    if action == "resolve":
        try:
            decision = Decision(said.decision)
        except ValueError:
            raise typer.BadParameter(f"one of {', '.join(one.value for one in Decision)}", param_hint="--decision") from None
        return ledger.resolve(delivery, decision, by=said.by, reason=said.reason, now=now, evidence=ledger.objects.put(said.evidence.read_bytes()) if said.evidence else None)
    if action == "cancel" and delivery.channel is Channel.FAX and state.submissions:
        from engross.dispatch.fax import follow
        from engross.dispatch.ways import fax_server

        return follow.cancel(ledger, delivery, fax_server(_office_of(project, ledger, delivery), os.environ), by=said.by, reason=said.reason, now=now)
    act = {"hold": ledger.hold, "release": ledger.release, "cancel": ledger.cancel}[action]
    return act(delivery, by=said.by, reason=said.reason, now=now)


def _office_of(project: Project, ledger: Ledger, delivery: Delivery) -> Office:
    """The office that handed a fax over last."""
    from engross.errors import UsageError

    name = [str(event.data["office"]) for event in ledger.events(delivery) if "office" in event.data][-1]
    if name not in project.settings.offices:
        raise UsageError(f"the settings no longer have the office {name!r}, which sent it", hint=f"[tool.engross.offices.{name}]")
    return project.settings.offices[name]


def _follow(project: Project, ledger: Ledger, name: str, now: datetime) -> None:
    from engross.dispatch.fax import follow
    from engross.dispatch.ways import fax_server

    ledger.expire(now, name)
    for office in project.settings.offices.values():
        if office.fax_server and office.fax_server.kind == "hylafax":
            follow.follow_all(ledger, fax_server(office, os.environ), name, now)


def _record(project: Project, ledger: Ledger, name: str, said: Said, now: datetime) -> State:
    from engross.dispatch.email.preview import receivers
    from engross.dispatch.published import fax_number, read_known, unknown_recipient
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
    letter, manifest = read_known(project, name, said.edition)
    sent = [state.delivery.recipient for state in ledger.deliveries(name) if state.delivery.edition == manifest.edition]
    known = [*(one.id for one in receivers(letter)), *filter(None, (entry.mission for entry in manifest.artifacts)), *sent]
    if said.to not in known:
        raise unknown_recipient(name, said.to, known)
    evidence = ledger.objects.put(said.evidence.read_bytes())
    delivery = outside_delivery(name, manifest.edition, said.to, said.channel, said.language)
    if said.channel is Channel.FAX:
        number = "" if ledger.state(delivery) else fax_number(project, letter, manifest.edition, said.to)
        return faxing.record_sheet(ledger, delivery, manifest.artifacts, number, said.sheet, evidence, said.by, occurred, now)
    return ledger.record(delivery, by=said.by, result=status, occurred=occurred, evidence=evidence, now=now, address=said.address, note=said.reason)


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
