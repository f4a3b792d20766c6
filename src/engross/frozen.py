"""A signed edition made again from its record, whatever content and settings say by now, and compared with what was signed.

What was signed is known from three sides: the edition's record in content/, the signed manifest in output/ when it is there, and the signed PDF itself,
whose beginning is the PDF that the officers were given. Where libraries, fonts or the layout are others now, the bytes cannot be the same; then it is
said which, and what was signed is read back and compared with the record text by text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from engross import artifact, plan, record
from engross.artifact import Artifact
from engross.canonical import printed_content, seal_digest
from engross.content import editions
from engross.content.editions import FrozenEdition, FrozenVersion
from engross.edition import read_source, read_version
from engross.errors import EngrossError, UsageError
from engross.pipeline import Request
from engross.project import Project
from engross.proof.text import KINDS, prove
from engross.rebuilding import Rebuilt, concerning, reason
from engross.record import Record
from engross.sign import listing, policy_of, profile_of
from engross.sign.listing import Listing
from engross.verify import manifest
from engross.workers import run

Progress = Callable[[str, int, int], None]


def split(project: Project, request: Request, number: int | None) -> tuple[list[FrozenEdition], list[Request]]:
    """What a check is about: the signed languages of editions, made again from their records, and the rest, made again from the content.

    With a number only that edition; with `official`, and where a letter has no draft, its present edition, and of that what was not signed but stands in
    the set. Otherwise the draft.

    Raises:
        UsageError: a letter has no signed edition of that number, or not in a language asked for.
    """
    frozen: list[FrozenEdition] = []
    rest: list[Request] = []
    for name in project.pick(request.letters):
        present = number is None and (request.official or artifact.read_manifest(project.output / name / "draft") is None)
        source = read_source(project, name)[0] if present else None
        wanted = source.letter.edition if source else number
        whole = editions.read(project, name, wanted) if wanted is not None else None
        versions = {code: one for code, one in whole.versions.items() if not request.languages or code in request.languages} if whole else {}
        if whole and versions:
            frozen.append(replace(whole, versions=versions))
        elif number is not None:
            signed = [f"{n} in {', '.join(one.versions)}" for n in editions.editions(project, name) if (one := editions.read(project, name, n))]
            raise UsageError(f"edition {number} of {name} was not signed in a language asked for", hint=f"signed: {'; '.join(signed) or 'none'}")
        if number is None:
            rest += _unsigned(project, request, name, whole)
    return frozen, rest


def _unsigned(project: Project, request: Request, name: str, frozen: FrozenEdition | None) -> list[Request]:
    """A letter in the languages that were not signed; of a signed edition, those that stand in its set."""
    codes, official = project.languages(request.languages), request.official
    if frozen:
        standing, official = artifact.read_manifest(_folder(project, frozen)), True
        there = {entry.language for entry in standing.artifacts} if standing else set()
        codes = [code for code in codes if code in there and code not in frozen.versions]
    return [replace(request, letters=(name,), languages=tuple(codes), official=official)] if codes else []


def _folder(project: Project, edition: FrozenEdition) -> Path:
    return project.output / edition.letter / f"edition-{edition.edition}"


def remake(project: Project, edition: FrozenEdition, request: Request, progress: Progress = lambda *_: None) -> Rebuilt:
    """Make the signed languages of an edition again in memory, from its record, and compare them with what was signed; nothing is written.

    Raises:
        EngrossError: a renderer failed.
    """
    check = _Check(project, edition, _folder(project, edition))
    check.vouched()
    known = {code: found for code in edition.versions if (found := check.record(code))}
    tasks = [task for one in known.values() for task in one.tasks if not request.formats or task.format in request.formats]
    made = run(tasks, request.jobs, progress)
    for code, one in known.items():
        check.compare(code, one, [entry for entry in made if entry.language == code])
    check.messages()
    check.since()
    return Rebuilt(edition.letter, check.folder, tuple(check.same), check.different, tuple(check.notes))


@dataclass(slots=True)
class _Check:
    """One edition while it is compared."""

    project: Project
    edition: FrozenEdition
    folder: Path
    same: list[str] = field(default_factory=list)
    different: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    listing: Listing | None = None

    def vouched(self) -> None:
        """The officers' manifest, if it is here and its signature holds."""
        if not (self.folder / manifest.NAME).exists():
            self.notes.append(f"{self.project.relative(self.folder)} has no {manifest.NAME}: compared with the record alone, which nobody's signature covers")
            return
        try:
            profile = profile_of(self.project, self.edition.letter, "")
            self.listing = listing.read(self.folder, policy_of(self.project, profile, profile.officers), datetime.now(UTC))
        except EngrossError as error:
            self.different[manifest.NAME] = f"{error.message}: what it lists was not compared"

    def record(self, code: str) -> Record | None:
        """What a language can be made again from, if it is what was written when it was signed."""
        path = record.path(self.project, self.edition.letter, self.edition.edition, code)
        try:
            return self._believed(path, code, self.edition.versions[code])
        except EngrossError as error:
            self.different[str(path)] = error.message
            return None

    def compare(self, code: str, known: Record, made: Sequence[Artifact]) -> None:
        """Compare what was made again of a language with what was signed."""
        version, changes = self.edition.versions[code], self._changes(known)
        if code in self.project.settings.languages:
            changes = concerning(self.project, code, changes)
        for entry in made:
            if why := self._difference(entry, known, version, changes):
                self.different[entry.path] = why
            else:
                self.same.append(entry.path)
        if changes and any(entry.path in self.same for entry in made):
            self.notes.append(f"{code}: since the signing {reason(changes)}; the files that are the same do not depend on it")
        for name in known.unexplained:
            self.different[name] = "layout or settings had changed between its building and the signing, so that the record does not say from what it was made"
        self._signed_pdf(version)

    def messages(self) -> None:
        """Messages are made anew with the signed PDFs whenever they are sent, so neither record nor officers' manifest has them: it is said that they are not compared."""
        standing = artifact.read_manifest(self.folder)
        mails = [entry for entry in standing.artifacts if entry.kind == "email"] if standing else []
        if mails:
            self.notes.append("the messages in email/ are previews, which nobody signed: they are not made again here; `engross proof` reads them")
        self.different.update({entry.path: "the file is not the one the manifest lists" for entry in mails if not artifact.intact(self.folder, entry)})

    def since(self) -> None:
        """Note where the content says something else by now."""
        source, _ = read_source(self.project, self.edition.letter)
        if source is None or source.letter.edition != self.edition.edition:
            return
        for code in self.edition.versions:
            if code in self.project.settings.languages:
                _, problems, _ = read_version(self.project, source, code)
                self.notes += [f"{problem.message} (this check does not look at the content)" for problem in problems if problem.code == "edition-frozen"]

    def _believed(self, path: Path, code: str, version: FrozenVersion) -> Record:
        """The record, if it is the one whose digest was signed and it holds the text that was signed.

        Raises:
            EngrossError: it is not.
        """
        wanted = version.file.get("record_sha256")
        if not wanted:
            raise EngrossError("it was signed by a program that kept no record to make it again from")
        try:
            data = path.read_bytes()
        except OSError as error:
            raise EngrossError(f"the record cannot be read: {error.strerror}; restore it from the repository's history") from error
        if artifact.digest(data) != wanted:
            raise EngrossError("the record is not the one that was written at the signing: somebody changed it; restore it from the repository's history")
        if self.listing and (wanted != self.listing.records.get(str(version.file["path"])) or manifest.expected({code: version.file})[0] not in self.listing.expected):
            raise EngrossError(f"the record is not the one that {manifest.NAME} names: somebody changed it together with the edition's record")
        known = record.read(data, self.project.layouts, self.project.relative(path))
        if seal_digest(known.version.letter) != version.seal or printed_content(known.version.letter) != version.content:
            raise EngrossError("the record has another text than the one that was signed")
        return known

    def _changes(self, known: Record) -> dict[str, str]:
        """What program, libraries, fonts and layout are now that they were not at the signing."""
        then, now = ({f"layouts/{name}": value for name, value in digests.items()} for digests in (known.layouts, plan.layout_digests(self.project)))
        return plan.Basis(then, known.versions, known.fonts).changes(plan.Basis(now, plan.versions(), plan.fonts(self.project.layouts)))

    def _difference(self, made: Artifact, known: Record, version: FrozenVersion, changes: Mapping[str, str]) -> str:
        """Why a file that was made again is not the one that was signed or listed; empty when it is."""
        unsigned = made.kind == "pdf"
        wanted = str(version.file["prefix_sha256"]) if unsigned else known.files[made.path]
        if not unsigned and self.listing and self.listing.others.get(made.path, wanted) != wanted:
            return f"{manifest.NAME} lists another file than the record: it was built again between two signings"
        if made.sha256 == wanted:
            return ""
        if not changes:
            return "other bytes, from the same record, layout, fonts and versions"
        return f"cannot be made again here byte for byte: {reason(changes)}{self._read_back(made, known, wanted)}"

    def _read_back(self, made: Artifact, known: Record, wanted: str) -> str:
        """What a reading of the file that stands in output/ says, where it is the one that was signed."""
        task = next(task for task in known.tasks if made.path in task.products)
        try:
            data = (self.folder / made.path).read_bytes()
        except OSError:
            return ""
        if task.format not in KINDS or artifact.digest(data) != wanted:
            return ""
        findings = prove(task.format, data, task.version.letter, task.version.labels, replace(task.layout, root=self.project.layouts))
        return f"; but what stands in output/ was read and {f'differs from the record: {findings[0]}' if findings else 'says what the record says, text by text'}"

    def _signed_pdf(self, version: FrozenVersion) -> None:
        """The signed PDF, if it is here: its beginning is the PDF that was given to the officers, and what they made of it is unchanged."""
        entry = version.file
        name = str(entry["path"])
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            self.notes.append(f"{name} is not in {self.project.relative(self.folder)}")
            return
        if artifact.digest(data[: int(entry["prefix_bytes"])]) != entry["prefix_sha256"] or artifact.digest(data[: int(entry["signed_bytes"])]) != entry["signed_sha256"]:
            self.different[name] = "it is not the file that was signed; restore it from where signed files are kept"
        else:
            self.same.append(name)
