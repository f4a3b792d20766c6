"""A letter as a list of its texts in reading order, each with the Word style it is set in: what a review file holds and a redline compares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engross.letter import Addressee, Block, CCPosition, Letter, List, ListKind, Paragraph, Quote, Section, Segment


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the letter."""

    segment: Segment
    style: str
    """Name of the paragraph style."""
    strong: bool = False
    """Whether the layout sets it in bold, beyond what the text itself says."""
    level: int = 0
    """0 or 1, of a list."""
    first: bool = False
    """Whether a list begins with it."""
    start: int = 1


def lines(letter: Letter) -> list[Line]:
    """The texts that are printed, each once, in the order in which the letter is read; footnotes at the end.

    Texts of the address book and repeated ones (a country, a group's heading) are there once for each message that translators have.
    """
    seen: set[tuple[str, str, str]] = set()
    out = []
    for line in _all(letter):
        key = (line.segment.domain, line.segment.role, line.segment.text)
        if key not in seen or line.segment.where.path.endswith("letter.md"):
            out.append(line)
        seen.add(key)
    return out


def _all(letter: Letter) -> Iterator[Line]:
    """Every line of the letter in the order of the page, notes last, with its style."""
    copies = [Line(s, "CC") for mission in letter.cc for s in mission.lines()]
    if letter.place:
        yield Line(letter.place, "Date")
    for who in letter.addressees:
        yield from _addressee(who)
    if letter.cc_position is CCPosition.AFTER_ADDRESS:
        yield from copies
    if letter.subject:
        yield Line(letter.subject, "Letter Subject")
    yield Line(letter.salutation, "Salutation")
    for block in letter.body:
        yield from _block(block)
    yield Line(letter.closing, "Closing")
    for heading, members in letter.groups:
        if heading:
            yield Line(heading, "Signatory Group")
        for member in members:
            yield from (Line(s, "Signatory") for s in (member.name, member.affiliation, member.place) if s)
    if letter.cc_position is CCPosition.AFTER_SIGNATORIES:
        yield from copies
    yield from (Line(s, "List Bullet") for s in letter.enclosures)
    yield from (Line(note.text, "footnote text") for note in letter.notes)


def _addressee(who: Addressee) -> Iterator[Line]:
    return (Line(s, "Letter Address", strong=s is who.name) for s in who.lines())


def _block(block: Block) -> Iterator[Line]:
    """The lines of a block, those of a section after its heading."""
    if isinstance(block, Section):
        yield Line(block.heading, "heading 1")
        for inner in block.blocks:
            yield from _block(inner)
    elif isinstance(block, Paragraph):
        yield Line(block.text, "Body Text")
    elif isinstance(block, Quote):
        yield from (Line(paragraph.text, "Quote") for paragraph in block.paragraphs)
    else:
        yield from _list(block, 0)


def _list(block: List, level: int) -> Iterator[Line]:
    style = ("List Number" if block.kind is ListKind.ORDERED else "List Bullet") + (" 2" if level else "")
    for at, item in enumerate(block.items):
        yield Line(item.text, style, level=level, first=at == 0, start=block.start)
        if item.sublist:
            yield from _list(item.sublist, 1)


def labels(of: Iterable[Line]) -> dict[str, Line]:
    """By label."""
    return {line.segment.label: line for line in of}
