"""Class-F TIFF, the file a fax machine sends: T.4 and T.6 coded pages, one strip each, with exactly the fields the standards name.

RFC 2306 (TIFF-F) and RFC 3949 (profiles S and F). libtiff, inside Pillow, codes the pixels, which it gets packed as they are; the directories are
written here, because Pillow cannot write PageNumber and would add fields that fax software does not expect. Coded pages are joined without being coded again.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engross.errors import EngrossError, UsageError
from engross.render.bitmap import Bitmap

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH = 1728
"""Pixels of a line: ITU-T T.4, 215 mm."""
SCAN_WIDTH_MM = 215.0
DPI_ACROSS = 204
"""What class F calls 1728 pixels over 215 mm."""

SOFTWARE = "engross"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Lines of a page: as ITU-T T.4 measures them, and as the TIFF field names them."""

    name: str
    lines_per_mm: float
    dpi: int

    def rows(self, millimetres: float) -> int:
        """How many lines a height takes."""
        return round(millimetres * self.lines_per_mm)


RESOLUTIONS = {r.name: r for r in (Resolution("standard", 3.85, 98), Resolution("fine", 7.7, 196))}
"""What every Group 3 machine knows. Fine is the default: standard makes small Korean and Japanese characters hard to read."""

CODINGS = {"mh": (3, 292, 4), "mr": (3, 292, 5), "mmr": (4, 293, 0)}
"""By name: Compression, and the option field with its value. T.4 lines end byte-aligned (bit 2 of T4Options)."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One coded page, bits in transmission order (the least significant bit of a byte first, FillOrder 2)."""

    data: bytes
    rows: int
    width: int = WIDTH


def resolution(name: str) -> Resolution:
    """A resolution by name.

    Raises:
        UsageError: it is not one of `RESOLUTIONS`.
    """
    if name not in RESOLUTIONS:
        raise UsageError(f"no fax resolution is called {name!r}", hint=f"use {' or '.join(RESOLUTIONS)}")
    return RESOLUTIONS[name]


def check_coding(name: str) -> str:
    """The name, if it is one of `CODINGS`.

    Raises:
        UsageError: it is not.
    """
    if name not in CODINGS:
        raise UsageError(f"no fax coding is called {name!r}", hint="use mmr (with error correction), mr or mh")
    return name


def load() -> None:
    """Load Pillow now, for instance before a process forks."""
    from PIL import Image, ImageFile  # noqa: F401


def code(page: Image | Bitmap, coding: str) -> Strip:
    """Code a page whose 1 bits are black (an image of mode `1`, or a bitmap).

    libtiff counts 1 bits as black, as the codes do; saying so in the directory is `write`'s part. Pillow's `save` would have it pack each row, bit by bit,
    from a byte for each pixel. So its coder is called as `save` calls it, but with an image whose pixels are bytes of packed rows, and fields that say what they are.
    """
    from PIL import Image as Images

    compression, option, value = CODINGS[check_coding(coding)]
    bitmap = page if isinstance(page, Bitmap) else Bitmap(page.width, page.tobytes())
    rows = Images.frombuffer("L", (bitmap.stride, bitmap.height), bitmap.data, "raw", "L", 0, 1)
    fields = [(256, bitmap.width), (257, bitmap.height), (258, 1), (259, compression), (262, 1), (266, 2), (278, bitmap.height)]
    fields += [] if coding == "mmr" else [(option, value)]
    written = rows.tobytes("libtiff", "L", 0, "", fields, {option: 4})
    ((offset, length),) = _strips(written)
    return Strip(written[offset : offset + length], bitmap.height, bitmap.width)


def decode(strip: Strip, coding: str) -> Image:
    """The page of a strip again, its 1 bits black.

    Raises:
        EngrossError: the bits are not a page of that coding.
    """
    from PIL.TiffImagePlugin import TiffImageFile  # `open` would load forty other formats to find this one

    data = write((strip,), coding=coding, dpi=RESOLUTIONS["fine"].dpi, stamp="")
    try:
        image = TiffImageFile(io.BytesIO(data))
        image.load()
    except (OSError, ValueError) as error:
        raise EngrossError(f"a fax page cannot be decoded: {error}", hint="build the fax again") from error
    return image.point(_INVERT, "1")


_INVERT = [255] + [0] * 255


def write(strips: Sequence[Strip], *, coding: str, dpi: int, stamp: str) -> bytes:
    """The strips as one class-F TIFF: header, then for each page its directory, the values that do not fit in it, and its strip.

    Args:
        strips: coded pages.
        coding: how they are coded, all alike.
        dpi: lines per inch as class F names them, 98 or 196.
        stamp: DateTime, `2018:06:06 00:00:00`; empty for none.
    """
    out = bytearray(b"II*\0\x08\0\0\0")
    for page, strip in enumerate(strips):
        fields = _fields(strip, page, len(strips), coding, dpi, stamp)
        values_at = len(out) + 2 + 12 * len(fields) + 4
        strip_at = values_at + sum(len(data) + len(data) % 2 for _, _, _, data in fields if len(data) > 4)
        following = strip_at + len(strip.data) + len(strip.data) % 2 if page + 1 < len(strips) else 0
        values = bytearray()
        out += struct.pack("<H", len(fields))
        for tag, kind, count, given in fields:
            data = struct.pack("<I", strip_at) if tag == 273 else given
            if len(data) > 4:
                out += struct.pack("<HHII", tag, kind, count, values_at + len(values))
                values += data + b"\0" * (len(data) % 2)
            else:
                out += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0")
        out += struct.pack("<I", following) + values + strip.data + b"\0" * (len(strip.data) % 2)
    return bytes(out)


