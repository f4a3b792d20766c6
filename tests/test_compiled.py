"""Expressions and dataclasses of modules are compiled once for all processes of a user."""

from __future__ import annotations

import dataclasses
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from engross import compiled
from engross.compiled import Compiled

MODULE = """
import re
from dataclasses import dataclass, field

WORDS = re.compile(r"(?P<first>[a-zé]+)\\s(\\w+)|([가-힣ｱ-ﾝ]+)", re.IGNORECASE)
SECOND = re.compile(WORDS.pattern)

def later(secret):
    return re.compile(secret)

@dataclass(frozen=True, slots=True, order=True)
class Point:
    x: int
    tags: list = field(default_factory=list)
"""


@pytest.fixture(autouse=True)
def _all_is_worth_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "FEW", 0)


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The expressions that Python itself compiled."""
    found: list[str] = []
    parser = import_module("re._parser")
    parse = parser.parse

    def noted(pattern: str, flags: int = 0) -> object:
        found.append(pattern)
        return parse(pattern, flags)

    monkeypatch.setattr(parser, "parse", noted)
    return found


def load(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module as a process loads it that has compiled nothing yet."""
    (folder / "loaded_here.py").write_text(MODULE, "utf-8")
    monkeypatch.syspath_prepend(folder)
    sys.modules.pop("loaded_here", None)
    re.purge()
    cache = Compiled(folder / "cache")
    with cache.in_use():
        module = import_module("loaded_here")
        module.later("the-secret-of-the-smtp-server")
    cache.save()
    return module


def test_what_was_compiled_before_is_not_compiled_again_and_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stock: list[str]) -> None:
    first, second = load(tmp_path, monkeypatch), load(tmp_path, monkeypatch)
    assert stock.count(first.WORDS.pattern) == 2  # with flags and without, in the first process only
    assert first.WORDS == second.WORDS
    assert (second.WORDS.flags, second.WORDS.groups, second.WORDS.groupindex) == (first.WORDS.flags, 3, {"first": 1})
    assert second.WORDS.fullmatch("ÉTÉ là").groupdict() == {"first": "ÉTÉ"}
    assert second.WORDS.fullmatch("한국")[3] == "한국"
    assert second.SECOND.match("A b") is None


def test_dataclasses_from_the_cache_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, monkeypatch)
    monkeypatch.setattr(compiled, "compile", lambda *_, **__: pytest.fail("compiled again"), raising=False)
    point = load(tmp_path, monkeypatch).Point
    assert repr(point(1)) == "Point(x=1, tags=[])"
    assert point(1) == point(1) < point(2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        point(1).x = 2


def test_an_expression_of_python_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Compiled(tmp_path / "cache")
    assert first.evaluate("lambda n: n + more", {"more": 1}, {})(1) == 2
    first.save()
    monkeypatch.setattr(compiled, "compile", lambda *_, **__: pytest.fail("compiled again"), raising=False)
    assert Compiled(tmp_path / "cache").evaluate("lambda n: n + more", {"more": 2}, {})(1) == 3


def test_an_expression_that_no_module_has_when_it_is_loaded_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tmp_path, monkeypatch)
    (file,) = (tmp_path / "cache").iterdir()
    data = file.read_bytes()
    assert b"first" in data
    assert b"the-secret" not in data


def test_afterwards_python_compiles_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = import_module("re._compiler")
    before = compiler.compile, compiler._sre
    load(tmp_path, monkeypatch)
    assert (compiler.compile, compiler._sre) == before
    assert "exec" not in vars(dataclasses)


def test_a_wrong_expression_is_told_as_by_python(tmp_path: Path) -> None:
    with Compiled(tmp_path).in_use(), pytest.raises(re.error, match="unterminated character set"):
        re.compile("[a")


@pytest.mark.parametrize("trouble", ["damaged", "open to others"])
def test_a_file_that_others_may_have_written_counts_for_nothing(trouble: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stock: list[str]) -> None:
    load(tmp_path, monkeypatch)
    (file,) = (tmp_path / "cache").iterdir()
    if trouble == "damaged":
        data = file.read_bytes()
        file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    else:
        file.chmod(0o666)
    stock.clear()
    assert load(tmp_path, monkeypatch).WORDS.pattern in stock


def test_a_handful_is_not_worth_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "FEW", 50)
    load(tmp_path, monkeypatch)
    assert not (tmp_path / "cache").exists()
