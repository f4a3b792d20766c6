"""The checks run over what translators wrote: every entry in use that is translated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engross.errors import Position, Problem
from engross.locales import Locale
from engross.translation.checks import RULES, check_catalogue
from engross.translation.checks.pair import Pair, TermLike
from engross.translation.localization import Translations

MARKUP_ROLES = frozenset({"paragraph", "heading", "bullet", "item", "quote", "footnote"})
"""Roles whose texts are inline Markdown; the others are plain."""

OPINIONS = frozenset(rule.code for rule in RULES if rule.waivable)
"""Codes of the checks that a translator may waive, with a reason: a person decides. The others protect the page and its readers."""


def pairs(translations: Translations) -> Iterator[Pair]:
    """The entries in use, those without translation among them: their names count in the others. Fuzzy ones are left out: they are to be reviewed anyway."""
    for domain, catalog in translations.catalogs.items():
        for entry in catalog.active:
            if not entry.fuzzy:
                where = Position(catalog.path, entry.line)
                yield Pair(domain, entry.role, entry.source, entry.text, entry.role in MARKUP_ROLES, where, entry.notes, translations.lang, translations.source_lang)


def examine(translations: Translations, glossary: Sequence[TermLike], locale: Locale) -> list[Problem]:
    """What the checks find in a language's catalogues for one letter, waivers applied."""
    return check_catalogue(pairs(translations), locale, glossary)
