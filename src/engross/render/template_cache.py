"""Compiled page templates in the user's cache folder: Jinja takes forty milliseconds to compile those of a letter and its fax."""

from __future__ import annotations

import marshal
from pathlib import Path

import jinja2.compiler
from jinja2.bccache import Bucket, BytecodeCache

from engross.render.user_cache import UserCache


class TemplateCache(BytecodeCache):
    """Keeps what the templates of an environment compile to; `settings` is the source file that decides on that besides Jinja's compiler."""

    def __init__(self, folder: Path, settings: str) -> None:
        self._kept = UserCache(folder, (jinja2.compiler.__file__, settings))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled before."""
        if code := self._kept.get(f"{bucket.key} {bucket.checksum}"):
            bucket.code = marshal.loads(code)  # noqa: S302  what this user's own process wrote

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was just compiled."""
        self._kept.put(f"{bucket.key} {bucket.checksum}", marshal.dumps(bucket.code))
