"""Review files as they leave the house, made once; tests edit copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from engross.project import Project, find
from engross.review import export
from tests.conftest import REPO, WORKSPACE, copy_workspace

SECOND, REAL = "2020-02-29-second", "2018-06-06-dprk"


@pytest.fixture(scope="session")
def english() -> bytes:
    """The tests' own letter, out for review."""
    return _exported(WORKSPACE, SECOND, "en")


def _exported(source: Path, name: str, lang: str) -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return export.export(find(copy_workspace(source, Path(folder) / "w")), name, lang)


@pytest.fixture(scope="session")
def korean() -> bytes:
    """The first letter's Korean translation, beside its source."""
    return _exported(REPO, REAL, "ko")


@pytest.fixture
def home(second: Path) -> Project:
    return find(second)


@pytest.fixture
def korea(real: Path) -> Project:
    return find(real)
