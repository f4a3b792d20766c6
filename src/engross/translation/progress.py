"""How far each language of a letter is, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from engross.errors import Problem, Rejected
from engross.letter import Letter, Section, Segment, Standing
from engross.project import Project
from engross.translation import approval
from engross.translation.checks import waivers
from engross.translation.examination import pairs
from engross.translation.localization import Translations, load, localize, localize_labels, printed_segments
from engross.translation.messages import words
from engross.translation.report_words import read_wording
from engross.values import value_class


@value_class
class Tally:
    """Texts and source words of one part of a letter in one language; equal texts count once."""

    name: str
    """`opening`, a section's heading, `closing`, `signatories`, `missions`, `layouts`; empty for the whole."""
    translated: int = 0
    fuzzy: int = 0
    empty: int = 0
    optional: int = 0
    """Without translation and not in need of one."""
    words: int = 0
    """Source words of all texts that need a translation."""
    words_left: int = 0
    """Source words of those that are fuzzy or empty."""


@value_class
class Waived:
    """A check that a translator has silenced for one entry."""

    code: str
    reason: str
    where: str
    """`path:line` of the entry."""


@value_class
class LanguageStatus:
    """One language of a letter."""

    language: str
    total: Tally
    parts: tuple[Tally, ...]
    last_change: str
    """The latest PO-Revision-Date of the letter's catalogue; empty for the source language."""
    approval_state: approval.State
    waivers: tuple[Waived, ...] = ()
    report: Tally = Tally("report")
    """The words of the delivery report, which are in no letter and not counted in the total."""

    @property
    def translated(self) -> int:
        """Texts with a sound translation."""
        return self.total.translated

    @property
    def fuzzy(self) -> int:
        """Texts whose translation is to be reviewed."""
        return self.total.fuzzy

    @property
    def empty(self) -> int:
        """Texts that need a translation and have none."""
        return self.total.empty

    @property
    def words_left(self) -> int:
        """Source words still to translate or to review."""
        return self.total.words_left

    @property
    def share(self) -> int:
        """Per cent of the texts that need a translation and have a sound one, rounded down: 100 means all."""
        needed = self.translated + self.fuzzy + self.empty
        return self.translated * 100 // needed if needed else 100

    @property
    def approval(self) -> str:
        """Who approved it and when, or why that does not hold any more."""
        return str(self.approval_state)


@value_class
class LetterStatus:
    """Every language of a letter."""

    letter: str
    languages: tuple[LanguageStatus, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain data, for `--json`."""
        return {"letter": self.letter, "languages": [_json(row) for row in self.languages]}

    def line(self) -> str:
        """All languages on one line, for a README: `en 100 %, ko 97 % (3 fuzzy)`."""
        return ", ".join(f"{row.language} {row.share} %" + (f" ({row.fuzzy} fuzzy)" if row.fuzzy else "") for row in self.languages)


def status(project: Project, name: str, languages: Sequence[str]) -> LetterStatus:
    """The state of a letter in the languages given.

    Raises:
        Rejected: the letter or a catalogue cannot be read.
    """
    from engross.content import read_labels, read_letter, read_missions
    from engross.content.source import causes, unread

    missions, problems = read_missions(project)
    letter, found = read_letter(project, name, missions)
    labels, more = read_labels(project)
    problems = [*problems, *found, *more]
    if letter is None or unread(problems):
        raise Rejected(causes(problems))
    rows: list[LanguageStatus] = []
    for code in languages:
        translations, faults = load(project, code, letter)
        problems += faults
        row, faults = language_status(project, letter, labels, translations)
        problems += faults
        wording = read_wording(project, code)
        problems += wording.problems
        rows.append(replace(row, report=_tally("report", wording.segments, wording.translations, set())))
    broken = [problem for problem in problems if problem.is_error and problem.code.startswith(("po-", "bad-reviews"))]
    if broken:
        raise Rejected(broken)
    return LetterStatus(name, tuple(rows))


def language_status(project: Project, letter: Letter, labels: Sequence[Segment], translations: Translations) -> tuple[LanguageStatus, list[Problem]]:
    """One language's state; `letter` is in its source language."""
    parts = parts_of(letter) | {"layouts": list(labels)}
    seen: set[tuple[str, str, str]] = set()
    tallies = [_tally(name, segments, translations, seen) for name, segments in parts.items()]
    total = Tally("", *(sum(getattr(t, field) for t in tallies) for field in ("translated", "fuzzy", "empty", "optional", "words", "words_left")))
    local = localize(letter, translations, project.locale(translations.lang))
    approved, problems = approval.state(project, local, localize_labels(labels, translations))
    dates = [each.header.get("PO-Revision-Date", "") for each in translations.catalogs.values()]
    waived = tuple(Waived(waiver.code, waiver.reason, str(waiver.where)) for waiver in waivers(pairs(translations)))
    return LanguageStatus(translations.lang, total, tuple(tallies), max(dates, default=""), approved, waived), problems


def parts_of(letter: Letter) -> dict[str, list[Segment]]:
    """The letter's printed segments by part, in its order. Equal headings are one part."""
    bare = replace(letter, body=(), signatories=(), cc=(), recipients=(), notes=())
    parts: dict[str, list[Segment]] = {"opening": [s for s in bare.segments() if s is not letter.closing]}
    name = "opening"
    frame = replace(bare, addressees=(), enclosures=(), place=None, subject=None, cover_note=None, email_subject=None)
    outside = {id(segment) for segment in frame.segments()}
    for block in letter.body:
        if isinstance(block, Section):
            name = block.heading.text
        elif name != "opening":
            name = "closing"
        inner = [s for s in replace(frame, body=(block,)).segments() if id(s) not in outside]
        parts.setdefault(name, []).extend(inner)
    parts.setdefault("closing", []).extend([letter.closing, *(note.text for note in letter.notes)])
    own = list(printed_segments(replace(letter, body=(), addressees=(), notes=(), enclosures=())))
    parts["signatories"] = [s for s in own if s.role in ("signatory", "place", "group", "affiliation")]
    parts["missions"] = [s for s in own if s.domain == "missions"]
    return parts


def _tally(name: str, segments: Iterable[Segment], translations: Translations, seen: set[tuple[str, str, str]]) -> Tally:
    counts = dict.fromkeys(("translated", "fuzzy", "empty", "optional"), 0)
    total = left = 0
    for segment in segments:
        key = (segment.domain, segment.role, segment.text)
        if key in seen:
            continue
        seen.add(key)
        standing = translations.standing(segment)
        if standing is Standing.SOURCE and not translations.is_source:
            counts["optional"] += 1
            continue
        counts["translated" if standing is Standing.SOURCE else standing.value] += 1
        size = words(segment.text)
        total += size
        left += size if standing in (Standing.FUZZY, Standing.EMPTY) else 0
    return Tally(name, **counts, words=total, words_left=left)


def _json(row: LanguageStatus) -> Mapping[str, Any]:
    found = row.approval_state
    return {
        "language": row.language,
        **{key: value for key, value in asdict(row.total).items() if key != "name"},
        "parts": [asdict(part) for part in row.parts],
        "report": asdict(row.report),
        "last_change": row.last_change,
        "approved": found.valid,
        "approved_by": found.approval.reviewer if found.approval else None,
        "approved_on": found.approval.date.isoformat() if found.approval else None,
        "changed_since": list(found.changed),
        "gone_since": list(found.removed),
        "waivers": [asdict(waived) for waived in row.waivers],
    }
