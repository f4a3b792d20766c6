"""Glossary terms: which stand in a source text, and whether the translation has what the glossary requires for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from engross.locales import Locale
from engross.translation.checks.pair import NAME_ROLES, Case, Finding, TermLike, quoted
from engross.values import value_class

_EXCLUSIVE = re.compile(r"only where the source says", re.IGNORECASE)
"""A glossary note with these words makes a rendering a fault where its term is not in the source."""
_CONNECTORS = frozenset(["de", "del", "la", "el", "los", "las", "lo", "a", "al", "y", "e", "o", "u", "en", "para", "por", "con", "sobre", "su", "sus"])


@value_class
class Found:
    """A term in a source text."""

    term: TermLike | None
    """`None` for a proper name, in which no term counts."""
    start: int
    end: int


@value_class
class Use:
    """How an entry renders a term."""

    term: str
    rendering: str


class Index:
    """A glossary compiled for one language."""

    def __init__(self, terms: Sequence[TermLike], locale: Locale, names: Iterable[str] = ()) -> None:
        self.locale = locale
        self.terms = tuple(terms)
        self.exclusive = tuple(term for term in terms if _EXCLUSIVE.search(term.note))
        self._by_phrase = {term.term: term for term in terms if term.term}
        phrases = dict.fromkeys([*self._by_phrase, *(name for term in terms for name in term.exempt if name), *(name for name in names if name)])
        self._phrases = tuple(sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))

    def find(self, text: str) -> list[Found]:
        """The terms of a text from left to right, of overlapping ones the longest."""
        return [Found(self._by_phrase.get(phrase), start, end) for phrase, start, end in _find_phrases(self._phrases, text)]

    def renderings(self, term: TermLike) -> tuple[str, ...]:
        """What the glossary accepts in this language; nothing when it asks for nothing."""
        return tuple(r for r in term.renderings.get(self.locale.code, ()) if r)


@lru_cache(maxsize=4096)
def _find_phrases(phrases: tuple[str, ...], text: str) -> tuple[tuple[str, int, int], ...]:
    """Where phrases (longest first) stand in a text; the same source is searched once for all languages.

    One expression with all phrases would say the same, in five times the time.
    """
    small = _lowered(text)
    found: list[tuple[int, int, int]] = []
    for order, wanted in enumerate(_all_lowered(phrases)):
        at = small.find(wanted)
        while at >= 0:
            if end := _end(phrases[order], text, at):
                found.append((at, order, end))
            at = small.find(wanted, at + 1)
    free, out = 0, []
    for start, order, end in sorted(found):
        if start >= free:
            out.append((phrases[order], start, end))
            free = end
    return tuple(out)


@lru_cache(maxsize=16)
def _all_lowered(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_lowered, phrases))


def _lowered(text: str) -> str:
    """The text in small letters, each where it was."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


_WORD_BEFORE = re.compile(r"(?<=\w)")
_REST = re.compile(r"(?:e?s)?(?:[’']s|(?<=s)[’'])?(?!\w)")
"""What may follow a term: an ending of plural or possessive, and no other letter."""


def _end(phrase: str, text: str, at: int) -> int:
    """Where the phrase that begins at `at` ends, with its ending; 0 when it stands there with other capitals or inside a word.

    Words of a phrase without capitals may be capitalised.
    """
    if _WORD_BEFORE.match(text, at):
        return 0
    stands = text[at : at + len(phrase)]
    if stands != phrase and not (phrase.islower() and re.sub(r"(?<!\w)\w", lambda match: match[0].lower(), stands) == phrase):
        return 0
    rest = _REST.match(text, at + len(phrase))
    return rest.end() if rest else 0


def terms_kept(case: Case) -> Iterator[Finding]:
    """Each term of the source has one of its required renderings."""
    index = case.terms
    if not isinstance(index, Index) or case.pair.role in NAME_ROLES - {"place", "city", "affiliation"}:
        return
    target = Target(case.target, case.locale)
    found = index.find(case.source)
    asked: dict[str, bool] = {}
    for term, neighbours in sorted(_required(found, case.source), key=lambda entry: -max(map(len, index.renderings(entry[0])), default=0)):
        renderings = index.renderings(term)
        if not renderings or term.term in asked:
            continue
        asked[term.term] = True
        if not target.take(renderings) and not (target.has(renderings) and (neighbours or target.taken.intersection(renderings))):
            message = f"{quoted(term.term)} is not rendered as the glossary has it"
            yield Finding(message, f"write {' or '.join(renderings)}{f' ({term.note})' if term.note else ''}")


