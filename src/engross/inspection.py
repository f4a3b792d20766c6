"""Everything that can be said against a workspace without rendering it: what `engross check` reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from engross import translation
from engross.content import read_glossary
from engross.edition import is_opinion, prepare, read_source, read_version
from engross.errors import Problem, Rejected, UsageError
from engross.project import Project
from engross.translation.report_words import read_wording

if TYPE_CHECKING:
    from engross.translation import Approval


def inspect(project: Project, letters: Sequence[str], languages: Sequence[str]) -> list[Problem]:
    """All problems of the letters and languages asked for (all when none is named) and of the report's words, without repeats, in no particular order.

    What is merely unfinished (empty, fuzzy, not approved) is not a problem here: see `engross status`.
    """
    problems: list[Problem] = []
    for name in project.pick(letters):
        source, found = read_source(project, name)
        problems += found
        for code in project.languages(languages):
            if source:
                problems += read_version(project, source, code)[1]
    glossary, _ = read_glossary(project)
    for code in project.languages(languages):
        problems += read_wording(project, code, glossary).problems
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
    ready = prepare(project, name, [code], official=False)
    missing = [problem for problem in ready.unfinished if problem.code in ("untranslated", "fuzzy") or is_opinion(problem)]
    if missing:
        raise Rejected(missing, f"{name} {code} is not ready for approval")
    local = ready.versions[code]
    return translation.approve(project, local.letter, local.labels, role.strip(), today)
