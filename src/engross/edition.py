"""One letter made ready: read, translated, checked. What comes out here is what is rendered, signed and sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from engross.content import Term, editions, missing_glyphs, read_glossary, read_labels, read_letter, read_missions
from engross.content.source import causes
from engross.errors import Problem, Rejected
from engross.letter import Consent, Letter, Segment
from engross.project import SETTINGS_FILE, Project
from engross.task import Version
from engross.values import value_class

if TYPE_CHECKING:
    from engross.translation import Translations

T = TypeVar("T")
PENDING = "pending-signatory"
"""The reader of signatories warns of them; a build says so once, as what holds the edition, of those that are not left out."""


class Keep(Protocol):
    """Who builds again and again may keep what was worked out from files that have not changed."""

    def __call__(self, name: str, reads: Sequence[str], make: Callable[[], T], /) -> T:
        """What `make` gives, or gave under this name from the same files: `reads` are beginnings of paths in the workspace."""


def anew(_name: str, _reads: Sequence[str], make: Callable[[], T], /) -> T:
    """Keeps nothing."""
    return make()


@value_class
class Edition:
    """A letter in the languages asked for."""

    letter: Letter
    """In the language it was written in."""
    versions: Mapping[str, Version]
    """By locale, in the order of the settings."""
    official: bool
    problems: tuple[Problem, ...] = ()
    """Warnings."""
    unfinished: tuple[Problem, ...] = ()
    """Of a draft: what an official build would refuse."""


@value_class
class Source:
    """What every language of a letter starts from."""

    letter: Letter
    labels: tuple[Segment, ...]
    glossary: tuple[Term, ...]


def read_source(project: Project, name: str, keep: Keep = anew) -> tuple[Source | None, list[Problem]]:
    """The letter as written, the layout's words and the glossary, and everything wrong with them."""
    missions, problems = keep("missions", (SETTINGS_FILE, "content/missions.yaml"), lambda: read_missions(project))
    letter, found = keep(f"letter {name}", (SETTINGS_FILE, "content/missions.yaml", f"content/{name}/"), lambda: read_letter(project, name, missions))
    labels, label_problems = keep("labels", (SETTINGS_FILE, "layouts/labels.yaml"), lambda: read_labels(project))
    glossary, glossary_problems = keep("glossary", (SETTINGS_FILE, "content/glossary.csv"), lambda: read_glossary(project))
    problems = [*causes([*problems, *found]), *label_problems, *glossary_problems]
    return (Source(letter, labels, glossary) if letter else None), problems


@value_class
class Translated:
    """The letter in one language before anybody has examined it."""

    version: Version
    catalogues: Translations
    frozen: editions.FrozenEdition | None
    """What was signed of this edition, if anything."""
    problems: list[Problem]
    """What is wrong with the catalogues as files."""


def translate(project: Project, source: Source, code: str) -> Translated:
    """The letter in one language, of the catalogues as they are."""
    from engross import translation

    catalogues, problems = translation.load(project, code, source.letter)
    frozen = editions.read(project, source.letter.id, source.letter.edition)
    local = editions.thaw(frozen, translation.localize(source.letter, catalogues, project.locale(code)))
    return Translated(Version(local, translation.localize_labels(source.labels, catalogues)), catalogues, frozen, problems)


def examine(project: Project, source: Source, code: str, made: Translated) -> tuple[list[Problem], list[Problem]]:
    """What is wrong with the letter in one language; and what is merely not finished yet (untranslated, fuzzy, not approved)."""
    from engross import translation

    local, labels, catalogues = made.version.letter, made.version.labels, made.catalogues
    words = [replace(segment, text=labels[segment.label], lang=code) for segment in source.labels]
    problems = [
        *made.problems,
        *missing_glyphs([*translation.printed_segments(local), *words], project.locale(code), project.layouts / "fonts", project.settings.locales),
        *translation.examine(catalogues, source.glossary, project.locale(code)),
        *editions.refusals(made.frozen, local),
    ]
    unfinished = translation.gaps(local, source.labels, catalogues)
    if not unfinished and code != source.letter.source_lang:
        unfinished = translation.unapproved(project, local, labels, catalogues)
    return problems, unfinished


def read_version(project: Project, source: Source, code: str) -> tuple[Version, list[Problem], list[Problem]]:
    """The letter in one language; what is wrong with it; and what is merely not finished yet."""
    made = translate(project, source, code)
    return made.version, *examine(project, source, code, made)


def prepare(
    project: Project, name: str, languages: Sequence[str], *, official: bool, leave_out: Sequence[str] = (), keep: Keep = anew, ahead: Callable[[Edition], None] | None = None
) -> Edition:
    """Read a letter and all that belongs to it. Who keeps what was read asks for the same `leave_out` each time.

    `ahead` gets the edition as soon as it is translated and nothing is known to be wrong with it: it may still be refused when its translations are examined.
    A check of translations that a translator may waive is an opinion: a draft is made all the same, so that people see what it speaks of.

    Raises:
        Rejected: with every problem found, when there is an error; for an official edition also what is untranslated, unapproved or pending.
    """
    source, problems = read_source(project, name, keep)
    if source is None:
        raise Rejected(problems)
    letter, wrong = _leave_out(source.letter, leave_out)
    source = replace(source, letter=letter)
    problems += wrong
    unfinished = _pending(letter)
    problems = [problem for problem in problems if problem.code != PENDING]
    reads = {code: (SETTINGS_FILE, "content/", "layouts/labels.yaml", "layouts/fonts/", f"translations/{code}/", "translations/reviews") for code in languages}
    made = {code: keep(f"translated {name} {code}", reads[code], partial(translate, project, source, code)) for code in languages}
    versions = {code: translated.version for code, translated in made.items()}
    if ahead and not any(problem.is_error for problem in (*problems, *(found for translated in made.values() for found in translated.problems))):
        ahead(Edition(letter, versions, official))
    for code in languages:
        found, missing = keep(f"examined {name} {code}", reads[code], partial(examine, project, source, code, made[code]))
        opinions = [] if official else [problem for problem in found if problem.is_error and is_opinion(problem)]
        problems += [problem for problem in found if problem not in opinions]
        unfinished += [*opinions, *missing]
    problems = list(dict.fromkeys(problems))
    if any(problem.is_error for problem in problems) or (official and unfinished):
        raise Rejected([*problems, *(unfinished if official else [])])
    return Edition(letter, versions, official, tuple(problems), tuple(unfinished))


def is_opinion(problem: Problem) -> bool:
    """Whether it is the result of a check that a translator may waive."""
    from engross import translation

    return problem.code in translation.OPINIONS


def _leave_out(letter: Letter, names: Sequence[str]) -> tuple[Letter, list[Problem]]:
    """The letter without the pending signatories named, and a problem for each name that is not one."""
    pending = {s.id for s in letter.signatories if s.status is Consent.PENDING}
    wrong = [
        Problem("unknown-signatory", f"{name!r} is not a pending signatory", letter.where, f"pending: {', '.join(sorted(pending))}" if pending else "no signatory is pending")
        for name in names
        if name not in pending
    ]
    return replace(letter, signatories=tuple(s for s in letter.signatories if s.id not in names)), wrong


def _pending(letter: Letter) -> list[Problem]:
    hint = "wait for the consent, or build without it: --leave-out {}"
    waiting = (s for s in letter.signatories if s.status is Consent.PENDING)
    return [Problem(PENDING, f"{s.name.text} has not consented yet", s.name.where, hint.format(s.id)) for s in waiting]
