"""The checks as a plugin of Babel (entry point `babel.checkers`): `pybabel compile` and whatever else calls `Catalog.check` runs them."""

from __future__ import annotations

from dataclasses import replace

from babel.messages.catalog import Catalog, Message, TranslationError

from engross.errors import Position
from engross.locales import BUILT_IN, Locale
from engross.translation.checks import Pair, check_pair
from engross.translation.checks.pair import MARKUP_ROLES


def check(catalog: Catalog | None, message: Message) -> None:
    """Check one message without a glossary; plurals, headers and catalogues without a locale are left alone.

    Raises:
        TranslationError: with all errors of the message; warnings are for `engross check`.
    """
    if catalog is None or catalog.locale is None or not isinstance(message.id, str) or not isinstance(message.string, str) or not message.id or not message.string:
        return
    locale = _locale(str(catalog.locale))
    if locale.code == "en":
        return
    role = str(message.context or "")
    pair = Pair("", role, message.id, message.string, role in MARKUP_ROLES, Position("", message.lineno or 0), tuple(message.user_comments), locale.code)
    errors = [problem for problem in check_pair(pair, locale) if problem.is_error]
    if errors:
        raise TranslationError("; ".join(f"[{problem.code}] {problem.message}" for problem in errors))


def _locale(code: str) -> Locale:
    code = code.replace("_", "-")
    for known in (code, code.split("-")[0]):
        if known in BUILT_IN:
            return BUILT_IN[known]
    return replace(BUILT_IN["en"], code=code, tag=code)
