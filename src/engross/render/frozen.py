"""Objects of a PDF whose bytes are made once. pydyf makes them twice when a file has an identifier, and compressing is most of that work."""

from __future__ import annotations

import zlib
from functools import cached_property, lru_cache

import pydyf

LEVEL = 6
"""Of zlib. Level 9, which pydyf takes, needs twice the time for one byte in a hundred."""


class Frozen(pydyf.Object):  # type: ignore[misc]
    """An object as it will be written, in the place of the one it was made from."""

    def __init__(self, original: pydyf.Object, data: bytes, *, compressible: bool) -> None:
        super().__init__()
        self.number, self.generation, self.free = original.number, original.generation, original.free
        self._data, self._compressible = data, compressible

    @property
    def data(self) -> bytes:
        """The object without its number."""
        return self._data

    @property
    def compressible(self) -> bool:
        """Whether it may stand in an object stream."""
        return self._compressible


class Once(pydyf.Stream):  # type: ignore[misc]
    """A stream that is compressed once, at our level: those that writing makes, of objects and references, are asked for their bytes again for the identifier."""

    @cached_property
    def data(self) -> bytes:
        """The stream without its number."""
        return _written(self, zlib.compress(_content(self), LEVEL))


def freeze(pdf: pydyf.PDF) -> None:
    """Replace every object of a finished PDF by its bytes. Nothing may be changed in it afterwards."""
    add = pdf.add_object

    def added(item: pydyf.Object) -> None:
        if type(item) is pydyf.Stream and item.compress:
            item.__class__ = Once
        add(item)

    pdf.objects[:] = [item if item.free == "f" else _frozen(item) for item in pdf.objects]
    pdf.add_object = added


def _frozen(item: pydyf.Object) -> Frozen:
    if not (isinstance(item, pydyf.Stream) and item.compress):
        return Frozen(item, item.data, compressible=item.compressible)
    return Frozen(item, _written(item, _packed(_content(item))), compressible=False)


def _content(item: pydyf.Stream) -> bytes:
    """What a stream holds, not compressed."""
    raw: bytes = pydyf.Stream(item.stream, compress=False).data
    return raw.partition(b"stream\n")[2].removesuffix(b"\nendstream")


def _written(item: pydyf.Stream, packed: bytes) -> bytes:
    """A stream without its number, as pydyf writes it."""
    extra = pydyf.Dictionary({**item.extra, "Filter": "/FlateDecode", "Length": len(packed)})
    return b"\n".join((extra.data, b"stream", packed, b"endstream"))


@lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    """Kept for what comes again where one letter is set many times: the pages that stayed as they were, the fonts' subsets."""
    return zlib.compress(content, LEVEL)
