"""Each rule finds what it is for, and nothing in a good file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engross import conformance
from tests.conformance.faults import FAULTS, Fault, raw, saved

RAW = list(raw())


def broken(data: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in conformance.check(data):
        found.setdefault(finding.rule, []).append(str(finding))
    return found


def test_a_good_file_keeps_all_rules(good: bytes) -> None:
    assert broken(good) == {}


def test_a_file_written_again_by_another_program_keeps_them(good: bytes) -> None:
    assert broken(saved(good, lambda pdf: None)) == {}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_by_its_rule(good: bytes, fault: Fault) -> None:
    found = broken(saved(good, fault.put))
    assert fault.rule in found
    assert set(found) <= {fault.rule, *fault.also}, found


@pytest.mark.parametrize(("name", "damage", "rule"), RAW, ids=[entry[0] for entry in RAW])
def test_damaged_bytes_are_found(good: bytes, name: str, damage: Callable[[bytes], bytes], rule: str) -> None:
    damaged = damage(good)
    assert damaged != good
    assert rule in broken(damaged)


def test_every_rule_has_a_fault_that_breaks_it() -> None:
    assert {rule.name for rule in conformance.RULES} | {"readable"} == {fault.rule for fault in FAULTS} | {rule for _, _, rule in RAW}


def test_names_of_rules_are_unique() -> None:
    names = [rule.name for rule in conformance.RULES]
    assert len(names) == len(set(names))
