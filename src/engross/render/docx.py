"""The letter as a Word document, styled by layouts/letter.docx.

python-docx opens that file, and the letter is written into it. Everything is native: styles, numbering, footnotes, fields, columns; nothing is drawn by hand that Word can do itself. The same letter gives the same bytes: names
sorted, dates of the letter, no editing-session ids. (`engross.render.word` explains fonts, languages and the style reference.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Letter
from engross.locales import BUILT_IN
from engross.render.layout import Layout
from engross.render.word import design as designs
from engross.render.word import opc, parts, wml
from engross.render.word.body import Body
from engross.render.word.fit import fit
from engross.render.word.fonts import Tongues, dominant_asian, east_asian
from engross.render.word.page import Page, heads_and_feet
from engross.render.word.runs import Writer

if TYPE_CHECKING:
    from docx.document import Document


def load() -> None:
    """Load python-docx now, for instance before a process forks: a hundred modules."""
    import docx  # noqa: F401


def render(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    """The letter as the bytes of a .docx file.

    Raises:
        EngrossError: the style reference is missing, damaged, or lacks a style; the logo is no PNG or JPEG; a text refers to no footnote.
    """
    design = designs.open_reference(layout.bytes(designs.FILE))
    tongues = _tongues(letter, layout, design)
    fit(design, layout.locale, tongues.latin, tongues.asian)
    document, writer = design.document, Writer(letter, labels, layout, design, tongues)
    page = Page(layout.paper, design.margins)
    body = Body(writer, document.part, page)
    opc.refill(document.part.element.body, *wml.elements(body.xml()))
    heads_and_feet(writer, page, document)
    _notes(writer, document)
    document.part.element.body[:0] = wml.elements(body.notice())
    opc.refill(document.settings.element, *wml.elements(_settings(layout, tongues, footnotes=bool(writer.cited))))
    _properties(letter, layout, document)
    return opc.save(document.part.package)


def _notes(writer: Writer, document: Document) -> None:
    """The footnotes part, which python-docx does not know, if the text refers to notes."""
    if writer.cited:
        part = opc.xml_part(document.part.package, "/word/footnotes.xml", parts.FOOTNOTES, opc.parse(f"<w:footnotes {wml.NAMESPACES}/>".encode()))
        part.element.extend(wml.elements(writer.footnotes(part)))
        document.part.relate_to(part, f"{opc.OFFICE}/footnotes")


def _tongues(letter: Letter, layout: Layout, design: designs.Design) -> Tongues:
    """Word keeps two defaults, for Latin and for East Asian text: one is the letter's language, the other what it holds beside it."""
    tag = layout.locale.tag
    if east_asian(tag):
        other = layout.locales.get("en", BUILT_IN["en"]).tag
        return Tongues(other, tag, design.asian_fonts(), layout.locales)
    found = dominant_asian(segment.text for segment in letter.segments())
    tongues = Tongues(tag, design.asian_default(), design.asian_fonts(), layout.locales)
    return Tongues(tag, tongues.tag(found), design.asian_fonts(), layout.locales) if found else tongues


def _settings(layout: Layout, tongues: Tongues, *, footnotes: bool) -> str:
    japanese = east_asian(layout.locale.tag) == "ja"
    return parts.settings(tongues.latin, tongues.asian, hyphenate=layout.locale.hyphenate, strict_kinsoku=japanese, footnotes=footnotes)


def _properties(letter: Letter, layout: Layout, document: Document) -> None:
    lead, package = letter.lead_signatory, document.part.package
    creator = lead.name.text if lead else ""
    title, subject = (markup.plain_of(segment) if segment else "" for segment in (letter.title, letter.subject))
    parts.core_properties(document, title=title, creator=creator, subject=subject, language=layout.locale.tag, day=letter.date)
    custom = {"Document number": canonical.document_number(letter), "Edition": str(letter.edition), "Seal": canonical.seal(letter)}
    package.relate_to(opc.blob_part(package, "/docProps/app.xml", parts.APP, parts.app_properties(creator)), f"{opc.OFFICE}/extended-properties")
    package.relate_to(opc.blob_part(package, "/docProps/custom.xml", parts.CUSTOM, parts.custom_properties(custom)), f"{opc.OFFICE}/custom-properties")
