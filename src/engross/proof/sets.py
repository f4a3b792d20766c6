"""The proof of a whole set in output/: every file that its manifest lists, read back and compared with the letter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engross import artifact, plan
from engross.artifact import Artifact, Manifest, digest
from engross.canonical import seal_digest
from engross.content import editions
from engross.edition import Edition, prepare
from engross.errors import EngrossError, Rejected
from engross.project import Project
from engross.proof import bilingual
from engross.proof.finding import Finding
from engross.proof.mail import prove_message
from engross.proof.text import KINDS, prove
from engross.task import Task
from engross.verify import manifest as signed

if TYPE_CHECKING:
    from engross.proof.faxcost import Price


@dataclass(frozen=True, slots=True)
class Proved:
    """What the proof of one file gave."""

    letter: str
    path: str
    """Relative to the workspace."""
    kind: str
    language: str
    findings: tuple[Finding, ...]
    read: bool = True
    """Whether its text was read; of a fax only with `fax`, of the officers' manifest only its list."""
    office: str = ""
    """Of a fax: the office that it comes from."""
    price: Price | None = None
    """Of a fax that was read."""


class _Looked(NamedTuple):
    """What looking at one file gave."""

    findings: list[Finding]
    read: bool
    price: Price | None = None


SIGNED_PDF = "signed-pdf"
Progress = Callable[[str, int, int], None]


def prove_letter(project: Project, name: str, *, fax: bool = False, progress: Progress = lambda *_: None) -> list[Proved]:
    """Prove every set of a letter that stands in output/ and belongs to its present edition.

    Args:
        project: the workspace.
        name: of the letter.
        fax: also read fax pages, by tesseract.
        progress: told of each file.

    Raises:
        Rejected: the letter itself has errors, so there is nothing to compare with.
        OutsideError: tesseract is asked for and missing.
    """
    edition = prepare(project, name, project.languages(()), official=False)
    out: list[Proved] = []
    for folder in (project.output / name / "draft", project.output / name / f"edition-{edition.letter.edition}"):
        manifest = artifact.read_manifest(folder)
        if manifest:
            out += prove_set(project, replace(edition, official=manifest.state == "official"), folder, manifest, fax=fax, progress=progress)
    return out


def prove_set(project: Project, edition: Edition, folder: Path, manifest: Manifest, *, fax: bool, progress: Progress) -> list[Proved]:
    """Prove the files of one set against the letter as it stands now."""
    working = [name for name in plan.WORKING if any(entry.kind.startswith(name) for entry in manifest.artifacts)]
    tasks = {path: task for task in plan.tasks(project, edition, (*plan.FORMATS, *working), project.settings.paper) for path in task.products}
    out = []
    for done, entry in enumerate(manifest.artifacts):
        path = folder / entry.path
        progress(project.relative(path), done, len(manifest.artifacts))
        made = entry.path.replace(".signed.pdf", ".pdf") if entry.kind == SIGNED_PDF else entry.path
        task = tasks.get(made)
        found, read, price = _prove(project, path, entry, manifest, task, edition, fax=fax)
        out.append(Proved(edition.letter.id, project.relative(path), entry.kind, entry.language, tuple(found), read, task.office if task else "", price))
    return out


def prove_made(task: Task, path: str, data: bytes, pages: int | None) -> None:
    """Prove what a task of an official build has rendered, before anything is published.

    Raises:
        Rejected: it does not say what the letter says.
    """
    if task.format not in KINDS:
        return
    problems = [f.problem(path) for f in prove(task.format, data, task.version.letter, task.version.labels, task.layout, pages=pages)]
    if problems:
        raise Rejected(problems, "what was made does not say what the letter says; nothing was published")


def _prove(project: Project, path: Path, entry: Artifact, manifest: Manifest, task: Task | None, edition: Edition, *, fax: bool) -> _Looked:
    try:
        data = path.read_bytes()
    except OSError as error:
        return _Looked([Finding("proof-file", entry.path, f"it cannot be read: {error.strerror}")], False)
    found: list[Finding] = []
    if digest(data) != entry.sha256:
        found.append(Finding("proof-file", entry.path, "it is not the file that the manifest lists", entry.sha256, digest(data)))
    if stale := _stale(entry, manifest, edition):
        return _Looked([*found, stale, *(_beginning(project, entry, data, manifest) if entry.kind == SIGNED_PDF else ())], False)
    if entry.kind == "email":
        return _Looked([*found, *prove_message(entry, data, manifest, edition, project)], True)
    if entry.path == signed.NAME:
        return _Looked([*found, *_listed(entry, data, manifest)], False)
    version = edition.versions.get(entry.language)
    if task is None or version is None:
        return _Looked(found, False)
    if entry.kind == SIGNED_PDF:
        found += _beginning(project, entry, data, manifest)
    if entry.kind in bilingual.KINDS:
        found += bilingual.unlisted(task.rows, version.letter)
        return _Looked([*found, *bilingual.prove_bilingual(entry.kind, data, task.rows, version.letter, task.english, task.layout, entry.pages)], True)
    if entry.kind in (*KINDS, SIGNED_PDF):
        others = [other.letter for other in edition.versions.values() if other is not version]
        return _Looked([*found, *prove(task.format, data, version.letter, version.labels, task.layout, others, entry.pages)], True)
    looked = _fax(path, entry, data, task, read=fax)
    return _Looked([*found, *looked.findings], fax, looked.price)


