"""Who has read a language of a letter and approved it, and whether the text still is what was read.

translations/reviews.csv has a row for each approval: letter, language, reviewer (a role), date, digest. Beside it,
translations/reviews/<letter>.<language>.json lists the digest of each text of the latest approval, so that a later change can be named. The digest covers
all that is printed in that language from translations: the letter, the missions it names, the layout's words. Names that are printed as their owners
write them are no translation and are not covered.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from engross import files
from engross.canonical import Value, canonical_json
from engross.errors import Position, Problem, Rejected, UsageError
from engross.labels import Labels
from engross.letter import Letter, Standing
from engross.project import Project
from engross.translation.localization import Translations, printed_segments
from engross.values import value_class

REVIEWS = "reviews.csv"
COLUMNS = ("letter", "language", "reviewer", "date", "digest")
NAMED = 3
"""So many texts that void an approval are named."""
_WIDTH = 50
"""Characters of a text that are shown."""
_SHORT = 16
"""Hexadecimal digits of a text's digest in the list."""


@value_class
class Approval:
    """A row of reviews.csv."""

    letter: str
    language: str
    reviewer: str
    """A role, not a name."""
    date: date
    digest: str
    """SHA-256 of the language's text, in hexadecimal."""


@value_class
class State:
    """Where the approval of a language stands."""

    approval: Approval | None
    """The approval that holds, else the latest one, else none."""
    valid: bool = False
    changed: tuple[str, ...] = ()
    """Labels of the texts that are not as they were approved."""
    removed: tuple[str, ...] = ()
    """Labels, as they were then, of texts that are gone or that the changed ones replace."""

    def __str__(self) -> str:
        if self.approval is None:
            return ""
        stated = f"{self.approval.reviewer}, {self.approval.date}"
        return stated if self.valid else f"void ({stated}): {self.reason()}"

    def reason(self) -> str:
        """Which texts void it."""
        named = [f"changed: {', '.join(self.changed)}"] if self.changed else []
        named += [f"gone: {', '.join(self.removed)}"] if self.removed and not self.changed else []
        return "; ".join(named) or "the order of the texts changed"


Texts = list[tuple[str, str, str]]
"""Label, role and text of each translated text, in printing order, the layout's words last."""


def texts(letter: Letter, labels: Labels) -> Texts:
    """What an approval of this language covers."""
    found: dict[tuple[str, str, str], None] = {}
    for segment in printed_segments(letter):
        if letter.lang == letter.source_lang or not (segment.optional and segment.standing is Standing.SOURCE):
            found[segment.label, segment.role, segment.text] = None
    return [*found, *((f"label.{key}", "label", labels.words[key]) for key in sorted(labels.words))]


def digest(covered: Texts) -> str:
    """SHA-256 over the canonical JSON of roles and texts in their order. Labels are left out: they move when text moves."""
    value: Value = [[role, text] for _, role, text in covered]
    return hashlib.sha256(canonical_json(value)).hexdigest()


def state(project: Project, letter: Letter, labels: Labels) -> tuple[State, list[Problem]]:
    """Where the approval of the localized letter stands, and what is wrong with reviews.csv."""
    rows, problems = read_reviews(project)
    mine = [row for row in rows if (row.letter, row.language) == (letter.id, letter.lang)]
    covered = texts(letter, labels)
    present = digest(covered)
    standing = next((row for row in reversed(mine) if row.digest == present), None)
    if standing or not mine:
        return State(standing, standing is not None), problems
    return State(mine[-1], False, *_difference(project, letter, covered)), problems


def unapproved(project: Project, letter: Letter, labels: Labels, translations: Translations | None = None) -> list[Problem]:
    """What keeps the language from being official as far as its approval goes: code `not-approved`.

    The first of the texts that changed are named, with msgid and line where `translations` has them; the others are counted.
    """
    found, problems = state(project, letter, labels)
    if not found.valid:
        where = Position(project.relative(project.translations / REVIEWS))
        why = "nobody has approved it" if found.approval is None else f"the approval of {found.approval.date} is void; {_few(found, texts(letter, labels), translations)}"
        hint = f"let a second reader compare it with the source, then: engross approve {letter.id} -l {letter.lang} --by ROLE"
        problems.append(Problem("not-approved", f"{letter.id} {letter.lang}: {why}", where, hint))
    return problems


