"""The exact bytes that were sent or received, each under its own digest, beside the ledger."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from engross.files import read_or_empty, write_atomic
from engross.ledger.location import private_folder
from engross.ledger.model import LedgerError, Stored

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Objects:
    """A folder of files named by their SHA-256: `ab/cdef…`. Files are 0600, folders 0700, and nothing in it is ever changed."""

    def __init__(self, root: Path, name: str) -> None:
        self.root = root
        self.name = name
        """How events name this store."""

    def __repr__(self) -> str:
        return f"Objects({self.name!r})"

    def path(self, digest: str) -> Path:
        """Where the bytes of that digest are kept."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a SHA-256 in hexadecimal: {digest!r}")
        return self.root / digest[:2] / digest[2:]

    def put(self, data: bytes) -> Stored:
        """Keep the bytes, safely on disk when this returns; bytes that are there already are kept as they are.

        Raises:
            EngrossError: they cannot be written.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if read_or_empty(path) != data or not path.exists():
            private_folder(path.parent)
            write_atomic(path, data, mode=0o600)
        return Stored(digest, len(data), self.name)

    def get(self, digest: str) -> bytes:
        """The bytes of that digest, checked.

        Raises:
            LedgerError: they are not here, or are no longer the same.
        """
        try:
            data = self.path(digest).read_bytes()
        except FileNotFoundError:
            raise LedgerError(f"the bytes {digest[:12]}… are not in the store {self.name}", hint="another office may have them") from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise LedgerError(f"the bytes {digest[:12]}… in the store {self.name} were changed", hint="restore the file from a backup")
        return data

    def has(self, digest: str) -> bool:
        """Whether the bytes of that digest are here and unchanged."""
        try:
            self.get(digest)
        except LedgerError:
            return False
        return True