def _stale(entry: Artifact, manifest: Manifest, edition: Edition) -> Finding | None:
    """That a file, or a part of a message, was made from another text than the content has now: then each of its differences would say the same."""
    missions = {mission.id: mission for mission in (*edition.letter.cc, *edition.letter.recipients)}
    of_mission = missions[entry.mission].languages if entry.kind == "email" and entry.mission in missions else ()
    for code in (entry.language, *of_mission):
        version = edition.versions.get(code)
        if version and code in manifest.seals and manifest.seals[code] != seal_digest(version.letter):
            todo = "a signed file stays: a changed text is another edition" if entry.kind in artifact.SIGNED else "run engross build and prove it again"
            return Finding("proof-file", entry.path, f"it was made from another text than the content has now, so it was not compared: {todo}", where=version.letter.where)
    return None


def _beginning(project: Project, entry: Artifact, data: bytes, manifest: Manifest) -> Iterator[Finding]:
    """A signed PDF begins with the PDF that the officers were given. (Whether the signatures hold is what `engross verify` says.)"""
    record = editions.read(project, manifest.letter, manifest.edition)
    version = record.versions.get(entry.language) if record else None
    if version is None:
        yield Finding("proof-file", entry.path, "the edition's record in content/ does not know that it was signed")
    elif digest(data[: int(version.file["prefix_bytes"])]) != version.file["prefix_sha256"]:
        yield Finding("proof-file", entry.path, "it does not begin with the PDF that the officers were given", version.file["prefix_sha256"])


def _listed(entry: Artifact, data: bytes, manifest: Manifest) -> Iterator[Finding]:
    """The files that the officers' manifest lists are those of the set: nothing else is sent."""
    try:
        listed = {str(path): str(value) for path, value in json.loads(data).get("others", {}).items()}
    except (ValueError, AttributeError) as error:
        yield Finding("proof-unreadable", entry.path, str(error))
        return
    for path, value in sorted(listed.items()):
        there = manifest.find(path)
        if there is None or there.sha256 != value:
            yield Finding(
                "proof-file", path, "the officers' manifest lists another file: it was made again after the signing, and is not sent", value, there.sha256 if there else ""
            )


def _fax(path: Path, entry: Artifact, data: bytes, task: Task, *, read: bool) -> _Looked:
    """A fax: its pages and, when asked, their text and price; its PDF shows the same coded pages."""
    from engross.render import tiff
    from engross.render.fax_pdf import absent

    try:
        pages = tiff.read(data if entry.kind == "fax-tiff" else path.with_suffix(".tif").read_bytes())
    except (EngrossError, OSError) as error:
        return _Looked([Finding("proof-unreadable", entry.path, str(error))], read)
    found: list[Finding] = []
    if len(pages) != entry.pages:
        found.append(Finding("proof-pages", entry.path, f"it has {len(pages)} pages, not {entry.pages}", str(entry.pages), str(len(pages))))
    if entry.kind == "fax-pdf":
        if lost := absent(data, pages):
            found.append(Finding("proof-pages", entry.path, f"page {', '.join(map(str, lost))} of the fax is not in it"))
        return _Looked(found, read)
    return _read_fax(entry, data, task, found) if read else _Looked(found, read)


def _read_fax(entry: Artifact, data: bytes, task: Task, found: list[Finding]) -> _Looked:
    from engross.proof.fax import Wanted, legibility
    from engross.proof.faxcost import Price
    from engross.render.fax import cost
    from engross.render.fax_html import Sender

    version, layout = task.version, task.layout
    sender = Sender(**task.sender or {})  # type: ignore[arg-type]
    wanted = Wanted(version.letter, version.labels, layout.locale, sender, layout.authoritative, layout.draft)
    report = legibility(data, wanted, mission=next((one for one in task.missions if one.id == entry.mission), None))
    findings = [Finding(problem.code, entry.path, problem.message, where=problem.where) for problem in report.problems]
    return _Looked([*found, *findings], True, Price(cost(data), report.costs))
