"""A Word file taken apart with the standard library and lxml: what the tests look at, independent of what wrote it."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from functools import cached_property

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class Package:
    """The parts of a Word file."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self.infos = archive.infolist()
            self.parts = {info.filename: archive.read(info) for info in self.infos}

    def tree(self, name: str) -> etree._Element:
        return etree.fromstring(self.parts[name])

    @cached_property
    def document(self) -> etree._Element:
        return self.tree("word/document.xml")

    @cached_property
    def styles(self) -> etree._Element:
        return self.tree("word/styles.xml")

    @cached_property
    def style_names(self) -> dict[str, str]:
        """Name in lower case by id."""
        return {value(style, "styleId"): value(style.find(f"{W}name")).lower() for style in self.styles.iterfind(f"{W}style")}

    def style(self, name: str) -> etree._Element:
        return next(s for s in self.styles.iterfind(f"{W}style") if self.style_names[value(s, "styleId")] == name.lower())

    def relationships(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """Kind, target (as an entry's name when internal) and whether it is external, by id."""
        folder, name = posixpath.split(part)
        data = self.parts.get(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, tuple[str, str, bool]] = {}
        for rel in etree.fromstring(data) if data else ():
            external = rel.get("TargetMode") == "External"
            target = str(rel.get("Target"))
            found[str(rel.get("Id"))] = (str(rel.get("Type")).rpartition("/")[2], target if external else posixpath.normpath(posixpath.join(folder, target)), external)
        return found

    def paragraphs(self) -> Iterator[tuple[str, str]]:
        """Style name and text of each paragraph of the body, line breaks as new lines, without field instructions."""
        for paragraph in self.document.iter(f"{W}p"):
            style = value(paragraph.find(f"{W}pPr/{W}pStyle"))
            yield self.style_names[style], text_of(paragraph)

    def runs(self, part: str = "word/document.xml") -> Iterator[tuple[str, etree._Element | None]]:
        """Text and `w:rPr` of each run that has text."""
        for run in self.tree(part).iter(f"{W}r"):
            if words := text_of(run):
                yield words, run.find(f"{W}rPr")

    def numbers(self) -> list[tuple[str, str]]:
        """The number or bullet Word puts before each paragraph that has one, and the paragraph's text (ISO/IEC 29500-1, 17.9)."""
        return list(_Counter(self).count())


def value(element: etree._Element | None, name: str = "val") -> str:
    return "" if element is None else str(element.get(W + name) or "")


def text_of(element: etree._Element) -> str:
    pieces = {f"{W}br": "\n", f"{W}tab": "\t", f"{W}noBreakHyphen": "\u2011", f"{W}softHyphen": "\u00ad"}
    return "".join(node.text or "" if node.tag == f"{W}t" else pieces.get(str(node.tag), "") for run in element.iter(f"{W}r") for node in run)


class _Counter:
    """Numbering as Word counts: by abstract numbering, a deeper level starting again after a higher one, an override at its first use."""

    def __init__(self, package: Package) -> None:
        self.package = package
        numbering = package.tree("word/numbering.xml")
        self.abstract = {value(a, "abstractNumId"): {value(level, "ilvl"): level for level in a.iterfind(f"{W}lvl")} for a in numbering.iterfind(f"{W}abstractNum")}
        self.nums = {value(num, "numId"): num for num in numbering.iterfind(f"{W}num")}
        self.counts: dict[tuple[str, int], int] = {}
        self.begun: set[tuple[str, int]] = set()

    def count(self) -> Iterator[tuple[str, str]]:
        for paragraph in self.package.document.iter(f"{W}p"):
            num, level = self._of(paragraph)
            if num:
                yield self._next(num, level), text_of(paragraph)

    def _of(self, paragraph: etree._Element) -> tuple[str, int]:
        own = paragraph.find(f"{W}pPr/{W}numPr")
        style = value(paragraph.find(f"{W}pPr/{W}pStyle"))
        properties = own if own is not None else next(s for s in self.package.styles.iterfind(f"{W}style") if value(s, "styleId") == style).find(f"{W}pPr/{W}numPr")
        if properties is None:
            return "", 0
        return value(properties.find(f"{W}numId")), int(value(properties.find(f"{W}ilvl")) or 0)

    def _next(self, num: str, level: int) -> str:
        key = value(self.nums[num].find(f"{W}abstractNumId"))
        facts = self.abstract[key][str(level)]
        override = self.nums[num].find(f"{W}lvlOverride[@{W}ilvl='{level}']/{W}startOverride")
        if override is not None and (num, level) not in self.begun:
            self.counts[key, level] = int(value(override)) - 1
        self.begun.add((num, level))
        self.counts[key, level] = self.counts.get((key, level), int(value(facts.find(f"{W}start"))) - 1) + 1
        for deeper in [k for k in self.counts if k[0] == key and k[1] > level]:
            del self.counts[deeper]
        return self._shown(key, level)

    def _shown(self, key: str, level: int) -> str:
        label = value(self.abstract[key][str(level)].find(f"{W}lvlText"))
        for at in range(level + 1):
            number = self.counts.get((key, at), 1)
            letters = value(self.abstract[key][str(at)].find(f"{W}numFmt")) == "lowerLetter"
            label = label.replace(f"%{at + 1}", chr(96 + number) if letters else str(number))
        return label
