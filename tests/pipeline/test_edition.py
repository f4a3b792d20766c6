"""The first letter, officially: what leaves the house, read back by readers that know nothing of us."""

from __future__ import annotations

import io
import json
import re
import subprocess
import unicodedata
from collections import Counter
from pathlib import Path

import html5lib
import mammoth
import pytest
from PIL import Image

from engross import artifact, markup, translation
from engross.content import read_labels, read_letter, read_missions
from engross.letter import Letter, Segment
from engross.project import Project, find
from tests.conftest import REPO

ID = "2018-06-06-dprk"
LANGUAGES = ("en", "ko", "ja", "es")
UNPRINTED = {"title", "mission", "city", "honorific"}
"""Roles that the letter itself does not print: the web title, and what only fax covers and messages use."""


@pytest.fixture(scope="session")
def project() -> Project:
    return find(REPO)


@pytest.fixture(scope="session")
def letters(project: Project) -> dict[str, Letter]:
    missions, _ = read_missions(project)
    letter, problems = read_letter(project, ID, missions)
    assert letter
    assert problems == []
    return {lang: translation.localize(letter, translation.load(project, lang, letter)[0], project.locale(lang)) for lang in LANGUAGES}


def spoken(segments: list[Segment]) -> list[str]:
    return [markup.plain(segment.text) if segment.markup else segment.text for segment in segments if segment.role not in UNPRINTED]


def squeezed(text: str) -> str:
    """The text without what layout adds or takes: spaces, line ends, hyphens at them, joiners, bullets."""
    return re.sub(r"[\s\u2060\u00ad•-]+", "", unicodedata.normalize("NFC", text))


def pdf_text(path: Path) -> str:
    return subprocess.run(["pdftotext", "-raw", "-enc", "UTF-8", str(path), "-"], capture_output=True, text=True, check=True).stdout


def docx_text(path: Path) -> str:
    return str(mammoth.extract_raw_text(io.BytesIO(path.read_bytes())).value)


def html_text(path: Path) -> str:
    tree = html5lib.parse(path.read_text("utf-8"), namespaceHTMLElements=False)
    body = tree.find("body")
    assert body is not None
    return "".join(body.itertext())


READERS = {"pdf": pdf_text, "docx": docx_text, "html": html_text, "txt": lambda path: path.read_text("utf-8")}


def without_running_parts(text: str) -> str:
    """A PDF's text with the lines that stand on every page taken out, so that a sentence across a page break reads on."""
    pages = text.split("\f")
    often = Counter(squeezed(re.sub(r"\d+", "", line)) for page in pages for line in set(page.splitlines()) if line.strip())
    repeated = {line for line, count in often.items() if count >= len(pages) - 2 > 1}
    return "\n".join(line for page in pages for line in page.splitlines() if squeezed(re.sub(r"\d+", "", line)) not in repeated)


def test_every_file_that_leaves_the_house_is_there_and_vouched_for(official: Path) -> None:
    manifest = artifact.read_manifest(official)
    assert manifest
    assert Counter(entry.kind for entry in manifest.artifacts) == {"pdf": 4, "docx": 4, "html": 4, "txt": 4, "fax-tiff": 8, "fax-pdf": 8}
    assert artifact.damaged(official, manifest) == []
    on_disk = {path.relative_to(official).as_posix() for path in official.rglob("*") if path.is_file()}
    assert on_disk == {entry.path for entry in manifest.artifacts} | {"manifest.json"}
    assert json.loads((official / "manifest.json").read_text())["state"] == "official"
    assert set(manifest.seals) == set(LANGUAGES)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", READERS)
def test_every_segment_stands_in_every_artefact_of_its_language(official: Path, letters: dict[str, Letter], kind: str, lang: str) -> None:
    text = READERS[kind](official / lang / f"{ID}.{lang}.{kind}")
    found = squeezed(without_running_parts(text) if kind == "pdf" else text)
    wanted = spoken(list(translation.printed_segments(letters[lang])))
    assert len(wanted) > 150
    assert [sentence for sentence in wanted if squeezed(sentence) not in found] == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", READERS)
def test_the_body_reads_in_the_order_of_the_letter(official: Path, letters: dict[str, Letter], kind: str, lang: str) -> None:
    text = READERS[kind](official / lang / f"{ID}.{lang}.{kind}")
    found = squeezed(without_running_parts(text) if kind == "pdf" else text)
    at = 0
    for sentence in spoken([s for s in letters[lang].segments() if s.role in ("salutation", "paragraph", "heading", "bullet")]):
        place = found.find(squeezed(sentence), at)
        assert place >= 0, sentence
        at = place + len(squeezed(sentence))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", READERS)
def test_both_missions_can_be_reached_from_every_artefact(official: Path, kind: str, lang: str) -> None:
    text = squeezed(READERS[kind](official / lang / f"{ID}.{lang}.{kind}"))
    for contact in ("+1-212-972-3154", "dprk.un@verizon.net", "+41-22-786-06-62", "mission.korea-dpr@ties.itu.int"):
        assert squeezed(contact) in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_fifty_two_organisations_sign_in_the_order_of_the_list(letters: dict[str, Letter], lang: str) -> None:
    assert len(letters[lang].signatories) == 53
    assert len(letters[lang].printed) == 52
    assert [s.id for s in letters[lang].printed] == [s.id for s in letters["en"].printed]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pdf_embeds_our_fonts_and_no_other(official: Path, lang: str) -> None:
    listing = subprocess.run(["pdffonts", str(official / lang / f"{ID}.{lang}.pdf")], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert listing
    for line in listing:
        assert re.search(r"[A-Z]{6}\+(Source-Serif-4|SourceSerif4|Noto-Serif-(KR|JP)|NotoSerif(KR|JP))", line), line
        assert line.split()[-5] == "yes", line


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pdf_is_sound_and_titled_and_in_its_language(official: Path, letters: dict[str, Letter], lang: str) -> None:
    path = official / lang / f"{ID}.{lang}.pdf"
    subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=True)
    info = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True, check=True).stdout
    assert letters[lang].title.text in info
    assert re.search(r"Tagged: +yes", info)
    assert re.search(r"Page size: +59[45]\.\d+ x 84[12]\.\d+ pts \(A4\)", info)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_fax_has_the_width_of_the_line_and_a_cover_before_the_letter(official: Path, lang: str) -> None:
    with Image.open(official / "fax" / f"dprk-geneva.{lang}.tif") as fax:
        pages = getattr(fax, "n_frames", 1)
        assert (fax.mode, fax.width) == ("1", 1728)
    manifest = artifact.read_manifest(official)
    assert manifest
    entry = manifest.find(f"fax/dprk-geneva.{lang}.tif")
    assert entry
    assert entry.pages == pages
    assert pages >= 5


def test_no_draft_mark_and_no_stranger_stands_in_the_official_set(official: Path, project: Project) -> None:
    words, _ = read_labels(project)
    draft = next(word.text for word in words if word.label == "draft_notice")
    for kind, reader in READERS.items():
        text = reader(official / "en" / f"{ID}.en.{kind}")
        assert draft not in text
        assert text.count("Now Action & Unity for Human Rights") == 1
