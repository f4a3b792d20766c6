"""What a build said, recalled while nothing has changed: neither what it was made from, nor what it made.

A build that has nothing to do should cost no more than finding that out. So this module imports next to nothing, no dataclasses even, and is asked
before the command line is. It compares digests, never times, and knows only two answers: the very words of the last build, or nothing.
Nothing means that there is a doubt of whatever kind; then the build looks for itself.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = "pyproject.toml"
FILE = ".recall.json"
"""In the folder `output/`; who removes it loses nothing but a moment."""
FORMAT = 2
KEPT = 8
"""So many different requests are remembered."""
TREES = ("content", "translations", "layouts")
FONTS = "layouts/fonts"
"""By far the most bytes, and what changes least: looked at last."""
Line = tuple[int, str]
"""1 for standard output, 2 for a warning and 3 for an error on standard error; and the text."""


class Doubtful(Exception):
    """Something is not as a build would expect it."""


class Seen:
    """How a build finds the files it reads, and the program that reads them: taken before it begins, so that what is changed meanwhile makes the next one look again."""

    def __init__(self) -> None:
        """Nothing is seen yet."""
        self.files: dict[str, str] = {}
        """The digests of the inputs (`inputs`)."""
        self.mark = ""
        """The digest over them and the program (`fingerprint`); empty if there is a doubt."""
        self.texts_mark = ""
        """The digest over the inputs without fonts."""
        self._texts: dict[str, str] = {}

    def texts(self, root: str | Path, letters: Sequence[str]) -> str:
        """`texts_mark`, taken now if it was not before: where it differs, nobody has to wait until all fonts are read."""
        self._texts = self._texts or _texts(os.fspath(root), letters)
        self.texts_mark = self.texts_mark or _total(self._texts).hexdigest()
        return self.texts_mark

    def digests(self, root: str | Path, letters: Sequence[str]) -> Mapping[str, str]:
        """Those of the inputs, taken now as far as they were not before; none if there is a doubt."""
        if not self.files:
            with suppress(OSError, Doubtful):
                self.texts(root, letters)
                self.files = self._texts | _fonts(os.fspath(root))
        return self.files

    def fingerprint(self) -> str:
        """The mark, made now if it was not before."""
        if self.files:
            with suppress(OSError, AttributeError):  # the latter: a Pango that does not say its version
                self.mark = self.mark or fingerprint(self.files)
        return self.mark


def inputs(root: str | Path, letters: Sequence[str] = ()) -> dict[str, str]:
    """SHA-256 of every file that a build of these letters (all, when none is named) may read, by its path in the workspace.

    Raises:
        Doubtful: a folder is a link, or something is neither file nor folder: a build may follow it, this does not.
        OSError: a file cannot be read.
    """
    base = os.fspath(root)
    return _texts(base, letters) | _fonts(base)


def _texts(base: str, letters: Sequence[str]) -> dict[str, str]:
    found = {SETTINGS: _digest(os.path.join(base, SETTINGS))}
    for tree in TREES:
        if os.path.islink(os.path.join(base, tree)):
            raise Doubtful(tree)
        if os.path.isdir(os.path.join(base, tree)):
            _walk(base, tree, found, frozenset(letters) if tree == "content" else frozenset())
    return found


def _fonts(base: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if os.path.isdir(os.path.join(base, FONTS)):
        _walk(base, FONTS, found, frozenset())
    return found


def is_scratch(name: str) -> bool:
    """Whether a file is one that editors and translation tools keep beside the one they edit (swap files, locks, backups, compiled catalogues): no build reads it."""
    return name.startswith((".", "#", "~$")) or name.endswith(("~", ".bak", ".tmp", ".mo"))


def fingerprint(files: Mapping[str, str]) -> str:
    """One digest over the inputs, the program and the libraries that stand where Python looks for them."""
    total = _total(files)
    for fact in _program():
        total.update(f"{fact}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _total(files: Mapping[str, str]) -> hashlib._Hash:
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{files[name]}\n".encode("utf-8", "surrogateescape"))
    return total


def remember(root: Path, request: Sequence[object], seen: Seen, sets: Sequence[Path], lines: Sequence[Line]) -> None:
    """Keep what a build of `request` has to say from now on, as long as nothing changes.

    Args:
        root: the workspace.
        request: what was asked, as plain values.
        seen: inputs and program, with its mark, as they were before the build read any of them.
        sets: the folders it published, each with its manifest.json.
        lines: what it says when there is nothing to do.
    """
    import json

    from engross.files import write_atomic

    path = root / "output" / FILE
    manifests = {folder.relative_to(root).as_posix(): _digest(folder / "manifest.json") for folder in sets}
    kept = {key: value for key, value in _records(path).items() if key != _key(request)}
    kept = dict([*kept.items()][1 - KEPT :])
    kept[_key(request)] = {"texts": seen.texts_mark, "inputs": seen.mark, "sets": manifests, "lines": lines}
    write_atomic(path, json.dumps({"format": FORMAT, "records": kept}, ensure_ascii=False, indent=1).encode())


def answer(start: str, request: Sequence[object], environment: Mapping[str, str], seen: Seen | None = None) -> list[Line] | None:
    """What a build of `request` would say, if it would find nothing to do; None when that is not certain.

    Args:
        start: the folder in which the question is asked.
        request: what is asked, as `remember` was told it.
        environment: of the process; a variable that begins with ENGROSS_ is a doubt by itself.
        seen: gets what was looked at, for the build that has to follow.
    """
    if any(name.startswith("ENGROSS_") for name in environment):
        return None
    seen = seen or Seen()
    try:
        root = _workspace(start)
        record = _records(os.path.join(root, "output", FILE)).get(_key(request))
        letters = request[0]
        if record is None or not isinstance(letters, (list, tuple)) or seen.texts(root, letters) != record["texts"]:
            return None
        if not all(_intact(root, folder, manifest) for folder, manifest in record["sets"].items()):
            return None
        seen.digests(root, letters)
        if not seen.fingerprint() or record["inputs"] != seen.mark:
            return None
        return [(int(stream), str(text)) for stream, text in record["lines"]]
    except (Doubtful, OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _workspace(start: str) -> str:
    folder = os.path.realpath(start)
    while not os.path.isfile(os.path.join(folder, SETTINGS)):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            raise Doubtful("no workspace")
    return folder


def _key(request: Sequence[object]) -> str:
    return repr([list(part) if isinstance(part, (list, tuple)) else part for part in request])


def _records(path: str | Path) -> dict[str, Any]:
    import json

    try:
        with open(path, "rb") as stream:
            value = json.load(stream)
        return dict(value["records"]) if value["format"] == FORMAT else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _intact(root: str, name: str, manifest: str) -> bool:
    """Whether a set stands as its manifest says, the manifest is the one that was published, and nobody is writing in it."""
    import fcntl
    import json

    folder = os.path.join(root, name)
    with open(os.path.join(os.path.dirname(folder), ".lock"), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        with open(os.path.join(folder, "manifest.json"), "rb") as stream:
            data = stream.read()
        return hashlib.sha256(data).hexdigest() == manifest and all(_digest(os.path.join(folder, entry["path"])) == entry["sha256"] for entry in json.loads(data)["artifacts"])


_CHUNK = 1 << 16
"""Bytes read at once: fonts are large, and memory for each whole file would cost 10 ms; sources are small, and need one read."""


def _digest(path: str | Path) -> str:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        total = hashlib.sha256()
        while data := os.read(handle, _CHUNK):
            total.update(data)
        return total.hexdigest()
    finally:
        os.close(handle)


def _walk(base: str, folder: str, found: dict[str, str], only: frozenset[str]) -> None:
    """Add the digests of what lies in a folder of the workspace; `only` these of the folders in it, if any are named."""
    with os.scandir(os.path.join(base, folder)) as entries:
        for entry in entries:
            name = f"{folder}/{entry.name}"
            if is_scratch(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if name != FONTS and (not only or entry.name in only):
                    _walk(base, name, found, frozenset())
            elif entry.is_file():
                found[name] = _digest(entry.path)
            else:
                raise Doubtful(name)


def _program() -> list[str]:
    """The interpreter, the libraries by name and version, Pango, and the sources of the program: who changes those wants to see what comes of it."""
    import ctypes

    pango = ctypes.CDLL("libpango-1.0.so.0").pango_version
    libraries = sorted(name for folder in sys.path if os.path.isdir(folder) for name in os.listdir(folder) if name.endswith(".dist-info"))
    sources: dict[str, str] = {}
    _sources(os.path.dirname(os.path.abspath(__file__)), sources)
    return [sys.version, str(pango()), *libraries, *(f"{path} {sources[path]}" for path in sorted(sources))]


def _sources(folder: str, found: dict[str, str]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                _sources(entry.path, found)
            elif entry.name.endswith(".py"):
                found[entry.path] = _digest(entry.path)
