"""Runs `engross` with a clock that is years off: `python clock.py YEARS ARGUMENTS…`. Every clock of Python's standard library is shifted before anything else is loaded."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from typing import Any

SHIFT = int(sys.argv[1]) * 31_557_600
_time, _time_ns, _strftime, _moment = time.time, time.time_ns, time.strftime, dt.datetime.fromtimestamp


class _AsReal(type):
    """What the standard library makes in C is of the real class, and counts as one of these."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])


class Datetime(dt.datetime, metaclass=_AsReal):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        return _moment(time.time(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        return _moment(time.time(), dt.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.now()


class Date(dt.date, metaclass=_AsReal):
    @classmethod
    def today(cls) -> Any:
        return Datetime.now().date()


def _now_unless_given(real: Callable[[float], time.struct_time]) -> Callable[..., time.struct_time]:
    return lambda seconds=None: real(time.time() if seconds is None else seconds)


def main() -> None:
    replaced: dict[str, Any] = {
        "time": lambda: _time() + SHIFT,
        "time_ns": lambda: _time_ns() + SHIFT * 1_000_000_000,
        "localtime": _now_unless_given(time.localtime),
        "gmtime": _now_unless_given(time.gmtime),
        "strftime": lambda form, moment=None: _strftime(form, time.localtime() if moment is None else moment),
    }
    for name, function in replaced.items():
        setattr(time, name, function)
    for name, kind in (("datetime", Datetime), ("date", Date)):
        setattr(dt, name, kind)
    sys.argv[1:] = sys.argv[2:]
    print(f"the year is {dt.datetime.now(dt.UTC).year}", file=sys.stderr)
    from engross.cli import main as engross

    engross()


if __name__ == "__main__":
    main()
