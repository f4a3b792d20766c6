"""WordprocessingML by hand: names, escaping, and the order of children that the schema fixes (ISO/IEC 29500-1, 17.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engross.render.word.opc import escape, parse

if TYPE_CHECKING:
    from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = f'xmlns:w="{W}" xmlns:r="{R}"'
DRAWING = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w10="urn:schemas-microsoft-com:office:word" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'

RUN_ORDER = ("rStyle", "rFonts", "b", "bCs", "i", "iCs", "noProof", "color", "sz", "szCs", "highlight", "vertAlign", "rtl", "cs", "lang")
PARAGRAPH_ORDER = (
    *("pStyle", "keepNext", "keepLines", "pageBreakBefore", "widowControl", "numPr", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap"),
    *("overflowPunct", "autoSpaceDE", "autoSpaceDN", "bidi", "snapToGrid", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl", "rPr", "sectPr"),
)
"""The children used here, in schema order; those of a reference that are not listed stay where they are."""


def q(name: str) -> str:
    """`w:p` as lxml spells it."""
    return f"{{{W}}}{name}"


def elements(xml: str) -> list[etree._Element]:
    """WordprocessingML without a root, as the elements it is."""
    return list(parse(f"<w:body {NAMESPACES} {DRAWING}>{xml}</w:body>".encode()))


def properties(tag: str, order: tuple[str, ...], children: Mapping[str, str]) -> str:
    """`w:rPr` or `w:pPr` with its children in schema order; nothing when there are none."""
    inner = "".join(children[name] for name in order if name in children)
    return f"<w:{tag}>{inner}</w:{tag}>" if inner else ""


_SPECIAL = re.compile("([\u00ad\u2011\t\n])")
_SPECIALS = {"\u00ad": "<w:softHyphen/>", "\u2011": "<w:noBreakHyphen/>", "\t": "<w:tab/>", "\n": "<w:br/>"}


def characters(text: str) -> str:
    """Text as the children of a run: hyphens that Word keeps as elements, and spaces that must survive."""
    return "".join(_SPECIALS.get(piece) or _text(piece) for piece in _SPECIAL.split(text) if piece)


def _text(piece: str) -> str:
    space = ' xml:space="preserve"' if piece != piece.strip() else ""
    return f"<w:t{space}>{escape(piece)}</w:t>"


def run(text: str, formatting: str = "") -> str:
    """A run of text with ready `w:rPr`."""
    return f"<w:r>{formatting}{characters(text)}</w:r>"


def field(instruction: str, result: str, formatting: str = "") -> str:
    """A complex field with the result shown until Word updates it."""
    parts = ('<w:fldChar w:fldCharType="begin"/>', f'<w:instrText xml:space="preserve"> {escape(instruction)} </w:instrText>', '<w:fldChar w:fldCharType="separate"/>')
    return "".join(f"<w:r>{formatting}{part}</w:r>" for part in parts) + run(result, formatting) + f'<w:r>{formatting}<w:fldChar w:fldCharType="end"/></w:r>'


def insert_ordered(parent: etree._Element, child: etree._Element, order: tuple[str, ...]) -> None:
    """Put a child where the schema wants it, in place of one of the same name."""
    name = child.tag
    for old in parent.findall(name):
        parent.remove(old)
    after = {q(n) for n in order[order.index(name.rpartition("}")[2]) + 1 :]}
    for at, sibling in enumerate(parent):
        if sibling.tag in after:
            parent.insert(at, child)
            return
    parent.append(child)
