"""The checks of translations: a list of small functions, each with a code that docs/checks.md explains.

A check looks at one entry and yields what it found; nothing is corrected. Errors stop an official build, warnings ask for a look.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from engross.errors import Problem, Severity
from engross.locales import Locale
from engross.translation.checks import across, characters, glossary, language, punctuation, structure, values
from engross.translation.checks import waivers as waiving
from engross.translation.checks.glossary import Index, Use
from engross.translation.checks.pair import NAME_ROLES, Case, Finding, Pair, Rule, TermLike
from engross.translation.checks.waivers import Waiver, waivers

__all__ = ["CODES", "RULES", "Finding", "Pair", "Rule", "TermLike", "Use", "Waiver", "check_catalogue", "check_pair", "term_uses", "waivers"]

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

RULES: tuple[Rule, ...] = (
    Rule("characters", _ERROR, characters.characters, waivable=False),
    Rule("line-break", _ERROR, characters.line_break, waivable=False),
    Rule("edge-space", _ERROR, characters.edge_space, waivable=False),
    Rule("nfc", _ERROR, characters.composed, waivable=False),
    Rule("html", _ERROR, structure.html, waivable=False),
    Rule("template", _ERROR, structure.template, waivable=False),
    Rule("block-start", _ERROR, structure.block_start, waivable=False),
    Rule("placeholders", _ERROR, structure.placeholders, waivable=False),
    Rule("emphasis", _ERROR, structure.emphasis),
    Rule("links", _ERROR, structure.links),
    Rule("notes", _ERROR, structure.notes, waivable=False),
    Rule("addresses", _ERROR, structure.addresses),
    Rule("figures", _ERROR, values.figures_kept),
    Rule("spelled-figures", _WARNING, values.spelled),
    Rule("figure-order", _WARNING, values.order),
    Rule("figure-style", _WARNING, values.style),
    Rule("units", _ERROR, values.units),
    Rule("glossary", _ERROR, glossary.terms_kept),
    Rule("glossary-unasked", _WARNING, glossary.terms_unasked),
    Rule("source-copy", _ERROR, language.source_copy),
    Rule("script", _ERROR, language.wrong_script),
    Rule("other-language", _WARNING, language.other_language),
    Rule("length", _WARNING, language.length),
    Rule("brackets", _WARNING, punctuation.brackets),
    Rule("quotes", _WARNING, punctuation.quotes),
    Rule("inverted", _WARNING, punctuation.inverted),
    Rule("ending", _WARNING, punctuation.ending),
    Rule("width", _WARNING, punctuation.width),
    Rule("spacing", _WARNING, punctuation.spacing),
    Rule("doubled", _WARNING, punctuation.doubled),
)
"""In the order in which they run and report."""

CODES: dict[str, Rule | None] = {**{rule.code: rule for rule in RULES}, **dict.fromkeys(across.CODES)}
"""Every code that a waiver may name."""


def check_pair(pair: Pair, locale: Locale, glossary: Sequence[TermLike] = (), names: Iterable[str] = ()) -> list[Problem]:
    """What is wrong with one translation, waivers applied. `names` are proper names in which glossary terms do not count."""
    return waiving.apply(pair, _problems(pair, _findings(_case(pair, locale, Index(glossary, locale, names), names))), CODES) if pair.target else []


def check_catalogue(pairs: Iterable[Pair], locale: Locale, glossary: Sequence[TermLike] = (), names: Iterable[str] = ()) -> list[Problem]:
    """What is wrong with a language's translations, singly and against each other.

    The names of signatories among the pairs count as proper names in all of them. Entries without translation are passed over.
    """
    pairs = list(pairs)
    translated = [pair for pair in pairs if pair.target]
    known = _names(pairs, names)
    index = Index(glossary, locale, known)
    kept = _kept(locale, tuple(glossary), known)
    found: dict[int, list[Problem]] = {}
    for pair in translated:
        text = (pair.role, pair.source, pair.target, pair.markup, pair.lang, pair.source_lang)
        if text not in kept:
            kept[text] = _findings(_case(pair, locale, index, known))
        found[id(pair)] = _problems(pair, kept[text])
    for pair, problem in across.differing(translated):
        found[id(pair)].append(problem)
    return [problem for pair in translated for problem in waiving.apply(pair, found[id(pair)], CODES)]


def term_uses(pairs: Iterable[Pair], locale: Locale, glossary: Sequence[TermLike]) -> dict[str, dict[str, list[Pair]]]:
    """For each glossary term the renderings in use and the entries that use them: several for one term are worth a look."""
    pairs = list(pairs)
    translated = [pair for pair in pairs if pair.target and pair.role not in NAME_ROLES]
    index = Index(glossary, locale, _names(pairs, ()))
    table: dict[str, dict[str, list[Pair]]] = {}
    for pair in translated:
        for use in _uses(pair, locale, index):
            table.setdefault(use.term, {}).setdefault(use.rendering, []).append(pair)
    return table


def _uses(pair: Pair, locale: Locale, index: Index) -> Iterator[Use]:
    yield from glossary.uses(_case(pair, locale, index, ()))


def _names(pairs: Iterable[Pair], names: Iterable[str]) -> tuple[str, ...]:
    own = {pair.source for pair in pairs if pair.role in ("signatory", "addressee-name", "holder-name")}
    return tuple(sorted(own | set(names), key=lambda name: (-len(name), name)))


def _case(pair: Pair, locale: Locale, index: Index, names: Iterable[str]) -> Case:
    return Case(pair, locale, index, tuple(names))


def _findings(case: Case) -> Findings:
    return tuple((rule, finding) for rule in RULES for finding in rule.check(case))


def _problems(pair: Pair, findings: Findings) -> list[Problem]:
    return [Problem(rule.code, finding.message, pair.where, finding.hint, rule.severity) for rule, finding in findings]


def _kept(locale: Locale, glossary: tuple[TermLike, ...], names: tuple[str, ...]) -> dict[Text, Findings]:
    """What was found in texts that were checked with the same glossary and names: where one is edited, hundreds stay as they are."""
    basis, findings = _KEPT.get((locale.code, names), (None, {}))
    if basis != (locale, glossary) or len(findings) > _MOST_TEXTS:
        if len(_KEPT) >= _MOST_LETTERS:
            _KEPT.clear()
        findings = {}
        _KEPT[locale.code, names] = (locale, glossary), findings
    return findings


Findings = tuple[tuple[Rule, Finding], ...]
Text = tuple[str, str, str, bool, str, str]
"""All of a pair that a rule looks at: role, source, target, whether they are Markdown, and their languages."""
_KEPT: dict[tuple[str, tuple[str, ...]], tuple[tuple[Locale, tuple[TermLike, ...]] | None, dict[Text, Findings]]] = {}
_MOST_TEXTS, _MOST_LETTERS = 4096, 32
