"""What there is to send of an edition: read once, checked against the manifest, and each thing with what a person should know before it goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from engross import artifact
from engross.artifact import Artifact, Manifest
from engross.canonical import seal_digest
from engross.dispatch.channel import Item
from engross.dispatch.email.preview import office_of, pdf_of, receivers
from engross.edition import Edition, prepare
from engross.errors import EngrossError, UsageError
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


@dataclass(frozen=True, slots=True)
class Published:
    """An official edition as it lies in output/, together with the letter it was made from."""

    edition: Edition
    folder: Path
    manifest: Manifest

    def read(self, entry: Artifact) -> bytes:
        """The bytes of an artefact, which are those that go out.

        Raises:
            EngrossError: it is missing, or is not what the manifest says.
        """
        try:
            data = (self.folder / entry.path).read_bytes()
        except OSError as error:
            raise EngrossError(f"cannot read {entry.path}: {error.strerror}", hint="build the edition again") from error
        if artifact.digest(data) != entry.sha256:
            raise EngrossError(f"{entry.path} is not what the manifest says: it was changed after it was made", hint="nothing was sent; build or sign the edition again")
        return data


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person asked for; empty means everything."""

    channel: Channel | None = None
    missions: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    office: str = ""


def read_published(project: Project, name: str) -> Published:
    """The official edition of a letter.

    Raises:
        UsageError: there is none.
        EngrossError: the letter has another text now than when the edition was made.
    """
    edition = prepare(project, name, project.settings.languages, official=False)
    folder = project.output / name / f"edition-{edition.letter.edition}"
    manifest = artifact.read_manifest(folder)
    if manifest is None or manifest.state != "official":
        raise UsageError(f"{name} has no official edition {edition.letter.edition}", hint=f"engross build {name} --official")
    changed = [code for code, version in edition.versions.items() if code in manifest.seals and manifest.seals[code] != seal_digest(version.letter)]
    if changed:
        raise EngrossError(f"the text of {', '.join(changed)} has changed since edition {manifest.edition} was made", hint="build it again, or undo the change")
    return Published(edition, folder, manifest)


def items(project: Project, published: Published, choice: Choice, states: Mapping[Delivery, State], now: datetime) -> tuple[list[Item], list[str]]:
    """Everything that was asked for and can go out, and in words what cannot.

    Raises:
        UsageError: a mission, language or office is unknown.
        EngrossError: an artefact is not what the manifest says.
    """
    known = {mission.id: mission for mission in receivers(published.edition.letter)}
    for name in choice.missions:
        if name not in known:
            raise UsageError(f"the letter is not sent to {name!r}", hint=f"it is sent to {', '.join(known)}")
    if choice.office and choice.office not in project.settings.offices:
        raise UsageError(f"the settings have no office {choice.office!r}", hint=f"offices: {', '.join(project.settings.offices)}")
    project.languages(choice.languages)
    made: list[Item] = []
    impossible: list[str] = []
    for mission in known.values():
        if choice.missions and mission.id not in choice.missions:
            continue
        office = office_of(project, mission)
        if office is None:
            impossible.append(f"{mission.id}: no office serves it; name one in content/missions.yaml")
        elif not choice.office or office.id == choice.office:
            for channel in (Channel.EMAIL, Channel.FAX):
                if choice.channel in (None, channel):
                    found, missing = _of_mission(project, published, mission, office, channel, choice.languages, states, now)
                    made += found
                    impossible += missing
    return made, impossible


