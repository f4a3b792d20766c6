"""`engross sign` and `engross verify`: what they are asked and what they print."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import frame

if TYPE_CHECKING:
    from engross.project import Project
    from engross.settings_signing import Officer
    from engross.sign import Progress
    from engross.verify import Report


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(sign)
    app.command()(verify)


def sign(
    letter: Annotated[str, typer.Argument(help="Id of the letter.")],
    languages: Annotated[Optional[list[str]], typer.Option("--language", "-l", help="A language; may be given several times. All when not given.", show_default=False)] = None,  # noqa: UP045
    profile: Annotated[str, typer.Option("--profile", help="The signing profile of the settings; the letter's when not given.", show_default=False)] = "",
    officer: Annotated[str, typer.Option("--officer", help="Role or field of the officer who signs now; whose turn it is when not given.", show_default=False)] = "",
    bring: Annotated[Optional[list[Path]], typer.Option("--bring", help="A partly signed PDF from another officer's machine.", show_default=False)] = None,  # noqa: UP045
    renew: Annotated[bool, typer.Option("--renew", help="Set a new archive time stamp on the signed PDFs; nobody signs again.")] = False,
) -> None:
    """Sign the official PDFs: one officer at a time, in the profile's order, in every language asked for.

    A language's .signed.pdf appears when all officers have signed, all languages of a command together. From then on the text of the edition is frozen.
    The passphrase or PIN comes from ENGROSS_PASSPHRASE_n (officer n), ENGROSS_PASSPHRASE, or the prompt.
    """
    from engross import sign as signing
    from engross.dispatch.records import named_at_signing
    from engross.project import find

    project = find(Path.cwd())
    if renew:
        for path, moment in signing.renew(project, letter, tuple(languages or ()), profile):
            frame.say(f"{project.relative(path)}: archive time stamp of {moment:%Y-%m-%d %H:%M} UTC")
        return
    chosen = signing.profile_of(project, letter, profile)
    request = signing.Request(letter, tuple(languages or ()), profile, officer, tuple(bring or ()), named_at_signing(project, datetime.now(UTC)))
    entries = signing.sign(project, request, lambda who: _secret(who, chosen.officers), _told)
    for entry in entries:
        who = f"signed by {', '.join(entry.signed) or 'nobody'}" + (f", now with {entry.holder}" if entry.holder else "")
        level = entry.level.label if entry.level else "none"
        where = project.relative(entry.path) if entry.published else entry.path
        frame.say(f"{entry.language}: {who}; {'level reached' if entry.published else 'level so far'}: {level}; {where}")
    for line in _next(project, letter, entries):
        frame.say(line)


def _told(language: str, done: int, total: int) -> None:
    """Progress for somebody who waits at a terminal."""
    if sys.stderr.isatty():
        frame.warn(f"{language}: signed, {done} of {total}")


def _next(project: Project, letter: str, entries: Sequence[Progress]) -> Iterator[str]:
    """What is to be done now."""
    for role in dict.fromkeys(entry.waiting[0] for entry in entries if entry.waiting):
        languages = " ".join(f"-l {entry.language}" for entry in entries if entry.waiting[:1] == (role,))
        yield f"waiting for {role}: run engross sign {letter} {languages} (on another machine add --bring FILE, for each of these files)"
    if published := [project.relative(entry.path) for entry in entries if entry.published]:
        yield f"verify with: engross verify {' '.join(published)}"
        yield f"keep these files, and commit {project.relative(project.content)}/{letter}/editions"


def verify(
    files: Annotated[Optional[list[Path]], typer.Argument(help="Signed PDFs.", show_default=False)] = None,  # noqa: UP045
    json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
    seal: Annotated[str, typer.Option("--seal", help="Digits of a seal printed on paper: shows which text has it.", show_default=False)] = "",
    settings: Annotated[
        Path | None, typer.Option("--settings", help="A pyproject.toml whose signing profiles say whom to trust; the workspace's when not given.", show_default=False)
    ] = None,
    profile: Annotated[str, typer.Option("--profile", help="The signing profile to judge by; the letter's when not given.", show_default=False)] = "",
) -> None:
    """Verify signed PDFs: who signed, in which role, when, at which level, trusted by whom, and what changed since.

    Nothing is fetched. The exit code is 0 only when every file passed.
    """
    from engross.sign import checking

    if seal:
        matches = checking.by_seal(checking.project_of(settings), seal)
        _show_seal(seal, matches)
        raise typer.Exit(0 if matches else 1)
    if not files:
        raise typer.BadParameter("give a signed PDF, or --seal DIGITS", param_hint="FILES")
    reports = [checking.check(path, settings, profile) for path in files]
    if json:
        frame.as_json([report.to_json() for report in reports])
    else:
        for report in reports:
            _show(report)
    raise typer.Exit(0 if all(report.verdict.value == "passed" for report in reports) else 1)


def _secret(officer: Officer, officers: tuple[Officer, ...]) -> str:
    """The passphrase of an officer: from the environment, or asked without echo."""
    number = officers.index(officer) + 1
    for name in (f"ENGROSS_PASSPHRASE_{number}", "ENGROSS_PASSPHRASE"):
        if name in os.environ:
            return os.environ[name]
    return str(typer.prompt(f"Passphrase or PIN of {officer.role}", hide_input=True, err=True))


def _show(report: Report) -> None:
    colour = {"passed": typer.colors.GREEN, "indeterminate": typer.colors.YELLOW, "failed": typer.colors.RED}[report.verdict.value]
    typer.echo(f"{frame.safe(report.name)}: {typer.style(report.verdict.value, fg=colour)}")
    ours = {True: "ours: yes", False: "ours: no", None: "ours: not known here (no signed manifest)"}[report.ours]
    frame.say(f"  authentic: {'yes' if report.authentic else 'no'}; {ours}; document {report.document or 'unknown'}; level {report.level.label if report.level else 'none'}")
    for signature in report.signatures:
        when = f"{signature.proven_at:%Y-%m-%d %H:%M:%S} UTC (proven)" if signature.proven_at else f"{signature.claimed_at} (claimed)"
        who = f"{signature.role}: {signature.signer}" if signature.kind == "officer" else f"archive time stamp: {signature.signer}"
        frame.say(f"  {who}; {when}; trusted by {signature.anchor or 'nobody'}; since then: {signature.since}")
    for finding in report.findings:
        frame.say(f"  {finding.verdict.value}[{finding.rule}]: {finding.message}")


def _show_seal(seal: str, matches: list[tuple[str, str]]) -> None:
    for number, text in matches:
        frame.say(f"seal {seal}: {number}")
        frame.say_lines(text)
    if matches:
        frame.say("The seal identifies this text. It proves nothing about the paper: compare what is printed there with the text above, word by word.")
    else:
        frame.say(f"no text of this workspace has the seal {seal}")
