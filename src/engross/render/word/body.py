"""The letter's parts as paragraphs, in the order in which it is read; the same order as the printed page's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engross.letter import Addressee, Block, CCPosition, Item, Letter, List, ListKind, Mission, Paragraph, Quote, Section, Segment, Signatory
from engross.render.word.fonts import east_asian
from engross.render.word.page import Page, section
from engross.render.word.runs import Writer
from engross.render.word.wml import PARAGRAPH_ORDER, properties

if TYPE_CHECKING:
    from docx.opc.part import Part

_BREAK = "<w:r><w:br/></w:r>"
_KEEP = {"keepNext": "<w:keepNext/>"}


class Body:
    """Builds `w:body`. One instance a letter."""

    def __init__(self, writer: Writer, part: Part, page: Page) -> None:
        self.writer, self.part, self.page = writer, part, page
        self.letter: Letter = writer.letter

    def xml(self) -> str:
        """The children of `w:body`, its last section's properties included, without a draft's first line."""
        letter, after_address = self.letter, self.letter.cc_position is CCPosition.AFTER_ADDRESS
        parts = [self._translated(), self._date(), *(self._addressee(who) for who in letter.addressees)]
        parts.append(self._copies() if after_address else "")
        if letter.subject:
            parts.append(self._paragraph("Letter Subject", self.writer.text(self._re()) + self._runs(letter.subject)))
        parts.append(self._paragraph("Salutation", self._runs(letter.salutation)))
        parts.extend(self._flow(letter.body))
        if not letter.printed:
            tail = ["" if after_address else self._copies(), self._enclosures()]
            closing = self._paragraph("Closing", self._runs(letter.closing), keepNext='<w:keepNext w:val="0"/>')
            return "".join((*parts, closing, *tail, self.page.last(first=True)))
        parts.append(self._paragraph("Closing", self._runs(letter.closing), sectPr=self.page.first()))
        parts.append(self._signatories())
        tail = ["" if after_address else self._copies(), self._enclosures()]
        # Word balances columns only where another section follows: the last paragraph after them may have to be an empty one.
        parts.extend(tail if any(tail) else [self._paragraph("Signatory", "")])
        return "".join((*parts, self.page.last(first=False)))

    def notice(self) -> str:
        """The first line of a draft: that it is one, and what is missing. To be made last, when body and notes are written and their marks counted."""
        writer = self.writer
        if not writer.layout.draft:
            return ""
        counts = [writer.layout.locale.field.format(label=writer.labels[key], value=count) for key, count in writer.counts().items()]
        return self._paragraph("Draft Notice", writer.text(" · ".join([writer.labels["draft_notice"], *counts])))

    def _paragraph(self, style: str, runs: str, **children: str) -> str:
        own = {"pStyle": f'<w:pStyle w:val="{self.writer.design.style(style)}"/>', **children}
        return f"<w:p>{properties('pPr', PARAGRAPH_ORDER, own)}{runs}</w:p>"

    def _runs(self, segment: Segment, *, strong: bool = False) -> str:
        return self.writer.segment(segment, self.part, strong=strong)

    def _translated(self) -> str:
        """What a translation says of itself at the top left (UN practice), and which version prevails if somebody said so."""
        letter, labels, layout = self.letter, self.writer.labels, self.writer.layout
        if letter.lang == letter.source_lang:
            return ""
        lines = [labels.fill("translated_from", language=layout.locale.language_name(letter.source_lang))]
        if layout.authoritative and layout.authoritative != letter.lang:
            lines.append(labels.fill("authoritative", language=layout.locale.language_name(layout.authoritative)))
        return self._paragraph("Translation Note", _BREAK.join(self.writer.text(line) for line in lines))

    def _date(self) -> str:
        locale = self.writer.layout.locale
        runs = self.writer.text(locale.format_date(self.letter.date))
        if self.letter.place:
            runs = self.writer.pattern(locale.place_date, place=self._runs(self.letter.place), date=runs)
        right = {"jc": '<w:jc w:val="right"/>'} if east_asian(locale.tag) else {}
        return self._paragraph("Date", runs, **right)

    def _re(self) -> str:
        label = self.writer.labels["re"]
        return label if label.endswith("：") else f"{label} "

    def _lines(self, style: str, lines: Iterable[str], **children: str) -> str:
        """A block of short lines as one paragraph with line breaks: it stays together, and its distance is the style's."""
        return self._paragraph(style, _BREAK.join(lines), **children)

    def _fields(self, fax: str, email: str) -> list[str]:
        pattern, labels, lines = self.writer.layout.locale.field, self.writer.labels, []
        if fax:
            lines.append(self.writer.pattern(pattern, label=self.writer.text(labels["fax"]), value=self.writer.text(fax)))
        if email:
            lines.append(self.writer.pattern(pattern, label=self.writer.text(labels["email"]), value=self.writer.link(f"mailto:{email}", email, self.part)))
        return lines

    def _addressee(self, who: Addressee) -> str:
        name = self._runs(who.name, strong=True)
        if who.honorific:
            name = self._runs(who.honorific) + self.writer.text(" ") + name
        lines = [self._runs(line) for line in ((who.title,) if who.title else ()) + who.address]
        return self._lines("Letter Address", [name, *lines, *self._fields(who.fax, who.email)])

    def _copies(self) -> str:
        if not self.letter.cc:
            return ""
        return self._paragraph("CC Heading", self.writer.text(self.writer.labels["cc"])) + "".join(self._copy(mission) for mission in self.letter.cc)

    def _copy(self, mission: Mission) -> str:
        segments = list(mission.lines())
        lines = [self._runs(line, strong=at == 0 and len(segments) > 1) for at, line in enumerate(segments)]
        return self._lines("CC", [*lines, *self._fields(mission.fax, mission.email)])

    def _enclosures(self) -> str:
        if not self.letter.enclosures:
            return ""
        heading = self._paragraph("CC Heading", self.writer.text(self.writer.labels["enclosures"]))
        return heading + "".join(self._paragraph("List Bullet", self._runs(line)) for line in self.letter.enclosures)

    def _flow(self, blocks: Iterable[Block]) -> Iterable[str]:
        flow = list(blocks)
        for at, block in enumerate(flow):
            if isinstance(block, Section):
                yield self._paragraph("heading 1", self._runs(block.heading))
                yield from self._flow(block.blocks)
            elif isinstance(block, Paragraph):
                introduces = at + 1 < len(flow) and isinstance(flow[at + 1], (List, Quote))
                yield self._paragraph("Body Text", self._runs(block.text), **(_KEEP if introduces else {}))
            elif isinstance(block, Quote):
                yield from (self._paragraph("Quote", self._runs(paragraph.text)) for paragraph in block.paragraphs)
            else:
                yield from self._list(block, 0, "")

    def _list(self, block: List, level: int, number: str) -> Iterable[str]:
        """A list of the first or second level. Each ordered list has a numbering of its own, so that it restarts; bullets have their style's."""
        ordered = block.kind is ListKind.ORDERED
        style = ("List Number" if ordered else "List Bullet") + (" 2" if level else "")
        if ordered and not (number and block.start == 1):
            number = self.writer.design.restart(style, level, block.start)
        for item in block.items:
            numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
            yield self._item(item, style, numbered if ordered else "")
            if item.sublist:
                yield from self._list(item.sublist, 1, number if ordered else "")

    def _item(self, item: Item, style: str, numbered: str) -> str:
        children = {"numPr": numbered} if numbered else {}
        return self._paragraph(style, self._runs(item.text), **children, **(_KEEP if item.sublist else {}))

    def _signatories(self) -> str:
        """All who sign, in columns that are read one after the other; the last paragraph carries the columns' section."""
        rows: list[tuple[str, str]] = []
        for heading, members in self.letter.groups:
            rows += [("Signatory Group", self._runs(heading))] if heading else []
            rows += [("Signatory", self._signatory(who)) for who in members]
        columns = section(self.page, columns=_columns(len(rows)), continuous=True)
        return "".join(self._paragraph(style, runs, **({"sectPr": columns} if at == len(rows) else {})) for at, (style, runs) in enumerate(rows, 1))

    def _signatory(self, who: Signatory) -> str:
        locale, line = self.writer.layout.locale, self._runs(who.name)
        if who.acronym:
            line = self.writer.pattern(locale.acronym, name=line, acronym=self.writer.text(who.acronym, lang=who.name.lang))
        for part in (who.affiliation, who.place):
            if part:
                line = self.writer.pattern(locale.place, name=line, place=self._runs(part))
        return line


def _columns(rows: int) -> int:
    """One column for a handful, else two: names of organisations are long."""
    return 2 if rows > 4 else 1
