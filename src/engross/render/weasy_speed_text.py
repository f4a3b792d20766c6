"""Lines of text without shaping them again and again, with the bytes of `weasy_private` and stock WeasyPrint. See `weasy_speed`.

- `paragraphs`: one Pango layout for a paragraph instead of three to five for each of its lines.
- `breaks`: where a text may break and where its first word ends is asked of Pango once for each text, mostly two letters or a word.
- `lines`: a line that WeasyPrint breaks itself, of the same text, style and width as one before, is that one: of the signatories many are laid out twice.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engross.render.weasy_speed_hyphens import Line, hyphenated

NARROWEST = 4
"""Columns of fewer em than this are left to WeasyPrint, which breaks them word by word."""
COLUMN = 2.2
"""Characters of Latin script for each em of a line."""
LINES = 3
"""Of a hyphenated paragraph are broken at once: at the next inserted hyphen it begins anew."""
AHEAD = 2
"""And of a text that begins inside a line, whose other lines are wider."""
ANSWERS = 4096
"""On breaks are kept."""
_NEUTRAL = re.compile(r"[\W\d_\u00b5\u30fc\uff70\uff9e\uff9f]")
"""Characters of no script of their own (Unicode Standard Annex 24)."""
_OPENING = "([{<«‹“‘‚„〈《「『【〔（［｛＜｢"
_BRACKETS = re.compile(f"[{re.escape(_OPENING)})\\]}}>»›”’〉》」』】〕）］｝＞｣]")

DECISIVE = (
    *("font_family", "font_size", "font_style", "font_weight", "font_stretch", "font_variation_settings", "font_language_override", "lang", "direction"),
    *("font_kerning", "font_feature_settings", *(f"font_variant_{name}" for name in ("ligatures", "position", "caps", "numeric", "alternates", "east_asian"))),
    *("white_space", "tab_size", "letter_spacing", "word_spacing", "overflow_wrap", "word_break", "text_decoration_line"),
    *("hyphens", "hyphenate_character", "hyphenate_limit_chars", "hyphenate_limit_zone"),
)
"""Properties that decide how a text is shaped and broken: all that WeasyPrint 70.0 and our own modules read on the way to Pango."""


@dataclass(slots=True)
class Paragraph:
    """The rest of a text from byte `base` on, or its beginning, broken into lines of one width by Pango."""

    layout: Any
    """WeasyPrint's Layout, which keeps Pango's lines alive."""
    text: bytes
    base: int
    style: Any
    lines: list[Line] = field(default_factory=list)
    starts: dict[int, int] = field(default_factory=dict)
    """Number of the line that starts at a byte of the whole text."""


def paragraphs() -> None:
    """Break a paragraph at once and hand out its lines, where nothing but plain wrapping decides: the rest is left to WeasyPrint."""
    from weasyprint.layout import inline

    stock, line_class = inline.split_text_box, _line_class()

    def split_text_box(context: Any, box: Any, width: Any, skip: int | None, is_line_start: bool = True) -> Any:
        paragraph = _paragraph(context, box, width, skip or 0, whole=is_line_start) if width is not None else None
        found = _line(context, box, paragraph, width, skip or 0, line_class) if paragraph else None
        return found or stock(context, box, width, skip, is_line_start=is_line_start)

    inline.split_text_box = split_text_box


def breaks() -> None:
    """Keep the answers of Unicode's rules of breaking (UAX 14, UAX 29)."""
    from weasyprint.text import line_break

    for name in ("get_next_break_point_from_text", "get_next_word_boundaries"):
        setattr(line_break, name, lru_cache(maxsize=ANSWERS)(getattr(line_break, name)))


def lines() -> None:
    """Keep the lines that WeasyPrint breaks itself, as long as the document is laid out."""
    from weasyprint.layout import inline, preferred
    from weasyprint.text import line_break

    stock = line_break.split_first_line

    def split_first_line(text: str, style: Any, context: Any, max_width: Any, justification_spacing: Any, is_line_start: bool = True, minimum: bool = False) -> Any:
        """As WeasyPrint's: the first line of a text, and where the next begins."""
        known = context.__dict__.setdefault("_engross_lines", {})
        key = (decisive(style), text, max_width, justification_spacing, is_line_start, minimum)
        if key not in known:
            known[key] = stock(text, style, context, max_width, justification_spacing, is_line_start, minimum)
        found = known[key]
        return copy.copy(found[0]), *found[1:]  # what is laid out is marked later: how its line ends, how it is justified

    for module in (line_break, inline, preferred):
        if module.split_first_line is stock:
            module.split_first_line = split_first_line


