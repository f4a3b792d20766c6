"""The languages of a letter while officers sign them: where each stands, whose turn it is, and what was signed elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from engross import artifact
from engross.artifact import Manifest
from engross.canonical import seal_digest
from engross.edition import Edition
from engross.errors import EngrossError, UsageError
from engross.settings_signing import Level, Officer
from engross.sign.faults import Faults
from engross.sign.staging import Stage, state_folder
from engross.task import Version
from engross.verify import Policy, Report, Verdict, verify


@dataclass(slots=True)
class Work:
    """One language while it is signed."""

    language: str
    version: Version
    stage: Stage
    data: bytes
    report: Report | None = None
    holder: str = ""
    """RFC 4514 name of the certificate that signed in this command."""

    @property
    def done(self) -> int:
        """How many officers have signed."""
        return sum(1 for s in self.report.signatures if s.kind == "officer") if self.report else 0


def signed_path(edition: Edition, language: str) -> str:
    """Of the signed PDF in the set's folder."""
    return f"{language}/{edition.letter.id}.{language}.signed.pdf"


def standing_set(folder: Path, edition: Edition) -> Manifest:
    """The official set that is signed.

    Raises:
        EngrossError: it is not built, or a language is missing, was changed, or has another text by now; all that is wrong is told.
    """
    standing = artifact.read_manifest(folder)
    hint = f"engross build {edition.letter.id} --official"
    if standing is None or standing.state != "official":
        raise EngrossError(f"edition {edition.letter.edition} of {edition.letter.id} is not built", hint=hint)
    faults = Faults()
    for lang, version in edition.versions.items():
        with faults:
            entry = standing.find(f"{lang}/{edition.letter.id}.{lang}.pdf")
            if entry is None or not artifact.intact(folder, entry):
                raise EngrossError(f"the official PDF in {lang} is missing or was changed", hint=hint)
            if standing.seals.get(lang) != seal_digest(version.letter):
                raise EngrossError(f"the official PDF in {lang} has another text than content and catalogues have now", hint=hint)
    faults.end()
    return standing


def begun(folder: Path, edition: Edition, languages: Iterable[str]) -> list[Work]:
    """Each language as the officers before have left it.

    Raises:
        EngrossError: officers have signed another build of some of them.
    """
    faults, works = Faults(), list[Work]()
    for lang in languages:
        stage = _stage(folder, edition, lang)
        with faults:
            works.append(Work(lang, edition.versions[lang], stage, stage.read()))
    faults.end()
    return works


def forget(folder: Path, standing: Manifest, edition: Edition) -> None:
    """Remove what is kept of languages whose signed file stands published and whole: a crash may have come between."""
    for lang in edition.versions:
        entry = standing.find(signed_path(edition, lang))
        if entry and artifact.intact(folder, entry):
            _stage(folder, edition, lang).remove()


def _stage(folder: Path, edition: Edition, lang: str) -> Stage:
    unsigned = (folder / f"{lang}/{edition.letter.id}.{lang}.pdf").read_bytes()
    return Stage(state_folder(), edition.letter.id, edition.letter.edition, lang, unsigned)


def bring(works: Sequence[Work], path: Path, policy: Policy, now: datetime) -> None:
    """Take over what was signed on another machine, if it goes further than what is here.

    Raises:
        UsageError: the file cannot be read.
        EngrossError: it does not continue what is here, or does not hold.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    for work in works:
        if data.startswith(work.stage.unsigned):
            if not data.startswith(work.data):
                raise EngrossError(f"{path} was signed apart from what is here", hint="let officers sign one after another: each takes the file of the one before")
            judge(Work(work.language, work.version, work.stage, data), policy, now, complete=False)
            work.data = data
            return
    raise EngrossError(f"{path} belongs to none of the languages asked for", hint="was the letter built again since?")


def judge(work: Work, policy: Policy, now: datetime, *, complete: bool) -> None:
    """Verify what there is by our own rules: nothing is built upon, and nothing published, that `engross verify` would refuse.

    Raises:
        EngrossError: it does not hold.
    """
    if work.data == work.stage.unsigned:
        return
    work.report = verify(work.data, policy, now)
    done = work.done
    if not complete and policy.officers and done < len(policy.officers):
        work.report = verify(work.data, replace(policy, staged=done), now)
    if work.report.verdict is not Verdict.PASSED:
        tolerated = policy.level < Level.LT and work.report.verdict is Verdict.INDETERMINATE
        if not tolerated:
            reasons = "; ".join(finding.message for finding in work.report.findings)
            raise EngrossError(f"{work.language}: what was signed does not hold: {reasons}", hint=f"nothing was published; {work.stage.path}")


def turn_of(works: Sequence[Work], officers: Sequence[Officer], asked: str) -> Officer | None:
    """Whose turn it is in every language that waits; nobody's when all are complete.

    Raises:
        UsageError: the one asked for does not exist, or it is not the turn of this one.
    """
    following = {work.done for work in works if work.done < len(officers)}
    if not following:
        return None
    officer = officers[min(following)]
    if asked:
        named = next((o for o in officers if asked in (o.role, o.field)), None)
        if named is None:
            raise UsageError(f"the profile has no officer {asked!r}", hint=f"roles: {', '.join(o.role for o in officers)}")
        if named is not officer and officers.index(named) not in following:
            waiting = "; ".join(f"{work.language}: {officers[work.done].role}" for work in works if work.done < len(officers))
            raise UsageError(f"it is not the turn of {named.role}", hint=f"next: {waiting}")
        return named
    return officer
