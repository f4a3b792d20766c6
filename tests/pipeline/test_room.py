"""Deep calls do not map memory over and over."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable

import pytest

from engross import cli
from engross.cli.room import roomily

CALLS = 3000


def many() -> int:
    """How many pages of memory are touched for the first time by calls that do nothing."""

    def leaf(first: object, second: object, third: object, fourth: object) -> object:
        return first or second or third or fourth

    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        leaf(1, 2, 3, 4)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def deep(depth: int, act: Callable[[], int]) -> int:
    return deep(depth - 1, act) if depth else act()


def worst() -> int:
    """At the depth where it is worst; somewhere among so many frames of 100 bytes and more a piece of 16 KiB ends."""
    return max(deep(depth, many) for depth in range(300))


def test_what_is_called_at_the_end_of_a_piece_costs_pages_unless_there_is_room() -> None:
    assert worst() > CALLS / 2  # as soon as it does not, the interpreter has mended it and nobody needs `roomily`
    assert roomily(worst) < CALLS / 10


def test_it_passes_on_what_it_is_given_and_gives() -> None:
    assert roomily(divmod, 7, 2) == (3, 1)


@pytest.mark.real
def test_a_process_forked_below_has_room_too() -> None:
    def forked() -> int:
        mine, theirs = os.pipe()
        if os.fork() == 0:
            os.write(theirs, worst().to_bytes(4, "little"))
            os._exit(0)
        os.close(theirs)
        found = int.from_bytes(os.read(mine, 4), "little")
        os.close(mine)
        os.wait()
        return found

    assert roomily(forked) < CALLS / 10


def test_the_command_runs_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    monkeypatch.setattr("engross.cli.frame.run", lambda _: found.append(worst()))
    cli.main()
    assert found[0] < CALLS / 10
