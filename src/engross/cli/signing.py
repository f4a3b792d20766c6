"""`engross sign`: what it is asked and what it prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import frame

if TYPE_CHECKING:
    from engross.project import Project
    from engross.settings_signing import Officer
    from engross.sign import Progress


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sign)


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
        renewed = signing.renew(project, letter, tuple(languages or ()), profile)
        for path, moment in renewed:
            frame.say(f"{project.relative(path)}: archive time stamp of {moment:%Y-%m-%d %H:%M} UTC")
        _messages(project, letter, [path.parent.name for path, _ in renewed])
        return
    chosen = signing.profile_of(project, letter, profile)
    with frame.about(letter):
        ledger = named_at_signing(project, datetime.now(UTC))
    request = signing.Request(letter, tuple(languages or ()), profile, officer, tuple(bring or ()), ledger)
    entries = signing.sign(project, request, lambda who: _secret(who, chosen.officers), _told)
    for entry in entries:
        who = f"signed by {', '.join(entry.signed) or 'nobody'}" + (f", now with {entry.holder}" if entry.holder else "")
        level = entry.level.label if entry.level else "none"
        where = project.relative(entry.path) if entry.published else entry.path
        frame.say(f"{entry.language}: {who}; {'level reached' if entry.published else 'level so far'}: {level}; {where}")
    for line in _next(project, letter, entries):
        frame.say(line)
    _messages(project, letter, [entry.language for entry in entries if entry.published])


def _messages(project: Project, letter: str, signed: Sequence[str]) -> None:
    """Previews that attach PDFs get those that were signed now."""
    from engross.dispatch.email.refresh import refresh

    if not signed:
        return
    done = refresh(project, letter, tuple(signed))
    if done.made:
        frame.say(f"messages made again with the signed PDFs: {', '.join(done.made)}")
    if done.removed:
        frame.say(f"messages removed, as they attach what does not go out any more: {', '.join(done.removed)} (engross build {letter} --official -f email makes them)")


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


def _secret(officer: Officer, officers: tuple[Officer, ...]) -> str:
    """The passphrase of an officer: from the environment, or asked without echo.

    Raises:
        UsageError: it is not in the environment, and there is no terminal to ask at.
    """
    from engross.errors import UsageError

    number = officers.index(officer) + 1
    for name in (f"ENGROSS_PASSPHRASE_{number}", "ENGROSS_PASSPHRASE"):
        if name in os.environ:
            return os.environ[name]
    if not _somebody_to_ask():
        raise UsageError(
            f"there is no passphrase or PIN of {officer.role}, and no terminal to ask at", hint=f"run it at a terminal, or set ENGROSS_PASSPHRASE_{number} (or ENGROSS_PASSPHRASE)"
        )
    return str(typer.prompt(f"Passphrase or PIN of {officer.role}", hide_input=True, err=True))


def _somebody_to_ask() -> bool:
    """Whether there is a terminal, which `getpass` opens by this name even where the input comes from elsewhere."""
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
        return True
    return sys.stdin.isatty()
