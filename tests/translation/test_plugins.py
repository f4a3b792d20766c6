"""Babel's own command finds what `update` writes."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engross.errors import Rejected, UsageError
from engross.project import find
from engross.translation import plugins
from engross.translation.parse import parse
from engross.translation.refresh import read_domains

ROOT = Path(__file__).parents[2]


def test_pybabel_extract_gives_the_same_messages(tmp_path):
    for name in ("pyproject.toml", "babel.cfg", "layouts/labels.yaml", "layouts/report.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "content", tmp_path / "content")
    made = tmp_path / "messages.pot"
    program = Path(sys.executable).with_name("pybabel")
    subprocess.run([program, "-q", "extract", "-F", "babel.cfg", "--no-wrap", "-o", made, "."], cwd=tmp_path, check=True)
    found, problems = parse(made.read_bytes().replace(b"#, fuzzy\nmsgid", b"msgid", 1), "")
    assert problems == []
    domains, _ = read_domains(find(tmp_path), ())
    expected: dict[tuple[str | None, str], tuple[set[str], set[str]]] = {}
    for message in (m for messages in domains.values() for m in messages):
        entry = message.entry(lines=True)
        words, places = expected.get(entry.key, (set(), set()))  # one file holds all domains: a word of the layouts and of the report is one entry there
        expected[entry.key] = (words | set(" ".join(entry.comments).split()), places | set(entry.references))
    assert len(expected) > 100
    assert any(place.startswith("layouts/report.yaml:") for _, places in expected.values() for place in places)
    assert {e.key: (set(" ".join(e.comments).split()), set(e.references)) for e in found.entries} == expected, "Babel breaks long comments into several"


def test_a_broken_letter_ends_the_extraction_with_its_problems(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.engross]\n")
    folder = tmp_path / "content" / "x"
    folder.mkdir(parents=True)
    (folder / "letter.md").write_text("no front matter\n")
    (tmp_path / "content" / "missions.yaml").write_text("[]\n")
    with (folder / "letter.md").open("rb") as file, pytest.raises(Rejected) as caught:
        list(plugins.engross_letter(file, (), (), {}))
    assert any(problem.where.path == "content/x/letter.md" for problem in caught.value.problems)


def test_a_stream_without_a_file_is_refused():
    with pytest.raises(UsageError):
        list(plugins.engross_labels(io.BytesIO(b""), (), (), {}))


def test_the_methods_and_the_check_are_entry_points():
    from importlib.metadata import entry_points

    found = {point.name: point.load() for group in ("babel.extractors", "babel.checkers") for point in entry_points(group=group) if point.module.startswith("engross.")}
    assert {"engross_letter", "engross_signatories", "engross_missions", "engross_labels", "engross"} == set(found)
    assert found["engross_labels"] is plugins.engross_labels
    assert "[extractors]" not in (ROOT / "babel.cfg").read_text()


def test_babel_runs_the_checks_of_an_installed_engross(tmp_path):
    from babel.messages.pofile import read_po

    file = tmp_path / "x.po"
    file.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgctxt "paragraph"\nmsgid "18 million people"\nmsgstr "180만 명"\n')
    with file.open("rb") as stream:
        catalog = read_po(stream, locale="ko")
    assert any("[figures]" in str(error) for _, errors in catalog.check() for error in errors)
