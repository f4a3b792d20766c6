"""`email/<mission>.eml` in a set: what each mission would get, made again byte for byte, to read or to send from a mail program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from engross.artifact import Artifact, digest
from engross.canonical import canonical_json
from engross.edition import Edition
from engross.letter import Letter, Mission
from engross.project import Project
from engross.render.layout import Layout
from engross.settings_dispatch import Office

if TYPE_CHECKING:
    from engross.dispatch.email.body import Body

KIND = "email"
FEW = 12
"""Missions to which an official build makes previews unasked."""
_FORM = 2
"""Changes when the same ingredients give other bytes."""


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Where previews get what they need, and where they go, one by one."""

    read: Callable[[Artifact], bytes]
    """The bytes of an artefact of the set."""
    write: Callable[[str, bytes], None]
    """Takes the path in the set and the bytes of a preview made now."""
    make: bool
    """Whether to make those that are missing; without it only those stay that are still what would be made."""


def wanted(project: Project, edition: Edition, formats: Sequence[str]) -> bool:
    """Whether a build makes them: when asked (`-f email`), and for an official edition to a few missions as soon as an office has an address to send from.

    A campaign's messages are composed when they are sent; nobody reads hundreds of previews, each with its attachments.
    """
    few = len(receivers(edition.letter)) <= FEW
    return KIND in formats or (not formats and edition.official and few and any(office.email for office in project.settings.offices.values()))


def office_of(project: Project, mission: Mission) -> Office | None:
    """The office that serves a mission: the one the address book names, else the only one there is."""
    offices = project.settings.offices
    return offices.get(mission.office) or (next(iter(offices.values())) if len(offices) == 1 and not mission.office else None)


def receivers(letter: Letter) -> tuple[Mission, ...]:
    """Who the letter is sent to: its recipients, else those who receive a copy."""
    return letter.recipients or letter.cc


def pdf_of(artifacts: Iterable[Artifact], lang: str) -> Artifact | None:
    """The PDF that goes out in a language: the signed one when there is one."""
    pdfs = [entry for entry in artifacts if entry.language == lang and entry.path.endswith(".pdf") and not entry.kind.startswith("fax")]
    return next((entry for entry in pdfs if entry.path.endswith(".signed.pdf")), None) or next((entry for entry in pdfs if entry.kind == "pdf"), None)


def layout_of(project: Project, lang: str, *, draft: bool) -> Layout:
    """How the message is set in a language."""
    settings = project.settings
    return Layout(project.layouts, project.locale(lang), settings.locales, settings.paper, draft, settings.authoritative if settings.authoritative != lang else "", "")


def previews(project: Project, edition: Edition, artifacts: Sequence[Artifact], before: Iterable[Artifact], room: Mailroom) -> tuple[tuple[Artifact, ...], tuple[str, ...]]:
    """The set's artefacts with its e-mails brought up to date, and the paths of those made now.

    Args:
        project: the workspace.
        edition: the letter as it is built now.
        artifacts: what the set consists of otherwise.
        before: what stood in the set, whole.
        room: what to read, where to write, and whether to.
    """
    others = [entry for entry in artifacts if entry.kind != KIND]
    standing = {entry.path: entry for entry in before if entry.kind == KIND}
    kept: list[Artifact] = []
    made: list[str] = []
    for letter in letters(project, edition, others):
        known = standing.get(letter.path)
        if known and known.recipe.startswith(letter.recipe):
            kept.append(known)
        elif room.make and letter.compose:
            data = letter.compose(room.read)
            room.write(letter.path, data)
            made.append(letter.path)
            kept.append(letter.entry(data))
    return tuple(sorted([*others, *kept], key=lambda entry: entry.path)), tuple(made)


@dataclass(frozen=True, slots=True)
class Preview:
    """The message to one mission, not composed yet."""

    path: str
    recipe: str
    """Its recipe, or where the language of its head is not at hand the beginning of it."""
    mission: str
    language: str
    """The mission's preferred one."""
    pdfs: tuple[Artifact, ...]
    """What it carries."""
    compose: Callable[[Callable[[Artifact], bytes]], bytes] | None
    """Makes it, given how artefacts are read; `None` when the edition at hand lacks one of its languages."""

    def entry(self, data: bytes) -> Artifact:
        """What the manifest says of it."""
        return Artifact(self.path, digest(data), len(data), KIND, self.language, self.recipe, mission=self.mission)


def letters(project: Project, edition: Edition, artifacts: Sequence[Artifact]) -> Iterator[Preview]:
    """The messages that a set can have: to each mission with an address, once the PDFs of all its languages are there."""
    bodies: dict[tuple[tuple[str, ...], str, str], Body] = {}

    def compose(mission: Mission, office: Office, pdfs: Mapping[str, Artifact], read: Callable[[Artifact], bytes]) -> bytes:
        key = tuple(pdfs), office.id, mission.holder.status
        bodies[key] = bodies.get(key) or _body(project, edition, tuple(pdfs), office, mission.holder.status)
        return _message(project, edition, mission, office, bodies[key], {code: read(entry) for code, entry in pdfs.items()})

    for mission in receivers(edition.letter):
        office = office_of(project, mission)
        languages = tuple(code for code in mission.languages if code in project.settings.languages)
        found = {code: pdf_of(artifacts, code) for code in languages}
        pdfs = {code: entry for code, entry in found.items() if entry}
        if mission.email and office and office.email and languages and len(pdfs) == len(languages):
            here = set(languages) <= set(edition.versions)
            recipe = _recipe(mission, office, pdfs) + (_name(edition.versions[languages[0]].letter, mission) if here else "")
            yield Preview(f"email/{mission.id}.eml", recipe, mission.id, languages[0], tuple(pdfs.values()), partial(compose, mission, office, pdfs) if here else None)


def _recipe(mission: Mission, office: Office, pdfs: Mapping[str, Artifact]) -> str:
    """Of all but the mission's name in its own language. The recipes of the PDFs have text, words, layout and versions in them."""
    sender = {key: value for key, value in asdict(office).items() if key in ("name", "address", "email", "fax", "voice", "reply_to")}
    return digest(
        canonical_json(
            [
                KIND,
                _FORM,
                mission.id,
                mission.email,
                mission.holder.status,
                {**sender, "address": list(office.address)},
                [[code, entry.recipe, entry.sha256] for code, entry in pdfs.items()],
            ]
        )
    )[:32]


def _name(letter: Letter, mission: Mission) -> str:
    local = next(one for one in receivers(letter) if one.id == mission.id)
    return digest(canonical_json([local.mission.text, local.mission.lang]))[:32]


def _body(project: Project, edition: Edition, languages: Sequence[str], office: Office, status: str) -> Body:
    from engross.dispatch.email.body import body

    versions = [(edition.versions[code].letter, edition.versions[code].labels, layout_of(project, code, draft=not edition.official)) for code in languages]
    return body(versions, office, status=status, correction=bool(edition.letter.supersedes))


def _message(project: Project, edition: Edition, mission: Mission, office: Office, written: Body, pdfs: Mapping[str, bytes]) -> bytes:
    from engross.dispatch.email.compose import Attachment, message, preview_envelope, to_bytes
    from engross.dispatch.email.names import attachment_name

    letters = {code: edition.versions[code].letter for code in pdfs}
    first = next(iter(letters.values()))
    local = next(one for one in receivers(first) if one.id == mission.id)
    attachments = [Attachment(attachment_name(letter, project.locale(code)), pdfs[code], project.locale(code).tag) for code, letter in letters.items()]
    return to_bytes(message(written, attachments, preview_envelope(first, office, local)))
