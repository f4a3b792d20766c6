"""What there is to send of an edition, each thing with what a person should know before it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engross.artifact import Artifact
from engross.dispatch.channel import Item
from engross.dispatch.email.preview import office_of, pdf_of, receivers
from engross.dispatch.fax.cover import with_covers
from engross.dispatch.published import Published, moved, unknown_recipient
from engross.errors import UsageError
from engross.ledger import MAIL, Channel, Delivery, State, Status
from engross.letter import Mission
from engross.project import Project
from engross.settings_dispatch import Office
from engross.settings_signing import choose

OLD_ADDRESS = timedelta(days=180)
"""An address that nobody has checked for longer may be out of date."""
WARN_BYTES = 10 * 1000 * 1000
HAD = frozenset({Status.ACCEPTED, Status.DELIVERY_REPORTED, Status.ACKNOWLEDGED, Status.PARTIAL, Status.UNCERTAIN, Status.COMMITTING})
"""Standings in which the recipient has it, or may have it."""
WAITING = frozenset({Status.PLANNED, Status.DEFERRED, Status.CLAIMED, Status.HELD})
"""Standings in which it may still go out by itself."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person asked for; empty means everything."""

    channel: Channel | None = None
    missions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    office: str = ""


def items(project: Project, published: Published, choice: Choice, states: Mapping[Delivery, State], now: datetime) -> tuple[list[Item], list[str]]:
    """Everything that was asked for and can go out, and in words what cannot.

    Raises:
        UsageError: a mission, language or office is unknown.
        EngrossError: an artefact is not what the manifest says.
    """
    known = {mission.id: mission for mission in receivers(published.edition.letter)}
    for name in choice.missions:
        if name not in known:
            raise unknown_recipient(published.manifest.letter, name, known)
    if choice.office and choice.office not in project.settings.offices:
        raise UsageError(f"the settings have no office {choice.office!r}", hint=f"offices: {', '.join(project.settings.offices)}")
    project.languages(choice.languages)
    made: list[Item] = []
    impossible: list[str] = []
    for name in choice.missions or known:
        codes = [code for code in known[name].languages if code in published.edition.versions]
        mission = published.mission(name, codes[0]) if codes else known[name]
        office = office_of(project, mission)
        if office is None:
            advice = "name one in content/missions.yaml" if project.settings.offices else "the settings have none, see docs/sending.md"
            impossible.append(f"{mission.id}: no office serves it; {advice}")
        elif not choice.office or office.id == choice.office:
            for channel in (Channel.EMAIL, Channel.FAX):
                if choice.channel in (None, channel):
                    found, missing = _of_mission(_Ask(project, published, office, channel, choice.languages, states, now), mission)
                    made += found
                    impossible += missing
    waiting = [item for item in made if (state := states.get(item.delivery)) is None or state.status in WAITING]
    anew = {item.delivery: item for item in with_covers(project, published.edition, waiting, {delivery for delivery, state in states.items() if state.corrected})}
    return [anew.get(item.delivery, item) for item in made], impossible


