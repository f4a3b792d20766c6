"""The first letter in its languages, as an official build sets it, and its fax pages made once for all tests of a session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from engross.content import read_labels, read_letter, read_missions
from engross.labels import Labels
from engross.letter import Letter, Mission, Section, Segment
from engross.project import find
from engross.proof.fax import Wanted
from engross.render import fax
from engross.render.layout import Layout
from engross.translation.localization import load, localize, localize_labels

REPO = Path(__file__).parents[2]
LETTER = "2018-06-06-dprk"
LANGUAGES = ("en", "ko", "ja", "es")
SENDER = fax.Sender("Example Rights Watch, New York", "+1-202-555-0101", "+1-202-555-0100", "office@example.org", ("1 Example Street", "New York, NY 10001, USA"))


@dataclass(frozen=True)
class Case:
    """What the fax renderer is called with."""

    letter: Letter
    labels: Labels
    english: Labels
    layout: Layout

    def pages(self, **options: str) -> fax.Pages:
        return fax.letter_pages(self.letter, self.labels, self.layout, SENDER, **options)

    def covers(self, missions: tuple[Mission, ...], pages: int, **options: str) -> list[fax.Pages]:
        return list(fax.covers(self.letter, self.labels, self.english, self.layout, SENDER, missions, pages, **options))

    def with_letter(self, **values: object) -> Case:
        return replace(self, letter=replace(self.letter, **values))  # type: ignore[arg-type]

    def short(self) -> Case:
        """A letter of one page with dates, figures, names and addresses, which a reader of pages gets through quickly."""
        letter = self.letter
        sixth = next(block for block in letter.body if isinstance(block, Section) and block.number == 6)
        return self.with_letter(body=(letter.body[0], replace(sixth, blocks=sixth.blocks[:1])), signatories=(*letter.signatories[:3], *letter.signatories[24:27]))

    def wanted(self) -> Wanted:
        """What a reader must find on its pages."""
        return Wanted(self.letter, self.labels, self.layout.locale, SENDER, self.layout.authoritative, self.layout.draft)

    def fax(self, mission: int = 0) -> bytes:
        pages = self.pages()
        return fax.tiff(self.covers((self.letter.cc[mission],), len(pages))[0], pages)


@lru_cache(maxsize=8)
def case(lang: str, *, draft: bool = False, root: Path = REPO / "layouts") -> Case:
    project = find(REPO)
    missions, _ = read_missions(project)
    letter, _ = read_letter(project, LETTER, missions)
    assert letter
    words, _ = read_labels(project)
    locales = project.settings.locales
    translations, english = load(project, lang, letter)[0], load(project, "en", letter)[0]
    return Case(
        localize(letter, translations, locales[lang]),
        localize_labels(words, translations),
        localize_labels(words, english),
        Layout(root, locales[lang], locales, draft=draft),
    )


@lru_cache(maxsize=8)
def packet(lang: str) -> tuple[Case, list[fax.Pages], fax.Pages]:
    """A language's case, the covers of both missions, and the letter's pages."""
    this = case(lang)
    pages = this.pages()
    return this, this.covers(this.letter.cc, len(pages)), pages


def renamed(mission: Mission, number: int) -> Mission:
    """Another mission: no two share a word or a digit group that a test looks for."""

    def change(segment: Segment) -> Segment:
        return replace(segment, text=f"{segment.role} of Example State {number:03d}")

    name = mission.holder.name
    holder = replace(mission.holder, name=change(name) if name else None, title=change(mission.holder.title))
    return replace(mission, id=f"state-{number}", mission=change(mission.mission), holder=holder, fax=f"+1-202-555-{number:04d}", fax_e164=f"+1202555{number:04d}")
