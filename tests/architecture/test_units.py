"""The split between unit tests and tests with real parts (`tests/units.py`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import units
from tests.render.conftest import run

ROOT = Path(__file__).resolve().parents[2]


def pure() -> int:
    return len(str(ROOT))


def by_itself() -> None:
    subprocess.run(["true"], check=True)


def by_a_helper() -> str:
    return run("true")


class ByAMethod:
    def start(self) -> None:
        by_a_helper()


@pytest.mark.parametrize(("value", "real"), [(pure, False), (by_itself, True), (by_a_helper, True), (ByAMethod, True), (lambda: [by_a_helper() for _ in "a"], True)])
def test_what_starts_a_program_is_seen_through_helpers(value: object, real: bool) -> None:
    assert units.names_real(value) is real


@pytest.mark.parametrize(
    "act",
    [os.fork, lambda: os.posix_spawn("/bin/true", ["true"], {}), lambda: os.system("true"), lambda: sys.audit("socket.connect", None, ("127.0.0.1", 9))],
    ids=["fork", "spawn", "shell", "connect"],
)
def test_the_guard_stops_what_was_not_seen(act) -> None:
    with pytest.raises(pytest.fail.Exception, match=r"run as a unit test, but causes .* mark it @pytest.mark.real"):
        act()


def test_places_are_there() -> None:
    for place in units.PLACES:
        path, _, name = place.partition("::")
        assert f"def {name.partition('[')[0]}(" in (ROOT / path).read_text("utf-8")
