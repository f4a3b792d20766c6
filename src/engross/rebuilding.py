"""`engross build --check`: everything made again in memory from content and catalogues as they are now, and compared with what stands in output/."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engross import artifact, plan
from engross.artifact import Artifact, Manifest
from engross.dispatch.email import preview
from engross.edition import Edition, prepare
from engross.errors import UsageError
from engross.locales import LATIN_FONTS
from engross.pipeline import Request, folder_of
from engross.project import Project
from engross.workers import run

NAMED = 4
"""So many changes are named as the reason of a difference; the others are counted."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild in memory gave beside what stands in the output folder."""

    letter: str
    folder: Path
    same: tuple[str, ...]
    """Paths whose bytes are what the manifest says."""
    different: Mapping[str, str]
    """Why each of the others is not."""
    notes: tuple[str, ...] = ()
    """What a reader should know besides."""


def rebuild(project: Project, request: Request, progress: Callable[[str, int, int], None] = lambda *_: None) -> list[Rebuilt]:
    """Make every artefact again in memory and compare it with the manifest; nothing is written.

    Raises:
        Rejected: something is wrong with content, catalogues or settings.
        UsageError: a letter has not been built.
    """
    languages = project.languages(request.languages)
    editions = [prepare(project, name, languages, official=request.official, leave_out=request.leave_out) for name in project.pick(request.letters)]
    return [_rebuild(project, edition, request, progress) for edition in editions]


def reason(changes: Mapping[str, str]) -> str:
    """The changes in a sentence's part, the first of them by name."""
    named = [*changes.values()]
    return "; ".join(named[:NAMED]) + (f"; and {len(named) - NAMED} more" if len(named) > NAMED else "")


def concerning(project: Project, language: str, changes: Mapping[str, str]) -> dict[str, str]:
    """The changes that can have an effect on a file in the language: not the catalogues and fonts of others."""
    own_fonts = (*LATIN_FONTS, *project.locale(language).fonts) if language else ("",)

    def concerns(name: str) -> bool:
        if name.startswith("layouts/fonts/"):
            return Path(name).name.startswith(own_fonts)
        return not language or not name.startswith("translations/") or name.startswith(f"translations/{language}/")

    return {name: text for name, text in changes.items() if concerns(name)}


def _rebuild(project: Project, edition: Edition, request: Request, progress: Callable[[str, int, int], None]) -> Rebuilt:
    folder = folder_of(project, edition)
    standing = artifact.read_manifest(folder)
    if standing is None:
        raise UsageError(f"there is no manifest in {project.relative(folder)}", hint="build it first")
    listed = [entry for entry in standing.artifacts if entry.kind not in artifact.SIGNED]
    formats = request.formats or sorted({_format(entry) for entry in listed} & {*plan.FORMATS, *plan.AFTERWARDS})
    made = run(plan.tasks(project, edition, formats, request.paper or project.settings.paper), request.jobs, progress)
    mails, different = _mails(project, edition, folder, standing) if preview.KIND in formats else ([], {})
    made += mails
    changes = _changes(project, edition, standing)
    for entry in made:
        if why := _difference(folder, standing.find(entry.path), entry, concerning(project, entry.language, changes)):
            different[entry.path] = why
    again = {entry.path for entry in made}
    gone = [entry for entry in listed if entry.path not in {*again, *different} and entry.language in edition.versions and _format(entry) in formats]
    different |= {entry.path: "nothing makes it any more" for entry in gone}
    return Rebuilt(edition.letter.id, folder, tuple(entry.path for entry in made if entry.path not in different), different)


def _changes(project: Project, edition: Edition, standing: Manifest) -> dict[str, str]:
    """What is another than when the set was made, in words; of catalogues only those of the languages looked at."""
    now = plan.inputs(project, edition, plan.layout_digests(project))
    then = {path: value for path, value in standing.inputs.items() if path in now or not path.startswith("translations/")}
    return plan.Basis(then, standing.versions, standing.fonts).changes(plan.Basis(now, plan.versions(), plan.fonts(project.layouts)))


def _format(entry: Artifact) -> str:
    return entry.kind.split("-")[0]


def _difference(folder: Path, listed: Artifact | None, made: Artifact, changes: Mapping[str, str]) -> str:
    """Why a file of the set is not what was made now; empty when it is."""
    if listed is None:
        return "the manifest does not list it"
    if listed.sha256 == made.sha256:
        return "" if artifact.intact(folder, listed) else "the file is not the one the manifest lists"
    if listed.recipe == made.recipe:
        return "made from the same, and yet other bytes"
    return f"it was made from something else: {reason(changes) or 'other settings'}"


def _mails(project: Project, edition: Edition, folder: Path, standing: Manifest) -> tuple[list[Artifact], dict[str, str]]:
    """The messages of a set made again from the PDFs that stand in it, signed ones among them; and why some cannot be."""
    made: list[Artifact] = []
    lost: dict[str, str] = {}
    for letter in preview.letters(project, edition, standing.artifacts):
        if letter.compose and standing.find(letter.path):
            if all(artifact.intact(folder, pdf) for pdf in letter.pdfs):
                made.append(letter.entry(letter.compose(lambda entry: (folder / entry.path).read_bytes())))
            else:
                lost[letter.path] = "a PDF that it carries is not the one the manifest lists"
    return made, lost
