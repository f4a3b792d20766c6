"""The command as its users run it, and one official build of the first letter that the reading tests share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import REPO, copy_workspace

Run = Callable[..., subprocess.CompletedProcess[str]]


def engross(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program in a folder."""
    command = [sys.executable, "-m", "engross", *arguments]
    return subprocess.run(command, cwd=folder, env={**os.environ, "NO_COLOR": "1", **environment}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set that `engross build --official` makes of the first letter."""
    workspace = copy_workspace(REPO, tmp_path_factory.mktemp("official") / "workspace")
    result = engross(workspace, "build", "2018-06-06-dprk", "--official")
    assert result.returncode == 0, result.stdout + result.stderr
    return workspace / "output" / "2018-06-06-dprk" / "edition-1"
