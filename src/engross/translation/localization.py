"""Put a language's translations into a letter. What comes out is a `Letter` again, with each segment's standing.

A translation is data: it is put where the source text stood and never read as HTML or as a template. A fuzzy or empty one is not shown; the source text
stands in its place and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from engross.errors import Position, Problem
from engross.labels import Labels
from engross.letter import Letter, Segment, Standing
from engross.locales import Locale
from engross.project import Project
from engross.translation import catalog
from engross.translation.po import SHARED_DOMAINS, Catalog, Entry, Key


@dataclass(frozen=True)
class Translations:
    """The catalogues of one language that a letter needs."""

    lang: str
    source_lang: str
    catalogs: Mapping[str, Catalog] = field(default_factory=dict)
    """By domain; a domain whose file does not exist has an empty catalogue. The source language has none."""
    index: Mapping[str, Mapping[Key, Entry]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {domain: each.by_key() for domain, each in self.catalogs.items()})

    @property
    def is_source(self) -> bool:
        """Whether this is the language the letter was written in, which needs no catalogue."""
        return self.lang == self.source_lang

    def find(self, segment: Segment) -> Entry | None:
        """The entry in use for a segment as the source has it, or as `localize` left it when there was no sound translation."""
        return self.index.get(segment.domain, {}).get((segment.role, segment.text))

    def standing(self, segment: Segment) -> Standing:
        """How far the translation of a source segment can be trusted."""
        if self.is_source:
            return Standing.SOURCE
        entry = self.find(segment)
        if entry and entry.text:
            return Standing.FUZZY if entry.fuzzy else Standing.TRANSLATED
        return Standing.SOURCE if segment.optional else Standing.EMPTY

    def position(self, segment: Segment) -> Position:
        """Where the segment's entry stands; the whole file when it has none."""
        entry = self.find(segment)
        return Position(self.catalogs[segment.domain].path if segment.domain in self.catalogs else "", entry.line if entry else 0)


def load(project: Project, lang: str, letter: Letter) -> tuple[Translations, list[Problem]]:
    """The language's catalogues for a letter, and everything that is wrong with them as PO files. A missing file is no fault here: see `gaps`."""
    catalogs: dict[str, Catalog] = {}
    problems: list[Problem] = []
    for domain in (letter.id, *SHARED_DOMAINS) if lang != letter.source_lang else ():
        catalogs[domain], found = catalog.read(project, catalog.catalog_path(project, lang, domain))
        problems += found
    return Translations(lang, letter.source_lang, catalogs), problems


def localize(letter: Letter, translations: Translations, locale: Locale) -> Letter:
    """The letter in the language of `translations`; the source language gives the letter itself."""
    if translations.is_source:
        return letter
    territories = {s.place: s.territory for s in letter.signatories if s.place and s.territory}

    def change(segment: Segment) -> Segment:
        """The segment in the language of the catalogue, or as it was written where there is no sound translation."""
        standing = translations.standing(segment)
        entry = translations.find(segment)
        if standing is Standing.TRANSLATED and entry:
            # a name that a language does not translate stays a name in its owner's language
            lang = segment.lang if segment.role == "signatory" and entry.text == segment.text else translations.lang
            return replace(segment, text=entry.text, lang=lang, standing=standing)
        if standing is Standing.SOURCE and segment in territories:
            name = territory_name(territories[segment], locale)
            return replace(segment, text=name, lang=translations.lang, standing=Standing.TRANSLATED) if name else segment
        return replace(segment, standing=standing)

    return letter.map(change, lang=translations.lang)


def localize_labels(segments: Iterable[Segment], translations: Translations) -> Labels:
    """The layout's words in the language; the English word where there is no sound translation."""
    words = {}
    for segment in segments:
        entry = translations.find(segment)
        words[segment.label] = entry.text if entry and entry.translated and not translations.is_source else segment.text
    return Labels(translations.lang, words)


def territory_name(code: str, locale: Locale) -> str:
    """CLDR's name of an ISO 3166-1 territory (alpha-2 or alpha-3) in a language; empty when CLDR has none or does not know the language."""
    from babel import Locale as Babel
    from babel import UnknownLocaleError
    from babel.core import get_global

    alias: list[str] = get_global("territory_aliases").get(code.upper(), [])
    short = code.upper() if len(code) == len("KR") else alias[0] if len(alias) == 1 else ""
    try:
        return str(Babel.parse(locale.babel).territories.get(short, ""))
    except (UnknownLocaleError, ValueError):
        return ""


def printed_segments(letter: Letter) -> Iterator[Segment]:
    """The segments that reach a reader: all but those of signatories who are not printed."""
    return replace(letter, signatories=letter.printed).segments()


def gaps(letter: Letter, label_segments: Iterable[Segment], translations: Translations) -> list[Problem]:
    """What keeps a localized letter and its labels from being official: each text once, with codes `untranslated` and `fuzzy`, at its entry's line."""
    if translations.is_source:
        return []
    labels = (replace(segment, standing=translations.standing(segment)) for segment in label_segments)
    return segment_gaps((*printed_segments(letter), *labels), translations)


def segment_gaps(segments: Iterable[Segment], translations: Translations) -> list[Problem]:
    """The same of any segments whose standing is known."""
    problems: dict[tuple[str, Key], Problem] = {}
    for segment in segments:
        if segment.standing in (Standing.EMPTY, Standing.FUZZY):
            problems.setdefault((segment.domain, (segment.role, segment.text)), _gap(segment, translations))
    found = list(problems.values())
    for domain, each in translations.catalogs.items():
        if not each.header and not each.entries and any(d == domain for d, _ in problems):
            hint = f"run `engross update`, then translate it into {translations.lang}"
            found = [p for p in found if p.where.path != each.path] + [Problem("untranslated", "there is no such catalogue yet", Position(each.path), hint)]
    return found


def _gap(segment: Segment, translations: Translations) -> Problem:
    where = translations.position(segment)
    text = segment.text if len(segment.text) <= _SHOWN else segment.text[: _SHOWN - 1] + "…"
    if segment.standing is Standing.FUZZY:
        return Problem("fuzzy", f"{segment.label}: the translation is to be reviewed: {text!r}", where, "compare it with the source, correct it and remove the fuzzy mark")
    hint = "translate it" if where.line else "the catalogue does not know this text yet: run `engross update`, then translate it"
    return Problem("untranslated", f"{segment.label}: not translated: {text!r}", where, hint)


_SHOWN = 60
