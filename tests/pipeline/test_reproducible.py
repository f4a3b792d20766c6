"""Whoever builds a letter, wherever and whenever, gets the same bytes: every artefact, every kind, and the manifest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import address_book
from engross import artifact
from tests.conftest import REPO, copy_workspace

LETTER, SECOND = "2018-06-06-dprk", "2020-02-29-second"
CLOCK = Path(__file__).with_name("clock.py")
HERE = {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "LC_ALL": "C.UTF-8", "LANG": "en_US.UTF-8"}
THERE = {"PYTHONHASHSEED": "4711", "TZ": "Asia/Pyongyang", "LC_ALL": "C", "LANG": "ko_KR.eucKR", "SOURCE_DATE_EPOCH": "1000000000", "COLUMNS": "20", "HOME": "/nonexistent"}


MESSAGES = (LETTER, "--official", "-f", "pdf", "-f", "email", "-l", "en", "-l", "ko")
OTHERS = (LETTER, "--official", "-f", "docx", "-f", "html", "-f", "txt", "-f", "fax", "-l", "ko")
WORKING = (SECOND, "-f", "bilingual", "-f", "txt", "-l", "ko")


def build(workspace: Path, asked: Sequence[Sequence[str]], years: int, umask: int, jobs: int, environment: dict[str, str]) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of every file that builds make, by path."""
    known = {key: value for key, value in os.environ.items() if key not in {*HERE, *THERE}}
    for arguments in asked:
        command = [sys.executable, str(CLOCK), str(years), "build", *arguments, "-j", str(jobs)]
        run = subprocess.run(command, cwd=workspace, env={**known, **environment}, umask=umask, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        (year,) = re.findall(r"the year is (\d+)", run.stderr)
        assert abs(int(year) - datetime.now(UTC).year - years) <= 1
    output = workspace / "output"
    return {path.relative_to(output).as_posix(): (path.stat().st_mode, path.read_bytes()) for path in output.rglob("*") if path.is_file() and path.name != ".lock"}


def twice(one: Path, elsewhere: Path, *asked: Sequence[str]) -> dict[str, tuple[int, bytes]]:
    """The files of two builds that have nothing in common but the workspace's content; they must be the same."""
    other = copy_workspace(one, elsewhere)
    for path in other.rglob("*"):
        if path.is_file() and path.suffix != ".ttf":
            os.utime(path, (86400, 86400))
    here = build(one, asked, 0, 0o022, 1, HERE)
    there = build(other, asked, 40, 0o077, 2, THERE)
    assert here.keys() == there.keys()
    assert [path for path in sorted(here) if here[path] != there[path]] == []
    return here


def kinds(set_folder: Path) -> set[str]:
    manifest = artifact.read_manifest(set_folder)
    assert manifest
    return {entry.kind for entry in manifest.artifacts}


def test_directory_clock_zone_locale_hash_seed_umask_and_cores_change_no_byte_of_an_edition(tmp_path: Path) -> None:
    one = copy_workspace(REPO, tmp_path / "a")
    address_book.write(one, LETTER, 1)
    address_book.approve(one, LETTER)
    twice(one, tmp_path / "another folder, with spaces, further down" / "한글", MESSAGES, OTHERS)
    assert kinds(one / "output" / LETTER / "edition-1") == {"pdf", "docx", "html", "txt", "fax-tiff", "fax-pdf", "email"}


def test_nor_of_a_draft_and_its_working_copies(second: Path, tmp_path: Path) -> None:
    twice(second, tmp_path / "another folder", WORKING)
    assert kinds(second / "output" / SECOND / "draft") == {"txt", "bilingual-pdf", "bilingual-docx"}
