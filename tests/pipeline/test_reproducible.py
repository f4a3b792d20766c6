"""Whoever builds a letter, wherever and whenever, gets the same bytes: every artefact, every kind, and the manifest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks import address_book
from engross import artifact
from tests.conftest import REPO, copy_workspace

LETTER = "2018-06-06-dprk"
CLOCK = Path(__file__).with_name("clock.py")
HERE = {"PYTHONHASHSEED": "1", "TZ": "America/New_York", "LC_ALL": "C.UTF-8", "LANG": "en_US.UTF-8"}
THERE = {"PYTHONHASHSEED": "4711", "TZ": "Asia/Pyongyang", "LC_ALL": "C", "LANG": "ko_KR.eucKR", "SOURCE_DATE_EPOCH": "1000000000", "COLUMNS": "20", "HOME": "/nonexistent"}


def build(workspace: Path, years: int, umask: int, jobs: int, environment: dict[str, str]) -> dict[str, tuple[int, bytes]]:
    """Mode and bytes of every file of an official edition with its messages, and of a draft with its working copies, by path."""
    known = {key: value for key, value in os.environ.items() if key not in {*HERE, *THERE}}
    asked = [("--official", "-f", "pdf", "-f", "docx", "-f", "html", "-f", "txt", "-f", "fax", "-f", "email", "-l", "en", "-l", "ko"), ("-f", "bilingual", "-f", "txt", "-l", "ko")]
    for arguments in asked:
        command = [sys.executable, str(CLOCK), str(years), "build", LETTER, "-j", str(jobs), *arguments]
        run = subprocess.run(command, cwd=workspace, env={**known, **environment}, umask=umask, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        (year,) = re.findall(r"the year is (\d+)", run.stderr)
        assert abs(int(year) - datetime.now(UTC).year - years) <= 1
    output = workspace / "output"
    return {path.relative_to(output).as_posix(): (path.stat().st_mode, path.read_bytes()) for path in output.rglob("*") if path.is_file()}


def test_directory_clock_zone_locale_hash_seed_umask_and_cores_change_no_byte(tmp_path: Path) -> None:
    one = copy_workspace(REPO, tmp_path / "a")
    address_book.write(one, LETTER, 1)
    address_book.approve(one, LETTER)
    other = copy_workspace(one, tmp_path / "another folder, with spaces, further down" / "한글")
    for path in other.rglob("*"):
        if path.is_file() and path.suffix != ".ttf":
            os.utime(path, (86400, 86400))
    here = build(one, 0, 0o022, 1, HERE)
    there = build(other, 40, 0o077, 2, THERE)
    assert {entry.kind for part in (f"{LETTER}/edition-1", f"{LETTER}/draft") for entry in (artifact.read_manifest(one / "output" / part) or pytest.fail(part)).artifacts} == {
        *("pdf", "docx", "html", "txt", "fax-tiff", "fax-pdf", "email", "bilingual-pdf", "bilingual-docx")
    }
    ours = {path for path in here if not path.endswith(".lock")}
    assert ours == {path for path in there if not path.endswith(".lock")}
    assert [path for path in sorted(ours) if here[path] != there[path]] == []
