"""The bilingual edition: source and translation side by side for a second reader or a lawyer, with room to write. A working copy, never a letter.

Its own few words, like the messages of the checks in it, are in the language letters are written in: who reads it reads both.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup, escape

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Letter, Note, Segment
from engross.render import pages, weasy
from engross.render.layout import Layout
from engross.render.pages import Inliner

WORDS: Mapping[str, str] = {
    "title": "Bilingual edition",
    "place": "Place",
    "remarks": "Remarks",
    "read_by": "Read by (role)",
    "read_on": "Date",
    "terms": "Terms of the glossary in this letter",
    "term": "Term",
    "required": "Required rendering",
    "used": "In this translation",
    "where": "Stands in",
    "legend": "Terms of the glossary are underlined where they and their required renderings stand. Below a translation stands what is to be looked at.",
}
"""Words of the frame. They are printed on no letter, so they are no words of the layout that translators see and second readers approve."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at in a translation."""

    code: str
    """`fuzzy`, `untranslated`, `changed`, `comment`, or the code of a check."""
    message: str
    kind: str
    """`error`, `warning` or `note`."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the glossary in a text."""

    term: str
    source: str
    """As it stands in the source."""
    target: str
    """Its rendering as it stands in the translation; empty when none was recognised."""
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A text and its translation."""

    label: str
    """Its place in the letter, `s2.b5`."""
    role: str
    source: Segment
    target: Segment
    """As it is printed, but a fuzzy translation instead of the source text in its place."""
    flags: tuple[Flag, ...] = ()
    terms: tuple[Term, ...] = ()


def pdf(rows: Sequence[Row], letter: Letter, labels: Labels, layout: Layout) -> bytes:
    """The bilingual edition as PDF, landscape. `letter` and `layout` are the translation's, `labels` the source language's.

    Raises:
        EngrossError: the layout has a fault, or asks for something outside it.
    """
    html = page(rows, letter, labels, layout)
    moment = datetime(letter.date.year, letter.date.month, letter.date.day, tzinfo=UTC)
    return weasy.to_pdf(html, font_folder=layout.root / "fonts", identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode(), moment=moment)


def page(rows: Sequence[Row], letter: Letter, labels: Labels, layout: Layout) -> str:
    """The HTML that is laid out."""
    inliner = Inliner(letter, labels, layout, _note)
    cells = [
        {
            "row": row,
            "source": _text(inliner, row.source, [term.source for term in row.terms]),
            "target": _text(inliner, row.target, [term.target for term in row.terms]),
            "flags": [(flag, _runs(inliner, flag.message, letter.source_lang)) for flag in row.flags],
            "source_tag": inliner.tag(row.source.lang),
            "target_tag": inliner.tag(row.target.lang),
        }
        for row in rows
    ]
    return pages.render(
        "bilingual.html",
        inliner,
        css=Markup(pages.language_css(layout, hyphenate=False) + layout.text("bilingual.css")),
        paper={"a4": "A4 landscape", "letter": "Letter landscape"}[layout.paper],
        words=WORDS,
        frame_tag=inliner.tag(letter.source_lang),
        languages=languages(letter, layout),
        counts=counts(rows),
        cells=cells,
        terms=glossary(rows),
        title=f"{WORDS['title']}: {canonical.document_number(letter)}",
        page_of=page_of(labels),
    )


def languages(letter: Letter, layout: Layout) -> tuple[str, str]:
    """The names of source and target language, in the source language."""
    source = layout.locales[letter.source_lang]
    return source.language_name(letter.source_lang), source.language_name(letter.lang)


def counts(rows: Sequence[Row]) -> str:
    """How many texts there are, and how many of them have what kind of flag."""
    codes = [{flag.code for flag in row.flags} for row in rows]
    parts = [f"{len(rows)} texts"]
    parts += [
        f"{sum(code in found for found in codes)} {name}"
        for code, name in (("untranslated", "not translated"), ("fuzzy", "to be reviewed"), ("changed", "changed since the approval"))
    ]
    checked = sum(bool(found - {"untranslated", "fuzzy", "changed", "comment"}) for found in codes)
    return ", ".join([*parts, f"{checked} with results of checks"])


@dataclass(frozen=True, slots=True)
class TermLine:
    """A line of the list of terms."""

    term: str
    required: tuple[str, ...]
    used: tuple[str, ...]
    """The renderings as they stand in the translation, the most frequent first, each with how often when there are several."""
    places: tuple[str, ...]
    """Labels of the rows."""


def glossary(rows: Iterable[Row]) -> list[TermLine]:
    """The terms that stand in the rows, in alphabetical order: several renderings of one are worth a look."""
    required: dict[str, tuple[str, ...]] = {}
    used: dict[str, Counter[str]] = {}
    spellings: dict[str, str] = {}
    places: dict[str, dict[str, None]] = {}
    for row in rows:
        for term in row.terms:
            required.setdefault(term.term, term.required)
            places.setdefault(term.term, {})[row.label] = None
            words = spellings.setdefault(term.target.casefold(), term.target)  # a capital makes no other rendering
            used.setdefault(term.term, Counter()).update([words] if words else [])
    return [TermLine(name, required[name], _counted(used[name]), tuple(places[name])) for name in sorted(required, key=str.casefold)]


def _counted(used: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{words} ({count})" if len(used) > 1 else words for words, count in used.most_common())


def cut(text: str, phrases: Iterable[str]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether it is one of the phrases; of overlapping ones the longest counts."""
    wanted = sorted({phrase for phrase in phrases if phrase}, key=len, reverse=True)
    if not wanted:
        return [(text, False)]
    pattern = "|".join(rf"{_edge(phrase[0], before=True)}{re.escape(phrase)}{_edge(phrase[-1], before=False)}" for phrase in wanted)
    pieces, at = [], 0
    for match in re.finditer(pattern, text):
        pieces += [(text[at : match.start()], False), (match[0], True)]
        at = match.end()
    return [(piece, marked) for piece, marked in [*pieces, (text[at:], False)] if piece]


