"""The private parts of WeasyPrint 70.0 that are touched, all of them, each change named, small and independent of the others.

What the stock version lacks for these letters, and what is done about it:

- `keep_words`: `word-break: keep-all` is not implemented; Korean words are kept whole with Pango's allow-breaks attribute.
- `justify`: lines end short of the margin, because the space added to a line takes away the kerning around its spaces after it was measured; and nothing
  but spaces stretches, so that Japanese lines are ragged and Korean ones full of holes. Here the glyphs of the measured line are moved apart.
- `line_ends` (drawn by `justify`): the space where a line breaks is dropped, so that words run together for who listens; inserted hyphens stand in the text.
- `tag_languages`: `Lang` stands on structure elements (ISO 14289-1, 7.2), footnotes are Reference and Note (7.9), a link's `Contents` is its text.
- `margin_artifacts`: page numbers, running heads and watermarks are artifacts (7.8).
- `claim_ua`: PDF/A-3a and PDF/UA-1 cannot both be asked for; the second claim is added to the XMP with the schema that PDF/A wants described.

`weasy.load` applies `REPAIRS` once, and refuses any other version rather than patching blindly.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from engross.errors import OutsideError
from engross.render.justification import Gaps, distribute, stretch
from engross.render.signature_fields import PREFIX

VERSION = "70.0"
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_HANGUL_WORD = re.compile(r"\S*[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]\S*")

_UA_CLAIM = """<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description></rdf:li></rdf:Seq></pdfaSchema:property></rdf:li>\
</rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


def claim_ua(document: Any) -> None:
    """Say PDF/UA-1 (ISO 14289-1, 5) beside PDF/A-3a in the XMP, with the extension schema of ISO 19005-3, 6.6.2.3."""
    stock = document.metadata.generate_rdf_metadata

    def generate(variant: str, version: int, conformance: str) -> bytes:
        head, closing, rest = stock(variant, version, conformance).decode().rpartition("</rdf:RDF>")
        if not closing or rest.strip():
            raise OutsideError("WeasyPrint wrote XMP of a strange shape", hint="install the locked packages")
        return str(head + _UA_CLAIM).encode()

    document.metadata.generate_rdf_metadata = generate


def keep_words() -> None:
    """Never break a line inside a word with Hangul: in one run by Pango's attribute, between two runs by answering that there is no break."""
    from weasyprint.layout import inline
    from weasyprint.text import line_break
    from weasyprint.text.ffi import ffi, pango

    ffi.cdef("PangoAttribute * pango_attr_allow_breaks_new (int allow_breaks);")
    stock_set_text, stock_can_break = line_break.Layout.set_text, inline.can_break_text

    def set_text(self: Any, text: str, justify: bool = False) -> None:
        """The text, with its Korean words kept whole."""
        stock_set_text(self, text, justify)
        if not _HANGUL.search(self.text):  # a look for words around each character of a Japanese line takes long
            return
        words = [match for match in _HANGUL_WORD.finditer(self.text) if match.end() - match.start() > 1]
        if not words:
            return
        attributes = pango.pango_layout_get_attributes(self.layout)
        if attributes == ffi.NULL:
            attributes = ffi.gc(pango.pango_attr_list_new(), pango.pango_attr_list_unref)
        byte = end = 0
        for match in words:
            start = byte + len(self.text[end : match.start()].encode())
            byte, end = start + len(match[0].encode()), match.end()
            attribute = pango.pango_attr_allow_breaks_new(0)
            attribute.start_index, attribute.end_index = start, byte
            pango.pango_attr_list_insert(attributes, attribute)
        pango.pango_layout_set_attributes(self.layout, attributes)

    def can_break_text(text: str, lang: str | None) -> bool:
        if text and _HANGUL.search(text):
            return bool(re.search(r"\s\S", text))
        return bool(stock_can_break(text, lang))

    line_break.Layout.set_text, inline.can_break_text = set_text, can_break_text


