"""`engross sign`: officers sign the official PDFs of a letter, each when available; a command's languages are published together, and the edition is frozen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engross import artifact, plan, record
from engross.artifact import Artifact, Manifest
from engross.canonical import document_number, seal_digest
from engross.content import editions
from engross.edition import Edition, Version, prepare
from engross.errors import EngrossError, UsageError
from engross.files import failpoint, write_atomic
from engross.project import Project
from engross.settings_signing import Level, Officer, Profile, choose
from engross.sign import keys, listing, pades
from engross.sign.listing import LedgerName
from engross.sign.staging import Stage, state_folder
from engross.verify import Policy, Report, Verdict, manifest, verify

if TYPE_CHECKING:
    from pyhanko.stamp import BaseStampStyle


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of `sign`."""

    letter: str
    languages: tuple[str, ...] = ()
    profile: str = ""
    officer: str = ""
    """Role or field of who signs now; the one whose turn it is when empty."""
    bring: tuple[Path, ...] = ()
    """Partly signed PDFs that come from another machine."""
    ledger: LedgerName | None = None
    """The ledger of the deliveries, which the signed manifest names."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one language stands after the command."""

    language: str
    signed: tuple[str, ...]
    """Roles of those who have signed."""
    waiting: tuple[str, ...]
    """Roles of those who have not."""
    path: Path
    """The published file, or where the partly signed one is kept."""
    level: Level | None
    published: bool


@dataclass(slots=True)
class _Work:
    """One language while it is signed."""

    language: str
    version: Version
    stage: Stage
    data: bytes
    report: Report | None = None

    @property
    def done(self) -> int:
        """How many officers have signed."""
        return sum(1 for s in self.report.signatures if s.kind == "officer") if self.report else 0


@dataclass(frozen=True, slots=True)
class _Target:
    """The set that the signed files go into."""

    standing: Manifest
    edition: Edition
    folder: Path
    ledger: LedgerName | None = None


def sign(project: Project, request: Request, secret: keys.Secret) -> list[Progress]:
    """Let the next officer, or the one named, sign every language asked for; publish and freeze when all of them are complete.

    Nothing is changed unless every language could be signed. Running it again goes on where it stopped.

    Raises:
        UsageError: no such profile or officer, or it is not the officer's turn.
        Rejected: the letter is not fit for an official edition.
        EngrossError: the build is missing or changed, or the key or its certificate is not good.
        OutsideError: token, time stamp server or revocation server failed.
    """
    profile = profile_of(project, request.letter, request.profile)
    edition = prepare(project, request.letter, project.languages(request.languages), official=True)
    officers = profile.signers(edition.letter.signed_by)
    check_roles(profile, edition)
    folder = project.output / request.letter / f"edition-{edition.letter.edition}"
    policy = policy_of(project, profile, officers)
    with artifact.locked(folder):
        standing = _standing(folder, edition)
        works = [_work(folder, standing, edition, lang) for lang in edition.versions]
        works = [work for work in works if not standing.find(signed_path(edition, work.language))]
        if not works:
            raise UsageError("these languages are signed already", hint="engross verify shows by whom; engross sign --renew extends their archive time stamps")
        for path in request.bring:
            _bring(works, path, policy, request.now)
        for work in works:
            _judge(work, policy, request.now, complete=False)
        _sign_all(project, works, profile, policy, request, secret, _Target(standing, edition, folder, _named(folder, request.ledger)))
        return [_progress(work, officers, folder, edition) for work in works]


def profile_of(project: Project, letter: str, name: str) -> Profile:
    """The profile named, or the letter's.

    Raises:
        UsageError: there is none.
    """
    known = project.settings.signing
    if name and name not in known:
        raise UsageError(f"the settings have no signing profile {name!r}", hint=f"profiles: {', '.join(known) or 'none'}")
    profile = known[name] if name else choose(known, letter)
    if profile is None:
        raise UsageError("the settings do not say who signs", hint="[tool.engross.signing.default] in pyproject.toml; docs/signing.md, Profiles")
    return profile


def check_roles(profile: Profile, edition: Edition) -> None:
    """Refuse a letter whose `signed_by` names a role that the profile does not have.

    Raises:
        UsageError: it does.
    """
    missing = [role for role in edition.letter.signed_by if role not in {officer.role for officer in profile.officers}]
    if missing:
        raise UsageError(f"signed_by names {', '.join(missing)}, whom the profile {profile.name} does not have", hint=f"its roles: {', '.join(o.role for o in profile.officers)}")


