"""What looks wrong in a text and is nobody's to correct but the staff's: spaces, apostrophes, doubled words, a comma that is missing.

The text is verbatim what the organizations agreed, so each finding is a warning, and an entry of the letter's `sic` that covers it says: seen, and kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from engross.errors import Position, Problem, Severity
from engross.letter import Segment
from engross.values import value_class

NAMES = ("signatory", "addressee-name", "holder-name", "place", "address-line")
"""Roles in which words may be doubled and set as their owners please."""


@value_class
class Rule:
    """A pattern that good text does not hold."""

    code: str
    message: str
    pattern: re.Pattern[str]
    hint: str
    names_too: bool = True


_LETTER = r"[^\W\d_]"
RULES = (
    Rule("double-space", "two spaces in a row, or a tab", re.compile(r"(?<=\S)(?: {2,}| ?\t\s*)(?=\S)"), "leave one"),
    Rule("missing-space", "no space before the parenthesis", re.compile(r"[A-Za-zÀ-ɏ]{2,}\((?![a-z]{1,3}\))(?=\w)"), "put a space before it"),
    Rule("stray-space", "a space before a punctuation mark", re.compile(r"\w +[,;:.!?)](?=\s|$)|\( +\w|\w +-(?=\w)"), "remove the space"),
    Rule("straight-quote", "a straight quotation mark or apostrophe", re.compile(r"(?<=\w)'(?=\w)|(?<=\w)'(?=\s)|\""), "write ’ or “ ”"),
    Rule("doubled-word", "a word stands twice", re.compile(r"\b(?!(?:that|had)\b)([^\W\d_]{2,}) \1\b", re.IGNORECASE), "remove one", names_too=False),
    Rule("missing-comma", "two names in a list without a comma between them", re.compile(r"\b[A-Z]\w+ [A-Z]\w+ the [A-Z]\w+ [A-Z]"), "put a comma between them", names_too=False),
    Rule("stray-mark", "an underscore between words", re.compile(r"(?<=\w)_(?=\w)"), "write a hyphen or a space"),
)


def wording_problems(segments: Iterable[Segment], sic: Iterable[str], at: Callable[[Segment, int], Position]) -> list[Problem]:
    """Warnings for the texts, but not where an entry of `sic` covers what was found. `at` tells where a character of a segment stands."""
    kept = tuple(sic)
    problems: list[Problem] = []
    for segment in segments:
        found = _findings(segment.text, segment.markup, segment.role in NAMES)
        spans = [match.span() for entry in kept for match in re.finditer(re.escape(entry), segment.text)] if found else []
        for code, message, start, end, hint in found:
            if not any(begin < end and start < stop for begin, stop in spans):
                problems.append(
                    Problem(code, f"{message}: {_around(segment.text, start, end)}", at(segment, start), f"{hint}, or list the words under `sic` if they stay", Severity.WARNING)
                )
    return problems


def unused(segments: Iterable[Segment], others: Iterable[str], sic: Iterable[tuple[str, Position]]) -> list[Problem]:
    """Entries of `sic` that occur nowhere in the letter."""
    texts = [*(segment.text for segment in segments), *others]
    return [
        Problem("unused-sic", f"{entry!r} does not occur in the letter", where, "remove it from `sic`, or copy the words as they stand", Severity.WARNING)
        for entry, where in sic
        if not any(entry in text for text in texts)
    ]


@lru_cache(maxsize=4096)
def _findings(written: str, marked_up: bool, name: bool) -> tuple[tuple[str, str, int, int, str], ...]:
    text = re.sub(r"\]\([^)]*\)|<[^>]*>", lambda match: "]" + "\u2060" * (len(match[0]) - 1), written) if marked_up else written
    rules = [rule for rule in RULES if rule.names_too or not name]
    return (*((rule.code, rule.message, match.start(), match.end(), rule.hint) for rule in rules for match in rule.pattern.finditer(text)), *_brackets(text))


def _brackets(text: str) -> Iterator[tuple[str, str, int, int, str]]:
    """Round brackets and curly double quotes without their partner."""
    for opening, closing in ("()", "“”"):
        stack: list[int] = []
        for index, character in enumerate(text):
            if character == opening:
                stack.append(index)
            elif character == closing and stack:
                stack.pop()
            elif character == closing and not re.search(r"(?:^|\s)\w{1,3}$", text[:index]):
                yield "unbalanced-brackets", f"{closing} without {opening}", index, index + 1, "add its partner"
        for index in stack:
            yield "unbalanced-brackets", f"{opening} without {closing}", index, index + 1, "add its partner"


def _around(text: str, start: int, end: int) -> str:
    return f"“{text[max(start - 12, 0) : end + 12].strip()}”"
