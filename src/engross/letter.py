"""The letter as a value: a frozen tree in reading order. Every text is a `Segment`, which is what translators see as one msgid.

A localized letter is again a `Letter`: `Letter.map` rebuilds the tree with each segment replaced. Renderers read this tree and nothing else of the
content, so what is printed is what stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from engross.errors import Position
from engross.values import value_class


class Standing(Enum):
    """How far a segment's text can be trusted in the letter's language."""

    SOURCE = "source"
    """The text as its author wrote it: the source language, or a name that is printed as its owner writes it."""
    TRANSLATED = "translated"
    FUZZY = "fuzzy"
    """There is a translation, but the source changed: a draft shows it marked, an official build refuses."""
    EMPTY = "empty"
    """There is no translation: a draft shows the source text marked, an official build refuses."""


@value_class
class Segment:
    """One translatable text: a paragraph, a bullet, a heading, a name."""

    role: str
    """What it is in the letter, and its msgctxt: `paragraph`, `heading`, `bullet`, `signatory` …; never a position."""
    text: str
    """One line of inline Markdown (`engross.markup`) for body roles, plain text for the others."""
    where: Position
    """Where the source of this text stands."""
    label: str
    """Its readable place in this letter, `s2.b5` for bullet 5 of section 2. Labels move when text moves."""
    lang: str
    """BCP 47 tag of the text as it stands here, which for an untranslated name is not the letter's."""
    domain: str
    """The gettext domain that translates it: the letter's id or `missions`."""
    hints: tuple[str, ...] = ()
    """Notes for translators (`#.` comments); never printed."""
    standing: Standing = Standing.SOURCE
    markup: bool = False
    """Whether `text` is inline Markdown."""
    optional: bool = False
    """An empty translation is complete: the text then prints as it is."""


class ListKind(Enum):
    """Whether the items of a list carry a bullet or a number."""

    BULLET = "bullet"
    ORDERED = "ordered"


@value_class
class Paragraph:
    """A paragraph of running text."""

    text: Segment


@value_class
class Quote:
    """A block quotation."""

    paragraphs: tuple[Paragraph, ...]


@value_class
class Item:
    """One entry of a list, perhaps with a list of the second level below it."""

    text: Segment
    sublist: List | None = None


@value_class
class List:
    """A bullet or ordered list of at most two levels."""

    kind: ListKind
    items: tuple[Item, ...]
    start: int = 1
    """Number of the first item of an ordered list."""


Flow = Paragraph | Quote | List


@value_class
class Section:
    """A numbered section. The layout prints the number; the source never types it."""

    number: int
    heading: Segment
    blocks: tuple[Flow, ...]


Block = Flow | Section


@value_class
class Note:
    """A footnote. `number` counts the references in the order they are printed, from 1; `key` is what `[^key]` in a text refers to."""

    number: int
    key: str
    text: Segment


@value_class
class Addressee:
    """Somebody the letter speaks to, with the lines printed in the address block."""

    name: Segment
    honorific: Segment | None = None
    title: Segment | None = None
    address: tuple[Segment, ...] = ()
    fax: str = ""
    """As printed; empty when the block has no such line."""
    email: str = ""

    def lines(self) -> Iterator[Segment]:
        """The text lines in printing order; the honorific belongs to the name's line and comes first."""
        if self.honorific:
            yield self.honorific
        yield self.name
        if self.title:
            yield self.title
        yield from self.address


class Consent(Enum):
    """Where a signatory stands. Only `CONFIRMED` is printed."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"


@value_class
class Signatory:
    """An organisation or an individual that signs the letter. (Officers, who sign the PDF, are something else.)"""

    id: str
    name: Segment
    acronym: str = ""
    """Printed in parentheses after the name."""
    place: Segment | None = None
    """Printed after the name: a country or what the organisation calls its place."""
    territory: str = ""
    """ISO 3166-1 alpha-2 or alpha-3 code; empty when the place is none."""
    group: Segment | None = None
    """Heading under which it is listed; ungrouped ones come first."""
    individual: bool = False
    affiliation: Segment | None = None
    """An individual's position, printed after the name."""
    status: Consent = Consent.CONFIRMED
    consent_by: str = ""
    consent_on: date | None = None
    note: str = ""


@value_class
class Holder:
    """Who heads a mission, as the CC block names them."""

    name: Segment | None
    """In printing order; `None` while the post is vacant."""
    title: Segment
    honorific: Segment | None = None
    surname: str = ""
    gender: str = ""
    """`m`, `f` or empty."""
    status: str = "in-office"
    """`in-office`, `vacant` or `charge-d-affaires`."""


