"""Verifying in a process of its own with limits on memory and time: files from elsewhere may be made to use up a machine or to crash a reader, and then only that process ends.

What comes back is data (JSON), never objects: a reader that a file took over can at most send a wrong report.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engross.verify import verification
from engross.verify.model import Expected, Finding, Policy, Report, Verdict

MEMORY = 1024**3
"""Bytes of address space beyond what the program has at the beginning. A letter needs 0.2 of it."""
PROCESSOR = 30
"""Seconds of processor time. A letter needs one."""
DEADLINE = 120
"""Seconds until nobody waits any longer."""
ANSWER = 4 * 1024**2
"""Bytes of a report that are read."""
_NO_MEMORY = 3
_READERS = ("PIL.ImageChops", "PIL.ImageDraw", "pikepdf", "pyhanko.sign.validation.generic_cms", "pyhanko_certvalidator", "pypdfium2", "engross.verify.reading")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may use."""

    memory: int = MEMORY
    processor: int = PROCESSOR
    deadline: float = DEADLINE


@dataclass(frozen=True, slots=True)
class Breach(Exception):
    """The process did not come to its end."""

    message: str
    verdict: Verdict = Verdict.FAILED


def verify(
    data: bytes, policy: Policy, now: datetime, *, name: str = "", expected: Sequence[Expected] = (), superseded_by: int | None = None, limits: Limits | None = None
) -> Report:
    """As `verification.verify`, within limits; breaking one is a finding of the rule `limits`."""
    try:
        found = run(lambda: verification.verify(data, policy, now, name=name, expected=expected, superseded_by=superseded_by).to_json(), limits or Limits())
        return Report.from_json(found)
    except Breach as breach:
        return Report(name, breach.verdict, authentic=False, ours=None, document="", language="", level=None, findings=(Finding("limits", breach.message, breach.verdict),))


def identify(data: bytes, limits: Limits | None = None) -> str:
    """The document number that a file gives itself; empty when it has none, or breaks a limit while it is asked."""
    try:
        return str(run(lambda: verification.identify(data), limits or Limits()))
    except Breach:
        return ""


def run(work: Callable[[], Any], limits: Limits) -> Any:
    """Do `work` in a process of its own; give back what it gives, as JSON carries it.

    Raises:
        Breach: it used too much, took too long, or crashed.
    """
    _load()
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _work(work, sending, limits)
    os.close(sending)
    status = None
    try:
        answer = _received(receiving, time.monotonic() + limits.deadline)
        _, status = os.waitpid(child, 0)
    except TimeoutError as error:
        raise Breach(f"judging the file took longer than {limits.deadline:g} seconds and was stopped", Verdict.INDETERMINATE) from error
    finally:
        os.close(receiving)
        if status is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    _ended(status, limits)
    try:
        return json.loads(answer)
    except ValueError as error:
        raise Breach("the file made a reader end without an answer") from error


def _load() -> None:
    """Load the readers once, for all files."""
    for name in _READERS:
        importlib.import_module(name)


def _work(work: Callable[[], Any], sending: int, limits: Limits) -> None:
    """What the process does. It prints nothing, writes no file, and never comes back."""
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for kind, value in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CPU, _processor_time() + limits.processor),
            (resource.RLIMIT_AS, _address_space() + limits.memory),
        ):
            hard = resource.getrlimit(kind)[1]
            wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (wanted, wanted if kind != resource.RLIMIT_CPU else hard))
        answer = json.dumps(work()).encode()
        while answer:
            answer = answer[os.write(sending, answer) :]
        code = 0
    except MemoryError:
        code = _NO_MEMORY
    except BaseException:  # noqa: BLE001, S110 - the parent says that there was no answer; no other process may go on with the program from here
        pass
    finally:
        os._exit(code)


def _received(pipe: int, until: float) -> bytes:
    answer = bytearray()
    while len(answer) <= ANSWER:
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = os.read(pipe, 65536)
        if not piece:
            break
        answer += piece
    return bytes(answer)


def _ended(status: int, limits: Limits) -> None:
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGXCPU:
        raise Breach(f"judging the file took more than {limits.processor} seconds of processor time")
    if code == _NO_MEMORY:
        raise Breach(f"judging the file took more than {limits.memory // 1024**2} MiB of memory")
    if code < 0:
        with contextlib.suppress(ValueError):
            raise Breach(f"the file made a reader crash ({signal.Signals(-code).name}), for want of memory or by a fault that it was made for")
    if code:
        raise Breach("the file made a reader end without an answer")


def _processor_time() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int(used.ru_utime + used.ru_stime) + 1


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
