"""pyHanko's strict reader, which looks up an object in an object stream without reading the stream's directory anew for each: 0.3 s instead of 7 s for a letter."""

from __future__ import annotations

import io
from typing import Any

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import IndirectObject, Reference, StreamObject, read_object
from pyhanko.pdf_utils.misc import PdfReadError, PdfStrictReadError
from pyhanko.pdf_utils.reader import PdfFileReader


class Reader(PdfFileReader):
    """Strict; object streams are taken apart once."""

    def __init__(self, data: bytes) -> None:
        self._directories: dict[int, tuple[bytes, list[tuple[int, int]]]] = {}
        super().__init__(io.BytesIO(data), strict=True)

    def held(self, stream: int) -> list[int]:
        """Numbers of the objects in an object stream, in its order."""
        return [number for number, _ in self._entries(stream)[1]]

    def _entries(self, stream: int) -> tuple[bytes, list[tuple[int, int]]]:
        if stream not in self._directories:
            self._directories[stream] = self._directory(stream)
        return self._directories[stream]

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
        data, entries = self._entries(stmnum)
        if not 0 <= idx < len(entries) or entries[idx][0] != idnum:
            raise PdfStrictReadError(f"object {idnum} is not where its object stream should have it")
        found = read_object(io.BytesIO(data[entries[idx][1] :]), Reference(idnum, 0, self))
        if isinstance(found, (StreamObject, IndirectObject)):
            raise PdfStrictReadError("an object stream holds what it must not")
        return found

    def _directory(self, number: int) -> tuple[bytes, list[tuple[int, int]]]:
        stream = self.get_object(Reference(number, 0, self))  # type: ignore[no-untyped-call]
        if not isinstance(stream, StreamObject) or stream.get("/Type") != "/ObjStm" or "/Extends" in stream:
            raise PdfReadError(f"object {number} is no object stream")
        data = bytes(stream.read_data(DecodePurpose.OBJECT_STREAM))
        first, count = int(stream["/First"]), int(stream["/N"])
        numbers = [int(word) for word in data[:first].split()]
        if len(numbers) != 2 * count:
            raise PdfStrictReadError(f"the directory of object stream {number} is damaged")
        return data, [(numbers[index], first + numbers[index + 1]) for index in range(0, len(numbers), 2)]
