"""A build that is stopped, by a person or by a fault in a part of it, ends soon, says so and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.pipeline.conftest import engross

FIRST = "2018-06-06-dprk"
BUILD = (sys.executable, "-m", "engross", "build", FIRST, "-j", "2")


def left(workspace: Path) -> list[str]:
    """What stands in output/ besides the lock, which every build leaves."""
    return sorted(path.name for path in (workspace / "output").rglob("*") if path.is_file() and path.name != ".lock")


def alive(group: int) -> bool:
    """Whether a process of the group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_interrupted_build_leaves_neither_files_nor_processes(real: Path) -> None:
    staged = real / "output" / FIRST / ".draft.new"
    build = subprocess.Popen([*BUILD, "-f", "txt", "-f", "fax"], cwd=real, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 60
    while not any(staged.rglob("*.*")):
        assert build.poll() is None, "it ended before it was interrupted"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    os.killpg(build.pid, signal.SIGINT)  # as a terminal does: to all its processes
    _, said = build.communicate(timeout=60)
    assert (build.returncode, said) == (130, "interrupted; nothing was published\n")
    assert left(real) == []
    while alive(build.pid):
        assert time.monotonic() < deadline, "a process of it still runs"
        time.sleep(0.01)
    assert left(real) == []
    assert not staged.exists()


def test_a_fault_in_one_part_stops_the_build_every_fault_is_told_and_the_old_set_stays(real: Path) -> None:
    assert engross(real, "build", FIRST, "-l", "en", "-f", "html", "-f", "txt").returncode == 0
    before = left(real)
    for name in ("web.html", "fax.html"):
        with (real / "layouts" / name).open("a", encoding="utf-8") as template:
            template.write("{% if %}")
    failed = engross(real, "build", FIRST, "-j", "2", "-l", "en", "-f", "html", "-f", "fax")
    assert failed.returncode == 1
    assert "web.html" in failed.stderr
    assert "fax.html" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert left(real) == before
    assert not (real / "output" / FIRST / ".draft.new").exists()
