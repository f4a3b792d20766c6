"""The fonts of a PDF: what the font dictionary says, what the font program says, and which glyphs the pages use."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pikepdf

from engross.conformance.objects import get, items, name, number, place

_SECTION = re.compile(rb"begin(codespacerange|bfchar|bfrange)(.*?)end\1", re.DOTALL)
_TOKEN = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])")
CODES = 65536


@dataclass
class Font:
    """A font dictionary (Type 0, or a simple one) and the codes shown in it."""

    item: Any
    codes: set[int] = field(default_factory=set)
    replaced: set[int] = field(default_factory=set)
    """Codes that stand only under ActualText."""

    @property
    def composite(self) -> bool:
        """Whether it is a Type 0 font with two-byte codes that are CIDs."""
        return name(self.item, "Subtype") == "Type0" and name(self.item, "Encoding") == "Identity-H"

    @property
    def descendant(self) -> Any:
        """The CIDFont of a Type 0 font; a simple font itself."""
        found = items(self.item, "DescendantFonts")
        return found[0] if found else self.item

    @property
    def descriptor(self) -> Any:
        """The font descriptor, if there is one."""
        return get(self.descendant, "FontDescriptor")

    @property
    def label(self) -> str:
        """How a finding calls it."""
        return f"{place(self.item)} ({name(self.item, 'BaseFont')})"

    def split(self, shown: bytes) -> list[int]:
        """The codes of a string that is shown."""
        if not self.composite:
            return list(shown)
        return [int.from_bytes(shown[at : at + 2], "big") for at in range(0, len(shown), 2)]

    @cached_property
    def program(self) -> Any:
        """The embedded font program, opened; `None` when it is missing or cannot be read."""
        from fontTools.ttLib import TTFont

        stream = next((found for key in ("FontFile2", "FontFile3") if isinstance(found := get(self.descriptor, key), pikepdf.Stream)), None)
        if stream is None:
            return None
        try:
            return TTFont(io.BytesIO(stream.read_bytes()), lazy=True)
        except Exception:  # noqa: BLE001  fontTools raises whatever it stumbles over
            return None

    @cached_property
    def unicodes(self) -> dict[int, str]:
        """Code to text, as ToUnicode says; empty when it is missing."""
        stream = get(self.item, "ToUnicode")
        return parse_cmap(stream.read_bytes()) if isinstance(stream, pikepdf.Stream) else {}

    @cached_property
    def widths(self) -> dict[int, float]:
        """CID to width in thousandths, as W says (ISO 32000-1, 9.7.4.3)."""
        out: dict[int, float] = {}
        array, at = items(self.descendant, "W"), 0
        while at + 1 < len(array):
            first, second = array[at], array[at + 1]
            if isinstance(second, pikepdf.Array):
                out.update({int(first) + offset: number(width) or 0.0 for offset, width in enumerate(second)})
                at += 2
            elif at + 2 < len(array):
                out.update(dict.fromkeys(range(int(first), min(int(second), CODES) + 1), number(array[at + 2]) or 0.0))
                at += 3
            else:
                break
        return out

    def width(self, code: int) -> float:
        """The width the font dictionary gives a code."""
        default = number(get(self.descendant, "DW"))
        return self.widths.get(code, 1000.0 if default is None else default)

    def glyph(self, code: int) -> int:
        """The glyph of a code, through CIDToGIDMap."""
        table = self._glyphs
        return code if table is None else int.from_bytes(table[2 * code : 2 * code + 2], "big")

    @cached_property
    def _glyphs(self) -> bytes | None:
        stream = get(self.descendant, "CIDToGIDMap")
        return stream.read_bytes() if isinstance(stream, pikepdf.Stream) else None

    def text(self, shown: bytes) -> str:
        """What a string that is shown says."""
        return "".join(self.unicodes.get(code, "") for code in self.split(shown))


def parse_cmap(data: bytes) -> dict[int, str]:
    """The mapping of a ToUnicode CMap (ISO 32000-1, 9.10.3)."""
    out: dict[int, str] = {}
    for kind, section in _SECTION.findall(data):
        if kind == b"codespacerange":
            continue
        flat = _values(section)
        step = 2 if kind == b"bfchar" else 3
        for entry in (flat[at : at + step] for at in range(0, len(flat) - step + 1, step)):
            _take(out, entry)
    return out


def _values(section: bytes) -> list[Any]:
    flat: list[Any] = []
    inner: list[bytes] | None = None
    for digits, opening, closing in _TOKEN.findall(section):
        if opening:
            inner = []
        elif closing and inner is not None:
            flat.append(inner)
            inner = None
        else:
            (flat if inner is None else inner).append(_hex(digits))
    return flat


def _take(out: dict[int, str], entry: list[Any]) -> None:
    first, target = entry[0], entry[-1]
    if isinstance(first, list):
        return
    start = int.from_bytes(first, "big")
    if len(entry) == 2:
        out[start] = "" if isinstance(target, list) else _utf16(target)
        return
    last = min(int.from_bytes(entry[1], "big"), CODES) if isinstance(entry[1], bytes) else start
    for offset in range(max(0, last - start + 1)):
        if isinstance(target, list):
            out[start + offset] = _utf16(target[offset]) if offset < len(target) else ""
        elif target:
            out[start + offset] = _utf16(target[:-1] + bytes([min(255, target[-1] + offset)]))


def _hex(digits: bytes) -> bytes:
    clean = b"".join(digits.split())
    return bytes.fromhex((clean + b"0" * (len(clean) % 2)).decode())


def _utf16(data: bytes) -> str:
    return data.decode("utf-16-be", "replace")
