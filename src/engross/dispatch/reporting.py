"""The delivery report of a letter: what the ledger has recorded, put into the values that `report` prints. Nothing is added that no event says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engross.content.glyphs import drawable
from engross.dispatch.email.preview import layout_of, office_of, receivers
from engross.dispatch.report_steps import steps
from engross.dispatch.sent_bytes import SentBytes
from engross.edition import prepare
from engross.ledger import Attempt, Channel, Delivery, Event, Kind, Ledger, State, Status
from engross.ledger.states import advance
from engross.letter import Mission
from engross.markup import plain
from engross.project import Project
from engross.report.model import Addressee, Report, Way
from engross.settings_dispatch import Office
from engross.translation.report_words import report_words

UNSURE = (Status.COMMITTING, Status.UNCERTAIN)
RESULTS = {Status.ACCEPTED: Kind.ACCEPTED, Status.REFUSED: Kind.REFUSED, Status.UNCERTAIN: Kind.UNCERTAIN}
"""What a test came to, as an event that has a sentence in the report; another try is promised of none."""


def make(project: Project, name: str, ledger: Ledger, lang: str) -> bytes:
    """The report as PDF in the reader's language, the same for the same ledger, letter and layout.

    Raises:
        UsageError: the language is unknown.
        Rejected: the words of the report are not complete in it, or the letter cannot be read.
        LedgerError: the ledger is not what it was.
        EngrossError: the layouts have no report, or it has a fault.
    """
    from engross.report.page import render

    (code,) = project.languages([lang])
    words, layout = report_words(project, code), layout_of(project, code, draft=False)
    ledger.require()
    known = drawable(project.layouts / "fonts", project.settings.locales.values())
    return render(gather(project, name, ledger, code), words, layout, known)


def gather(project: Project, name: str, ledger: Ledger, lang: str) -> Report:
    """Everything that was recorded of a letter, in the order of its recipients; those that it is no longer sent to come last."""
    letter = prepare(project, name, [lang], official=False).versions[lang].letter
    everything, head = ledger.events(), ledger.head()
    histories: dict[Delivery, list[Event]] = {}
    for event in everything:
        if event.delivery and event.delivery.letter == name:
            histories.setdefault(event.delivery, []).append(event)
    missions = {mission.id: mission for mission in receivers(letter)}
    sent = SentBytes(project, name, ledger)
    ways: dict[str, list[Way]] = {recipient: [] for recipient in missions}
    for delivery, events in histories.items():
        ways.setdefault(delivery.recipient, []).append(_way(project, delivery, events, missions.get(delivery.recipient), sent))
    tests = ledger.tests(name)
    for delivery, event in tests:
        ways.setdefault(delivery.recipient, []).append(_test(project, delivery, event))
    found = tuple(_addressee(recipient, missions.get(recipient), made) for recipient, made in ways.items())
    return Report(
        name,
        plain(letter.title.text) if letter.title.markup else letter.title.text,
        tuple(sorted({delivery.edition for delivery in [*histories, *(delivery for delivery, _ in tests)]})),
        found,
        sent.documents(),
        str(ledger.identity),
        head.sequence,
        head.hash,
        everything[-1].at,
    )


def _addressee(recipient: str, mission: Mission | None, ways: Iterable[Way]) -> Addressee:
    ordered = tuple(sorted(ways, key=lambda way: (way.edition, way.channel, way.packet)))
    if mission is None:
        return Addressee(recipient, recipient, "", "", ordered)
    return Addressee(recipient, mission.mission.text, mission.city.text, mission.time_zone, ordered)


@dataclass(frozen=True, slots=True)
class _History:
    """What the events of a delivery come to."""

    state: State
    since: datetime
    """When the status last changed."""


def _fold(events: Iterable[Event]) -> _History:
    state: State | None = None
    since: datetime | None = None
    for event in events:
        after = advance(state, event)
        if state is None or after.status is not state.status or event.kind is Kind.RESOLVED:
            since = event.at
        state = after
    assert state
    assert since
    return _History(state, since)


def _way(project: Project, delivery: Delivery, events: list[Event], mission: Mission | None, sent: SentBytes) -> Way:
    history = _fold(events)
    state, attempt = history.state, _telling(history.state)
    claims = {int(event.data["attempt"]): event.data for event in events if event.kind is Kind.CLAIMED}
    claim: Mapping[str, Any] = claims.get(attempt.number, {}) if attempt else {}
    for number, data in claims.items():
        tried = state.attempt(number)
        if tried and tried.submitted and tried.payload:
            sent.note(delivery.channel, mission.mission.text if mission else delivery.recipient, tried.payload.digest, data)
    office = project.settings.offices.get(str(claim.get("office", ""))) or (office_of(project, mission) if mission else None)
    gone = attempt is not None and not (state.decided and attempt.standing is Status.FAILED)
    languages = tuple(str(code) for code in claim.get("languages", ())) or ((delivery.packet,) if delivery.channel is Channel.FAX else ())
    return Way(
        delivery.channel.value,
        delivery.edition,
        languages,
        delivery.packet,
        state.address or (attempt.address if attempt else ""),
        state.status.value,
        _sender(office, claim),
        office.time_zone if office else "UTC",
        decided=state.decided,
        outside=attempt is not None and not attempt.automatic and state.current == attempt.number,
        sent=_sent_at(events, attempt) if gone and attempt else None,
        sent_for_sure=attempt is None or attempt.standing not in UNSURE,
        since=history.since,
        pages=_pages(events, attempt),
        misdirected=tuple((one.number, one.address) for one in state.attempts if one.misdirected),
        steps=steps(events),
    )


def _test(project: Project, delivery: Delivery, event: Event) -> Way:
    """A test transmission, as it was seen by the office's own server."""
    data, result = event.data, Status(event.data["result"])
    office = project.settings.offices.get(str(data.get("office", "")))
    seen = [Event(kind, event.at, delivery, data=data) for kind in (Kind.CLAIMED, RESULTS.get(result, Kind.NOTED))]
    return Way(
        delivery.channel.value,
        delivery.edition,
        tuple(str(code) for code in data.get("languages", ())),
        delivery.packet,
        str(data["address"]),
        result.value,
        _sender(office, data),
        office.time_zone if office else "UTC",
        sent=event.at if result in (Status.ACCEPTED, *UNSURE) else None,
        sent_for_sure=result not in UNSURE,
        since=event.at,
        test=True,
        steps=steps(seen),
    )


