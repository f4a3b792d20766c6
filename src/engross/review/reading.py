"""A returned Word document as paragraphs of pieces: what was there, what was put in, what was struck out, by whom and when.

Tracked changes are those of ISO/IEC 29500-1, 17.13.5, in the forms that Word and LibreOffice write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engross.render.word.design import OTHER_NAMES
from engross.render.word.wml import R, q
from engross.review import marks
from engross.review.wording import Glyph, Glyphs

if TYPE_CHECKING:
    from docx.document import Document
    from lxml import etree


@dataclass(frozen=True, slots=True)
class Revision:
    """Who changed something, and when."""

    author: str
    date: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters with one fate."""

    glyphs: Glyphs
    inserted: Revision | None = None
    deleted: Revision | None = None
    formatted: Revision | None = None
    before: Glyphs = ()
    """How it was set before `formatted`."""
    moved: bool = False


@dataclass(slots=True)
class Paragraph:
    """A paragraph as it came back."""

    stretches: list[Stretch] = field(default_factory=list)
    marks: list[marks.Mark] = field(default_factory=list)
    """Those that begin in it."""
    joined: Revision | None = None
    """Its end is struck out: it is to become one with the next."""
    parted: Revision | None = None
    """Its end is new: it was part of the next, or the next is new."""
    comments: dict[str, str] = field(default_factory=dict)
    """By id, the words that the comment is about."""
    strange: list[str] = field(default_factory=list)
    """What stands in it that letters do not hold."""

    @property
    def base(self) -> Glyphs:
        """The text with all changes rejected."""
        return tuple(g for s in self.stretches if not s.inserted for g in (s.before if s.formatted else s.glyphs))

    @property
    def final(self) -> Glyphs:
        """The text with all changes accepted."""
        return tuple(g for s in self.stretches if not s.deleted for g in s.glyphs)


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as the comments part holds it."""

    author: str
    date: str
    text: str


def paragraphs(document: Document) -> list[Paragraph]:
    """All paragraphs of the body, tables included, in reading order."""
    return _Reader(document).read()


def remarks(document: Document) -> dict[str, Remark]:
    """The comments by id."""
    found = {}
    for relation in document.part.rels.values():
        if relation.reltype.rpartition("/")[2] == "comments" and not relation.is_external:
            for node in relation.target_part.element.iter(q("comment")):
                lines = ["".join(_words(paragraph)) for paragraph in node.iter(q("p"))]
                found[str(node.get(q("id")))] = Remark(_attribute(node, "author"), _attribute(node, "date"), "\n".join(line for line in lines if line.strip()).strip())
    return found


def properties(document: Document) -> dict[str, str]:
    """The file's custom properties that are text."""
    from engross.render.word import opc

    for relation in document.part.package.rels.values():
        if relation.reltype.rpartition("/")[2] == "custom-properties" and not relation.is_external:
            root = opc.parse(relation.target_part.blob)
            return {str(node.get("name")): "".join(str(text) for text in node.itertext()) for node in root}
    return {}


def _words(node: etree._Element) -> Iterator[str]:
    for child in node.iter(q("t"), q("tab"), q("br")):
        yield (child.text or "") if child.tag == q("t") else " "


def _attribute(node: etree._Element, name: str) -> str:
    return str(node.get(q(name)) or "")


def _revision(node: etree._Element) -> Revision:
    return Revision(_attribute(node, "author") or "somebody", _attribute(node, "date"))


_SPECIAL = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_STRANGE = {"drawing": "a picture", "pict": "a picture", "object": "an embedded object", "footnoteReference": "a footnote of Word's", "endnoteReference": "an endnote of Word's"}
_HYPERLINK = re.compile(r'\s*HYPERLINK\s+"([^"]*)"')
_OFF = ("0", "false", "off")


@dataclass
class _Fate:
    """What the elements around a run say of it."""

    inserted: Revision | None = None
    deleted: Revision | None = None
    moved: bool = False
    href: str = ""


