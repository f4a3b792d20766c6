"""What `engross status` says: in a table, on a line, in a picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from engross import translation
from engross.cli.app import app
from engross.project import find
from tests.conftest import REPO

NAME = "2018-06-06-dprk"
SVG = "{http://www.w3.org/2000/svg}"


def status(monkeypatch, folder: Path, *arguments: str) -> str:
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, ["status", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def worn(real):
    """Korean with one fuzzy, one empty text and a waiver."""
    file = real / "translations" / "ko" / "LC_MESSAGES" / f"{NAME}.po"
    text = file.read_text()
    at = text.index('msgctxt "heading"')
    text = f"{text[:at]}# waive ending: the heading [red] stands alone\n#, fuzzy\n{text[at:]}"
    at = text.index('msgctxt "bullet"')
    text = f"{text[:at]}# waive figures: counted once\n{text[at:]}"
    start = text.index('msgstr "', text.index('msgctxt "salutation"')) + len('msgstr "')
    file.write_text(text[:start] + text[text.index('"\n', start) :])
    return real


def test_sections_and_waivers(monkeypatch, worn):
    plain = status(monkeypatch, worn, "-l", "ko")
    assert "Act on United Nations" not in plain
    assert "waived in ko: figures at translations/ko/LC_MESSAGES/2018-06-06-dprk.po:" in plain
    assert "counted once" in plain
    said = status(monkeypatch, worn, "-l", "ko", "--sections")
    row = next(line for line in said.splitlines() if "opening" in line)
    assert row.split()[2:6] == ["8/9", "0", "1", "5"]


def test_one_line_for_a_readme(monkeypatch, worn):
    assert status(monkeypatch, worn, "--line") == f"{NAME}: en 100 %, ko 98 % (1 fuzzy), ja 100 %, es 100 %\n"


def test_the_picture_says_the_same_to_those_who_do_not_see_it(monkeypatch, worn, tmp_path):
    file = tmp_path / "docs" / "status.svg"
    assert status(monkeypatch, worn, "--svg", str(file)) == ""
    root = ET.fromstring(file.read_text())
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert {node.get("id") for node in root} >= {"title", "desc"}
    assert "한국어 (ko) 98 % translated, approval void" in str(root.findtext(f"{SVG}desc"))
    bars = [node for node in root.iter(f"{SVG}rect") if node.get("height") == "15"]
    assert len(bars) == 6, "a bar a language, in three pieces for Korean"
    for node in root.iter(f"{SVG}text"):
        assert float(node.get("x", 0)) < float(root.get("width", 0)) - 100


def test_the_picture_in_the_readme_shows_the_state_of_the_repository():
    project = find(REPO)
    found = [translation.status(project, name, project.languages(())) for name in project.letters()]
    assert (REPO / "docs" / "status.svg").read_text() == translation.status_svg(found), "run: engross status --svg docs/status.svg"
    assert "(docs/status.svg)" in (REPO / "README.md").read_text()
