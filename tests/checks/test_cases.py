"""cases.yaml: wrong translations that are caught, and unusual right ones that are not flagged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from ruamel.yaml import YAML

from engross.errors import Position
from engross.locales import BUILT_IN
from engross.translation.checks import CODES, RULES, Pair, check_pair

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Term:
    term: str
    renderings: Mapping[str, tuple[str, ...]]
    note: str = ""
    exempt: tuple[str, ...] = ()
    where: Position = field(default=Position("content/glossary.csv"))


def split(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark) if part.strip())


def load(name: str) -> Any:
    return YAML(typ="safe").load((HERE / name).read_text("utf-8"))


GLOSSARY = [
    Term(row["term"], MappingProxyType({lang: split(row[lang], "|") for lang in ("ko", "ja", "es") if lang in row}), row.get("note", ""), split(row.get("exempt", ""), ";"))
    for row in load("glossary.yaml")
]
CASES = load("cases.yaml")


def pair_of(case: dict[str, Any]) -> Pair:
    lang = next(lang for lang in ("ko", "ja", "es") if lang in case)
    return Pair("example", case.get("role", "paragraph"), case["en"], case[lang], case.get("markup", True), Position(f"translations/{lang}.po", 1), (), lang)


def codes_of(case: dict[str, Any]) -> list[str]:
    pair = pair_of(case)
    return [problem.code for problem in check_pair(pair, BUILT_IN[pair.lang], GLOSSARY)]


def name_of(case: dict[str, Any]) -> str:
    pair = pair_of(case)
    return f"{pair.lang}-{case.get('finds', 'right')}-{case.get('about') or case['right']}"


@pytest.mark.parametrize("case", CASES["wrong"], ids=name_of)
def test_a_wrong_translation_is_caught(case, record_case):
    pair, found = pair_of(case), codes_of(case)
    record_case((pair.lang, case["finds"], "caught" if case["finds"] in found else "MISSED", case["about"], pair.target[:60]))
    assert case["finds"] in found
    assert set(found) <= {case["finds"], *case.get("also", ())}, "and nothing else"


@pytest.mark.parametrize("case", CASES["right"], ids=name_of)
def test_an_unusual_translation_is_not_flagged(case, record_case):
    pair, found = pair_of(case), codes_of(case)
    record_case((pair.lang, "", "passed" if set(found) <= set(case.get("also", ())) else "FLAGGED", case["right"], pair.target[:60]))
    assert set(found) <= set(case.get("also", ()))


def test_the_table_is_large_enough_and_every_language_has_its_share():
    for kind in ("wrong", "right"):
        per_language = Counter(pair_of(case).lang for case in CASES[kind])
        assert sum(per_language.values()) >= 60
        assert all(per_language[lang] >= 20 for lang in ("ko", "ja", "es"))
    assert all("also" not in case or case["also"] for case in CASES["right"])


def test_every_check_has_a_wrong_translation():
    assert {case["finds"] for case in CASES["wrong"]} == {rule.code for rule in RULES}
    assert {rule.code for rule in RULES} < set(CODES)
