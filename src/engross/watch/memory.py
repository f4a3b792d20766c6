"""What was worked out from files of the workspace, kept while those files say the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """One value for each name, with the digest of the files it was made from: an older one is forgotten, so memory does not grow."""

    def __init__(self) -> None:
        self.files: Mapping[str, str] = {}
        """SHA-256 of the files as they are now, by path: to be set before each build."""
        self._kept: dict[str, tuple[str, Any]] = {}

    def __call__(self, name: str, reads: Sequence[str], make: Callable[[], T], /) -> T:
        """What `make` gives, or gave when the files that it `reads` (beginnings of paths) were what they are."""
        total = hashlib.sha256()
        for path, digest in sorted(self.files.items()):
            if path.startswith(tuple(reads)):
                total.update(f"{path}\0{digest}\n".encode("utf-8", "surrogateescape"))
        state = total.hexdigest()
        known = self._kept.get(name)
        if known is None or known[0] != state:
            known = self._kept[name] = state, make()
        value: T = known[1]
        return value

    def forget(self) -> None:
        """Begin anew: a file changed while it was read."""
        self._kept.clear()
