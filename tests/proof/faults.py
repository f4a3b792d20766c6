"""Faults as layouts, renderers and hands make them, planted in a letter before it is rendered; the proof then compares with the letter as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from engross.letter import Letter, Segment
from engross.proof.finding import CODES

ALL = ("pdf", "docx", "html", "txt")
FOREIGN = "이 편지는 두 장관에게 보내는 것이며 모두 읽어 주시기 바랍니다."


@dataclass(frozen=True)
class Fault:
    name: str
    plant: Callable[[Letter], Letter]
    label: str
    codes: tuple[str, ...]
    kinds: tuple[str, ...] = ALL


def own(node: Any) -> str:
    """The label of the text that makes a node what it is."""
    if isinstance(node, Segment):
        return node.label
    return next((part.label for part in (getattr(node, name, None) for name in ("text", "heading", "name")) if isinstance(part, Segment)), "")


def among(label: str, act: Callable[[list[Any], int], list[Any]]) -> Callable[[Letter], Letter]:
    """Act on the list that holds the node with this label."""

    def rebuild(node: Any) -> Any:
        if isinstance(node, tuple):
            found = [i for i, child in enumerate(node) if own(child) == label]
            return tuple(act(list(node), found[0])) if found else tuple(map(rebuild, node))
        if is_dataclass(node) and not isinstance(node, (Segment, type)):
            return replace(
                node, **{f.name: rebuild(getattr(node, f.name)) for f in fields(node) if isinstance(getattr(node, f.name), tuple) or is_dataclass(getattr(node, f.name))}
            )
        return node

    def plant(letter: Letter) -> Letter:
        changed: Letter = rebuild(letter)
        assert changed != letter, f"nothing has the label {label}"
        return changed

    return plant


def dropped(label: str) -> Callable[[Letter], Letter]:
    return among(label, lambda nodes, i: nodes[:i] + nodes[i + 1 :])


def doubled(label: str) -> Callable[[Letter], Letter]:
    return among(label, lambda nodes, i: nodes[: i + 1] + nodes[i:])


def moved(label: str, by: int) -> Callable[[Letter], Letter]:
    def act(nodes: list[Any], i: int) -> list[Any]:
        rest = nodes[:i] + nodes[i + 1 :]
        return [*rest[: i + by], nodes[i], *rest[i + by :]]

    return among(label, act)


def said(label: str, old: str, new: str) -> Callable[[Letter], Letter]:
    """Other words in one text."""

    def change(segment: Segment) -> Segment:
        return replace(segment, text=segment.text.replace(old, new)) if segment.label == label else segment

    def plant(letter: Letter) -> Letter:
        changed = letter.map(change)
        assert changed != letter, f"{label} does not say {old!r}"
        return changed

    return plant


def foreign(letter: Letter) -> Letter:
    """The same letter in another language, as far as it matters here."""
    return letter.map(lambda segment: replace(segment, text=FOREIGN) if segment.label in ("p2", "s3.b1") else segment)


def cc(position: int, **values: Any) -> Callable[[Letter], Letter]:
    return lambda letter: replace(letter, cc=tuple(replace(m, **values) if i == position else m for i, m in enumerate(letter.cc)))


def addressee(**values: Any) -> Callable[[Letter], Letter]:
    return lambda letter: replace(letter, addressees=(replace(letter.addressees[0], **values), *letter.addressees[1:]))


MISSING, CHANGED, FIGURE, DOUBLED, ORDER, LANGUAGE, ADDED = (f"proof-{name}" for name in ("missing", "changed", "figure", "doubled", "order", "language", "added"))
assert {MISSING, CHANGED, FIGURE, DOUBLED, ORDER, LANGUAGE, ADDED} <= CODES.keys()

FAULTS = [
    Fault("a paragraph is gone", dropped("p2"), "p2", (MISSING,)),
    Fault("a bullet is gone", dropped("s3.b2"), "s3.b2", (MISSING,)),
    Fault("a bullet of the second level is gone", dropped("s1.n1.2"), "s1.n1.2", (MISSING,)),
    Fault("a numbered item is gone", dropped("s1.n3"), "s1.n3", (MISSING,)),
    Fault("a quoted paragraph is gone", dropped("s2.q1.p2"), "s2.q1.p2", (MISSING,)),
    Fault("a heading is another", said("s2.heading", "done", "begun"), "s2.heading", (CHANGED,)),
    Fault("a section is gone", dropped("s2.heading"), "s2.b1", (MISSING,)),
    Fault("two bullets changed places", moved("s3.b1", 1), "s3.b1", (ORDER,)),
    Fault("a paragraph wandered", moved("p3", -2), "p3", (ORDER,)),
    Fault("a paragraph stands twice", doubled("s2.p1"), "s2.p1", (DOUBLED,)),
    Fault("a bullet stands twice", doubled("s2.b1"), "s2.b1", (DOUBLED,)),
    Fault("a signatory is gone", dropped("sig.example-union-for-rights-2.name"), "sig.example-union-for-rights-2", (MISSING, CHANGED)),
    Fault("a signatory stands twice", doubled("sig.example-society-for-peace-6.name"), "sig.example-society-for-peace-6", (DOUBLED,)),
    Fault("a signatory's number is another", said("sig.example-society-for-memory-13.name", "13", "31"), "sig.example-society-for-memory-13", (FIGURE,)),
    Fault("a signatory's country is another", said("sig.example-society-for-water-1.place", "South", "North"), "sig.example-society-for-water-1", (CHANGED,)),
    Fault("a signatory lost a letter", said("sig.example-centre-for-housing-5.name", "Centre", "Centr"), "sig.example-centre-for-housing-5", (CHANGED,)),
    Fault("a paragraph is in another language", said("p2", "A home is more than a roof.", FOREIGN), "p2", (LANGUAGE,)),
    Fault("a bullet is in another language", said("s3.b1", "publish the whole plan, including its **annex on *water***;", FOREIGN), "s3.b1", (LANGUAGE,)),
    Fault("a digit is another", said("s1.n1.2", "25.5", "25.6"), "s1.n1.2", (FIGURE,)),
    Fault("two digits changed places", said("s1.p1", "2019", "2091"), "s1.p1", (FIGURE,)),
    Fault("a decimal point moved", said("s1.n1.2", "25.5", "2.55"), "s1.n1.2", (FIGURE,)),
    Fault("a date is another", said("s3.b2", "30 June 2020", "20 June 2030"), "s3.b2", (FIGURE,)),
    Fault("the letter's date is another", lambda letter: replace(letter, date=letter.date.replace(day=28)), "date", (FIGURE,)),
    Fault("a word is another", said("s3.b2", "hear", "bear"), "s3.b2", (CHANGED,)),
    Fault("a not is gone", said("s2.b3", "was not.", "was."), "s2.b3", (CHANGED,)),
    Fault("a full stop is gone", said("p2", "roof.", "roof"), "p2", (CHANGED, MISSING)),
    Fault("a quotation mark is a typewriter's", said("subject", "“", '"'), "subject", (CHANGED,)),
    Fault("Hangul is another", said("s2.b3", "예시마을", "예시미을"), "s2.b3", (CHANGED,)),
    Fault("an addressee is gone", dropped("a2.name"), "a2.name", (MISSING, CHANGED)),
    Fault("an address line is another", said("a1.l2", "1 Example", "7 Example"), "a1.l2", (FIGURE,)),
    Fault("an addressee's fax is another", addressee(fax="+44-20-7946-0030"), "a1.name.fax", (FIGURE,)),
    Fault("a hyphen of a number is gone", addressee(fax="+44-207946-0300"), "a1.name.fax", (FIGURE,)),
    Fault("an addressee's e-mail is another", addressee(email="ministry@example.org"), "a1.name.email", (FIGURE,)),
    Fault("a CC address is another", cc(0, email="paris@example.org"), "cc.example-london.email", (FIGURE,)),
    Fault("a CC fax is another", cc(1, fax="+1-202-555-0124"), "cc.example-washington.fax", (FIGURE,)),
    Fault("a CC is gone", lambda letter: replace(letter, cc=letter.cc[:1]), "cc.example-washington.fax", (MISSING, CHANGED, FIGURE)),
    Fault("an enclosure is gone", lambda letter: replace(letter, enclosures=letter.enclosures[:1]), "e2", (MISSING,)),
    Fault("the closing is another", said("closing", "faithfully", "sincerely"), "closing", (CHANGED, MISSING)),
    Fault("the salutation is gone", said("salutation", "Excellencies,", "…"), "salutation", (MISSING,)),
    Fault("a footnote is another", said("note.both", "3 and 4", "3 and 5"), "note.both", (FIGURE, MISSING)),
    Fault("a link leads elsewhere", said("p1", "org/principles", "org/principals"), "https://example.org/principles", ("proof-link",), ("pdf", "docx", "html")),
    Fault("the title is another", said("title", "Second", "Third"), "title", ("proof-metadata",), ("pdf", "docx", "html")),
]
