"""What lies in the workspace, looked at again and again: cheap marks say that something was saved, digests say whether it is something else now.

Polled, not announced by the system: inotify(7) and its like lose folders that a version control system replaces, hear nothing of a share that another
machine writes to, and would be one more package with a compiled part. A look at some hundred files takes a millisecond.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from engross import recall

Mark = tuple[int, int, int, int]
"""Size, times of the last change of content and of the entry (nanoseconds), and number of a file (stat(2)). A save changes at least one of them."""

POLL = 0.05
"""Seconds between two looks."""
STILL = 0.06
"""Seconds in which nothing may change before it is built: a save is often several writes, and a save of several files one act."""
PATIENCE = 0.6
"""The same when a file is gone or empty now: many editors empty a file, or move it away, before they write it."""

DEEPEST = 6
"""Levels of folders."""


def marks(root: Path) -> dict[str, Mark]:
    """The mark of every file that a build may read, by its path in the workspace; what editors keep beside their files is left out (`recall.is_scratch`)."""
    found: dict[str, Mark] = {}
    with suppress(OSError):
        found[recall.SETTINGS] = _mark((root / recall.SETTINGS).stat())
    for tree in recall.TREES:
        found.update(_files(root / tree, tree))
    return found


def standing(root: Path, tree: str, seen: Mapping[str, Mark] | None = None) -> object:
    """What tells whether a tree was written to between two moments, also when all was undone by the second: its files' marks, as seen or as they are, and when entries of its folders last changed."""
    files = {name: mark for name, mark in (marks(root) if seen is None else seen).items() if name.startswith(f"{tree}/")}
    folders = {str(Path(name).parent) for name in files}
    times = {}
    for name in folders:
        with suppress(OSError):
            times[name] = (root / name).stat().st_mtime_ns
    return _content(files), times


def program() -> dict[str, Mark]:
    """The marks of the program's sources, and of the records of the libraries beside it: who installs another version wants to see what comes of it."""
    found = {name: mark for name, mark in _files(Path(__file__).parents[1], "engross") if name.endswith(".py")}
    for place in map(Path, sys.path):
        with suppress(OSError):
            found.update((path.name, _mark(path.stat())) for path in place.glob("*.dist-info"))
    return found


def _files(folder: Path, name: str) -> Iterator[tuple[str, Mark]]:
    """The files below a folder but for scratch, links followed, as deep as a workspace goes (a link may lead back). What is gone between the listing and the look was never there."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            path = f"{name}/{entry.name}"
            with suppress(OSError):
                if recall.is_scratch(entry.name):
                    continue
                if entry.is_file():
                    yield path, _mark(entry.stat())
                elif name.count("/") < DEEPEST:
                    yield from _files(folder / entry.name, path)


def _content(seen: Mapping[str, Mark]) -> dict[str, tuple[int, int, int]]:
    return {name: (size, changed, number) for name, (size, changed, _, number) in seen.items()}


def _mark(facts: os.stat_result) -> Mark:
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino


class Digests:
    """SHA-256 of the files of a workspace; a file is read only when its mark is another."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, tuple[Mark, str]] = {}

    def of(self, seen: Mapping[str, Mark]) -> dict[str, str]:
        """The digests of the files that were seen; those that cannot be read any more are left out."""
        known: dict[str, tuple[Mark, str]] = {}
        for name, mark in seen.items():
            entry = self._known.get(name)
            if entry and entry[0] == mark:
                known[name] = entry
                continue
            try:
                known[name] = (mark, hashlib.sha256((self._root / name).read_bytes()).hexdigest())
            except OSError:
                continue
        self._known = known
        return {name: digest for name, (_, digest) in known.items()}


class Watcher:
    """Waits for saves. `seen` is what the last look that was taken for settled saw."""

    def __init__(
        self, root: Path, *, look: Callable[[Path], dict[str, Mark]] = marks, pause: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root, self._look, self._pause, self.clock = root, look, pause, clock
        self.seen = look(root)

    def moved(self) -> bool:
        """Whether something was saved since the last look that was taken for settled. A file that only got another name or mode besides (its entry is younger, no more) was not."""
        return _content(self._look(self._root)) != _content(self.seen)

    def wait(self, longest: float) -> float | None:
        """Wait until something was saved and stands still, at most `longest` seconds if nothing is.

        Returns:
            When the first of the changes was noticed, by `clock`; None if there was none.
        """
        begun = noticed = since = self.clock()
        last = self.seen
        while True:
            now, moment = self._look(self._root), self.clock()
            if now != last:
                noticed = moment if last == self.seen else noticed
                last, since = now, moment
            elif now == self.seen and moment - begun >= longest:
                return None
            elif now != self.seen and moment - since >= self._patience(now):
                self.seen = now
                return noticed
            self._pause(POLL)

    def _patience(self, now: Mapping[str, Mark]) -> float:
        missing = self.seen.keys() - now.keys()
        emptied = any(mark[0] == 0 and self.seen.get(name, mark)[0] for name, mark in now.items())
        return PATIENCE if missing or emptied else STILL
