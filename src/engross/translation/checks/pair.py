"""A source text with its translation, and what the checks look at: both texts as a reader sees them, read once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from engross import markup
from engross.errors import Position, Severity
from engross.locales import Locale
from engross.values import value_class

NAME_ROLES = frozenset({"signatory", "acronym", "affiliation", "addressee-name", "holder-name", "place", "city"})
"""Roles that hold names: what is required of sentences is not required of them."""
MARKUP_ROLES = frozenset({"paragraph", "heading", "bullet", "item", "quote", "footnote"})
"""Roles whose texts are inline Markdown; the others are plain."""
SENTENCE_ROLES = MARKUP_ROLES - {"heading"} | {"cover-note", "label"}
LIST_ROLES = frozenset({"bullet", "item"})

PLACEHOLDER = re.compile(r"\{[^{}\s%#][^{}%#]*\}")
URL = re.compile(r"(?:https?://|www\.)[^\s<>()（）「」『』“”«»、。，；]+[^\s<>()（）「」『』“”«»、。，；.,;:!?]", re.ASCII)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
PHONE = re.compile(r"(?<![\w.])(?:\+\d[\d ().-]{6,}\d|(?!\d{4}-\d\d-\d\d(?!\d))\(?\d{2,4}\)?[ -]\d{3,4}[ -]\d{4})(?!\w)", re.ASCII)
_TRACE = re.compile(r"@|://|www\.|\+\d|\d\)? ?-?\d{3}[ -]\d|\d[ -]\d{3,4}[ -]\d")
MASK = "\x00"


class TermLike(Protocol):
    """What the checks need of a glossary entry."""

    @property
    def term(self) -> str:
        """The source term, in the letters it is written with."""

    @property
    def renderings(self) -> Mapping[str, tuple[str, ...]]:
        """By locale: the renderings that are accepted; none when nothing is required."""

    @property
    def note(self) -> str:
        """For translators."""

    @property
    def exempt(self) -> tuple[str, ...]:
        """Longer phrases in which the term needs no rendering: proper names."""


@value_class
class Pair:
    """One entry of a catalogue that has a translation."""

    domain: str
    """The catalogue: a letter's id, `missions` or `layouts`."""
    role: str
    """msgctxt"""
    source: str
    """msgid"""
    target: str
    """msgstr; an empty one is not checked."""
    markup: bool
    """Whether both are inline Markdown."""
    where: Position
    """The entry in the PO file."""
    comments: tuple[str, ...] = ()
    """Translator comments, without their `#`; waivers are among them."""
    lang: str = ""
    """Locale of the target."""
    source_lang: str = "en"


@value_class
class Finding:
    """What a check has found in one entry."""

    message: str
    hint: str = ""


@dataclass
class Case:
    """A pair while it is checked. Texts are computed when first asked for."""

    pair: Pair
    locale: Locale
    terms: object = None
    """The compiled glossary (`glossary.Index`)."""
    names: tuple[str, ...] = ()
    """Proper names of the letter, longest first."""
    cache: dict[str, object] = field(default_factory=dict)

    @cached_property
    def lang(self) -> str:
        """Primary language of the target: `zh` for `zh-Hans`."""
        return self.locale.code.split("-")[0]

    @cached_property
    def source(self) -> str:
        """What a reader of the source sees."""
        return visible(self.pair.source, inline=self.pair.markup)

    @cached_property
    def target(self) -> str:
        """What a reader of the translation sees."""
        return visible(self.pair.target, inline=self.pair.markup)

    @cached_property
    def prose(self) -> str:
        """The target without addresses and placeholders, which have punctuation of their own; offsets are kept."""
        return mask(self.target)


Check = Callable[[Case], Iterator[Finding]]


@value_class
class Rule:
    """A check with its stable code, which docs/checks.md explains."""

    code: str
    severity: Severity
    check: Check
    waivable: bool = True
    """Whether a translator may say that this time it is right. What could harm the page or its reader is never waived."""


def visible(text: str, *, inline: bool) -> str:
    """The characters that are printed."""
    return markup.plain(text) if inline else text


def mask(text: str) -> str:
    """`text` with web and mail addresses, telephone numbers and placeholders blanked; the length stays."""
    for pattern in (URL, EMAIL, PHONE) if may_have_addresses(text) else ():
        text = pattern.sub(lambda match: MASK * len(match[0]), text)
    for pattern in (PLACEHOLDER,) if "{" in text else ():
        text = pattern.sub(lambda match: MASK * len(match[0]), text)
    return text


def may_have_addresses(text: str) -> bool:
    """Whether it is worth while to look for them."""
    return bool(_TRACE.search(text))


def quoted(text: str, limit: int = 60) -> str:
    """A piece of text as messages show it."""
    return "“" + (text if len(text) <= limit else text[: limit - 1] + "…") + "”"
