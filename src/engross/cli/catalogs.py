"""Commands for catalogues and languages: out to an agency and back, clearing out old entries, adding a language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engross.cli import frame

if TYPE_CHECKING:
    from engross.project import Project

Letter = Annotated[str, typer.Argument(help="Id of the letter.")]
Texts = Annotated[str, typer.Argument(metavar="LETTER", help="Id of the letter, or `report` for the words of the delivery report.")]
Language = Annotated[str, typer.Option("--language", "-l", help="The language, e.g. ko.")]

catalog = typer.Typer(help="Catalogues out to people who work in a spreadsheet or a CAT tool, and back.", no_args_is_help=True)
language = typer.Typer(help="The languages that letters leave in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands `catalog` and `language`."""
    app.add_typer(catalog, name="catalog")
    app.add_typer(language, name="language")


@catalog.command("export")
def export(
    letter: Texts,
    lang: Language,
    kind: Annotated[str, typer.Option("--format", "-f", help="xlsx, csv or xliff.")] = "xlsx",
    folder: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.", file_okay=False)] = Path(),
) -> None:
    """Write a language's catalogues of a letter, or of the delivery report, as a workbook, a CSV table or XLIFF, for an agency or a lawyer.

    A table has a row for each text: source, translation, state, and what the catalogue says beside it. Every cell is text. Only the columns
    translation and state are read when it comes back.
    """
    from engross.files import write_all
    from engross.project import find
    from engross.translation import exchange

    project = find(Path.cwd())
    name, (code,) = _named(project, letter), project.languages([lang])
    made = exchange.export(project, name, code, kind)
    write_all(folder, made)
    for file in made:
        frame.say(f"made {folder / file}")


@catalog.command("import")
def import_(
    letter: Texts,
    lang: Language,
    files: Annotated[list[Path], typer.Argument(help="Files that came back: .xlsx, .csv, .xlf.", exists=True, dir_okay=False)],
) -> None:
    """Take translations that came back into the catalogues.

    What comes back is data: only texts that the catalogues know are taken, nothing is deleted, and what is taken is not approved by that.
    Run `engross check` afterwards: it looks at these translations like at any others.
    """
    from engross.project import find
    from engross.translation import exchange
    from engross.translation.po import REPORT_DOMAIN

    project = find(Path.cwd())
    name, (code,) = _named(project, letter), project.languages([lang])
    for file in files:
        report = exchange.import_file(project, name, code, file)
        frame.show_problems(report.problems, err=True)
        frame.say(f"{file.name}: {len(report.changed)} changed, {report.unchanged} as they were, {len(report.problems)} not taken")
        for path in report.written:
            frame.say(f"wrote {path}")
        if report.written:
            frame.say(f"next: engross check {'' if letter == REPORT_DOMAIN else name + ' '}-l {code}")


def _named(project: Project, letter: str) -> str:
    """The letter asked for, or the delivery report, whose words stand in no letter."""
    from engross.translation.po import REPORT_DOMAIN

    return letter if letter == REPORT_DOMAIN else project.pick([letter])[0]


@catalog.command("purge")
def purge(
    letters: Annotated[list[str] | None, typer.Argument(help="Ids of letters, or `report`; all, and the shared catalogues, when none is given.", show_default=False)] = None,
) -> None:
    """Remove entries that are out of use (`#~`) from the catalogues of every language.

    They are the memory of texts that are gone and come back by themselves when the text does: keep them until a letter is out.
    """
    from engross.project import find
    from engross.translation.parse import parse
    from engross.translation.po import REPORT_DOMAIN, SHARED_DOMAINS
    from engross.translation.refresh import purge_obsolete

    project = find(Path.cwd())
    domains = [_named(project, name) for name in letters or project.letters()] + ([] if letters else [*SHARED_DOMAINS, REPORT_DOMAIN])
    report = purge_obsolete(project, domains)
    for change in report.changes:
        if change.changed:
            gone = sum(1 for _ in parse(change.before, change.path)[0].obsolete)
            frame.say(f"{change.path}: {gone} removed")
    if not report.written:
        frame.say("nothing was out of use")


