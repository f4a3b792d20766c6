"""Two fax machines of libspandsp on one telephone line, sample by sample, without sound and without a modem: T.30, V.27ter, V.29 and V.17.

The line adds seeded noise, clicks and drop-outs, so a call on a bad line is the same bad call each time.
"""

from __future__ import annotations

import ctypes
import random
from array import array
from dataclasses import dataclass, field
from functools import cache
from operator import add
from pathlib import Path
from typing import Any

FRAME = 160
"""Samples of 20 ms."""
RATE = 8000
SILENT = bytes(2 * FRAME)
FULL = 32767 / 2**0.5 / 10 ** (3.14 / 20)
"""Root mean square of 0 dBm0 in 16-bit samples."""

V27, V29, V17 = 1, 2, 4
MH, MR, MMR = 2, 4, 8


class Statistics(ctypes.Structure):
    """`t30_stats_t` of libspandsp 0.0.6."""

    _fields_ = [(name, ctypes.c_int) for name in ("bit_rate", "ecm", "pages_tx", "pages_rx", "pages_in_file", "x_resolution", "y_resolution", "width", "length", "image_size", "encoding", "bad_rows", "longest_bad_row_run", "ecm_retries", "status", "rtp", "rtn")]  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What the line does to the sound."""

    noise: float | None = None
    """Constant noise in dBm0, both ways; a signal has about -13."""
    click_every: float = 0
    """Mean seconds between clicks while the caller sends."""
    drop_every: float = 0
    """Mean seconds between drop-outs of 40 ms while the caller sends."""
    seed: int = 1


@dataclass
class Machine:
    """One end. What it reports at the end of the call is filled in."""

    name: str
    ecm: bool = True
    modems: int = V27 | V29 | V17
    compressions: int = MH | MR | MMR
    result: str = ""
    """libspandsp's words; `OK` when it found nothing wrong."""
    other: str = ""
    """What the other machine called itself."""
    rate: int = 0
    used_ecm: bool = False
    pages: int = 0
    bad_rows: int = 0
    retries: int = 0


@dataclass
class Call:
    """Both ends after a call."""

    sender: Machine
    receiver: Machine
    seconds: float
    """Of line time."""
    kept: list[Any] = field(default_factory=list)


@cache
def library() -> Any:
    lib = ctypes.CDLL("libspandsp.so.2")
    pointer, integer, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    for name, result, arguments in (
        ("fax_init", pointer, (pointer, integer)),
        ("fax_get_t30_state", pointer, (pointer,)),
        ("fax_set_transmit_on_idle", None, (pointer, integer)),
        ("fax_tx", integer, (pointer, pointer, integer)),
        ("fax_rx", integer, (pointer, pointer, integer)),
        ("fax_free", integer, (pointer,)),
        ("t30_set_tx_ident", integer, (pointer, text)),
        ("t30_get_rx_ident", text, (pointer,)),
        ("t30_set_tx_file", None, (pointer, text, integer, integer)),
        ("t30_set_rx_file", None, (pointer, text, integer)),
        ("t30_set_rx_encoding", integer, (pointer, integer)),
        ("t30_set_ecm_capability", integer, (pointer, integer)),
        ("t30_set_supported_modems", integer, (pointer, integer)),
        ("t30_set_supported_compressions", integer, (pointer, integer)),
        ("t30_set_supported_resolutions", integer, (pointer, integer)),
        ("t30_set_supported_image_sizes", integer, (pointer, integer)),
        ("t30_get_transfer_statistics", None, (pointer, ctypes.POINTER(Statistics))),
        ("t30_completion_code_to_str", text, (integer,)),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


PhaseD = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
PhaseE = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)


