"""The command `proof`, and `build --check`: what stands in output/ is read back and compared with the letter, or made again and compared with itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import faxing, frame

if TYPE_CHECKING:
    from engross.pipeline import Request
    from engross.project import Project


def register(app: typer.Typer) -> None:
    """Add the command `proof`."""
    app.command()(proof)


def proof(
    letters: Annotated[Optional[list[str]], typer.Argument(help="Ids of letters; all when none is given.", show_default=False)] = None,  # noqa: UP045 - Typer reads this at run time
    fax: Annotated[bool, typer.Option("--fax", help="Also read the fax pages, by tesseract: about a second a page; and say what each fax costs.")] = False,
    html: Annotated[
        Optional[Path], typer.Option("--html", help="Write a page, FILE.html, with every finding and pictures of the pages, the places marked.", dir_okay=False, show_default=False)  # noqa: UP045 - Typer reads this at run time
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
) -> None:
    """Read every file in output/ back and compare it with the letter: missing, changed, doubled, moved, in another language, added.

    Numbers, dates and addresses must agree exactly, and links, fonts, page counts and attachments. The readers have nothing to do with what
    wrote the files. The exit code is 1 when something is found.
    """
    from engross.files import write_atomic
    from engross.project import find
    from engross.proof import report, sets

    if html and html.suffix.lower() not in (".html", ".htm"):
        raise typer.BadParameter(f"{html} is no name of a page: it is the file that is written, for instance proof.html", param_hint="--html")
    project = find(Path.cwd())
    with frame.progress() as bar:
        results = [result for name in project.pick(letters or ()) for result in sets.prove_letter(project, name, fax=fax, progress=bar)]
    if html:
        write_atomic(html, report.html(results, project.root).encode())
    if json:
        frame.as_json(report.as_data(results))
    else:
        for result in results:
            for finding in result.findings[: report.SHOWN]:
                frame.say(finding.beside(result.path))
            if len(result.findings) > report.SHOWN:
                frame.say(f"{result.path}: {len(result.findings) - report.SHOWN} more (--json lists them): another file probably stands in its place")
        for line in faxing.prices(results):
            frame.say(line)
        unread = sum(not result.read for result in results)
        count = sum(len(result.findings) for result in results)
        frame.say(
            f"{frame.many(count, 'finding')} in {frame.many(len(results), 'file')}; the text of {len(results) - unread} was read"
            + (f", {unread} were only looked at" if unread else "")
        )
        if html:
            frame.say(f"made {html}")
        if not results:
            frame.say("nothing stands in output/ yet: run engross build")
    raise typer.Exit(1 if any(result.findings for result in results) else 0)


def show_rebuilt(project: Project, request: Request, edition: int | None) -> None:
    """Rebuild in memory and say what differs; ends with exit code 1 if something does.

    A signed language of an edition is made again from its record, every other file from content and catalogues as they are now.
    """
    from engross import frozen, rebuilding

    with frame.progress() as bar:
        signed, rest = frozen.split(project, request, edition)
        results = [frozen.remake(project, one, request, bar) for one in signed]
        for one in rest:
            results += rebuilding.rebuild(project, one, bar)
    for result in results:
        for path, reason in sorted(result.different.items()):
            frame.say(f"{project.relative(result.folder / path)}: {reason}")
        for note in result.notes:
            frame.say(f"note: {note}")
        frame.say(f"{project.relative(result.folder)}: {len(result.same)} the same byte for byte, {len(result.different)} different")
    if any(result.different for result in results):
        raise typer.Exit(1)
