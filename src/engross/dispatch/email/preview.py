"""`email/<mission>.eml` in a set: what each mission would get, made again byte for byte, to read or to send from a mail program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
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
_FORM = 1
"""Changes when the same ingredients give other bytes."""


def wanted(project: Project, edition: Edition, formats: Sequence[str]) -> bool:
    """Whether a build makes them: when asked, and for an official edition as soon as an office has an address to send from."""
    return KIND in formats or (not formats and edition.official and any(office.email for office in project.settings.offices.values()))


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


def previews(
    project: Project, edition: Edition, artifacts: Sequence[Artifact], before: Iterable[Artifact], read: Callable[[Artifact], bytes], *, make: bool
) -> tuple[tuple[Artifact, ...], dict[str, bytes]]:
    """The set's artefacts with its e-mails brought up to date, and the files of those made now.

    Args:
        project: the workspace.
        edition: the letter as it is built now.
        artifacts: what the set consists of otherwise.
        before: what stood in the set, whole.
        read: the bytes of an artefact.
        make: whether to make those that are missing; without it only those stay that are still what would be made.
    """
    others = [entry for entry in artifacts if entry.kind != KIND]
    standing = {entry.path: entry for entry in before if entry.kind == KIND}
    kept: list[Artifact] = []
    files: dict[str, bytes] = {}
    bodies: dict[tuple[tuple[str, ...], str], Body] = {}
    for mission in receivers(edition.letter):
        office = office_of(project, mission)
        languages = tuple(code for code in mission.languages if code in project.settings.languages)
        pdfs = {code: pdf_of(others, code) for code in languages}
        if not (mission.email and office and office.email and languages) or None in pdfs.values():
            continue
        found = {code: entry for code, entry in pdfs.items() if entry}
        path, recipe = f"email/{mission.id}.eml", _recipe(mission, office, found)
        if path in standing and standing[path].recipe == recipe:
            kept.append(standing[path])
        elif make and set(languages) <= set(edition.versions):
            key = languages, office.id
            bodies[key] = bodies.get(key) or _body(project, edition, languages, office)
            files[path] = _message(project, edition, mission, office, bodies[key], {code: read(entry) for code, entry in found.items()})
            kept.append(Artifact(path, digest(files[path]), len(files[path]), KIND, languages[0], recipe, mission=mission.id))
    return tuple(sorted([*others, *kept], key=lambda entry: entry.path)), files


def _recipe(mission: Mission, office: Office, pdfs: Mapping[str, Artifact]) -> str:
    """The recipes of the PDFs have text, words, layout and versions in them."""
    sender = {key: value for key, value in asdict(office).items() if key in ("name", "address", "email", "fax", "voice", "reply_to")}
    return digest(
        canonical_json([KIND, _FORM, mission.id, mission.email, {**sender, "address": list(office.address)}, [[code, entry.recipe, entry.sha256] for code, entry in pdfs.items()]])
    )


def _body(project: Project, edition: Edition, languages: Sequence[str], office: Office) -> Body:
    from engross.dispatch.email.body import body

    versions = [(edition.versions[code].letter, edition.versions[code].labels, layout_of(project, code, draft=not edition.official)) for code in languages]
    return body(versions, office, correction=bool(edition.letter.supersedes))


def _message(project: Project, edition: Edition, mission: Mission, office: Office, written: Body, pdfs: Mapping[str, bytes]) -> bytes:
    from engross.dispatch.email.compose import Attachment, message, preview_envelope, to_bytes
    from engross.dispatch.email.names import attachment_name

    letters = {code: edition.versions[code].letter for code in pdfs}
    first = next(iter(letters.values()))
    local = next(one for one in receivers(first) if one.id == mission.id)
    attachments = [Attachment(attachment_name(letter, project.locale(code)), pdfs[code], project.locale(code).tag) for code, letter in letters.items()]
    return to_bytes(message(written, attachments, preview_envelope(first, office, local)))