def _edge(character: str, *, before: bool) -> str:
    """A Latin phrase is a whole word; Korean, Japanese and Chinese ones stand anywhere."""
    return ("(?<![A-Za-z])" if before else "(?![A-Za-z])") if character.isalpha() and ord(character) < 0x250 else ""


def _text(inliner: Inliner, segment: Segment, phrases: Sequence[str]) -> Markup:
    return _nodes(inliner, markup.parse(segment.text) if segment.markup else (markup.Text(segment.text),), segment.lang, phrases)


def _nodes(inliner: Inliner, nodes: Sequence[markup.Inline], lang: str, phrases: Sequence[str]) -> Markup:
    return Markup("").join(_node(inliner, node, lang, phrases) for node in nodes)


def _node(inliner: Inliner, node: markup.Inline, lang: str, phrases: Sequence[str]) -> Markup:
    if isinstance(node, markup.Text):
        pieces = ((Markup('<span class="term">{}</span>') if marked else Markup("{}")).format(_runs(inliner, text, lang)) for text, marked in cut(node.text, phrases))
        return Markup("").join(pieces)
    if isinstance(node, markup.NoteRef):
        return Markup('<span class="ref">[{}]</span>').format(node.key)
    inner = _nodes(inliner, node.children, lang, phrases)
    if isinstance(node, markup.Link):
        return Markup('<a href="{0}">{1}</a> <span class="ref">[{0}]</span>').format(node.href, inner)
    return Markup("<em>{}</em>" if isinstance(node, markup.Emphasis) else "<strong>{}</strong>").format(inner)


def _runs(inliner: Inliner, text: str, lang: str) -> Markup:
    home = lang.split("-", maxsplit=1)[0]
    return Markup("").join(
        Markup(escape(piece)) if tag.split("-")[0] == home else Markup('<span lang="{}">{}</span>').format(inliner.tag(tag), piece) for piece, tag in markup.runs(text, lang)
    )


def _note(_inliner: Inliner, note: Note) -> Markup:
    return Markup("[{}]").format(note.key)


def page_of(labels: Labels) -> Markup:
    """The words "Page x of y" with elements that the style sheet fills with its counters."""
    return pages.fill(labels["page_of"], page=Markup('<span class="page"></span>'), pages=Markup('<span class="pages"></span>'))
