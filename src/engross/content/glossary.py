"""content/glossary.csv: recurring terms and how each language must render them."""

from __future__ import annotations

from collections.abc import Mapping

from engross.content.source import read_source
from engross.content.table_file import Row, read_table
from engross.errors import Position, Problem
from engross.project import Project
from engross.values import value_class

BETWEEN_RENDERINGS = "|"
BETWEEN_NAMES = ";"


@value_class
class Term:
    """A term of the source language."""

    term: str
    renderings: Mapping[str, tuple[str, ...]]
    """By locale, the accepted renderings, the preferred one first. A locale the file says nothing about has no key."""
    note: str
    """For translators."""
    exempt: tuple[str, ...]
    """Proper names that hold the term's words and need not render them as the term."""
    where: Position


def read_glossary(project: Project) -> tuple[tuple[Term, ...], list[Problem]]:
    """The terms in the file's order, and everything that is wrong with them. A workspace without glossary has no terms."""
    path = project.content / "glossary.csv"
    if not path.exists() and not path.is_symlink():
        return (), []
    text, problems = read_source(project, path)
    if text is None:
        return (), problems
    locales = tuple(dict.fromkeys((*project.settings.languages, *project.settings.locales)))
    rows, faults = read_table(text, project.relative(path), ("term", *locales, "note", "exempt"), ("term",))
    problems += faults
    terms: dict[str, Term] = {}
    for row in rows:
        term = row["term"].text
        if not term:
            problems.append(Problem("missing-field", "the row has no term", row["term"].where, "write the term in the first column"))
        elif term in terms:
            problems.append(
                Problem(
                    "duplicate-term",
                    f"the term {term!r} stands twice",
                    row["term"].where,
                    f"it first stands in line {terms[term].where.line}; put renderings into one cell, parted by “ | ”",
                )
            )
        else:
            terms[term] = _term(row, locales)
    return tuple(terms.values()), problems


def _term(row: Row, locales: tuple[str, ...]) -> Term:
    renderings = {code: _parts(row[code].text, BETWEEN_RENDERINGS) for code in locales}
    return Term(row["term"].text, {code: found for code, found in renderings.items() if found}, row["note"].text, _parts(row["exempt"].text, BETWEEN_NAMES), row["term"].where)


def _parts(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())
