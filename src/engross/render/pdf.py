"""The letter as PDF: the template letter.html and the style sheet letter.css of the layout, laid out by WeasyPrint."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from markupsafe import Markup

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Letter, Note
from engross.render import pages, weasy
from engross.render.facts import date_text
from engross.render.layout import Layout
from engross.render.pages import Inliner
from engross.render.signature_fields import Fields

PAPERS = {"a4": "A4", "letter": "Letter"}
CONTENT_NAME = "content.json"
"""The attachment that holds the printed content as canonical JSON."""


def render(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    """The letter as PDF/A-3a and PDF/UA-1. The same arguments give the same bytes, everywhere and always.

    Raises:
        EngrossError: the layout has a fault, or asks for something outside it.
    """
    logo = pages.logo_url(layout)
    qr = seal_qr(letter) if layout.seal_qr else ""
    html = page(letter, labels, layout, logo, qr)
    content = canonical.canonical_json(canonical.printed_content(letter))
    return weasy.to_pdf(
        html,
        font_folder=layout.root / "fonts",
        identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode(),
        moment=datetime(letter.date.year, letter.date.month, letter.date.day, tzinfo=UTC),
        attachments=[weasy.Attached(CONTENT_NAME, content, canonical.document_number(letter))],
        images=[url for url in (logo, qr) if url],
        fields=Fields(
            invisible=tuple((field.field, field.role) for field in layout.signatures if not field.visible),
            last=layout.signatures[-1].field if layout.signatures else "",
            archives=layout.archive_fields,
        ),
    )


def page(letter: Letter, labels: Labels, layout: Layout, logo: str = "", qr: str = "") -> str:
    """The HTML that is laid out. It is complete in itself: style sheet and logo stand in it."""
    inliner = Inliner(letter, labels, layout, _note)
    lead = letter.lead_signatory
    return pages.render(
        "letter.html",
        inliner,
        language_css=Markup(pages.language_css(layout)),
        margin_css=Markup(_margin_css(inliner)),
        css=Markup(layout.text("letter.css")),
        paper=PAPERS[layout.paper],
        logo=logo,
        qr=qr,
        author=lead.name.text if lead else "",
    )


def seal_qr(letter: Letter) -> str:
    """Document number and seal as a QR code (ISO/IEC 18004), an SVG in a `data:` URL: what stands in the footer, for who would rather not type it."""
    import segno

    return str(segno.make(f"{canonical.document_number(letter)} {canonical.seal(letter)}", error="m", micro=False).svg_data_uri(border=0))


def _margin_css(inliner: Inliner) -> str:
    """What stands in the margins: to whom and when from the second page on, the document's number and seal, the page; of a draft, what it is."""
    letter, labels, layout = inliner.letter, inliner.labels, inliner.layout
    names = " · ".join(markup.plain_of(name) for name in pages.running_head(letter))
    rules = pages.margin_words(
        {
            "top-left": f"{names} …" if len(letter.addressees) > 2 else names,
            "top-right": date_text(letter, layout),
            "bottom-left": f"{labels['document_number']} {canonical.document_number(letter)} · {labels['seal']} {inliner.seal}",
            "bottom-right": labels["page_of"],
        }
    )
    if layout.draft:
        rules += pages.margin_words({"left-middle": labels["draft"], "top-center": labels["draft_notice"]}, "draft")
    return rules


def _note(inliner: Inliner, note: Note) -> Markup:
    """The first reference carries the note itself, which the style sheet floats to the foot of the page; later ones point to it."""
    if note.key in inliner.seen:
        return Markup('<a class="note-again" href="#note-{0}">{0}</a>').format(note.number)
    inliner.seen.add(note.key)
    return Markup('<span class="note" role="doc-footnote" id="note-{}"{}>{}</span>').format(note.number, inliner.lang(note.text), inliner.block(note.text))