def why_nobody(published: Published) -> str:
    """Why there is nothing to send and nothing stands in its way."""
    name = published.manifest.letter
    if not receivers(published.edition.letter):
        return f"{name} goes to no mission: neither cc nor recipients in content/{name}/letter.md name one"
    return "no mission is left of what was asked for: look at --via, --to, -l and --office"


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked for a mission by one way."""

    project: Project
    published: Published
    office: Office
    channel: Channel
    languages: Sequence[str]
    states: Mapping[Delivery, State]
    now: datetime


def _of_mission(ask: _Ask, mission: Mission) -> tuple[list[Item], list[str]]:
    mail = ask.channel is Channel.EMAIL
    if not (mission.email if mail else mission.fax_e164):
        return [], [f"{mission.id}: no {'e-mail address' if mail else 'fax number'}"]
    if not (ask.office.smtp if mail else ask.office.fax_server):
        return [], [f"{mission.id}: the office {ask.office.id} has no {'mail' if mail else 'fax'} server in the settings"]
    artifacts, letter = ask.published.manifest.artifacts, ask.published.manifest.letter
    due = [code for code in mission.languages if code in ask.project.settings.languages]
    wanted = [code for code in due if not ask.languages or code in ask.languages]
    entries = {code: entry for code in wanted if (entry := _entry(artifacts, ask.channel, mission, code))}
    if not entries:
        return [], [f"{mission.id}: the edition has none of its languages ({', '.join(due)}) for {ask.channel.value}"]
    unsigned = [code for code in entries if not _is_signed(artifacts, code)]
    if unsigned and choose(ask.project.settings.signing, letter):
        return [], [f"{mission.id}: {', '.join(unsigned)} is not signed yet; engross sign {letter}"]
    if (had := _previous(ask.states, letter, ask.published.manifest.edition, mission.id)) and not ask.published.edition.letter.supersedes:
        return [], [f"{mission.id}: had edition {had.delivery.edition}, and the letter does not say that it replaces it; write supersedes: {had.delivery.edition} into its head"]
    missing = [f"{code} is missing: the edition has it not" for code in mission.languages if code not in entries and (code in wanted or code not in due)]
    missing += [f"{code} is left out, and will not follow: one message stands for all languages" for code in due if mail and code not in wanted]
    groups = [(MAIL, tuple(entries))] if mail else [(code, (code,)) for code in entries]
    return [_item(ask, packet, mission.id, {code: entries[code] for code in languages}, missing) for packet, languages in groups], []


def _item(ask: _Ask, packet: str, recipient: str, entries: Mapping[str, Artifact], missing: Sequence[str]) -> Item:
    published, mail = ask.published, ask.channel is Channel.EMAIL
    mission = published.mission(recipient, next(iter(entries)))
    delivery = Delivery(published.manifest.letter, published.manifest.edition, recipient, ask.channel, packet)
    files = {entry.path: published.read(entry) for entry in entries.values()}
    state, previous = ask.states.get(delivery), _previous(ask.states, delivery.letter, delivery.edition, recipient)
    warnings = [*_warnings(published, mission, state, ask), *missing, *_about(published, entries, files)]
    if previous:
        warnings.append(f"had edition {previous.delivery.edition}: goes with a correction notice{'' if mail else ' on its cover'}")
    return Item(
        delivery,
        mission,
        state.address if state else mission.email if mail else mission.fax_e164,
        ask.office,
        tuple(entries),
        files,
        size=sum(map(len, files.values())),
        minutes=0 if mail else sum(map(_minutes, entries.values())),
        warnings=tuple(warnings),
        correction=previous is not None,
        embargo=published.embargo,
    )


def _entry(entries: Iterable[Artifact], channel: Channel, mission: Mission, lang: str) -> Artifact | None:
    if channel is Channel.EMAIL:
        return pdf_of(entries, lang)
    return next((entry for entry in entries if entry.kind == "fax-tiff" and entry.mission == mission.id and entry.language == lang), None)


def _minutes(entry: Artifact) -> float:
    """Time on the line at 14,400 bit/s."""
    return (14 + 4 * (entry.pages or 1) + entry.bytes * 8 / 14400) / 60


def _is_signed(entries: Iterable[Artifact], lang: str) -> bool:
    return any(entry.kind == "signed-pdf" and entry.language == lang for entry in entries)


def _warnings(published: Published, mission: Mission, state: State | None, ask: _Ask) -> Iterator[str]:
    book = published.book.get(mission.id)
    address = mission.email if ask.channel is Channel.EMAIL else mission.fax_e164
    if state and state.address != address:
        where = "the edition" if published.signed else "the address book"
        anew = "; the cover is made anew" if ask.channel is Channel.FAX else ""
        yield (
            f"corrected by a person: {where} says {address}{anew}" if state.corrected else f"the address book says {address} now; it goes to {state.address} unless it is corrected"
        )
    if published.signed:
        yield from moved(book, mission)
    if published.book_changed:
        yield "the address book has changed since the edition was made: look at the address"
    checked = book.checked_on if book else mission.checked_on
    if checked is None:
        yield "nobody has checked the address"
    elif ask.now.date() - checked > OLD_ADDRESS:
        yield f"the address was last checked on {checked}"
    if mission.holder.status != "in-office":
        yield f"the post is {mission.holder.status.replace('-', ' ')}: look at how the note addresses them"
    if state and state.status in HAD:
        yield f"sent before: {state.status.value}"


def _about(published: Published, entries: Mapping[str, Artifact], files: Mapping[str, bytes]) -> Iterator[str]:
    size = sum(map(len, files.values()))
    if size * 4 / 3 > WARN_BYTES:
        yield f"{size / 1e6:.1f} MB of attachments: some servers take no more than 10 MB"
    unsigned = [code for code in entries if not _is_signed(published.manifest.artifacts, code)]
    if unsigned:
        yield f"not signed: {', '.join(unsigned)}"
    later = [code for code, entry in entries.items() if published.later(entry)]
    if later:
        yield f"made after the signing, so that nothing signed speaks for its pages: {', '.join(later)}"


def _previous(states: Mapping[Delivery, State], letter: str, edition: int, recipient: str) -> State | None:
    """What this recipient has of an earlier edition, by any way."""
    had = [s for d, s in states.items() if (d.letter, d.recipient) == (letter, recipient) and d.edition < edition and s.status in HAD]
    return max(had, key=lambda state: state.delivery.edition, default=None)
