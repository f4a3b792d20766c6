"""What an artefact must say: every text of a letter in the order in which it is read, worked out from the letter alone and not by any renderer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engross import canonical, markup
from engross.errors import Position
from engross.labels import Labels
from engross.letter import Addressee, Block, CCPosition, Letter, List, ListKind, Mission, Paragraph, Quote, Segment, Signatory, Standing
from engross.locales import Locale

NUMBERED = ("pdf", "html", "txt", "mail")
"""The kinds in which the number of a section is text; in Word it is numbering."""


@dataclass(frozen=True, slots=True)
class Item:
    """A text that must stand there once."""

    label: str
    text: str
    where: Position
    marker: str = ""
    """A list item's number, which a reader of a PDF may find before the text or elsewhere on the page."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that an artefact of one kind must say."""

    items: tuple[Item, ...]
    """In reading order."""
    notes: tuple[Item, ...]
    """Footnotes, where they stand apart from the text."""
    links: tuple[str, ...]
    """Targets in reading order."""
    margin: tuple[Item, ...]
    """What each page, or a header or footer, says besides."""


def wanted(letter: Letter, labels: Labels, locale: Locale, kind: str, *, draft: bool = False, authoritative: str = "", officers: tuple[str, ...] = ()) -> Wanted:
    """What a `pdf`, `docx`, `html` or `txt` of the letter must say; `mail` is the letter in a message's HTML.

    Args:
        letter: as localized for it.
        labels: the words of its language.
        locale: the facts of its language.
        kind: of artefact.
        draft: whether it is a draft, in which unfinished texts are marked.
        authoritative: the locale of the version that prevails, if somebody said so.
        officers: roles printed below the signatories.
    """
    return _Writer(letter, labels, locale, kind, draft=draft).wanted(authoritative, officers)


