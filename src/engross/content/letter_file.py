"""content/<letter>/letter.md: front matter, body and signatories as one `Letter`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engross.content.body import Body, read_body
from engross.content.fields import nearest
from engross.content.front_matter import FrontMatter, read_front_matter
from engross.content.signatories import read_signatories
from engross.content.source import read_source
from engross.content.wording import unused, wording_problems
from engross.errors import Position, Problem
from engross.letter import Consent, Letter, Mission, Segment, Signatory
from engross.project import Project
from engross.values import value_class


def read_letter(project: Project, letter_id: str, missions: Sequence[Mission]) -> tuple[Letter | None, list[Problem]]:
    """The letter in its source language, and everything that is wrong with it.

    There is a letter as soon as it has what every letter has: title, date, addressee, salutation, body and closing. It may be built only if no
    problem is an error.
    """
    path = project.content / letter_id / "letter.md"
    source = project.settings.languages[0]
    signatories, problems = read_signatories(project, letter_id)
    text, faults = read_source(project, path)
    problems = faults + problems
    if text is None:
        return None, problems
    name = project.relative(path)
    split = _split(text, name)
    if isinstance(split, Problem):
        return None, [split, *problems]
    front, faults = read_front_matter(split.front, name, source, letter_id, missions)
    problems += faults
    body, faults = read_body(split.body, name, split.body_line, source, letter_id)
    problems += faults
    if front is None:
        return None, problems
    problems += _lead_problems(front, signatories)
    letter = _letter(letter_id, source, front, body, signatories) if front.complete and body.blocks else None
    if letter:
        problems += _wording(letter, front, body)
    return letter, sorted(problems, key=lambda problem: (problem.where.path, problem.where.line, problem.where.column))


@value_class
class _Split:
    front: str
    """Padded with empty lines, so that its line numbers are the file's."""
    body: str
    body_line: int


def _split(text: str, path: str) -> _Split | Problem:
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return Problem(
            "bad-front-matter", "the file does not begin with front matter", Position(path, 1), "begin it with a line “---”, then `title:`, `date:` …, then a line “---”"
        )
    end = next((index for index, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if not end or any(line.startswith("## ") and not lines[index].strip() for index, line in enumerate(lines[1:end])):  # a section before its end
        return Problem("bad-front-matter", "the front matter does not end", Position(path, 1), "end it with a line “---”")
    return _Split("\n" + "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2)


def _lead_problems(front: FrontMatter, signatories: Sequence[Signatory]) -> Iterator[Problem]:
    if not front.lead or not signatories:
        return
    lead = next((s for s in signatories if s.id == front.lead.text), None)
    if lead is None:
        yield Problem("unknown-lead", f"no signatory has the id {front.lead.text!r}", front.lead.where, nearest(front.lead.text, [s.id for s in signatories][:400], "ids"))
    elif lead.status is not Consent.CONFIRMED:
        yield Problem("unknown-lead", f"the lead organization {lead.name.text} is {lead.status.value}", front.lead.where, "name the row that is confirmed")


def _letter(letter_id: str, source: str, front: FrontMatter, body: Body, signatories: tuple[Signatory, ...]) -> Letter:
    assert front.title
    assert front.date
    assert front.salutation
    assert front.closing
    return Letter(
        id=letter_id,
        lang=source,
        source_lang=source,
        date=front.date,
        edition=front.edition,
        title=front.title,
        addressees=front.addressees,
        salutation=front.salutation,
        body=body.blocks,
        closing=front.closing,
        signatories=signatories,
        cc=front.cc,
        notes=body.notes,
        lead=front.lead.text if front.lead else "",
        place=front.place,
        subject=front.subject,
        cc_position=front.cc_position,
        recipients=front.recipients,
        enclosures=front.enclosures,
        cover_note=front.cover_note,
        email_subject=front.email_subject,
        signed_by=front.signed_by,
        embargo=front.embargo,
        supersedes=front.supersedes,
        reason=front.reason,
        published_at=front.published_at,
        sic=tuple(entry.text for entry in front.sic),
        where=Position(front.title.where.path, 1),
    )


def _wording(letter: Letter, front: FrontMatter, body: Body) -> list[Problem]:
    segments = list(dict.fromkeys(letter.segments()))

    def at(segment: Segment, offset: int) -> Position:
        lines = body.places.get(segment.label)
        return lines.at(offset) if lines else Position(segment.where.path, segment.where.line, segment.where.column + front.offsets.get(segment.label, 0) + offset)

    unprinted = {f"sig.{s.id}.{part}" for s in letter.signatories if s.status not in (Consent.CONFIRMED, Consent.PENDING) for part in ("name", "place", "group", "affiliation")}
    printed = [segment for segment in segments if segment.label not in unprinted]
    sic = [(entry.text, entry.where) for entry in front.sic]
    return wording_problems(printed, letter.sic, at) + unused(segments, (s.acronym for s in letter.signatories), sic)
