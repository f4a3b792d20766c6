"""One letter made ready: read, translated, checked. What comes out here is what is rendered, signed and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from engross.content import missing_glyphs, read_labels, read_letter, read_missions
from engross.errors import Problem, Rejected, Severity
from engross.labels import Labels
from engross.letter import Consent, Letter
from engross.project import Project


@dataclass(frozen=True, slots=True)
class Version:
    """The letter in one language, with the layout's words."""

    letter: Letter
    labels: Labels


@dataclass(frozen=True, slots=True)
class Edition:
    """A letter in the languages asked for."""

    letter: Letter
    """In the language it was written in."""
    versions: Mapping[str, Version]
    """By locale, in the order of the settings."""
    official: bool
    problems: tuple[Problem, ...] = ()
    """Warnings; and, of a draft, what an official build would refuse."""


def prepare(project: Project, name: str, languages: Sequence[str], *, official: bool, leave_out: Sequence[str] = ()) -> Edition:
    """Read a letter and all that belongs to it.

    Raises:
        Rejected: with every problem found, when there is an error; for an official edition also what is untranslated, unapproved or pending.
    """
    from engross import translation

    missions, problems = read_missions(project)
    letter, found = read_letter(project, name, missions)
    label_segments, label_problems = read_labels(project)
    problems = [*problems, *found, *label_problems]
    if letter is None or any(problem.is_error for problem in problems):
        raise Rejected(problems)
    letter, pending = _leave_out(letter, leave_out)
    problems += pending
    versions: dict[str, Version] = {}
    gaps: list[Problem] = []
    for code in languages:
        catalogues, faults = translation.load(project, code, letter)
        local = translation.localize(letter, catalogues, project.locale(code))
        labels = translation.localize_labels(label_segments, catalogues)
        problems += faults
        problems += missing_glyphs(local, labels, project)
        gaps += translation.gaps(local, label_segments, catalogues)
        if not gaps and code != letter.source_lang:
            gaps += translation.unapproved(project, local, labels)
        versions[code] = Version(local, labels)
    if official:
        problems += [*gaps, *(_pending(p) for p in problems if p.code == "pending-signatory")]
    if any(problem.is_error for problem in problems):
        raise Rejected(problems)
    return Edition(letter, versions, official, tuple(problems if official else [*problems, *gaps]))


def _leave_out(letter: Letter, names: Sequence[str]) -> tuple[Letter, list[Problem]]:
    """The letter without the pending signatories named, and a problem for each name that is not one."""
    pending = {s.id for s in letter.signatories if s.status is Consent.PENDING}
    wrong = [
        Problem("unknown-signatory", f"{name!r} is not a pending signatory", letter.where, f"pending: {', '.join(sorted(pending))}" if pending else "no signatory is pending")
        for name in names
        if name not in pending
    ]
    return replace(letter, signatories=tuple(s for s in letter.signatories if s.id not in names)), wrong


def _pending(problem: Problem) -> Problem:
    return replace(problem, severity=Severity.ERROR)