class _Writer:
    def __init__(self, letter: Letter, labels: Labels, locale: Locale, kind: str, *, draft: bool) -> None:
        self.letter, self.labels, self.locale, self.kind, self.draft = letter, labels, locale, kind, draft
        self.numbers = {note.key: note.number for note in letter.notes}
        self.links: list[str] = []

    def wanted(self, authoritative: str, officers: tuple[str, ...]) -> Wanted:
        items = [item for item in self._all(authoritative, officers) if item.text]
        notes = [self._note(note.number, note.text) for note in self.letter.notes]
        if self.kind in ("html", "txt", "mail"):
            items += [self._word("notes")] * bool(notes) + notes
            notes = []
        items += self._last()
        return Wanted(tuple(items), tuple(notes), tuple(self.links), tuple(self._margin()))

    def _all(self, authoritative: str, officers: tuple[str, ...]) -> Iterator[Item]:
        letter = self.letter
        yield from self._head(authoritative)
        for who in letter.addressees:
            yield from self._addressee(who)
        if letter.cc_position is CCPosition.AFTER_ADDRESS:
            yield from self._copies()
        if letter.subject:
            yield Item("subject", f"{self.labels['re']} {self._shown(letter.subject)}", letter.subject.where)
        yield self._item(letter.salutation)
        for block in letter.body:
            yield from self._block(block)
        yield self._item(letter.closing)
        for heading, members in letter.groups:
            yield from map(self._item, [heading] if heading else [])
            yield from map(self._signatory, members)
        yield from (Item(f"officer.{n}", role, letter.where) for n, role in enumerate(officers, 1))
        if letter.cc_position is CCPosition.AFTER_SIGNATORIES:
            yield from self._copies()
        if letter.enclosures:
            yield self._word("enclosures")
            yield from map(self._item, letter.enclosures)

    def _head(self, authoritative: str) -> Iterator[Item]:
        """What stands before the first addressee."""
        letter, here = self.letter, self.letter.where
        if self.kind == "html":
            yield self._word("skip_to_letter")
        if self.draft and self.kind in ("html", "txt"):
            yield self._word("draft_notice")
        if self.kind == "html":
            yield self._item(letter.title)
        if letter.lang != letter.source_lang:
            yield Item("translated_from", self.labels.fill("translated_from", language=self.locale.language_name(letter.source_lang)), here)
            if authoritative and authoritative != letter.lang:
                yield Item("authoritative", self.labels.fill("authoritative", language=self.locale.language_name(authoritative)), here)
        if letter.lead_signatory and self.kind != "docx":
            yield self._item(letter.lead_signatory.name)
        date = self.locale.format_date(letter.date)
        yield Item("date", self.locale.place_date.format(place=self._shown(letter.place), date=date) if letter.place else date, here)

    def _last(self) -> Iterator[Item]:
        """What follows the letter on a page without margins."""
        address = self.letter.published_at
        if self.kind == "html" and address:
            self.links.append(address)
            yield Item("published_at", self.locale.field.format(label=self.labels["published_at"], value=address), self.letter.where)
        if self.kind in ("html", "txt", "mail"):
            yield Item("seal", self._seal(), self.letter.where)

    def _margin(self) -> Iterator[Item]:
        letter = self.letter
        if self.kind in ("pdf", "docx"):
            names = " · ".join(who.name.text for who in letter.addressees[:2]) + " …" * (len(letter.addressees) > 2)
            yield Item("seal", self._seal(), letter.where)
            yield Item("running-head", names, letter.where)
            yield Item("running-date", self.locale.format_date(letter.date), letter.where)

    def _seal(self) -> str:
        return f"{self.labels['document_number']} {canonical.document_number(self.letter)} · {self.labels['seal']} {canonical.seal(self.letter)}"

    def _word(self, key: str) -> Item:
        return Item(key, self.labels[key], self.letter.where)

    def _note(self, number: int, text: Segment) -> Item:
        shown = self._shown(text)
        return Item(
            text.label, {"pdf": f"{number}. {shown}", "txt": f"[{number}] {shown}", "mail": f"[{number}] {shown}", "html": f"{shown} ↩", "docx": shown}[self.kind], text.where
        )

    def _block(self, block: Block) -> Iterator[Item]:
        if isinstance(block, Paragraph):
            yield from self._with_targets(self._item(block.text), block.text)
        elif isinstance(block, Quote):
            for paragraph in block.paragraphs:
                yield from self._with_targets(self._item(paragraph.text), paragraph.text)
        elif isinstance(block, List):
            yield from self._list(block, 0)
        else:
            number = f"{block.number}. " if self.kind in NUMBERED else ""
            yield Item(block.heading.label, number + self._shown(block.heading), block.heading.where)
            for inner in block.blocks:
                yield from self._block(inner)

    def _list(self, block: List, level: int) -> Iterator[Item]:
        """`level` counts the ordered lists around this one, whose items are lettered."""
        for number, item in enumerate(block.items, block.start):
            ordered = block.kind is ListKind.ORDERED
            mark = f"{number}. " if ordered and self.kind == "txt" else ""
            floating = (f"{chr(96 + number)}." if level else f"{number}.") if ordered and self.kind == "pdf" else ""
            yield from self._with_targets(Item(item.text.label, mark + self._shown(item.text), item.text.where, floating), item.text)
            if item.sublist:
                yield from self._list(item.sublist, level + ordered)

    def _with_targets(self, item: Item, segment: Segment) -> Iterator[Item]:
        """In plain text the targets of links are written out, unless the text names them."""
        yield item
        if self.kind == "txt" and segment.markup:
            for target in markup.links(segment.text):
                if target.removeprefix("mailto:").removeprefix("tel:") not in item.text:
                    yield Item(f"{item.label}.link", f"<{target}>", item.where)

    def _addressee(self, who: Addressee) -> Iterator[Item]:
        name = f"{self._shown(who.honorific)} {self._shown(who.name)}" if who.honorific else self._shown(who.name)
        yield Item(who.name.label, name, who.name.where)
        yield from map(self._item, [*([who.title] if who.title else []), *who.address])
        yield from self._reach(who.fax, who.email, who.name.label, who.name.where)

    def _copies(self) -> Iterator[Item]:
        if self.letter.cc:
            yield self._word("cc")
        for mission in self.letter.cc:
            yield from self._mission(mission)

    def _mission(self, mission: Mission) -> Iterator[Item]:
        yield from map(self._item, mission.lines())
        yield from self._reach(mission.fax, mission.email, f"cc.{mission.id}", mission.where)

    def _reach(self, fax: str, email: str, label: str, where: Position) -> Iterator[Item]:
        for key, value in (("fax", fax), ("email", email)):
            if value:
                yield Item(f"{label}.{key}", self.locale.field.format(label=self.labels[key], value=value), where)
        if fax and self.kind in ("pdf", "html", "mail"):
            self.links.append("tel:" + "+" * fax.strip().startswith("+") + "".join(filter(str.isdigit, fax)))
        if email and self.kind != "txt":
            self.links.append(f"mailto:{email}")

    def _signatory(self, who: Signatory) -> Item:
        line = self._shown(who.name)
        if who.acronym:
            line = self.locale.acronym.replace("{name}", line).replace("{acronym}", who.acronym)
        for part in (who.affiliation, who.place):
            if part:
                line = self.locale.place.replace("{place}", self._shown(part)).replace("{name}", line)
        return Item(f"sig.{who.id}", line, who.name.where)

    def _item(self, segment: Segment) -> Item:
        return Item(segment.label, self._shown(segment), segment.where)

    def _shown(self, segment: Segment) -> str:
        text = "".join(self._pieces(markup.parse(segment.text))) if segment.markup else segment.text
        word = {Standing.EMPTY: "untranslated", Standing.FUZZY: "fuzzy"}.get(segment.standing) if self.draft else None
        return f"{text} [{self.labels[word]}]" if word else text

    def _pieces(self, nodes: tuple[markup.Inline, ...]) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, markup.Text):
                yield node.text
            elif isinstance(node, markup.NoteRef):
                number = self.numbers.get(node.key, node.key)
                yield {"txt": f"[{number}]", "mail": f"[{number}]", "docx": ""}.get(self.kind, str(number))
            else:
                if isinstance(node, markup.Link) and self.kind != "txt":
                    self.links.append(node.href)
                yield from self._pieces(node.children)
