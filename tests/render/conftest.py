"""The letters as renderers get them, and each PDF made once for all tests of the session."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from engross import markup
from engross.content.layout_words import read_labels
from engross.content.letter_file import read_letter
from engross.content.missions import read_missions
from engross.labels import Labels
from engross.letter import CCPosition, Letter, List, Paragraph, Quote, Section, Segment
from engross.project import Project, find
from engross.render import pdf, weasy_speed
from engross.render.facts import date_text, signatory_line, translated_lines
from engross.render.layout import Layout
from engross.translation.localization import load, localize, localize_labels

REPO = Path(__file__).parents[2]
FIRST, SECOND = "2018-06-06-dprk", "2020-02-29-second"
WORKSPACES = {FIRST: REPO, SECOND: REPO / "tests" / "workspace"}


@dataclass(frozen=True)
class Case:
    """What a renderer is called with."""

    letter: Letter
    labels: Labels
    layout: Layout

    def pdf(self) -> bytes:
        return pdf.render(self.letter, self.labels, self.layout)


def case(letter_id: str, lang: str, *, draft: bool = False, paper: str = "a4", root: Path = REPO / "layouts") -> Case:
    """A letter of the repository or of the tests, in a language, as an official build sets it."""
    project, home = find(WORKSPACES[letter_id]), find(REPO)
    missions, _ = read_missions(project)
    letter, _ = read_letter(project, letter_id, missions)
    assert letter
    words, _ = read_labels(home)
    locale = project.settings.locales[lang]
    return Case(
        localize(letter, load(project, lang, letter)[0], locale),
        localize_labels(words, load(Project(home.root, home.settings), lang, letter)[0]),
        Layout(root, locale, project.settings.locales, draft=draft, paper=paper),
    )


@pytest.fixture(scope="session")
def cases() -> Callable[[str, str], Case]:
    known: dict[tuple[str, str], Case] = {}

    def get(letter_id: str, lang: str) -> Case:
        if (letter_id, lang) not in known:
            known[letter_id, lang] = case(letter_id, lang)
        return known[letter_id, lang]

    return get


@pytest.fixture(scope="session")
def files(cases: Callable[[str, str], Case], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The official PDF of a letter in a language, as a file."""
    folder = tmp_path_factory.mktemp("pdf")

    def get(letter_id: str, lang: str) -> Path:
        path = folder / f"{letter_id}.{lang}.pdf"
        if not path.exists():
            path.write_bytes(cases(letter_id, lang).pdf())
        return path

    return get


def printed(program: str, speedups: str) -> list[str]:
    """What a program prints in a process with these speed-ups, `off` for none."""
    environment = {**os.environ, weasy_speed.VARIABLE: speedups}
    run = subprocess.run([sys.executable, "-c", program], cwd=REPO, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def run(*command: str | Path) -> str:
    """What a program prints; its failure is the test's."""
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout.decode("utf-8", "replace")


def plain(segment: Segment) -> str:
    return markup.plain(segment.text) if segment.markup else segment.text


def reading_order(case: Case, numbered: Callable[[int, str], str] = lambda number, text: f"{number}. {text}") -> list[str]:
    """Every printed text of a letter but its notes, in the order a reader meets it."""
    letter, labels, layout = case.letter, case.labels, case.layout
    out = translated_lines(letter, labels, layout)
    lead = letter.lead_signatory
    out += [plain(lead.name)] if lead else []
    out += [plain(letter.place)] if letter.place else []
    out.append(date_text(letter, layout))
    for who in letter.addressees:
        out += [*map(plain, who.lines()), *filter(None, (who.fax, who.email))]
    copies = [labels["cc"]]
    for mission in letter.cc:
        copies += [*map(plain, mission.lines()), mission.fax, mission.email]
    out += copies if letter.cc_position is CCPosition.AFTER_ADDRESS else []
    out += [f"{labels['re']} {plain(letter.subject)}"] if letter.subject else []
    out.append(plain(letter.salutation))
    for block in letter.body:
        out += _flow(block, numbered)
    out.append(plain(letter.closing))
    for heading, members in letter.groups:
        out += [plain(heading)] if heading else []
        out += [signatory_line(who, layout.locale, plain) for who in members]
    out += copies if letter.cc_position is CCPosition.AFTER_SIGNATORIES else []
    return out + [plain(segment) for segment in letter.enclosures]


def _flow(block: object, numbered: Callable[[int, str], str]) -> list[str]:
    if isinstance(block, Paragraph):
        return [plain(block.text)]
    if isinstance(block, Quote):
        return [plain(paragraph.text) for paragraph in block.paragraphs]
    if isinstance(block, List):
        return [text for item in block.items for text in [plain(item.text), *(_flow(item.sublist, numbered) if item.sublist else [])]]
    assert isinstance(block, Section)
    return [numbered(block.number, plain(block.heading)), *(text for inner in block.blocks for text in _flow(inner, numbered))]


def find_in_order(texts: list[str], page: str, strip: Callable[[str], str]) -> str:
    """The first of the texts that does not follow the one before it in the page; empty when all do."""
    page, at = strip(page), 0
    for text in texts:
        found = page.find(strip(text), at)
        if found < 0:
            return text
        at = found + len(strip(text))
    return ""


def changed(case: Case, change: Callable[[Segment], Segment], **values: object) -> Case:
    return replace(case, letter=case.letter.map(change, **values))