def _telling(state: State) -> Attempt | None:
    """The attempt that says most of whether the recipient has it: the one that decides the state, else the last that went out, or may have, to the right place."""
    current = state.attempt(state.current or 0)
    if current and current.open:
        return current
    return next((attempt for attempt in reversed(state.attempts) if attempt.open and not attempt.misdirected), None)


def _sent_at(events: Iterable[Event], attempt: Attempt) -> datetime | None:
    """When it was handed over: the last step began then, or a person says so."""
    for event in events:
        if event.data.get("attempt") == attempt.number and event.kind is Kind.COMMITTING:
            return event.at
        if event.data.get("attempt") == attempt.number and event.kind is Kind.RECORDED:
            return datetime.fromisoformat(event.data["occurred"])
    return None


def _pages(events: Iterable[Event], attempt: Attempt | None) -> tuple[int, int] | None:
    """Pages confirmed, of how many, as the last record of the attempt says."""
    found = [(event.data["pages"], event.data["total"]) for event in events if attempt and event.data.get("attempt") == attempt.number and event.data.get("total")]
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def _sender(office: Office | None, claim: Mapping[str, Any]) -> str:
    """The office as the record names it; nothing where nobody has tried anything yet."""
    if not claim:
        return ""
    name = office.name if office else str(claim.get("office", ""))
    return ", ".join(filter(None, (name, str(claim.get("from", "")))))
