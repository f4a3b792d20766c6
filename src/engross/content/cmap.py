"""Which characters a font has: the table `cmap` (OpenType 1.9), formats 4 and 12.

fontTools would do the same, and give each of 20,000 glyphs a name first. A letter needs some hundreds of them: each is looked up where it stands.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from typing import BinaryIO

_PREFERRED = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
"""Platform and encoding of the subtables that map Unicode, the widest first."""
_NONE = 0xFFFF
"""Ends the segments of format 4; no character."""


def table(font: BinaryIO, wanted: bytes) -> bytes:
    """A table of the font; empty when it has none."""
    (tables,) = struct.unpack(">4xH6x", font.read(12))
    directory = [struct.unpack(">4s4xII", font.read(16)) for _ in range(tables)]
    start, size = next(((offset, length) for tag, offset, length in directory if tag == wanted), (0, 0))
    font.seek(start)
    return font.read(size)


class Cmap:
    """The characters with a glyph, from the best Unicode subtable of a font; none when there is none of format 4 or 12."""

    def __init__(self, font: BinaryIO) -> None:
        """Read where runs of characters begin and end, and nothing of each."""
        self._data = table(font, b"cmap")
        (count,) = struct.unpack_from(">2xH", self._data) if self._data else (0,)
        subtables = {(platform, encoding): offset for platform, encoding, offset in struct.iter_unpack(">HHI", self._data[4 : 4 + 8 * count])}
        at = next((subtables[key] for key in _PREFERRED if key in subtables), None)
        (kind,) = struct.unpack_from(">H", self._data, at) if at is not None else (0,)
        self._starts: tuple[int, ...] = ()
        self._ends: tuple[int, ...] = ()
        self._deltas: tuple[int, ...] = ()
        """Of each run: what is added to a character to get its glyph, modulo `_size`."""
        self._size = 0x10000
        self._glyphs: tuple[int, ...] = ()
        """Of each run: where its glyphs stand in the data, if they are listed; 0 where they follow from `_deltas`."""
        if at is not None and kind == 4:
            self._segments(at)
        elif at is not None and kind == 12:
            self._groups(at)

    def __contains__(self, character: str) -> bool:
        """Whether the font has a glyph for a character."""
        code = ord(character)
        run = bisect_left(self._ends, code)
        return run < len(self._ends) and self._starts[run] <= code and self._has(run, code)

    def characters(self) -> Iterator[str]:
        """All of them."""
        for run, (start, end) in enumerate(zip(self._starts, self._ends, strict=True)):
            yield from (chr(code) for code in range(start, end + 1) if self._has(run, code))

    def _has(self, run: int, code: int) -> bool:
        if at := self._glyphs[run]:
            return code != _NONE and struct.unpack_from(">H", self._data, at + 2 * (code - self._starts[run])) != (0,)
        return code != _NONE and (self._deltas[run] + code) % self._size != 0

    def _segments(self, at: int) -> None:
        """Format 4: segments of the Basic Multilingual Plane."""
        (double,) = struct.unpack_from(">6xH", self._data, at)
        words = f">{double // 2}H"
        self._ends, self._starts, self._deltas, offsets = (struct.unpack_from(words, self._data, at + 14 + double * part + 2 * (part > 0)) for part in range(4))
        self._glyphs = tuple(offset and at + 16 + 3 * double + 2 * index + offset for index, offset in enumerate(offsets))

    def _groups(self, at: int) -> None:
        """Format 12: groups of all Unicode."""
        (count,) = struct.unpack_from(">12xI", self._data, at)
        groups = list(struct.iter_unpack(">III", self._data[at + 16 : at + 16 + 12 * count]))
        self._size = 0x1_0000_0000
        self._starts, self._ends = tuple(start for start, _, _ in groups), tuple(end for _, end, _ in groups)
        self._deltas, self._glyphs = tuple(glyph - start for start, _, glyph in groups), (0,) * len(groups)
