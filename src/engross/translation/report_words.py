"""The words of the delivery report in a language. They are in no letter: no approval and no build depends on them, and a report is made only when they are complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engross.content import Term, missing_glyphs, read_report_words
from engross.errors import EngrossError, Problem, Rejected
from engross.labels import Labels
from engross.letter import Segment
from engross.project import Project
from engross.translation import catalog
from engross.translation.examination import examine
from engross.translation.localization import Translations, localize_labels, segment_gaps
from engross.translation.po import REPORT_DOMAIN
from engross.values import value_class


@value_class
class Wording:
    """The report's words in one language, as far as they go."""

    segments: tuple[Segment, ...]
    translations: Translations
    problems: tuple[Problem, ...]
    """What is wrong with the words and their catalogue."""
    unfinished: tuple[Problem, ...]
    """What is not translated, or is to be reviewed."""


def read_wording(project: Project, lang: str, glossary: Sequence[Term] = ()) -> Wording:
    """The words, their translations, and everything that is said against them."""
    segments, problems = read_report_words(project)
    source = project.settings.languages[0]
    catalogs = {}
    if segments and lang != source:
        catalogs[REPORT_DOMAIN], found = catalog.read(project, catalog.catalog_path(project, lang, REPORT_DOMAIN))
        problems += found
    translations = Translations(lang, source, catalogs)
    labels = localize_labels(segments, translations)
    printed = [replace(segment, text=labels[segment.label], lang=lang) for segment in segments]
    problems += missing_glyphs(printed, project.locale(lang), project.layouts / "fonts", project.settings.locales)
    problems += examine(translations, glossary, project.locale(lang))
    standing = [replace(segment, standing=translations.standing(segment)) for segment in segments]
    return Wording(segments, translations, tuple(problems), tuple(segment_gaps(standing, translations)) if catalogs else ())


def report_words(project: Project, lang: str) -> Labels:
    """The words of the report, complete.

    Raises:
        EngrossError: the layouts have no report.
        Rejected: a word is not translated, is to be reviewed, or has a fault.
    """
    wording = read_wording(project, lang)
    if not wording.segments:
        raise EngrossError("layouts/report.yaml is missing or empty", hint="restore it from the repository, or from a new `engross init`")
    wrong = [problem for problem in (*wording.problems, *wording.unfinished) if problem.is_error or problem in wording.unfinished]
    if wrong:
        raise Rejected(wrong, f"the report's words are not ready in {lang}")
    return localize_labels(wording.segments, wording.translations)
