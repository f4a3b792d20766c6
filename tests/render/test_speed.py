"""What makes the layout faster changes no byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.render.conftest import FIRST, SECOND

PROGRAM = """
import hashlib, sys
from tests.render.conftest import case
from engross.render import fax, pdf, weasy, weasy_speed
weasy.load()
from weasyprint.layout import percent
print(percent.resolve_percentages.__module__)
for name, lang in (("{second}", "en"), ("{first}", "ko")):
    one = case(name, lang)
    print(hashlib.sha256(pdf.render(one.letter, one.labels, one.layout)).hexdigest())
one = case("{second}", "en")
body = fax.letter_pages(one.letter, one.labels, one.layout, fax.Sender(name="Example"))
print(hashlib.sha256(repr(body).encode()).hexdigest())
"""


def rendered(**environment: str) -> list[str]:
    program = PROGRAM.format(first=FIRST, second=SECOND)
    run = subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_with_and_without_the_bytes_are_the_same() -> None:
    (fast, *quick), (stock, *slow) = rendered(), rendered(ENGROSS_SPEEDUPS="off")
    assert (fast, stock) == ("engross.render.weasy_speed", "weasyprint.layout.percent")
    assert quick == slow
    assert len(set(quick)) == 3
