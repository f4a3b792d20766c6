"""Source and translation side by side: what the bilingual edition shows of a letter in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engross import markup, translation
from engross.content import read_glossary, read_labels
from engross.errors import Position, Problem
from engross.letter import Letter, Segment, Standing
from engross.project import Project
from engross.render.bilingual import Flag, Row, Term
from engross.translation import Entry, TermUse, Translations, term_index, term_uses


def rows(project: Project, letter: Letter, code: str) -> tuple[Row, ...]:
    """Every text of a letter that reaches a reader, and of the layout's words, with its translation and what there is to say about it.

    `letter` is in its source language, `code` another. A fuzzy translation is shown as it stands and flagged. A text that stands in several places, as
    countries do, is one row with the label of the first and the number of the others.
    """
    catalogues, _ = translation.load(project, code, letter)
    glossary, _ = read_glossary(project)
    labels, _ = read_labels(project)
    locale = project.locale(code)
    local = translation.localize(letter, catalogues, locale)
    said: dict[Position, list[Problem]] = {}
    for problem in translation.examine(catalogues, glossary, locale):
        said.setdefault(problem.where, []).append(problem)
    state, _ = translation.approval_state(project, local, translation.localize_labels(labels, catalogues))
    changed, since = set(state.changed), f"changed since the approval of {state.approval.date}" if state.approval else ""
    index = term_index(glossary, locale, [s.text for s in letter.segments() if s.role in ("signatory", "addressee-name", "holder-name")])
    found: dict[tuple[str, str, str], Row] = {}
    places: dict[tuple[str, str, str], set[str]] = {}
    for source, target in _pairs(letter, local, labels, catalogues):
        entry = catalogues.find(source)
        shown = replace(target, text=entry.text, lang=code) if entry and entry.text and entry.fuzzy else target
        flags = tuple(_flags(target.standing, entry, said.get(catalogues.position(source), ()) if entry else (), since=since if source.label in changed else ""))
        terms = tuple(map(_term, term_uses(markup.plain_of(source), markup.plain_of(shown), index))) if entry and entry.text else ()
        key = (source.domain, source.role, source.text)
        found.setdefault(key, Row(source.label, source.role, source, shown, flags, terms))
        places.setdefault(key, set()).add(source.label)
    return tuple(replace(row, label=f"{row.label} (+{len(places[key]) - 1})") if len(places[key]) > 1 else row for key, row in found.items())


def _pairs(letter: Letter, local: Letter, labels: Sequence[Segment], catalogues: Translations) -> Iterator[tuple[Segment, Segment]]:
    """Segments of source and translation, in printing order; the trees have the same shape."""
    yield from zip(translation.printed_segments(letter), translation.printed_segments(local), strict=True)
    for label in labels:
        standing = catalogues.standing(label)
        entry = catalogues.find(label)
        text = entry.text if entry and standing is Standing.TRANSLATED else label.text
        yield replace(label, label=f"label.{label.label}"), replace(label, text=text, standing=standing, lang=catalogues.lang if standing is Standing.TRANSLATED else label.lang)


def _flags(standing: Standing, entry: Entry | None, problems: Sequence[Problem], since: str) -> Iterator[Flag]:
    if standing is Standing.EMPTY:
        yield Flag("untranslated", "not yet translated", "error")
    if standing is Standing.FUZZY:
        before = f"; it translates: {entry.previous[1]}" if entry and entry.previous else ""
        yield Flag("fuzzy", f"to be reviewed{before}", "error")
    if since:
        yield Flag("changed", since, "warning")
    for problem in problems:
        yield Flag(problem.code, problem.message + (f" ({problem.hint})" if problem.hint else ""), problem.severity.value)
    for note in entry.notes if entry else ():
        if note.strip():
            yield Flag("comment", note.strip(), "note")


def _term(use: TermUse) -> Term:
    return Term(use.term, use.source, use.target, use.required)
