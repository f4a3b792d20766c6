"""From a workspace to a published set: `build` is the table of contents of the program."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from engross import artifact, plan
from engross.artifact import Artifact, Manifest
from engross.canonical import seal_digest
from engross.dispatch.email import preview
from engross.edition import Edition, Keep, anew, prepare
from engross.errors import Position, Problem, Severity
from engross.files import write_staged
from engross.project import Project
from engross.task import Product, Task
from engross.values import value_class
from engross.workers import Check, Forerunners, Progress, Renderers, run

SIGNED_FILE = "signed-file"
"""Code of a problem with what lies in the output folder, not with what was read."""


@value_class
class Request:
    """What a build is asked for."""

    letters: tuple[str, ...] = ()
    """Ids; all letters when empty."""
    languages: tuple[str, ...] = ()
    """Locales; all of the settings when empty."""
    formats: tuple[str, ...] = ()
    """`pdf`, `docx`, `html`, `txt`, `fax`; all these when empty. `bilingual` only when named."""
    official: bool = False
    paper: str = ""
    """`a4` or `letter`; the settings' when empty."""
    leave_out: tuple[str, ...] = ()
    """Ids of pending signatories that this build goes without."""
    jobs: int = 0
    """Processes; one for each core when 0."""


@value_class
class Built:
    """What a build did for one letter."""

    letter: str
    folder: Path
    manifest: Manifest
    made: tuple[str, ...]
    """Paths of the artefacts that were rendered; the others stood there already, made from the same."""
    problems: tuple[Problem, ...]
    """Warnings, and of a draft what an official build would refuse."""


