"""Everything that can be said against a workspace without rendering it: what `engross check` reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from engross import translation
from engross.content import missing_glyphs, read_glossary, read_labels, read_letter, read_missions
from engross.edition import prepare
from engross.errors import Problem, Rejected, UsageError
from engross.project import Project

if TYPE_CHECKING:
    from engross.translation import Approval


def inspect(project: Project, letters: Sequence[str], languages: Sequence[str]) -> list[Problem]:
    """All problems of the letters and languages asked for (all when none is named), without repeats, in no particular order.

    What is merely unfinished (empty, fuzzy, not approved) is not a problem here: see `engross status`.
    """
    missions, problems = read_missions(project)
    glossary, found = read_glossary(project)
    segments, label_problems = read_labels(project)
    problems = [*problems, *found, *label_problems]
    for name in project.pick(letters):
        letter, found = read_letter(project, name, missions)
        problems += found
        if letter is None:
            continue
        for code in project.languages(languages):
            catalogues, faults = translation.load(project, code, letter)
            local, labels = translation.localize(letter, catalogues, project.locale(code)), translation.localize_labels(segments, catalogues)
            problems += [*faults, *missing_glyphs(local, labels, project), *translation.examine(catalogues, glossary, project.locale(code))]
    return list(dict.fromkeys(problems))


def approve(project: Project, name: str, language: str, role: str, today: date) -> Approval:
    """Record the approval of a language of a letter.

    Raises:
        Rejected: the text is not complete and clean yet, so there is nothing final to approve.
        UsageError: the letter or the language is unknown, or the role is empty.
    """
    if not role.strip():
        raise UsageError("--by is empty", hint="name the role of who read it")
    (name,), (code,) = project.pick([name]), project.languages([language])
    version = prepare(project, name, [code], official=False)
    unfinished = [problem for problem in version.problems if problem.code in ("untranslated", "fuzzy")]
    problems = [*unfinished, *(problem for problem in inspect(project, [name], [code]) if problem.is_error)]
    if problems:
        raise Rejected(problems, f"{name} {code} is not ready for approval")
    local = version.versions[code]
    return translation.approve(project, local.letter, local.labels, role.strip(), today)
