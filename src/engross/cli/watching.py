"""The command `watch`: drafts follow the files as they are saved; what is wrong is told, and what is mended too."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from engross.cli import frame

if TYPE_CHECKING:
    from engross.errors import EngrossError, Problem
    from engross.pipeline import Built
    from engross.project import Project
    from engross.watch.looking import Watcher
    from engross.watch.session import Round, Session

CHECK = 1.0
"""Seconds after which, if nothing is saved, the program looks whether it was itself replaced, or a build that stood in the way has ended."""

MANY, UNTRANSLATED = 5, ": untranslated: "
"""Of more texts that were translated at once only the number is told, by catalogue; how their problems are told apart from others."""


def register(app: typer.Typer) -> None:
    """Add the command `watch`."""
    app.command()(watch)


def watch(
    letters: Annotated[Optional[list[str]], typer.Argument(help="Ids of letters; all when none is given.", show_default=False)] = None,  # noqa: UP045 - Typer reads this at run time
    languages: Annotated[Optional[list[str]], typer.Option("--language", "-l", help="A language; may be given several times. All when not given.", show_default=False)] = None,  # noqa: UP045
    formats: Annotated[Optional[list[str]], typer.Option("--format", "-f", help="As of build; may be given several times.", show_default=False)] = None,  # noqa: UP045
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=0, help="Processes; 0 takes every core.")] = 0,
) -> None:
    """Build drafts whenever content, a catalogue, the layout or the settings are saved, in a moment, until Ctrl-C.

    Only what the change demands is made again, with the same bytes as by build. Problems are told with file and line; what is signed or frozen is never touched.
    """
    from engross.cli import building
    from engross.project import find
    from engross.watch.looking import Watcher
    from engross.watch.session import Session

    request = building.request(letters or (), languages or (), formats or (), (), official=False, paper="", jobs=jobs)
    project = find(Path.cwd())
    watcher = Watcher(project.root)
    with _until_told(), closing(Session(project, request)) as session:
        _announce(project, request.letters)
        _follow(session, watcher)


def _announce(project: Project, letters: tuple[str, ...]) -> None:
    from engross.content import editions

    frame.say("watching content/, translations/, layouts/ and pyproject.toml; Ctrl-C ends it")
    for letter in project.pick(letters):
        for edition in editions.editions(project, letter):
            frame.say(f"{letter}: edition {edition} is signed and stays as it is; what is made here are drafts")


def _follow(session: Session, watcher: Watcher) -> None:
    """Build, tell, wait for the next save, without end.

    Raises:
        UsageError: there is no such letter, language or format.
        OutsideError: a library that rendering needs is missing.
    """
    from engross.errors import OutsideError, UsageError
    from engross.watch.looking import program

    told, itself, noticed = Told(session.root), program(), watcher.clock()
    first = True
    while True:
        turn = session.build(watcher.seen)
        if turn and (turn.busy or watcher.moved()):
            session.distrust()
        if turn:
            for result in turn.results.values():
                if first and isinstance(result, (UsageError, OutsideError)):
                    raise result
            told.tell(turn, watcher.clock() - noticed)
            if first:
                session.warm_up()
        first = False
        while (saved := watcher.wait(CHECK)) is None and not (turn and turn.busy):
            if program() != itself:
                _begin_anew(session)
        noticed = saved or watcher.clock()


def _begin_anew(session: Session) -> None:
    """Put the program as it is now in the place of this one, as soon as whoever changes it is done."""
    from engross.watch.looking import PATIENCE, program

    session.close()
    frame.say("engross itself has changed: it begins anew")
    before: object = None
    while (now := program()) != before or not now:
        before = now
        time.sleep(PATIENCE)
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606  the same command as it was given


@contextmanager
def _until_told() -> Iterator[None]:
    """Ctrl-C ends the command in order, and so do the ways in which systems and closing windows end it; none of them twice."""
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(*_: object) -> None:
        for each in ends:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in ends:
        signal.signal(each, stop)
    try:
        yield
    except KeyboardInterrupt:
        with suppress(OSError):
            frame.say("stopped")


class Told:
    """What people have been told and what still holds of it: a problem is told when it comes and when it goes, an error at each build that it stops."""

    def __init__(self, root: Path) -> None:
        self._root, self._begun = root, False
        self._standing: dict[str, dict[str, bool]] = {}
        """By letter the problems that stand, in words without their line, and whether they stop the build."""

    def tell(self, turn: Round, seconds: float) -> None:
        """Tell what came of a look, and how long it took since the first change was noticed."""
        for name in turn.saved if self._begun else ():
            frame.say(f"{name} saved" if (self._root / name).exists() else f"{name} is gone")
        for letter in () if "" in turn.results else [name for name in self._standing if name not in turn.results]:
            self._mended(letter, {})
        for letter, result in turn.results.items():
            self._letter(letter, result, seconds)
        self._begun = True

    def _letter(self, letter: str, result: Built | EngrossError, seconds: float) -> None:
        from engross.cli.building import gathered, said
        from engross.errors import EngrossError, Rejected

        before = self._standing.get(letter, {})
        if isinstance(result, EngrossError):
            problems = result.problems if isinstance(result, Rejected) else ()
            now = {_key(problem): problem.is_error for problem in problems} or {result.message: True}
            if not problems and now.keys() <= before.keys():
                return
            now = {**{key: False for key, stops in before.items() if not stops}, **now}
        else:
            problems = result.problems
            now = {_key(problem): False for problem in problems}
        for line in frame.problem_lines(gathered([problem for problem in problems if now[_key(problem)] or _key(problem) not in before])):
            frame.show(*line)
        self._mended(letter, now)
        if isinstance(result, EngrossError):
            frame.fail(EngrossError(result.message, hint=result.hint))
            frame.say(f"{letter or 'the workspace'}: nothing was made, what stood in output/ stays ({seconds:.2f} s)")
        else:
            waiting = sum(problem.code == "untranslated" for problem in problems)
            left = f"; {frame.many(waiting, 'text')} not translated" if waiting else ""
            frame.say(f"{said(self._root, result, len(result.made))}{left} ({seconds:.2f} s)")

    def _mended(self, letter: str, now: dict[str, bool]) -> None:
        gone = [key for key in self._standing.pop(letter, {}) if key not in now]
        many = len(gone) > MANY
        for path, count in Counter(key.partition(UNTRANSLATED)[0] for key in gone if many and UNTRANSLATED in key).items():
            frame.say(f"mended: {path}: {frame.many(count, 'text')} translated")
        for key in gone:
            if not many or UNTRANSLATED not in key:
                frame.say(f"mended: {key}")
        self._standing[letter] = now


def _key(problem: Problem) -> str:
    return f"{problem.where.path}: {problem.code}: {problem.message}"