def policy_of(project: Project, profile: Profile, officers: Sequence[Officer] | None) -> Policy:
    """What a verifier expects by this profile."""
    from asn1crypto import crl

    read = keys.read_certificates
    lists = tuple(crl.CertificateList.load((project.root / name).read_bytes()) for name in profile.crls)
    return Policy(
        tuple(officers) if officers is not None else None,
        profile.level,
        tuple(read(profile.anchors, project.root)),
        tuple(read(profile.tsa_anchors, project.root)),
        tuple(read(profile.chain, project.root)),
        lists,
    )


def signed_path(edition: Edition, language: str) -> str:
    """Of the signed PDF in the set's folder."""
    return f"{language}/{edition.letter.id}.{language}.signed.pdf"


def _named(folder: Path, ledger: LedgerName | None) -> LedgerName | None:
    """The ledger that the edition's signed manifest is to name: one edition has one ledger."""
    before = listing.ledger_of(folder)
    if before and ledger and before.identity != ledger.identity:
        raise UsageError(f"the edition was signed for the ledger {before.identity}, and this is {ledger.identity}", hint="use that ledger; see docs/ledger.md")
    return ledger or before


def _standing(folder: Path, edition: Edition) -> Manifest:
    standing = artifact.read_manifest(folder)
    hint = f"engross build {edition.letter.id} --official"
    if standing is None or standing.state != "official":
        raise EngrossError(f"edition {edition.letter.edition} of {edition.letter.id} is not built", hint=hint)
    for lang, version in edition.versions.items():
        entry = standing.find(f"{lang}/{edition.letter.id}.{lang}.pdf")
        if entry is None or not artifact.intact(folder, entry):
            raise EngrossError(f"the official PDF in {lang} is missing or was changed", hint=hint)
        if standing.seals.get(lang) != seal_digest(version.letter):
            raise EngrossError(f"the official PDF in {lang} has another text than content and catalogues have now", hint=hint)
    return standing


def _work(folder: Path, standing: Manifest, edition: Edition, lang: str) -> _Work:
    unsigned = (folder / f"{lang}/{edition.letter.id}.{lang}.pdf").read_bytes()
    stage = Stage(state_folder(), edition.letter.id, edition.letter.edition, lang, unsigned)
    return _Work(lang, edition.versions[lang], stage, unsigned if standing.find(signed_path(edition, lang)) else stage.read())


def _bring(works: Sequence[_Work], path: Path, policy: Policy, now: datetime) -> None:
    """Take over what was signed on another machine, if it goes further than what is here."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    for work in works:
        if data.startswith(work.stage.unsigned):
            if not data.startswith(work.data):
                raise EngrossError(f"{path} was signed apart from what is here", hint="let officers sign one after another: each takes the file of the one before")
            brought = replace_data(work, data)
            _judge(brought, policy, now, complete=False)
            work.data = data
            return
    raise EngrossError(f"{path} belongs to none of the languages asked for", hint="was the letter built again since?")


def replace_data(work: _Work, data: bytes) -> _Work:
    """The same language with other bytes."""
    return _Work(work.language, work.version, work.stage, data)


def _judge(work: _Work, policy: Policy, now: datetime, *, complete: bool) -> None:
    """Verify what there is by our own rules: nothing is built upon, and nothing published, that `engross verify` would refuse."""
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


def _turn(works: Sequence[_Work], officers: Sequence[Officer], asked: str) -> Officer | None:
    """Whose turn it is in every language that waits; nobody's when all are complete."""
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


def _sign_all(project: Project, works: Sequence[_Work], profile: Profile, policy: Policy, request: Request, secret: keys.Secret, target: _Target) -> None:
    officers = policy.officers or ()
    officer = _turn(works, officers, request.officer)
    signing = officer or officers[-1]
    with keys.opened(signing, project.root, policy.chain, secret, request.now) as key:
        from engross.sign.session import open_session

        session = open_session(profile, policy, key)
        if officer is not None:
            index = list(officers).index(officer)
            turn = [work for work in works if work.done == index]
            for work in turn:
                style = _style(project, work, profile, officer, key.name, request.now)
                place = pades.Place(officer.field, index == 0, index == len(officers) - 1, profile.level, work.version.labels["signing_reason"])
                work.data = pades.sign(work.data, place, key.signer, session.trust, session.stamps, style)
                _judge(work, policy, datetime.now(UTC), complete=index == len(officers) - 1)
                failpoint(f"signed:{work.language}")
            for work in works:
                if work.data != work.stage.unsigned:
                    work.stage.write(work.data)
            failpoint("kept")
        if all(work.done == len(officers) for work in works):
            _publish(project, works, target, session.sign_detached)


