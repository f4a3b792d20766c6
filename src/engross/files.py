"""The only writer of files: every write is whole or absent, also through a crash or a full disk."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from engross.errors import EngrossError

FAILPOINT_VARIABLE = "ENGROSS_FAILPOINT"
"""Names the point at which a test crashes the process; see `failpoint`."""


class StaleFile(EngrossError):
    """A file changed between reading and writing: somebody saved it meanwhile. Nothing was written."""


def failpoint(name: str) -> None:
    """Die here, at once and without clean-up, if the environment says so. Crash tests use it; it costs one look-up."""
    if os.environ.get(FAILPOINT_VARIABLE) == name:
        os._exit(137)


def write_atomic(path: Path, data: bytes, *, mode: int = 0o644, expected: bytes | None = None) -> None:
    """Replace `path` by `data`, or leave it as it was.

    The bytes go to a temporary file in the same directory, are flushed to disk, and take the name in one step (rename(2)).
    With `expected`, the file must still hold those bytes: what somebody saved since is never overwritten.

    Raises:
        StaleFile: `path` no longer holds `expected`.
        EngrossError: the disk is full, read-only, or the folder may not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, mode)
            failpoint(f"before-rename:{path.name}")
            if expected is not None and read_or_empty(path) != expected:
                raise StaleFile(f"{path} was saved by somebody else while this command ran", hint="run the command again")
            os.replace(temporary, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        sync_directory(path.parent)
    except OSError as error:
        hint = "free some space" if error.errno == errno.ENOSPC else "check that the folder exists and may be written"
        raise EngrossError(f"cannot write {path}: {error.strerror}", hint=hint) from error
    failpoint(f"after-rename:{path.name}")


def write_all(root: Path, contents: Mapping[str, bytes]) -> None:
    """Write several files below `root`, each atomically, in the mapping's order: put the file that readers trust last."""
    for name, data in contents.items():
        write_atomic(root / name, data)


def write_staged(path: Path, data: bytes) -> None:
    """Write a file into a folder that is being made and that nobody reads yet: no temporary name, and nothing waits for the disk (`sync_files` does, once for all).

    Raises:
        EngrossError: the disk is full, read-only, or the folder may not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
    except OSError as error:
        hint = "free some space" if error.errno == errno.ENOSPC else "check that the folder exists and may be written"
        raise EngrossError(f"cannot write {path}: {error.strerror}", hint=hint) from error


def sync_files(paths: Iterable[Path]) -> None:
    """Make staged files survive a power cut (fsync(2) on each)."""
    for path in paths:
        sync_directory(path)


def read_or_empty(path: Path) -> bytes:
    """The file's bytes, or none when there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def sync_directory(path: Path) -> None:
    """Make a rename in `path` survive a power cut (fsync(2) on the directory)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def inside(root: Path, path: Path) -> bool:
    """Whether `path`, links followed, lies in `root`."""
    return path.resolve().is_relative_to(root.resolve())