def _of_mission(
    project: Project, published: Published, mission: Mission, office: Office, channel: Channel, asked: Sequence[str], states: Mapping[Delivery, State], now: datetime
) -> tuple[list[Item], list[str]]:
    server, address = (office.smtp, mission.email) if channel is Channel.EMAIL else (office.fax_server, mission.fax_e164)
    if not address:
        return [], [f"{mission.id}: no {'e-mail address' if channel is Channel.EMAIL else 'fax number'}"]
    if not server:
        return [], [f"{mission.id}: the office {office.id} has no {'mail' if channel is Channel.EMAIL else 'fax'} server in the settings"]
    due = [code for code in mission.languages if code in project.settings.languages]
    wanted = [code for code in due if not asked or code in asked]
    entries = {code: entry for code in wanted if (entry := _entry(published.manifest.artifacts, channel, mission, code))}
    if not entries:
        return [], [f"{mission.id}: the edition has none of its languages ({', '.join(due)}) for {channel.value}"]
    unsigned = [code for code, entry in entries.items() if entry.kind == "pdf"]
    if unsigned and choose(project.settings.signing, published.manifest.letter):
        return [], [f"{mission.id}: {', '.join(unsigned)} is not signed yet; engross sign {published.manifest.letter}"]
    groups = [(MAIL, tuple(entries))] if channel is Channel.EMAIL else [(code, (code,)) for code in entries]
    made = []
    for packet, languages in groups:
        delivery = Delivery(published.manifest.letter, published.manifest.edition, mission.id, channel, packet)
        files = {entries[code].path: published.read(entries[code]) for code in languages}
        state = states.get(delivery)
        previous = _previous(delivery, states)
        warnings = [*_warnings(mission, state, now), *(f"{code} is missing" for code in due if code not in entries), *_about(entries, languages, files)]
        made.append(
            Item(
                delivery,
                mission,
                state.address if state else address,
                office,
                languages,
                files,
                size=sum(map(len, files.values())),
                minutes=sum(_minutes(entries[code]) for code in languages) if channel is Channel.FAX else 0,
                warnings=(*warnings, *([f"had edition {previous.delivery.edition}: goes with a correction notice"] if previous else [])),
                correction=previous is not None,
            )
        )
    return made, []


def _entry(entries: Iterable[Artifact], channel: Channel, mission: Mission, lang: str) -> Artifact | None:
    if channel is Channel.EMAIL:
        return pdf_of(entries, lang)
    return next((entry for entry in entries if entry.kind == "fax-tiff" and entry.mission == mission.id and entry.language == lang), None)


def _minutes(entry: Artifact) -> float:
    """Time on the line at 14,400 bit/s."""
    return (14 + 4 * (entry.pages or 1) + entry.bytes * 8 / 14400) / 60


def _warnings(mission: Mission, state: State | None, now: datetime) -> Iterator[str]:
    address = (mission.email, mission.fax_e164) if state and state.delivery.channel is Channel.EMAIL else (mission.fax_e164, mission.email)
    if state and state.address != address[0]:
        yield f"the address book says {address[0]} now; it goes to {state.address} unless it is corrected"
    if mission.checked_on is None:
        yield "nobody has checked the address"
    elif now.date() - mission.checked_on > OLD_ADDRESS:
        yield f"the address was last checked on {mission.checked_on}"
    if mission.holder.status != "in-office":
        yield f"the post is {mission.holder.status.replace('-', ' ')}: look at how the note addresses them"
    if state and state.status in HAD:
        yield f"sent before: {state.status.value}"


def _about(entries: Mapping[str, Artifact], languages: Iterable[str], files: Mapping[str, bytes]) -> Iterator[str]:
    size = sum(map(len, files.values()))
    if size * 4 / 3 > WARN_BYTES:
        yield f"{size / 1e6:.1f} MB of attachments: some servers take no more than 10 MB"
    unsigned = [code for code in languages if entries[code].kind == "pdf"]
    if unsigned:
        yield f"not signed: {', '.join(unsigned)}"


def _previous(delivery: Delivery, states: Mapping[Delivery, State]) -> State | None:
    """What this recipient has of an earlier edition, by any way."""
    had = [s for d, s in states.items() if (d.letter, d.recipient) == (delivery.letter, delivery.recipient) and d.edition < delivery.edition and s.status in HAD]
    return max(had, key=lambda state: state.delivery.edition, default=None)
