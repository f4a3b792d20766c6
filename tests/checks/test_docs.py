"""docs/checks.md says what the checks do: every code has its section, every row of its tables is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engross.errors import Position, Severity
from engross.locales import BUILT_IN
from engross.translation.checks import CODES, RULES, Pair, check_pair
from tests.checks.test_cases import GLOSSARY

TEXT = (Path(__file__).parents[2] / "docs/checks.md").read_text("utf-8")
SECTIONS = {match[1]: (match[2], match[3]) for match in re.finditer(r"^### `([\w-]+)` \((error|warning)\)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)}
ROW = re.compile(r"^\| (ko|ja|es)(?: (\w+))? \| `(.+?)` \| `(.+?)` \| `(.+?)` \|$", re.MULTILINE)
ROWS = [(code, *row.groups()) for code, (_, body) in SECTIONS.items() for row in ROW.finditer(body)]


def text(shown: str) -> str:
    """Characters that cannot be seen are shown by their numbers."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), shown)


def test_every_code_is_explained_with_its_severity_and_an_example():
    assert set(SECTIONS) == set(CODES)
    assert {rule.code: rule.severity for rule in RULES} == {code: Severity(severity) for code, (severity, _) in SECTIONS.items() if CODES[code]}
    assert {row[0] for row in ROWS} == {rule.code for rule in RULES}


def test_what_cannot_be_waived_is_listed():
    listed = re.search(r"waived: (.*?)\.\n", TEXT, re.DOTALL)
    assert listed
    assert re.findall(r"`([\w-]+)`", listed[1]) == [rule.code for rule in RULES if not rule.waivable]


@pytest.mark.parametrize(("code", "lang", "role", "source", "wrong", "right"), ROWS)
def test_the_examples_are_true(code, lang, role, source, wrong, right):
    def found(target: str) -> set[str]:
        pair = Pair("example", role or "paragraph", text(source), text(target), role != "label", Position("x.po", 1), (), lang)
        return {problem.code for problem in check_pair(pair, BUILT_IN[lang], GLOSSARY)}

    assert code in found(wrong)
    assert found(right) == set()
