"""Workspaces for all tests: copies, so that no test touches the repository. Files are linked, not copied, where nothing writes into them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

REPO = Path(__file__).parents[1]
WORKSPACE = Path(__file__).parent / "workspace"


def link(source: str, target: str) -> str:
    """Hard-link a font (fonts are large and never edited), copy everything else."""
    if source.endswith(".ttf"):
        try:
            os.link(source, target)
        except OSError:  # another file system
            shutil.copyfile(source, target)
        return target
    return str(shutil.copyfile(source, target))


def copy_workspace(source: Path, target: Path) -> Path:
    """A workspace of its own with the repository's layouts."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "pyproject.toml", target / "pyproject.toml")
    for folder in ("content", "translations"):
        if (source / folder).is_dir():
            shutil.copytree(source / folder, target / folder, copy_function=link)
    shutil.copytree(REPO / "layouts", target / "layouts", copy_function=link)
    return target


@pytest.fixture(scope="session")
def repo() -> Path:
    """The repository itself: to read, never to write."""
    return REPO


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A copy of the repository's workspace, the first letter and its translations."""
    return copy_workspace(REPO, tmp_path / "real")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """A copy of the tests' own workspace, the letter `2020-02-29-second`."""
    return copy_workspace(WORKSPACE, tmp_path / "second")
