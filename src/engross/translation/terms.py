"""Where glossary terms stand in a text, and where their renderings stand in its translation: for people to look at. (The check is in `checks.glossary`.)"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from engross.locales import Locale
from engross.translation.checks.glossary import Index, stem
from engross.translation.checks.pair import TermLike
from engross.values import value_class

JOINED = ("ko", "ja", "zh", "th")
"""Languages in which a term is found anywhere in a word, whatever particles follow and however it is spaced."""


@value_class
class TermUse:
    """A glossary term of a source text."""

    term: str
    """As the glossary has it."""
    source: str
    """As it stands in the source: with a capital, in the plural."""
    target: str
    """Its rendering as it stands in the translation; empty when none was recognised."""
    required: tuple[str, ...]
    """The renderings the glossary accepts."""


def term_index(terms: Sequence[TermLike], locale: Locale, names: Iterable[str]) -> Index:
    """What `term_uses` looks terms up in. `names` are proper names, in which no term counts."""
    return Index(terms, locale, names)


def term_uses(source: str, target: str, index: Index) -> list[TermUse]:
    """The terms of a source text that need a rendering, in its order, each wording once. Both texts are plain."""
    found: dict[str, TermUse] = {}
    for item in index.find(source):
        if item.term is not None and index.renderings(item.term):
            words, required = source[item.start : item.end], index.renderings(item.term)
            found.setdefault(words, TermUse(item.term.term, words, _rendering(target, required, index.locale), required))
    return list(found.values())


def _rendering(target: str, required: Iterable[str], locale: Locale) -> str:
    """The first rendering that stands in the translation, as it stands there."""
    return next((words for rendering in required for words in _standing(target, rendering, locale)), "")


def _standing(target: str, rendering: str, locale: Locale) -> Iterator[str]:
    lang = locale.code.split("-")[0]
    if lang == "es":
        yield from _inflected(target, rendering)
        return
    letters = r"\s*".join(re.escape(c) for c in rendering if not c.isspace()) if lang in JOINED else rf"(?<!\w){re.escape(rendering)}"
    match = re.search(letters, target, re.IGNORECASE)
    if match:
        yield match[0]


def _inflected(target: str, rendering: str) -> Iterator[str]:
    """Spanish words in another number or gender count as the same."""
    wanted = [stem(word) for word in re.findall(r"\w+", rendering.lower())]
    words = [(stem(match[0].lower()), match.start(), match.end()) for match in re.finditer(r"\w+", target)]
    for at in range(len(words) - len(wanted) + 1):
        if [word for word, _, _ in words[at : at + len(wanted)]] == wanted:
            yield target[words[at][1] : words[at + len(wanted) - 1][2]]
            return


def glossary_csv(terms: Iterable[TermLike], lang: str) -> bytes:
    """The terms that have a rendering in a language as a table for other tools: source and target, a row for each accepted rendering, the preferred one first."""
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([("source", "target"), *((term.term, rendering) for term in terms for rendering in term.renderings.get(lang, ()))])
    return stream.getvalue().encode()
