"""Is it a translation, of a likely length, in the right language?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from engross.translation.checks.pair import NAME_ROLES, SENTENCE_ROLES, Case, Finding, quoted

_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_LATIN_RUN = re.compile(r"[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ’'-]*(?:[ ,;]+[A-Za-zÀ-ɏ][A-Za-zÀ-ɏ’'-]*){2,}")
_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "with",
        "for",
        "that",
        "which",
        "is",
        "are",
        "was",
        "were",
        "by",
        "on",
        "from",
        "their",
        "this",
        "these",
        "your",
        "our",
        "we",
        "you",
        "has",
        "have",
        "been",
        "not",
        "should",
        "must",
        "or",
        "as",
        "at",
        "an",
        "it",
    ]
)
_SCRIPTS: Mapping[str, frozenset[str]] = {
    "ko": frozenset({"hangul", "latin", "han"}),
    "ja": frozenset({"kana", "latin", "han"}),
    "zh": frozenset({"latin", "han"}),
    "ru": frozenset({"cyrillic", "latin"}),
}
_NAMES = {"hangul": "Korean", "kana": "Japanese", "han": "Chinese", "cyrillic": "Cyrillic", "greek": "Greek", "arabic": "Arabic", "thai": "Thai", "hebrew": "Hebrew"}

LENGTHS: Mapping[str, tuple[float, float]] = {"ko": (0.25, 0.85), "ja": (0.22, 0.85), "zh": (0.15, 0.7), "es": (0.75, 1.75), "fr": (0.75, 1.8), "de": (0.75, 1.8)}
"""Shortest and longest translation of an English text of `_LONG` characters or more, as a multiple of its length."""
_ANY_LENGTH = (0.2, 2.5)
_LONG = 60


def source_copy(case: Case) -> Iterator[Finding]:
    """The target is not a copy of the source."""
    yield from _copied(case)


def _copied(case: Case) -> tuple[Finding, ...]:
    """What two rules ask."""
    if "copied" not in case.cache:
        case.cache["copied"] = tuple(_copies(case))
    return cast("tuple[Finding, ...]", case.cache["copied"])


def _copies(case: Case) -> Iterator[Finding]:
    if case.pair.role in NAME_ROLES or case.lang == case.pair.source_lang:
        return
    words = _WORD.findall(case.source)
    if not words:
        return
    same = case.source.strip().casefold() == case.target.strip().casefold()
    foreign = case.lang in ("ko", "ja", "zh", "ru") and not any(script(c) not in ("latin", "") for c in case.target)
    lower = any(word[0].islower() for word in words)
    if (same and len(words) > 2) or (foreign and len(words) > 2 and lower) or (foreign and same and any(c.islower() for c in case.source)):
        yield Finding(
            "this is the source text" if same else "this is not in the language of the catalogue", "translate it, leave it empty if you cannot yet, or waive it with a reason"
        )


def length(case: Case) -> Iterator[Finding]:
    """Neither far shorter nor far longer than translations into this language are."""
    source, target = len(case.source), len(case.target)
    shortest, longest = LENGTHS.get(case.lang, _ANY_LENGTH)
    if source >= _LONG and case.pair.role in SENTENCE_ROLES:
        if target < shortest * source:
            yield Finding(f"{target} characters for {source} of the source: something may be missing", "compare sentence by sentence")
        elif target > longest * source:
            yield Finding(f"{target} characters for {source} of the source: something may have been added", "compare sentence by sentence")
    elif target > longest * source + 60:
        yield Finding(f"{target} characters for {source} of the source: something may have been added", "compare the two")


@lru_cache(maxsize=65536)
def script(character: str) -> str:
    """The script of a letter, for the few that are told apart here; empty for anything else."""
    if character.isascii():
        return "latin" if character.isalpha() else ""
    first = unicodedata.name(character, "").split(" ")[0]
    return (
        {"HANGUL": "hangul", "HIRAGANA": "kana", "KATAKANA": "kana", "CJK": "han", "LATIN": "latin"}.get(first, first.lower() if first in _KNOWN else "")
        if character.isalpha() and character not in "ー・"
        else ""
    )


_KNOWN = frozenset(name.upper() for name in _NAMES) | {"DEVANAGARI"}


def wrong_script(case: Case) -> Iterator[Finding]:
    """Letters of the language's scripts only, beside what the source has."""
    allowed = _SCRIPTS.get(case.lang, frozenset({"latin"}))
    fine = _FINE.setdefault(case.lang, set())
    fine.update(character for character in set(case.target) - fine if _is_fine(character, case.lang, allowed))
    if fine.issuperset(case.target):
        return
    strange: dict[str, str] = {}
    for character in dict.fromkeys(case.target):
        kind = script(character)
        if kind and kind not in allowed and character not in case.source:
            strange[kind] = strange.get(kind, "") + character
    for kind, letters in strange.items():
        yield Finding(f"{_NAMES.get(kind, kind)} letters: {quoted(letters, 20)}", "write them in the script of this language")
    if case.lang == "ja":
        simplified = "".join(c for c in dict.fromkeys(case.target) if script(c) == "han" and not _japanese(c))
        if simplified:
            yield Finding(f"characters that Japanese does not use: {quoted(simplified, 20)}", "write their Japanese forms")


