"""The delivery report, and the archive of a letter."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import frame

if TYPE_CHECKING:
    from engross.ledger import Ledger
    from engross.project import Project


def register(app: typer.Typer) -> None:
    """Add the command `archive`; the report is an action of `deliveries`."""
    app.command()(archive)


def report(project: Project, ledger: Ledger, name: str, files: list[Path], language: str) -> None:
    """Write the report of a letter, in the source language when none is named."""
    from engross.dispatch import reporting
    from engross.errors import UsageError
    from engross.files import write_atomic

    if len(files) != 1 or files[0].suffix.lower() != ".pdf":
        raise UsageError("report needs the name of one PDF file", hint=f"engross deliveries {name} report record.pdf -l ko")
    data = reporting.make(project, name, ledger, language or project.settings.languages[0])
    write_atomic(files[0], data)
    frame.say(f"made {files[0]}")


def archive(
    letter: Annotated[str, typer.Argument(help="Id of the letter.")],
    folder: Annotated[Path, typer.Argument(help="The new folder.")],
    languages: Annotated[Optional[list[str]], typer.Option("--language", "-l", help="Languages of the report; the source language when not given.", show_default=False)] = None,  # noqa: UP045 - Typer reads this at run time
) -> None:
    """Put all of a letter into one folder to keep: source, catalogues, editions, the delivery record, the exact bytes that were sent and the report.

    The folder is a BagIt bag (RFC 8493), which libraries and archives can check without this program.

    Exit codes: 0 everything is in it. 1 it was made and something is missing, which is named; or it was not made. 2 wrong usage, or the folder exists. 3 the database cannot be reached.
    """
    from engross.dispatch import archiving, reporting
    from engross.dispatch.records import open_ledger, secrets_in_use
    from engross.ledger import LedgerError
    from engross.project import find

    now, project = datetime.now(UTC), find(Path.cwd())
    (name,) = project.pick([letter])
    codes = project.languages(languages or project.settings.languages[:1])
    secrets = secrets_in_use(project, os.environ)
    archiving.require_new(folder)
    try:
        with open_ledger(project, now) as ledger:
            ledger.require()
            reports = {f"report/{name}.{code}.pdf": reporting.make(project, name, ledger, code) for code in codes}
            missing = archiving.archive(project, name, ledger, folder, now, reports=reports, secrets=secrets)
    except LedgerError as error:
        frame.warn(f"warning: {error.message}")
        missing = archiving.archive(project, name, None, folder, now, secrets=secrets)
    for line in missing:
        frame.warn(f"not in the bag: {line}")
    frame.say(f"made {folder}" + (f", without {frame.many(len(missing), 'thing')}" if missing else ""))
    raise typer.Exit(1 if missing else 0)