def _few(found: State, covered: Texts, translations: Translations | None) -> str:
    """Which texts void an approval: some by name, the others by number."""
    if not found.changed:
        return found.reason() if len(found.removed) <= NAMED else f"gone: {', '.join(found.removed[:NAMED])} and {len(found.removed) - NAMED} more"
    said = {label: (role, text) for label, role, text in covered}
    entries = {(entry.role, entry.text): (f"{each.path}:{entry.line}", entry.source) for each in (translations.catalogs.values() if translations else ()) for entry in each.active}
    named = []
    for label in found.changed[:NAMED]:
        place, source = entries.get(said[label], ("", said[label][1]))
        named.append(f"{label} “{source if len(source) <= _WIDTH else source[: _WIDTH - 1] + '…'}”" + (f" ({place})" if place else ""))
    more = len(found.changed) - len(named)
    return f"changed: {', '.join(named)}" + (f" and {more} more: engross status lists them" if more else "")


def approve(project: Project, letter: Letter, labels: Labels, reviewer: str, today: date) -> Approval:
    """Record the approval of the localized letter.

    Raises:
        UsageError: the reviewer is empty, or would be a formula in a spreadsheet.
        Rejected: a text is fuzzy or empty, or reviews.csv has errors.
    """
    reviewer = " ".join(reviewer.split())
    if not reviewer or reviewer[0] in "=+-@":
        raise UsageError(f"{reviewer!r} cannot stand for a reviewer", hint="name the role of who read it, for instance `second reader, Korean desk`")
    open_texts = [s for s in printed_segments(letter) if s.standing in (Standing.EMPTY, Standing.FUZZY)]
    rows, problems = read_reviews(project)
    problems += [Problem("untranslated" if s.standing is Standing.EMPTY else "fuzzy", f"{s.label} is not translated yet", s.where) for s in open_texts]
    if any(problem.is_error for problem in problems):
        raise Rejected(problems, f"{letter.id} {letter.lang} cannot be approved yet")
    covered = texts(letter, labels)
    entry = Approval(letter.id, letter.lang, reviewer, today, digest(covered))
    if entry not in rows:
        rows.append(entry)
    files.write_atomic(_list_path(project, letter), _list_json(covered))
    path = project.translations / REVIEWS
    files.write_atomic(path, _csv(rows))
    return entry


def read_reviews(project: Project) -> tuple[list[Approval], list[Problem]]:
    """The rows of reviews.csv as they stand, also when a spreadsheet program saved them (BOM, semicolons), and what is wrong with them."""
    path = project.translations / REVIEWS
    name = project.relative(path)
    data = files.read_or_empty(path)
    if not data.strip():
        return [], []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [Problem("bad-reviews", "the file is not UTF-8", Position(name, data.count(b"\n", 0, error.start) + 1), "save it as CSV UTF-8")]
    head = text.splitlines()[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    if tuple(reader.fieldnames or ()) != COLUMNS:
        return [], [Problem("bad-reviews", f"the columns must be {', '.join(COLUMNS)}", Position(name, 1), "restore the first line")]
    rows: list[Approval] = []
    problems: list[Problem] = []
    try:
        for row in reader:
            letter, language, reviewer, day, sha = (row[column] or "" for column in COLUMNS)
            try:
                rows.append(Approval(letter, language, reviewer, date.fromisoformat(day), sha))
            except ValueError:
                problems.append(Problem("bad-reviews", f"{day!r} is not a date", Position(name, reader.line_num), "write it as 2018-06-06"))
    except csv.Error as error:
        problems.append(Problem("bad-reviews", f"it is not a table: {error}", Position(name, reader.line_num + 1)))
    return rows, problems


def _csv(rows: Iterable[Approval]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((row.letter, row.language, row.reviewer, row.date.isoformat(), row.digest) for row in sorted(rows, key=lambda r: (r.letter, r.language)))
    return stream.getvalue().encode()


def _short(role: str, text: str) -> str:
    return hashlib.sha256(canonical_json([role, text])).hexdigest()[:_SHORT]


def _list_path(project: Project, letter: Letter) -> Path:
    return project.translations / "reviews" / f"{letter.id}.{letter.lang}.json"


def _list_json(covered: Texts) -> bytes:
    lines = ",\n".join(json.dumps([label, _short(role, text)], ensure_ascii=False) for label, role, text in covered)
    return f"[\n{lines}\n]\n".encode()


def _difference(project: Project, letter: Letter, covered: Texts) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels of the texts that the approved list does not have, and of the approved ones that are gone."""
    try:
        approved = [(str(label), str(short)) for label, short in json.loads(files.read_or_empty(_list_path(project, letter)) or b"[]")]
    except ValueError:
        approved = []
    present = [(label, _short(role, text)) for label, role, text in covered]
    return _missing(present, approved), _missing(approved, present)


def _missing(these: list[tuple[str, str]], others: list[tuple[str, str]]) -> tuple[str, ...]:
    left = Counter(short for _, short in others)
    out = []
    for label, short in these:
        if left[short]:
            left[short] -= 1
        else:
            out.append(label)
    return tuple(out)
