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
from engross.edition import Edition, prepare
from engross.errors import UsageError
from engross.files import failpoint, write_atomic
from engross.project import Project
from engross.settings_signing import Level, Officer, Profile, choose
from engross.sign import keys, listing, pades
from engross.sign.faults import Faults
from engross.sign.listing import LedgerName
from engross.sign.works import Work, begun, bring, forget, judge, signed_path, standing_set, turn_of
from engross.verify import Policy, manifest
from engross.verify.names import rfc4514

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
    holder: str = ""
    """RFC 4514 name of the certificate that signed now; empty when nobody did."""


Told = Callable[[str, int, int], None]
"""Hears of a language that was signed: which, how many are, of how many."""


@dataclass(frozen=True, slots=True)
class _Command:
    """Who signs how."""

    project: Project
    profile: Profile
    policy: Policy
    request: Request
    secret: keys.Secret
    told: Told


@dataclass(frozen=True, slots=True)
class _Target:
    """The set that the signed files go into."""

    standing: Manifest
    edition: Edition
    folder: Path
    frozen: editions.FrozenEdition
    """What was signed before."""
    listed: Mapping[str, Any]
    """What the signed manifest says of the files that are not signed."""


def sign(project: Project, request: Request, secret: keys.Secret, told: Told = lambda _language, _done, _total: None) -> list[Progress]:
    """Let the next officer, or the one named, sign every language asked for; publish and freeze when all of them are complete.

    Nothing is changed unless every language could be signed, and what stands in the way is told at once, as far as it can be seen. Running it again goes
    on where it stopped. `told` hears of each language when it is signed.

    Raises:
        UsageError: no such profile or officer, or it is not the officer's turn.
        Rejected: the letter is not fit for an official edition.
        EngrossError: the build is missing or changed, or the key or its certificate is not good.
        OutsideError: token, time stamp server or revocation server failed.
    """
    profile = profile_of(project, request.letter, request.profile)
    edition = prepare(project, request.letter, project.languages(request.languages), official=True)
    officers = profile.signers(edition.letter.signed_by)
    folder = project.output / request.letter / f"edition-{edition.letter.edition}"
    faults = Faults()
    with artifact.locked(folder):
        with faults:
            check_roles(profile, edition)
        with faults:
            policy = policy_of(project, profile, officers)
        with faults:
            standing = standing_set(folder, edition)
        faults.end()
        waiting = [lang for lang in edition.versions if not standing.find(signed_path(edition, lang))]
        forget(folder, standing, edition)
        if not waiting:
            raise UsageError("these languages are signed already", hint="engross verify shows by whom; engross sign --renew extends their archive time stamps")
        with faults:
            works = begun(folder, edition, waiting)
        with faults:
            target = _target(project, folder, standing, edition, request.ledger)
        faults.end()
        for path in request.bring:
            with faults:
                bring(works, path, policy, request.now)
        for work in works:
            with faults:
                judge(work, policy, request.now, complete=False)
        faults.end()
        _sign_all(_Command(project, profile, policy, request, secret, told), works, target)
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
    """What a verifier expects by this profile.

    Raises:
        EngrossError: a file that it names is missing or holds something else; all of them are told.
    """
    faults = Faults()

    def read(names: Sequence[str]) -> tuple[Any, ...]:
        with faults:
            return tuple(keys.read_certificates(names, project.root))
        return ()

    anchors, tsa_anchors, chain = read(profile.anchors), read(profile.tsa_anchors), read(profile.chain)
    lists: tuple[Any, ...] = ()
    with faults:
        lists = keys.read_lists(profile.crls, project.root)
    faults.end()
    return Policy(tuple(officers) if officers is not None else None, profile.level, anchors, tsa_anchors, chain, lists)


def _target(project: Project, folder: Path, standing: Manifest, edition: Edition, ledger: LedgerName | None) -> _Target:
    """What the signed manifest is to say besides, and what was frozen before: looked at before anybody signs. One edition has one ledger.

    Raises:
        UsageError: the edition was signed for another ledger.
        EngrossError: a file of the set is not what its manifest says, or the frozen edition cannot be read.
    """
    letter, before = edition.letter, listing.ledger_of(folder)
    if before and ledger and before.identity != ledger.identity:
        raise UsageError(f"the edition was signed for the ledger {before.identity}, and this is {ledger.identity}", hint="use that ledger; see docs/ledger.md")
    frozen = editions.read(project, letter.id, letter.edition) or editions.FrozenEdition(letter.id, letter.edition)
    return _Target(standing, edition, folder, frozen, listing.of_set(folder, standing.artifacts, ledger or before, letter.embargo))


