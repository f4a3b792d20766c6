"""Compiled page templates in the user's cache folder: Jinja takes forty milliseconds to compile those of a letter and its fax.

A file is named after the template's text and what compiles it, so a changed template or another Jinja never meets an old one. It holds code, as Python's own caches do: it is
taken only if nobody else can have written it and it is whole. Where no cache can be kept, templates are compiled in each process.
"""

from __future__ import annotations

import hashlib
import marshal
import os
from contextlib import suppress
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import jinja2.compiler
from jinja2.bccache import Bucket, BytecodeCache

from engross.errors import EngrossError
from engross.files import read_or_empty, write_atomic

KEPT = 64
"""So many templates are kept, those compiled last."""
_DIGEST = hashlib.sha256().digest_size


class TemplateCache(BytecodeCache):
    """Keeps what the templates of an environment compile to; `settings` is the source file that decides on that besides Jinja's compiler."""

    def __init__(self, folder: Path, settings: str) -> None:
        self._folder = folder
        facts = [(file, found.st_size, found.st_mtime_ns) for file in (jinja2.compiler.__file__, settings) for found in (Path(file).stat(),)]
        self._compiler = hashlib.sha256(repr((MAGIC_NUMBER, facts)).encode()).hexdigest()

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / hashlib.sha256(f"{self._compiler} {bucket.key} {bucket.checksum}".encode()).hexdigest()[:32]

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled before."""
        file = self._file(bucket)
        data = read_or_empty(file) if _ours(self._folder) and _ours(file) else b""
        if data and hashlib.sha256(data[_DIGEST:]).digest() == data[:_DIGEST]:
            bucket.code = marshal.loads(data[_DIGEST:])  # noqa: S302  what this user's own process wrote

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was just compiled."""
        code = marshal.dumps(bucket.code)
        with suppress(OSError, EngrossError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomic(self._file(bucket), hashlib.sha256(code).digest() + code)
            for old in sorted(self._folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)[KEPT:]:
                old.unlink()


def _ours(path: Path) -> bool:
    """Whether a path is there and nobody but this user can have written it."""
    try:
        found = path.stat()
    except OSError:
        return False
    return os.name == "nt" or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
