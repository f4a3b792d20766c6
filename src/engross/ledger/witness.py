"""What this machine last saw of each ledger, outside of it: a ledger that was rolled back cannot roll this back too."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from engross.files import read_or_empty, write_atomic
from engross.ledger.location import private_folder
from engross.ledger.model import Head, LedgerError


class Witness:
    """A folder with one small file a ledger: the highest head seen."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def seen(self, identity: UUID) -> Head | None:
        """The highest head seen of that ledger.

        Raises:
            LedgerError: the file was damaged.
        """
        data = read_or_empty(self._path(identity))
        if not data:
            return None
        try:
            values = json.loads(data)
            return Head(int(values["sequence"]), str(values["hash"]))
        except (ValueError, KeyError, TypeError):
            raise LedgerError(f"{self._path(identity)} cannot be read", hint="it says how far the ledger had come; look at the ledger before you remove it") from None

    def saw(self, identity: UUID, head: Head, *, lower: bool = False) -> None:
        """Remember the head, unless a higher one was seen; `lower` remembers it in any case."""
        with self._locked():
            before = self.seen(identity)
            if lower or before is None or head.sequence > before.sequence:
                write_atomic(self._path(identity), json.dumps({"sequence": head.sequence, "hash": head.hash}).encode(), mode=0o600)

    def _path(self, identity: UUID) -> Path:
        return self.root / f"{identity}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        private_folder(self.root)
        handle = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
