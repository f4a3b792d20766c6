"""A changed paragraph and the PDF of its language, again and again: a session of `engross watch` in this process, and stock WeasyPrint warm in another."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from engross.pipeline import Request
from engross.project import find
from engross.watch.looking import marks
from engross.watch.session import Session

TICKS = os.sysconf("SC_CLK_TCK")


def _children() -> set[str]:
    return {*Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()}


class Watched:
    """The session. `change` saves another wording of a paragraph, `build` does what watch does once a save stands still."""

    def __init__(self, workspace: Path, letter: str, lang: str) -> None:
        self.workspace = workspace
        self.session = Session(find(workspace), Request(letters=(letter,), languages=(lang,), formats=("pdf",)))
        source = workspace / "content" / letter / "letter.md"
        self.path = source if lang == "en" else workspace / "translations" / lang / "LC_MESSAGES" / f"{letter}.po"
        self.text, self.count = self.path.read_text("utf-8"), 0
        self.words = " we " if lang == "en" else "Por último, "
        before = _children()
        self.session.build(marks(workspace))
        self.session.warm_up()
        self.processes = _children() - before

    def change(self) -> None:
        self.count += 1
        assert self.words in self.text
        self.path.write_text(self.text.replace(self.words, f"{self.words}{'e' * (self.count % 7 + 1)} ", 1), "utf-8")

    def build(self) -> None:
        turn = self.session.build(marks(self.workspace))
        assert turn
        for result in turn.results.values():
            if isinstance(result, Exception):
                raise result
            assert len(result.made) == 1

    def processor(self) -> float:
        """Processor seconds of this process and of those that render for it."""
        facts = [Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split() for process in self.processes]
        return time.process_time() + sum(int(one[11]) + int(one[12]) for one in facts) / TICKS


class Stock:
    """Stock WeasyPrint with the draft's page as engross lays it out, a paragraph of it another each time."""

    def __init__(self, text: str, page: Path) -> None:
        self.page, self.text, self.count, self.used = page, text, 0, 0.0
        self.process = subprocess.Popen([sys.executable, Path(__file__).parent / "peers" / "warm.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def change(self) -> None:
        self.count += 1
        self.page.write_text(self.text.replace("</p>", f" {'e' * (self.count % 7 + 1)}</p>", 1), "utf-8")

    def build(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{self.page}\n")
        self.process.stdin.flush()
        self.used = float(self.process.stdout.readline())

    def processor(self) -> float:
        return self.used
