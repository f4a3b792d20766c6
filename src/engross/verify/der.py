"""The encoding of signature values (DER, ITU-T X.690): one way to write each value, so that a value cannot be written anew without being noticed."""

from __future__ import annotations

DEEPEST = 40
"""Values inside values; a signature with its time stamp has about 15."""
_CONSTRUCTED = {16, 17}
"""Sequences and sets; other universal types are put together out of pieces only in the looser encoding, BER."""
_EXTERNAL = 8


def length(data: bytes) -> int | None:
    """Bytes of the sequence that `data` begins with, its head included; `None` when it is none, or its length is not written as DER wants."""
    if not data or data[0] != 0x30:
        return None
    head = _head(data, 0, len(data))
    return None if head is None else head[1]


def fault(data: bytes) -> str:
    """What is against DER in the lengths and kinds of nested values; empty when nothing is."""
    open_ends: list[int] = []
    at = 0
    while at < len(data) or open_ends:
        end = open_ends[-1] if open_ends else len(data)
        if at == end:
            open_ends.pop()
            continue
        head = _head(data, at, end)
        if head is None:
            return f"has a length at byte {at} that is not written as DER wants, or reaches too far"
        body, behind = head
        kind, number, constructed = data[at] >> 6, data[at] & 0x1F, bool(data[at] & 0x20)
        if kind == 0 and constructed != (number in _CONSTRUCTED) and number != _EXTERNAL:
            return f"has a value at byte {at} in a form that DER does not have"
        if len(open_ends) > DEEPEST:
            return "has values too deep inside each other"
        if constructed:
            open_ends.append(behind)
            at = body
        else:
            at = behind
    return ""


def _head(data: bytes, at: int, end: int) -> tuple[int, int] | None:
    """Where the body of a value begins and where it ends."""
    if end - at < 2 or data[at] & 0x1F == 0x1F:
        return None
    size, body = data[at + 1], at + 2
    if size >= 0x80:
        count = size & 0x7F
        digits = data[body : body + count]
        size = int.from_bytes(digits, "big")
        if not 1 <= count <= 4 or len(digits) < count or digits[0] == 0 or size < 0x80:
            return None
        body += count
    return (body, body + size) if body + size <= end else None
