"""Workspaces for all tests: copies, so that no test touches the repository. Files are linked, not copied, where nothing writes into them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from tests import units

REPO = Path(__file__).parents[1]
WORKSPACE = Path(__file__).parent / "workspace"


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if terminal := config.pluginmanager.get_plugin("terminalreporter"):
        config.pluginmanager.register(Failures(terminal))


class Failures:
    """Tells each failure as it happens; the reports follow at the end."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self.terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.terminal.write_line(f"\n{report.nodeid}: {getattr(crash, 'message', report.longreprtext).strip().partition(chr(10))[0]}", red=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests first, so that a mistake shows within a minute."""
    for item in items:
        if isinstance(item, pytest.Function) and units.is_real(item):
            item.add_marker("real")
    items.sort(key=lambda item: item.get_closest_marker("real") is not None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Set the guard for a unit test, its fixtures included."""
    if item.get_closest_marker("real") is None:
        units.running.append(item.nodeid)
    try:
        return (yield)
    finally:
        units.running.clear()


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
