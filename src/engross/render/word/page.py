"""Paper, margins, sections, head and foot, and the watermark of a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engross import canonical
from engross.render.word import wml
from engross.render.word.opc import escape, quoteattr, refill
from engross.render.word.picture import logo

if TYPE_CHECKING:
    from docx.document import Document
    from docx.parts.story import StoryPart
    from docx.section import _Footer, _Header

    from engross.render.word.runs import Writer

PAPERS = {"a4": (11906, 16838), "letter": (12240, 15840)}
"""Width and height in twentieths of a point: A4 (ISO 216) and US Letter."""

GAP = 454
"""Between columns, 8 mm."""


@dataclass
class Page:
    """The page of one letter."""

    paper: str
    margins: dict[str, str]
    """Attributes of `w:pgMar`."""

    @property
    def text_width(self) -> int:
        """Between the margins, in twentieths of a point."""
        return PAPERS[self.paper][0] - int(self.margins["left"]) - int(self.margins["right"]) - int(self.margins["gutter"])

    def first(self) -> str:
        """The section from the top to the closing: a first page of its own, and what heads and feet the later ones inherit."""
        return section(self, head=True)

    def last(self, *, first: bool) -> str:
        """The section at the end, on the same page as what precedes it; `first` when it is the only one."""
        return section(self, head=first, continuous=not first)


def section(page: Page, *, columns: int = 1, continuous: bool = False, head: bool = False) -> str:
    """`w:sectPr`, children in schema order."""
    width, height = PAPERS[page.paper]
    margins = " ".join(f"w:{key}={quoteattr(value)}" for key, value in page.margins.items())
    cols = f'<w:cols w:num="{columns}" w:space="{GAP}"/>' if columns > 1 else f'<w:cols w:space="{GAP}"/>'
    return (
        "<w:sectPr>"
        + ('<w:type w:val="continuous"/>' if continuous else "")
        + f'<w:pgSz w:w="{width}" w:h="{height}"/><w:pgMar {margins}/>{cols}'
        + ("<w:titlePg/>" if head else "")
        + "</w:sectPr>"
    )


def heads_and_feet(writer: Writer, page: Page, document: Document) -> None:
    """Fill the first section's headers and footers, which the later ones inherit.

    The letterhead is on the first page, whom it speaks to and the date on the others; number, seal and page are on all. A draft has its watermark in both headers, where Word's own watermarks are.
    """
    letter, layout = writer.letter, writer.layout
    watermark = _watermark(writer) if layout.draft else ("", "")
    first = document.sections[0]
    part = _made(first.first_page_header)
    lead = letter.lead_signatory
    letterhead = logo(layout, lead.name.text, part) + writer.segment(lead.name, part) if lead else ""
    _fill(part, _paragraph(writer, "Letterhead" if letterhead else "header", watermark[0] + letterhead))
    names = writer.text(" · ").join(writer.text(who.name.text, lang=who.name.lang) for who in letter.addressees[:2])
    more = writer.text(" …") if len(letter.addressees) > 2 else ""
    running = names + more + _TAB + writer.text(layout.locale.format_date(letter.date))
    _fill(_made(first.header), _paragraph(writer, "header", watermark[1] + running, page))
    for footer in (first.first_page_footer, first.footer):
        _fill(_made(footer), _foot(writer, page))


def _made(story: _Header | _Footer) -> StoryPart:
    """The part behind a header or footer, which python-docx makes when it is no longer taken from the section before."""
    story.is_linked_to_previous = False
    return story.part


def _fill(part: StoryPart, paragraph: str) -> None:
    refill(part.element, *wml.elements(paragraph))


_TAB = "<w:r><w:tab/></w:r>"


def _paragraph(writer: Writer, style: str, runs: str, page: Page | None = None) -> str:
    children = {"pStyle": f'<w:pStyle w:val="{writer.design.style(style)}"/>'}
    if page:
        # The right edge depends on the paper, so the tab stop is here and not in the style, whose own stops are cleared.
        old = "".join(f'<w:tab w:val="clear" w:pos="{at}"/>' for at in writer.design.tab_stops(style) if at != page.text_width)
        children["tabs"] = f'<w:tabs>{old}<w:tab w:val="right" w:pos="{page.text_width}"/></w:tabs>'
    return f"<w:p>{wml.properties('pPr', wml.PARAGRAPH_ORDER, children)}{runs}</w:p>"


def _foot(writer: Writer, page: Page) -> str:
    labels, letter = writer.labels, writer.letter
    text = f"{labels['document_number']} {canonical.document_number(letter)} · {labels['seal']} {canonical.seal(letter)}"
    numbers = {"page": _number(writer, "PAGE"), "pages": _number(writer, "NUMPAGES")}
    return _paragraph(writer, "footer", writer.text(text) + _TAB + writer.pattern(labels["page_of"], **numbers), page)


def _number(writer: Writer, instruction: str) -> str:
    return wml.field(instruction, "1", writer.tongues.run_properties(writer.letter.lang))


def _watermark(writer: Writer) -> tuple[str, str]:
    """Word's text watermark (Design > Watermark), for the two headers: WordArt behind the text, turned, in the middle of the margins ([MS-OI29500])."""
    word = writer.labels["draft"]
    wide = sum(2 if ord(c) > 0x2E7F else 1.2 for c in word)
    width = min(430, round(wide * 75))
    height = round(width / wide * 1.5)
    font = writer.tongues.display_font(writer.letter.lang, writer.design.latin_font)
    kind = (
        '<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
        '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/>'
        '<v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/><v:f eqn="sum @6 0 @5"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="custom" o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" o:connectangles="270,180,90,0"/><v:textpath on="t" fitshape="t"/>'
        '<v:handles><v:h position="#0,bottomRight" xrange="6629,14971"/></v:handles><o:lock v:ext="edit" text="t" shapetype="t"/></v:shapetype>'
    )

    def shape(at: int) -> str:
        """The watermark as VML, numbered `at`: each header has one of its own."""
        style = (
            f"position:absolute;margin-left:0;margin-top:0;width:{width}pt;height:{height}pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;"
            "mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-position-vertical-relative:margin"
        )
        return (
            f'<w:r><w:rPr><w:noProof/></w:rPr><w:pict>{kind}<v:shape id="PowerPlusWaterMarkObject{at}" o:spid="_x0000_s{2048 + at}" type="#_x0000_t136" alt={quoteattr(word)} '
            f'style="{style}" o:allowincell="f" fillcolor="silver" stroked="f"><v:fill opacity=".5"/>'
            f'<v:textpath style="font-family:&quot;{escape(font)}&quot;;font-size:1pt" string={quoteattr(word)}/><w10:wrap anchorx="margin" anchory="margin"/></v:shape></w:pict></w:r>'
        )

    return shape(1), shape(2)
