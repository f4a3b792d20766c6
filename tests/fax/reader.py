"""What tesseract reads is kept for a session of tests: the same program reads the same bytes once, whichever test, process or worker asks.

In front of the real one on the path stands a script that gives its answer again. A fault is planted by other bytes, and these are read anew.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

SCRIPT = """#!{python} -IS
import fcntl, hashlib, os, subprocess, sys
if sys.argv[1:2] != ["-"]:  # a file by its name may be another next time
    os.execv({real!r}, ["tesseract", *sys.argv[1:]])
data = sys.stdin.buffer.read()
path = os.path.join({folder!r}, hashlib.sha256(repr((sys.argv[1:], os.environ.get("TESSDATA_PREFIX"))).encode() + data).hexdigest())
with open(path + ".lock", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not os.path.exists(path):
        done = subprocess.run([{real!r}, *sys.argv[1:]], input=data, capture_output=True)
        sys.stderr.buffer.write(done.stderr)
        if done.returncode:
            sys.exit(done.returncode)
        with open(path + ".part", "wb") as part:
            part.write(done.stdout)
        os.rename(path + ".part", path)
with open(path, "rb") as kept:
    sys.stdout.buffer.write(kept.read())
"""


_found: list[Path] = []
"""Where the answers are kept, once the script is on the path: modules that import the fixture each have one of it."""


@pytest.fixture(scope="session", autouse=True)
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what was read, which all workers share; the script is found before the real program from now on."""
    if _found:
        return _found[0]
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "read"
    folder.mkdir(exist_ok=True)
    programs = tmp_path_factory.mktemp("reader")
    real = shutil.which("tesseract")
    assert real, "tesseract is not installed"
    (programs / "tesseract").write_text(SCRIPT.format(python=Path(sys.base_prefix) / "bin" / "python3", folder=str(folder), real=real))
    (programs / "tesseract").chmod(0o755)
    os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
    _found.append(folder)
    return folder
