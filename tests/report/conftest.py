"""One workspace and one eventful ledger, and its report in each language that a test reads."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from engross.dispatch import reporting
from engross.project import Project
from tests.report.facts import LETTER, Story, everything, workspace


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return workspace(tmp_path_factory.mktemp("report") / "workspace")


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    made = everything(tmp_path_factory.mktemp("story"))
    yield made
    made.ledger.close()


@pytest.fixture(scope="session")
def report(project: Project, story: Story) -> Callable[[str], bytes]:
    return cache(lambda lang: reporting.make(project, LETTER, story.ledger, lang))


def text(data: bytes, *options: str) -> str:
    """What another program reads in a PDF, white space joined."""
    found = subprocess.run(["pdftotext", *options, "-", "-"], input=data, capture_output=True, check=True).stdout.decode()
    return " ".join(found.split())


def write(folder: Path, data: bytes) -> Path:
    path = folder / "report.pdf"
    path.write_bytes(data)
    return path
