"""The end of a build's process: nothing is cleared up, and nothing that was said or waits for the end is lost."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from engross.__main__ import program
from tests.conftest import REPO, copy_workspace

LETTER = "2018-06-06-dprk"
PROGRAM = """
import atexit, sys
from engross.__main__ import program
{before}
atexit.register(print, "at the end")
sys.argv = ["engross", *{arguments!r}]
program()
print("afterwards")
{after}
"""


def ended(folder: Path, *arguments: str, before: str = "", after: str = "") -> subprocess.CompletedProcess[str]:
    """The program in a process that has something to do at its end, and after the program if that comes back."""
    return subprocess.run([sys.executable, "-c", PROGRAM.format(arguments=arguments, before=before, after=after)], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_workspace(REPO, tmp_path_factory.mktemp("leaving") / "workspace")


@pytest.mark.parametrize("made", [True, False], ids=["built", "recalled"])
def test_after_a_build_the_process_is_over_at_once(workspace: Path, made: bool) -> None:
    found = ended(workspace, "build", LETTER, "-l", "es", "-f", "txt", "-f", "pdf" if made else "txt")
    assert (found.returncode, found.stderr) == (0, "")
    said, *rest = found.stdout.splitlines()
    assert said.startswith(f"output/{LETTER}/draft: ")
    assert rest == ["at the end"]


def test_what_else_the_program_does_ends_as_ever(workspace: Path) -> None:
    refused = ended(workspace, "build", "no-such-letter")
    assert (refused.returncode, refused.stdout) == (2, "at the end\n")
    assert ended(workspace, "--version").stdout.splitlines()[1:] == ["at the end"]


def test_a_thread_is_waited_for(workspace: Path) -> None:
    before = "import threading; gate = threading.Event(); threading.Thread(target=lambda: (gate.wait(10), print('the thread'))).start()"
    found = ended(workspace, "build", LETTER, "-l", "es", "-f", "txt", before=before, after="gate.set()")
    assert sorted(found.stdout.splitlines()[1:]) == ["afterwards", "at the end", "the thread"]


def test_what_cannot_be_written_is_told(workspace: Path) -> None:
    with Path("/dev/full").open("w") as full:
        failed = subprocess.run([sys.executable, "-m", "engross", "build", LETTER, "-l", "es", "-f", "txt"], cwd=workspace, stdout=full, stderr=subprocess.PIPE, check=False)
    assert failed.returncode
    assert b"No space left" in failed.stderr


def test_the_command_is_that_of_the_module() -> None:
    module, _, name = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]["engross"].partition(":")
    assert getattr(import_module(module), name) is program
