"""An official edition as it is sent: each file read once, compared with the set's manifest and with the signed one, and handed on as those very bytes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from engross import artifact
from engross.artifact import Artifact, Manifest
from engross.canonical import seal_digest
from engross.content import editions
from engross.dispatch.email.preview import receivers
from engross.edition import Edition, prepare, read_source
from engross.errors import EngrossError, Rejected, UsageError
from engross.letter import Letter, Mission
from engross.project import Project
from engross.settings_signing import choose
from engross.sign import listing, policy_of, profile_of
from engross.sign.listing import Listing, fax_pages
from engross.verify import Policy, Verdict, verify

CHANGED = "nothing was sent; build or sign the edition again"
NAMED = 12
"""Recipients that a message names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the officers' signature vouches for, and by which policy and at what time it was judged."""

    listing: Listing
    policy: Policy
    now: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """An official edition as it lies in output/, together with the letter it was made from."""

    edition: Edition
    folder: Path
    manifest: Manifest
    signed: Vouched | None = None
    """None when the letter is not signed; it is not None once an officer has signed."""
    book: Mapping[str, Mission] = field(default_factory=dict)
    """The missions as the address book has them now, by id; the letter has them as they were when it was signed."""
    book_changed: bool = False
    """Of an edition that nobody signed: the address book is another one than when it was made, and what is sent goes where the book says now."""
    _read: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    @property
    def embargo(self) -> datetime | None:
        """Before which nothing may reach any server: the letter's, or the signed one if that is later."""
        found = [moment for moment in (self.edition.letter.embargo, self.signed.listing.embargo if self.signed else None) if moment]
        return max(found, default=None)

    def letter(self, lang: str) -> Letter:
        """The letter in a language, with the missions as they were when that language was signed."""
        return self.edition.versions[lang].letter

    def mission(self, name: str, lang: str) -> Mission:
        """A receiver in a language, as it was when that language was signed."""
        return next(one for one in receivers(self.letter(lang)) if one.id == name)

    def read(self, entry: Artifact) -> bytes:
        """The bytes of an artefact, which are those that go out. A file is read once, however many missions get it.

        Raises:
            EngrossError: it is missing, or is not what the manifest or the signed manifest says.
        """
        if entry.path not in self._read:
            try:
                data = (self.folder / entry.path).read_bytes()
            except OSError as error:
                raise EngrossError(f"cannot read {entry.path}: {error.strerror}", hint="build the edition again") from error
            if artifact.digest(data) != entry.sha256:
                raise EngrossError(f"{entry.path} is not what the manifest says: it was changed after it was made", hint=CHANGED)
            if self.signed:
                _vouch(entry, data, self.signed)
            self._read[entry.path] = data
        return self._read[entry.path]

    def later(self, entry: Artifact) -> bool:
        """Whether a file of a signed edition was made after the signing and nothing in the signed manifest speaks for it."""
        return bool(self.signed and entry.kind == "fax-tiff" and entry.path not in self.signed.listing.others and entry.language not in self.signed.listing.fax_pages)


def read_published(project: Project, name: str, now: datetime) -> Published:
    """The official edition of a letter, with its signed manifest if it has one.

    Raises:
        UsageError: there is none.
        EngrossError: the letter has another text now than when the edition was made, or the signed manifest cannot be believed.
    """
    edition = prepare(project, name, project.settings.languages, official=False)
    manifest = _official(project, name, edition.letter.edition)
    folder = _folder(project, name, manifest.edition)
    changed = [code for code, version in edition.versions.items() if code in manifest.seals and manifest.seals[code] != seal_digest(version.letter)]
    if changed:
        raise EngrossError(f"the text of {', '.join(changed)} has changed since edition {manifest.edition} was made", hint="build it again, or undo the change")
    book = {mission.id: mission for mission in receivers(edition.letter)}
    signed = _signed(project, edition, manifest, folder, now)
    return Published(edition, folder, manifest, signed, book, not signed and _book_changed(project, manifest))


def _book_changed(project: Project, manifest: Manifest) -> bool:
    file = project.content / "missions.yaml"
    made_from = manifest.inputs.get(project.relative(file))
    return made_from is not None and file.is_file() and artifact.digest(file.read_bytes()) != made_from


def read_known(project: Project, name: str, edition: int = 0) -> tuple[Letter, Manifest]:
    """A letter and the manifest of one of its official editions, for what people enter and decide: it has happened, whatever became of texts, files and signatures since.

    Nothing may be sent on this; see `read_published`.

    Args:
        project: the workspace.
        name: id of the letter.
        edition: which one; the letter's present one when 0.

    Raises:
        Rejected: the letter cannot be read.
        UsageError: there is no such official edition.
    """
    source, problems = read_source(project, name)
    if source is None:
        raise Rejected(problems)
    return source.letter, _official(project, name, edition or source.letter.edition)


