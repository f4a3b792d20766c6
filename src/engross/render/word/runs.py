"""Segments as runs: languages, emphasis, links, footnote references, and the marks of a draft."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engross import markup
from engross.errors import EngrossError
from engross.labels import Labels
from engross.letter import Letter, Note, Segment, Standing
from engross.render.layout import Layout
from engross.render.word import wml
from engross.render.word.design import Design
from engross.render.word.fonts import Tongues
from engross.render.word.opc import OFFICE

if TYPE_CHECKING:
    from docx.opc.part import Part

HYPERLINK = f"{OFFICE}/hyperlink"
_MARKS = {Standing.EMPTY: ("untranslated", "yellow"), Standing.FUZZY: ("fuzzy", "cyan")}
"""The label and the highlight of a passage that is not ready."""


@dataclass(frozen=True)
class Look:
    """How a piece of text is set."""

    lang: str
    strong: bool = False
    emphasis: bool = False
    link: bool = False
    highlight: str = ""


@dataclass
class Writer:
    """Makes the runs of one letter and counts what they refer to."""

    letter: Letter
    labels: Labels
    layout: Layout
    design: Design
    tongues: Tongues
    cited: list[Note] = field(default_factory=list)
    """The footnotes referred to so far, in order: their place is their id in word/footnotes.xml."""
    marked: set[tuple[str, str, str, str]] = field(default_factory=set)
    """What was marked: label, and the message by domain, role and text, which translators see once however often it is printed."""

    def segment(self, segment: Segment, part: Part, *, strong: bool = False) -> str:
        """The runs of a segment. In a draft, one without a sound translation is highlighted and says so in words."""
        nodes = markup.parse(segment.text) if segment.markup else (markup.Text(segment.text),)
        label, highlight = _MARKS.get(segment.standing, ("", "")) if self.layout.draft else ("", "")
        runs = "".join(self._nodes(nodes, Look(segment.lang, strong=strong, highlight=highlight), part))
        if not label:
            return runs
        self.marked.add((label, segment.domain, segment.role, segment.text))
        return runs + self.text(" ") + self.text(f"[{self.labels[label]}]", style="Draft Mark")

    def text(self, text: str, *, lang: str = "", style: str = "") -> str:
        """Runs of plain text, of the letter's own language as labels and dates are unless another is named."""
        children = {"rStyle": f'<w:rStyle w:val="{self.design.style(style)}"/>'} if style else {}
        return "".join(self._pieces(text, Look(lang or self.letter.lang), **children))

    def link(self, href: str, text: str, part: Part) -> str:
        """A hyperlink with plain text."""
        return self._link(href, (markup.Text(text),), Look(self.letter.lang), part)

    def pattern(self, pattern: str, **parts: str) -> str:
        """A pattern of the language's table, `{name} ({acronym})`, with ready runs in place of its names."""
        return "".join(parts.get(piece, "") if at % 2 else self.text(piece) for at, piece in enumerate(_split(pattern)))

    def _nodes(self, nodes: Sequence[markup.Inline], look: Look, part: Part) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, markup.Text):
                yield from self._pieces(node.text, look)
            elif isinstance(node, markup.NoteRef):
                yield self._note(node.key)
            elif isinstance(node, markup.Link):
                yield self._link(node.href, node.children, look, part)
            else:
                yield from self._nodes(node.children, replace(look, strong=True) if isinstance(node, markup.Strong) else replace(look, emphasis=True), part)

    def _pieces(self, text: str, look: Look, **children: str) -> Iterator[str]:
        for piece, lang in markup.runs(text, look.lang):
            yield wml.run(piece, self.tongues.run_properties(lang, **{**self._children(look), **children}))

    def _children(self, look: Look) -> dict[str, str]:
        """The formatting of a run: one character style, the innermost of link, strong and emphasis; what else applies, direct."""
        style = "Hyperlink" if look.link else "Strong" if look.strong else "Emphasis" if look.emphasis else ""
        slanted = self.layout.locale.emphasis != "bold"
        children = {"rStyle": f'<w:rStyle w:val="{self.design.style(style)}"/>'} if style else {}
        if (look.strong and style != "Strong") or (look.emphasis and style == "Hyperlink" and not slanted):
            children |= {"b": "<w:b/>", "bCs": "<w:bCs/>"}
        if look.emphasis and style != "Emphasis" and slanted:
            children |= {"i": "<w:i/>", "iCs": "<w:iCs/>"}
        if look.highlight:
            children["highlight"] = f'<w:highlight w:val="{look.highlight}"/>'
        return children

    def _link(self, href: str, children: Sequence[markup.Inline], look: Look, part: Part) -> str:
        key = part.relate_to(href, HYPERLINK, is_external=True)
        return f'<w:hyperlink r:id="{key}" w:history="1">{"".join(self._nodes(children, replace(look, link=True), part))}</w:hyperlink>'

    def _note(self, key: str) -> str:
        """A footnote reference; where a text refers to the same note again, a cross-reference field to the first (NOTEREF)."""
        style = f'<w:rPr><w:rStyle w:val="{self.design.style("footnote reference")}"/></w:rPr>'
        keys = [note.key for note in self.cited]
        if key in keys:
            at = keys.index(key) + 1
            return wml.field(f"NOTEREF _RefNote{at} \\f \\h", str(at), style)
        note = next((note for note in self.letter.notes if note.key == key), None)
        if note is None:
            raise EngrossError(f"the text refers to a footnote [^{key}] that the letter does not have", hint="run `engross check`")
        self.cited.append(note)
        at = len(self.cited)
        return f'<w:bookmarkStart w:id="{at}" w:name="_RefNote{at}"/><w:r>{style}<w:footnoteReference w:id="{at}"/></w:r><w:bookmarkEnd w:id="{at}"/>'

    def counts(self) -> dict[str, int]:
        """How many messages were marked, by label."""
        return {label: sum(mark[0] == label for mark in self.marked) for label in sorted({mark[0] for mark in self.marked})}

    def footnotes(self, part: Part) -> str:
        """The children of `w:footnotes`: Word's two separators and the notes cited (ISO/IEC 29500-1, 17.11)."""
        even = '<w:pPr><w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/></w:pPr>'
        rows = [f'<w:footnote w:type="{kind}" w:id="{at}"><w:p>{even}<w:r><w:{kind}/></w:r></w:p></w:footnote>' for at, kind in ((-1, "separator"), (0, "continuationSeparator"))]
        mark = f'<w:r><w:rPr><w:rStyle w:val="{self.design.style("footnote reference")}"/></w:rPr><w:footnoteRef/></w:r>'
        style = f'<w:pPr><w:pStyle w:val="{self.design.style("footnote text")}"/></w:pPr>'
        for at, note in enumerate(tuple(self.cited), 1):
            rows.append(f'<w:footnote w:id="{at}"><w:p>{style}{mark}{wml.run(" ")}{self.segment(note.text, part)}</w:p></w:footnote>')
        if len(self.cited) + 2 != len(rows):
            raise EngrossError("a footnote refers to another footnote, which Word cannot hold", hint="refer to it from the letter's text")
        return "".join(rows)


def _split(pattern: str) -> list[str]:
    """Text and names of a pattern by turns, text first."""
    pieces: list[str] = []
    for at, piece in enumerate(pattern.split("{")):
        if at == 0:
            pieces.append(piece)
        else:
            name, _, rest = piece.partition("}")
            pieces += [name, rest]
    return pieces
