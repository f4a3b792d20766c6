"""Processes forked from this one for one set of tasks. Each takes the number of the next task from a pipe that all share, and sends back what came of it.

What they work on they have from the fork, so only numbers and results travel. `concurrent.futures` would do the same with threads, semaphores and queues beside the
processes, which have to be loaded and woken up: in a build of one letter that takes longer than a Word document.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import select
import signal
import struct
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NoReturn

from engross.errors import OutsideError

_NUMBER, _LENGTH = struct.Struct("<H"), struct.Struct("<I")
MOST = 8192 // _NUMBER.size
"""Tasks of one set: their numbers wait in a pipe, which holds two pages of memory at the least (pipe(7))."""
ENDS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
"""A terminal sends these to all its processes: they are for the one that waits for results, which ends the others."""


class Pool:
    """Processes at work. Iterating gives each task's number with what `act` gave for it, as they end."""

    def __init__(self, count: int, tasks: int, act: Callable[[int], Any], begin: Callable[[], None]) -> None:
        """Fork `count` processes; each calls `begin` first and then `act` with one number below `tasks` after another."""
        if tasks > MOST:
            raise ValueError(f"{tasks} tasks at once, more than {MOST}")
        self._numbers, ahead = os.pipe()
        os.write(ahead, b"".join(map(_NUMBER.pack, range(tasks))))
        os.close(ahead)  # whoever finds the pipe empty knows that there is no more to do
        self._processes: dict[int, int] = {}
        """Process ids by the end of the pipe on which each reports."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # until a new process knows that they are not for it
        try:
            try:
                for _ in range(count):
                    self._fork(act, begin)
            finally:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        except BaseException:  # also a signal that had to wait: nobody else knows those that were forked
            self.end()
            raise

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        """The results, until all tasks are done or withdrawn.

        Raises:
            OutsideError: a process came to its end over a task.
            Exception: what `act` raised, with where as a note.
        """
        waiting = select.poll()
        for end in self._processes:
            waiting.register(end, select.POLLIN)
        while self._processes:
            for end, _ in waiting.poll():
                report = _receive(end)
                if report is None:
                    waiting.unregister(end)
                    self._gone(end)
                    continue
                number, good, value = pickle.loads(report)  # noqa: S301  what our own process wrote
                if not good:
                    raise value
                yield number, value

    def withdraw(self) -> None:
        """Take back the tasks that nobody has begun."""
        while os.read(self._numbers, 8192):
            pass

    def end(self) -> None:
        """Stop whatever is done, and wait until nothing of it can write any more."""
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for end, process in self._processes.items():
            os.close(end)
            with suppress(ChildProcessError):
                os.waitpid(process, 0)
        self._processes.clear()
        if self._numbers >= 0:
            os.close(self._numbers)
            self._numbers = -1

    def _fork(self, act: Callable[[int], Any], begin: Callable[[], None]) -> None:
        mine, theirs = os.pipe()
        parent, process = os.getpid(), os.fork()
        if process == 0:
            end_with(parent)
            for end in (mine, *self._processes):
                os.close(end)
            _work(self._numbers, theirs, act, begin)
        os.close(theirs)
        self._processes[mine] = process

    def _gone(self, end: int) -> None:
        """A process has reported for the last time: because there was no more to do, or because it came to its end."""
        process = self._processes.pop(end)
        os.close(end)
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if status:
            how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
            raise OutsideError(f"a process that renders {how}", hint="is there enough memory? try again with --jobs 1")


_PR_SET_PDEATHSIG = 1
"""Of prctl(2)."""


def end_with(parent: int) -> None:
    """Let this process, just forked, end when its parent does, however that ends: what it still wrote would meet the next build, which has the lock by then.

    Where the system knows no such thing it ends when it has something to report and nobody listens.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # which was gone before it could be said
        os._exit(1)


def _work(numbers: int, reports: int, act: Callable[[int], Any], begin: Callable[[], None]) -> NoReturn:
    """A process's day. It is over when there are no more numbers, or nobody is left to report to."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        begin()
        while number := os.read(numbers, _NUMBER.size):
            _send(reports, _report(act, *_NUMBER.unpack(number)))
        status = 0
    except BrokenPipeError:
        pass
    except BaseException:  # noqa: BLE001  nobody else would tell
        traceback.print_exc()
    finally:
        os._exit(status)


def _report(act: Callable[[int], Any], number: int) -> bytes:
    try:
        return pickle.dumps((number, True, act(number)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001  it is raised again where somebody hears it
        error.add_note(traceback.format_exc())  # a traceback does not travel
        with suppress(Exception):
            return pickle.dumps((number, False, error), pickle.HIGHEST_PROTOCOL)
        return pickle.dumps((number, False, RuntimeError("".join(traceback.format_exception_only(error)))), pickle.HIGHEST_PROTOCOL)


def _send(end: int, report: bytes) -> None:
    left = memoryview(_LENGTH.pack(len(report)) + report)
    while left:
        left = left[os.write(end, left) :]


def _receive(end: int) -> bytes | None:
    """The next report, or nothing when there will be no more."""
    head = _read(end, _LENGTH.size)
    return None if head is None else _read(end, *_LENGTH.unpack(head))


def _read(end: int, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        more = os.read(end, size - len(data))
        if not more:
            return None  # also in the middle of a report: its process tells by its status how it ended
        data += more
    return bytes(data)
