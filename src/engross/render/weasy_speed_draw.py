"""Lines of text drawn without asking for each glyph, with the bytes of `weasy_private` and stock WeasyPrint. See `weasy_speed`.

- `glyphs`: the glyphs of a run are read as one block of memory, and what a glyph of a width becomes in the PDF is looked up; a line that a paragraph
  still holds (`weasy_speed_text`) is drawn as it was measured, not set once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engross.render.justification import widen

GLYPH_WORDS = 5
"""32-bit words of a PangoGlyphInfo: glyph, width, x offset, y offset, attributes."""


@dataclass(slots=True)
class Run:
    """Glyphs of one font, with the bytes of the text they stand for."""

    pango_font: Any
    glyphs: list[int]
    widths: list[int]
    """Pango units."""
    offsets: list[int]
    clusters: list[int]
    """Where in the run's text each glyph's cluster begins."""
    start: int
    """The run's first byte in the text."""
    length: int
    font: Any = None
    size: float = 0.0


def glyphs() -> None:
    """Draw plain lines from left to right so; the others are left to WeasyPrint."""
    from weasyprint.draw import text as drawn
    from weasyprint.text import line_break
    from weasyprint.text.ffi import FROM_UNITS, ffi

    stock, reactivate, deactivate = drawn.draw_first_line, line_break.Layout.reactivate, line_break.Layout.deactivate
    units = round(1 / FROM_UNITS)
    if ffi.sizeof("PangoGlyphInfo") != 4 * GLYPH_WORDS:
        return

    def reactivate_if_needed(self: Any, style: Any) -> None:
        if getattr(self, "paragraph", None) is None:
            reactivate(self, style)

    def deactivate_if_active(self: Any) -> None:
        if "layout" in self.__dict__:
            deactivate(self)

    def draw_first_line(stream: Any, textbox: Any, text_overflow: str, block_ellipsis: str, matrix: Any) -> Any:
        """As WeasyPrint's: the line of a text box, at the place that `matrix` says."""
        layout, style = textbox.pango_layout, textbox.style
        plain = text_overflow != "ellipsis" and block_ellipsis == "none" and style["font_size"] >= 1e-6
        if plain and not textbox.text.strip():
            return []
        line = _read(layout, stream) if plain else None
        if line is None:
            if getattr(layout, "paragraph", None) is not None:
                reactivate(layout, style)
            return stock(stream, textbox, text_overflow, block_ellipsis, matrix)
        runs, text = line
        if gaps := layout.__dict__.get("gaps"):
            widen(text, [(run.start, run.clusters, run.widths) for run in runs], gaps, units)
        stream.set_text_matrix(*matrix.values)
        stream.show_text(_strings(stream, runs, text))
        return []

    line_break.Layout.reactivate, line_break.Layout.deactivate, drawn.draw_first_line = reactivate_if_needed, deactivate_if_active, draw_first_line


def _read(layout: Any, stream: Any) -> tuple[list[Run], bytes] | None:
    """The runs of a line, and the text whose bytes they count; nothing if there is something in it that only WeasyPrint draws."""
    from weasyprint.text.ffi import pango

    paragraph = getattr(layout, "paragraph", None)
    if paragraph is None:
        pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
        line, text = pango.pango_layout_get_line_readonly(layout.layout, 0), layout.text.encode()
    else:
        line, text = layout.line, paragraph.text
    runs = _runs(line, stream, keep=paragraph is not None)
    if runs and paragraph is not None and not _end(runs, text, stream, kept=bool(layout.__dict__.get("line_end"))):
        return None
    return (runs, text) if runs else None


def _runs(line: Any, stream: Any, *, keep: bool) -> list[Run]:
    """The runs of a Pango line, whose fonts live as long as the document where `keep` says so; none if one is set from right to left, raised, or drawn by other means."""
    from weasyprint.text.ffi import ffi, pango

    found, pointer = [], line.runs[0]
    while pointer != ffi.NULL:
        item, string = pointer.data.item, pointer.data.glyphs
        pointer = pointer.next
        count = string.num_glyphs
        words = memoryview(ffi.buffer(string.glyphs, 4 * GLYPH_WORDS * count)).cast("i")
        run = Run(
            item.analysis.font,
            words[0::GLYPH_WORDS].tolist(),
            words[1::GLYPH_WORDS].tolist(),
            words[2::GLYPH_WORDS].tolist(),
            ffi.unpack(string.log_clusters, count),
            item.offset,
            item.length,
        )
        run.font, run.size = _font(stream, run.pango_font, keep=keep)
        if item.analysis.level % 2 or any(words[3::GLYPH_WORDS]) or max(run.glyphs, default=0) > pango.PANGO_GLYPH_EMPTY or _special(run.font):
            return []
        found.append(run)
    return found


