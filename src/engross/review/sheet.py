"""Paragraphs of review files and redlines: runs with formatting and language, in the styles of layouts/letter.docx."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from engross import markup
from engross.letter import Letter
from engross.render.layout import Layout
from engross.render.word import design as designs
from engross.render.word import opc, parts, wml
from engross.render.word.fit import fit
from engross.render.word.fonts import Tongues, dominant_asian, east_asian
from engross.render.word.page import PAPERS
from engross.render.word.runs import HYPERLINK
from engross.review.manuscript import Line
from engross.review.wording import Glyph, Glyphs

_NUMBERED = ("List Number", "List Number 2")
_BLOCKS = ("Letter Address", "CC")
"""Styles of several short lines that the letter sets as one paragraph, and that are one each here."""


@dataclass
class Sheet:
    """A Word document being written. One instance a file."""

    letter: Letter
    """Gives name, date and language."""
    layout: Layout
    design: designs.Design
    tongues: Tongues
    numbers: dict[int, str] = field(default_factory=dict)
    """By level, the numbering of the list that is open."""

    @classmethod
    def begin(cls, letter: Letter, layout: Layout, texts: Sequence[str]) -> Sheet:
        """An empty document in the letter's language; `texts` tell which East Asian language it holds beside it."""
        design = designs.open_reference(layout.bytes(designs.FILE))
        tag = layout.locale.tag
        base = Tongues("en-US", design.asian_default(), design.asian_fonts(), layout.locales)
        asian = tag if east_asian(tag) else base.tag(found) if (found := dominant_asian(texts)) else base.asian
        latin = base.tag(letter.source_lang) if east_asian(tag) else tag
        fit(design, layout.locale, latin, asian)
        return cls(letter, layout, design, Tongues(latin, asian, design.asian_fonts(), layout.locales))

    def paragraph(self, style: str, runs: str, **children: str) -> str:
        """A paragraph in a style of the reference."""
        own = {"pStyle": f'<w:pStyle w:val="{self.design.style(style)}"/>', **children}
        return f"<w:p>{wml.properties('pPr', wml.PARAGRAPH_ORDER, own)}{runs}</w:p>"

    def line(self, line: Line, runs: str, mark: str = "") -> str:
        """A text of the letter in its own style, lists numbered as the letter's; `mark` is what `w:rPr` of the paragraph's end holds."""
        children = {"rPr": f"<w:rPr>{mark}</w:rPr>"} if mark else {}
        if line.style in _BLOCKS:
            children["contextualSpacing"] = "<w:contextualSpacing/>"
        if line.style in _NUMBERED:
            if line.first or line.level not in self.numbers:
                self.numbers[line.level] = self.design.restart(line.style, line.level, line.start)
            children["numPr"] = f'<w:numPr><w:ilvl w:val="{line.level}"/><w:numId w:val="{self.numbers[line.level]}"/></w:numPr>'
        return self.paragraph(line.style, runs, **children)

    def runs(self, text: Glyphs, lang: str, *, strong: bool = False, deleted: bool = False, grey: bool = False, wrap: Callable[[str], str] = str) -> str:
        """Characters as runs, each piece in the language its script shows; links as links, `wrap` put around the runs inside them."""
        out = []
        for look, group in groupby(text, key=lambda glyph: glyph[1:]):
            glyphs = tuple(group)
            pieces = "".join(self._piece(piece, language, Glyph("", *look), strong=strong, deleted=deleted, grey=grey) for piece, language in _pieces(glyphs, lang))
            pieces = wrap(pieces)
            href = glyphs[0].href
            if href:
                key = self.design.document.part.relate_to(href, HYPERLINK, is_external=True)
                pieces = f'<w:hyperlink r:id="{key}" w:history="1">{pieces}</w:hyperlink>'
            out.append(pieces)
        return "".join(out)

    def _piece(self, text: str, lang: str, look: Glyph, *, strong: bool, deleted: bool, grey: bool) -> str:
        """A run of one look, struck out where it was deleted."""
        style = "Strong" if look.strong or strong else "Emphasis" if look.emphasis else "Hyperlink" if look.href else ""
        children = {"rStyle": f'<w:rStyle w:val="{self.design.style(style)}"/>'} if style else {}
        if look.emphasis and style == "Strong":
            children |= {"i": "<w:i/>", "iCs": "<w:iCs/>"}
        if grey:
            children["color"] = '<w:color w:val="595959"/>'
        run = wml.run(text, self.tongues.run_properties(lang, **children))
        return run.replace("<w:t>", "<w:delText>").replace("<w:t ", "<w:delText ").replace("</w:t>", "</w:delText>") if deleted else run

    def finish(self, body: str, *, title: str, custom: dict[str, str], tracked: bool = False) -> bytes:
        """The document with its body as the bytes of a .docx file; with `tracked`, whoever edits it does so with changes tracked."""
        document, package, letter = self.design.document, self.design.document.part.package, self.letter
        opc.refill(document.part.element.body, *wml.elements(body))
        settings = parts.settings(self.tongues.latin, self.tongues.asian)
        if tracked:
            settings = settings.replace("<w:defaultTabStop", '<w:trackRevisions/><w:documentProtection w:edit="trackedChanges" w:enforcement="1"/><w:defaultTabStop', 1)
        opc.refill(document.settings.element, *wml.elements(settings))
        lead = letter.lead_signatory
        parts.core_properties(document, title=title, creator=lead.name.text if lead else "", subject=letter.id, language=self.layout.locale.tag, day=letter.date)
        package.relate_to(opc.blob_part(package, "/docProps/app.xml", parts.APP, parts.app_properties()), f"{opc.OFFICE}/extended-properties")
        package.relate_to(opc.blob_part(package, "/docProps/custom.xml", parts.CUSTOM, parts.custom_properties(custom)), f"{opc.OFFICE}/custom-properties")
        return opc.save(package)

    def section(self, *, landscape: bool = False) -> str:
        """The page: the layout's paper, upright or for two columns side by side."""
        width, height = PAPERS[self.layout.paper]
        size = f'w:w="{height}" w:h="{width}" w:orient="landscape"' if landscape else f'w:w="{width}" w:h="{height}"'
        side = 1134 if landscape else 1418
        return (
            f'<w:sectPr><w:pgSz {size}/><w:pgMar w:top="{side}" w:right="{side}" w:bottom="{side}" w:left="{side}" w:header="709" w:footer="624" w:gutter="0"/>'
            '<w:cols w:space="454"/></w:sectPr>'
        )


def _pieces(text: Glyphs, lang: str) -> list[tuple[str, str]]:
    return markup.runs("".join(glyph.text for glyph in text), lang)
