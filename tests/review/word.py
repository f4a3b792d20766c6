"""Edits in a review file as Word writes them: tracked insertions and deletions, moves, comments, on the parts themselves."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from engross.review import marks
from tests.docx.package import W, text_of

AUTHOR, DATE = "Legal adviser", "2020-02-01T10:00:00Z"
WHO = f'w:author="{AUTHOR}" w:date="{DATE}"'
SPACE = f'xmlns:w="{W[1:-1]}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
COMMENTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"


def element(xml: str) -> etree._Element:
    return etree.fromstring(re.sub(r"^<(w:\w+)", rf"<\1 {SPACE}", xml))


class Doc:
    """A Word file whose parts are changed."""

    def __init__(self, data: bytes, author: str = AUTHOR) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.root = etree.fromstring(self.parts["word/document.xml"])
        self.who = f'w:author="{author}" w:date="{DATE}"'
        self.remarks: list[str] = []
        self.number = 900

    def bytes(self) -> bytes:
        self.parts["word/document.xml"] = etree.tostring(self.root, encoding="UTF-8", standalone=True)
        if self.remarks:
            self.parts["word/comments.xml"] = f"<w:comments {SPACE}>{''.join(self.remarks)}</w:comments>".encode()
            kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
            self.replace("[Content_Types].xml", "</Types>", f'<Override PartName="/word/comments.xml" ContentType="{kind}"/></Types>')
            self.replace("word/_rels/document.xml.rels", "</Relationships>", f'<Relationship Id="rId99" Type="{COMMENTS}" Target="comments.xml"/></Relationships>')
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in self.parts.items():
                archive.writestr(name, data)
        return buffer.getvalue()

    def save(self, path: Path) -> Path:
        path.write_bytes(self.bytes())
        return path

    def replace(self, part: str, old: str, new: str) -> None:
        self.parts[part] = self.parts[part].decode().replace(old, new, 1).encode()

    def paragraph(self, label: str, kind: str = marks.TARGET) -> etree._Element:
        wanted = f"_{kind}_{marks.alias(label)}_"
        return next(p for p in self.root.iter(f"{W}p") if any(str(b.get(f"{W}name")).startswith(wanted) for b in p.iter(f"{W}bookmarkStart")))

    def cut(self, paragraph: etree._Element, at: int) -> int:
        """Split runs so that one begins at this character; the child's index at which it stands."""
        seen = 0
        for run in [*paragraph.iter(f"{W}r")]:
            length = len(text_of(run))
            if at < seen + length:
                if at > seen:
                    self.halve(run, at - seen)
                    run = run.getnext()  # type: ignore[assignment] # noqa: PLW2901
                while run.getparent() is not paragraph:
                    run = run.getparent()  # type: ignore[assignment] # noqa: PLW2901
                return paragraph.index(run)
            seen += length
        ends = [paragraph.index(b) for b in paragraph.iterchildren(f"{W}bookmarkEnd")]
        return ends[0] if ends else len(paragraph)

    def halve(self, run: etree._Element, at: int) -> None:
        (text,) = run.iterchildren(f"{W}t")
        words = text.text or ""
        later = deepcopy(run)
        text.text = words[:at]
        (rest,) = later.iterchildren(f"{W}t")
        rest.text = words[at:]
        for node in (text, rest):
            node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.addnext(later)

    def runs(self, paragraph: etree._Element, words: str) -> list[etree._Element]:
        """Exactly the runs that hold these words."""
        start = self.text(paragraph).index(words)
        self.cut(paragraph, start)
        self.cut(paragraph, start + len(words))
        found, seen = [], 0
        for run in paragraph.iter(f"{W}r"):
            length = len(text_of(run))
            if length and start <= seen and seen + length <= start + len(words):
                found.append(run)
            seen += length
        return found

    @staticmethod
    def text(paragraph: etree._Element) -> str:
        return text_of(paragraph)

    def next(self) -> int:
        self.number += 1
        return self.number

    # -- what a reviewer does

    def insert(self, label: str, before: str, words: str, *, formatting: str = "", tracked: bool = True) -> Doc:
        """Type words before others, or at the end when `before` is empty."""
        paragraph = self.paragraph(label)
        at = self.cut(paragraph, self.text(paragraph).index(before)) if before else self.cut(paragraph, 10**6)
        run = f'<w:r>{formatting}<w:t xml:space="preserve">{escape(words)}</w:t></w:r>'
        paragraph.insert(at, element(f'<w:ins w:id="{self.next()}" {self.who}>{run}</w:ins>' if tracked else run))
        return self

    def insert_after(self, label: str, before: str, words: str) -> Doc:
        """Type words into the paragraph that follows."""
        paragraph = self.paragraph(label).getnext()
        assert paragraph is not None
        paragraph.insert(
            self.cut(paragraph, self.text(paragraph).index(before)),
            element(f'<w:ins w:id="{self.next()}" {self.who}><w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:ins>'),
        )
        return self

    def delete(self, label: str, words: str, *, kind: str = marks.TARGET) -> Doc:
        for run in self.runs(self.paragraph(label, kind), words):
            struck = element(f'<w:del w:id="{self.next()}" {self.who}/>')
            run.addprevious(struck)
            struck.append(run)
            for text in run.iterchildren(f"{W}t"):
                text.tag = f"{W}delText"
        return self

    def change(self, label: str, old: str, new: str) -> Doc:
        return self.insert(label, old, new).delete(label, old)

    def comment(self, label: str, words: str, remark: str, *, kind: str = marks.TARGET, date: str = DATE) -> Doc:
        runs = self.runs(self.paragraph(label, kind), words)
        key = len(self.remarks)
        runs[0].addprevious(element(f'<w:commentRangeStart w:id="{key}"/>'))
        runs[-1].addnext(element(f'<w:r><w:commentReference w:id="{key}"/></w:r>'))
        runs[-1].addnext(element(f'<w:commentRangeEnd w:id="{key}"/>'))
        self.remarks.append(f'<w:comment w:id="{key}" w:author="{AUTHOR}" w:date="{date}" w:initials="LA"><w:p><w:r><w:t>{remark}</w:t></w:r></w:p></w:comment>')
        return self

    def embolden(self, label: str, words: str, *, mark: str = "b") -> Doc:
        """Toggle bold or italic, tracked."""
        for run in self.runs(self.paragraph(label), words):
            formatting = run.find(f"{W}rPr")
            if formatting is None:
                formatting = etree.Element(f"{W}rPr")
                run.insert(0, formatting)
            old = deepcopy(formatting)
            formatting.insert(0, element(f"<w:{mark}/>"))
            change = element(f'<w:rPrChange w:id="{self.next()}" {self.who}/>')
            change.append(old)
            formatting.append(change)
        return self

    def end(self, paragraph: etree._Element, kind: str) -> None:
        """Mark the paragraph's end as put in or struck out."""
        properties = paragraph.find(f"{W}pPr")
        assert properties is not None
        properties.append(element(f'<w:rPr><w:{kind} w:id="{self.next()}" {self.who}/></w:rPr>'))

    def split(self, label: str, before: str, *, tracked: bool = True) -> Doc:
        """Enter in the middle of a paragraph: the second half has no bookmark's beginning."""
        paragraph = self.paragraph(label)
        at = self.cut(paragraph, self.text(paragraph).index(before)) if before else len(paragraph)
        second = etree.Element(f"{W}p")
        second.append(deepcopy(paragraph[0]))
        second.extend(list(paragraph)[at:])
        if tracked:
            self.end(paragraph, "ins")
        paragraph.addnext(second)
        return self

    def write_after(self, label: str, words: str) -> Doc:
        """Enter at the end of a paragraph, and a new one typed."""
        self.split(label, "")
        new = self.paragraph(label).getnext()
        assert new is not None
        new.append(element(f'<w:ins w:id="{self.next()}" {self.who}><w:r><w:t>{escape(words)}</w:t></w:r></w:ins>'))
        return self

    def join(self, label: str, *, tracked: bool = True) -> Doc:
        """Delete the end of a paragraph, so that it runs on into the next."""
        paragraph = self.paragraph(label)
        if tracked:
            self.end(paragraph, "del")
            return self
        following = paragraph.getnext()
        assert following is not None
        paragraph.extend([child for child in following if child.tag != f"{W}pPr"])
        self.remove(following)
        return self

    def move(self, label: str, after: str, *, tracked: bool = False) -> Doc:
        """Cut and paste; tracked, both ends stay in the file."""
        paragraph, target = self.paragraph(label), self.paragraph(after)
        if tracked:
            stays = deepcopy(paragraph)
            for node in [*stays.iter(f"{W}bookmarkStart"), *stays.iter(f"{W}bookmarkEnd")]:
                self.remove(node)
            self.wrap(stays, "moveFrom")
            paragraph.addprevious(stays)
            self.wrap(paragraph, "moveTo")
        target.addnext(paragraph)
        return self

    def wrap(self, paragraph: etree._Element, kind: str) -> None:
        for run in [*paragraph.iterchildren(f"{W}r")]:
            around = element(f'<w:{kind} w:id="{self.next()}" {self.who}/>')
            run.addprevious(around)
            around.append(run)

    def copy(self, label: str) -> Doc:
        paragraph = self.paragraph(label)
        paragraph.addnext(deepcopy(paragraph))
        return self

    def remove(self, node: etree._Element) -> None:
        parent = node.getparent()
        assert parent is not None
        parent.remove(node)

    def drop(self, label: str) -> Doc:
        self.remove(self.paragraph(label))
        return self

    def unmark(self, label: str) -> Doc:
        """Retype a paragraph with tracking off, which takes its bookmark."""
        paragraph = self.paragraph(label)
        for node in [*paragraph.iter(f"{W}bookmarkStart"), *paragraph.iter(f"{W}bookmarkEnd")]:
            self.remove(node)
        return self

    def retype(self, label: str, old: str, new: str) -> Doc:
        """Change words with tracking off."""
        runs = self.runs(self.paragraph(label), old)
        for text in runs[0].iterchildren(f"{W}t"):
            text.text = new
        for run in runs[1:]:
            self.remove(run)
        return self

    def add(self, label: str, xml: str) -> Doc:
        """Something of Word's at the end of a paragraph."""
        self.paragraph(label).append(element(xml))
        return self

    def each(self) -> Iterator[str]:
        return (self.text(p) for p in self.root.iter(f"{W}p"))
