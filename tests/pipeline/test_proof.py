"""`engross proof` on the edition of the first letter as its users get it, whole and with files that somebody touched."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engross import artifact, plan, workers
from engross.edition import prepare
from engross.errors import Rejected
from engross.project import find
from engross.proof import pictures, sets
from engross.proof.finding import Place
from engross.render import tiff
from tests.pipeline.conftest import engross

LETTER = "2018-06-06-dprk"


@pytest.fixture
def touched(official: Path, tmp_path: Path) -> Path:
    """The official set in a workspace of its own; its files are links, to be replaced and never written into."""
    workspace = official.parents[2]
    copy = tmp_path / "workspace"
    shutil.copytree(workspace, copy, copy_function=os.link, ignore=shutil.ignore_patterns(".lock"))
    return copy / official.relative_to(workspace)


def put(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def test_the_real_edition_has_no_findings(official: Path) -> None:
    results = sets.prove_letter(find(official), LETTER)
    assert [(r.path, str(f)) for r in results for f in r.findings] == []
    assert {r.kind for r in results if r.read} == {"pdf", "docx", "html", "txt"}
    assert len(results) >= 32


def test_what_was_touched_is_found_and_shown(touched: Path, tmp_path: Path) -> None:
    text = touched / "en" / f"{LETTER}.en.txt"
    put(text, text.read_bytes().replace(b"April 27, 2018", b"April 29, 2018"))
    (touched / "ko" / f"{LETTER}.ko.html").unlink()
    korean, spanish = touched / "ko" / f"{LETTER}.ko.pdf", touched / "es" / f"{LETTER}.es.pdf"
    put(spanish, korean.read_bytes())
    fax = touched / "fax" / "dprk-geneva.ja.tif"
    pages = tiff.read(fax.read_bytes())
    put(fax, tiff.write([page.strip for page in pages[:-1]], coding=pages[0].coding, dpi=round(pages[0].dpi), stamp=""))

    page = tmp_path / "proof.html"
    run = engross(touched, "proof", "--json", "--html", str(page))
    assert run.returncode == 1, run.stderr
    found = {entry["path"].partition("edition-1/")[2]: {f["code"] for f in entry["findings"]} for entry in json.loads(run.stdout) if entry["findings"]}
    assert found.pop(f"en/{LETTER}.en.txt") == {"proof-file", "proof-figure"}
    assert found.pop(f"ko/{LETTER}.ko.html") == {"proof-file"}
    assert found.pop(f"es/{LETTER}.es.pdf") >= {"proof-file", "proof-language", "proof-metadata", "proof-attachment"}
    assert found.pop("fax/dprk-geneva.ja.tif") == {"proof-file", "proof-pages"}
    assert found.keys() <= {"fax/dprk-geneva.ja.pdf"}, "and nothing else is wrong"
    shown = page.read_text("utf-8")
    assert "“27,” became “29,” in “Jae-in, on April 29, 2018" in shown
    assert 'class="mark"' in shown
    assert "data:image/png;base64," in shown


def test_a_mark_lies_on_the_words(official: Path) -> None:
    import pypdfium2

    data = (official / "en" / f"{LETTER}.en.pdf").read_bytes()
    text = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()
    start = text.index("Dear Chairman")
    ((left, top, width, height),) = pictures.boxes(data, [Place(1, start, start + len("Dear Chairman"))])
    page = pypdfium2.PdfDocument(data)[0]
    inside = page.get_textpage().get_text_bounded(left, page.get_height() - top - height, left + width, page.get_height() - top)
    assert inside.strip() == "Dear Chairman"


def test_an_official_build_publishes_nothing_that_says_something_else(official: Path) -> None:
    project = find(official)
    task = next(t for t in plan.tasks(project, prepare(project, LETTER, ["en"], official=True), ["txt"], "a4"))
    other = replace(task, version=replace(task.version, letter=replace(task.version.letter, cc=task.version.letter.cc[:1])))
    with pytest.raises(Rejected) as caught:
        sets.prove_made(task, *next(workers.produce(other)))
    assert "proof-missing" in {problem.code for problem in caught.value.problems}
    sets.prove_made(task, *next(workers.produce(task)))
    assert artifact.damaged(official, artifact.read_manifest(official) or pytest.fail("no manifest")) == []


def test_a_rebuild_elsewhere_gives_the_same_bytes(touched: Path) -> None:
    """Another folder, hash seed, time zone, locale and number of processes."""
    elsewhere = {"PYTHONHASHSEED": "7", "TZ": "Asia/Pyongyang", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"}
    run = engross(touched, "build", "--official", "--check", "-l", "es", "-j", "1", **elsewhere)
    assert (run.returncode, run.stdout) == (0, "output/2018-06-06-dprk/edition-1: 8 the same byte for byte, 0 different\n"), run.stdout + run.stderr


def test_a_rebuild_says_what_differs_and_writes_nothing(touched: Path) -> None:
    text, page, word = (touched / "en" / f"{LETTER}.en.{kind}" for kind in ("txt", "html", "docx"))
    put(text, text.read_bytes() + b"\n")
    layouts = touched.parents[2] / "layouts"
    put(layouts / "web.css", (layouts / "web.css").read_bytes() + b"/* another */\n")
    font = layouts / "fonts" / "source-serif-4-latin-ext-400-italic.ttf"
    put(font, font.read_bytes() + b"\0")
    before = {path: path.read_bytes() for path in (text, page)}
    run = engross(touched, "build", "--official", "--check", "-l", "en", "-f", "txt", "-f", "html", "-f", "docx")
    assert run.returncode == 1
    assert f"{LETTER}.en.txt: the file is not the one the manifest lists" in run.stdout
    assert f"{LETTER}.en.html: it was made from something else: the font {font.name} has other bytes (Version 4.004); layouts/web.css changed" in run.stdout
    assert f"{LETTER}.en.docx" not in run.stdout, "other fonts and style sheets make the same Word document"
    assert {path: path.read_bytes() for path in before} == before
    assert word.exists()


def test_a_font_of_another_language_is_no_reason(touched: Path) -> None:
    layouts = touched.parents[2] / "layouts"
    font = layouts / "fonts" / "noto-serif-kr-korean-400-normal.ttf"
    put(font, font.read_bytes() + b"\0")
    put(layouts / "web.css", (layouts / "web.css").read_bytes() + b"/* another */\n")
    run = engross(touched, "build", "--official", "--check", "-l", "en", "-l", "ko", "-f", "html")
    english, korean = (next(line for line in run.stdout.splitlines() if f"{LETTER}.{lang}.html" in line) for lang in ("en", "ko"))
    assert "noto-serif" not in english
    assert f"the font {font.name} has other bytes" in korean


def test_the_manifest_names_each_font_with_its_version_and_digest(official: Path) -> None:
    manifest = artifact.read_manifest(official)
    assert manifest
    assert manifest.fonts["layouts/fonts/noto-serif-kr-korean-700-normal.ttf"].startswith("Version 2.003")
    assert manifest.fonts.keys() == {path for path in manifest.inputs if path.endswith(".ttf")}
    assert all(manifest.fonts.values())
