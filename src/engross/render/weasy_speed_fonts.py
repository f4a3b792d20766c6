"""Fonts in a PDF without reading and cutting them down more often than needed, with the same bytes. See `weasy_speed`.

- `contents`: the whole of a font, up to 8 MB, is copied when somebody asks for it; of a font that is cut down nobody does.
- `subsets`: a font is cut down once, and a second time only where that leaves glyphs behind the last one used.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

_DROPPED = (b"BASE", b"DSIG", b"EBDT", b"EBLC", b"EBSC", b"GPOS", b"GSUB", b"JSTF", b"LTSH", b"PCLT", b"SVG ")
"""Tables that no PDF needs, as WeasyPrint lists them."""


def contents() -> None:
    """Read a font's bytes from HarfBuzz when they are asked for; the font holds its face until then."""
    from weasyprint.pdf import fonts

    name = "_engross_content"

    def get(self: Any) -> Any:
        value = self.__dict__[name]
        if isinstance(value, partial):
            value = self.__dict__[name] = value()
        return value

    def put(self: Any, value: Any) -> None:
        self.__dict__[name] = value

    fonts.get_hb_object_data = partial(partial, fonts.get_hb_object_data)
    fonts.Font.file_content = property(get, put)


def subsets() -> None:
    """Leave out the second pass, which takes as long as the first.

    HarfBuzz ends a subset that keeps its glyphs' numbers with the last of them. What a second pass has to take away is only parts of glyphs that stand
    behind the last glyph asked for. Arrays have an open declaration, `hb_codepoint_t[]`: each new length costs cffi four milliseconds.
    """
    from weasyprint.pdf import fonts
    from weasyprint.text.ffi import ffi, harfbuzz
    from weasyprint.text.ffi import harfbuzz_subset as library

    stock, read = fonts.Font._harfbuzz_subset, fonts.get_hb_object_data

    def reduced(face: Any, glyphs: Sequence[int], tables: Sequence[int], flags: int) -> Any:
        """A face with these glyphs and without these tables (both ascending), false where HarfBuzz cannot make it."""
        request = ffi.gc(library.hb_subset_input_create_or_fail(), library.hb_subset_input_destroy)
        library.hb_subset_input_set_flags(request, flags)
        dropped = library.hb_subset_input_set(request, library.HB_SUBSET_SETS_DROP_TABLE_TAG)
        for chosen, values in ((library.hb_subset_input_glyph_set(request), glyphs), (dropped, tables)):
            harfbuzz.hb_set_add_sorted_array(chosen, ffi.new("hb_codepoint_t[]", values), len(values))
        return ffi.gc(library.hb_subset_or_fail(face, request), harfbuzz.hb_face_destroy)

    def _harfbuzz_subset(self: Any, to_unicode: Any, hinting: bool) -> None:
        """As WeasyPrint's."""
        flags = library.HB_SUBSET_FLAGS_PASSTHROUGH_UNRECOGNIZED | library.HB_SUBSET_FLAGS_DESUBROUTINIZE
        if not hinting:
            flags |= library.HB_SUBSET_FLAGS_NO_HINTING
        if self.missing:
            flags |= library.HB_SUBSET_FLAGS_NOTDEF_OUTLINE
        glyphs, tables = sorted(to_unicode), [harfbuzz.hb_tag_from_string(name, -1) for name in _DROPPED]
        face = reduced(self.hb_face, glyphs, tables, flags | library.HB_SUBSET_FLAGS_RETAIN_GIDS)
        if face and harfbuzz.hb_face_get_glyph_count(face) > glyphs[-1] + 1:
            face = reduced(face, tuple(range(glyphs[-1] + 1)), (), flags)
        if face:
            self.file_content = read(face)
        else:
            stock(self, to_unicode, hinting)  # it says what became of the font

    fonts.Font._harfbuzz_subset = _harfbuzz_subset
