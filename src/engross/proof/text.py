"""The proof of an artefact's text: `prove` reads it back and compares it with the letter, text by text, and nothing may be missing, changed, doubled, moved or added."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Letter
from engross.proof.compare import SKIPPED, Comparison, Locate, difference, fold, nowhere, stream
from engross.proof.distance import find
from engross.proof.finding import Finding, Place, merged, short
from engross.proof.reading import Reading, UnreadableError, page_lines, read
from engross.proof.wanted import Item, Wanted, wanted
from engross.render.layout import Layout

KINDS = ("pdf", "docx", "html", "txt")
ATTACHED = "content.json"


def prove(kind: str, data: bytes, letter: Letter, labels: Labels, layout: Layout, others: Sequence[Letter] = (), pages: int | None = None) -> list[Finding]:
    """Compare an artefact with the letter it was made from.

    Args:
        kind: `pdf`, `docx`, `html` or `txt`.
        data: the artefact.
        letter: as localized for it.
        labels: the words of its language.
        layout: how it was set.
        others: the letter in other languages, to recognise texts that stand there in the wrong one.
        pages: how many a PDF should have, if that is known.

    Returns:
        What differs; nothing when the artefact says exactly what the letter says.
    """
    try:
        reading = read(kind, data)
    except UnreadableError as error:
        return [Finding("proof-unreadable", kind, str(error), where=letter.where)]
    officers = tuple(field.role for field in layout.signatures if field.visible)
    want = wanted(letter, labels, layout.locale, kind, draft=layout.draft, authoritative=layout.authoritative, officers=officers)
    strange = _texts(others)
    found: list[Finding] = []
    if kind == "pdf":
        if pages is not None and pages != len(reading.pages):
            found.append(Finding("proof-pages", "pages", f"there are {len(reading.pages)} pages, not {pages}", str(pages), str(len(reading.pages)), letter.where))
        found += _pdf(reading, want, letter, labels, layout, strange)
    else:
        text = _without_notice(reading.text, labels) if kind == "docx" and layout.draft else reading.text
        found += Comparison(want.items, stream(text), lines=False, others=strange, locate=nowhere).findings()
    if kind == "docx":
        found += Comparison(want.notes, stream("\n".join(reading.notes)), lines=False, others=strange, locate=nowhere).findings()
        found += _word_margins(reading, want, letter, labels)
    found += _links(reading, want, kind)
    found += _description(reading, letter, layout, kind)
    return found


def _texts(others: Sequence[Letter]) -> Mapping[str, list[str]]:
    """What each text says in the other languages."""
    out: dict[str, list[str]] = {}
    for letter in others:
        for segment in letter.segments():
            out.setdefault(segment.label, []).append(markup.plain_of(segment))
    return out


def _without_notice(text: str, labels: Labels) -> str:
    first, _, rest = text.partition("\n")
    return rest if first.startswith(labels["draft_notice"]) else text


def _pdf(reading: Reading, want: Wanted, letter: Letter, labels: Labels, layout: Layout, strange: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """The pages of a PDF: margins first, then footnotes and list marks, and what is left is the letter."""
    markers = Counter(item.marker for item in want.items if item.marker)
    raw: list[str] = []
    places: list[tuple[int, int]] = []
    margins: list[Finding] = []
    for number, page in enumerate(reading.pages, 1):
        text, wrong = _margins(page, number, len(reading.pages), want, labels, layout)
        margins += wrong
        for at, line in page_lines(text):
            mark = line.strip(" \x00")
            if markers[mark] > 0:
                markers[mark] -= 1
                continue
            raw.append(line + "\n")
            places.extend((number, at + i) for i in range(len(line) + 1))
    yield from merged(margins)
    whole = "".join(raw)
    for note in want.notes:
        bounds = _folded_find(whole, note.text)
        if bounds is None:
            yield Finding("proof-missing", note.label, f"“{short(note.text)}” is missing", note.text, where=note.where)
            continue
        whole, places = whole[: bounds[0]] + whole[bounds[1] :], places[: bounds[0]] + places[bounds[1] :]

    yield from Comparison(want.items, stream(whole.replace("\x00", " ")), lines=True, others=strange, locate=locator(places)).findings()
    yield from strange_fonts(reading, layout, letter)
    attached = reading.attachments.get(ATTACHED)
    if attached != canonical.canonical_json(canonical.printed_content(letter)):
        yield Finding("proof-attachment", ATTACHED, "it is missing" if attached is None else "it is not the letter's content", where=letter.where)
    for name in reading.attachments.keys() - {ATTACHED}:
        yield Finding("proof-attachment", name, "it does not belong to the letter", where=letter.where)


def locator(places: Sequence[tuple[int, int]]) -> Locate:
    """Tells the places on pages of a stretch of a text of which each character's page and index are known."""

    def locate(start: int, end: int) -> tuple[Place, ...]:
        pages: dict[int, list[int]] = {}
        for page, index in places[start:end]:
            pages.setdefault(page, []).append(index)
        return tuple(Place(page, min(indexes), max(indexes) + 1) for page, indexes in pages.items())

    return locate