def _open(machine: Machine, kept: list[Any], *, calling: bool) -> int:
    lib = library()
    fax = lib.fax_init(None, int(calling))
    t30 = lib.fax_get_t30_state(fax)
    lib.fax_set_transmit_on_idle(fax, 1)
    lib.t30_set_tx_ident(t30, machine.name.encode())
    lib.t30_set_ecm_capability(t30, int(machine.ecm))
    lib.t30_set_supported_modems(t30, machine.modems)
    lib.t30_set_supported_compressions(t30, machine.compressions)
    lib.t30_set_supported_resolutions(t30, 1 | 2 | 4 | 0x10000 | 0x20000 | 0x40000)
    lib.t30_set_supported_image_sizes(t30, 1 | 2 | 4 | 0x10000 | 0x20000 | 0x40000 | 0x80000 | 0x100000)

    def page(state: int, _data: int, _result: int) -> int:
        numbers = Statistics()
        lib.t30_get_transfer_statistics(state, ctypes.byref(numbers))
        machine.bad_rows += numbers.bad_rows
        return 0

    def end(state: int, _data: int, result: int) -> None:
        numbers = Statistics()
        lib.t30_get_transfer_statistics(state, ctypes.byref(numbers))
        machine.rate, machine.used_ecm, machine.retries = numbers.bit_rate, bool(numbers.ecm), numbers.ecm_retries
        machine.pages = numbers.pages_tx if calling else numbers.pages_rx
        machine.other = (lib.t30_get_rx_ident(state) or b"").decode("latin-1")
        machine.result = lib.t30_completion_code_to_str(result).decode()

    handlers = PhaseD(page), PhaseE(end)
    kept.append(handlers)
    lib.t30_set_phase_d_handler(ctypes.c_void_p(t30), handlers[0], None)
    lib.t30_set_phase_e_handler(ctypes.c_void_p(t30), handlers[1], None)
    return int(fax)


class _Noise:
    """A second of seeded noise, read from a different place for each frame."""

    def __init__(self, line: Line) -> None:
        self.random = random.Random(line.seed)
        self.line = line
        level = 0 if line.noise is None else FULL * 10 ** (line.noise / 20)
        self.table = array("h", (round(self.random.gauss(0, level)) for _ in range(16 * FRAME))) if level else None
        self.dropping = 0

    def over(self, frame: array[int], *, caller: bool) -> array[int]:
        if caller and any(frame):
            frame = self._bad(frame)
        if self.table:
            at = self.random.randrange(len(self.table) - FRAME)
            frame = array("h", map(add, frame, self.table[at : at + FRAME]))
        return frame

    def _bad(self, frame: array[int]) -> array[int]:
        if self.line.drop_every and not self.dropping and self.random.random() < FRAME / RATE / self.line.drop_every:
            self.dropping = 2
        if self.dropping:
            self.dropping -= 1
            return array("h", SILENT)
        if self.line.click_every and self.random.random() < FRAME / RATE / self.line.click_every:
            at = self.random.randrange(FRAME - 24)
            for n in range(at, at + 24):
                frame[n] = max(-32768, min(32767, frame[n] + round(self.random.gauss(0, 6000))))
        return frame


def call(tiff: Path, received: Path, sender: Machine, receiver: Machine, line: Line = Line(), limit: float = 900) -> Call:
    """Call, send, and hang up. `received` is what the other machine has then."""
    lib = library()
    kept: list[Any] = []
    ends = _open(sender, kept, calling=True), _open(receiver, kept, calling=False)
    lib.t30_set_tx_file(lib.fax_get_t30_state(ends[0]), bytes(tiff), -1, -1)
    lib.t30_set_rx_file(lib.fax_get_t30_state(ends[1]), bytes(received), -1)
    lib.t30_set_rx_encoding(lib.fax_get_t30_state(ends[1]), 3)
    noise = _Noise(line)
    frames = after = 0
    while frames * FRAME < limit * RATE and after < 25:
        for here, there in (ends, ends[::-1]):
            frame = array("h", SILENT)
            lib.fax_tx(here, frame.buffer_info()[0], FRAME)
            frame = noise.over(frame, caller=here == ends[0])
            lib.fax_rx(there, frame.buffer_info()[0], FRAME)
        frames += 1
        after += bool(sender.result and receiver.result)
    for end in ends:
        lib.fax_free(end)
    return Call(sender, receiver, frames * FRAME / RATE)
