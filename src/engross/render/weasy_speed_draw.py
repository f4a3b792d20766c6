"""Lines of text drawn without asking for each glyph, with the bytes of `weasy_private` and stock WeasyPrint. See `weasy_speed`.

- `glyphs`: the glyphs of a run are read as one block of memory, and what a glyph of a width becomes in the PDF is looked up; a line is drawn as it was
  measured, not set once more.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from engross.render.justification import Gaps, widen

GLYPH = struct.Struct("=Iiii4x")
"""A PangoGlyphInfo: glyph, width, x offset, y offset, attributes."""

Key = tuple[int, int, int, int]


@dataclass(slots=True)
class Face:
    """A font of one size in a document."""

    font: Any
    """WeasyPrint's."""
    size: float
    pieces: dict[Key, str] = field(default_factory=dict)
    """What a glyph becomes in the PDF."""
    spaces: dict[int, tuple[int, int]] = field(default_factory=dict)
    """The glyph of a space and its width in Pango units, by script: in Hangul it may be another than in Latin."""


@dataclass(slots=True)
class Run:
    """Glyphs of one font."""

    pango_font: Any
    face: Face
    string: Any
    """Pango's glyph string."""
    start: int
    """The run's first byte in the text."""
    length: int
    """Bytes."""
    glyphs: list[Key]
    kind: int
    """Level, gravity, flags and script, a byte each, which WeasyPrint declares as the first of four words."""

    def clusters(self) -> list[int]:
        """Where in the run's text each glyph's cluster begins."""
        from weasyprint.text.ffi import ffi

        found: list[int] = ffi.unpack(self.string.log_clusters, len(self.glyphs))
        return found


def glyphs() -> None:
    """Draw plain lines from left to right so; the others are left to WeasyPrint."""
    from weasyprint import draw
    from weasyprint.draw import text as drawn
    from weasyprint.text import line_break
    from weasyprint.text.ffi import FROM_UNITS, ffi

    stock, deactivate = drawn.draw_text, line_break.Layout.deactivate
    units = round(1 / FROM_UNITS)
    if ffi.sizeof("PangoGlyphInfo") != GLYPH.size:
        return

    def deactivate_once(self: Any) -> None:
        """As WeasyPrint's, but Pango's layout is kept for the drawing where nothing but the text decided."""
        if "layout" in self.__dict__:
            if not self.style["word_spacing"]:  # with which WeasyPrint sets a space alone as another text
                self.measured = self.layout
            deactivate(self)

    def draw_text(stream: Any, textbox: Any, offset_x: float, text_overflow: str, block_ellipsis: str) -> None:
        """As WeasyPrint's: a text box, with all that sets it off."""
        style, line, text = textbox.style, None, textbox.pango_layout.text
        if text_overflow != "ellipsis" and block_ellipsis == "none" and _inked(style):
            line = _line(textbox.pango_layout, style, stream, units) if textbox.text.strip() else []
        if line is None:
            textbox.pango_layout.text = text  # which has its end already if it was set once more to be looked at
            stock(stream, textbox, offset_x, text_overflow, block_ellipsis)
            return
        stream.set_color(style["color"])
        stream.begin_text()
        if line:
            stream.set_text_matrix(1, 0, 0, -1, textbox.position_x, textbox.position_y + textbox.baseline)
            _show(stream, line)
        stream.end_text()

    line_break.Layout.deactivate = deactivate_once
    drawn.draw_text = draw.draw_text = draw_text


def _inked(style: Any) -> bool:
    """Whether text of this style is seen, and nothing but its glyphs; kept with the style."""
    known: bool | None = style.__dict__.get("_engross_inked")
    if known is None:
        known = style["visibility"] == "visible" and style["text_decoration_line"] == "none" and style["font_size"] >= 1e-6
        style.__dict__["_engross_inked"] = known
    return known


def _show(stream: Any, line: list[tuple[Run, str]]) -> None:
    """Write the strings of a line (PDF 32000-1, 9.4.3, TJ), one for all runs of a font that follow each other."""
    string, previous = "", None
    for run, pieces in line:
        if run.pango_font != previous:
            previous = run.pango_font
            if string:
                stream.show_text(string)
            string = ""
            stream.set_font_size(run.face.font.hash, run.face.size)
        string += "<" + pieces
        string = string[:-1] if string[-1] == "<" else string + ">"
    stream.show_text(string)


def _line(layout: Any, style: Any, stream: Any, units: int) -> list[tuple[Run, str]] | None:
    """The runs of a line and what each becomes; nothing if there is something in it that only WeasyPrint draws."""
    from weasyprint.text.ffi import pango

    known = layout.__dict__
    paragraph, end = known.get("paragraph"), known.get("line_end")
    if paragraph is not None:
        text = paragraph.text
        runs = _runs(layout.line, stream, keep=True)
        if not runs or not _end(runs, text, stream, kept=bool(end)):
            return None
    else:
        line = _measured(known.get("measured")) if not end and "\u2028" not in layout.text else None  # a mark that ends a line is drawn, but not measured
        keep = line is not None
        if line is None:
            layout.reactivate(style)
            pango.pango_layout_set_single_paragraph_mode(layout.layout, True)
            line = pango.pango_layout_get_line_readonly(layout.layout, 0)
        text = layout.text.encode()
        runs = _runs(line, stream, keep=keep)
    gaps = known.get("gaps")
    if gaps:
        _widen(runs, text, gaps, units)
    found: list[tuple[Run, str]] = []
    for run in runs:
        pieces = _pieces(stream, run, text)
        if pieces is None:
            return None
        found.append((run, pieces))
    return found or None


