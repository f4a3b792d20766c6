"""Processes that render and stay: WeasyPrint, python-docx, the fonts and what Pango learnt of them serve one build after another.

They are forked from the process that watches, which loads the libraries and never touches Pango, whose threads do not survive a fork. So a process
that crashed, has grown, or knows fonts that have changed is replaced in an instant, and none of it is a loss.
"""

from __future__ import annotations

import gc
import signal
import sys
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import cast

from engross import plan, workers
from engross.artifact import Artifact
from engross.errors import EngrossError, OutsideError
from engross.pool import end_with
from engross.task import Task
from engross.workers import Check, Outcome, Progress

TASKS = 100
"""After so many a process is replaced: what Pango and fontconfig never give back stays small."""
LOOK_FOR_GARBAGE = 8
"""Tasks that may follow each other without a look for garbage, which otherwise waits until there is nothing to do."""
LINES = 3000
"""And paragraphs that stay set: those of a letter as print and fax in four languages, in some ten megabytes."""
PAUSE = 0.3
"""Seconds of nothing to do."""
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""A terminal sends these to all its processes: they are for the one that watches, which ends the others."""


@dataclass
class _Worker:
    process: ForkProcess
    connection: Connection
    done: int = 0
    known: set[str] = field(default_factory=set)
    """Titles of the tasks it has done: it does them faster than another."""
    last: Task | None = None


class Team:
    """`run` is that of `workers`, for one build after another."""

    def __init__(self, layouts: Path, formats: Sequence[str]) -> None:
        """Load what these formats need (all, when none is named).

        Raises:
            OutsideError: WeasyPrint or a library it needs is missing or of another version.
        """
        workers.make_ready(layouts, formats or plan.FORMATS)
        gc.collect()
        gc.freeze()
        self._workers: list[_Worker] = []

    def run(self, tasks: Sequence[Task], jobs: int, progress: Progress, check: Check | None = None, stage: Path | None = None) -> list[Artifact]:
        """As `workers.run`."""
        return workers.collect(tasks, self._outcomes(tasks, jobs, check, stage), progress)

    def hire(self, count: int) -> None:
        """Have so many processes that live. Not while a set is written: what a process inherits it holds, its lock among it."""
        for worker in [worker for worker in self._workers if not worker.process.is_alive()]:
            self._leave(worker)
        while len(self._workers) < count:
            self._workers.append(self._begin(None))

    def refresh(self) -> None:
        """Those that have done enough make place for others, which do their last task once more, for nobody, to be warm when they are needed."""
        for worker in [worker for worker in self._workers if worker.done >= TASKS]:
            self._replace(worker, worker.last)

    def warm_up(self, tasks: Sequence[Task]) -> None:
        """Let each process that has done nothing yet do one of these tasks, for nobody."""
        idle = [worker for worker in self._workers if not worker.last]
        for worker, task in zip(idle, tasks, strict=False):
            self._replace(worker, task)

    def dismiss(self) -> None:
        """End all processes and wait until nothing of them can write any more."""
        for worker in [*self._workers]:
            self._leave(worker)

    def _outcomes(self, tasks: Sequence[Task], jobs: int, check: Check | None, stage: Path | None) -> Iterator[tuple[Task, Outcome]]:
        left, busy = list(tasks), dict[Connection, tuple[_Worker, Task]]()
        try:
            while left or busy:
                idle = [worker for worker in self._workers[: jobs or None] if worker.connection not in busy]
                if not self._workers:
                    yield left.pop(), OutsideError("no process is left that renders", hint="is there enough memory? The next save begins others")
                for worker in idle[: len(left)]:
                    task = _fitting(worker, left)
                    busy[worker.connection] = worker, task
                    with suppress(OSError):  # it has ended, and is heard of as all that end
                        worker.connection.send((task, check, stage))
                for connection in wait([*busy]) if busy else ():
                    worker, task = busy.pop(cast("Connection", connection))
                    outcome = self._answer(worker, task)
                    if isinstance(outcome, EngrossError):
                        left.clear()
                    yield task, outcome
        except BaseException:
            self.dismiss()  # what they still write would come after the stage was cleared away
            raise

    def _answer(self, worker: _Worker, task: Task) -> Outcome:
        try:
            outcome = cast("Outcome | Exception", worker.connection.recv())
        except (EOFError, OSError):
            self._leave(worker)
            return OutsideError(f"the process that rendered {task.title} ended before its time", hint="is there enough memory? The next save begins another")
        if isinstance(outcome, Exception) and not isinstance(outcome, EngrossError):
            raise outcome
        worker.done, worker.last = worker.done + 1, task
        worker.known.add(task.title)
        return outcome

    def _begin(self, first: Task | None) -> _Worker:
        context = get_context("fork")
        mine, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, [mine, *(worker.connection for worker in self._workers)], first), daemon=True)
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # until the new process knows that they are not for it
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
        theirs.close()
        return _Worker(process, mine, known={first.title} if first else set(), last=first)

    def _replace(self, worker: _Worker, first: Task | None) -> None:
        self._leave(worker)
        self._workers.append(self._begin(first))

    def _leave(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.connection.close()


def _fitting(worker: _Worker, left: list[Task]) -> Task:
    """The first task that the worker knows, else the first."""
    place = next((place for place, task in enumerate(left) if task.title in worker.known), 0)
    return left.pop(place)


def _serve(orders: Connection, inherited: Sequence[Connection], first: Task | None) -> None:
    """A worker's life: it ends when the process that watches does, whose end of the pipe nobody else holds."""
    if parent := parent_process():
        end_with(parent.pid or 0)
    for number in ENDS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)
    for connection in inherited:
        connection.close()
    from engross.render import weasy, weasy_kept

    weasy.spent = deque(maxlen=1)
    if "weasyprint" in sys.modules:
        weasy_kept.keep_lines(LINES)
    gc.freeze()
    gc.disable()
    if first:
        _attempt(first, None, None)
    uncollected = 1
    with suppress(EOFError, OSError):
        while True:
            if uncollected >= LOOK_FOR_GARBAGE or (uncollected and not orders.poll(PAUSE)):
                gc.collect()
                uncollected = 0
            outcome = _attempt(*orders.recv())
            orders.send(outcome)
            weasy.spent.clear()
            uncollected += 1


def _attempt(task: Task, check: Check | None, stage: Path | None) -> Outcome | Exception:
    """What goes wrong travels as a value, with where it went wrong as a note."""
    try:
        return workers.attempt(task, check, stage)
    except Exception as error:  # noqa: BLE001  it is raised again where somebody hears it
        error.add_note(traceback.format_exc())
        return error
