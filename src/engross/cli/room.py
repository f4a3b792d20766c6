"""Room for deep calls, given to the interpreter at once.

CPython 3.11 and later keep the frames of running functions in pieces of 16 KiB. Where a loop calls functions just below the end of a piece, each call maps
the next one and gives it back to the system on return: 7 µs instead of 0.05. WeasyPrint, which descends from box to box, did so some five thousand times
for a letter in four languages. A first frame that claims more than a piece gets one that all frames after it fit into; memory that nobody writes to is not taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SLOTS = 70_000
"""Claimed by the first frame, eight bytes each. CPython rounds up to 1 MiB: what is left holds a thousand frames, as many as may be nested."""


def roomily(act: Callable[..., T], *args: object) -> T:
    """What `act` gives, called with `args` where there is room for all that it calls in this thread, and in processes forked below."""
    return act(*args)


roomily.__code__ = roomily.__code__.replace(co_stacksize=SLOTS)
