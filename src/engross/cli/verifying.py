"""`engross verify`: what it is asked and what it prints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import frame

if TYPE_CHECKING:
    from engross.sign.seals import Match
    from engross.verify import Report, Signature

SOON = timedelta(days=180)
"""So long before the last archive time stamp's certificate expires, renewing is called for."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)


def verify(
    files: Annotated[Optional[list[Path]], typer.Argument(help="Signed PDFs.", show_default=False)] = None,  # noqa: UP045
    json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
    seal: Annotated[str, typer.Option("--seal", help="Digits of a seal printed on paper: shows which text has it.", show_default=False)] = "",
    settings: Annotated[
        Path | None,
        typer.Option("--settings", help="A pyproject.toml, or its folder, whose signing profiles say whom to trust; the workspace's when not given.", show_default=False),
    ] = None,
    profile: Annotated[str, typer.Option("--profile", help="The signing profile to judge by; the letter's when not given.", show_default=False)] = "",
) -> None:
    """Verify signed PDFs: who signed, in which role, when, at which level, trusted by whom, and what changed since.

    Nothing is fetched. The exit code is 0 only when every file passed.
    """
    from engross.sign import checking, seals

    if seal:
        matches = seals.find(checking.project_of(settings), seal)
        if json:
            frame.as_json([match.to_json() for match in matches])
        else:
            _show_seal(seal, matches)
        raise typer.Exit(0 if any(match.is_exact for match in matches) else 1)
    if not files:
        raise typer.BadParameter("give a signed PDF, or --seal DIGITS", param_hint="FILES")
    reports = [checking.check(path, settings, profile) for path in files]
    if json:
        frame.as_json([report.to_json() for report in reports])
    else:
        for report in reports:
            _show(report)
    raise typer.Exit(0 if all(report.verdict.value == "passed" for report in reports) else 1)


def _show(report: Report) -> None:
    colour = {"passed": typer.colors.GREEN, "indeterminate": typer.colors.YELLOW, "failed": typer.colors.RED}[report.verdict.value]
    typer.echo(f"{frame.safe(report.name)}: {typer.style(report.verdict.value, fg=colour)}")
    frame.say(f"  {_summary(report)}")
    authentic = "yes" if report.authentic else "cannot be told" if report.verdict.value == "indeterminate" else "no"
    ours = {True: "yes", False: "no", None: "not known here"}[report.ours]
    frame.say(f"  authentic: {authentic}; ours: {ours}; document {report.document or 'unknown'}; level {report.level.label if report.level else 'none'}")
    for signature in report.signatures:
        frame.say(f"  {_signature(signature)}")
    for note in _notes(report, datetime.now(UTC)):
        frame.say(f"  note: {note}")
    for finding in report.findings:
        frame.say(f"  {finding.verdict.value}[{finding.rule}]: {finding.message}")
        if finding.hint:
            frame.say(f"    hint: {finding.hint}")


def _summary(report: Report) -> str:
    """The verdict in words, for whoever was only sent the file."""
    if report.verdict.value == "failed":
        if report.authentic and report.ours is None:
            return "Its signatures hold, but our own list of what was published does not."
        if report.authentic:
            return "Its signatures hold, but it is not the file that was published."
        return "Do not rely on this file; the reasons are below."
    if report.verdict.value == "indeterminate":
        if {finding.rule for finding in report.findings} <= {"certificate", "officers"}:
            return "Nothing in this file was changed since it was signed. Whether the signers are who they say cannot be told here."
        return "It cannot be told whether this file is good: something is missing, see below. That is no proof against it."
    if report.ours:
        return "The officers signed this file, nothing in it was changed, and it is the one that was published."
    return "The officers signed this file and nothing in it was changed. Whether it is the one that was published is not known here: no signed manifest lists it."


def _signature(signature: Signature) -> str:
    """Who signed and when, and what came after it."""
    moment, how = (signature.proven_at, "proven") if signature.proven_at else (signature.claimed_at, "claimed")
    when = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({how})" if moment else "at no time that it says"
    who = f"{signature.role}: {signature.signer}" if signature.kind == "officer" else f"archive time stamp: {signature.signer}"
    return f"{who}; {when}; trusted by {signature.anchor or 'nobody'}; since then: {signature.since}"


def _notes(report: Report, now: datetime) -> Iterator[str]:
    """Until when the file can be told to be good, and what to do before."""
    last = next((signature for signature in reversed(report.signatures) if signature.kind == "archive" and signature.until), None)
    if last and last.until and last.proven_at and report.verdict.value == "passed":
        letter = report.document.split("/")[0]
        yield f"it can be verified until {last.until:%Y-%m-%d}" + (
            f"; renew it before: engross sign {letter} --renew" if last.until - now < SOON else ", and longer if it is renewed"
        )


def _show_seal(seal: str, matches: list[Match]) -> None:
    for match in matches:
        frame.say(f"seal {match.printed}: {match.number}, {_STATES[match.state.name]}")
        if match.slips:
            frame.say(f"  {match.slips} of the digits that you typed are others: look at the paper again. Its seal may be this one; as typed it belongs to no text here.")
        if match.superseded_by:
            frame.say(f"  This is an old edition; the letter has edition {match.superseded_by}.")
        frame.say_lines(match.text or "Its text is not at hand: its files were changed or removed after it was built.")
    if matches:
        frame.say("The seal identifies this text. It proves nothing about the paper: compare what is printed there with the text above, word by word.")
    else:
        frame.say(f"no text of this workspace has the seal {seal}: nothing that was signed here, and nothing that stands in output/")


_STATES = {"SIGNED": "signed", "BUILT": "not signed yet: built here, and no officer vouches for it", "DRAFT": "a draft, not signed: nobody should have it on paper"}
