"""What a fax of a letter must show, in printing order, and texts folded so that only what a reader would miss counts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from engross.errors import Position
from engross.labels import Labels
from engross.letter import Addressee, Block, CCPosition, Letter, List, Mission, Paragraph, Quote, Segment, Signatory, Standing
from engross.locales import Locale
from engross.render.facts import signatory_line
from engross.render.fax_html import expected as shown
from engross.render.fax_html import item_mark


@dataclass(frozen=True, slots=True)
class Expected:
    """A text that must be readable, and where its source stands."""

    label: str
    text: str
    where: Position
    part: str = "text"
    """Of the letter, as `faxcost.PARTS` calls it."""


_ALIKE = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "ー": "-", "一": "-",
                        "·": "・", "ㆍ": "・", "•": "・", "『": "「", "』": "」", "：": ":", "，": ",", "、": ",", "。": "."})  # fmt: skip
_BULLET = re.compile(r"^[ \t]*(?:[•・·ㆍᆞᆢ°»«©®¢]+[ \t]*|[*+-][ \t]+)", re.MULTILINE)


def folded(text: str) -> str:
    """Without what no reader would miss: width, case, accents, kinds of quotes and dashes, bullets, spaces."""
    plain = unicodedata.normalize("NFKC", _BULLET.sub("", text)).translate(_ALIKE)
    return re.sub(r"\s+", "", "".join(map(_bare, plain))).replace("・", "")


@lru_cache(maxsize=4096)
def _bare(character: str) -> str:
    """A Latin letter without accents and case; other scripts carry meaning in what decomposition would take away."""
    base = unicodedata.normalize("NFD", character)[0]
    return base.lower() if base.isascii() else character


def figures(text: str) -> list[str]:
    """The numbers in a text, telephone numbers and amounts whole: `200,000`, `+1-212-972-3154`, `1950-1953`."""
    return re.findall(r"\+?\d+(?:[.,-]\d+)*", unicodedata.normalize("NFKC", text).translate(_ALIKE))


def has_figure(figure: str, text: str) -> bool:
    """Whether a folded text holds exactly these digits, whatever points and commas part them."""
    digits = r"[.,-]?".join(re.escape(part) for part in re.split(r"[.,-]", figure.removeprefix("+")))
    return re.search(rf"(?<!\d){digits}(?!\d)", text) is not None


def printed(letter: Letter, labels: Labels, locale: Locale, *, authoritative: str = "", draft: bool = False) -> list[Expected]:
    """Every text on the letter's pages, in printing order; the margin is checked by itself.

    Args:
        letter: in the language of the fax.
        labels: the words of that language.
        locale: its facts.
        authoritative: locale of the version that a translation says is the authoritative one; empty when it does not say.
        draft: whether the pages say that they are a draft, and mark what is not translated.
    """
    numbered = _numbered(letter)
    if draft:
        words = {Standing.EMPTY: labels["untranslated"], Standing.FUZZY: labels["fuzzy"]}
        numbered = numbered.map(lambda s: replace(s, text=f"{s.text} \\[{words[s.standing]}\\]" if s.markup else f"{s.text} [{words[s.standing]}]") if s.standing in words else s)
    pieces = [*(_first(labels) if draft else ()), *_printed(numbered, labels, locale, authoritative)]
    return [item for item in pieces if folded(item.text)]


def _first(labels: Labels) -> Iterator[Expected]:
    yield Expected("draft", labels["draft_notice"], Position(""), "head")


def _numbered(letter: Letter) -> Letter:
    """The letter with each reference to a note as the mark that is printed for it."""
    numbers = {note.key: note.number for note in letter.notes}

    def change(segment: Segment) -> Segment:
        text = re.sub(r"\[\^([^\]\s]+)\]", lambda m: f"\\[{numbers[m[1]]}\\]" if m[1] in numbers else m[0], segment.text)
        return replace(segment, text=text) if segment.markup and text != segment.text else segment

    return letter.map(change) if numbers else letter


def _printed(letter: Letter, labels: Labels, locale: Locale, authoritative: str) -> Iterator[Expected]:
    yield from _in("head", _head(letter, labels, locale, authoritative))
    for block in letter.body:
        yield from _block(block)
    yield from _in("signatories", _signatories(letter, locale))
    yield from _in("notes", _enclosures(letter, labels))
    if letter.cc_position is CCPosition.AFTER_SIGNATORIES:
        yield from _copies(letter, labels, locale)
    yield from _in("notes", _notes(letter, labels))


def _in(part: str, items: Iterable[Expected]) -> Iterator[Expected]:
    return (replace(item, part=part) if item.part == "text" else item for item in items)


def _head(letter: Letter, labels: Labels, locale: Locale, authoritative: str) -> Iterator[Expected]:
    here = letter.where
    lead = letter.lead_signatory
    if lead:
        yield _of(lead.name)
    if letter.lang != letter.source_lang:
        yield Expected("translated_from", labels.fill("translated_from", language=locale.language_name(letter.source_lang)), here)
        if authoritative and authoritative != letter.lang:
            yield Expected("authoritative", labels.fill("authoritative", language=locale.language_name(authoritative)), here)
    date = locale.format_date(letter.date)
    yield Expected("date", locale.place_date.format(place=letter.place.text, date=date) if letter.place else date, here)
    for who in letter.addressees:
        yield from _addressee(who, labels, locale)
    if letter.cc_position is CCPosition.AFTER_ADDRESS:
        yield from _copies(letter, labels, locale)
    if letter.subject:
        yield Expected("subject", f"{labels['re']} {letter.subject.text}", letter.subject.where)
    yield _of(letter.salutation)


def _signatories(letter: Letter, locale: Locale) -> Iterator[Expected]:
    yield _of(letter.closing)
    for heading, members in letter.groups:
        if heading:
            yield _of(heading)
        yield from (_signatory(who, locale) for who in members)


def _enclosures(letter: Letter, labels: Labels) -> Iterator[Expected]:
    if letter.enclosures:
        yield Expected("enclosures", labels["enclosures"], letter.where)
        yield from map(_of, letter.enclosures)


def _notes(letter: Letter, labels: Labels) -> Iterator[Expected]:
    if letter.notes:
        yield Expected("notes", labels["notes"], letter.where)
        yield from (Expected(note.text.label, f"[{note.number}] {shown(note.text)}", note.text.where) for note in letter.notes)


def _of(segment: Segment) -> Expected:
    return Expected(segment.label, shown(segment), segment.where)


def _reach(fax: str, email: str, where: Position, label: str, labels: Labels, locale: Locale) -> Iterator[Expected]:
    for key, value in (("fax", fax), ("email", email)):
        if value:
            yield Expected(f"{label}.{key}", locale.field.format(label=labels[key], value=value), where)


def _addressee(who: Addressee, labels: Labels, locale: Locale) -> Iterator[Expected]:
    name = f"{shown(who.honorific)} {shown(who.name)}" if who.honorific else shown(who.name)
    yield Expected(who.name.label, name, who.name.where)
    yield from map(_of, [*([who.title] if who.title else []), *who.address])
    yield from _reach(who.fax, who.email, who.name.where, who.name.label, labels, locale)


def _copies(letter: Letter, labels: Labels, locale: Locale) -> Iterator[Expected]:
    if letter.cc:
        yield Expected("cc", labels["cc"], letter.where, "copies")
    for mission in letter.cc:
        yield from _in("copies", _mission(mission, labels, locale))


def _mission(mission: Mission, labels: Labels, locale: Locale) -> Iterator[Expected]:
    yield from map(_of, mission.lines())
    yield from _reach(mission.fax, mission.email, mission.where, mission.id, labels, locale)


def _block(block: Block) -> Iterator[Expected]:
    if isinstance(block, Paragraph):
        yield _of(block.text)
    elif isinstance(block, Quote):
        yield from (_of(paragraph.text) for paragraph in block.paragraphs)
    elif isinstance(block, List):
        yield from _items(block)
    else:
        yield Expected(block.heading.label, f"{block.number}. {shown(block.heading)}", block.heading.where)
        for inner in block.blocks:
            yield from _block(inner)


def _items(block: List) -> Iterator[Expected]:
    for index, item in enumerate(block.items):
        mark = item_mark(block, index)
        yield Expected(item.text.label, shown(item.text) if mark == "•" else f"{mark} {shown(item.text)}", item.text.where)
        if item.sublist:
            yield from _items(item.sublist)


def _signatory(who: Signatory, locale: Locale) -> Expected:
    return Expected(who.id, signatory_line(who, locale, shown), who.name.where)


__all__: Sequence[str] = ["Expected", "figures", "folded", "has_figure", "printed"]
