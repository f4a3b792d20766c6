"""The campaign: one letter to the missions of 193 states in two cities, in two languages. `python benchmarks/campaign.py` prints what a fax packet costs, and what memory.

The whole command is measured, from a cold process to the published set with its 1,544 files. What the shared pages cost is what a build for one state costs (two
missions, so four packets); the rest, divided by the packets, is the price of one: its cover laid out, rastered and coded, both files joined, digested and written.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import address_book

ROOT = Path(__file__).resolve().parent.parent
LETTER = "2018-06-06-dprk"
LANGUAGES = ("en", "ko")
STATES = (1, 16, 64, 193)
BAR = 12.0
"""Milliseconds a packet."""


@dataclass(frozen=True)
class Run:
    """One build: seconds, and the resident memory of its largest process in MiB."""

    wall: float
    cpu: float
    memory: float


def workspace(folder: Path, states: int) -> Path:
    for name in ("content", "translations", "layouts"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    address_book.write(folder, LETTER, states)
    address_book.approve(folder, LETTER)
    return folder


def build(folder: Path, jobs: int, environment: dict[str, str]) -> Run:
    shutil.rmtree(folder / "output", ignore_errors=True)
    command = [sys.executable, "-m", "engross", "build", LETTER, "--official", "-f", "fax", "-j", str(jobs), *(part for lang in LANGUAGES for part in ("-l", lang))]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the build for {folder.name} states failed")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(name) / "bytecode")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        places = {states: workspace(Path(name) / str(states), states) for states in STATES}
        build(places[1], chosen.jobs, environment)
        runs = {states: [build(place, chosen.jobs, environment) for _ in range(chosen.rounds)] for states, place in places.items()}
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}, best of {chosen.rounds}, {chosen.jobs} processes; load at the end {load}\n")
    print("| missions | packets | wall, s | processor, s | memory of the largest process, MiB | wall a packet, ms | processor a packet, ms |\n|---|---|---|---|---|---|---|")
    shared = runs[1]
    for states, found in runs.items():
        packets = 2 * states * len(LANGUAGES)
        wall, cpu = (min(getattr(r, kind) for r in found) for kind in ("wall", "cpu"))
        beyond = packets - 2 * len(LANGUAGES)
        each = [f"{(value - min(getattr(r, kind) for r in shared)) / beyond * 1000:.1f}" if beyond else "" for value, kind in ((wall, "wall"), (cpu, "cpu"))]
        print(f"| {2 * states} | {packets} | {wall:.2f} | {cpu:.2f} | {statistics.median(r.memory for r in found):.0f} | {' | '.join(each)} |")
    print(f"\nallowed: {BAR:g} ms a packet on two cores")


if __name__ == "__main__":
    main()
