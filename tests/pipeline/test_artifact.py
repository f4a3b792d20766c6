"""The output folder changes as a whole: through crashes, foreign files and two builds at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engross import artifact
from engross.artifact import Artifact, Manifest
from engross.errors import EngrossError

PUBLISH = """
import json, sys
from pathlib import Path
from engross.artifact import Artifact, Manifest, digest, locked, publish
folder, files = Path(sys.argv[1]), {name: text.encode() for name, text in json.loads(sys.argv[2]).items()}
entries = tuple(Artifact(name, digest(data), len(data), "txt", "en", "r") for name, data in files.items())
with locked(folder):
    publish(folder, files, Manifest("l", 1, "draft", entries))
"""
OLD = {"en/a.txt": "old a", "en/b.txt": "old b", "en/gone.txt": "dropped"}
NEW = {"en/a.txt": "new a", "en/b.txt": "new b", "en/c.txt": "new c"}
FAILPOINTS = (
    "before-rename:a.txt",
    "after-rename:a.txt",
    "after-rename:b.txt",
    "before-rename:c.txt",
    "staged",
    "before-rename:manifest.json",
    "after-rename:manifest.json",
    "before-exchange",
    "after-exchange",
    "published",
)


def publish(folder: Path, files: dict[str, str], crash_at: str = "") -> int:
    """Publish in a process of its own, which may die on the way; its exit status."""
    command = [sys.executable, "-c", PUBLISH, str(folder), json.dumps(files)]
    return subprocess.run(command, env={"ENGROSS_FAILPOINT": crash_at} if crash_at else {}, check=False).returncode


def contents(folder: Path) -> dict[str, str]:
    """What the manifest vouches for, as it stands on disk; fails when a digest does not match."""
    manifest = artifact.read_manifest(folder)
    assert manifest
    assert artifact.damaged(folder, manifest) == []
    return {entry.path: (folder / entry.path).read_text() for entry in manifest.artifacts}


@pytest.mark.parametrize("point", FAILPOINTS)
def test_a_crash_leaves_the_old_set_or_the_new_one(tmp_path: Path, point: str) -> None:
    folder = tmp_path / "letter" / "draft"
    assert publish(folder, OLD) == 0
    assert publish(folder, NEW, point) == 137, f"the failpoint {point} was not reached"
    assert contents(folder) in (OLD, NEW)
    assert publish(folder, NEW) == 0
    assert contents(folder) == NEW
    assert not (folder / "en/gone.txt").exists()
    assert [path.name for path in folder.parent.iterdir() if path.name != ".lock"] == ["draft"]


@pytest.mark.parametrize("point", ["before-rename:a.txt", "staged", "before-exchange"])
def test_a_crash_in_the_first_build_leaves_nothing_that_looks_like_a_set(tmp_path: Path, point: str) -> None:
    folder = tmp_path / "draft"
    assert publish(folder, NEW, point) == 137
    assert not folder.exists()
    assert artifact.read_manifest(folder) is None


def test_without_exchange_in_the_system_a_crash_between_the_renames_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "draft"
    publish(folder, OLD)
    folder.rename(tmp_path / ".draft.old")
    assert contents(folder) == OLD
    monkeypatch.setattr(artifact, "_RENAME_EXCHANGE", 1 << 30)
    entry = Artifact("x.txt", artifact.digest(b"x"), 1, "txt", "en", "r")
    with artifact.locked(folder):
        artifact.publish(folder, {"x.txt": b"x"}, Manifest("l", 1, "draft", (entry,)))
    assert contents(folder) == {"x.txt": "x"}


def test_files_of_others_stay_where_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "draft"
    publish(folder, OLD)
    (folder / "en" / "notes of the desk.txt").write_text("mine")
    publish(folder, NEW)
    assert (folder / "en" / "notes of the desk.txt").read_text() == "mine"


def test_a_damaged_file_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "draft"
    publish(folder, NEW)
    manifest = artifact.read_manifest(folder)
    assert manifest
    (folder / "en/b.txt").write_text("new B")
    (folder / "en/c.txt").unlink()
    assert artifact.damaged(folder, manifest) == ["en/b.txt", "en/c.txt"]


def test_two_builds_do_not_write_one_letter_together(tmp_path: Path) -> None:
    folder = tmp_path / "draft"
    with artifact.locked(folder), pytest.raises(EngrossError, match="another build"), artifact.locked(folder):
        raise AssertionError("the lock was given twice")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 99}', "not json", '{"format": 1, "letter": "x"}'])
def test_an_unreadable_manifest_vouches_for_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    assert artifact.read_manifest(tmp_path) is None