def justify() -> None:
    """Fill justified lines exactly, and as each script does: see `engross.render.justification`.

    Stock code adds the space as a Pango attribute and lays the line out again when it is drawn; here the line is laid out as it was measured, and its glyphs
    are moved apart.
    """
    from weasyprint.layout import inline
    from weasyprint.text import line_break
    from weasyprint.text.ffi import ffi

    stock_first_line = line_break.Layout.get_first_line
    pango_units = round(1 / line_break.FROM_UNITS)

    def justify_line(context: Any, line: Any, extra: float) -> None:
        runs = list(_text_boxes(line))
        shares = distribute([(box.text, box.style["lang"] or "", box.style["font_size"]) for box in runs], extra)
        _spread(line, {id(box): gaps for box, gaps in zip(runs, shares, strict=True)}, 0.0)

    def get_first_line(self: Any) -> tuple[Any, int | None]:
        line, index = stock_first_line(self)
        gaps = self.__dict__.pop("widen", None)
        if gaps:
            stretch(line, self.text.encode(), gaps, ffi, pango_units)
        return line, index

    def reactivate(self: Any, style: Any) -> None:
        self.setup(style)
        self.set_text(self.text + self.__dict__.get("line_end", ""))
        self.widen = self.__dict__.get("gaps")

    inline.justify_line, line_break.Layout.get_first_line, line_break.Layout.reactivate = justify_line, get_first_line, reactivate


def _text_boxes(box: Any) -> Iterator[Any]:
    """The runs of text of a line, in order; those inside inline blocks belong to other lines."""
    from weasyprint.formatting_structure import boxes

    for child in box.children:
        if isinstance(child, boxes.TextBox):
            yield child
        elif isinstance(child, boxes.InlineBox) and child.is_in_normal_flow():
            yield from _text_boxes(child)


def _spread(box: Any, shares: Mapping[int, Gaps], shift: float) -> float:
    """Move `box` and what it holds to the right by `shift` and by what grows inside it; the result is the shift of what follows."""
    from weasyprint.formatting_structure import boxes

    if isinstance(box, boxes.TextBox):
        gaps = shares[id(box)]
        box.position_x += shift
        box.width += gaps.total
        box.pango_layout = copy.copy(box.pango_layout)  # boxes that are laid out again share it
        box.pango_layout.gaps = gaps
        return shift + gaps.total
    if not isinstance(box, (boxes.LineBox, boxes.InlineBox)):
        box.translate(shift, 0)
        return shift
    box.position_x += shift
    end = shift
    for child in box.children:
        if child.is_in_normal_flow():
            end = _spread(child, shares, end)
    box.width += end - shift
    return end


def line_ends() -> None:
    """Keep the space at which a line was broken, invisible at its end, and mark the hyphens that were put in: who listens or copies gets whole words."""
    from weasyprint.layout import inline

    stock_split = inline.split_text_box

    def split_text_box(context: Any, box: Any, width: Any, skip: int | None, **more: Any) -> Any:
        """As WeasyPrint's, with the line's end noted."""
        line, resume, preserved = stock_split(context, box, width, skip, **more)
        if line is not None and resume:
            taken = box.text.encode()[skip or 0 : resume]
            if taken.endswith(b" ") and not line.text.endswith(" "):
                line.pango_layout.line_end = " "
            elif not taken.endswith(line.text[-1:].encode()):
                line.pango_layout.hyphenated = True
        return line, resume, preserved

    inline.split_text_box = split_text_box


def tag_languages() -> None:
    """Say in the structure tree what the page says: languages, notes and their references, what links are called, words without inserted hyphens."""
    import pydyf
    from weasyprint import pdf
    from weasyprint.formatting_structure import boxes
    from weasyprint.layout.absolute import AbsolutePlaceholder
    from weasyprint.pdf import tags

    stock_build, stock_add = tags._build_box_tree, pdf.add_tags
    languages: list[str] = []

    def build(box: Any, parent: Any, *rest: Any) -> Iterator[Any]:
        box = box._box if isinstance(box, AbsolutePlaceholder) else box
        for element in stock_build(box, parent, *rest):
            if box.element is not None and not isinstance(box, boxes.PageBox) and box.element_tag not in ("html", "body"):
                _mend(element, box, languages[-1])
                _adopt(element, rest[0].objects)
            yield element

    def add_tags(writer: Any, document: Any, version: Any, streams: Any) -> None:
        languages.append(document.metadata.lang)
        hyphenated = _hyphenated(writer, streams)
        stock_add(writer, document, version, streams)
        languages.pop()
        for element in writer.objects if hyphenated else ():
            if isinstance(element, dict) and element.get("S") == "/Span" and (text := hyphenated.get((element["Pg"], *element["K"]))):
                element["ActualText"] = pydyf.String(text)

    tags._build_box_tree, pdf.add_tags = build, add_tags


