"""The printed content of a localized letter as canonical JSON, and its digest: the seal that stands on every page.

The seal is known before rendering and is the same on PDF, fax and paper: it covers text, names, CC block, edition and language, and neither
positions nor notes nor layout. JSON is canonical in the sense of RFC 8785 for the types used here (strings, integers, arrays, objects).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from engross.letter import Addressee, Block, Item, Letter, List, ListKind, Mission, Paragraph, Quote, Segment, Signatory

SEAL_BITS = 80
"""How much of the digest is printed: 20 hexadecimal digits."""

Value = dict[str, Any] | list[Any] | str | int | None


def printed_content(letter: Letter) -> dict[str, Value]:
    """What a reader of this version sees, as plain data; absent parts have no key."""
    lead = letter.lead_signatory
    content: dict[str, Value] = {
        "addressees": [_addressee(a) for a in letter.addressees],
        "body": [_block(b) for b in letter.body],
        "cc": [_mission(m) for m in letter.cc],
        "cc_position": letter.cc_position.value,
        "closing": letter.closing.text,
        "date": letter.date.isoformat(),
        "edition": letter.edition,
        "enclosures": [e.text for e in letter.enclosures],
        "language": letter.lang,
        "lead": lead.name.text if lead else None,
        "letter": letter.id,
        "notes": [n.text.text for n in letter.notes],
        "place": _text(letter.place),
        "salutation": letter.salutation.text,
        "signatories": [_signatory(s) for s in letter.printed],
        "source_language": letter.source_lang,
        "subject": _text(letter.subject),
    }
    return {key: value for key, value in content.items() if value not in (None, [])}


def canonical_json(value: Value) -> bytes:
    """Bytes that are the same for equal values everywhere: keys sorted by code point, no spaces, UTF-8, no escapes but the needed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def seal_digest(letter: Letter) -> str:
    """SHA-256 over the canonical JSON of the printed content, in hexadecimal."""
    return hashlib.sha256(canonical_json(printed_content(letter))).hexdigest()


def seal(letter: Letter) -> str:
    """The digits printed on paper: the first 80 bits of the seal digest, upper case, in groups of four."""
    return grouped(seal_digest(letter))


def grouped(digest: str) -> str:
    """A seal digest as it is printed."""
    digits = digest[: SEAL_BITS // 4].upper()
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def document_number(letter: Letter) -> str:
    """What names this version on its pages: letter, edition and language, `2018-06-06-dprk/1/ko`."""
    return f"{letter.id}/{letter.edition}/{letter.lang}"


def _text(segment: Segment | None) -> str | None:
    return segment.text if segment else None


def _lean(values: dict[str, Value]) -> dict[str, Value]:
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _addressee(who: Addressee) -> Value:
    return _lean({"lines": [s.text for s in who.lines()], "fax": who.fax, "email": who.email})


def _block(block: Block) -> Value:
    if isinstance(block, Paragraph):
        return {"paragraph": block.text.text}
    if isinstance(block, Quote):
        return {"quote": [p.text.text for p in block.paragraphs]}
    if isinstance(block, List):
        return _list(block)
    return {"section": block.number, "heading": block.heading.text, "blocks": [_block(b) for b in block.blocks]}


def _list(block: List) -> Value:
    ordered: dict[str, Value] = {"start": block.start} if block.kind is ListKind.ORDERED else {}
    return {"list": [_item(item) for item in block.items], **ordered}


def _item(item: Item) -> Value:
    return _lean({"text": item.text.text, "sublist": _list(item.sublist) if item.sublist else None})


def _signatory(who: Signatory) -> Value:
    return _lean({"name": who.name.text, "acronym": who.acronym, "affiliation": _text(who.affiliation), "place": _text(who.place), "group": _text(who.group)})


def _mission(mission: Mission) -> Value:
    return _lean({"lines": [s.text for s in mission.lines()], "fax": mission.fax, "email": mission.email})
