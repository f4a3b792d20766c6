"""The letter as plain text, for the body of e-mails: UTF-8, one paragraph a line, so that every reader wraps it to its own width."""

from __future__ import annotations

from collections.abc import Iterator

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Addressee, Block, CCPosition, Letter, List, ListKind, Mission, Paragraph, Quote, Segment, Signatory, Standing
from engross.render.facts import date_text, signatory_line, translated_lines
from engross.render.layout import Layout

BULLET = "• "
_INDENT = "  "


def render(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    """The letter as lines of text: numbered sections, bullets, footnotes as [1] with the notes at the end, and the seal last."""
    return ("\n\n".join("\n".join(lines) for lines in _Writer(letter, labels, layout).parts() if lines) + "\n").encode()


class _Writer:
    """Writes one letter; each part is a list of lines, and an empty line stands between parts."""

    def __init__(self, letter: Letter, labels: Labels, layout: Layout) -> None:
        self.letter, self.labels, self.layout = letter, labels, layout
        self.numbers = {note.key: note.number for note in letter.notes}

    def parts(self) -> Iterator[list[str]]:
        """The parts of the letter in the order in which they are read, each as its lines."""
        letter, labels = self.letter, self.labels
        copies = list(self.copies())
        if self.layout.draft:
            yield [labels["draft_notice"]]
        yield translated_lines(letter, labels, self.layout)
        if lead := letter.lead_signatory:
            yield [self.line(lead.name)]
        yield [self.place_date()]
        for who in letter.addressees:
            yield self.addressee(who)
        if letter.cc_position is CCPosition.AFTER_ADDRESS:
            yield from copies
        if letter.subject:
            yield [f"{labels['re']} {self.line(letter.subject)}"]
        yield [self.line(letter.salutation)]
        for block in letter.body:
            yield from self.block(block)
        yield [self.line(letter.closing)]
        for heading, members in letter.groups:
            yield [*([self.line(heading)] if heading else []), *(self.signatory(who) for who in members)]
        if letter.cc_position is CCPosition.AFTER_SIGNATORIES:
            yield from copies
        if letter.enclosures:
            yield [labels["enclosures"], *(BULLET + self.line(segment) for segment in letter.enclosures)]
        if letter.notes:
            yield [labels["notes"], *(f"[{note.number}] {self.line(note.text)}" for note in letter.notes)]
        yield [f"{labels['document_number']} {canonical.document_number(letter)} · {labels['seal']} {canonical.seal(letter)}"]

    def block(self, block: Block) -> Iterator[list[str]]:
        """The lines of each paragraph, quotation, list or section."""
        if isinstance(block, Paragraph):
            yield self.paragraph(block.text)
        elif isinstance(block, Quote):
            for paragraph in block.paragraphs:
                yield [f"> {line}" for line in self.paragraph(paragraph.text)]
        elif isinstance(block, List):
            yield list(self.items(block))
        else:
            yield [f"{block.number}. {self.line(block.heading)}"]
            for inner in block.blocks:
                yield from self.block(inner)

    def items(self, block: List, indent: str = "") -> Iterator[str]:
        for number, item in enumerate(block.items, block.start):
            mark = BULLET if block.kind is ListKind.BULLET else f"{number}. "
            first, *rest = self.paragraph(item.text)
            yield indent + mark + first
            yield from (indent + _INDENT + line for line in rest)
            if item.sublist:
                yield from self.items(item.sublist, indent + _INDENT)

    def addressee(self, who: Addressee) -> list[str]:
        name = self.line(who.name)
        lines = [f"{self.line(who.honorific)} {name}" if who.honorific else name]
        return [*lines, *(self.line(s) for s in (who.title, *who.address) if s), *self.fields(who.fax, who.email)]

    def copies(self) -> Iterator[list[str]]:
        for i, mission in enumerate(self.letter.cc):
            yield [*([self.labels["cc"]] if i == 0 else []), *self.copy(mission)]

    def copy(self, mission: Mission) -> list[str]:
        return [*(self.line(segment) for segment in mission.lines()), *self.fields(mission.fax, mission.email)]

    def fields(self, fax: str, email: str) -> list[str]:
        pattern = self.layout.locale.field
        return [pattern.format(label=self.labels[key], value=value) for key, value in (("fax", fax), ("email", email)) if value]

    def signatory(self, who: Signatory) -> str:
        return signatory_line(who, self.layout.locale, self.line)

    def place_date(self) -> str:
        day = date_text(self.letter, self.layout)
        return self.layout.locale.place_date.format(place=self.line(self.letter.place), date=day) if self.letter.place else day

    def paragraph(self, segment: Segment) -> list[str]:
        """The text on one line, and each address it links to on a line of its own, so that the sentence stays as it was written."""
        targets = markup.links(segment.text) if segment.markup else []
        text = self.line(segment)
        return [text, *(f"<{target}>" for target in targets if target.removeprefix("mailto:").removeprefix("tel:") not in text)]

    def line(self, segment: Segment) -> str:
        nodes = markup.parse(segment.text) if segment.markup else (markup.Text(segment.text),)
        text = "".join(self.pieces(nodes))
        word = {Standing.EMPTY: "untranslated", Standing.FUZZY: "fuzzy"}.get(segment.standing)
        return f"{text} [{self.labels[word]}]" if word and self.layout.draft else text

    def pieces(self, nodes: tuple[markup.Inline, ...]) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, markup.Text):
                yield node.text
            elif isinstance(node, markup.NoteRef):
                yield f"[{self.numbers.get(node.key, node.key)}]"
            else:
                yield from self.pieces(node.children)
