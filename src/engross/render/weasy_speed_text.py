"""Lines of text without shaping them again and again, with the bytes of `weasy_private` and stock WeasyPrint. See `weasy_speed`.

- `paragraphs`: one Pango layout for a paragraph instead of three to five for each of its lines.
- `breaks`: where a text may break and where its first word ends is asked of Pango once for each text, mostly two letters or a word.
- `lines`: a line that WeasyPrint breaks itself, of the same text, style and width as one before, is that one: of the signatories many are laid out twice.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

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
SLACK = 2.0
"""Pixels by which the sum of glyph widths may miss the width of a line set anew."""


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
    lines: list[Any] = field(default_factory=list)
    """Of each line: Pango's line, its first and last byte (relative to `base`), width, height and baseline in pixels."""
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
        width = None if style["white_space"] in ("nowrap", "pre") else max_width
        key = (decisive(style), text, width, justification_spacing, is_line_start, minimum)
        if key not in known:
            known[key] = stock(text, style, context, max_width, justification_spacing, is_line_start, minimum)
        found = known[key]
        return copy.copy(found[0]), *found[1:]  # what is laid out is marked later: how its line ends, how it is justified

    for module in (line_break, inline, preferred):
        if module.split_first_line is stock:
            module.split_first_line = split_first_line


def _line_class() -> type:
    """WeasyPrint's Layout for a line that a paragraph holds: `line` is Pango's, and set anew only if somebody asks for more."""
    from weasyprint.text import line_break

    class Line(line_break.Layout):  # type: ignore[misc]
        def __init__(self, paragraph: Paragraph, line: Any, text: str) -> None:
            self.paragraph, self.line, self.text = paragraph, line, text
            self.source = paragraph.text
            self.justification_spacing, self.max_width, self.first_line_direction = 0, None, line.resolved_dir

    return Line


