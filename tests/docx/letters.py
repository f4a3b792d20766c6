"""Letters to render, and the words each must carry, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from engross import markup, project, translation
from engross.content import read_labels, read_letter, read_missions
from engross.errors import Position
from engross.labels import Labels
from engross.letter import Addressee, Block, CCPosition, Item, Letter, List, Mission, Paragraph, Quote, Section, Segment, Signatory
from engross.locales import extended
from engross.render import docx
from engross.render.layout import Layout

REPO = Path(__file__).parents[2]
WORKSPACE = REPO / "tests" / "workspace"
REAL, SECOND = "2018-06-06-dprk", "2020-02-29-second"
LANGUAGES = ("en", "ko", "ja", "es")


@dataclass(frozen=True)
class Sample:
    """A letter in one language, and how it is set."""

    letter: Letter
    labels: Labels
    layout: Layout

    def bytes(self) -> bytes:
        return docx.render(self.letter, self.labels, self.layout)

    def but(self, **values: Any) -> Sample:
        """The same with another letter, labels or layout setting."""
        own = {key: value for key, value in values.items() if key in ("letter", "labels")}
        return replace(self, **own, layout=replace(self.layout, **{key: value for key, value in values.items() if key not in own}))


@lru_cache(maxsize=16)
def sample(name: str, lang: str) -> Sample:
    """The first letter as its catalogues translate it, or the tests' second letter, which has no catalogues but the labels'."""
    home = project.find(REPO if name == REAL else WORKSPACE)
    missions, _ = read_missions(home)
    letter, problems = read_letter(home, name, missions)
    words, _ = read_labels(project.find(REPO))
    assert letter, problems
    locale = home.locale(lang)
    catalogues, _ = translation.load(home, lang, letter)
    labels, _ = translation.load(project.find(REPO), lang, letter)
    layout = Layout(REPO / "layouts", locale, home.settings.locales, draft=False)
    return Sample(translation.localize(letter, catalogues, locale), translation.localize_labels(words, labels), layout)


def minimal(*blocks: Block, lang: str = "en", **values: Any) -> Sample:
    """The second letter with another body and nothing around it that a test does not ask for."""
    base = sample(SECOND, "en")
    bare = replace(base.letter, lang=lang, source_lang=lang, body=blocks, addressees=base.letter.addressees[:1], notes=(), cc=(), enclosures=(), subject=None, signatories=())
    locales = extended({})
    return Sample(replace(bare, **values), base.labels, replace(base.layout, locale=locales[lang], locales=locales))


def text(words: str, lang: str = "en") -> Segment:
    return Segment("paragraph", words, Position("content/x/letter.md", 1), "b1", lang, "x", markup=True)


def plain(segment: Segment) -> str:
    return markup.plain(segment.text) if segment.markup else segment.text


def printed(it: Sample) -> Iterator[str]:
    """The texts of the letter in reading order, each without markup, as a paragraph, a list item or a line of a block holds it; notes not among them."""
    letter, locale = it.letter, it.layout.locale
    after_address = letter.cc_position is CCPosition.AFTER_ADDRESS
    if letter.lang != letter.source_lang:
        yield it.labels.fill("translated_from", language=locale.language_name(letter.source_lang))
    yield locale.format_date(letter.date)
    for who in letter.addressees:
        yield from _addressee(who)
    if after_address:
        yield from _copies(it)
    if letter.subject:
        yield it.labels["re"]
        yield plain(letter.subject)
    yield plain(letter.salutation)
    for block in letter.body:
        yield from _block(block)
    yield plain(letter.closing)
    for heading, members in letter.groups:
        if heading:
            yield plain(heading)
        for member in members:
            yield from _signatory(member)
    if not after_address:
        yield from _copies(it)
    if letter.enclosures:
        yield it.labels["enclosures"]
        yield from map(plain, letter.enclosures)


def _addressee(who: Addressee) -> Iterator[str]:
    yield from map(plain, who.lines())
    yield from filter(None, (who.fax, who.email))


def _copies(it: Sample) -> Iterator[str]:
    if it.letter.cc:
        yield it.labels["cc"]
    for mission in it.letter.cc:
        yield from _mission(mission)


def _mission(mission: Mission) -> Iterator[str]:
    yield from map(plain, mission.lines())
    yield from (mission.fax, mission.email)


def _signatory(who: Signatory) -> Iterator[str]:
    yield plain(who.name)
    if who.acronym:
        yield who.acronym
    yield from (plain(part) for part in (who.affiliation, who.place) if part)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield plain(block.text)
    elif isinstance(block, Quote):
        yield from (plain(paragraph.text) for paragraph in block.paragraphs)
    elif isinstance(block, List):
        for item in block.items:
            yield from _item(item)
    elif isinstance(block, Section):
        yield plain(block.heading)
        for inner in block.blocks:
            yield from _block(inner)


def _item(item: Item) -> Iterator[str]:
    yield plain(item.text)
    if item.sublist:
        yield from _block(item.sublist)