@catalog.command("glossary")
def glossary(
    lang: Language,
    folder: Annotated[Path, typer.Option("--output", "-o", help="Folder for the file.", file_okay=False)] = Path(),
) -> None:
    """Write the glossary of a language as a table that Weblate and CAT tools take: source and target."""
    from engross.content import read_glossary
    from engross.errors import Rejected
    from engross.files import write_atomic
    from engross.project import find
    from engross.translation.terms import glossary_csv

    project = find(Path.cwd())
    (code,) = project.languages([lang])
    terms, problems = read_glossary(project)
    if any(problem.is_error for problem in problems):
        raise Rejected(problems)
    write_atomic(folder / f"glossary.{code}.csv", glossary_csv(terms, code))
    frame.say(f"made {folder / f'glossary.{code}.csv'}")


@catalog.command("terms")
def terms(letter: Letter, lang: Language) -> None:
    """List how each term of the glossary is rendered in a letter: renderings that differ are worth a look."""
    from engross import translation
    from engross.content.source import unread
    from engross.edition import read_source
    from engross.errors import Rejected, UsageError
    from engross.project import find
    from engross.translation.checks import term_uses
    from engross.translation.examination import pairs

    project = find(Path.cwd())
    (name,), (code,) = project.pick([letter]), project.languages([lang])
    if code == project.settings.languages[0]:
        raise UsageError(f"{code} is the language that letters are written in: its terms are those of content/glossary.csv", hint="name a translation, for instance -l ko")
    source, problems = read_source(project, name)
    if source is None or unread(problems):
        raise Rejected(problems)
    catalogues, wrong = translation.load(project, code, source.letter)
    if any(problem.is_error for problem in wrong):
        raise Rejected(wrong)
    found = term_uses(pairs(catalogues), project.locale(code), source.glossary)
    if not source.glossary:
        frame.say("content/glossary.csv has no terms yet: a line for each, the English and what it must be in each language")
    elif not found:
        frame.say(f"no term of content/glossary.csv stands in a text of {name} that is translated into {code}: engross status {name} -l {code} shows how far it is")
    for term, renderings in sorted(found.items(), key=lambda item: (-len(item[1]), item[0].casefold())):
        said = "; ".join(f"{rendering} ({len(places)}: {', '.join(str(pair.where.line) for pair in places[:_SHOWN])})" for rendering, places in renderings.items())
        frame.say(f"{term}: {said}")


@language.command("add")
def add(code: Annotated[str, typer.Argument(help="BCP 47 code: fr, zh-Hans, pt-BR.")]) -> None:
    """Add a language: its entry in the settings, its catalogues, and which fonts it needs. No program changes.

    The entry is a proposal from CLDR: read it, and correct what your house writes otherwise.
    """
    from datetime import date

    from engross import languages
    from engross.content.layout_words import DOMAIN as LAYOUTS
    from engross.project import find
    from engross.translation import catalog as catalogues

    project = find(Path.cwd())
    added = languages.add(project, code)
    frame.say(f"added {code}, {added.name}: dates like {added.locale.format_date(date(2030, 1, 31))}, quotation marks {added.locale.quotes[0]}, {added.locale.plural_forms}")
    for path in added.written:
        frame.say(f"wrote {path}")
    for line in added.settings.splitlines():
        frame.say(f"  {line}")
    for font in added.fonts:
        state = "there" if not font.missing else f"MISSING: put {' and '.join(f'{font.prefix}-…-{cut}.ttf' for cut in font.missing)} and their licence into layouts/fonts/"
        frame.say(f"font {font.prefix}: {state}")
    if not added.fonts:
        frame.say("fonts: the Latin ones serve")
    if added.lacking:
        shown = added.lacking[:_SHOWN] + (" …" if len(added.lacking) > _SHOWN else "")
        frame.say(f"the fonts lack {len(added.lacking)} characters that CLDR's words in {added.name} are written with: {shown}")
    common, _ = catalogues.read(project, catalogues.catalog_path(project, code, LAYOUTS))
    words = f"translations/{code}/LC_MESSAGES/layouts.po and " if any(entry.fuzzy or not entry.text for entry in common.active) else ""
    frame.say(f"next: translate {words}the letter's catalogue; add a column {code} to content/glossary.csv")


_SHOWN = 40
