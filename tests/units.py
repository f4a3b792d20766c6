"""Which tests are unit tests: they call functions, start no process, speak to nobody and set no whole letter. All others carry the mark `real`: they use real parts.

The mark is set by what a test, its fixtures and their helpers in `tests/` name: a module of `REAL`, or a fixture of `FIXTURES`. What cannot be seen that way is marked
by hand, `@pytest.mark.real`. The guard fails a unit test that is none.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, ModuleType

import pytest

REAL = (
    *("subprocess", "multiprocessing", "socket", "ctypes"),
    *("engross.conformance.verapdf", "engross.crew", "engross.pipeline", "engross.proof.ocr", "engross.verify.confined", "engross.watch", "engross.workers"),
    "tests.fax.letters",
)
"""Modules that start processes, speak over sockets, call foreign libraries or set whole letters."""

FIXTURES = {"files", "pki", "reader"}
"""Fixtures that do so by means of others."""

PLACES = ("tests/ledger/test_place.py::test_who_reads_sees_one_state_while_others_write[server]",)
"""Beginnings of the ids of tests that do so in ways that only show when they run."""

FORBIDDEN = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system", "socket.connect", "socket.bind", "socket.sendto"}
"""Audit events (Python's library reference, "Audit events table") that no unit test may cause."""


def is_real(item: pytest.Function) -> bool:
    """Whether a test, a fixture of it, or a helper that these call names a module of `REAL`."""
    fixtures = [one.func for defined in item._fixtureinfo.name2fixturedefs.values() for one in defined]
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    if item.nodeid.startswith(PLACES) or FIXTURES & set(item.fixturenames):
        return True
    return any(names_real(value) for value in (item.function, *fixtures, *given) if callable(value))


@cache
def names_real(start: object) -> bool:
    """Follow names from a function or class of the tests to whatever it calls there."""
    seen: dict[int, object] = {}
    ahead = [start]
    while ahead:
        value = ahead.pop()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        home = _home(value)
        if any(home == name or home.startswith(f"{name}.") for name in REAL):
            return True
        if home == "tests" or home.startswith("tests."):
            ahead += _named(value)
    return False


def _home(value: object) -> str:
    """The module that a value is, or is defined in, or whose class it has."""
    if isinstance(value, ModuleType):
        return value.__name__
    module = getattr(value, "__module__", None) or type(value).__module__
    return module if isinstance(module, str) else ""


def _named(value: object) -> Iterator[object]:
    """What the code of a function or of a class's methods names, in its module and in modules that it reaches by name."""
    if isinstance(value, type):
        yield from (getattr(one, "__func__", getattr(one, "fget", one)) for one in vars(value).values())
    value = inspect.unwrap(getattr(value, "hypothesis", value))  # type: ignore[arg-type]
    value = getattr(value, "inner_test", value)
    if isinstance(value, FunctionType):
        names = set(_code_names(value.__code__))
        for found in (value.__globals__[name] for name in names & value.__globals__.keys()):
            yield found
            if isinstance(found, ModuleType) and found.__name__.startswith("tests."):
                yield from (vars(found)[name] for name in names & vars(found).keys())


def _code_names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_names(constant)


running: list[str] = []
"""The unit test that is at work in this process, if any."""
_process = os.getpid()


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if running and event in FORBIDDEN and os.getpid() == _process:
        pytest.fail(
            f"{running[0]} is run as a unit test, but causes {event} {arguments[:2]!r}. Give it less to do, or mark it @pytest.mark.real (see tests/units.py).",
            pytrace=False,
        )


sys.addaudithook(_guard)