@lru_cache(maxsize=1)
def _weasyprint() -> tuple[Any, Any, float, Any, Any]:
    """What is used of it for each line: its modules of lines and breaks, pixels of a Pango unit, the interface to C, and Pango. To import them each time takes longer than some lines."""
    from weasyprint.layout import inline
    from weasyprint.text import line_break
    from weasyprint.text.ffi import FROM_UNITS, ffi, pango

    return inline, line_break, FROM_UNITS, ffi, pango


def _line_class() -> type:
    """WeasyPrint's Layout for a line that a paragraph holds: `line` is Pango's, and set anew only if somebody asks for more."""
    from weasyprint.text import line_break

    class Held(line_break.Layout):  # type: ignore[misc]
        def __init__(self, paragraph: Paragraph, line: Any, text: str) -> None:
            self.paragraph, self.line, self.text = paragraph, line, text
            self.source = paragraph.text
            self.justification_spacing, self.max_width, self.first_line_direction = 0, None, line.resolved_dir

    return Held


def _paragraph(context: Any, box: Any, width: float, start: int, *, whole: bool) -> Paragraph | None:
    """The text of a box from byte `start` on, broken; `whole` tells whether its lines after the first are as wide."""
    style = box.style
    if not plain(style) or width >= 2**21 or style["font_size"] * NARROWEST > width:
        return None
    known: dict[int, Paragraph] = context.__dict__.setdefault("_engross_paragraphs", {}).setdefault((box.text, id(style), width), {})
    if start not in known:
        text = box.text.encode()[start:]
        if not text or _controlled(text):
            return None
        lines = AHEAD if not whole else LINES if style["hyphens"] == "auto" else 0
        paragraph = _broken(context, style, text, start, width, lines)
        if not paragraph:
            return None
        known.update(dict.fromkeys(paragraph.starts, paragraph))  # those from before an inserted hyphen stay: a page break asks for them again
    return known[start]


def _controlled(text: bytes) -> bool:
    """Whether more than words decides where lines of a text end: line feeds, tabs, soft hyphens. Written out, it takes a sixth of the time of a loop."""
    if b"\n" in text or b"\t" in text or b"\r" in text or b"\f" in text:
        return True
    return not text.isascii() and (b"\xc2\xad" in text or b"\xc2\x85" in text or b"\xe2\x80\xa8" in text or b"\xe2\x80\xa9" in text)


def plain(style: Any) -> bool:
    """Whether lines of this style are broken by width alone; kept with the style."""
    known: bool | None = style.__dict__.get("_engross_plain")
    if known is None:
        known = style.__dict__["_engross_plain"] = _usual(style)
    return known


def _usual(style: Any) -> bool:
    usual = {"white_space": "normal", "overflow_wrap": "normal", "word_break": "normal", "letter_spacing": "normal", "text_decoration_line": "none", "direction": "ltr"}
    return all(style[name] == value for name, value in usual.items()) and not style["word_spacing"] and style["font_size"] > 0


def _broken(context: Any, style: Any, text: bytes, base: int, width: float, lines: int) -> Paragraph | None:
    """Text broken into lines, or its beginning that gives about so many `lines`; nothing if that gives only one."""
    _, line_break, pixel, ffi, pango = _weasyprint()
    words = text.decode()
    beginning = words[: int(width / style["font_size"] * lines * COLUMN)] if lines else words
    paragraph = Paragraph(line_break.create_layout(beginning, style, context, width, 0), text, base, style)
    layout, box, number = paragraph.layout.layout, ffi.new("PangoRectangle *"), 0
    while (line := pango.pango_layout_get_line_readonly(layout, number)) != ffi.NULL:
        pango.pango_layout_line_get_extents(line, ffi.NULL, box)
        first, last = line.start_index, line.start_index + line.length
        wide = box.width - (_kern_at_end(line) if text[last - 1 : last] == b" " else 0)
        paragraph.lines.append(Line(line, first, last, wide * pixel, box.height * pixel, -box.y * pixel))
        paragraph.starts[base + first] = number
        number += 1
    if len(beginning) < len(words):  # where its last line would end is not known
        del paragraph.starts[base + paragraph.lines[-1].first]
    return paragraph if paragraph.starts else None


