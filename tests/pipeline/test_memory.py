"""What a process that renders asks the system for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import ctypes, re
from engross import workers
workers.keep_memory()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
start = library.malloc(16 << 20)
held = "".join(open("/proc/self/smaps"))
for area in re.split("(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", held):
    first, end = (int(bound, 16) for bound in re.match("([0-9a-f]+)-([0-9a-f]+) |$", area).groups("0"))
    if first <= start + (8 << 20) < end:
        print("[heap]" in area, " hg" in area.partition("VmFlags:")[2])
"""


def test_the_heap_grows_by_large_pages_where_the_system_has_them() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert ran.stdout == f"True {Path('/sys/kernel/mm/transparent_hugepage').exists()}\n"
