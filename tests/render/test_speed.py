"""What makes the layout faster changes no byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engross.errors import UsageError
from engross.render import weasy_import, weasy_speed
from tests.render.conftest import FIRST, SECOND

PROGRAM = """
import hashlib, sys
from tests.render.conftest import case
from engross.render import fax, pdf, weasy, weasy_speed
weasy.load()
from weasyprint.layout import percent
print(percent.resolve_percentages.__module__)
for name, lang in {letters}:
    one = case(name, lang)
    print(hashlib.sha256(pdf.render(one.letter, one.labels, one.layout)).hexdigest())
    body = fax.letter_pages(one.letter, one.labels, one.layout, fax.Sender(name="Example"))
    print(hashlib.sha256(repr(body).encode()).hexdigest())
"""
ALL = ((SECOND, "en"), (FIRST, "ko"), (FIRST, "ja"), (FIRST, "es"))
SMALL = ((SECOND, "en"),)

REPLACED = {
    "weasyprint.layout.percent:resolve_percentages": "71673078096fcf87",
    "weasyprint.css:ComputedStyle.__missing__": "b318d8efc8ac79d7",
    "weasyprint.css:AnonymousStyle.__missing__": "d392527077647306",
    "weasyprint.text.line_break:strut": "b57885b70dd08efe",
    "weasyprint.text.line_break:Layout.setup": "fb227a55094f41d4",
    "weasyprint.text.line_break:split_first_line": "39ad1016863ca34d",
    "weasyprint.text.line_break:first_line_metrics": "55ec5d0b58b29a8b",
    "weasyprint.text.line_break:get_next_break_point_from_text": "39b162a79080e236",
    "weasyprint.text.line_break:get_next_word_boundaries": "3aab26b84151036d",
    "weasyprint.layout.inline:split_text_box": "8c564329599ef23f",
    "weasyprint.layout.inline:split_inline_level": "d98c008c8fc00582",
    "weasyprint.layout.inline:split_inline_box": "3a0cb7ca7e34c7ef",
    "weasyprint.layout.inline:_break_waiting_children": "62536bacd563bb44",
    "weasyprint.text.line_break:Layout.deactivate": "bfec3ec8406e1c82",
    "weasyprint.css:find_stylesheets": "ac92dbb80c3fd936",
    "weasyprint.layout.background:layout_box_backgrounds": "617a870678c82755",
    "weasyprint.layout.float:avoid_collisions": "5fc7793c573af328",
    "weasyprint.pdf.fonts:Font._harfbuzz_subset": "f80805663ede8080",
    "weasyprint.draw.text:draw_text": "ebaf96239c6ca363",
    "weasyprint.draw.text:draw_first_line": "1bb8eae6d88e71b1",
    "weasyprint.formatting_structure.boxes:Box.is_in_normal_flow": "5f49d6ab23da7e51",
}
"""First 16 digits of the SHA-256 of the source of what the speed-ups stand in for. When one changes with a new version, read what it does now, and mend or drop the speed-up."""


def rendered(letters: tuple[tuple[str, str], ...], speedups: str) -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(letters=letters)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, weasy_speed.VARIABLE: speedups},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_with_and_without_the_bytes_are_the_same() -> None:
    (fast, *quick), (stock, *slow) = rendered(ALL, ""), rendered(ALL, "off")
    assert (fast, stock) == ("engross.render.weasy_speed", "weasyprint.layout.percent")
    assert quick == slow
    assert len(set(quick)) == 2 * len(ALL)


@pytest.fixture(scope="module")
def plain() -> list[str]:
    return rendered(SMALL, "off")[1:]


@pytest.mark.parametrize("name", [speedup.__name__ for speedup in (*weasy_import.IMPORTS, *weasy_speed.SPEEDUPS)])
def test_each_alone_changes_no_byte(name: str, plain: list[str]) -> None:
    assert rendered(SMALL, name)[1:] == plain


def test_a_speedup_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(weasy_speed.VARIABLE, "struts,magic")
    with pytest.raises(UsageError, match="magic"):
        weasy_speed.chosen()
    monkeypatch.setenv(weasy_speed.VARIABLE, "struts,flow")
    assert [speedup.__name__ for speedup in weasy_speed.chosen()] == ["struts", "flow"]


SOURCES = """
import inspect, hashlib, importlib, sys
for place in sys.argv[1:]:
    module, _, path = place.partition(":")
    value = importlib.import_module(module)
    for name in path.split("."):
        value = getattr(value, name)
    print(hashlib.sha256(inspect.getsource(value).encode()).hexdigest()[:16])
"""


def test_what_the_speedups_stand_in_for_is_what_they_were_written_for() -> None:
    run = subprocess.run([sys.executable, "-c", SOURCES, *REPLACED], capture_output=True, text=True, check=True)
    assert dict(zip(REPLACED, run.stdout.split(), strict=True)) == REPLACED
