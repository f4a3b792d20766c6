"""pyproject.toml that cannot be read: file, line, what is wrong and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from engross.errors import Position, Rejected
from engross.project import find


@pytest.mark.parametrize(
    ("data", "line", "column", "says", "hint"),
    [
        (b'[tool.engross]\npaper = "a4"\na = = 1\n', 3, 5, "not TOML: Invalid value", "key = value"),
        (b'[tool.engross]\r\npaper = "a4"\r\na = = 1\r\n', 3, 5, "not TOML: Invalid value", "key = value"),
        (b"[tool.engross]\n[tool.engross]\n", 2, 14, "twice", "once"),
        (b'[tool.engross]\nlogo = """open\n', 3, 0, "(at end of document)", "between quotes"),
        (b'[tool.engross]\nlogo = "M\xfcnchen.svg"\n', 2, 0, "not UTF-8", "save the file as UTF-8"),
    ],
    ids=["no value", "Windows", "twice", "open", "Latin-1"],
)
def test_settings_that_cannot_be_read_name_the_line_and_what_to_do(tmp_path: Path, data: bytes, line: int, column: int, says: str, hint: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(data)
    with pytest.raises(Rejected) as caught:
        find(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("bad-settings", Position("pyproject.toml", line, column))
    assert says in problem.message
    assert "at line" not in problem.message
    assert hint in problem.hint
