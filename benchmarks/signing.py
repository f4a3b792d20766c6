"""What signing costs: processor seconds (those of the authorities are in them) and bytes for each of one, two and twelve signatures at B-LTA, and to verify them.

python benchmarks/signing.py          (from the repository; needs the packages for tests; the authorities run on loopback)
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from engross.pipeline import Request, build  # noqa: E402
from engross.project import find  # noqa: E402
from engross.sign import policy_of  # noqa: E402
from tests.conftest import copy_workspace  # noqa: E402
from tests.sign import pki as authorities  # noqa: E402
from tests.sign.conftest import profile  # noqa: E402
from tests.sign.signed import House, reasons  # noqa: E402

LETTER = "2018-06-06-dprk"
COUNTS = (1, 2, 12)


def measure(served: authorities.Pki, count: int, folder: Path) -> None:
    """Build, sign and verify with `count` officers, and print what it took."""
    root = copy_workspace(ROOT, folder / f"officers-{count}")
    settings = root / "pyproject.toml"
    text = settings.read_text("utf-8").partition("[tool.engross.signing")[0]
    settings.write_text(text + "\n" + profile(served, count), "utf-8")
    project = find(root)
    build(project, Request((LETTER,), ("en",), ("pdf",), official=True, jobs=1))
    chosen = project.settings.signing["default"]
    house = House(served, chosen, policy_of(project, chosen, chosen.officers))
    pdf = (root / "output" / LETTER / "edition-1" / "en" / f"{LETTER}.en.pdf").read_bytes()
    seconds, sizes = [], []
    for number, officer in enumerate(chosen.officers):
        begin, before = time.process_time(), len(pdf)
        pdf = house.one(pdf, officer, first=number == 0, last=number == count - 1)
        seconds.append(time.process_time() - begin)
        sizes.append(len(pdf) - before)
    begin = time.process_time()
    report = house.verify(pdf)
    verified = time.process_time() - begin
    each = ", ".join(f"{s:.2f} s {b / 1000:.0f} kB" for s, b in zip(seconds, sizes, strict=True))
    print(f"{count:2} signature(s): {each}; file {len(pdf) / 1000:.0f} kB; verified in {verified:.2f} s: {report.verdict.value} {reasons(report)}")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        (Path(folder) / "pki").mkdir()
        with authorities.running(Path(folder) / "pki") as served:
            for count in COUNTS:
                measure(served, count, Path(folder))


if __name__ == "__main__":
    main()