@value_class
class Mission:
    """An entry of the address book: a permanent mission and how to reach it."""

    id: str
    mission: Segment
    city: Segment
    holder: Holder
    fax: str
    """As printed, `+1-212-972-3154`; empty when there is none."""
    fax_e164: str
    """As dialled, `+12129723154`."""
    email: str
    languages: tuple[str, ...]
    """Locales in which the mission is written to, the preferred one first."""
    office: str = ""
    """Id of the office that serves it."""
    hours: str = ""
    """Office hours in its own time zone, `09:00-17:00`."""
    time_zone: str = ""
    """IANA name."""
    fax_resolution: str = ""
    """`standard` or `fine` for its machine alone; as its office's faxes when empty."""
    fax_coding: str = ""
    """`mh`, `mr` or `mmr` for its machine alone; as its office's faxes when empty."""
    source: str = ""
    checked_on: date | None = None
    where: Position = Position("")

    def lines(self) -> Iterator[Segment]:
        """The text lines of its entry in the CC block."""
        if self.holder.name:
            yield self.holder.name
        yield self.holder.title


class CCPosition(Enum):
    """Where the CC block stands."""

    AFTER_SIGNATORIES = "after-signatories"
    AFTER_ADDRESS = "after-address"


@value_class
class Letter:
    """A letter in one language, complete: what is printed and what is needed to send it."""

    id: str
    lang: str
    """Locale of this version (`en`, `ko` …)."""
    source_lang: str
    """Locale the letter was written in."""
    date: date
    edition: int
    title: Segment
    """Web page and metadata; not printed on the letter."""
    addressees: tuple[Addressee, ...]
    salutation: Segment
    body: tuple[Block, ...]
    closing: Segment
    signatories: tuple[Signatory, ...]
    """All of the file's lines, in its order; `printed` gives those on the page."""
    cc: tuple[Mission, ...] = ()
    notes: tuple[Note, ...] = ()
    lead: str = ""
    """Id of the signatory whose letterhead it is; empty for none."""
    place: Segment | None = None
    """Where it was written; printed before the date."""
    subject: Segment | None = None
    """The "Re:" line."""
    cc_position: CCPosition = CCPosition.AFTER_SIGNATORIES
    recipients: tuple[Mission, ...] = ()
    """Who it is sent to: the CC unless the source names others."""
    enclosures: tuple[Segment, ...] = ()
    cover_note: Segment | None = None
    email_subject: Segment | None = None
    signed_by: tuple[str, ...] = ()
    """Roles of the officers who sign for the lead organisation."""
    embargo: datetime | None = None
    """Nothing leaves before this moment (time-zone aware)."""
    supersedes: int | None = None
    """The edition this one replaces."""
    reason: str = ""
    published_at: str = ""
    sic: tuple[str, ...] = ()
    where: Position = Position("")

    @property
    def printed(self) -> tuple[Signatory, ...]:
        """The signatories on the page: confirmed, in the file's order, the ungrouped first and then each group where it first appears."""
        confirmed = [s for s in self.signatories if s.status is Consent.CONFIRMED]
        rank: dict[str, int] = {"": -1}
        for signatory in confirmed:
            rank.setdefault(_group(signatory), len(rank))
        return tuple(sorted(confirmed, key=lambda s: rank[_group(s)]))

    @property
    def groups(self) -> tuple[tuple[Segment | None, tuple[Signatory, ...]], ...]:
        """The printed signatories under their group headings, `None` for those without."""
        out: list[tuple[Segment | None, list[Signatory]]] = []
        for signatory in self.printed:
            if not out or (out[-1][0].text if out[-1][0] else "") != _group(signatory):
                out.append((signatory.group, []))
            out[-1][1].append(signatory)
        return tuple((heading, tuple(members)) for heading, members in out)

    @property
    def lead_signatory(self) -> Signatory | None:
        """The lead organisation, if the letter names one."""
        return next((s for s in self.signatories if s.id == self.lead), None)

    def segments(self) -> Iterator[Segment]:
        """Every segment of the letter, printed or not, in the order of the tree."""
        return _walk(self)

    def map(self, change: Callable[[Segment], Segment], **values: Any) -> Letter:
        """The same letter with `change` applied to every segment, and `values` set on the letter itself."""
        return replace(_rebuild(self, change), **values)


_Node = TypeVar("_Node")


def _group(signatory: Signatory) -> str:
    return signatory.group.text if signatory.group else ""


def _walk(node: object) -> Iterator[Segment]:
    if isinstance(node, Segment):
        yield node
    elif isinstance(node, tuple):
        for child in node:
            yield from _walk(child)
    else:
        for name in _field_names(cast("Any", node.__class__)):
            yield from _walk(getattr(node, name))


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    """The fields of a node of the tree; a letter is walked often."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _rebuild(node: _Node, change: Callable[[Segment], Segment]) -> _Node:
    if isinstance(node, Segment):
        return cast("_Node", change(node))
    if isinstance(node, tuple):
        return cast("_Node", tuple(_rebuild(child, change) for child in node))
    if is_dataclass(node) and not isinstance(node, (Position, type)):
        values: dict[str, Any] = {f.name: _rebuild(getattr(node, f.name), change) for f in fields(node)}
        return cast("_Node", type(node)(**values))
    return node
