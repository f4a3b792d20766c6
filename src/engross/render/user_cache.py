"""Code that was compiled once, kept in the user's cache folder for other processes.

A file is named after what it was made from and what made it, so a changed source or another version never meets an old one. It holds code, as Python's own caches do: it is
taken only if nobody else can have written it and it is whole. Where no cache can be kept, each process compiles for itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import MAGIC_NUMBER
from pathlib import Path

from engross.errors import EngrossError
from engross.files import read_or_empty, write_atomic

KEPT = 64
"""So many files are kept of a kind, those written last."""
_DIGEST = hashlib.sha256().digest_size


def place(kind: str) -> Path:
    """Where the user's cache has a kind of files; a path at which nothing can be kept where nobody knows the user's home."""
    from platformdirs import user_cache_path

    try:
        return user_cache_path("engross") / kind
    except RuntimeError:
        return Path(os.devnull) / kind


class UserCache:
    """A folder of compiled code, made by the Python source files `makers`."""

    def __init__(self, folder: Path, makers: Iterable[str | Path]) -> None:
        self._folder = folder
        facts = [(str(file), found.st_size, found.st_mtime_ns) for file in makers for found in (Path(file).stat(),)]
        self._makers = hashlib.sha256(repr((MAGIC_NUMBER, facts)).encode()).hexdigest()

    def get(self, name: str) -> bytes:
        """What was kept under a name; empty if nothing was, or it cannot be trusted."""
        file = self._file(name)
        data = b""
        with suppress(OSError):  # it is a folder, may not be read, or lies on a share that is gone
            data = read_or_empty(file) if _ours(self._folder) and _ours(file) else b""
        return data[_DIGEST:] if hashlib.sha256(data[_DIGEST:]).digest() == data[:_DIGEST] else b""

    def put(self, name: str, code: bytes) -> None:
        """Keep it, where that is possible."""
        with suppress(OSError, EngrossError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomic(self._file(name), hashlib.sha256(code).digest() + code)
            for old in sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)[KEPT:]:
                old.unlink()

    def _file(self, name: str) -> Path:
        return self._folder / hashlib.sha256(f"{self._makers} {name}".encode()).hexdigest()[:32]


def _ours(path: Path) -> bool:
    """Whether a path is there and nobody but this user can have written it."""
    try:
        found = path.stat()
    except OSError:
        return False
    return os.name == "nt" or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
