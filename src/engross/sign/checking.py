"""`engross verify`: which policy a file is judged by, and what this workspace knows of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engross import conformance
from engross.content import editions
from engross.errors import EngrossError, UsageError
from engross.project import SETTINGS_FILE, Project, find
from engross.settings_signing import Level, Profile, choose
from engross.sign.signing import policy_of
from engross.verify import Expected, Finding, Policy, Report, Verdict, confined, manifest
from engross.verify.document import LIMIT


def check(path: Path, settings: Path | None, name: str = "", now: datetime | None = None) -> Report:
    """Verify a file by the settings given, or those of the workspace around the current folder; without any, nothing can pass.

    Raises:
        UsageError: the file or the profile does not exist.
        EngrossError: anchors cannot be read.
    """
    try:
        if path.stat().st_size > LIMIT:
            return _refused(path, f"the file is larger than the {LIMIT} bytes that are looked at")
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    project = project_of(settings, required=settings is not None)
    letter = confined.identify(data).split("/")[0]
    profile = _profile(project, letter, name) if project else None
    moment = now or datetime.now(UTC)
    if project is None or profile is None:
        return confined.verify(data, Policy(None, Level.B, (), ()), moment, name=path.name)
    policy = policy_of(project, profile, _officers(project, profile, letter))
    expected, notes = _expected(project, letter, policy, moment)
    newest = max(editions.editions(project, letter), default=None) if letter else None
    report = confined.verify(data, policy, moment, name=path.name, expected=expected, superseded_by=newest)
    broken = [Finding("conformance", str(fault)) for fault in conformance.verapdf(path) or ()]
    if not broken and not notes:
        return report
    return replace(report, verdict=Verdict.FAILED, authentic=report.authentic and not broken, findings=(*report.findings, *notes, *broken))


def project_of(settings: Path | None, *, required: bool = False) -> Project | None:
    """The workspace of a settings file, or the one around the current folder if there is one."""
    try:
        if settings is not None:
            folder = settings if settings.is_dir() else settings.parent
            if not (folder / SETTINGS_FILE).is_file():
                raise UsageError(f"there is no {SETTINGS_FILE} at {settings}")
            return find(folder)
        return find(Path.cwd())
    except UsageError:
        if required:
            raise
        return None


def _refused(path: Path, reason: str) -> Report:
    return Report(path.name, Verdict.FAILED, authentic=False, ours=None, document="", language="", level=None, findings=(Finding("file", reason),))


def _profile(project: Project, letter: str, name: str) -> Profile | None:
    known = project.settings.signing
    if name and name not in known:
        raise UsageError(f"the settings have no signing profile {name!r}", hint=f"profiles: {', '.join(known) or 'none'}")
    return known[name] if name else choose(known, letter)


def _officers(project: Project, profile: Profile, letter: str) -> tuple[Any, ...]:
    """Those of the letter, if this workspace has it; else all of the profile."""
    from engross.content import read_letter, read_missions

    if letter in project.letters():
        missions, _ = read_missions(project)
        found, _ = read_letter(project, letter, missions)
        if found:
            return profile.signers(found.signed_by)
    return profile.officers


def _expected(project: Project, letter: str, policy: Policy, now: datetime) -> tuple[list[Expected], list[Finding]]:
    """What our signed manifests say of the letter, and what is wrong with those manifests."""
    expected: list[Expected] = []
    notes: list[Finding] = []
    for folder in sorted((project.output / letter).glob("edition-*")) if letter else ():
        files = [folder / name for name in (manifest.NAME, manifest.SIGNATURE)]
        if not all(file.is_file() for file in files):
            continue
        try:
            expected += manifest.read(files[0].read_bytes(), files[1].read_bytes(), policy, now)
        except EngrossError as error:
            notes.append(Finding("ours", f"{project.relative(folder)}: {error.message}"))
    return expected, notes