def _hyphenated(writer: Any, streams: Any) -> dict[tuple[Any, ...], str]:
    """The lines that end with an inserted hyphen, by page and marked content, with the text that belongs there (ISO 32000-1, 14.9.4)."""
    return {
        (writer.page_references[page], marked["mcid"]): box.text[:-1]
        for page, stream in enumerate(streams)
        for box, marked in stream._tags.items()
        if getattr(getattr(box, "pango_layout", None), "hyphenated", False)
    }


def _mend(element: Any, box: Any, document_language: str) -> None:
    import pydyf

    pseudo = "::" in box.element_tag
    lang = box.element.get("lang")
    if lang and lang != document_language and not pseudo:
        element["Lang"] = pydyf.String(lang)
    if box.element_tag.endswith("::footnote-call"):
        element["S"] = "/Reference"
    elif box.element.get("role") == "doc-footnote" and not pseudo:
        element["S"] = "/Note"
        element["ID"] = pydyf.String(f"note-{element.number}")
    if box.link_annotation:
        box.link_annotation["Contents"] = pydyf.String(box.element.get("title") or "".join(box.element.itertext()).strip() or box.element.get("href", ""))
    name = box.element.get("aria-label")
    if name and not pseudo:
        element["T"] = pydyf.String(name)
    if (box.element.get("id") or "").startswith(PREFIX) and not pseudo:
        element.update({"S": "/Form", "T": pydyf.String(box.element.get("id"))})


def _adopt(element: Any, objects: Any) -> None:
    """The spaces between the items of a list that stand side by side belong to the item before, and no item is empty (ISO 14289-1, 7.6: a list holds items)."""
    body = None
    for reference in tuple(element["K"]) if element["S"] == "/L" else ():
        child = objects[int(reference.split()[0])]
        if child["S"] == "/LI" and not child["K"]:  # an item whose text begins on the next page has nothing on this one
            element["K"].remove(reference)
        elif child["S"] == "/LI":
            body = objects[int(child["K"][-1].split()[0])]
        elif child["S"] == "/Span" and body is not None:
            element["K"].remove(reference)
            body["K"].append(reference)
            child["P"] = body.reference


def signature_boxes(document: Any) -> list[tuple[int, str, str, tuple[float, float, float, float]]]:
    """(page from 0, name, title, rectangle in points from the page's lower left) of each element that keeps room for a signature field."""
    from weasyprint.formatting_structure import boxes

    found = []
    for number, page in enumerate(document.pages):
        for box in page._page_box.descendants():
            element = box.element
            if element is not None and isinstance(box, boxes.BlockBox) and (element.get("id") or "").startswith(PREFIX):
                left, top = box.border_box_x(), box.border_box_y()
                right, bottom = left + box.border_width(), top + box.border_height()
                rectangle = tuple(round(value * 0.75, 3) for value in (left, page.height - bottom, right, page.height - top))
                found.append((number, element.get("id")[len(PREFIX) :], element.get("title") or "", rectangle))
    return found


def margin_artifacts() -> None:
    """What stands in the margins (page number, running head, watermark) is drawn as an artifact of the page."""
    import pydyf
    from weasyprint import document
    from weasyprint.formatting_structure import boxes
    from weasyprint.pdf import tags
    from weasyprint.pdf.stream import Stream

    stock_paint, stock_marked, stock_build = document.Page.paint, Stream.marked, tags._build_box_tree

    def build(box: Any, *rest: Any) -> Iterator[Any]:
        if not isinstance(box, boxes.MarginBox):
            yield from stock_build(box, *rest)

    def paint(self: Any, stream: Any, *rest: Any, **more: Any) -> None:
        margins = (box for box in self._page_box.children if isinstance(box, boxes.MarginBox))
        stream.margin_boxes = {id(inner) for box in margins for inner in box.descendants()}
        stock_paint(self, stream, *rest, **more)

    def marked(self: Any, box: Any, tag: str) -> AbstractContextManager[None]:
        if self._tags is None or id(box) not in getattr(self, "margin_boxes", ()):
            plain: AbstractContextManager[None] = stock_marked(self, box, tag)
            return plain
        return artifact(self)

    @contextmanager
    def artifact(stream: Any) -> Iterator[None]:
        pydyf.Stream.begin_marked_content(stream, "Artifact", pydyf.Dictionary({"Type": "/Pagination"}))
        try:
            yield
        finally:
            pydyf.Stream.end_marked_content(stream)

    document.Page.paint, Stream.marked, tags._build_box_tree = paint, marked, build


REPAIRS: tuple[Callable[[], None], ...] = (keep_words, justify, line_ends, tag_languages, margin_artifacts)
