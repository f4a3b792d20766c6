"""The bilingual edition as a Word document: a table to write into and to comment on. (`engross.render.bilingual` makes the PDF, and says what a row is.)"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Letter, Segment, Standing
from engross.render.bilingual import WORDS, Row, counts, cut, glossary, languages
from engross.render.layout import Layout
from engross.render.word import design as designs
from engross.render.word import opc, parts, wml
from engross.render.word.fit import fit
from engross.render.word.fonts import Tongues, east_asian
from engross.render.word.page import PAPERS

_MARGIN = 720
"""Half an inch, in twentieths of a point."""
_SHARES = (9, 34, 34, 23)
_TERM_SHARES = (25, 25, 25, 25)
_SIZE, _SMALL = "18", "15"
"""In half points."""
_COLOURS = {"error": "A3341F", "warning": "7A4B00", "note": "2B4C7E"}
_UNREADY, _TERM = "FBEEE9", "EAF4F3"
"""Grounds of a text that is not ready, and of a term; as in the PDF."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a piece of text is set."""

    lang: str
    bold: bool = False
    italic: bool = False
    small: bool = False
    colour: str = ""
    ground: str = ""
    term: bool = False


@dataclass
class Sheet:
    """Writes the runs and tables of one bilingual edition."""

    letter: Letter
    layout: Layout
    design: designs.Design
    tongues: Tongues
    base: str = field(init=False)

    def __post_init__(self) -> None:
        self.base = self.letter.source_lang

    def run(self, text: str, look: Look) -> str:
        """Runs of plain text, each piece in the language its script shows."""
        size = _SMALL if look.small else _SIZE
        children = {"sz": f'<w:sz w:val="{size}"/>', "szCs": f'<w:szCs w:val="{size}"/>'}
        children |= {"b": "<w:b/>", "bCs": "<w:bCs/>"} if look.bold else {}
        children |= {"i": "<w:i/>", "iCs": "<w:iCs/>"} if look.italic else {}
        children |= {"color": f'<w:color w:val="{look.colour}"/>'} if look.colour else {}
        line = '<w:u w:val="single" w:color="2F6F73"/>' if look.term else ""
        ground = f'<w:shd w:val="clear" w:color="auto" w:fill="{look.ground}"/>' if look.ground else ""
        children |= {"highlight": line + ground}  # the two follow where a highlight would stand
        return "".join(wml.run(piece, self.tongues.run_properties(lang, **children)) for piece, lang in markup.runs(text, look.lang))

    def words(self, text: str, **look: str | bool) -> str:
        """Runs in the language of the frame."""
        return self.run(text, replace(Look(self.base), **look))  # type: ignore[arg-type] # fields of Look

    def text(self, segment: Segment, phrases: Sequence[str], look: Look) -> str:
        """The runs of a text, the phrases in it marked."""
        nodes = markup.parse(segment.text) if segment.markup else (markup.Text(segment.text),)
        return "".join(self._nodes(nodes, phrases, look))

    def _nodes(self, nodes: Sequence[markup.Inline], phrases: Sequence[str], look: Look) -> Iterator[str]:
        bold = self.layout.locales[look.lang].emphasis == "bold" if look.lang in self.layout.locales else False
        for node in nodes:
            if isinstance(node, markup.Text):
                yield from (self.run(piece, replace(look, ground=_TERM, term=True) if marked else look) for piece, marked in cut(node.text, phrases))
            elif isinstance(node, markup.NoteRef):
                yield self.run(f"[{node.key}]", replace(look, small=True))
            elif isinstance(node, markup.Link):
                yield from self._nodes(node.children, phrases, look)
                yield self.run(f" [{node.href}]", replace(look, small=True))
            else:
                strong = isinstance(node, markup.Strong) or bold
                yield from self._nodes(node.children, phrases, replace(look, bold=True) if strong else replace(look, italic=True))

    def paragraph(self, runs: str, style: str = "Body Text", *, after: int = 40, heading: bool = False) -> str:
        """A paragraph with tight spacing, left aligned: cells are narrow."""
        children = {"pStyle": f'<w:pStyle w:val="{self.design.style(style)}"/>', "jc": '<w:jc w:val="left"/>', "ind": '<w:ind w:left="0" w:firstLine="0"/>'}
        children |= {"spacing": f'<w:spacing w:before="0" w:after="{after}" w:line="250" w:lineRule="atLeast"/>'}
        children |= {"keepNext": "<w:keepNext/>", "outlineLvl": '<w:outlineLvl w:val="0"/>'} if heading else {}
        return f"<w:p>{wml.properties('pPr', wml.PARAGRAPH_ORDER, children)}{runs}</w:p>"

    def table(self, shares: Sequence[int], head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
        """A table over the width of the page; its first row is repeated on each. Cells are ready paragraphs."""
        width = self.width
        columns = [width * share // sum(shares) for share in shares]
        borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="C9CED8"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
        properties = f'<w:tblPr><w:tblW w:w="{width}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr>'
        grid = "".join(f'<w:gridCol w:w="{column}"/>' for column in columns)
        rows = [self._row(columns, [self.paragraph(self.words(text, bold=True)) for text in head], "<w:cantSplit/><w:tblHeader/>", shade="EEF1F6")]
        rows += [self._row(columns, cells, "<w:cantSplit/>") for cells in body]
        return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"

    def _row(self, columns: Sequence[int], cells: Sequence[str], properties: str, *, shade: str = "") -> str:
        fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
        made = (f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{fill}</w:tcPr>{cell}</w:tc>' for width, cell in zip(columns, cells, strict=True))
        return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(made)}</w:tr>"

    @property
    def width(self) -> int:
        """Between the margins of the page, which lies on its side."""
        return PAPERS[self.layout.paper][1] - 2 * _MARGIN


def render(rows: Sequence[Row], letter: Letter, labels: Labels, layout: Layout) -> bytes:
    """The bilingual edition as the bytes of a .docx file. `letter` and `layout` are the translation's, `labels` the source language's.

    Raises:
        EngrossError: the style reference is missing, damaged, or lacks a style.
    """
    design = designs.open_reference(layout.bytes(designs.FILE))
    source, target = layout.locales[letter.source_lang].tag, layout.locale.tag
    tongues = Tongues(source, target if east_asian(target) else design.asian_default(), design.asian_fonts(), layout.locales)
    fit(design, layout.locales[letter.source_lang], tongues.latin, tongues.asian)
    sheet, document = Sheet(letter, layout, design, tongues), design.document
    names = languages(letter, layout)
    rest = [sheet.paragraph(sheet.words(WORDS["terms"], bold=True), heading=True), _terms(sheet, rows)] if any(row.terms for row in rows) else []
    body = [*_top(sheet, rows, labels, names), _texts(sheet, rows, names), sheet.paragraph(""), *rest, sheet.paragraph("")]
    opc.refill(document.part.element.body, *wml.elements("".join(body) + _section(layout)))
    opc.refill(document.settings.element, *wml.elements(parts.settings(tongues.latin, tongues.asian)))
    title = f"{WORDS['title']}: {canonical.document_number(letter)}"
    parts.core_properties(document, title=title, creator="", subject="", language=source, day=letter.date)
    footer = document.sections[0].footer
    footer.is_linked_to_previous = False
    opc.refill(footer.part.element, *wml.elements(_foot(sheet, labels, letter)))
    return opc.save(document.part.package)


def _top(sheet: Sheet, rows: Sequence[Row], labels: Labels, names: tuple[str, str]) -> Iterator[str]:
    yield sheet.paragraph(sheet.words(f"{WORDS['title']}: {names[0]} – {names[1]}", bold=True), heading=True)
    yield sheet.paragraph(sheet.words(f"{labels['draft_notice']}. {counts(rows)}. {WORDS['legend']}", small=True))
    yield sheet.paragraph(sheet.words(f"{WORDS['read_by']}: {'_' * 40}   {WORDS['read_on']}: {'_' * 18}"), after=120)


def _texts(sheet: Sheet, rows: Sequence[Row], names: tuple[str, str]) -> str:
    return sheet.table(_SHARES, [WORDS["place"], *names, WORDS["remarks"]], [list(_cells(sheet, row)) for row in rows])


def _cells(sheet: Sheet, row: Row) -> Iterator[str]:
    heading = row.role == "heading"
    yield sheet.paragraph(sheet.words(row.label, small=True), after=0) + sheet.paragraph(sheet.words(row.role, small=True, colour="666C77"))
    yield sheet.paragraph(sheet.text(row.source, [term.source for term in row.terms], Look(row.source.lang, bold=heading)))
    ground = _UNREADY if row.target.standing in (Standing.FUZZY, Standing.EMPTY) else ""
    text = sheet.paragraph(sheet.text(row.target, [term.target for term in row.terms], Look(row.target.lang, bold=heading, ground=ground)))
    flags = (
        sheet.words(flag.code, small=True, bold=True, colour=_COLOURS[flag.kind]) + sheet.words(f" {flag.message}", small=True, colour=_COLOURS[flag.kind]) for flag in row.flags
    )
    yield text + "".join(sheet.paragraph(runs) for runs in flags)
    yield sheet.paragraph("")


def _terms(sheet: Sheet, rows: Sequence[Row]) -> str:
    look = Look(sheet.letter.lang)
    cells = [
        [
            sheet.paragraph(sheet.words(line.term)),
            sheet.paragraph(sheet.run(" / ".join(line.required), look)),
            sheet.paragraph(sheet.run(" / ".join(line.used), look)),
            sheet.paragraph(sheet.words(", ".join(line.places), small=True)),
        ]
        for line in glossary(rows)
    ]
    return sheet.table(_TERM_SHARES, [WORDS[name] for name in ("term", "required", "used", "where")], cells)


def _section(layout: Layout) -> str:
    height, width = PAPERS[layout.paper]
    sides = " ".join(f'w:{side}="{_MARGIN}"' for side in ("top", "right", "bottom", "left"))
    return f'<w:sectPr><w:pgSz w:w="{width}" w:h="{height}" w:orient="landscape"/><w:pgMar {sides} w:header="400" w:footer="400" w:gutter="0"/></w:sectPr>'


def _foot(sheet: Sheet, labels: Labels, letter: Letter) -> str:
    text = f"{WORDS['title']} · {labels['document_number']} {canonical.document_number(letter)} · {labels['seal']} {canonical.seal(letter)} · "
    size = sheet.tongues.run_properties(sheet.base, sz=f'<w:sz w:val="{_SMALL}"/>', szCs=f'<w:szCs w:val="{_SMALL}"/>')
    numbers = {"{page}": wml.field("PAGE", "1", size), "{pages}": wml.field("NUMPAGES", "1", size)}
    runs, rest = sheet.words(text, small=True), labels["page_of"]
    for name, field_ in numbers.items():
        before, _, rest = rest.partition(name)
        runs += (sheet.words(before, small=True) if before else "") + field_
    return sheet.paragraph(runs + (sheet.words(rest, small=True) if rest else ""), "footer", after=0)