def _kern_at_end(line: Any) -> int:
    """How far the space at which a line breaks has moved towards its last character: a line measured without it is as much wider."""
    _, _, _, ffi, pango = _weasyprint()
    run, last = line.runs[0], None
    while run != ffi.NULL:
        glyphs, font = run.data.glyphs, run.data.item.analysis.font
        run = run.next
        for number in range(max(0, glyphs.num_glyphs - 2), glyphs.num_glyphs):
            if glyphs.glyphs[number].glyph != pango.PANGO_GLYPH_EMPTY:
                last = font, glyphs.glyphs[number]
    if last is None:
        return 0
    natural = ffi.new("PangoRectangle *")
    pango.pango_font_get_glyph_extents(last[0], last[1].glyph, ffi.NULL, natural)
    return int(last[1].geometry.width - natural.width)


def _line(context: Any, box: Any, paragraph: Paragraph, width: float, start: int, line_class: type) -> Any:
    """The line of a box's text that starts at byte `start`, as `split_text_box` gives it, or nothing if more than the paragraph's breaks decide."""
    inline, *_ = _weasyprint()
    number, text = paragraph.starts[start], paragraph.text
    line = paragraph.lines[number]
    wide, high, baseline = line.width, line.height, line.baseline
    part = text[line.first : line.last]
    if wide > width or not part.strip(b" ") or _leans(line, part, first=number == 0):  # a line of a space alone is WeasyPrint's business
        return None
    if line.last == len(text):
        resume, layout = None, line_class(paragraph, line.line, part.decode())
    else:
        after = paragraph.lines[number + 1]
        if after.last == len(text) and text.endswith(b" "):
            return None
        resume = paragraph.base + after.first
        divided = hyphenated(context, paragraph.style, text, line, after, width)
        if divided:
            layout, length, wide, high, baseline = divided
            resume = start + length
        else:
            layout = line_class(paragraph, line.line, part.decode().rstrip(" "))
            if part.endswith(b" "):
                layout.line_end = " "
    box = box.copy_with_text(layout.text)
    box.pango_layout, box.width, box.height = layout, wide, high
    line_height, _ = inline.strut(box.style)
    box.margin_top = box.margin_bottom = (line_height - high) / 2
    box.baseline = baseline + box.margin_top
    return box, resume, False


def _leans(line: Line, part: bytes, *, first: bool) -> bool:
    """Whether a line has the font or the script of some of its characters from the lines around it, so that it may be another when it is set by itself.

    The space at which it breaks may have the font of the next word. Marks and digits have the script of what stands before them, a closing bracket that of what
    stood before the opening one; fonts draw some of them otherwise in Hangul than in Latin script.
    """
    _, _, _, ffi, _ = _weasyprint()
    items, run = [], line.line.runs[0]
    while run != ffi.NULL:
        items.append(run.data.item)
        run = run.next
    if len(items) < 2:
        return False
    if part.endswith(b" ") and items[-1].length == 1 and items[-1].analysis.font != items[-2].analysis.font:
        return True
    if first or len({item.analysis.level for item in items}) == 1:  # a byte each for level, gravity, flags and script, which WeasyPrint declares as the first of four words
        return False
    text = part.decode()
    return bool(_NEUTRAL.match(text)) or _closes_more(text)


def _closes_more(text: str) -> bool:
    """Whether a bracket or quotation mark is closed that was not opened here."""
    depth = 0
    for mark in _BRACKETS.findall(text):
        depth += 1 if mark in _OPENING else -1
        if depth < 0:
            return True
    return False


def decisive(style: Any) -> tuple[Any, ...]:
    """The values of a style that decide, and the fonts there are, kept with the style."""
    values: tuple[Any, ...] | None = style.__dict__.get("_engross_decisive")
    if values is None:
        values = style.__dict__["_engross_decisive"] = (id(style.font_config), *(_hashable(style[name]) for name in DECISIVE))
    return values


def _hashable(value: Any) -> Hashable:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value  # type: ignore[no-any-return]
