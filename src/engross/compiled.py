"""What Python compiles anew in each process, kept in the user's cache folder: the regular expressions and dataclasses of modules, and CSS selectors, 90 ms of a build.

They are functions of a text and of the Python that compiles it, so one file for each Python is never out of date. It holds code, as Python's own caches do: it is taken only if
nobody else can have written it and it is whole. Of expressions only those are kept that a module has when it is loaded: others may tell of a letter, or be a secret to mask.
"""

from __future__ import annotations

import builtins
import hashlib
import marshal
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from struct import pack
from types import CodeType, SimpleNamespace
from typing import Any, cast

MOST = 5000
"""So many are kept; when there are more, those that a process took or made."""
FEW = 20
"""So many new ones, or fewer, are not worth a file: libraries build some expressions from sets, whose order is another in each process."""
_DIGEST = hashlib.sha256().digest_size
_LOADER = "<frozen importlib._bootstrap>"


class Compiled:
    """What was compiled before, by its text, and what was taken or compiled since. Expressions have a pattern and flags as key, functions of dataclasses their source."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / hashlib.sha256(repr((MAGIC_NUMBER, sys.version)).encode()).hexdigest()[:32]
        self._kept = self._read()
        self._used: dict[object, Any] = {}
        self._new = 0
        self._sre: Any = import_module("_sre")
        self._compiler: Any = import_module("re._compiler")
        self._dataclasses: Any = import_module("dataclasses")
        self._stock = self._compiler.compile
        self._last: tuple[Any, ...] = ()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Meanwhile `re` and `dataclasses` ask here first."""
        self._compiler._sre = SimpleNamespace(**{**vars(self._sre), "compile": self._note})  # noqa: SLF001  there is no public place to ask at
        self._compiler.compile = self.pattern
        self._dataclasses.exec = self.execute
        try:
            yield
        finally:
            self._compiler._sre = self._sre  # noqa: SLF001
            self._compiler.compile = self._stock
            del self._dataclasses.exec

    def _note(self, *found: Any) -> Any:
        self._last = found
        return self._sre.compile(*found)

    def pattern(self, pattern: Any, flags: int = 0) -> Any:
        """As `re._compiler.compile`.

        Raises:
            re.error: it is no regular expression.
        """
        key = (pattern, int(flags)) if type(pattern) is str else None
        known = self._kept.get(key)
        if known is None:
            made = self._stock(pattern, flags)
            if key and _in_a_module():
                _, every, words, groups, index, names = self._last
                self._used[key] = (int(every), pack(f"{len(words)}I", *words), groups, dict(index), tuple(names))
                self._new += 1
            return made
        self._used[key] = known
        every, code, *rest = known
        return self._sre.compile(pattern, every, memoryview(code).cast("I").tolist(), *rest)

    def execute(self, source: str, scope: dict[str, Any], names: dict[str, Any]) -> None:
        """As `exec` of a text."""
        builtins.exec(self._code(source, source, "exec"), scope, names)  # noqa: S102  what `dataclasses` wants done

    def evaluate(self, source: str, scope: dict[str, Any], names: dict[str, Any]) -> Any:
        """As `eval` of a text."""
        return builtins.eval(self._code((source, "eval"), source, "eval"), scope, names)  # noqa: S307  what who calls this wants done

    def _code(self, key: object, source: str, mode: str) -> CodeType:
        code = self._kept.get(key)
        if code is None:
            code = marshal.dumps(compile(source, "<string>", mode, dont_inherit=True))
            self._new += 1
        self._used[key] = code
        return cast("CodeType", marshal.loads(code))  # noqa: S302  what this user's own process wrote

    def save(self) -> None:
        """Keep what is new, besides what other processes kept meanwhile. Where that cannot be, nothing is kept."""
        if self._new <= FEW:
            return
        from engross.errors import EngrossError
        from engross.files import write_atomic

        self._new = 0
        every = {**self._read(), **self._used}
        data = marshal.dumps(every if len(every) <= MOST else self._used)
        with suppress(OSError, EngrossError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomic(self._file, hashlib.sha256(data).digest() + data, mode=0o600)

    def _read(self) -> dict[object, Any]:
        with suppress(OSError):
            data = self._file.read_bytes() if ours(self._file.parent) and ours(self._file) else b""
            if data and hashlib.sha256(data[_DIGEST:]).digest() == data[:_DIGEST]:
                return dict(marshal.loads(data[_DIGEST:]))  # noqa: S302  what this user's own process wrote
        return {}


def _in_a_module() -> bool:
    """Whether a module is just being loaded."""
    frame = sys._getframe()  # noqa: SLF001  `inspect` takes longer to load than this saves
    while frame.f_back:
        frame = frame.f_back
        if frame.f_code.co_filename == _LOADER:
            return True
    return False


@contextmanager
def kept() -> Iterator[None]:
    """Take from the cache what it has, and keep what it has not: before a process is forked from this one or from its children, and in the end."""
    from platformdirs import user_cache_path

    cache = Compiled(user_cache_path("engross") / "compiled")
    current.append(cache)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=cache.save)  # the foreman never returns from its fork, and forks the processes that render when all is loaded
    with cache.in_use():
        try:
            yield
        finally:
            current.remove(cache)
            cache.save()


current: list[Compiled] = []
"""The cache that is in use, if one is: for libraries that compile what they read."""


def ours(path: Path) -> bool:
    """Whether a path is there and nobody but this user can have written it."""
    try:
        found = path.stat()
    except OSError:
        return False
    return os.name == "nt" or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