def _font(stream: Any, pango_font: Any, *, keep: bool) -> tuple[Any, float]:
    """WeasyPrint's font and its size, kept with the document's fonts while the paragraph that `pango_font` belongs to is alive: an address may be given out again later."""
    from weasyprint.text.ffi import ffi

    if not keep:
        found: tuple[Any, float] = stream.add_font(pango_font)
        return found
    known = stream.__dict__.setdefault("_engross_fonts", {})
    address = int(ffi.cast("uintptr_t", pango_font))
    if address not in known:
        known[address] = stream.add_font(pango_font)
    kept: tuple[Any, float] = known[address]
    return kept


def _special(font: Any) -> bool:
    return bool(font.bitmap or font.png or font.svg or font.colr)


def _end(runs: list[Run], text: bytes, stream: Any, *, kept: bool) -> bool:
    """Give the line of a paragraph the end that it has when it is set by itself: the space at which it broke, as wide as any, or none; whether that is known."""
    from weasyprint.text.ffi import FROM_UNITS, pango

    last = runs[-1]
    if not last.glyphs or last.glyphs[-1] != pango.PANGO_GLYPH_EMPTY:
        return not kept
    if not kept:
        for values in (last.glyphs, last.widths, last.offsets, last.clusters):
            values.pop()
        last.length -= 1
        if not last.glyphs:
            runs.pop()
        return bool(runs)
    if len(last.glyphs) == 1:  # in a paragraph a space may take the font of the word after it
        return False
    space = last.font.__dict__.get("_engross_space")
    if space is None:
        space = next((glyph for run in runs if run.font is last.font for glyph, at in zip(run.glyphs, run.clusters, strict=True) if text[run.start + at] == 0x20), None)
        if space is None or space == pango.PANGO_GLYPH_EMPTY:
            return False
        last.font.__dict__["_engross_space"] = space
    pango.pango_font_get_glyph_extents(last.pango_font, space, stream.ink_rect, stream.logical_rect)
    last.glyphs[-1], last.widths[-1] = space, stream.logical_rect.width
    last.font.widths.setdefault(space, round(stream.logical_rect.width * 1000 * FROM_UNITS / last.size))
    return True


def _strings(stream: Any, runs: list[Run], text: bytes) -> str:
    """What the last font of the line shows (PDF 32000-1, 9.4.3, TJ); what those before it show is written on the way."""
    string, previous = "", None
    for run in runs:
        if run.pango_font != previous:
            previous = run.pango_font
            if string:
                stream.show_text(string)
            string = ""
            stream.set_font_size(run.font.hash, run.size)
        pieces = run.font.__dict__.setdefault("_engross_pieces", {}).setdefault(run.size, {})
        keys = [*zip(run.glyphs, run.widths, run.offsets, strict=True)]
        for number, key in enumerate(keys):
            if key not in pieces:
                pieces[key] = _piece(stream, run, number, text)
        string += "<" + "".join([pieces[key] for key in keys])
        string = string[:-1] if string[-1] == "<" else string + ">"
    return string


def _piece(stream: Any, run: Run, number: int, text: bytes) -> str:
    """One glyph in hexadecimal, with what moves it and what follows it in thousandths of an em, as WeasyPrint writes them."""
    from weasyprint.text.ffi import FROM_UNITS, pango

    glyph, width, x_offset, font = run.glyphs[number], run.widths[number], run.offsets[number], run.font
    if glyph == pango.PANGO_GLYPH_EMPTY:
        return f">{-width / run.size}<"
    if glyph not in font.to_unicode:
        ends = [*run.clusters[number + 1 :], run.length]
        font.to_unicode[glyph] = text[run.start + run.clusters[number] : run.start + ends[0]].decode()
    if glyph not in font.widths:
        pango.pango_font_get_glyph_extents(run.pango_font, glyph, stream.ink_rect, stream.logical_rect)
        font.widths[glyph] = round(stream.logical_rect.width * 1000 * FROM_UNITS / run.size)
    offset = x_offset / run.size
    kerning = font.widths[glyph] + offset - width * 1000 * FROM_UNITS / run.size
    return (f">{-offset}<" if offset else "") + f"{glyph:04x}" + (f">{int(kerning)}<" if kerning else "")
