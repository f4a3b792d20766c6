"""Processes forked for one set of tasks: what they give, what goes wrong in them, and that nothing of them is left."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from engross.errors import OutsideError
from engross.pool import MOST, Pool

pytestmark = pytest.mark.real


@contextmanager
def pool(count: int, tasks: int, act: Callable[[int], Any], begin: Callable[[], None] = lambda: None) -> Iterator[Pool]:
    found = Pool(count, tasks, act, begin)
    try:
        yield found
    finally:
        found.end()


def processes(found: Pool) -> list[int]:
    return [*found._processes.values()]


def alive(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def test_each_task_is_done_once_and_told_with_its_number() -> None:
    with pool(3, 500, lambda number: number * number) as found:
        assert sorted(found) == [(number, number * number) for number in range(500)]


def test_they_work_at_the_same_time_and_begin_once() -> None:
    meeting, other = os.pipe(), os.pipe()

    def act(number: int) -> int:
        os.write((meeting, other)[number][1], b"!")
        os.read((other, meeting)[number][0], 1)  # neither can end before the other has begun
        return os.getpid()

    with pool(2, 2, act) as found:
        expected = set(processes(found))
        assert {process for _, process in found} == expected
    for end in (*meeting, *other):
        os.close(end)


def test_what_begins_in_them_is_theirs() -> None:
    here: list[int] = []
    with pool(1, 1, lambda _: here, lambda: here.append(1)) as found:
        assert [*found] == [(0, [1])]
    assert here == []


def test_a_long_result_arrives_whole() -> None:
    with pool(2, 4, lambda number: bytes([number]) * 3_000_000) as found:
        assert {number: (len(value), value[-1]) for number, value in found} == {number: (3_000_000, number) for number in range(4)}


def test_what_is_raised_is_raised_here_with_its_place() -> None:
    def act(_: int) -> None:
        raise KeyError("no such page")

    with pool(1, 1, act) as found, pytest.raises(KeyError, match="no such page") as raised:
        list(found)
    assert "in act" in "".join(raised.value.__notes__)


class Untold(Exception):
    """An error that cannot be sent."""

    def __init__(self, lock: object) -> None:
        super().__init__("page 7")
        self.lock = lock


def test_an_error_that_cannot_travel_is_told_in_words() -> None:
    def act(_: int) -> None:
        raise Untold(threading.Lock())

    with pool(1, 1, act) as found, pytest.raises(RuntimeError, match="Untold: page 7"):
        list(found)


def test_a_process_that_is_killed_is_an_error_with_advice() -> None:
    def act(number: int) -> int:
        if number == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    with pool(2, 3, act) as found:
        before = processes(found)
        with pytest.raises(OutsideError, match="was ended by signal 9") as raised:
            list(found)
    assert "--jobs 1" in (raised.value.hint or "")
    assert not [process for process in before if alive(process)]


def test_a_process_that_cannot_begin_is_an_error_that_says_why(capfd: pytest.CaptureFixture[str]) -> None:
    def begin() -> None:
        raise MemoryError("no room")

    with pool(1, 1, lambda number: number, begin) as found, pytest.raises(OutsideError, match="ended with status 1"):
        list(found)
    assert "MemoryError: no room" in capfd.readouterr().err


def test_what_is_withdrawn_is_not_done() -> None:
    done, go = os.pipe(), os.pipe()

    def act(number: int) -> int:
        os.write(done[1], bytes([number]))
        os.read(go[0], 1)
        return number

    with pool(1, 5, act) as found:
        assert os.read(done[0], 1) == b"\0"
        found.withdraw()
        os.write(go[1], b"go on")
        assert [*found] == [(0, 0)]
        os.set_blocking(done[0], False)
        with pytest.raises(BlockingIOError):
            os.read(done[0], 1)
    for end in (*done, *go):
        os.close(end)


def test_the_end_waits_for_processes_that_are_in_the_middle_of_a_task() -> None:
    begun, never = os.pipe(), os.pipe()

    def act(_: int) -> bytes:
        os.write(begun[1], b"!")
        return os.read(never[0], 1)

    with pool(2, 2, act) as found:
        before = processes(found)
        assert len(os.read(begun[0], 1) + os.read(begun[0], 1)) == 2
    assert len(before) == 2
    assert not [process for process in before if alive(process)]
    for end in (*begun, *never):
        os.close(end)


def test_an_interrupt_from_the_terminal_is_not_for_them() -> None:
    def act(number: int) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return number

    with pool(1, 1, act) as found:
        assert [*found] == [(0, 0)]


def test_who_has_nobody_to_report_to_goes_home() -> None:
    go = os.pipe()
    with pool(1, 2, lambda _: os.read(go[0], 1)) as found:
        ((end, process),) = found._processes.items()
        os.close(end)
        found._processes.clear()
        os.write(go[1], b"go")
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 1
        assert os.read(go[0], 2) == b"o"  # the second task was not begun
    for one in go:
        os.close(one)


def test_what_was_forked_is_ended_when_another_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    fork, forked = os.fork, list[int]()

    def once() -> int:
        if forked:
            raise BlockingIOError("no more processes")
        process = fork()
        forked.append(process)
        return process

    monkeypatch.setattr(os, "fork", once)
    with pytest.raises(BlockingIOError):
        Pool(2, 2, lambda _: signal.pause(), lambda: None)
    assert len(forked) == 1
    assert not alive(forked[0])


def test_they_end_with_the_process_that_forked_them_whatever_ends_it() -> None:
    """None of them writes when the next build has the lock: each is in the middle of a task here, and would stay there."""
    told, never = os.pipe(), os.pipe()

    def act(_: int) -> bytes:
        os.write(told[1], b"%d " % os.getpid())
        return os.read(never[0], 1)

    if (caller := os.fork()) == 0:
        Pool(2, 2, act, lambda: None)
        signal.pause()
    os.close(told[1])
    said = b""
    while said.count(b" ") < 2:
        said += os.read(told[0], 64)
    os.kill(caller, signal.SIGKILL)
    os.waitpid(caller, 0)
    assert os.read(told[0], 1) == b""  # the end of the pipe that each of them held is closed
    for end in (told[0], *never):
        os.close(end)


def test_no_more_tasks_than_their_numbers_have_room() -> None:
    with pytest.raises(ValueError, match="more than 4096"):
        Pool(1, MOST + 1, lambda number: number, lambda: None)
