"""HTML of fax pages: the letter, and its covers many in one document, through the templates of the layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Letter, List, ListKind, Mission, Note, Segment
from engross.render import pages
from engross.render.layout import Layout
from engross.render.tiff import SCAN_WIDTH_MM


@dataclass(frozen=True, slots=True)
class Sender:
    """The office a fax comes from, as printed on the cover and in the margin of every page (47 CFR 68.318(d) wants both)."""

    name: str
    fax: str = ""
    """As printed."""
    voice: str = ""
    email: str = ""
    address: tuple[str, ...] = ()


PAGE_HEIGHT_MM = 279.0
ROWS_HEIGHT_MM = 120.0
"""Of the page that a mission's rows of the cover are laid out on; more of them would not fit on a cover."""


class FaxText(pages.Inliner):
    """Inline text for paper that nobody can click: a link's address is printed."""

    def __init__(self, letter: Letter, labels: Labels, layout: Layout) -> None:
        super().__init__(letter, labels, layout, _note_mark)

    def _node(self, node: markup.Inline, lang: str) -> str:
        if not isinstance(node, markup.Link):
            return super()._node(node, lang)
        inner, target = self._nodes(node.children, lang), printed_target(node)
        return f"{inner} ({escape(target)})" if target else inner

    def _part(self, _kind: str, segment: Segment, /) -> str:  # on a fax all parts look alike: elements around them would cost a tenth of the layout
        return self._span(segment)


def letter_html(letter: Letter, labels: Labels, layout: Layout, sender: Sender) -> str:
    """The letter's pages, preceded by one empty page that stands for the cover, so that page numbers count it."""
    text = FaxText(letter, labels, layout)
    return pages.render("fax.html", text, margin_css=_margin_css(text, sender, labels["page_of"]), css=Markup(layout.text("fax.css")), mark=item_mark)


def covers_html(letter: Letter, labels: Labels, english: Labels, layout: Layout, sender: Sender, missions: Sequence[Mission], total: int) -> str:
    """Covers in pieces: a page with what all have in common, if `total` counts the pages of the fax and is not 0, and for each mission a page `ROWS_HEIGHT_MM` high with the rows that name it."""
    text = FaxText(letter, labels, layout)
    margin_css = _margin_css(text, sender, labels.fill("page_of", page=1, pages=total))
    return pages.render(
        "fax-cover.html",
        text,
        margin_css=margin_css + Markup(f"@page rows {{ size: {SCAN_WIDTH_MM}mm {ROWS_HEIGHT_MM}mm }}\n"),
        css=Markup(layout.text("fax.css")),
        both=lambda key: " / ".join(dict.fromkeys((text.labels[key], english[key]))),
        incomplete=_incomplete(text, english),
        missions=missions,
        sender=sender,
        total=total,
        subject=letter.subject or letter.title,
        language=_language(letter, english, layout),
    )


def printed_target(link: markup.Link) -> str:
    """The address to print after a link's text; empty if the text is the address."""
    bare = link.href.removeprefix("mailto:").removeprefix("tel:")
    text = "".join(markup.characters(link.children))
    return "" if text.rstrip("/") in (bare.rstrip("/"), bare.split("://")[-1].rstrip("/")) else bare


def item_mark(block: List, index: int) -> str:
    """What stands before an item: a bullet or its number."""
    return f"{block.start + index}." if block.kind is ListKind.ORDERED else "•"


def families(layout: Layout) -> str:
    """The language's font families as a CSS value, then those of the other languages for names in them."""
    names = dict.fromkeys((*layout.locale.sans, *(name for other in layout.locales.values() for name in other.sans)))
    return ", ".join('"' + re.sub(r'["\\<>\n]', "", name) + '"' for name in names)


def _margin_css(text: FaxText, sender: Sender, folio: str) -> Markup:
    """The words in the margins and the language's fonts, which follow from the letter; the layout's own style sheet comes after.

    The margins are plain strings: elements that run from page to page would be laid out anew on each and cost a third of the time.
    """
    labels, locale = text.labels, text.layout.locale
    office = [sender.name, *([locale.field.format(label=labels["fax"], value=sender.fax)] if sender.fax else [])]
    number = locale.field.format(label=labels["document_number"], value=canonical.document_number(text.letter))
    seal = locale.field.format(label=labels["seal"], value=text.seal)
    draft = f"{labels['draft']} · " if text.layout.draft else ""
    margins = {"top-left": " · ".join(office), "top-right": draft + folio, "bottom-left": number, "bottom-right": seal}
    return Markup(f"{pages.margin_words(margins)}html {{ font-family: {families(text.layout)} }}\n")


def _note_mark(_: pages.Inliner, note: Note) -> Markup:
    return Markup("<sup>[{}]</sup>").format(note.number)


def _incomplete(text: FaxText, english: Labels) -> list[Markup]:
    """What to do about a fax that is not whole, in the letter's language and in English: sentences, which break where their language says. Labels do without: each size in one more language takes a millisecond."""
    key = "fax_incomplete"
    own = [text.words(text.labels[key])]
    return own if text.labels[key] == english[key] else [*own, Markup('<span lang="{}">{}</span>').format(text.tag(english.lang), english[key])]


def _language(letter: Letter, english: Labels, layout: Layout) -> str:
    names = [layout.locale.language_name(letter.lang)]
    if english.lang in layout.locales:
        names.append(layout.locales[english.lang].language_name(letter.lang))
    return " / ".join(dict.fromkeys(names))


def expected(segment: Segment) -> str:
    """The characters of a segment as a fax shows them, for reading it back."""
    return "".join(_characters(markup.parse(segment.text))) if segment.markup else segment.text


def _characters(nodes: Sequence[markup.Inline]) -> list[str]:
    out: list[str] = []
    for node in nodes:
        if isinstance(node, markup.Text):
            out.append(node.text)
        elif not isinstance(node, markup.NoteRef):
            out += _characters(node.children)
            if isinstance(node, markup.Link) and (target := printed_target(node)):
                out.append(f" ({target})")
    return out
