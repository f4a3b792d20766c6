"""Processes that render, called together before there is anything to render: they load WeasyPrint while the letter is still being read.

The first, the foreman, is forked at once. It loads what rendering needs, touches no Pango (whose threads do not survive a fork), and waits for the
tasks; then it forks the workers and passes on what they report. A crew that is not needed after all is sent home and has cost nobody time.
"""

from __future__ import annotations

import fcntl
import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import IO, TYPE_CHECKING

from engross.errors import EngrossError, OutsideError
from engross.files import sync_files

if TYPE_CHECKING:
    from pathlib import Path

    from engross.artifact import Artifact
    from engross.task import Task
    from engross.workers import Check, Outcome, Progress

LAID_OUT = ("pdf", "fax", "bilingual", "email")
"""Formats that WeasyPrint sets."""
ROOM = 1 << 20
"""Bytes that an order may have before it has to wait for the foreman: what anybody may ask for (/proc/sys/fs/pipe-max-size). Twelve tasks have 131 kB."""


class Crew:
    """A foreman that waits for work. `run` is that of `workers`, for one set of tasks after another."""

    def __init__(self, layouts: Path) -> None:
        there, self._orders = os.pipe()
        with suppress(OSError):  # else tasks of several languages would have to wait in front of the pipe until the foreman is ready
            fcntl.fcntl(self._orders, fcntl.F_SETPIPE_SZ, ROOM)
        self._reports, back = os.pipe()
        parent = os.getpid()
        self.foreman = os.fork()
        """Its process id."""
        if self.foreman == 0:
            from engross.pool import end_with

            end_with(parent)
            os.close(self._orders)
            os.close(self._reports)
            _work(layouts, there, back)
        self._dismissed = False
        self._begun: Sequence[Task] | None = None
        os.close(there)
        os.close(back)
        self._out: IO[bytes] = os.fdopen(self._orders, "wb")
        self._in: IO[bytes] = os.fdopen(self._reports, "rb")

    def begin(self, tasks: Sequence[Task], jobs: int, check: Check | None = None, stage: Path | None = None) -> None:
        """Start on the last tasks that `run` is going to ask for. Who changes his mind dismisses the crew."""
        if tasks:
            self._begun = tasks
            self._order(tasks, jobs, check, stage)
            with suppress(BrokenPipeError):
                self._out.close()  # so that the crew goes home when it is done, while the caller still publishes: clearing up its memory takes 5 ms

    def _order(self, *order: object) -> None:
        with suppress(BrokenPipeError):  # who waits for a report will tell
            pickle.dump(order, self._out, pickle.HIGHEST_PROTOCOL)
            self._out.flush()

    def run(self, tasks: Sequence[Task], jobs: int, progress: Progress, check: Check | None = None, stage: Path | None = None) -> list[Artifact]:
        """As `workers.run`; after a failure nothing of the crew writes any more."""
        from engross import workers

        try:
            return workers.collect(tasks, self._outcomes(tasks, jobs, check, stage), progress) if tasks else []
        except BaseException:
            self.dismiss()
            raise

    def _outcomes(self, tasks: Sequence[Task], jobs: int, check: Check | None, stage: Path | None) -> Iterator[tuple[Task, Outcome]]:
        if self._begun is not tasks:
            self._order(tasks, jobs, check, stage)
        self._begun = None
        try:
            while (report := pickle.load(self._in)) is not None:  # noqa: S301  what our own process wrote
                if isinstance(report, BaseException):
                    raise report
                number, outcome = report
                if stage and not isinstance(outcome, EngrossError):
                    with suppress(OSError):  # publishing will tell: this is for the disk to begin while others still render
                        sync_files(stage / entry.path for entry in outcome)
                yield tasks[number], outcome
        except (EOFError, BrokenPipeError) as error:
            raise OutsideError("a process that renders ended before its time", hint="is there enough memory? try again with --jobs 1") from error

    def dismiss(self) -> None:
        """Send the crew home, whatever it does, and wait until nothing of it can write any more."""
        if self._dismissed:  # its process id may be another's by now
            return
        self._dismissed = True
        with suppress(ProcessLookupError):
            os.kill(self.foreman, signal.SIGTERM)
        for end in (self._out, self._in):
            with suppress(OSError):
                end.close()
        with suppress(ChildProcessError):
            os.waitpid(self.foreman, 0)


@contextmanager
def called(layouts: Path, formats: Sequence[str], jobs: int) -> Iterator[Crew | None]:
    """A crew for a build of `formats` (all when empty), or none where it would gain nothing: nothing to lay out, one process only, WeasyPrint loaded already."""
    if (formats and not set(LAID_OUT) & set(formats)) or jobs == 1 or (os.cpu_count() or 1) < 2 or "weasyprint" in sys.modules or not (layouts / "fonts").is_dir():
        yield None
        return
    from engross import markup, workers  # noqa: F401  what both are going to need is loaded once, before they part

    crew = Crew(layouts)
    try:
        yield crew
    finally:
        crew.dismiss()


def _work(layouts: Path, orders: int, reports: int) -> None:
    """The foreman's day; it never returns."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is its parent's to hear, which dismisses it
        signal.signal(signal.SIGTERM, _leave)
        _serve(layouts, os.fdopen(orders, "rb"), os.fdopen(reports, "wb"))
        status = 0
    except (EOFError, BrokenPipeError, _Dismissed):
        pass
    finally:
        os._exit(status)


class _Dismissed(BaseException):
    """The foreman is told to go home."""


def _leave(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Dismissed


def _serve(layouts: Path, orders: IO[bytes], reports: IO[bytes]) -> None:
    from engross import workers

    def report(value: object) -> None:
        pickle.dump(value, reports, pickle.HIGHEST_PROTOCOL)
        reports.flush()

    gc.disable()  # what it loads stays, and it makes nothing else
    trouble = _attempt(lambda: workers.make_ready(layouts))
    gc.freeze()
    while True:
        tasks, jobs, check, stage = pickle.load(orders)  # noqa: S301  what our own parent wrote
        report(trouble or _attempt(partial(_pass_on, report, tasks, jobs, check, stage)))


def _pass_on(report: Callable[[object], None], tasks: Sequence[Task], jobs: int, check: Check | None, stage: Path | None) -> None:
    """Have the tasks done and report each by its number."""
    from engross import workers

    number = {id(task): place for place, task in enumerate(tasks)}
    with closing(workers.outcomes(tasks, jobs, check, stage, ready=True)) as found:
        for task, outcome in found:
            report((number[id(task)], outcome))


def _attempt(act: Callable[[], None]) -> Exception | None:
    """What goes wrong in an act, with where it went wrong as a note, since a traceback does not travel."""
    import traceback

    try:
        act()
    except Exception as error:  # noqa: BLE001  it is raised again where somebody hears it
        error.add_note(traceback.format_exc())
        return error
    return None
