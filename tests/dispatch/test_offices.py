"""Two offices that share PostgreSQL run `engross send` from four processes at the same moment; one process is killed in its last step."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engross.ledger import Event, Kind, Ledger, Status
from tests.dispatch.conftest import end, start_server
from tests.dispatch.fake_server import Script
from tests.dispatch.small import LETTER, MISSIONS, copy, smtp, taken
from tests.ledger.conftest import Cluster, cluster  # noqa: F401 - a fixture

SILENT = "mission-05"
PLACES = ("seoul", "geneva")


@dataclass(frozen=True)
class World:
    """What there was to be seen once the three others had ended."""

    codes: list[int]
    killed: int
    """Process id."""
    told: list[str]
    arrived: Counter[str]
    later: Counter[str]
    """When the command had been run once more."""
    events: list[Event]
    states: dict[str, Status]


@pytest.fixture(scope="module")
def world(small: Path, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> World:  # noqa: F811
    folder = tmp_path_factory.mktemp("offices")
    cluster.run("createdb", "-h", str(cluster.folder), "-U", "office", "offices")
    where = cluster.url("offices")
    server, port = start_server(folder / "world", Script(silent_for=f"{SILENT}@example.org", gather=4))
    places = [folder / place for place in PLACES]
    for place in places:
        workspace = copy(small, place / "workspace", smtp(port))
        settings = workspace / "pyproject.toml"
        settings.write_text(settings.read_text().replace("[tool.engross]\n", f'[tool.engross]\nledger = "{where}"\n', 1))
        (place / "world").symlink_to(folder / "world")
    Ledger.open(where, offices=1, now=datetime.now(UTC), folder=folder / "ledger").close()

    def start(place: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "engross", "send", LETTER, "--via", "email", "--yes"]
        return subprocess.Popen(
            command, cwd=place / "workspace", env={**os.environ, "XDG_STATE_HOME": str(place / "state")}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    try:
        with Ledger.open(where, offices=1, now=datetime.now(UTC), folder=folder / "ledger", create=False) as ledger:
            processes = [start(place) for place in places * 2]
            victim = _owner_in_its_last_step(ledger, folder / "world")
            os.kill(victim, signal.SIGKILL)
            told = [process.communicate(timeout=60)[0] for process in processes]
            arrived = Counter(taken(places[0] / "workspace"))
            told.append(start(places[1]).communicate(timeout=60)[0])
            events = ledger.events()
            ledger.expire(datetime.now(UTC) + timedelta(hours=1))
            assert ledger.verify() == []
            states = {state.delivery.recipient: state.status for state in ledger.deliveries()}
    finally:
        end(server)
    return World([process.returncode for process in processes], victim, told, arrived, Counter(taken(places[0] / "workspace")), events, states)


def _owner_in_its_last_step(ledger: Ledger, world: Path) -> int:
    """The process whose message the server has taken without an answer."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if world.exists() and SILENT in world.read_text():
            owner = next(event.data["owner"] for event in reversed(ledger.events()) if event.kind is Kind.COMMITTING and event.delivery and event.delivery.recipient == SILENT)
            return int(owner.split(":")[1])
        time.sleep(0.02)
    raise AssertionError("the server never got the message that it does not answer")


def test_four_processes_were_sending_at_once(world: World) -> None:
    assert len({event.data["owner"].split(":")[1] for event in world.events if event.kind is Kind.COMMITTING}) == 4
    first = [event.kind for event in world.events if event.kind in (Kind.CLAIMED, Kind.COMMITTING)][:4]
    assert first == [Kind.CLAIMED] * 4


def test_each_recipient_got_exactly_one_message(world: World) -> None:
    assert world.arrived == world.later == Counter(f"{name}@example.org" for name in MISSIONS)


def test_what_the_killed_one_was_at_is_uncertain_and_the_rest_is_done(world: World) -> None:
    assert sorted(world.codes) == [-signal.SIGKILL, 3, 3, 3], world.told
    assert world.states == {name: Status.UNCERTAIN if name == SILENT else Status.ACCEPTED for name in MISSIONS}


def test_nobody_tried_twice(world: World) -> None:
    tried = Counter(event.delivery.recipient for event in world.events if event.kind is Kind.COMMITTING and event.delivery)
    assert set(tried.values()) == {1}
    assert f":{world.killed}:" in next(event.data["owner"] for event in world.events if event.kind is Kind.COMMITTING and event.delivery and event.delivery.recipient == SILENT)
    assert "being sent by" in world.told[-1]
