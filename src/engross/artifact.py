"""The output folder of an edition: a set of files and the manifest that vouches for them, replaced as one.

A new set is staged beside the old one, hard links standing for what did not change, and the two folders change places in one step
(renameat2(2) with RENAME_EXCHANGE). A crash leaves the old set or the new one. Readers trust only files whose digest the manifest gives.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

from engross.errors import EngrossError
from engross.files import failpoint, sync_directory, sync_files, write_atomic
from engross.values import value_class

MANIFEST = "manifest.json"
FORMAT = 1
SIGNED = ("signed-pdf", "signed-manifest")
"""Kinds of files that signing adds to a set. A build keeps them and never makes or replaces one."""


class Busy(EngrossError):
    """Another build writes the sets of the letter at this moment."""


@value_class
class Artifact:
    """One file of the set."""

    path: str
    """Relative to the set's folder."""
    sha256: str
    bytes: int
    kind: str
    """`pdf`, `docx`, `html`, `txt`, `fax-tiff` or `fax-pdf`; `signed-pdf` and `signed-manifest` when officers signed."""
    language: str
    """Empty for what belongs to all languages."""
    recipe: str
    """Digest of everything the file was made from: equal recipes give equal bytes."""
    pages: int | None = None
    mission: str = ""


@value_class
class Manifest:
    """What a set consists of and what it was made from."""

    letter: str
    edition: int
    state: str
    """`draft` or `official`."""
    artifacts: tuple[Artifact, ...] = ()
    seals: Mapping[str, str] = field(default_factory=dict)
    """Seal digest of the text by language."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each file the set was made from, by its path in the workspace."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of engross, of the libraries that decide the bytes, and of Python."""
    fonts: Mapping[str, str] = field(default_factory=dict)
    """What each font says its version is, by its file's path in the workspace; `inputs` has its digest."""

    def to_json(self) -> bytes:
        """Sorted, indented, UTF-8; a line for each fact, so that a diff of two manifests reads well."""
        value = {"format": FORMAT, **asdict(self)}
        value["artifacts"] = [{k: v for k, v in entry.items() if v not in (None, "")} for entry in value["artifacts"]]
        return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()

    def find(self, path: str) -> Artifact | None:
        """The entry of a file, if the set has it."""
        return next((entry for entry in self.artifacts if entry.path == path), None)


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a set, or nothing if there is none or it cannot be read: then the set vouches for nothing."""
    recover(folder)
    try:
        value: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        if value.pop("format") != FORMAT:
            return None
        return Manifest(**{**value, "artifacts": tuple(Artifact(**{"language": "", **entry}) for entry in value["artifacts"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def intact(folder: Path, entry: Artifact) -> bool:
    """Whether the file stands in the folder with the bytes the manifest gives."""
    try:
        return digest((folder / entry.path).read_bytes()) == entry.sha256
    except OSError:
        return False


def damaged(folder: Path, manifest: Manifest) -> list[str]:
    """The files that are missing or differ from what the manifest says."""
    return [entry.path for entry in manifest.artifacts if not intact(folder, entry)]


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One build at a time writes the sets of a letter. A build that comes to nothing leaves no folder that was not there.

    Raises:
        Busy: another build holds the lock.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / ".lock").open("w") as stream:
        lock = Path(stream.name)
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not lock.exists() or not os.path.samestat(lock.stat(), os.fstat(stream.fileno())):
                raise BlockingIOError  # who held it has taken the file away
        except BlockingIOError as error:
            raise Busy(f"another build is writing {folder.parent}", hint="wait for it to end, then run the command again") from error
        recover(folder)
        try:
            yield
        finally:
            if [entry.name for entry in folder.parent.iterdir()] == [lock.name]:
                lock.unlink()
                folder.parent.rmdir()


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Where the files of the next set are written as they are made, beside `folder`; gone afterwards, whatever happens. Use it under `locked`."""
    staged = _staged(folder)
    shutil.rmtree(staged, ignore_errors=True)
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def publish(folder: Path, files: Mapping[str, bytes], manifest: Manifest, *, made: Collection[str] = ()) -> None:
    """Make `folder` hold exactly the manifest's artefacts, foreign files untouched, the manifest last.

    Its files come from `files`, from where `staging` has them (`made`), or stay as they stand. Files that the previous manifest named and this one does
    not are gone afterwards. Call it under `locked`.
    """
    staged, previous = _staged(folder), read_manifest(folder)
    named = {entry.path for entry in manifest.artifacts}
    dropped = {entry.path for entry in previous.artifacts} - named if previous else set()
    if not made:
        shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        _link_tree(folder, staged, skip=dropped | set(files) | set(made) | {MANIFEST})
    sync_files(staged / name for name in made)
    for name in sorted(files):
        write_atomic(staged / name, files[name])
    failpoint("staged")
    write_atomic(staged / MANIFEST, manifest.to_json())
    failpoint("before-exchange")
    if folder.exists():
        _exchange(staged, folder)
        failpoint("after-exchange")
        sync_directory(folder.parent)
        shutil.rmtree(staged)
    else:
        staged.rename(folder)
        sync_directory(folder.parent)
    failpoint("published")


def recover(folder: Path) -> None:
    """Undo what a crash in the middle of `publish` may have left, where folders cannot change places in one step."""
    aside = folder.with_name(f".{folder.name}.old")
    if aside.exists() and not folder.exists():
        aside.rename(folder)


def _staged(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.new")


def _link_tree(source: Path, target: Path, skip: set[str]) -> None:
    for path in sorted(source.rglob("*")):
        name = path.relative_to(source)
        if path.is_dir() or name.as_posix() in skip:
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, target / name, follow_symlinks=False)
        except OSError:
            shutil.copy2(path, target / name, follow_symlinks=False)


_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def _exchange(one: Path, other: Path) -> None:
    """Let two folders change places, in one step where the system can."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 and renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return
    number = ctypes.get_errno() if renameat2 else errno.ENOSYS
    if number not in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        raise EngrossError(f"cannot replace {other}: {os.strerror(number)}", hint="check that the output folder may be written")
    aside = other.with_name(f".{other.name}.old")
    other.rename(aside)
    failpoint("aside")
    one.rename(other)
    aside.rename(one)
