"""What is known of what was sent, and what people know or decide of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import actions, faxing, frame, listing, reporting, sending

if TYPE_CHECKING:
    from engross.ledger import Channel, Delivery, Ledger, State, Stored
    from engross.project import Project
    from engross.settings_dispatch import Office

Via = Annotated[Optional[str], typer.Option("--via", help="email or fax; when recording also hand, post or courier.", show_default=False)]  # noqa: UP045 - Typer reads this at run time
Files = Annotated[Optional[list[Path]], typer.Argument(help="For import: .eml files, Maildir folders or mbox files. For report: the PDF to write.", show_default=False)]  # noqa: UP045
Evidence = Annotated[Optional[Path], typer.Option("--evidence", help="A receipt, a photograph, an answer: kept.", exists=True, dir_okay=False, show_default=False)]  # noqa: UP045


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
    app.command(help=actions.help_text())(deliveries)


def deliveries(  # noqa: PLR0913, PLR0917 - what the actions need, as options
    context: typer.Context,
    letter: sending.LetterId,
    action: Annotated[str, typer.Argument(help=", ".join(actions.ACTIONS))] = "list",
    files: Files = None,
    to: Annotated[str, typer.Option("--to", help="Id of the mission.")] = "",
    via: Via = None,
    language: Annotated[str, typer.Option("--language", "-l", help="Of a fax: its language. For report: the reader's.")] = "",
    edition: Annotated[int, typer.Option("--edition", help="Which edition. When not given: the latest, and for list all.", min=0, show_default=False)] = 0,
    by: Annotated[str, typer.Option("--by", help="The role of who decides or did it.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why.")] = "",
    address: Annotated[str, typer.Option("--address", help="For correct: the right address or number; without it the recipient was wrong.")] = "",
    decision: Annotated[str, typer.Option("--decision", help="For resolve: sent, arrived, not-sent or again.")] = "",
    result: Annotated[str, typer.Option("--result", help="For record, not of a fax: accepted (when not given), acknowledged, partial or failed.", show_default=False)] = "",
    at: Annotated[str, typer.Option("--at", help="For record: when it was done, 2018-06-06T15:30+02:00.")] = "",
    evidence: Evidence = None,
    dialled: faxing.Dialled = "",
    pages: faxing.Pages = 0,
    ok: faxing.Good = False,
    machine: faxing.Machine = "",
    ecm: faxing.Ecm = False,
    state: Annotated[Optional[list[str]], typer.Option("--state", help="For list: only those in this state; may be given several times.", show_default=False)] = None,  # noqa: UP045
    everything: Annotated[bool, typer.Option("--all", help="For list and follow: each delivery, however many there are.")] = False,
    json: sending.Json = False,
) -> None:
    """One action of `actions.ACTIONS`, whose text is the help."""
    from engross.dispatch.records import open_ledger
    from engross.project import find

    now, project = datetime.now(UTC), find(Path.cwd())
    (name,) = project.pick([letter])
    given = [key for key in context.params if key not in ("letter", "action") and getattr(context.get_parameter_source(key), "name", "") == "COMMANDLINE"]
    if wrong := actions.fault(action, given):
        raise typer.BadParameter(wrong, param_hint="ACTION")
    with frame.about(name), open_ledger(project, now, create=action == "init") as ledger:
        said = Said(to, sending.channel(via), language, by, reason, address, decision, result, at, evidence, faxing.SheetSaid(dialled, pages, ok, machine, ecm), edition)
        if action == "init":
            frame.say(f"ledger {ledger.identity}")
            if str(ledger.identity) != project.settings.ledger_id:
                frame.say(f'to let every machine know it, write below [tool.engross] in pyproject.toml: ledger_id = "{ledger.identity}"')
        elif action == "list":
            ledger.expire(now, name)
            tests = [] if state else [(delivery, event) for delivery, event in ledger.tests(name) if _meant(delivery, said)]
            asked = _asked(ledger.deliveries(name), name, said, state or [], [delivery.recipient for delivery, _ in tests])
            listing.show(asked, ledger, json=json, everything=everything or bool(to or state), tests=tests)
        elif action == "follow":
            _follow(project, ledger, name, now)
            listing.show(ledger.deliveries(name), ledger, json=json, everything=everything)
        elif action == "report":
            ledger.expire(now, name)
            reporting.report(project, ledger, name, files or [], language)
        elif action == "import":
            _import(ledger, name, files or [], now, json=json)
        else:
            if empty := [key for key in actions.ACTIONS[action].needs if not context.params[key]]:
                raise typer.BadParameter("it is empty", param_hint=actions.option(empty[0]))
            listing.show([_entered(project, ledger, name, action, said, now)], ledger, json=json)


def _entered(project: Project, ledger: Ledger, name: str, action: str, said: Said, now: datetime) -> State:
    """Enter what a person did or decided; the delivery after it."""
    from engross.ledger import NotAllowed

    try:
        return _record(project, ledger, name, said, now) if action == "record" else _decide(project, ledger, name, action, said, now)
    except NotAllowed as error:
        error.hint = error.hint or f"{action}: {actions.ACTIONS[action].what}"
        raise


def _asked(states: list[State], letter: str, said: Said, wanted: list[str], tested: Sequence[str]) -> list[State]:
    """The deliveries that were asked for.

    Raises:
        UsageError: nothing was ever planned for that mission, and it is not among those that something was tested for.
    """
    from engross.dispatch.published import unknown_recipient
    from engross.ledger import Status

    recipients = [*(state.delivery.recipient for state in states), *tested]
    if said.to and recipients and said.to not in recipients:
        raise unknown_recipient(letter, said.to, recipients)
    known = [status.value for status in Status]
    if unknown := [one for one in wanted if one not in known]:
        raise typer.BadParameter(f"there is no state {unknown[0]!r}; states are {', '.join(known)}", param_hint="--state")
    return [state for state in states if _meant(state.delivery, said) and (not wanted or state.status.value in wanted)]


def _meant(delivery: Delivery, said: Said) -> bool:
    return said.to in ("", delivery.recipient) and said.channel in (None, delivery.channel) and said.language in ("", delivery.packet) and said.edition in (0, delivery.edition)


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
        return ledger.correct(delivery, by=said.by, reason=said.reason, now=now, address=_right(delivery.channel, said.address))
    if action == "resolve":
        try:
            decision = Decision(said.decision)
        except ValueError:
            raise typer.BadParameter(f"one of {', '.join(one.value for one in Decision)}", param_hint="--decision") from None
        return ledger.resolve(delivery, decision, by=said.by, reason=said.reason, now=now, evidence=_kept(ledger, said.evidence))
    if action == "cancel" and delivery.channel is Channel.FAX and state.submissions:
        from engross.dispatch.fax import follow
        from engross.dispatch.ways import fax_server

        return follow.cancel(ledger, delivery, fax_server(_office_of(project, ledger, delivery), os.environ), by=said.by, reason=said.reason, now=now)
    act = {"hold": ledger.hold, "release": ledger.release, "cancel": ledger.cancel}[action]
    return act(delivery, by=said.by, reason=said.reason, now=now)


def _right(channel: Channel, typed: str) -> str:
    """An address or number that a person typed in.

    Raises:
        UsageError: nothing can be sent there.
    """
    from engross.dispatch.email.compose import address
    from engross.errors import EngrossError, UsageError
    from engross.ledger import Channel

    if channel is Channel.FAX and typed:
        return faxing.number(typed)
    if channel is Channel.EMAIL and typed:
        try:
            address(typed)
        except EngrossError as error:
            raise UsageError(error.message, hint=error.hint) from None
    return typed


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
    with frame.progress() as bar:
        for office in project.settings.offices.values():
            if office.fax_server and office.fax_server.kind == "hylafax":
                follow.follow_all(ledger, fax_server(office, os.environ), name, now, bar)


def _record(project: Project, ledger: Ledger, name: str, said: Said, now: datetime) -> State:
    from engross.dispatch.email.preview import receivers
    from engross.dispatch.published import fax_number, read_known, unknown_recipient
    from engross.dispatch.records import outside_delivery
    from engross.ledger import Channel, Status
    from engross.ledger.states import RECORDABLE

    fax, occurred = said.channel is Channel.FAX, _moment(said.at, now)
    if fax and said.result:
        raise typer.BadParameter("of a fax it follows from what its confirmation sheet says", param_hint="--result")
    if not fax and said.sheet != faxing.SheetSaid("", 0, False, "", False):
        raise typer.BadParameter("only a fax has a confirmation sheet", param_hint=" ".join(map(actions.option, actions.SHEET)))
    if said.channel is Channel.EMAIL and said.language:
        raise typer.BadParameter("a message has all languages", param_hint="--language")
    if said.result not in ("", *(status.value for status in RECORDABLE)):
        raise typer.BadParameter(f"one of {', '.join(sorted(status.value for status in RECORDABLE))}", param_hint="--result")
    letter, manifest = read_known(project, name, said.edition)
    sent = [state.delivery.recipient for state in ledger.deliveries(name) if state.delivery.edition == manifest.edition]
    known = [*(one.id for one in receivers(letter)), *filter(None, (entry.mission for entry in manifest.artifacts)), *sent]
    if said.to not in known:
        raise unknown_recipient(name, said.to, known)
    assert said.channel
    try:
        delivery = outside_delivery(name, manifest.edition, said.to, said.channel, said.language)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--language") from None
    evidence = _kept(ledger, said.evidence)
    assert evidence
    if fax:
        number = "" if ledger.state(delivery) else fax_number(project, letter, manifest.edition, said.to)
        return faxing.record_sheet(ledger, delivery, manifest.artifacts, number, said.sheet, evidence, said.by, occurred, now)
    return ledger.record(
        delivery, by=said.by, result=Status(said.result or Status.ACCEPTED.value), occurred=occurred, evidence=evidence, now=now, address=said.address, note=said.reason
    )


def _moment(text: str, now: datetime) -> datetime:
    """When something was done, as a person typed it."""
    try:
        moment = datetime.fromisoformat(text) if text else now
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no time; write 2018-06-06T15:30+02:00", param_hint="--at") from None
    if moment.tzinfo is None:
        raise typer.BadParameter("write the time zone too, 2018-06-06T15:30+02:00", param_hint="--at")
    if moment > now:
        raise typer.BadParameter("that is in the future", param_hint="--at")
    return moment


def _kept(ledger: Ledger, evidence: Path | None) -> Stored | None:
    """Put evidence into the store.

    Raises:
        UsageError: there is nothing in the file, or it cannot be read.
    """
    from engross.errors import UsageError

    if evidence is None:
        return None
    try:
        data = evidence.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {evidence}: {error.strerror}") from None
    if not data:
        raise UsageError(f"there is nothing in {evidence}", hint="evidence is what somebody can look at later: a receipt, a photograph, an answer")
    return ledger.objects.put(data)


def _import(ledger: Ledger, name: str, files: list[Path], now: datetime, *, json: bool) -> None:
    from engross.dispatch.email.notices import take

    if absent := [frame.safe(str(path)) for path in files if not path.exists()]:
        raise typer.BadParameter(f"there is no {', '.join(absent)}", param_hint="FILES")
    findings = [finding for path in files for finding in take(ledger, name, path, now)]
    if json:
        frame.as_json([finding.to_json() for finding in findings])
    else:
        for finding in findings:
            frame.say(f"{finding.source}: {finding.text}")
        frame.say(f"{frame.many(len(findings), 'message')} read, {sum(finding.recorded for finding in findings)} recorded")
