"""Accepted changes written back: into letter.md, where only the words change, or into the catalogue, as fuzzy with a note.

Before anything is written, the new file is read as a letter would be: every text but those meant must be the same, and those meant exactly as reviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from engross import files
from engross.errors import Position, Problem
from engross.project import Project
from engross.review import wording
from engross.review.model import UNTRACKED, Change, Report, Reviewed
from engross.review.placing import Misplaced, rewritten

ALL = "all"


def accepted(report: Report, wanted: Iterable[str]) -> tuple[frozenset[str], list[Problem]]:
    """Ids of the changes meant by `wanted`: ids, labels, authors, or `all`, which leaves out what nobody's name stands at; and a problem for each that is none."""
    ids: set[str] = set()
    problems = []
    for word in wanted:
        found = {c.id for c in report.changes if (word == ALL and c.author != UNTRACKED) or word in (c.id, c.label) or (c.author and word.casefold() == c.author.casefold())}
        if not found and word != ALL:
            problems.append(Problem("review-unknown", f"nothing in the file is called {word!r}", Position(report.file), "give a change's number, a label, an author, or all"))
        ids |= found
    return frozenset(ids), problems


def apply(project: Project, report: Report, wanted: Iterable[str], *, now: datetime | None = None) -> Report:
    """Write the accepted changes; what cannot be written is a problem of the report that comes back.

    Raises:
        StaleFile: somebody saved the file meanwhile; nothing was written.
    """
    ids, problems = accepted(report, wanted)
    todo: list[tuple[Reviewed, str, frozenset[str]]] = []
    for block in report.blocks:
        own = frozenset(key for piece in block.pieces for key in (piece.inserted, piece.deleted, piece.formatted) if key) & ids
        if not own:
            continue
        try:
            todo.append((block, _text(block, own), own))
        except wording.Unwritable as error:
            problems.append(Problem("review-unwritable", f"{block.segment.label}: {error}", block.segment.where, "change it by hand"))
    source = report.lang == project.settings.languages[0]
    done, written, found = _letter(project, report, todo) if source else _catalogues(project, report, todo, now or datetime.now(UTC))
    return replace(report, problems=(*report.problems, *problems, *found), applied=tuple(sorted(done, key=int)), written=written)


def _text(block: Reviewed, ids: frozenset[str]) -> str:
    """The segment's new text, as its file writes it."""
    text = block.text(ids)
    text = wording.tidy(text) if any(g.text in "\n\t" for g in text) or wording.tidy(text) != text else text
    return wording.markdown(text) if block.source.markup else wording.plain(text)


Todo = Sequence[tuple[Reviewed, str, frozenset[str]]]


def _letter(project: Project, report: Report, todo: Todo) -> tuple[set[str], tuple[str, ...], list[Problem]]:
    """Write accepted changes of the source into letter.md: the keys of those that were taken, the files written, and why others were not."""
    path = project.content / report.letter / "letter.md"
    name, before = project.relative(path), files.read_or_empty(path)
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    done: set[str] = set()
    for block, text, ids in todo:
        if block.segment.where.path != name:
            hint = f"change {block.segment.where.path} by hand"
            problems.append(Problem("review-elsewhere", f"{block.segment.label}: this text is not in {name}: “{text}”", block.segment.where, hint))
            continue
        try:
            rewritten(project, report.letter, before, {block.segment.label: text})
        except Misplaced as error:
            problems.append(Problem("review-unwritable", f"{block.segment.label}: {error}: “{text}”", block.segment.where, "change it by hand"))
        else:
            texts[block.segment.label] = text
            done |= ids
    if not texts:
        return set(), (), problems
    try:
        after = rewritten(project, report.letter, before, texts)
    except Misplaced as error:
        return set(), (), [*problems, Problem("review-unwritable", f"the changes do not fit together: {error}", Position(name), "accept fewer at a time")]
    if after == before:  # put in by one and struck out by another
        return done, (), problems
    files.write_atomic(path, after, expected=before)
    return done, (name,), problems


def _catalogues(project: Project, report: Report, todo: Todo, now: datetime) -> tuple[set[str], tuple[str, ...], list[Problem]]:
    """Write accepted changes of a translation into its catalogues, where they are fuzzy until somebody has read them."""
    from engross.translation import catalog
    from engross.translation.po import Entry, Key
    from engross.translation.refresh import Change as Written
    from engross.translation.refresh import write

    new: dict[str, dict[Key, tuple[str, tuple[str, ...]]]] = {}
    for block, text, ids in todo:
        new.setdefault(block.source.domain, {})[block.source.role, block.source.text] = (text, _notes(report, block, ids))
    changes, done = [], {key for _, _, ids in todo for key in ids}
    for domain, texts in new.items():
        path = catalog.catalog_path(project, report.lang, domain)
        old, _ = catalog.read(project, path)

        def changed(entry: Entry, texts: dict[Key, tuple[str, tuple[str, ...]]] = texts) -> Entry:
            if entry.obsolete or entry.key not in texts:
                return entry
            text, notes = texts[entry.key]
            return replace(entry, text=text, fuzzy=True, notes=(*entry.notes, *(note for note in notes if note not in entry.notes)))

        header = dict(old.header) | {"PO-Revision-Date": catalog.stamp(now)}
        after = catalog.dump(replace(old, entries=tuple(changed(entry) for entry in old.entries), header=header))
        changes.append(Written(project.relative(path), domain, report.lang, old.data, after))
    write(project, changes)
    return done, tuple(change.path for change in changes if change.changed), []


def _notes(report: Report, block: Reviewed, ids: frozenset[str]) -> tuple[str, ...]:
    """What the catalogue says beside a reviewed text: who changed it and when, and what was remarked on it."""
    made: list[Change] = [change for change in report.changes if change.id in ids]
    who = dict.fromkeys((change.author or "a reviewer, untracked", change.date[:10]) for change in made)
    notes = [f"review: changed by {author}" + (f", {day}" if day else "") for author, day in who]
    notes += [f"review: {c.author}, {c.date[:10]}: {' '.join(c.text.split())}" for c in report.comments if c.label == block.segment.label]
    return tuple(notes)
