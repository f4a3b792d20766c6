"""The proof of a bilingual edition: each row of its table has its text, the translation beside it and what is said against that, in order, and none another's.

Of the frame the counts must be those of the rows; the list of terms is only looked for: it says nothing that an officer or a mission reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engross import canonical, markup
from engross.labels import Labels
from engross.letter import Letter, Segment
from engross.proof.compare import Comparison, nowhere, stream
from engross.proof.finding import Finding, merged
from engross.proof.reading import Reading, UnreadableError, page_lines, read
from engross.proof.text import blanked, locator, margin_lost, strange_fonts
from engross.proof.wanted import Item
from engross.render.bilingual import WORDS, Row
from engross.render.layout import Layout
from engross.translation import printed_segments

KINDS: Mapping[str, str] = {"bilingual-pdf": "pdf", "bilingual-docx": "docx"}


def prove_bilingual(kind: str, data: bytes, rows: Sequence[Row], letter: Letter, labels: Labels, layout: Layout, pages: int | None = None) -> list[Finding]:
    """Compare a bilingual edition with the texts it was made from.

    Args:
        kind: `bilingual-pdf` or `bilingual-docx`.
        data: the file.
        rows: source and translation side by side, from content and catalogues.
        letter: the translation.
        labels: the words of the source language, in which the frame is.
        layout: how it was set.
        pages: how many a PDF should have, if that is known.
    """
    try:
        reading = read(KINDS[kind], data)
    except UnreadableError as error:
        return [Finding("proof-unreadable", kind, str(error), where=letter.where)]
    return list(_Table(rows, letter, labels, layout).findings(kind, reading, pages))


def unlisted(rows: Sequence[Row], letter: Letter) -> list[Finding]:
    """The texts of a translation that are printed and have no row: whoever reads the table would take it for the whole. A fuzzy one is shown otherwise than it is printed, and looked for by its place."""
    texts, places = {(row.role, row.target.text) for row in rows}, {row.label for row in rows}
    return [
        Finding("proof-missing", segment.label, "it has no row", segment.text, where=segment.where)
        for segment in printed_segments(letter)
        if (segment.role, segment.text) not in texts and segment.label not in places
    ]


def _counts(rows: Sequence[Row]) -> str:
    """What the heading must say of the rows, worked out here once more."""
    flags = [{flag.code for flag in row.flags} for row in rows]
    states = {"untranslated": "not translated", "fuzzy": "to be reviewed", "changed": "changed since the approval"}
    parts = [f"{sum(code in found for found in flags)} {words}" for code, words in states.items()]
    checked = sum(1 for found in flags if not found <= {*states, "comment"})
    return ", ".join((f"{len(rows)} texts", *parts, f"{checked} with results of checks"))


class _Table:
    def __init__(self, rows: Sequence[Row], letter: Letter, labels: Labels, layout: Layout) -> None:
        self.rows, self.letter, self.labels, self.layout = rows, letter, labels, layout
        self.codes = letter.source_lang, letter.lang
        names = [layout.locales[letter.source_lang].language_name(code) for code in self.codes]
        self.head = (WORDS["place"], *names, WORDS["remarks"])
        number, seal = canonical.document_number(letter), canonical.seal(letter)
        self.foot = f"{WORDS['title']} · {labels['document_number']} {number} · {labels['seal']} {seal}"

    def findings(self, kind: str, reading: Reading, pages: int | None) -> Iterator[Finding]:
        """Pages and frame first, then the rows."""
        if kind == "bilingual-docx":
            if blanked("\n".join(reading.margins), self.foot) is None:
                yield Finding("proof-margin", "seal", f"“{self.foot}” stands in no footer", self.foot, where=self.letter.where)
            head = "\n".join(self.head) + "\n"
            places: list[tuple[int, int]] = []
            text, start = reading.text, reading.text.find(head) + len(head) if head in reading.text else None
        else:
            if pages is not None and pages != len(reading.pages):
                yield Finding("proof-pages", "pages", f"there are {len(reading.pages)} pages, not {pages}", str(pages), str(len(reading.pages)), self.letter.where)
            text, places, start, wrong = self._pages(reading.pages)
            yield from merged(wrong)
            yield from strange_fonts(reading, self.layout, self.letter)
        if start is None:
            yield Finding("proof-missing", "head", f"“{' '.join(self.head)}” is missing: there is no table to read", " ".join(self.head), where=self.letter.where)
            return
        end = text.rfind(WORDS["terms"]) if any(row.terms for row in self.rows) else len(text)
        if end < 0:
            yield Finding("proof-missing", "terms", f"“{WORDS['terms']}” is missing", WORDS["terms"], where=self.letter.where)
        if (said := _counts(self.rows)) not in " ".join(reading.text[: reading.text.find(WORDS["read_by"])].split() if not reading.pages else reading.pages[0].split()):
            yield Finding("proof-metadata", "counts", f"“{said}” does not stand above the table", said, where=self.letter.where)
        body = stream(text[start : end if end >= 0 else len(text)])
        locate = locator(places[start:]) if places else nowhere
        yield from Comparison(list(self._items()), body, lines=kind == "bilingual-pdf", others=self._others(), locate=locate).findings()

    def _pages(self, pages: Sequence[str]) -> tuple[str, list[tuple[int, int]], int | None, list[Finding]]:
        """The text of the pages without margins and repeated heads, where each character stood, where the table begins, and what is wrong with the margins."""
        raw: list[str] = []
        places: list[tuple[int, int]] = []
        wrong: list[Finding] = []
        start: int | None = None
        for number, page in enumerate(pages, 1):
            text = page
            folio = self.labels.fill("page_of", page=number, pages=len(pages))
            for label, words in (("page-number", folio), ("seal", f"{self.foot} · {self.labels['draft_notice']}")):
                rest = blanked(text, words)
                if rest is None:
                    wrong.append(margin_lost(Item(label, words, self.letter.where), number))
                text = rest or text
            rest = blanked(text, " ".join(self.head), last=False)
            if rest is not None and start is None:
                start = sum(map(len, raw)) + next(i for i, (old, new) in enumerate(zip(text, rest, strict=True)) if old != new)
            for at, line in page_lines(rest or text):
                raw.append(line + "\n")
                places.extend((number, at + i) for i in range(len(line) + 1))
        return "".join(raw).replace("\x00", " "), places, start, wrong

    def _items(self) -> Iterator[Item]:
        for row in self.rows:
            where = row.source.where
            yield Item(f"{row.label}.place", row.label, where)
            yield Item(f"{row.label}.role", row.role, where)
            yield Item(f"{row.label}.{self.codes[0]}", _shown(row.source), where)
            yield Item(f"{row.label}.{self.codes[1]}", _shown(row.target), where)
            for number, flag in enumerate(row.flags, 1):
                yield Item(f"{row.label}.flag{number}", f"{flag.code} {flag.message}", where)

    def _others(self) -> Mapping[str, Sequence[str]]:
        """For each column what the other says: there it would be in the wrong language."""
        pairs = [(row.label, _shown(row.source), _shown(row.target)) for row in self.rows]
        return {f"{label}.{code}": [text] for label, source, target in pairs if source != target for code, text in zip(self.codes, (target, source), strict=True)}


def _shown(segment: Segment) -> str:
    """A text as a second reader sees it: the key of a footnote and the target of a link are written out."""

    def pieces(nodes: Sequence[markup.Inline]) -> Iterator[str]:
        """The words of each node, as a row of the table prints them."""
        for node in nodes:
            if isinstance(node, markup.Text):
                yield node.text
            elif isinstance(node, markup.NoteRef):
                yield f"[{node.key}]"
            else:
                yield from pieces(node.children)
                if isinstance(node, markup.Link):
                    yield f" [{node.href}]"

    return "".join(pieces(markup.parse(segment.text))) if segment.markup else segment.text