def _required(found: list[Found], source: str) -> Iterator[tuple[TermLike, bool]]:
    """The terms that need a rendering, and whether another term stands next to one (UN Office of …: its name may hold both)."""
    for place, item in enumerate(found):
        if item.term is None:
            continue
        before = found[place - 1] if place else None
        after = found[place + 1] if place + 1 < len(found) else None
        if before and source[before.end : item.start] in (" (", "(") and source[item.end : item.end + 1] == ")":
            continue  # an abbreviation after what it stands for
        close = any(source[a:b].strip() in ("", "the", "’s") for a, b in ((before.end, item.start) if before else (0, 0), (item.end, after.start) if after else (0, 0)) if b > a)
        yield item.term, close


def terms_unasked(case: Case) -> Iterator[Finding]:
    """A rendering that the glossary keeps for one term stands only where the source has that term."""
    index = case.terms
    if not isinstance(index, Index) or not index.exclusive or case.pair.role in NAME_ROLES:
        return
    found = index.find(case.source)
    if any(item.term is None for item in found):
        return  # a name in the source may bring the rendering with it
    in_source = {item.term.term for item in found if item.term}
    allowed = [r for term in index.terms if term.term in in_source for r in index.renderings(term)]
    target = Target(case.target, case.locale)
    target.take_all(allowed)
    for term in index.exclusive:
        if not any(name == term.term or name.startswith(term.term) for name in in_source):
            for rendering in index.renderings(term):
                if target.has((rendering,)):
                    yield Finding(f"{quoted(rendering)} is kept for {quoted(term.term)}, which the source does not say", term.note)
                    break


class Target:
    """A translation in which renderings are looked up; `take` uses up what it finds."""

    def __init__(self, text: str, locale: Locale) -> None:
        self._way = _way(locale)
        self._find: Callable[[str, str], tuple[int, int] | None] = (
            _find_words if self._way == "stems" else (_find_spaced if locale.spaces and locale.code != "ko" else _find_joined)
        )
        self._whole = _prepare(text, self._way)
        self._left = self._whole
        self.taken: set[str] = set()

    def has(self, renderings: Iterable[str]) -> bool:
        """Whether one of them stands anywhere in the text."""
        return any(self._find(self._whole, _prepare(r, self._way)) for r in renderings)

    def take(self, renderings: Iterable[str]) -> str:
        """The first of them that stands in what is left; all its occurrences are used up."""
        hit = ""
        for rendering in renderings:
            wanted = _prepare(rendering, self._way)
            while place := self._find(self._left, wanted):
                self._left = f"{self._left[: place[0]]}\x00{self._left[place[1] :]}"
                hit = hit or rendering
                self.taken.add(rendering)
        return hit

    def take_all(self, renderings: Iterable[str]) -> None:
        """Use up every one of them, the longest first."""
        self.take(sorted(renderings, key=len, reverse=True))


def _way(locale: Locale) -> str:
    """How texts of a language are made ready: by the stems of their words, in small letters, or without spaces."""
    lang = locale.code.split("-")[0]
    return "stems" if lang == "es" else "small" if locale.spaces and lang != "ko" else "joined"


@lru_cache(maxsize=8192)
def _prepare(text: str, way: str) -> str:
    if way == "stems":
        words = [stem(word) for word in re.findall(r"\w+|\x00", text.lower())]
        return " ".join(["", *(word for word in words if word not in _CONNECTORS), ""])
    if way == "small":
        return text.lower().replace("'", "’")
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def stem(word: str) -> str:
    """A Spanish word without accents, plural and gender: derechos, relatora, misiones → derech, relator, mision."""
    if word in _CONNECTORS:
        return word
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    if bare.endswith("ces"):
        bare = bare[:-3] + "z"
    elif bare.endswith("es") and len(bare) > 4:
        bare = bare[:-2]
    elif bare.endswith("s") and len(bare) > 3:
        bare = bare[:-1]
    return bare[:-1] if len(bare) > 3 and bare[-1] in "aoe" else bare


def _find_words(text: str, wanted: str) -> tuple[int, int] | None:
    at = text.find(wanted)
    return (at + 1, at + len(wanted) - 1) if at >= 0 and wanted.strip() else None


def _find_joined(text: str, wanted: str) -> tuple[int, int] | None:
    at = text.find(wanted)
    return (at, at + len(wanted)) if at >= 0 and wanted else None


def _find_spaced(text: str, wanted: str) -> tuple[int, int] | None:
    match = re.search(rf"(?<!\w){re.escape(wanted)}", text) if wanted else None
    return match.span() if match else None


def uses(case: Case) -> Iterator[Use]:
    """Which of its accepted renderings each term of the entry has."""
    index = case.terms
    if isinstance(index, Index):
        target = Target(case.target, case.locale)
        for term, _ in _required(index.find(case.source), case.source):
            hit = target.take(index.renderings(term))
            if hit:
                yield Use(term.term, hit)