def fax_number(project: Project, letter: Letter, edition: int, recipient: str) -> str:
    """The number that stands on a recipient's cover, as it is dialled: the one that was signed, else the address book's; empty when there is none.

    Raises:
        EngrossError: the record of what was signed is damaged.
    """
    signed = editions.thaw(editions.read(project, letter.id, edition), letter)
    return next((one.fax_e164 for one in receivers(signed) if one.id == recipient), "")


def unknown_recipient(letter: str, asked: str, known: Iterable[str]) -> UsageError:
    """That nobody of that id receives the letter, and who does: those with a similar id first."""
    names = list(dict.fromkeys(known))
    close = difflib.get_close_matches(asked, names, 3, 0.5)
    named = [*close, *(name for name in names if name not in close)]
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    listed = f"it is sent to {', '.join(named[:NAMED])}{more}" if named else "it is sent to nobody"
    return UsageError(f"{letter} is not sent to {asked!r}", hint=f"did you mean {close[0]!r}? {listed}" if close else listed)


def _folder(project: Project, name: str, edition: int) -> Path:
    return project.output / name / f"edition-{edition}"


def _official(project: Project, name: str, edition: int) -> Manifest:
    manifest = artifact.read_manifest(_folder(project, name, edition))
    if manifest is None or manifest.state != "official":
        raise UsageError(f"{name} has no official edition {edition}", hint=f"engross build {name} --official")
    return manifest


def _signed(project: Project, edition: Edition, manifest: Manifest, folder: Path, now: datetime) -> Vouched | None:
    frozen = editions.read(project, manifest.letter, manifest.edition)
    if not frozen and not any(entry.kind in artifact.SIGNED for entry in manifest.artifacts):
        return None
    if choose(project.settings.signing, manifest.letter) is None:
        raise EngrossError(f"edition {manifest.edition} is signed, and the settings do not say by whom", hint="[tool.engross.signing.default] in pyproject.toml; docs/signing.md")
    profile = profile_of(project, manifest.letter, "")
    policy = policy_of(project, profile, profile.signers(edition.letter.signed_by))
    return Vouched(listing.read(folder, policy, now), policy, now)


def _vouch(entry: Artifact, data: bytes, signed: Vouched) -> None:
    """The bytes are those that the officers' manifest lists.

    Raises:
        EngrossError: they are not.
    """
    known = signed.listing
    if entry.kind == "signed-pdf":
        length, digest = known.files.get(entry.path, (0, ""))
        if artifact.digest(data[:length]) != digest:
            raise EngrossError(f"{entry.path} is not what the signed manifest says", hint=CHANGED)
        if len(data) > length:
            _renewed(entry, data, signed)
    elif known.others.get(entry.path) == entry.sha256:
        return
    elif entry.kind == "fax-tiff" and entry.language in known.fax_pages:
        if fax_pages(data) not in known.fax_pages[entry.language]:
            raise EngrossError(f"{entry.path} has other pages than the signed manifest says", hint=CHANGED)
    elif entry.path in known.others:
        raise EngrossError(f"{entry.path} is not what the signed manifest says", hint=CHANGED)


def _renewed(entry: Artifact, data: bytes, signed: Vouched) -> None:
    """What was appended since is an archive time stamp and nothing else: the verifier says so."""
    report = verify(data, signed.policy, signed.now, expected=signed.listing.expected)
    if report.verdict is not Verdict.PASSED or report.ours is not True:
        reasons = "; ".join(finding.message for finding in report.findings)
        raise EngrossError(f"{entry.path} was changed after it was signed: {reasons}", hint=CHANGED)


def moved(now: Mission | None, then: Mission) -> list[str]:
    """In words what the address book says otherwise now than when the edition was signed; what is sent goes where the edition says."""
    if now is None:
        return ["the address book no longer has this mission"]
    pairs = [("e-mail address", now.email, then.email), ("fax number", now.fax, then.fax), ("office", now.office, then.office)]
    texts = [f"the address book has another {what} since the signing: {new or 'none'}; the edition says {old or 'none'}" for what, new, old in pairs if new != old]
    if replace(now.holder, title=then.holder.title).status != then.holder.status:
        texts.append(f"the post is {now.holder.status.replace('-', ' ')} now; the edition was signed when it was {then.holder.status.replace('-', ' ')}")
    return texts
