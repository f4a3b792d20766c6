"""A build with nothing to do: it says what the last one said, loads next to nothing, and any change whatever makes it look again."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer.main

from engross import artifact, pipeline, plan, recall
from engross.cli import quick
from engross.cli.app import app
from engross.edition import prepare
from engross.project import find
from tests.conftest import REPO, copy_workspace
from tests.inside import engross_here
from tests.pipeline.conftest import engross

LETTER = "2018-06-06-dprk"
ASKED = ("build", "-l", "es", "-f", "txt")
SET = f"output/{LETTER}/draft"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = copy_workspace(REPO, tmp_path_factory.mktemp("recall") / "workspace")
    result = engross(workspace, *ASKED)
    assert result.returncode == 0, result.stderr
    return workspace


def answer(workspace: Path, *arguments: str, **environment: str) -> list[recall.Line] | None:
    values = quick.parse(arguments or ASKED, {})
    assert values
    return recall.answer(str(workspace), quick.key(values), environment)


@contextmanager
def changed(path: Path, data: bytes | None) -> Iterator[None]:
    """The file with other bytes, or without any file (None), and afterwards as it was. It is replaced, for its name may be one of several of the same file."""
    before = path.read_bytes() if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if data is not None:
        path.write_bytes(data)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)


def test_the_words_are_those_of_a_build_that_looked(built: Path) -> None:
    recalled = engross(built, *ASKED)
    (built / "output/.recall.json").unlink()
    looked = engross(built, *ASKED)
    assert (recalled.stdout, recalled.stderr, recalled.returncode) == (looked.stdout, looked.stderr, looked.returncode)
    assert "0 made, 1 unchanged" in recalled.stdout


def test_warnings_are_said_again(second: Path) -> None:
    first = engross(second, *ASKED)
    assert "warning" in first.stderr or "error" in first.stderr
    recalled = engross(second, *ASKED)
    assert recalled.stderr == first.stderr
    assert answer(second) is not None


def test_next_to_nothing_is_loaded(built: Path) -> None:
    program = f"import sys; sys.argv = ['engross', *{ASKED!r}]; from engross.cli import main; main(); print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], cwd=built, capture_output=True, text=True, check=True)
    said, loaded = run.stdout.splitlines()
    modules = set(loaded.split())
    assert "0 made" in said
    ours = {"engross", "engross.cli", "engross.cli.frame", "engross.cli.quick", "engross.cli.room", "engross.recall", "engross.redaction"}
    assert {name for name in modules if name.startswith("engross")} == ours
    assert not modules & {"typer", "rich", "pydantic", "dataclasses", "weasyprint", "docx", "jinja2", "babel", "ruamel.yaml", "importlib.metadata", "multiprocessing"}


FILES = [
    "pyproject.toml",
    "content/missions.yaml",
    "content/glossary.csv",
    f"content/{LETTER}/letter.md",
    f"content/{LETTER}/signatories.csv",
    f"translations/es/LC_MESSAGES/{LETTER}.po",
    "translations/reviews.csv",
    "layouts/labels.yaml",
    "layouts/fonts/source-serif-4-latin-400-normal.ttf",
    f"{SET}/es/{LETTER}.es.txt",
    f"{SET}/manifest.json",
]


@pytest.mark.parametrize("name", FILES)
def test_a_changed_or_missing_file_is_noticed(built: Path, name: str) -> None:
    path = built / name
    data = path.read_bytes()
    times = path.stat()
    assert answer(built) is not None
    with changed(path, data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]):
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # the same length and time
        assert answer(built) is None
    with changed(path, None):
        assert answer(built) is None
    assert answer(built) is not None


@pytest.mark.parametrize("name", [f"content/{LETTER}/editions/1.json", "content/2030-01-31-other/letter.md", "translations/fr/LC_MESSAGES/layouts.po", "layouts/letter.draft.css"])
def test_a_new_file_is_noticed(built: Path, name: str) -> None:
    with changed(built / name, b"{}"):
        assert answer(built) is None
    assert answer(built) is not None


@pytest.mark.parametrize(
    "name", [f"content/{LETTER}/.letter.md.swp", "content/missions.yaml~", f"translations/es/LC_MESSAGES/{LETTER}.mo", "layouts/.#letter.css", "layouts/fonts/.fonts.tmp"]
)
def test_what_an_editor_keeps_beside_a_file_is_no_input(built: Path, name: str) -> None:
    manifest = artifact.read_manifest(built / SET)
    assert manifest
    with changed(built / name, b"scratch"):
        assert answer(built) is not None
        project = find(built)
        edition = prepare(project, LETTER, ["es"], official=False)
        assert plan.inputs(project, edition, plan.layout_digests(project)) == manifest.inputs


def test_a_letter_asked_for_by_name_does_not_mind_another(built: Path) -> None:
    asked = ("build", LETTER, *ASKED[1:])
    assert engross(built, *asked).returncode == 0
    with changed(built / "content/2030-01-31-other/letter.md", b"not a letter"):
        assert answer(built, *asked) is not None
        assert answer(built) is None


@pytest.mark.parametrize("arguments", [("-l", "ko"), ("-f", "html"), ("--official",), ("--paper", "letter"), ("--leave-out", "no-fence"), (LETTER,)], ids=" ".join)
def test_something_else_asked_for_is_not_recalled(built: Path, arguments: tuple[str, ...]) -> None:
    if arguments != (LETTER,):
        assert answer(built, *ASKED, *arguments) is None
    assert answer(built, *ASKED, "-j", "1") is not None


def test_a_variable_of_the_program_is_a_doubt(built: Path) -> None:
    assert answer(built, ENGROSS_SPEEDUPS="off") is None
    assert answer(built, ENGROSS_SLIP="") is None
    assert answer(built, LANG="ko_KR.UTF-8") is not None


def test_a_build_that_is_writing_is_a_doubt(built: Path) -> None:
    with (built / f"output/{LETTER}/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert answer(built) is None
    assert answer(built) is not None


def test_another_library_or_another_source_of_the_program_is_noticed(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site" / "weasyprint-99.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")
    assert answer(built) is None
    monkeypatch.undo()
    assert answer(built) is not None
    package = shutil.copytree(REPO / "src/engross", tmp_path / "engross")
    monkeypatch.setattr(recall, "__file__", str(package / "recall.py"))
    with (package / "letter.py").open("a") as stream:
        stream.write("# changed\n")
    assert answer(built) is None


def test_a_link_and_a_workspace_within_the_workspace_are_doubts(built: Path, tmp_path: Path) -> None:
    link = built / "layouts" / "more"
    link.symlink_to(tmp_path)
    try:
        assert answer(built) is None
    finally:
        link.unlink()
    with changed(built / "translations" / "pyproject.toml", b""):
        assert answer(built / "translations") is None
    assert answer(built / "translations") is not None


@pytest.mark.parametrize("data", [b"", b"[]", b'{"format": 1, "records": []}', b'{"format": 2, "records": {}}', b"\xff"])
def test_a_damaged_record_is_no_record(built: Path, data: bytes) -> None:
    with changed(built / "output/.recall.json", data):
        assert answer(built) is None


def test_a_record_that_lacks_something_or_lies_about_a_set_is_a_doubt(built: Path) -> None:
    path = built / "output/.recall.json"
    good = json.loads(path.read_bytes())
    for harm in (
        lambda r: r.pop("sets"),
        lambda r: r.update(sets={"output/nowhere/draft": "0"}),
        lambda r: r.update(lines=None),
        lambda r: r.update(inputs=""),
        lambda r: r.update(texts=""),
        lambda r: r.pop("texts"),
    ):
        value = json.loads(json.dumps(good))
        for record in value["records"].values():
            harm(record)
        with changed(path, json.dumps(value).encode()):
            assert answer(built) is None


def test_fonts_and_program_are_not_read_where_a_text_has_changed(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = quick.parse(ASKED, {})
    assert values
    read: list[str] = []
    look = recall._digest

    def digest(path: str | Path) -> str:
        read.append(str(path))
        return look(path)

    monkeypatch.setattr(recall, "_digest", digest)
    seen = recall.Seen()
    with changed(built / "content/glossary.csv", b"term,ko\n"):
        assert recall.answer(str(built), quick.key(values), {}, seen) is None
        assert not [path for path in read if "/fonts/" in path or path.endswith(".py")]
        once = len(read)
        found = seen.digests(built, values["letters"])
        assert all("/fonts/" in path for path in read[once:])  # the others are not read again
        assert found == recall.inputs(built)


def test_a_program_that_is_changed_while_it_builds_looks_again(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, work = ["as it was"], pipeline.build

    def build(*arguments: Any, **more: Any) -> list[pipeline.Built]:
        built = work(*arguments, **more)
        program[:] = ["as it is now"]
        return built

    monkeypatch.setattr(recall, "_program", lambda: program)
    monkeypatch.setattr(pipeline, "build", build)
    assert engross_here(built, *ASKED).returncode == 0
    assert answer(built) is None
    assert engross_here(built, *ASKED).returncode == 0
    assert answer(built) is not None


def test_the_last_requests_are_remembered_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    seen = recall.Seen()
    seen.digests(tmp_path, ())
    assert seen.fingerprint()
    for number in range(recall.KEPT + 2):
        recall.remember(tmp_path, [[], number], seen, [], [(1, f"number {number}")])
    assert recall.answer(str(tmp_path), [[], 1], {}) is None
    assert recall.answer(str(tmp_path), [[], 2], {}) == [(1, "number 2")]


PLAIN = [
    ("build",),
    ("build", LETTER),
    ("build", LETTER, "2020-02-29-second", "-l", "ko", "--language", "ja", "--language=es"),
    ("build", "-f", "pdf", LETTER, "--format", "docx", "--official", "--paper", "letter"),
    ("build", "--leave-out", "a", "--leave-out=b", "-j", "2"),
    ("build", "--jobs=1", "--paper=a4", "--official", "--official"),
]


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
def test_a_plain_build_is_read_as_the_full_command_line_reads_it(arguments: tuple[str, ...]) -> None:
    read: Callable[..., dict[str, object] | None] = quick.parse
    full = typer.main.get_command(app).commands["build"].make_context("build", list(arguments[1:])).params  # type: ignore[attr-defined]
    found = read(arguments, {})
    assert found is not None
    assert {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in found.items()} == {
        name: list(value) if isinstance(value, (list, tuple)) else value or [] if name in ("letters", "languages", "formats", "leave_out") else value or found[name]
        for name, value in full.items()
        if name not in ("check", "edition")
    }


LEFT = [(), ("check",), ("build", "--help"), ("build", "--check"), ("build", "-l"), ("build", "-lko"), ("build", "-l=ko"), ("build", "-f", "-j"), ("build", "--", "x")]
LEFT += [("build", "--paper", "legal"), ("build", "-j", "x"), ("build", "-j", "-1"), ("build", "-j", "1", "-j", "2"), ("build", ""), ("build", "-l", ""), ("build", "--offic")]


@pytest.mark.parametrize("arguments", LEFT, ids=" ".join)
def test_everything_else_is_left_to_the_full_command_line(arguments: tuple[str, ...]) -> None:
    assert quick.parse(arguments, {}) is None
    assert quick.parse(("build",), {"_ENGROSS_COMPLETE": "complete_bash"}) is None