_FINE: dict[str, set[str]] = {}
"""Characters that a language may have whatever the source has; nearly all texts have no others."""


def _is_fine(character: str, lang: str, allowed: frozenset[str]) -> bool:
    kind = script(character)
    return (not kind or kind in allowed) and (lang != "ja" or kind != "han" or _japanese(character))


@lru_cache(maxsize=8192)
def _japanese(character: str) -> bool:
    """JIS X 0213 has it."""
    try:
        character.encode("euc_jis_2004")
    except UnicodeEncodeError:
        return False
    return True


def other_language(case: Case) -> Iterator[Finding]:
    """No stretch of another language, names apart."""
    if case.pair.role in NAME_ROLES or _copied(case):
        return
    if case.lang in ("ko", "ja", "zh"):
        yield from _latin_stretch(case)
        yield from _missing_own(case)
    elif case.pair.source_lang == "en":
        yield from _english_stretch(case)


def _latin_stretch(case: Case) -> Iterator[Finding]:
    for match in _LATIN_RUN.finditer(case.prose):
        words = _WORD.findall(match[0])
        lower = sum(word[0].islower() for word in words)
        if len(words) >= 3 and lower * 2 >= len(words):
            yield Finding(f"{quoted(match[0])} is not translated", "translate it; names may stay")
            return


def _missing_own(case: Case) -> Iterator[Finding]:
    """A sentence of Han characters alone is Chinese; one that has a Korean or Japanese word now and then is mixed."""
    counts: Counter[str] = Counter()
    for character, times in Counter(case.target).items():
        counts[script(character)] += times
    own = {"ko": "hangul", "ja": "kana"}.get(case.lang)
    han = counts.get("han", 0)
    if own and case.pair.role in SENTENCE_ROLES and han >= 12 and counts.get(own, 0) * (8 if case.lang == "ja" else 1) < han:
        yield Finding("this reads as Chinese", "translate it into the language of the catalogue")


def _english_stretch(case: Case) -> Iterator[Finding]:
    words = list(_WORD.finditer(case.prose))
    small = [word[0].lower() for word in words]
    source = f" {' '.join(_WORD.findall(case.source)).lower()} "
    known = set(source.split(" "))
    at = 0
    while at < len(words):
        if small[at] not in known:
            at += 1
            continue
        end = at + 1
        while end < len(words) and f" {' '.join(small[at : end + 1])} " in source:
            end += 1
        run = [w[0] for w in words[at:end]]
        if len(run) >= 4 and any(w in _ENGLISH for w in run) and any(w[0].islower() and w not in _ENGLISH for w in run):
            yield Finding(f"{quoted(' '.join(run))} is not translated", "translate it; names may stay")
            return
        at = end
    common = [w[0] for w in words if w[0] in _ENGLISH - {"as", "has", "or", "an", "we"}]
    if len(words) >= 8 and len(common) * 6 > len(words):
        yield Finding("this reads as English", "translate it into the language of the catalogue")