class _Reader:
    """Walks the body once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.names = {str(s.get(q("styleId"))): _style_name(s) for s in document.styles.element.iterfind(q("style"))}
        self.out: list[Paragraph] = []
        self.waiting: list[marks.Mark] = []
        self.open_comments: set[str] = set()
        self.field: list[str] = []
        """Of each complex field that is open: its instruction, and after its separator its target."""
        self.in_instruction = False

    def read(self) -> list[Paragraph]:
        self.blocks(self.document.part.element.body)
        return self.out

    def blocks(self, parent: etree._Element) -> None:
        """Paragraphs wherever they stand: in tables, content controls, around bookmarks."""
        for node in parent:
            if node.tag == q("p"):
                self.paragraph(node)
            elif node.tag == q("bookmarkStart"):
                self.mark(node, self.waiting)
            elif node.tag == q("commentRangeStart"):
                self.open_comments.add(_attribute(node, "id"))
            elif node.tag == q("commentRangeEnd"):
                self.open_comments.discard(_attribute(node, "id"))
            else:
                self.blocks(node)

    def mark(self, node: etree._Element, into: list[marks.Mark]) -> None:
        mark = marks.read(_attribute(node, "name"))
        if mark and mark not in into:  # LibreOffice writes the bookmark of an empty paragraph twice
            into.append(mark)

    def paragraph(self, node: etree._Element) -> None:
        """A paragraph with what the mark of its end says: whether it was joined with the next or parted from it."""
        made = Paragraph(marks=self.waiting)
        self.waiting = []
        for comment in self.open_comments:
            made.comments[comment] = ""
        own = node.find(q("pPr"))
        end = own.find(q("rPr")) if own is not None else None
        for child in end if end is not None else ():
            if child.tag in (q("del"), q("moveFrom")):
                made.joined = _revision(child)
            elif child.tag in (q("ins"), q("moveTo")):
                made.parted = _revision(child)
        self.inline(node, _Fate(), made)
        self.out.append(made)

    def inline(self, parent: etree._Element, fate: _Fate, made: Paragraph) -> None:
        """The runs below an element, each with what is around it."""
        for node in parent:
            name = _name(node)
            if name == "r":
                self.run(node, fate, made)
            elif name in ("ins", "moveTo"):
                self.inline(node, replace(fate, inserted=_revision(node), moved=fate.moved or name == "moveTo"), made)
            elif name in ("del", "moveFrom"):
                self.inline(node, replace(fate, deleted=_revision(node), moved=fate.moved or name == "moveFrom"), made)
            elif name == "hyperlink":
                self.inline(node, replace(fate, href=self.target(node)), made)
            elif name == "fldSimple":
                link = _HYPERLINK.match(_attribute(node, "instr"))
                self.inline(node, replace(fate, href=link[1] if link else fate.href), made)
            elif name == "bookmarkStart":
                self.mark(node, made.marks)
            elif name == "commentRangeStart":
                self.open_comments.add(_attribute(node, "id"))
                made.comments.setdefault(_attribute(node, "id"), "")
            elif name == "commentRangeEnd":
                self.open_comments.discard(_attribute(node, "id"))
            elif name in ("sdt", "sdtContent", "smartTag", "customXml", "bdo", "dir"):
                self.inline(node, fate, made)
            elif name in ("oMath", "oMathPara", "AlternateContent"):
                made.strange.append("a formula or drawing")

    def target(self, node: etree._Element) -> str:
        relation = self.document.part.rels.get(str(node.get(f"{{{R}}}id") or ""))
        return relation.target_ref if relation is not None and relation.is_external else ""

    def run(self, node: etree._Element, fate: _Fate, made: Paragraph) -> None:
        """One run: its characters with look and fate, and the look it had before a change of formatting."""
        formatting = node.find(q("rPr"))
        look = self.look(formatting, fate.href or next((f for f in reversed(self.field) if f), ""))
        text = "".join(self.characters(node, made))
        if not text or self.in_instruction:
            return
        old = formatting.find(q("rPrChange")) if formatting is not None else None
        before: Glyphs = ()
        if old is not None:
            earlier = self.look(old.find(q("rPr")), look.href)
            before = tuple(earlier._replace(text=c) for c in text)
        glyphs = tuple(look._replace(text=c) for c in text)
        changed = _revision(old) if old is not None and before != glyphs else None
        made.stretches.append(Stretch(glyphs, fate.inserted, fate.deleted, changed, before if changed else (), fate.moved))
        if not fate.deleted:
            for comment in self.open_comments:
                made.comments[comment] = made.comments.get(comment, "") + text

    def characters(self, node: etree._Element, made: Paragraph) -> Iterator[str]:
        """The text of a run; what is no text is noted on the way: comments, fields, drawings."""
        for child in node:
            name = _name(child)
            if name in ("t", "delText"):
                yield child.text or ""
            elif name in _SPECIAL:
                yield _SPECIAL[name]
            elif name == "commentReference":
                made.comments.setdefault(_attribute(child, "id"), "")
            elif name in ("instrText", "delInstrText"):
                self.field[-1:] = [(self.field[-1] if self.field else "") + (child.text or "")]
            elif name == "fldChar":
                self.complex_field(_attribute(child, "fldCharType"))
            elif name in _STRANGE:
                made.strange.append(_STRANGE[name])
            elif name == "AlternateContent":
                made.strange.append("a drawing")

    def complex_field(self, kind: str) -> None:
        """A field's begin, separator or end (17.16.5.25): between the last two stands what it shows."""
        if kind == "begin":
            self.field.append("")
            self.in_instruction = True
        elif kind == "separate" and self.field:
            link = _HYPERLINK.match(self.field[-1])
            self.field[-1] = link[1] if link else ""
            self.in_instruction = False
        elif kind == "end" and self.field:
            self.field.pop()
            self.in_instruction = False

    def look(self, formatting: etree._Element | None, href: str) -> Glyph:
        """Strong and emphasized as the character style and the direct formatting of a run say."""
        if formatting is None:
            return Glyph("", href=href)
        style = formatting.find(q("rStyle"))
        name = self.names.get(_attribute(style, "val"), "") if style is not None else ""
        strong = _toggle(formatting, "b", default=name in _named("strong"))
        emphasis = _toggle(formatting, "i", default=name in _named("emphasis"))
        if name in _named("emphasis") and formatting.find(q("b")) is None:
            strong = False
        return Glyph("", strong, emphasis, href)


def _named(name: str) -> tuple[str, ...]:
    return (name, *OTHER_NAMES.get(name, ()))


def _style_name(style: etree._Element) -> str:
    name = style.find(q("name"))
    return _attribute(name, "val").lower() if name is not None else ""


def _name(node: etree._Element) -> str:
    """The element's local name; empty for comments and the like."""
    return str(node.tag).rpartition("}")[2]


def _toggle(formatting: etree._Element, name: str, *, default: bool) -> bool:
    node = formatting.find(q(name))
    return default if node is None else _attribute(node, "val").lower() not in _OFF
