"""The commands. What they do is in `pipeline`, `content`, `translation` and `scaffold`; here is what they are asked and what they print."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from engross.cli import catalogs, dispatching, frame, proving, reporting, reviewing, sending, signing, verifying, watching

HELP = """Letters that many organisations sign and that leave in several languages.

One source of content and its translations become the PDF, the Word document, the web page, the plain text and the fax pages of a letter.

A day with it: [bold]check[/] the content, [bold]update[/] the catalogues, let translators work, look at the [bold]status[/], [bold]approve[/] each language, [bold]build[/] drafts and at last [bold]build --official[/].

Exit codes: 0 fine, 1 problems in the letter, 2 wrong usage, 3 something outside failed."""

app = typer.Typer(name="engross", help=HELP, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def _letter_ids(incomplete: str) -> list[str]:
    from engross.errors import EngrossError
    from engross.project import find

    try:
        return [name for name in find(Path.cwd()).letters() if name.startswith(incomplete)]
    except EngrossError:
        return []


Letters = Annotated[Optional[list[str]], typer.Argument(help="Ids of letters (folders in content/); all when none is given.", autocompletion=_letter_ids, show_default=False)]  # noqa: UP045 - Typer reads this at run time
Languages = Annotated[Optional[list[str]], typer.Option("--language", "-l", help="A language, e.g. ko; may be given several times. All when not given.", show_default=False)]  # noqa: UP045
Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def _version(asked: bool) -> None:
    if asked:
        from engross import __version__

        frame.say(f"engross {__version__}")
        raise typer.Exit


@app.callback()
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)] = False) -> None:
    """Options that belong to no command."""


@app.command()
def check(letters: Letters = None, languages: Languages = None, json: Json = False) -> None:
    """Read everything and report every problem at once: content, address book, catalogues, glossary, glyphs.

    Nothing is written. The exit code is 1 when there is an error; warnings are for a person to look at.
    """
    from engross.inspection import inspect
    from engross.project import find

    project = find(Path.cwd())
    problems = inspect(project, letters or (), languages or ())
    errors = sum(problem.is_error for problem in problems)
    if json:
        frame.as_json([frame.problem_json(problem) for problem in problems])
    else:
        frame.show_problems(problems)
        if not project.letters():
            frame.say(frame.NO_LETTER)
        frame.say(f"{frame.many(errors, 'error')}, {frame.many(len(problems) - errors, 'warning')} in {frame.many(len(project.pick(letters or ())), 'letter')}")
    raise typer.Exit(1 if errors else 0)


@app.command()
def update(
    letters: Letters = None,
    minor: Annotated[
        bool, typer.Option("--minor", help="The changes correct slips that no translation has; translations stay valid and the languages touched are listed.")
    ] = False,
) -> None:
    """Bring every catalogue up to date with the content: new texts, changed texts (fuzzy), texts that are gone (kept as obsolete).

    Translations, comments and notes stay. Running it twice changes nothing.
    """
    from engross import translation
    from engross.project import find

    report = translation.update(find(Path.cwd()), letters or (), minor=minor)
    for line in report.lines():
        frame.say(line)


@app.command()
def status(
    letters: Letters = None,
    languages: Languages = None,
    json: Json = False,
    sections: Annotated[bool, typer.Option("--sections", help="A row for each section, too.")] = False,
    line: Annotated[bool, typer.Option("--line", help="One line a letter, for a README.")] = False,
    svg: Annotated[Optional[Path], typer.Option("--svg", help="Write a picture of the state, for a README.", dir_okay=False, show_default=False)] = None,  # noqa: UP045
) -> None:
    """Show how far each language is: segments and words translated, fuzzy, empty; what is left; who approved it; which checks are waived."""
    from engross import translation
    from engross.cli import tables
    from engross.project import find

    project = find(Path.cwd())
    found = [translation.status(project, name, project.languages(languages or ())) for name in project.pick(letters or ())]
    if not found and not json:
        frame.say(frame.NO_LETTER)
    if json:
        frame.as_json([entry.to_json() for entry in found])
    elif line:
        for entry in found:
            frame.say(f"{entry.letter}: {entry.line()}")
    elif not svg:
        tables.show_status(found, sections=sections)
    if svg:
        from engross.files import write_atomic

        write_atomic(svg, translation.status_svg(found).encode())


@app.command()
def approve(
    letter: Annotated[str, typer.Argument(help="Id of the letter.", autocompletion=_letter_ids)],
    language: Annotated[str, typer.Option("--language", "-l", help="The language that was read.")],
    by: Annotated[str, typer.Option("--by", help="The role of who read it, e.g. 'second reader, Korean desk'; not a name.")],
) -> None:
    """Record that a second reader has read a language against the source and approves it.

    The record holds a digest of every segment: a later change of any of them voids the approval, and status says which.
    """
    from datetime import datetime

    from engross.inspection import approve as record
    from engross.project import find

    entry = record(find(Path.cwd()), letter, language, by, datetime.now(UTC).astimezone().date())
    frame.say(f"{letter} {language}: approved by {entry.reviewer} on {entry.date}, text {entry.digest[:16]}")


@app.command()
def build(  # noqa: PLR0917 - what is asked, as options
    letters: Letters = None,
    languages: Languages = None,
    formats: Annotated[
        Optional[list[str]],  # noqa: UP045 - Typer reads this at run time
        typer.Option(
            "--format",
            "-f",
            help="pdf, docx, html, txt or fax; may be given several times. All these when not given. bilingual: source and translation side by side, for second readers. email: the messages, to look at.",
            show_default=False,
        ),
    ] = None,
    official: Annotated[
        bool, typer.Option("--official", help="The version that leaves the house: refused unless content and translations are complete, clean and approved.")
    ] = False,
    paper: Annotated[Optional[str], typer.Option("--paper", help="a4 or letter; the settings' when not given.", show_default=False)] = None,  # noqa: UP045
    leave_out: Annotated[Optional[list[str]], typer.Option("--leave-out", help="Id of a pending signatory to go without; may be given several times.", show_default=False)] = None,  # noqa: UP045
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes; 0 takes every core.")] = 0,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing: make everything again in memory and compare it, byte for byte, with what the manifest lists or was signed.")
    ] = False,
    edition: Annotated[Optional[int], typer.Option("--edition", min=1, help="With --check: a signed edition, made again from its record.", show_default=False)] = None,  # noqa: UP045
) -> None:
    """Make drafts (watermarked, in output/LETTER/draft) or, with --official, the edition (output/LETTER/edition-N).

    A set is replaced as a whole, its manifest.json vouches for each file. What is already there and made from the same is not made again.
    """
    from engross.cli import building
    from engross.project import PAPERS, find

    if paper and paper not in PAPERS:
        raise typer.BadParameter(f"{paper!r}: paper is {' or '.join(PAPERS)}", param_hint="--paper")
    asked: dict[str, Any] = {
        "letters": letters or (),
        "languages": languages or (),
        "formats": formats or (),
        "leave_out": leave_out or (),
        "official": official,
        "paper": paper or "",
        "jobs": jobs,
    }
    if edition is not None and not check:
        raise typer.BadParameter("an edition that was signed is never built again, only compared: add --check", param_hint="--edition")
    if check:
        proving.show_rebuilt(find(Path.cwd()), building.request(**asked), edition)
    else:
        building.build(asked)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The new workspace; it must not exist or be empty.")]) -> None:
    """Make a workspace: settings, an address book, a glossary, the layouts with their fonts. Letters are in English; `engross language add ko` adds Korean (ja, es) with the layouts' words translated."""
    from engross import scaffold

    for path in scaffold.init(folder):
        frame.say(f"made {path}")
    frame.say(f"next: cd {folder}, then engross new 2030-01-31-subject")


@app.command()
def new(letter: Annotated[str, typer.Argument(help="Id of the new letter: small letters, digits and hyphens, by custom date and subject.")]) -> None:
    """Begin a letter: a letter.md and a signatories.csv to fill in."""
    from engross import scaffold
    from engross.project import find

    project = find(Path.cwd())
    for path in scaffold.new(project, letter):
        frame.say(f"made {project.relative(path)}")
    frame.say("next: fill them in, then engross check")


catalogs.register(app)
sending.register(app)
dispatching.register(app)
proving.register(app)
reporting.register(app)
reviewing.register(app)
signing.register(app)
verifying.register(app)
watching.register(app)
