"""Several processes at the same moment, and processes that die: each delivery is submitted once or known to be uncertain."""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest

from engross.ledger import Ledger, State, Status
from tests.ledger.facts import T0
from tests.ledger.sender import DELIVERIES, send_all

MANY = multiprocessing.get_context("forkserver")
"""Processes part from one that has the libraries loaded and neither threads nor a database open."""
MANY.set_forkserver_preload(["__main__", "tests.ledger.sender"])


def start(where: str, folder: Path, owner: str, hour: int = 0, count: int = len(DELIVERIES), crash_at: str = "", barrier: Any = None, told: Any = None) -> ForkServerProcess:
    process = MANY.Process(target=send_all, args=(where, folder, owner, hour, count, crash_at, barrier, told))
    process.start()
    return process


def finish(process: ForkServerProcess) -> int | None:
    """The exit status."""
    process.join(60)
    assert process.exitcode is not None, "it hangs"
    try:
        return process.exitcode
    finally:
        process.close()


def submitted(folder: Path) -> Counter[str]:
    """How often the outside world got each delivery."""
    world = folder / "world"
    return Counter(line.split()[0] for line in world.read_text().splitlines()) if world.exists() else Counter()


def states(where: str, folder: Path) -> dict[str, State]:
    with Ledger.open(where, offices=1 if "://" not in where else 2, now=T0, folder=folder, create=False) as ledger:
        assert ledger.verify() == []
        return {str(state.delivery): state for state in ledger.deliveries("l")}


def race(where: str, folders: list[Path]) -> None:
    """One process a folder, all let go at once."""
    barrier = MANY.Barrier(len(folders))
    processes = [start(where, folder, f"office-{n}", barrier=barrier) for n, folder in enumerate(folders)]
    assert [finish(process) for process in processes] == [0] * len(folders)
    total: Counter[str] = Counter()
    for folder in set(folders):
        total += submitted(folder)
    assert total == Counter(map(str, DELIVERIES))
    found = states(where, folders[0])
    assert {state.status for state in found.values()} == {Status.ACCEPTED}
    assert all(len(state.attempts) == 1 for state in found.values())


def test_four_processes_share_a_file(tmp_path: Path) -> None:
    race(str(tmp_path / "ledger.sqlite3"), [tmp_path] * 4)


def test_two_offices_with_two_processes_each_share_postgresql(database: str, tmp_path: Path) -> None:
    folders = [tmp_path / "seoul", tmp_path / "geneva"]
    for folder in folders:
        folder.mkdir()
    race(database, folders * 2)


POINTS = [f"ledger:{when}-commit:{kind}" for kind in ("planned", "claimed", "committing", "accepted") for when in ("before", "after")]


@pytest.mark.parametrize("point", [*POINTS, "before-submission", "after-submission", "before-rename:{object}", "after-rename:{object}", "before-rename:{seen}"])
def test_a_crash_loses_nothing_and_sends_nothing_twice(tmp_path: Path, point: str) -> None:
    where = str(tmp_path / "ledger.sqlite3")
    with Ledger.open(where, offices=1, now=T0) as ledger:
        names = {"object": ledger.objects.path(ledger.objects.put(b"fax for mission-00").digest), "seen": tmp_path / "seen" / f"{ledger.identity}.json"}
    names["object"].unlink()
    assert finish(start(where, tmp_path, "first", count=1, crash_at=point.format(**{k: v.name for k, v in names.items()}))) == 137, f"{point} was not reached"
    before = submitted(tmp_path).total()
    assert finish(start(where, tmp_path, "second", hour=1, count=1)) == 0
    (state,) = states(where, tmp_path).values()
    committing = point in ("ledger:after-commit:committing", "before-submission", "after-submission", "ledger:before-commit:accepted")
    if committing:
        assert (state.status, submitted(tmp_path).total()) == (Status.UNCERTAIN, before), "it may have gone out: a person decides"
    else:
        assert (state.status, submitted(tmp_path).total()) == (Status.ACCEPTED, 1)
    assert state.submissions == 1


def test_killed_again_and_again_each_delivery_goes_out_once_or_is_uncertain(tmp_path: Path) -> None:
    where, dice = str(tmp_path / "ledger.sqlite3"), random.Random(20180606)
    for hour in range(6):
        hear, told = MANY.Pipe()
        process = start(where, tmp_path, f"run-{hour}", hour, told=told)
        told.close()
        with suppress(EOFError):  # it had nothing left to do
            for go_on in [True] * dice.randint(0, 2) + [hour % 2 == 0]:
                hear.recv()
                if go_on:
                    hear.send("go on")  # and is killed wherever it then is
        process.kill()
        finish(process)
        hear.close()
    assert finish(start(where, tmp_path, "last", 9)) == 0
    found, sent = states(where, tmp_path), submitted(tmp_path)
    assert set(found) == set(map(str, DELIVERIES))
    assert {state.status for state in found.values()} <= {Status.ACCEPTED, Status.UNCERTAIN}
    assert max(sent.values()) == 1
    assert all(sent[name] == 1 for name, state in found.items() if state.status is Status.ACCEPTED)
    assert Status.UNCERTAIN in {state.status for state in found.values()}, "a process that waits between submission and outcome was killed there"
