"""Commands of the review round: out to reviewers in Word and back, and redlines of what changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from engross.cli import frame

Letter = Annotated[str, typer.Argument(help="Id of the letter.")]
Language = Annotated[str, typer.Option("--language", "-l", help="A translation; the language the letter is written in when not given.", show_default=False)]

review = typer.Typer(help="A letter out to reviewers in Word, and their changes and comments back.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands `review` and `diff`."""
    app.add_typer(review, name="review")
    app.command("diff")(diff)


@review.command("export")
def export(
    letter: Letter,
    lang: Language = "",
    output: Annotated[Optional[Path], typer.Option("--output", "-o", help="The file; LETTER.LANGUAGE.review.docx when not given.", dir_okay=False, show_default=False)] = None,  # noqa: UP045 - Typer reads this at run time
) -> None:
    """Write the letter's texts as a Word file in which changes are tracked; of a translation with the source beside it.

    Hidden bookmarks say which text is which: reviewers edit and comment as they like, in Word or LibreOffice.
    """
    from engross.files import write_atomic
    from engross.project import find
    from engross.review import export as exporting

    project = find(Path.cwd())
    (name,) = project.pick([letter])
    code = project.languages([lang])[0] if lang else project.settings.languages[0]
    target = output or Path(f"{name}.{code}.review.docx")
    write_atomic(target, exporting.export(project, name, code))
    frame.say(f"made {target}")


@review.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A file that came back.", exists=True, dir_okay=False)],
    apply: Annotated[bool, typer.Option("--apply", help="Write accepted changes into letter.md, or into the catalogue as fuzzy.")] = False,
    accept: Annotated[Optional[list[str]], typer.Option("--accept", help="A change's number, a label, an author, or all (the default); repeatable.", show_default=False)] = None,  # noqa: UP045
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List every insertion, deletion and comment by text, author and date; with --apply, write the accepted ones.

    What was moved, split, joined or changed meanwhile is reported with both texts and never written. Nothing is written without --apply.
    """
    from engross.project import find
    from engross.review import applying, returning

    if accept and not apply:
        raise typer.BadParameter("it says what to write: add --apply", param_hint="--accept")
    project = find(Path.cwd())
    report = returning.read_returned(project, file)
    if apply:
        report = applying.apply(project, report, accept or [applying.ALL])
    if json:
        frame.as_json(report.to_json() | {"problems": [frame.problem_json(problem) for problem in report.problems]})
    else:
        for line in report.lines():
            frame.say(line)
        frame.show_problems(report.problems, err=True)
        for path in report.written:
            frame.say(f"wrote {path}")
    raise typer.Exit(1 if report.problems else 0)


def diff(
    letter: Letter,
    against: Annotated[str, typer.Option("--against", help="A git revision, edition-N, or a file: a letter.md or a .po.")],
    kind: Annotated[str, typer.Option("--format", "-f", help="docx (tracked changes) or html.")] = "docx",
    lang: Language = "",
    output: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--output", "-o", help="The file; LETTER.LANGUAGE.diff.docx or .html when not given.", dir_okay=False, show_default=False),
    ] = None,
) -> None:
    """Show what changed since an earlier version of the letter or of a translation, for those who must agree again."""
    from engross.files import write_atomic
    from engross.project import find
    from engross.review import redline

    project = find(Path.cwd())
    (name,) = project.pick([letter])
    code = project.languages([lang])[0] if lang else project.settings.languages[0]
    data, counts = redline.make(project, name, code, against, kind)
    target = output or Path(f"{name}.{code}.diff.{kind}")
    write_atomic(target, data)
    frame.say(f"made {target}: {counts}")
