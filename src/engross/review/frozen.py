"""The text of a frozen edition, as the record that signing made holds it (`engross.canonical.printed_content`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engross.errors import Position
from engross.letter import Segment
from engross.review.manuscript import Line


def lines_of(content: Mapping[str, Any], lang: str) -> Iterator[Line]:
    """The lines of a printed content in the order of `manuscript.lines`."""

    def lines(texts: Any, style: str, role: str, *, marked_up: bool = False) -> Iterator[Line]:
        return (Line(_segment(role, text, lang, marked_up=marked_up), style) for text in texts if text)

    copies = [line for mission in content.get("cc", ()) for line in lines(mission["lines"], "CC", "cc")]
    first = content.get("cc_position") == "after-address"
    yield from lines([content.get("place")], "Date", "place-date")
    for who in content.get("addressees", ()):
        yield from lines(who["lines"], "Letter Address", "addressee")
    yield from copies if first else ()
    yield from lines([content.get("subject")], "Letter Subject", "subject")
    yield from lines([content["salutation"]], "Salutation", "salutation")
    for value in content["body"]:
        yield from _block(value, lang)
    yield from lines([content["closing"]], "Closing", "closing")
    yield from _signatories(content.get("signatories", ()), lang)
    yield from copies if not first else ()
    yield from lines(content.get("enclosures", ()), "List Bullet", "enclosure")
    yield from lines(content.get("notes", ()), "footnote text", "footnote", marked_up=True)


def _segment(role: str, text: str, lang: str, *, marked_up: bool = False) -> Segment:
    return Segment(role, text, Position(""), "", lang, "", markup=marked_up)


def _block(value: Mapping[str, Any], lang: str) -> Iterator[Line]:
    """The lines of a block as the canonical JSON has it."""
    if "heading" in value:
        yield Line(_segment("heading", value["heading"], lang, marked_up=True), "heading 1")
        for inner in value["blocks"]:
            yield from _block(inner, lang)
    elif "paragraph" in value:
        yield Line(_segment("paragraph", value["paragraph"], lang, marked_up=True), "Body Text")
    elif "quote" in value:
        yield from (Line(_segment("quote", text, lang, marked_up=True), "Quote") for text in value["quote"])
    else:
        yield from _items(value, 0, lang)


def _items(block: Mapping[str, Any], level: int, lang: str) -> Iterator[Line]:
    ordered = "start" in block
    style = ("List Number" if ordered else "List Bullet") + (" 2" if level else "")
    for at, item in enumerate(block["list"]):
        yield Line(_segment("item" if ordered else "bullet", item["text"], lang, marked_up=True), style, level=level, first=at == 0, start=block.get("start", 1))
        if "sublist" in item:
            yield from _items(item["sublist"], 1, lang)


def _signatories(entries: Any, lang: str) -> Iterator[Line]:
    seen: set[tuple[str, str]] = set()
    for who in entries:
        for role, style in (("group", "Signatory Group"), ("name", "Signatory"), ("affiliation", "Signatory"), ("place", "Signatory")):
            if who.get(role) and (role, who[role]) not in seen:
                yield Line(_segment(role, who[role], lang), style)
                seen.add((role, who[role]))