def _sign_all(command: _Command, works: Sequence[Work], target: _Target) -> None:
    """Sign every language whose turn it is, keep all of them, and publish once all are complete."""
    policy, request = command.policy, command.request
    officers = policy.officers or ()
    officer = turn_of(works, officers, request.officer)
    with keys.opened(officer or officers[-1], command.project.root, policy.chain, command.secret, request.now) as key:
        from engross.sign.session import open_session

        index = officers.index(officer) if officer else len(officers)
        turn = [work for work in works if work.done == index] if officer else []
        faults = Faults()
        styles: list[BaseStampStyle] = []
        for work in turn:
            with faults:
                styles.append(_style(command, work, officers[index], key.name))
        faults.end()
        session = open_session(command.profile, policy, key)
        last = index == len(officers) - 1
        for number, (work, style) in enumerate(zip(turn, styles, strict=True), 1):
            place = pades.Place(officers[index].field, index == 0, last, command.profile.level, work.version.labels["signing_reason"])
            work.data = pades.sign(work.data, place, key.signer, session.trust, session.stamps, style)
            work.holder = rfc4514(key.certificate.subject)
            judge(work, policy, datetime.now(UTC), complete=last)
            command.told(work.language, number, len(turn))
            failpoint(f"signed:{work.language}")
        for work in works:
            if work.data != work.stage.unsigned:
                work.stage.write(work.data)
        failpoint("kept")
        if all(work.done == len(officers) for work in works):
            _publish(command.project, works, target, session.sign_detached)


def _style(command: _Command, work: Work, officer: Officer, name: str) -> BaseStampStyle:
    """What the officer's field shows.

    Raises:
        EngrossError: the PDF has no such field, or name and role do not fit into it.
    """
    from engross.render.layout import Layout
    from engross.sign import appearance

    width, height = pades.box(work.data, officer.field)
    if not (width and height):
        return appearance.nothing()
    project, settings = command.project, command.project.settings
    layout = Layout(project.layouts, project.locale(work.language), settings.locales, settings.paper, draft=False)
    seal = appearance.Seal(work.version.letter, work.version.labels, layout, name, officer.role_in(work.language), command.profile.image)
    return appearance.style(seal.pdf(command.request.now, int(width), int(height)))


def _publish(project: Project, works: Sequence[Work], target: _Target, sign_detached: Callable[[bytes], bytes]) -> None:
    """Freeze the edition, then let the signed files and their signed manifest appear in one step."""
    edition, standing, letter = target.edition, target.standing, target.edition.letter
    files: dict[str, bytes] = {}
    records = {work.language: record.written(project, edition, work.language, standing) for work in works}
    versions = dict(target.frozen.versions)
    for work in works:
        path = signed_path(edition, work.language)
        files[path] = work.data
        facts = {**_facts(work), "record_sha256": artifact.digest(records[work.language])}
        entry = manifest.entry(document_number(work.version.letter), work.stage.unsigned, work.data, seal_digest(work.version.letter), path, facts)
        versions[work.language] = editions.frozen_version(work.version.letter, entry)
    frozen = replace(target.frozen, versions=versions)
    listed = manifest.to_json(letter.id, letter.edition, {lang: version.file for lang, version in versions.items()}, target.listed)
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


def _facts(work: Work) -> Mapping[str, Any]:
    report = work.report
    assert report
    assert report.level
    officers = [
        {"role": s.role, "field": s.field, "certificate_sha256": s.certificate, "at": (s.proven_at or s.claimed_at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")}
        for s in report.signatures
        if s.kind == "officer"
    ]
    return {"level": report.level.label, "officers": officers, "versions": {"engross": plan.versions()["engross"]}}


def _progress(work: Work, officers: Sequence[Officer], folder: Path, edition: Edition) -> Progress:
    roles = [officer.role for officer in officers]
    published = work.done == len(roles) and not work.stage.path.exists()
    path = folder / signed_path(edition, work.language) if published else work.stage.path
    return Progress(work.language, tuple(roles[: work.done]), tuple(roles[work.done :]), path, work.report.level if work.report else None, published, work.holder)
