"""`engross sign --renew`: a new archive time stamp over everything, before the last one's certificate expires (ETSI EN 319 142-1, 5.4.3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from engross import artifact
from engross.canonical import document_number
from engross.edition import prepare
from engross.errors import EngrossError, UsageError
from engross.project import Project
from engross.settings_signing import ARCHIVE_FIELDS, Level
from engross.sign import outside, pades
from engross.sign.faults import Faults
from engross.sign.signing import policy_of, profile_of
from engross.sign.works import signed_path
from engross.verify import Policy, Verdict, verify
from engross.verify.document import parse


def renew(project: Project, letter: str, languages: tuple[str, ...] = (), profile_name: str = "") -> list[tuple[Path, datetime]]:
    """Extend the signed PDFs of the letter's edition, all or none; the result is each file and the time of its new time stamp.

    What is wrong with the files is told at once, before the time stamp server is asked.

    Raises:
        UsageError: nothing is signed at level B-LTA.
        EngrossError: a file does not pass verification, or has no field left.
        OutsideError: the time stamp server failed.
    """
    profile = profile_of(project, letter, profile_name)
    edition = prepare(project, letter, project.languages(languages), official=True)
    policy = policy_of(project, profile, profile.signers(edition.letter.signed_by))
    folder = project.output / letter / f"edition-{edition.letter.edition}"
    now = datetime.now(UTC)
    with artifact.locked(folder):
        standing = artifact.read_manifest(folder)
        entries = [entry for lang in edition.versions if standing and (entry := standing.find(signed_path(edition, lang)))]
        if standing is None or not entries or profile.level < Level.LTA:
            raise UsageError("nothing is signed at level B-LTA here", hint=f"engross sign {letter}")
        free: dict[str, str] = {}
        faults = Faults()
        for entry in entries:
            with faults:
                free[entry.path] = _field(folder / entry.path, policy, document_number(edition.versions[entry.language].letter), now)
        faults.end()
        stamps = outside.time_stamper(profile.tsa)
        authorities = pades.certificates_of(stamps)
        anchors = (*policy.anchors, *policy.tsa_anchors)
        evidence = outside.evidence(authorities, [*policy.chain, *stamps.cert_registry], anchors)
        files: dict[str, bytes] = {}
        times: list[tuple[Path, datetime]] = []
        for path, field in free.items():
            files[path] = pades.archive((folder / path).read_bytes(), field, pades.Trust(anchors, policy.chain, evidence), stamps)
            checked = verify(files[path], policy, datetime.now(UTC))
            if checked.verdict is not Verdict.PASSED:
                raise EngrossError(f"{path} would not pass after its renewal: {'; '.join(f.message for f in checked.findings)}")
            times.append((folder / path, max(s.proven_at for s in checked.signatures if s.kind == "archive" and s.proven_at)))
        renewed = tuple(replace(e, sha256=artifact.digest(files[e.path]), bytes=len(files[e.path])) if e.path in files else e for e in standing.artifacts)
        artifact.publish(folder, files, replace(standing, artifacts=renewed))
    return times


def _field(path: Path, policy: Policy, number: str, now: datetime) -> str:
    """The first archive field of a signed file that waits.

    Raises:
        EngrossError: the file is missing, does not hold, is another document, or has no such field.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EngrossError(f"cannot read {path}: {error.strerror}", hint="put back a copy from where signed files are kept") from error
    report = verify(data, policy, now)
    if report.verdict is Verdict.FAILED or report.document != number:
        raise EngrossError(f"{path.name} is not extended, it does not hold: {'; '.join(f.message for f in report.findings) or 'another document'}")
    fields = parse(data).fields
    for name in ARCHIVE_FIELDS:
        if name in fields and "/V" not in fields[name]:
            return name
    raise EngrossError(f"{path.name}: every field for archive time stamps is used", hint="keep the file in an archive that renews its own evidence (RFC 4998)")
