"""The letter as a Word document, styled by layouts/letter.docx.

Everything is native: styles, numbering, footnotes, fields, columns; nothing is drawn by hand that Word can do itself. The same letter gives the same bytes: names
sorted, dates of the letter, no editing-session ids. (`engross.render.word` explains fonts, languages and the style reference.)
"""

from __future__ import annotations

from functools import lru_cache

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Letter, Segment
from engross.locales import BUILT_IN
from engross.render.layout import Layout
from engross.render.word import design as designs
from engross.render.word import parts, wml
from engross.render.word.body import Body
from engross.render.word.fit import fit
from engross.render.word.fonts import Tongues, dominant_asian, east_asian, font_table
from engross.render.word.opc import HEAD, OFFICE, PACKAGE, Part, Relationships, serialize, write
from engross.render.word.page import Page, heads_and_feet
from engross.render.word.runs import Writer


def render(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    """The letter as the bytes of a .docx file.

    Raises:
        EngrossError: the style reference is missing, damaged, or lacks a style; the logo is no PNG or JPEG; a text refers to no footnote.
    """
    design = designs.copy(_design(layout.bytes(designs.FILE)))
    tongues = _tongues(letter, layout, design)
    fit(design, layout.locale, tongues.latin, tongues.asian)
    writer = Writer(letter, labels, layout, design, tongues)
    page = Page(layout.paper, design.margins)
    rels = Relationships()
    for name in ("styles", "numbering", "settings", "fontTable"):
        rels.add(f"{OFFICE}/{name}", f"{name}.xml")
    rels.add(f"{OFFICE}/theme", "theme/theme1.xml")
    files = heads_and_feet(writer, page)
    page.references = [
        f'<w:{kind}Reference w:type="{which}" r:id="{rels.add(f"{OFFICE}/{kind}", f"{kind}{at}.xml")}"/>'
        for kind in ("header", "footer")
        for at, which in ((2, "default"), (1, "first"))
    ]
    body = Body(writer, rels, page)
    text = body.xml()
    if writer.cited:
        rels.add(f"{OFFICE}/footnotes", "footnotes.xml")
        own = Relationships()
        files["footnotes.xml"] = Part((HEAD + writer.footnotes(own)).encode(), parts.FOOTNOTES, own)
    files["document.xml"] = Part(f"{HEAD}<w:document {wml.NAMESPACES}><w:body>{body.notice()}{text}</w:body></w:document>".encode(), parts.DOCUMENT, rels)
    files["settings.xml"] = Part(_settings(layout, tongues, footnotes=bool(writer.cited)), parts.SETTINGS)
    files["styles.xml"] = Part(serialize(design.styles), parts.STYLES)
    files["numbering.xml"] = Part(serialize(design.numbering), parts.NUMBERING)
    files["fontTable.xml"] = Part(serialize(design.fonts) if design.fonts is not None else font_table(), parts.FONTS)
    files["theme/theme1.xml"] = Part(serialize(design.theme), parts.THEME)
    return write({**{f"word/{name}": part for name, part in files.items()}, **_properties(letter, layout)}, _package())


@lru_cache(maxsize=4)
def _design(data: bytes) -> designs.Design:
    """Reading the reference costs as much as writing a letter: once for all languages."""
    return designs.read(data)


def _tongues(letter: Letter, layout: Layout, design: designs.Design) -> Tongues:
    """Word keeps two defaults, for Latin and for East Asian text: one is the letter's language, the other what it holds beside it."""
    tag = layout.locale.tag
    if east_asian(tag):
        other = layout.locales.get("en", BUILT_IN["en"]).tag
        return Tongues(other, tag, design.asian_fonts(), layout.locales)
    found = dominant_asian(segment.text for segment in letter.segments())
    tongues = Tongues(tag, design.asian_default(), design.asian_fonts(), layout.locales)
    return Tongues(tag, tongues.tag(found), design.asian_fonts(), layout.locales) if found else tongues


def _settings(layout: Layout, tongues: Tongues, *, footnotes: bool) -> bytes:
    japanese = east_asian(layout.locale.tag) == "ja"
    return parts.settings(tongues.latin, tongues.asian, hyphenate=layout.locale.hyphenate, strict_kinsoku=japanese, footnotes=footnotes)


def _properties(letter: Letter, layout: Layout) -> dict[str, Part]:
    lead = letter.lead_signatory
    creator = lead.name.text if lead else ""
    title, subject = (_plain(segment) for segment in (letter.title, letter.subject))
    core = parts.core_properties(title=title, creator=creator, subject=subject, language=layout.locale.tag, day=letter.date.isoformat())
    custom = {"Document number": canonical.document_number(letter), "Edition": str(letter.edition), "Seal": canonical.seal(letter)}
    return {
        "docProps/core.xml": Part(core, parts.CORE),
        "docProps/app.xml": Part(parts.app_properties(creator), parts.APP),
        "docProps/custom.xml": Part(parts.custom_properties(custom), parts.CUSTOM),
    }


def _plain(segment: Segment | None) -> str:
    if segment is None:
        return ""
    return markup.plain(segment.text) if segment.markup else segment.text


def _package() -> Relationships:
    rels = Relationships()
    rels.add(f"{OFFICE}/officeDocument", "word/document.xml")
    rels.add(f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")
    rels.add(f"{OFFICE}/extended-properties", "docProps/app.xml")
    rels.add(f"{OFFICE}/custom-properties", "docProps/custom.xml")
    return rels