_Field = tuple[int, int, int, bytes]


def _fields(strip: Strip, page: int, pages: int, coding: str, dpi: int, stamp: str) -> list[_Field]:
    """Tag, type, count and value in ascending order of tags, as TIFF 6.0 demands."""
    compression, option, value = CODINGS[coding]
    fields = [
        _long(254, 2),  # NewSubfileType: a page of many
        _short(256, strip.width),
        _long(257, strip.rows),
        _short(258, 1),
        _short(259, compression),
        _short(262, 0),  # PhotometricInterpretation: 0 bits are white
        _short(266, 2),  # FillOrder: as bits go over the line
        _long(273, 0),  # StripOffsets, known later
        _short(277, 1),
        _long(278, strip.rows),
        _long(279, len(strip.data)),
        (282, 5, 1, struct.pack("<II", DPI_ACROSS, 1)),
        (283, 5, 1, struct.pack("<II", dpi, 1)),
        _long(option, value),
        _short(296, 2),  # ResolutionUnit: inch
        _short(297, page, pages),
        _ascii(305, SOFTWARE),
    ]
    if stamp:
        fields.append(_ascii(306, stamp))
    if coding != "mmr":  # RFC 2306, 3.2: no line was ever received badly
        fields += [_long(326, 0), _short(327, 0), _long(328, 0)]
    return fields


def _short(tag: int, *values: int) -> _Field:
    return tag, 3, len(values), struct.pack(f"<{len(values)}H", *values)


def _long(tag: int, value: int) -> _Field:
    return tag, 4, 1, struct.pack("<I", value)


def _ascii(tag: int, text: str) -> _Field:
    data = text.encode("ascii") + b"\0"
    return tag, 2, len(data), data


def _strips(data: bytes) -> Iterator[tuple[int, int]]:
    """Offset and length of the only strip of the only page that libtiff wrote."""
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    found = {tag: (n, value) for tag, _, n, value in (struct.unpack_from("<HHII", data, at + 2 + 12 * i) for i in range(count))}
    (strips, offset), (_, length) = found[273], found[279]
    if strips != 1:
        raise EngrossError(f"libtiff cut a fax page into {strips} strips", hint="report this together with the version of Pillow")
    yield offset, length


@dataclass(frozen=True, slots=True)
class Page:
    """A page as found in a TIFF file: its fields by tag, and its only strip."""

    fields: dict[int, tuple[int, ...] | str]
    strip: Strip
    coding: str

    @property
    def dpi(self) -> float:
        """Lines per inch."""
        value = self.fields[283]
        return float(value[0]) / float(value[1]) if isinstance(value, tuple) else 0.0


def read(data: bytes) -> list[Page]:
    """The pages of a class-F TIFF in little-endian order, for checks and for reading the file back.

    Raises:
        EngrossError: it is not one, or it is cut off.
    """
    try:
        return list(_pages(data))
    except (struct.error, IndexError, KeyError, UnicodeDecodeError, ValueError) as error:
        raise EngrossError(f"this is not a whole class-F TIFF file: {error}", hint="build the fax again") from error


_SIZES = {2: ("s", 1), 3: ("H", 2), 4: ("I", 4), 5: ("II", 8)}


def _pages(data: bytes) -> Iterator[Page]:
    if data[:4] != b"II*\0":
        raise ValueError("it does not begin like a little-endian TIFF")
    (at,) = struct.unpack_from("<I", data, 4)
    seen: set[int] = set()
    while at:
        if at in seen:
            raise ValueError("its directories form a ring")
        seen.add(at)
        (count,) = struct.unpack_from("<H", data, at)
        fields = dict(_field(data, at + 2 + 12 * i) for i in range(count))
        yield Page(fields, _strip(data, fields), _coding(fields))
        (at,) = struct.unpack_from("<I", data, at + 2 + 12 * count)


def _field(data: bytes, at: int) -> tuple[int, tuple[int, ...] | str]:
    tag, kind, count = struct.unpack_from("<HHI", data, at)
    letter, size = _SIZES[kind]
    place = at + 8 if size * count <= 4 else struct.unpack_from("<I", data, at + 8)[0]
    if kind == 2:
        return tag, data[place : place + count].decode("ascii").rstrip("\0")
    return tag, struct.unpack_from("<" + letter * count, data, place)


def _strip(data: bytes, fields: dict[int, tuple[int, ...] | str]) -> Strip:
    width, rows, offset, length = (_number(fields[tag]) for tag in (256, 257, 273, 279))
    if offset + length > len(data):
        raise ValueError("a strip is cut off")
    return Strip(data[offset : offset + length], rows, width)


def _number(value: tuple[int, ...] | str) -> int:
    if isinstance(value, str) or len(value) != 1:
        raise ValueError(f"{value!r} stands where one number is expected")
    return value[0]


def _coding(fields: dict[int, tuple[int, ...] | str]) -> str:
    if fields[259] == (4,):
        return "mmr"
    if fields[259] == (3,):
        return "mr" if _number(fields.get(292, (0,))) & 1 else "mh"
    raise ValueError(f"Compression {fields[259]} is not a fax coding")