def _measured(layout: Any) -> Any:
    """The only line of a Pango layout, if there is one."""
    from weasyprint.text.ffi import ffi, pango

    if layout is None or pango.pango_layout_get_line_readonly(layout, 1) != ffi.NULL:
        return None
    return pango.pango_layout_get_line_readonly(layout, 0)


def _runs(line: Any, stream: Any, *, keep: bool) -> list[Run]:
    """The runs of a Pango line, whose fonts live as long as the document where `keep` says so; none if one is set from right to left."""
    from weasyprint.text.ffi import ffi

    found, pointer, null, buffer, unpack = [], line.runs[0], ffi.NULL, ffi.buffer, GLYPH.iter_unpack
    while pointer != null:
        data = pointer.data
        pointer = pointer.next
        item, string = data.item, data.glyphs
        analysis = item.analysis
        if analysis.level % 2:
            return []
        font = analysis.font
        infos = [*unpack(buffer(string.glyphs, GLYPH.size * string.num_glyphs))]
        found.append(Run(font, _face(stream, font, keep=keep), string, item.offset, item.length, infos, analysis.level))
    return found


def _face(stream: Any, pango_font: Any, *, keep: bool) -> Face:
    """The font and its size, kept with the page while the line that `pango_font` belongs to is alive: an address may be given out again later."""
    known: dict[Any, Face] = stream.__dict__.setdefault("_engross_faces", {})
    face = known.get(pango_font) if keep else None
    if face is None:
        font, size = stream.add_font(pango_font)
        faces: dict[float, Face] = font.__dict__.setdefault("_engross_faces", {})
        face = faces.get(size)
        if face is None:
            face = faces[size] = Face(font, size)
        if keep:
            known[pango_font] = face
    return face


def _end(runs: list[Run], text: bytes, stream: Any, *, kept: bool) -> bool:
    """Give the line of a paragraph the end that it has when it is set by itself: the space at which it broke, as wide as any, or none; whether that is known."""
    from weasyprint.text.ffi import FROM_UNITS, pango

    last = runs[-1]
    if not last.glyphs or last.glyphs[-1][0] != pango.PANGO_GLYPH_EMPTY:
        return not kept
    if not kept:
        last.glyphs.pop()
        last.length -= 1
        if not last.glyphs:
            runs.pop()
        return bool(runs)
    if len(last.glyphs) == 1:  # in a paragraph a space may take the font of the word after it
        return False
    face = last.face
    if last.kind not in face.spaces:
        alike = (run for run in runs if run.face.font is face.font and run.kind == last.kind)
        places = ((key[0], run.start + at) for run in alike for key, at in zip(run.glyphs, run.clusters(), strict=True))
        space = next((glyph for glyph, at in places if text[at] == 0x20), pango.PANGO_GLYPH_EMPTY)
        if space == pango.PANGO_GLYPH_EMPTY:
            return False
        pango.pango_font_get_glyph_extents(last.pango_font, space, stream.ink_rect, stream.logical_rect)
        face.spaces[last.kind] = space, stream.logical_rect.width
    glyph, width = face.spaces[last.kind]
    last.glyphs[-1] = glyph, width, *last.glyphs[-1][2:]
    face.font.widths.setdefault(glyph, round(width * 1000 * FROM_UNITS / face.size))
    return True


def _widen(runs: list[Run], text: bytes, gaps: Gaps, units: int) -> None:
    """Move the glyphs of a justified line apart."""
    parts = [(run.start, run.clusters(), [key[1] for key in run.glyphs]) for run in runs]
    widen(text, parts, gaps, units)
    for run, (_, _, widths) in zip(runs, parts, strict=True):
        run.glyphs = [(glyph, width, x, y) for (glyph, _, x, y), width in zip(run.glyphs, widths, strict=True)]


def _pieces(stream: Any, run: Run, text: bytes) -> str | None:
    """What the glyphs of a run become, or nothing if one is raised, missing, or drawn by other means."""
    known = run.face.pieces
    found = [*map(known.get, run.glyphs)]
    if None in found:
        font = run.face.font
        if font.bitmap or font.png or font.svg or font.colr:
            return None
        clusters = [*run.clusters(), run.length]
        for number, piece in enumerate(found):
            if piece is None:
                added = _piece(stream, run, number, text, clusters)
                if added is None:
                    return None
                found[number] = known[run.glyphs[number]] = added
    return "".join(found)  # type: ignore[arg-type]


def _piece(stream: Any, run: Run, number: int, text: bytes, clusters: list[int]) -> str | None:
    """One glyph in hexadecimal, with what moves it and what follows it in thousandths of an em, as WeasyPrint writes them."""
    from weasyprint.text.ffi import FROM_UNITS, pango

    glyph, width, x_offset, y_offset = run.glyphs[number]
    font, size = run.face.font, run.face.size
    if y_offset or glyph > pango.PANGO_GLYPH_EMPTY:
        return None
    if glyph == pango.PANGO_GLYPH_EMPTY:
        return f">{-width / size}<"
    if glyph not in font.to_unicode:
        font.to_unicode[glyph] = text[run.start + clusters[number] : run.start + clusters[number + 1]].decode()
    if glyph not in font.widths:
        pango.pango_font_get_glyph_extents(run.pango_font, glyph, stream.ink_rect, stream.logical_rect)
        font.widths[glyph] = round(stream.logical_rect.width * 1000 * FROM_UNITS / size)
    offset = x_offset / size
    kerning = font.widths[glyph] + offset - width * 1000 * FROM_UNITS / size
    return (f">{-offset}<" if offset else "") + f"{glyph:04x}" + (f">{int(kerning)}<" if kerning else "")
