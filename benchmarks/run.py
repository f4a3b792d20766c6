"""The bars, as ratios within one run. `python benchmarks/run.py --typst PYTHON` prints the table of benchmarks/RESULTS.md; `--warm` only what `watch` does.

Needs pandoc, qpdf and Ghostscript, and a Python that has the package typst (an environment of its own). Every program but those of `--warm` starts cold, with its
bytecode compiled; rounds take turns, so that a busy machine hurts all alike, and the median of the ratios counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import texts
from warm import Stock, Watched

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LETTER = "2018-06-06-dprk"
FORMATS = ("-f", "pdf", "-f", "docx", "-f", "fax")


def of_children() -> float:
    """Processor seconds of all programs that have ended."""
    facts = resource.getrusage(resource.RUSAGE_CHILDREN)
    return facts.ru_utime + facts.ru_stime


@dataclass
class Series:
    """Wall and processor seconds of each round."""

    name: str
    act: Callable[[], None]
    before: Callable[[], None] = lambda: None
    used: Callable[[], float] = of_children
    """Processor seconds so far."""
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def round(self) -> None:
        self.before()
        used, start = self.used(), time.perf_counter()
        self.act()
        self.wall.append(time.perf_counter() - start)
        self.cpu.append(self.used() - used)


class Bench:
    """A workspace of its own, and what is run in it."""

    def __init__(self, folder: Path, typst: str) -> None:
        self.folder, self.typst = folder, typst
        self.workspace, self.peers = folder / "workspace", folder / "peers"
        self.peers.mkdir()
        for name in ("content", "translations", "layouts"):
            shutil.copytree(ROOT / name, self.workspace / name)
        shutil.copy(ROOT / "pyproject.toml", self.workspace)
        for template in ("letter.typ", "fax.typ"):
            shutil.copy(HERE / "peers" / template, self.peers)
        self.languages = texts.write(self.workspace, LETTER, self.peers)
        self.catalogue = self.workspace / "translations" / "es" / "LC_MESSAGES" / f"{LETTER}.po"
        self.environment = {
            **os.environ,
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
            "WEASYPRINT": os.environ.get("WEASYPRINT", str(Path(sys.executable).parent / "weasyprint")),
        }
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(self, *command: str | Path, folder: Path | None = None, fails: bool = False) -> None:
        result = subprocess.run([str(part) for part in command], cwd=folder or self.workspace, env=self.environment, capture_output=True, check=False)
        if result.returncode and not fails:
            raise SystemExit(f"{command}: {result.stderr.decode()}")

    def engross(self, *arguments: str) -> Callable[[], None]:
        return lambda: self.run(sys.executable, "-m", "engross", *arguments)

    def clear(self) -> None:
        shutil.rmtree(self.workspace / "output", ignore_errors=True)

    def change(self) -> None:
        """One changed msgstr: Spanish has to be made again."""
        text = self.catalogue.read_text("utf-8")
        self.catalogue.write_text(text.replace("Atentamente", "Muy atentamente") if "Muy atentamente" not in text else text.replace("Muy atentamente", "Atentamente"), "utf-8")

    def series(self) -> list[Series]:
        def with_typst(script: str, at_a_time: str) -> Callable[[], None]:
            return lambda: self.run(self.typst, HERE / "peers" / script, self.peers, self.workspace / "layouts" / "fonts", at_a_time, *self.languages)

        build = ("build", LETTER, *FORMATS)
        return [
            Series("engross", self.engross(*build), self.clear),
            Series("engross, one process", self.engross(*build, "-j", "1"), self.clear),
            Series("one changed text", self.engross(*build), self.change),
            Series("nothing to do", self.engross(*build)),
            Series("--help", self.engross("--help")),
            Series("empty program", lambda: self.run(sys.executable, HERE / "peers" / "empty.py", "build")),
            Series("empty program --help", lambda: self.run(sys.executable, HERE / "peers" / "empty.py", "--help")),
            Series("typst", with_typst("typst_script.py", "1")),
            Series("typst, two at a time", with_typst("typst_script.py", "2")),
            Series("stock", lambda: self.run("sh", HERE / "peers" / "stock.sh", self.peers, *self.languages)),
            Series("typst, the same work", with_typst("typst_same.py", "1")),
            Series("typst, the same work, two at a time", with_typst("typst_same.py", "2")),
            Series("stock, the same work", lambda: self.run("sh", HERE / "peers" / "stock_same.sh", self.peers, *self.languages)),
        ]

    def warm(self) -> list[Series]:
        """What `watch` does, and stock WeasyPrint warm; the processes are ended with this one."""
        found = []
        for lang in ("en", "es"):
            ours, stock = Watched(self.workspace, LETTER, lang), Stock(texts.draft(self.workspace, LETTER, lang), self.peers / f"draft.{lang}.html")
            found += [
                Series(f"watch, a paragraph, {lang}", ours.build, ours.change, ours.processor),
                Series(f"stock WeasyPrint, warm, {lang}", stock.build, stock.change, stock.processor),
            ]
        return found


BARS = [
    ("against stock WeasyPrint, pandoc, Ghostscript", "engross", "stock", 0.13),
    ("against typst, pandoc, Ghostscript, one language after another", "engross", "typst", 1.0),
    ("the same, two languages at a time", "engross", "typst, two at a time", 1.6),
    ("the same work: against stock WeasyPrint, pandoc, qpdf, Ghostscript", "engross", "stock, the same work", 0.13),
    ("the same work: against typst, pandoc, Ghostscript, one language after another", "engross", "typst, the same work", 1.0),
    ("the same work: two languages at a time", "engross", "typst, the same work, two at a time", 1.6),
    ("two cores against one", "engross", "engross, one process", 0.65),
    ("one changed text against the full build", "one changed text", "engross", 0.5),
    ("nothing to do against an empty program", "nothing to do", "empty program", 1.3),
    ("--help against an empty program's", "--help", "empty program --help", 1.3),
    ("a paragraph in watch against stock WeasyPrint warm, en", "watch, a paragraph, en", "stock WeasyPrint, warm, en", 0.6),
    ("the same, es", "watch, a paragraph, es", "stock WeasyPrint, warm, es", 0.6),
]


def report(found: dict[str, Series]) -> str:
    """The tables, in Markdown."""
    lines = ["| what | wall, s | processor, s |", "|---|---|---|"]
    lines += [f"| {s.name} | {statistics.median(s.wall):.3f} | {statistics.median(s.cpu):.3f} |" for s in found.values()]
    lines += ["", "| bar | ratio of wall | ratio of processor | allowed | met |", "|---|---|---|---|---|"]
    for title, ours, theirs, limit in BARS:
        if ours in found and theirs in found:
            wall, cpu = (statistics.median(a / b for a, b in zip(getattr(found[ours], kind), getattr(found[theirs], kind), strict=True)) for kind in ("wall", "cpu"))
            lines.append(f"| {title} | {wall:.2f} | {cpu:.2f} | {limit} | {'yes' if wall <= limit else 'no'} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--typst", default="", help="a Python with the package typst")
    parser.add_argument("--warm", action="store_true", help="only what watch does")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", help="names of series")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), chosen.typst)
        if not chosen.warm and not chosen.typst:
            parser.error("--typst is needed for all but --warm")
        warm = bench.warm() if chosen.warm or not chosen.only or any("warm" in name or "watch" in name for name in chosen.only) else []
        series = [s for s in [*([] if chosen.warm else bench.series()), *warm] if not chosen.only or s.name in chosen.only]
        if unknown := {*(chosen.only or ())} - {s.name for s in series}:
            parser.error(f"no series of that name: {', '.join(sorted(unknown))}")
        for s in series:
            s.round()
            s.wall.clear()
            s.cpu.clear()
        for _ in range(chosen.rounds):
            for s in series:
                s.round()
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        print(
            f"{platform.platform()}, {os.cpu_count()} cores, {sys.executable} (Python {platform.python_version()}, {platform.python_build()[0]}, {platform.python_compiler()}), {chosen.rounds} rounds; load at the end {load}\n"
        )
        print(report({s.name: s for s in series}))


if __name__ == "__main__":
    main()
