"""The Markdown body of a letter: its blocks as values, its footnotes, and what letters do not hold.

CommonMark 0.31 blocks through markdown-it-py, without reference definitions, so that `[^key]: text` is ours. A thematic break ends the last section.
Every construct is either read or reported: nothing is dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from engross.content.inline import Lines, inline_problems, note_references
from engross.errors import Position, Problem, Severity
from engross.letter import Block, Flow, Item, List, ListKind, Note, Paragraph, Quote, Section, Segment
from engross.values import value_class

_DEFINITION = re.compile(r"\[\^([^\]\s]+)\]:[ \t]*")
_COMMENT = re.compile(r"<!--\s*translators:\s*(.*?)\s*-->\s*", re.DOTALL)
_LARGEST_START = 99
_UNSUPPORTED = {
    "code_block": ("an indented block (code)", "begin the line at the left margin; a list's second level is indented by two to four spaces"),
    "fence": ("a code block", "letters hold no code"),
    "table": ("a table", "write a list instead"),
    "heading": ("a heading here", "sections begin with “## ” at the left margin"),
    "blockquote": ("a block quote here", "put it outside the list or quotation"),
    "bullet_list": ("a list here", "lists have two levels, and an item holds at most one list"),
    "ordered_list": ("a list here", "lists have two levels, and an item holds at most one list"),
    "hr": ("a thematic break here", "“---” ends the last section, at the left margin"),
}


@value_class
class Body:
    """What the body of letter.md holds."""

    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    places: dict[str, Lines]
    """By label, where the characters of a segment stand."""


@dataclass(slots=True)
class _Scope:
    """The labels of a section, or of the text outside all sections."""

    prefix: str = ""
    heading: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def label(self, letter: str) -> str:
        self.counts[letter] += 1
        return f"{self.prefix}{letter}{self.counts[letter]}"

    def hint(self, what: str) -> str:
        return f"{what} in section: {self.heading}" if self.heading else f"{what} outside the sections"


def read_body(text: str, path: str, first_line: int, lang: str, domain: str) -> tuple[Body, list[Problem]]:
    """The body whose first line is line `first_line` of the file, and its faults."""
    reader = _Reader(text.split("\n"), path, first_line, lang, domain)
    tree = SyntaxTreeNode(_parser().parse(text))
    reader.blocks(tree.children)
    if not tree.children:
        reader.fault("missing-field", "the letter has no text", Position(path, first_line), "write it below the front matter")
    return Body(tuple(reader.finished()), tuple(reader.numbered_notes()), reader.places), reader.problems


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": True, "maxNesting": 100})
    parser.enable(["table", "code", "fence", "blockquote", "hr", "list", "html_block", "heading", "lheading"])
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


class _Reader:
    """Walks the tree once, in reading order."""

    def __init__(self, lines: Sequence[str], path: str, first_line: int, lang: str, domain: str) -> None:
        self.lines, self.path, self.first, self.lang, self.domain = lines, path, first_line, lang, domain
        self.problems: list[Problem] = []
        self.places: dict[str, Lines] = {}
        self.outside = _Scope()
        self.scope = self.outside
        self.out: list[Block] = []
        self.section: tuple[int, Segment, list[Flow]] | None = None
        self.sections = 0
        self.comments: list[tuple[str, Position]] = []
        self.definitions: dict[str, Segment] = {}
        self.references: list[tuple[str, Position]] = []
        self.after_comment = False

    # -- the levels of the tree

    def blocks(self, nodes: Sequence[SyntaxTreeNode]) -> None:
        """Blocks at the left margin."""
        for node in nodes:
            if node.type == "html_block":
                self.html(node)
                self.after_comment = True
                continue
            if node.type == "paragraph":
                self.paragraph(node)
            elif node.type == "heading":
                self.heading(node)
            elif node.type == "hr":
                self.rule(node)
            elif node.type == "blockquote":
                self.append(self.quote(node))
            elif node.type in ("bullet_list", "ordered_list"):
                self.append(self.listing(node))
            else:
                self.unsupported(node)
            self.after_comment = False

    def paragraph(self, node: SyntaxTreeNode) -> None:
        """A paragraph, or footnotes each of which begins a line."""
        content = node.children[0].content
        if not _DEFINITION.match(content):
            self.append(Paragraph(self.segment(node, "paragraph", self.scope.label("p"), self.scope.hint("paragraph"))))
            return
        at, starts = self.line(node), [i for i, line in enumerate(content.split("\n")) if _DEFINITION.match(line.lstrip())]
        pieces = content.split("\n")
        for begin, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
            self.definition(Lines.read(pieces[begin:end], self.lines, self.path, at + begin, self.first))

    def definition(self, lines: Lines) -> None:
        """A footnote: its key and its text, which no other has and which names no footnote itself."""
        match = _DEFINITION.match(lines.text)
        assert match
        key, label = match[1], f"note.{match[1]}"
        lines = lines.cut(match.end())
        if key in self.definitions:
            self.fault("duplicate-footnote", f"the footnote [^{key}] is defined twice", lines.at(0), f"it first stands in line {self.definitions[key].where.line}")
            return
        if not lines.text:
            self.fault("missing-field", f"the footnote [^{key}] has no text", lines.at(0), "write it after the colon")
        for used, offset in note_references(lines.text):
            self.fault("unsupported-markup", f"a footnote in a footnote: [^{used}]", lines.at(offset), "put it into the text")
        self.definitions[key] = self.checked(lines, "footnote", label, "footnote")

    def heading(self, node: SyntaxTreeNode) -> None:
        """The heading of a section, which ends the one before."""
        if node.markup != "##":
            what = "an underlined heading" if node.markup in "=-" else f"a heading of level {node.tag[1:]}"
            hint = "leave an empty line above “---”" if node.markup == "-" else "sections begin with “## ”; there are no levels below"
            self.fault("unsupported-block", what, self.position(node), hint)
        self.close()
        self.sections += 1
        self.scope = _Scope(f"s{self.sections}.")
        segment = self.segment(node, "heading", f"s{self.sections}.heading", "heading of a section")
        self.scope.heading = segment.text
        self.section = (self.sections, segment, [])

    def rule(self, node: SyntaxTreeNode) -> None:
        """A thematic break ends the sections: what follows stands outside them."""
        if self.section is None:
            self.fault("unsupported-block", "a thematic break that ends no section", self.position(node), "remove it; “---” stands after the last section")
        self.close()

    def quote(self, node: SyntaxTreeNode) -> Quote:
        """A block quotation; only paragraphs stand in one."""
        label = self.scope.label("q")
        paragraphs: list[Paragraph] = []
        for child in node.children:
            if child.type == "paragraph":
                paragraphs.append(Paragraph(self.segment(child, "quote", f"{label}.p{len(paragraphs) + 1}", self.scope.hint("quotation"))))
            else:
                self.odd(child)
        if not paragraphs:
            self.fault("unsupported-block", "an empty block quote", self.position(node), "remove it")
        return Quote(tuple(paragraphs))

    def listing(self, node: SyntaxTreeNode, parent: str = "") -> List:
        """A list; `parent` is the label of the item it stands below, whose own label its items continue."""
        ordered = node.type == "ordered_list"
        start = int(node.attrs.get("start", 1)) if ordered else 1
        if start > _LARGEST_START:
            self.fault("unsupported-block", f"a list that begins with {start}", self.position(node), f"write {start}\\. if the paragraph begins with a number")
        items = []
        for index, child in enumerate(node.children, 1):
            label = f"{parent}.{index}" if parent else self.scope.label("n" if ordered else "b")
            if item := self.item(child, "item" if ordered else "bullet", label, nested=bool(parent)):
                items.append(item)
        return List(ListKind.ORDERED if ordered else ListKind.BULLET, tuple(items), start)

    def item(self, node: SyntaxTreeNode, role: str, label: str, *, nested: bool) -> Item | None:
        """An item with at most one list below it; nothing when it has no text."""
        text: Segment | None = None
        sublist: List | None = None
        for child in node.children:
            if child.type == "paragraph" and text is None:
                text = self.segment(child, role, label, self.scope.hint(("second-level " if nested else "") + ("list item" if role == "item" else "bullet")))
            elif child.type in ("bullet_list", "ordered_list") and text and not sublist and not nested:
                sublist = self.listing(child, label)
            elif child.type == "paragraph":
                self.fault("unsupported-block", "a second paragraph in a list item", self.position(child), "make it an item of its own, or a paragraph after the list")
            else:
                self.odd(child)
        if text is None:
            self.fault("unsupported-block", "a list item without text", self.position(node), "write its text after the mark, or remove it")
            return None
        return Item(text, sublist)

    # -- what all levels need

    def odd(self, node: SyntaxTreeNode) -> None:
        """Something inside an item or quotation that is not its text."""
        if node.type == "html_block":
            self.html(node)
        else:
            self.unsupported(node)

    def html(self, node: SyntaxTreeNode) -> None:
        """A comment for translators is kept for the text that follows; any other HTML is a fault."""
        match = _COMMENT.fullmatch(node.content.strip() + "\n")
        if match:
            self.comments.append((" ".join(match[1].split()), self.position(node)))
        else:
            first = node.content.strip().split("\n")[0]
            hint = (
                "notes for translators are written <!-- translators: … -->, on lines of their own"
                if first.startswith("<!--")
                else "letters hold text and Markdown only; write &lt; for a less-than sign"
            )
            self.fault("raw-html", f"raw HTML {first[:40]!r}", self.position(node), hint)

    def unsupported(self, node: SyntaxTreeNode) -> None:
        """Tells of a block that letters do not have, with what to write instead."""
        what, hint = _UNSUPPORTED.get(node.type, (node.type, "letters hold paragraphs, sections, lists, quotations and footnotes"))
        self.fault("unsupported-block", what, self.position(node), hint)

    def segment(self, node: SyntaxTreeNode, role: str, label: str, hint: str) -> Segment:
        """The text of a block, checked, with the comments before it."""
        content = node.children[0].content if node.children else ""
        lines = Lines.read(content.split("\n"), self.lines, self.path, self.line(node), self.first)
        if not content:
            self.fault("unsupported-block", f"a {role} without text", self.position(node), "write its text, or remove it")
        for number, line in enumerate(content.split("\n")):
            if number and _DEFINITION.match(line.lstrip()):
                self.fault("unsupported-block", "a footnote's text inside a paragraph", Position(self.path, self.first + self.line(node) + number), "leave an empty line above it")
        self.references += [(key, lines.at(offset)) for key, offset in note_references(lines.text)]
        return self.checked(lines, role, label, hint)

    def checked(self, lines: Lines, role: str, label: str, hint: str) -> Segment:
        self.problems += inline_problems(lines, role)
        self.places[label] = lines
        hints, self.comments = (hint, *(comment for comment, _ in self.comments)), []
        return Segment(role, lines.text, lines.at(0), label, self.lang, self.domain, hints, markup=True)

    def append(self, block: Flow) -> None:
        """Add a block to the open section. Lists that only a comment parts are one list."""
        flow: list[Flow] | list[Block] = self.section[2] if self.section else self.out
        last = flow[-1] if flow else None
        if self.after_comment and isinstance(block, List) and isinstance(last, List) and block.kind is last.kind:
            flow[-1] = replace(last, items=last.items + block.items)
        else:
            flow.append(block)

    def close(self) -> None:
        """End the open section, if any."""
        if self.section:
            number, heading, flow = self.section
            if not flow:
                self.fault("empty-section", f"nothing stands under {heading.text!r}", heading.where, "write its text, or remove the heading", Severity.WARNING)
            self.out.append(Section(number, heading, tuple(flow)))
        self.section, self.scope = None, self.outside

    def finished(self) -> list[Block]:
        """All blocks."""
        self.close()
        for comment, where in self.comments:
            self.fault("unused-comment", f"no text follows the note for translators {comment[:40]!r}", where, "write it above the text it speaks of", Severity.WARNING)
        return self.out

    def numbered_notes(self) -> Iterator[Note]:
        """The footnotes in the order of their first reference; references without note and notes without reference are problems."""
        numbers: dict[str, int] = {}
        for key, where in self.references:
            if key not in self.definitions:
                self.fault("unresolved-footnote", f"there is no footnote [^{key}]", where, f"write its text on a line of its own: [^{key}]: …")
            else:
                numbers.setdefault(key, len(numbers) + 1)
        for key, segment in self.definitions.items():
            if key not in numbers:
                self.fault("unused-footnote", f"no text refers to the footnote [^{key}]; it is not printed", segment.where, f"write [^{key}] where it belongs", Severity.WARNING)
        for key, number in numbers.items():
            yield Note(number, key, self.definitions[key])

    def line(self, node: SyntaxTreeNode) -> int:
        """Index of the block's first line in the body."""
        return node.map[0] if node.map else 0

    def position(self, node: SyntaxTreeNode) -> Position:
        index = self.line(node)
        line = self.lines[index] if index < len(self.lines) else ""
        return Position(self.path, self.first + index, len(line) - len(line.lstrip(" \t>")) + 1 if line.strip(" \t>") else 1)

    def fault(self, code: str, message: str, where: Position, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        self.problems.append(Problem(code, message, where, hint, severity))