def strange_fonts(reading: Reading, layout: Layout, letter: Letter) -> Iterator[Finding]:
    """Fonts of a PDF that are not embedded or are none of the layout's."""
    families = tuple(name.replace(" ", "-") for locale in layout.locales.values() for name in (*locale.serif, *locale.sans))
    for name, embedded in reading.fonts.items():
        if not embedded or not name.startswith(families):
            yield Finding("proof-font", name, "it is not embedded" if not embedded else "it is none of the layout's fonts", where=letter.where)


def blanked(page: str, text: str, *, last: bool = True) -> str | None:
    """The page without a text, each other character in its place; nothing when it does not stand there. Of several places the last counts, or the first."""
    bounds = _folded_find(page, text, last=last)
    return page[: bounds[0]] + re.sub(r"[^\n]", "\x00", page[bounds[0] : bounds[1]]) + page[bounds[1] :] if bounds else None


def _margins(page: str, number: int, pages: int, want: Wanted, labels: Labels, layout: Layout) -> tuple[str, list[Finding]]:
    """The page without what stands in its margins, each character in its place, and what is wrong with these."""
    folio = Item("page-number", labels.fill("page_of", page=number, pages=pages), want.margin[0].where)
    expected = [folio, *(item for item in want.margin if number > 1 or item.label == "seal")]
    if layout.draft:
        expected += [Item("draft-notice", labels["draft_notice"], folio.where), Item("watermark", labels["draft"], folio.where)]
    wrong: list[Finding] = []
    for item in expected:
        rest = blanked(page, item.text, last=item.label != "watermark")
        if rest is None:
            fault, there = _margin_fault(page, item, number)
            wrong.append(fault)
            rest = blanked(page, there) if there else page
        page = rest or page
    return page, wrong


NEAR = 0.4
"""Share of a foot that may differ before nothing is taken for it."""


def _margin_fault(page: str, item: Item, number: int) -> tuple[Finding, str]:
    """Why a page lacks a text of its margins, and what stands there in its place: another seal or page number is not a text of the letter."""
    if item.label in ("seal", "page-number"):
        text, wanted_text = stream(page), fold(item.text)
        match = find(wanted_text, text.folded)
        if match.edits <= len(wanted_text) * NEAR:
            start = text.at[match.start]
            there = re.split(r"[\n\x00]", page[start:], maxsplit=1)[0].strip()
            return Finding("proof-margin", item.label, difference(item.text, there), item.text, there, item.where, (Place(number, start, start + len(there)),)), there
    return margin_lost(item, number), ""


def margin_lost(item: Item, number: int) -> Finding:
    """A page lacks a text of its margins."""
    return Finding("proof-margin", item.label, f"“{short(item.text)}” does not stand there", item.text, where=item.where, places=(Place(number, 0, 1),))


def _folded_find(raw: str, text: str, *, last: bool = True) -> tuple[int, int] | None:
    """Where a text stands in another, whatever the spaces; the last place of several, or the first."""
    pattern = re.compile(f"{SKIPPED.pattern[:-1]}*".join(map(re.escape, fold(text))))
    if not last:
        match = pattern.search(raw)
        return match.span() if match else None
    spans = [match.span() for match in pattern.finditer(raw)]
    return spans[-1] if spans else None


def _word_margins(reading: Reading, want: Wanted, letter: Letter, labels: Labels) -> Iterator[Finding]:
    """Word's headers and footers, and the properties that name the letter."""
    margins = fold("\n".join(reading.margins))
    expected = [*want.margin, *([Item("letterhead", letter.lead_signatory.name.text, letter.where)] if letter.lead_signatory else [])]
    for item in expected:
        if fold(item.text) not in margins:
            yield Finding("proof-margin", item.label, f"“{short(item.text)}” stands in no header or footer", item.text, where=item.where)
    for name, value in (("Document number", canonical.document_number(letter)), ("Seal", canonical.seal(letter))):
        if reading.properties.get(name) != value:
            yield Finding("proof-metadata", name, f"it is {reading.properties.get(name)!r}", value, where=letter.where)
    for footer in reading.margins:
        if fold(labels["seal"]) in fold(footer) and fold(canonical.seal(letter)) not in fold(footer):
            yield Finding("proof-margin", "seal", "a footer has another seal", canonical.seal(letter), footer, letter.where)


def _links(reading: Reading, want: Wanted, kind: str) -> Iterator[Finding]:
    """Every link leads where the letter says, and nowhere else. A PDF may have several for one, at each line it crosses."""
    if kind == "txt":
        return
    expected, found = Counter(want.links), Counter(reading.links)
    if kind == "pdf":
        expected, found = Counter(set(expected)), Counter(set(found))
    for target in expected - found:
        yield Finding("proof-link", target, "no link leads there", target, where=want.items[0].where)
    for target in found - expected:
        yield Finding("proof-link", target, "a link leads there that the letter does not have", found=target, where=want.items[0].where)


def _description(reading: Reading, letter: Letter, layout: Layout, kind: str) -> Iterator[Finding]:
    """Title and language that the document gives of itself."""
    if kind == "txt":
        return
    title = markup.plain_of(letter.title)
    if fold(reading.title) != fold(title):
        yield Finding("proof-metadata", "title", difference(title, reading.title), title, reading.title, letter.title.where)
    if reading.language != layout.locale.tag:
        yield Finding("proof-metadata", "language", f"it says it is in {reading.language or 'no language'}", layout.locale.tag, reading.language, letter.where)
