"""Rules about signatures (PDF/A-3, 6.4.3): what they cover, and what they are made of. Whether they hold, and who signed, is for `engross verify`."""

from __future__ import annotations

import re
from typing import Any

import pikepdf

from engross.conformance.document import Document
from engross.conformance.objects import MAPS, get, items, name, place
from engross.conformance.rule import A3, Found, Rule

_END = re.compile(rb"%%EOF(\r\n|\n|\r)?\Z")


def _signatures(document: Document) -> list[Any]:
    return [value for item in items(document.root, "AcroForm", "Fields") if name(item, "FT") == "Sig" and isinstance(value := get(item, "V"), MAPS)]


def covered(document: Document) -> Found:
    """A signature covers its revision from the first byte to the last, all but its own value."""
    data = document.data
    for value in _signatures(document):
        numbers = items(value, "ByteRange")
        if len(numbers) != 4 or not all(isinstance(number, int) and number >= 0 for number in numbers):
            yield "a signature has no ByteRange of four numbers", place(value)
            continue
        start, length, after, rest = numbers
        contents = get(value, "Contents")
        inside = data[length:after]
        written = inside[:1] == b"<" and inside[-1:] == b">" and isinstance(contents, pikepdf.String) and inside[1:-1].lower() == bytes(contents).hex().encode()
        if start or not written:
            yield "a signature leaves out more than its own value", place(value)
        if after + rest > len(data) or not _END.search(data[after + rest - 8 : after + rest]):
            yield "a signature does not end where its revision ends", place(value)


def made_of(document: Document) -> Found:
    """A signature is of one signer, whose certificate it carries, and names no digest of objects."""
    from asn1crypto import cms

    for value in _signatures(document):
        try:
            message = cms.ContentInfo.load(bytes(get(value, "Contents")))["content"]
            signers, certificates = len(message["signer_infos"]), len(message["certificates"])
        except (ValueError, TypeError, KeyError):
            yield "the value of a signature is no CMS message", place(value)
            continue
        if signers != 1 or not certificates:
            yield f"a signature has {signers} signers and {certificates} certificates", place(value)
        for reference in items(value, "Reference"):
            if any(get(reference, key) is not None for key in ("DigestLocation", "DigestMethod", "DigestValue")):
                yield "the reference of a signature has a digest of objects", place(value)


RULES = (
    Rule("signature-covers", A3 + "6.4.3", covered),
    Rule("signature-value", A3 + "6.4.3, 6.1.12", made_of),
)
