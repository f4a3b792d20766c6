"""The command as its users run it; one official build of the first letter that the reading tests share; and a small signed edition."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engross import artifact, pipeline, record
from engross.canonical import document_number, seal_digest
from engross.content import editions
from engross.edition import prepare
from engross.project import Project, find
from engross.verify import manifest
from tests.conftest import REPO, WORKSPACE, copy_workspace
from tests.sharing import shared

SECOND = "2020-02-29-second"
Run = Callable[..., subprocess.CompletedProcess[str]]


def engross(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program in a folder."""
    command = [sys.executable, "-m", "engross", *arguments]
    return subprocess.run(command, cwd=folder, env={**os.environ, "NO_COLOR": "1", **environment}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set that `engross build --official` makes of the first letter. To read."""

    def make(workspace: Path) -> None:
        copy_workspace(REPO, workspace)
        result = engross(workspace, "build", "2018-06-06-dprk", "--official")
        assert result.returncode == 0, result.stdout + result.stderr

    return shared(tmp_path_factory, "official", make) / "output" / "2018-06-06-dprk" / "edition-1"


@pytest.fixture(scope="session")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an official edition in English, frozen as signing freezes it. To read; tests write into copies."""
    return shared(tmp_path_factory, "signed", _signed)


def _signed(root: Path) -> None:
    project = find(copy_workspace(WORKSPACE, root))
    (built,) = pipeline.build(project, pipeline.Request((SECOND,), ("en",), official=True))
    edition = prepare(project, SECOND, ["en"], official=True)
    letter, path = edition.versions["en"].letter, f"en/{SECOND}.en.signed.pdf"
    unsigned = (built.folder / f"en/{SECOND}.en.pdf").read_bytes()
    whole, kept = unsigned + b"% what officers append", record.written(project, edition, "en", built.manifest)
    entry = manifest.entry(document_number(letter), unsigned, whole, seal_digest(letter), path, {"record_sha256": artifact.digest(kept)})
    place = editions.path(project, SECOND, 1)
    place.parent.mkdir()
    record.path(project, SECOND, 1, "en").write_bytes(kept)
    place.write_bytes(editions.FrozenEdition(SECOND, 1, {"en": editions.frozen_version(letter, entry)}).to_json())
    entries = (*built.manifest.artifacts, artifact.Artifact(path, artifact.digest(whole), len(whole), "signed-pdf", "en", artifact.digest(whole)))
    with artifact.locked(built.folder):
        artifact.publish(built.folder, {path: whole}, replace(built.manifest, artifacts=tuple(sorted(entries, key=lambda one: one.path))))


@pytest.fixture
def project(signed: Path, tmp_path: Path) -> Project:
    """A copy of the signed workspace whose files are links, to be replaced and never written into."""
    return find(Path(shutil.copytree(signed, tmp_path / "workspace", copy_function=os.link, ignore=shutil.ignore_patterns(".lock"))))
