"""The review file: the letter's texts in Word, each under a hidden bookmark, with changes tracked from the first key on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engross.content.source import unread
from engross.edition import read_source
from engross.errors import Rejected, UsageError
from engross.letter import Letter, Segment
from engross.project import Project
from engross.render.layout import Layout
from engross.render.word.opc import quoteattr
from engross.review import manuscript, marks, wording
from engross.review.manuscript import Line
from engross.review.sheet import Sheet

_CHUNK = 240
"""Word takes at most 255 characters in a custom property."""
_SHARES = (9, 44, 47)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the letter in the language under review."""

    line: Line
    """As the letter is written."""
    segment: Segment
    """What is under review: the source's own, or its translation, empty when there is none."""

    @property
    def label(self) -> str:
        """Its place in the letter."""
        return self.line.segment.label

    @property
    def digest(self) -> str:
        """Of the role, the source, and of a translation the translation."""
        source = self.line.segment
        return marks.digest(source.role, source.text, *([self.segment.text] if self.segment is not source else []))


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything under review, and the letter it belongs to."""

    letter: Letter
    """In its own language."""
    lang: str
    texts: tuple[Text, ...]

    @property
    def translated(self) -> bool:
        """Whether a translation is under review."""
        return self.lang != self.letter.source_lang


def gather(project: Project, name: str, lang: str) -> Texts:
    """The texts of a letter in one language, as they stand now.

    Raises:
        Rejected: the letter cannot be read.
    """
    from engross import translation

    source, problems = read_source(project, name)
    if source is None or unread(problems):
        raise Rejected(problems)
    letter = source.letter
    lines = manuscript.lines(letter)
    if lang == letter.source_lang:
        return Texts(letter, lang, tuple(Text(line, line.segment) for line in lines))
    catalogues, found = translation.load(project, lang, letter)
    if any(problem.is_error for problem in found):
        raise Rejected(found)
    out = []
    for line in lines:
        entry = catalogues.find(line.segment)
        if entry is not None:
            out.append(Text(line, replace(line.segment, text=entry.text, lang=lang)))
    if not out:
        raise UsageError(f"{name} has no catalogue in {lang} yet", hint="run `engross update`")
    return Texts(letter, lang, tuple(out))


def export(project: Project, name: str, lang: str) -> bytes:
    """The review file of a letter in one language as the bytes of a .docx file; of a translation with the source beside it.

    Raises:
        Rejected: the letter or a catalogue cannot be read.
        UsageError: there is no catalogue yet.
    """
    found = gather(project, name, lang)
    letter = replace(found.letter, lang=lang)
    layout = Layout(project.layouts, project.locale(lang), project.settings.locales, paper=project.settings.paper)
    sheet = Sheet.begin(letter, layout, [text.segment.text for text in found.texts])
    body = _side_by_side(sheet, found, project) if found.translated else _alone(sheet, found)
    sent = "".join(f"{marks.alias(text.label)}={text.digest} " for text in found.texts)
    custom = {"Review of": name, "Review language": lang, "Review edition": str(letter.edition)}
    custom |= {f"Review {at // _CHUNK + 1}": sent[at : at + _CHUNK] for at in range(0, len(sent), _CHUNK)}
    return sheet.finish(body, title=f"{name} – {project.locale(lang).language_name(lang)}", custom=custom, tracked=True)


def _alone(sheet: Sheet, found: Texts) -> str:
    paragraphs = []
    for at, text in enumerate(found.texts, 1):
        runs = sheet.runs(wording.glyphs(text.segment.text, marked_up=text.segment.markup), text.segment.lang, strong=False)
        paragraphs.append(sheet.line(text.line, _marked(marks.TARGET, text, at, runs)))
    return "".join(paragraphs) + sheet.section()


def _side_by_side(sheet: Sheet, found: Texts, project: Project) -> str:
    """A table: place, source, translation. What is not to be edited is grey; an edit there is reported and never taken."""
    widths = _widths(sheet)
    locale, source = project.locale(found.lang), found.letter.source_lang
    heads = ("", locale.language_name(source), locale.language_name(found.lang))
    rows = [_row(widths, [sheet.paragraph("Letter Subject", sheet.runs(tuple(wording.Glyph(c) for c in head), found.lang)) for head in heads], head=True)]
    for at, text in enumerate(found.texts, 1):
        own, style = text.line.segment, "Letter Subject" if text.line.style in ("heading 1", "Signatory Group", "Letter Subject") else "Body Text"
        label = sheet.paragraph("footnote text", sheet.runs(tuple(wording.Glyph(c) for c in own.label), source, grey=True))
        original = sheet.runs(wording.glyphs(own.text, marked_up=own.markup), own.lang, grey=True)
        target = sheet.runs(wording.glyphs(text.segment.text, marked_up=own.markup), found.lang)
        cells = [label, sheet.paragraph(style, _marked(marks.SOURCE, text, 10000 + at, original)), sheet.paragraph(style, _marked(marks.TARGET, text, at, target))]
        rows.append(_row(widths, cells))
    return _table(widths, rows) + sheet.paragraph("footnote text", "") + sheet.section(landscape=True)


def _marked(kind: str, text: Text, at: int, runs: str) -> str:
    digest = text.digest if kind == marks.TARGET else marks.digest(text.line.segment.role, text.line.segment.text)
    name = marks.Mark(kind, marks.alias(text.label), digest).name
    return f'<w:bookmarkStart w:id="{at}" w:name={quoteattr(name)}/>{runs}<w:bookmarkEnd w:id="{at}"/>'


def _widths(sheet: Sheet) -> list[int]:
    from engross.render.word.page import PAPERS

    width = PAPERS[sheet.layout.paper][1] - 2 * 1134
    return [width * share // sum(_SHARES) for share in _SHARES]


def _row(widths: Sequence[int], cells: Sequence[str], *, head: bool = False) -> str:
    shades = ("F2F2F2", "F2F2F2", "") if not head else ("D9DEE8",) * 3
    inner = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>' + (f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else "") + f"</w:tcPr>{cell}</w:tc>"
        for width, shade, cell in zip(widths, shades, cells, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>{inner}</w:tr>"


def _table(widths: Sequence[int], rows: Sequence[str]) -> str:
    sides = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    margins = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in (("top", 57), ("left", 108), ("bottom", 0), ("right", 108)))
    properties = (
        f'<w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl>{properties}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