def _style(project: Project, work: _Work, profile: Profile, officer: Officer, name: str, now: datetime) -> BaseStampStyle:
    from engross.render.layout import Layout
    from engross.sign import appearance

    width, height = pades.box(work.data, officer.field)
    if not (width and height):
        return appearance.nothing()
    settings = project.settings
    layout = Layout(project.layouts, project.locale(work.language), settings.locales, settings.paper, draft=False)
    seal = appearance.Seal(work.version.letter, work.version.labels, layout, name, officer.role_in(work.language), profile.image)
    return appearance.style(seal.pdf(now, int(width), int(height)))


def _publish(project: Project, works: Sequence[_Work], target: _Target, sign_detached: Callable[[bytes], bytes]) -> None:
    """Freeze the edition, then let the signed files and their signed manifest appear in one step."""
    edition, standing, letter = target.edition, target.standing, target.edition.letter
    frozen = editions.read(project, letter.id, letter.edition) or editions.FrozenEdition(letter.id, letter.edition)
    files: dict[str, bytes] = {}
    records = {work.language: record.written(project, edition, work.language, standing) for work in works}
    versions = dict(frozen.versions)
    for work in works:
        path = signed_path(edition, work.language)
        files[path] = work.data
        facts = {**_facts(work), "record_sha256": artifact.digest(records[work.language])}
        entry = manifest.entry(document_number(work.version.letter), work.stage.unsigned, work.data, seal_digest(work.version.letter), path, facts)
        versions[work.language] = editions.frozen_version(work.version.letter, entry)
    frozen = replace(frozen, versions=versions)
    more = listing.of_set(target.folder, standing.artifacts, target.ledger, letter.embargo)
    listed = manifest.to_json(letter.id, letter.edition, {lang: version.file for lang, version in versions.items()}, more)
    files |= {manifest.NAME: listed, manifest.SIGNATURE: sign_detached(listed)}
    kinds = {manifest.NAME: "signed-manifest", manifest.SIGNATURE: "signed-manifest"}
    languages = {signed_path(edition, work.language): work.language for work in works}
    pages = {lang: getattr(standing.find(f"{lang}/{letter.id}.{lang}.pdf"), "pages", None) for lang in languages.values()}
    made = [
        Artifact(path, artifact.digest(data), len(data), kinds.get(path, "signed-pdf"), languages.get(path, ""), artifact.digest(data), pages.get(languages.get(path, "")))
        for path, data in files.items()
    ]
    kept = [entry for entry in standing.artifacts if entry.path not in files]
    for language, data in records.items():
        write_atomic(record.path(project, letter.id, letter.edition, language), data)
    write_atomic(editions.path(project, letter.id, letter.edition), frozen.to_json())
    failpoint("frozen")
    artifact.publish(target.folder, files, replace(standing, artifacts=tuple(sorted([*kept, *made], key=lambda entry: entry.path))))
    for work in works:
        work.stage.remove()


def _facts(work: _Work) -> Mapping[str, Any]:
    report = work.report
    assert report
    assert report.level
    officers = [
        {"role": s.role, "field": s.field, "certificate_sha256": s.certificate, "at": (s.proven_at or s.claimed_at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")}
        for s in report.signatures
        if s.kind == "officer"
    ]
    return {"level": report.level.label, "officers": officers, "versions": {"engross": plan.versions()["engross"]}}


def _progress(work: _Work, officers: Sequence[Officer], folder: Path, edition: Edition) -> Progress:
    roles = [officer.role for officer in officers]
    published = work.done == len(roles) and not work.stage.path.exists()
    path = folder / signed_path(edition, work.language) if published else work.stage.path
    return Progress(work.language, tuple(roles[: work.done]), tuple(roles[work.done :]), path, work.report.level if work.report else None, published)