def _paragraph(context: Any, box: Any, width: float, start: int, *, whole: bool) -> Paragraph | None:
    """The text of a box from byte `start` on, broken; `whole` tells whether its lines after the first are as wide."""
    style = box.style
    if not plain(style) or width >= 2**21 or style["font_size"] * NARROWEST > width:
        return None
    known: dict[int, Paragraph] = context.__dict__.setdefault("_engross_paragraphs", {}).setdefault((box.text, id(style), width), {})
    if start not in known:
        text = box.text.encode()[start:]
        if not text or any(mark in text for mark in (b"\n", b"\t", b"\xc2\xad", b"\r", b"\f", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xc2\x85")):
            return None
        lines = AHEAD if not whole else LINES if style["hyphens"] == "auto" else 0
        paragraph = _broken(context, style, text, start, width, lines)
        if not paragraph:
            return None
        known.update(dict.fromkeys(paragraph.starts, paragraph))  # those from before an inserted hyphen stay: a page break asks for them again
    return known[start]


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
    from weasyprint.text import line_break
    from weasyprint.text.ffi import FROM_UNITS, ffi, pango

    words = text.decode()
    beginning = words[: int(width / style["font_size"] * lines * COLUMN)] if lines else words
    paragraph = Paragraph(line_break.create_layout(beginning, style, context, width, 0), text, base, style)
    layout, box, number = paragraph.layout.layout, ffi.new("PangoRectangle *"), 0
    while (line := pango.pango_layout_get_line_readonly(layout, number)) != ffi.NULL:
        pango.pango_layout_line_get_extents(line, ffi.NULL, box)
        first, last = line.start_index, line.start_index + line.length
        wide = box.width - (_kern_at_end(line) if text[last - 1 : last] == b" " else 0)
        paragraph.lines.append((line, first, last, wide * FROM_UNITS, box.height * FROM_UNITS, -box.y * FROM_UNITS))
        paragraph.starts[base + first] = number
        number += 1
    if len(beginning) < len(words):  # where its last line would end is not known
        del paragraph.starts[base + paragraph.lines[-1][1]]
    return paragraph if paragraph.starts else None


def _kern_at_end(line: Any) -> int:
    """How far the space at which a line breaks has moved towards its last character: a line measured without it is as much wider."""
    from weasyprint.text.ffi import ffi, pango

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
    from weasyprint.layout import inline

    number = paragraph.starts[start]
    line, first, last, wide, high, baseline = paragraph.lines[number]
    part = paragraph.text[first:last]
    if wide > width or not part.strip(b" "):  # a line of a space alone is WeasyPrint's business
        return None
    if last == len(paragraph.text):
        resume, layout = None, line_class(paragraph, line, part.decode())
    else:
        after = paragraph.lines[number + 1]
        if after[2] == len(paragraph.text) and paragraph.text.endswith(b" "):
            return None
        resume = paragraph.base + after[1]
        hyphenated = _hyphenated(context, paragraph, number, width)
        if hyphenated:
            layout, length, wide, high, baseline = hyphenated
            resume = start + length
        else:
            layout = line_class(paragraph, line, part.decode().rstrip(" "))
            if part.endswith(b" "):
                layout.line_end = " "
    box = box.copy_with_text(layout.text)
    box.pango_layout, box.width, box.height = layout, wide, high
    line_height, _ = inline.strut(box.style)
    box.margin_top = box.margin_bottom = (line_height - high) / 2
    box.baseline = baseline + box.margin_top
    return box, resume, False


def _hyphenated(context: Any, paragraph: Paragraph, number: int, width: float) -> Any:
    """The line with a part of the next line's first word, if the language is hyphenated and a part fits; or nothing."""
    import pyphen  # type: ignore[import-untyped]
    from weasyprint.layout.percent import percentage
    from weasyprint.text import line_break
    from weasyprint.text.ffi import FROM_UNITS, pango

    style = paragraph.style
    lang = style["lang"] and pyphen.language_fallback(style["lang"]) if style["hyphens"] == "auto" else None
    if not lang:
        return None
    _, first, last, wide, _, _ = paragraph.lines[number]
    space = width - wide
    zone = percentage(style["hyphenate_limit_zone"], style, width)
    if not (space > zone or space < 0):
        return None
    begin, rest = paragraph.text[first:last].decode(), paragraph.text[last:].decode()
    total, left, right = style["hyphenate_limit_chars"]
    found = _word(rest, lang, total)
    if not found:
        return None
    before, word = found
    dictionary = context.dictionaries.get((lang, left, right, total))
    if dictionary is None:
        dictionary = context.dictionaries[lang, left, right, total] = pyphen.Pyphen(lang=lang, left=left, right=right)
    hyphen = style["hyphenate_character"]
    used = wide + _width(style, hyphen) + (_width(style, " ") if begin.endswith(" ") else 0)
    for part, _ in dictionary.iterate(word):
        if used + _part_width(paragraph, number + 1, len((before + part).encode())) > width + SLACK:
            continue
        layout = line_break.create_layout(begin + before + part + hyphen, style, context, width, 0)
        set_line, index = layout.get_first_line()
        wide, high = line_break.line_size(set_line, style)
        if index is None and width >= wide:
            baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
            layout.deactivate()
            layout.hyphenated = hyphen != part[-len(hyphen) :]
            return layout, len((begin + before + part).encode()), wide, high, baseline
    return None


def _word(rest: str, lang: str, least: int) -> tuple[str, str] | None:
    """The first word of at least so many characters before the next place where a line may break, and what stands before it."""
    from weasyprint.text import line_break

    near = rest[: rest.find(" ") + 2]
    point = line_break.get_next_break_point_from_text(near, lang)
    if point is None and len(rest) > len(near):
        point = line_break.get_next_break_point_from_text(rest, lang)
    text, at = rest[:point] if point else rest, 0
    while text and (bounds := line_break.get_next_word_boundaries(text, lang)):
        start, stop = bounds
        if stop - start >= least:
            return rest[: at + start], text[start:stop]
        text, at = text[stop:], at + stop
    return None


def _part_width(paragraph: Paragraph, number: int, size: int) -> float:
    """Pixels that the first `size` bytes of a line take."""
    from weasyprint.text.ffi import FROM_UNITS, ffi

    line, first, *_ = paragraph.lines[number]
    run, limit, total = line.runs[0], first + size, 0
    while run != ffi.NULL and run.data.item.offset < limit:
        item, glyphs = run.data.item, run.data.glyphs
        run = run.next
        count = glyphs.num_glyphs
        clusters = ffi.unpack(glyphs.log_clusters, count)
        widths = memoryview(ffi.buffer(glyphs.glyphs, count * ffi.sizeof("PangoGlyphInfo"))).cast("i")[1 :: ffi.sizeof("PangoGlyphInfo") // 4]
        total += sum(width for width, cluster in zip(widths, clusters, strict=True) if item.offset + cluster < limit)
    return float(total * FROM_UNITS)


def _width(style: Any, text: str) -> float:
    """Pixels of a text in a style, kept with the style."""
    from weasyprint.text import line_break

    kept = style.__dict__.setdefault("_engross_widths", {})
    if text not in kept:
        layout = line_break.Layout(style)
        layout.set_text(text)
        kept[text] = line_break.line_size(layout.get_first_line()[0], style)[0]
    return float(kept[text])


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
