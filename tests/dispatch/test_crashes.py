"""A sender that dies at any moment: nothing is lost, nothing goes out twice, and what is not known is said to be uncertain."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from engross.ledger import State, Status
from tests.dispatch.conftest import MANY, end, start_server
from tests.dispatch.facts import HOUR, T0, open_ledger
from tests.dispatch.fake_server import Script
from tests.dispatch.sender import run

Fake = Callable[[Script], int]
KILLED = 137

BEFORE = (
    "ledger:before-commit:planned", "ledger:after-commit:planned", "send:before-claim", "ledger:before-commit:claimed", "ledger:after-commit:claimed", "send:after-claim",
    "smtp:connected", "smtp:before-data", "smtp:before-commit", "ledger:before-commit:committing",
)  # fmt: skip
"""Points at which the other side cannot have it."""
AFTER = ("ledger:after-commit:committing", "smtp:before-dot", "smtp:after-dot", "send:before-outcome", "ledger:before-commit:accepted")
"""Points from which nobody knows."""


ALL = (*BEFORE, *AFTER, "ledger:after-commit:accepted", "send:after-outcome")


def start(folder: Path, port: int, hour: float, crash_at: str, names: tuple[str, ...]) -> ForkServerProcess:
    process = MANY.Process(target=run, args=(folder, port, T0 + hour * HOUR, crash_at, names))
    process.start()
    return process


def finish(process: ForkServerProcess) -> int | None:
    process.join(60)
    try:
        return process.exitcode
    finally:
        process.close()


def taken(folder: Path) -> Counter[str]:
    world = folder / "world"
    return Counter(line.split()[0] for line in world.read_text().splitlines()) if world.exists() else Counter()


def name(point: str) -> str:
    return point.replace(":", "-")


@dataclass(frozen=True)
class World:
    exits: dict[str, int | None]
    taken: Counter[str]
    states: dict[str, State]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Seventeen senders at once, each of which dies at another point on its way to another mission; an hour later one that goes on with all of it."""
    folder = tmp_path_factory.mktemp("crashes")
    open_ledger(folder).close()
    server, port = start_server(folder / "world", Script())
    try:
        senders = {point: start(folder, port, 0, point, (name(point),)) for point in ALL}
        exits = {point: finish(sender) for point, sender in senders.items()}
        assert finish(start(folder, port, 1, "", tuple(map(name, ALL)))) == 0
    finally:
        end(server)
    with open_ledger(folder) as ledger:
        assert ledger.verify() == []
        return World(exits, taken(folder), {state.delivery.recipient: state for state in ledger.deliveries()})


@pytest.mark.parametrize("point", ALL)
def test_a_crash_loses_and_doubles_nothing(world: World, point: str) -> None:
    assert world.exits[point] == KILLED, "the sender never came to this point"
    status, count = world.states[name(point)].status, world.taken[f"{name(point)}@example.org"]
    if point in AFTER:
        assert status is Status.UNCERTAIN
        assert count <= 1
    else:
        assert (status, count) == (Status.ACCEPTED, 1)


def test_killed_at_random_again_and_again(fake: Fake, tmp_path: Path) -> None:
    port, dice = fake(Script()), random.Random(6)
    names = tuple(f"mission-{n:02}" for n in range(12))
    for hour in range(20):
        process = start(tmp_path, port, hour, "", names)
        process.join(0.02 + dice.random() * 0.25)
        process.kill()
        finish(process)
    assert finish(start(tmp_path, port, 21, "", names)) == 0
    with open_ledger(tmp_path) as ledger:
        states = {state.address: state for state in ledger.deliveries()}
        assert ledger.verify() == []
    counts = taken(tmp_path)
    assert len(states) == len(names)
    assert max(counts.values()) == 1
    for address, state in states.items():
        assert state.status in (Status.ACCEPTED, Status.UNCERTAIN)
        assert counts[address] == 1 or state.status is Status.UNCERTAIN