def build(
    project: Project,
    request: Request,
    progress: Progress = lambda *_: None,
    files: Mapping[str, str] | None = None,
    crew: Renderers | None = None,
    keep: Keep = anew,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[Built]:
    """Make every artefact that is asked for, and publish each letter's set as one.

    `files` are digests of the workspace's files by path (`recall.inputs`), `crew` the processes that render, where the caller has them already; `keep` is who remembers what was read, and
    `meanwhile` is what the caller has to do by the way, once: those who render are not kept waiting for it.

    Raises:
        Rejected: something is wrong with content, catalogues or settings; nothing was written.
        EngrossError: a renderer or the disk failed; the letters published before stay published.
    """
    layouts, names = plan.layout_digests(project, files), project.pick(request.letters)
    ready = partial(prepare, project, languages=project.languages(request.languages), official=request.official, leave_out=request.leave_out, keep=keep)
    if isinstance(crew, Forerunners) and len(names) == 1:
        return [_while_examined(project, partial(ready, names[0]), request, progress, layouts, crew, meanwhile)]
    meanwhile()
    found = []
    for edition in [ready(name) for name in names]:
        with ExitStack() as stack:
            found.append(_build(project, edition, request, _begin(project, edition, request, layouts, stack), layouts, partial(crew.run if crew else run, progress=progress)))
    return found


def _while_examined(
    project: Project, ready: Callable[..., Edition], request: Request, progress: Progress, layouts: Mapping[str, str], crew: Forerunners, meanwhile: Callable[[], object]
) -> Built:
    """The build of one letter, rendered while its translations are still examined. What was begun is thrown away if they are refused."""
    begun: list[_Begun] = []

    def ahead(edition: Edition) -> None:
        begun.append(_begin(project, edition, request, layouts, stack))
        crew.begin(begun[0].fresh, request.jobs, begun[0].check, begun[0].stage)
        meanwhile()

    with ExitStack() as stack:
        try:
            edition = ready(ahead=ahead)
        except BaseException:
            crew.dismiss()
            raise
        return _build(project, edition, request, begun[0], layouts, partial(crew.run, progress=progress))


def folder_of(project: Project, edition: Edition) -> Path:
    """Where an edition's set stands, or its draft."""
    return project.output / edition.letter.id / (f"edition-{edition.letter.edition}" if edition.official else "draft")


@value_class
class _Begun:
    """A set that is about to be made, its folder locked."""

    folder: Path
    stage: Path
    standing: Manifest | None
    fresh: list[Task]
    kept: list[Artifact]
    check: Check | None


def _begin(project: Project, edition: Edition, request: Request, layouts: Mapping[str, str], stack: ExitStack) -> _Begun:
    """What there is to make of an edition; its folder is locked until `stack` ends."""
    folder = folder_of(project, edition)
    stack.enter_context(artifact.locked(folder))
    stage = stack.enter_context(artifact.staging(folder))
    standing = artifact.read_manifest(folder)
    fresh, kept = _split(folder, standing, plan.tasks(project, edition, request.formats, request.paper or project.settings.paper, layouts))
    return _Begun(folder, stage, standing, fresh, kept, _proof() if edition.official else None)


def _build(project: Project, edition: Edition, request: Request, begun: _Begun, layouts: Mapping[str, str], render: Callable[..., list[Artifact]]) -> Built:
    folder, stage, standing = begun.folder, begun.stage, begun.standing
    seals = {lang: seal_digest(version.letter) for lang, version in edition.versions.items()}  # what can be known now is not asked when everybody waits for it
    inputs, versions, fonts = plan.inputs(project, edition, layouts), dict(plan.versions()), plan.fonts(project.layouts)
    made = render(begun.fresh, request.jobs, check=begun.check, stage=stage)
    entries = [*begun.kept, *made]
    whole = sorted([*entries, *_others(folder, standing, entries, edition, request)], key=lambda e: e.path)
    lost = _damaged_signed(project, folder, standing)
    mails_too = preview.wanted(project, edition, request.formats) and not lost
    office = preview.Mailroom(_reader(folder, stage, made), lambda path, data: write_staged(stage / path, data), make=mails_too)
    artifacts, mails = preview.previews(project, edition, whole, _intact(folder, standing), office)
    manifest = Manifest(
        letter=edition.letter.id,
        edition=edition.letter.edition,
        state="official" if edition.official else "draft",
        artifacts=artifacts,
        seals={**(_other_seals(standing, edition) if standing else {}), **seals},
        inputs={**(_other_inputs(standing, artifacts, edition) if standing else {}), **inputs},
        versions=versions,
        fonts=fonts,
    )
    paths = (*(entry.path for entry in made), *mails)
    if paths or manifest != standing:
        artifact.publish(folder, {}, manifest, made=paths)
    return Built(edition.letter.id, folder, manifest, paths, (*edition.problems, *edition.unfinished, *lost, *_made_since(project, folder, manifest)))


def _proof() -> Check:
    """What leaves the house is read back before it is published. Drafts are not: `engross proof` reads them when asked."""
    from engross.proof.sets import prove_made

    return prove_made


def _split(folder: Path, standing: Manifest | None, tasks: Sequence[Task]) -> tuple[list[Task], list[Artifact]]:
    """The tasks that have something to make, and the artefacts that stand as they would be made again."""
    fresh: list[Task] = []
    kept: list[Artifact] = []
    for task in tasks:
        stale: dict[str, Product] = {}
        for path, product in task.products.items():
            entry = standing.find(path) if standing else None
            if entry and entry.recipe == product.recipe and artifact.intact(folder, entry):
                kept.append(entry)
            else:
                stale[path] = product
        if stale:
            fresh.append(replace(task, products=stale))
    return fresh, kept


def _others(folder: Path, standing: Manifest | None, entries: Iterable[Artifact], edition: Edition, request: Request) -> list[Artifact]:
    """What the standing set has besides what was asked for, as long as it is whole and still tells the same text."""
    have = {entry.path for entry in entries}

    def stays(entry: Artifact) -> bool:
        """Whether an entry of the standing set remains in the new one."""
        if entry.kind in artifact.SIGNED:
            return True
        if entry.path in have or not standing or not artifact.intact(folder, entry):
            return False
        version = edition.versions.get(entry.language)
        if version is None:
            return True
        unasked = bool(request.formats) and entry.kind.split("-")[0] not in request.formats
        return unasked and standing.seals.get(entry.language) == seal_digest(version.letter)

    return [entry for entry in standing.artifacts if stays(entry)] if standing else []


def _damaged_signed(project: Project, folder: Path, standing: Manifest | None) -> list[Problem]:
    """A warning for each signed file that is not what was signed. A build leaves it as it is: it cannot make it again, and it may be evidence."""
    hint = "put back a copy from where signed files are kept, an archive or a message that was sent; `engross verify FILE` tells a good copy. Until then no message is made with it"
    return [
        Problem(SIGNED_FILE, f"it {'was changed since it was signed' if (folder / entry.path).exists() else 'was signed and is missing'}", where, hint, Severity.WARNING)
        for entry in (standing.artifacts if standing else ())
        if entry.kind in artifact.SIGNED and not artifact.intact(folder, entry)
        for where in [Position(project.relative(folder / entry.path))]
    ]


def _made_since(project: Project, folder: Path, manifest: Manifest) -> list[Problem]:
    """A warning for each file of the set that is another than the one that the officers' manifest lists. What is not listed is not sent."""
    entry = next((entry for entry in manifest.artifacts if entry.kind == "signed-manifest"), None)
    if entry is None or not artifact.intact(folder, entry):  # a damaged one is told of by `_damaged_signed`
        return []
    listed = json.loads((folder / entry.path).read_bytes()).get("others", {})
    hint = f"undo what changed, which `engross build --check --edition {manifest.edition}` names, and build again; or make another edition"
    return [
        Problem(SIGNED_FILE, "it is another than the one that the officers signed for: it is not sent", Position(project.relative(folder / one.path)), hint, Severity.WARNING)
        for one in manifest.artifacts
        if listed.get(one.path, one.sha256) != one.sha256
    ]


def _intact(folder: Path, standing: Manifest | None) -> list[Artifact]:
    return [entry for entry in standing.artifacts if artifact.intact(folder, entry)] if standing else []


def _reader(folder: Path, stage: Path, made: Iterable[Artifact]) -> Callable[[Artifact], bytes]:
    fresh = {entry.path for entry in made}
    return lambda entry: ((stage if entry.path in fresh else folder) / entry.path).read_bytes()


def _other_inputs(standing: Manifest, artifacts: Iterable[Artifact], edition: Edition) -> Mapping[str, str]:
    """The catalogues of languages that were not built now and stand in the set."""
    others = {entry.language for entry in artifacts} - set(edition.versions)
    return {path: value for path, value in standing.inputs.items() if path.startswith(tuple(f"translations/{code}/" for code in others))}


def _other_seals(standing: Manifest, edition: Edition) -> Mapping[str, str]:
    return {lang: value for lang, value in standing.seals.items() if lang not in edition.versions}
