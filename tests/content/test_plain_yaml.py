"""YAML as people write it is read line by line. Whatever that reader takes, it takes as ruamel.yaml does; what it does not take is left to ruamel.yaml."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engross.content import yaml_tree
from engross.content.letter_file import _split
from engross.content.yaml_nodes import Node, Scalar, Sequence, Table
from engross.content.yaml_plain import read_plain
from engross.errors import Position, Problem
from tests.conftest import REPO

often = settings(derandomize=True, max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


def other(text: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """What ruamel.yaml makes of a text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_tree, "read_plain", lambda *_: None)
        return yaml_tree._read.__wrapped__(text, "f")


MISSIONS = """# The address book
- id: dprk-geneva
  mission: Permanent Mission of the Democratic People’s Republic of Korea
  holder:
    name: Tae Song Han
    surname: 'Han'

  fax: "+41-22-786-06-62"
  languages: [en, "ko"]
  source: https://www.hrw.org/news#top
- id: b
"""
LABELS = """cc:    {text: "CC:", note: heading of the list}
fax:   {text: Fax, note: 'before; a number'}
"""
FRONT = """
title: Joint Letter
addressees:
  - name: Kim Jong Un
    address:
      - Building of the Central Committee, Pyongyang
      - "Democratic People’s Republic of Korea"
sic:
  - Convention(No. 138)
date: 2018-06-06
"""
PIECES = (
    *"abN~ :#-,[]{}'\"\\\t\n?!&*|>%@=`<.0’\u00a0\u3000\u2028\x07",
    ": ",
    " #",
    "- ",
    "\n  ",
    "\n    ",
    "\n- ",
    "''",
    '""',
    "null",
    "key: v",
    "\n---\n",
    "\nkey:\n",
    "[a]",
    "{a: b}",
    "&a ",
    "*a",
)
WRITTEN = st.sampled_from([MISSIONS, LABELS, FRONT, "key: value\n", "- item\n- key: value\n"])
CHANGES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), st.sampled_from(PIECES)), max_size=3)


@pytest.mark.parametrize("text", [MISSIONS, LABELS, FRONT])
def test_what_is_plain_is_read(text: str) -> None:
    tree = read_plain(text, "f")
    assert tree is not None
    assert (tree, ()) == other(text)


@often
@given(text=WRITTEN, changes=CHANGES)
def test_what_is_read_is_what_ruamel_reads(text: str, changes: list[tuple[int, int, str]]) -> None:
    for place, length, piece in changes:
        at = place % (len(text) + 1)
        text = text[:at] + piece + text[at + length :]
    tree = read_plain(text, "f")
    assert tree is None or (tree, ()) == other(text)


@often
@given(
    lines=st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(["", "- ", "-  ", "- - "]), st.sampled_from(["", "a: ", "b:", "c:  "]), st.sampled_from(["", "x", "[x]", "{x: y}", "# z"])),
        max_size=7,
    )
)
def test_what_is_read_is_what_ruamel_reads_at_any_indentation(lines: list[tuple[int, str, str, str]]) -> None:
    text = "\n".join(" " * indent + "".join(parts) for indent, *parts in lines)
    tree = read_plain(text, "f")
    assert tree is None or (tree, ()) == other(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a:",
        "a: b: c",
        "a: b #c",
        "a: -1",
        "a: |\n  b",
        "a: &b c",
        "a: 'it''s'",
        'a: "\\n"',
        "a: [b, [c]]",
        "a: [b,c]",
        "a: {b: {c: d}}",
        "a: b\n  c",
        "a: 1\na: 2",
        "? a",
        "a: [",
        "a: {\n b: c}",
        "a: []",
        "a:\n- b",
        "a: b\u00a0c",
        "<<: *a",
        "---\na: b",
    ],
)
def test_all_else_is_left_to_ruamel(text: str) -> None:
    assert read_plain(text, "f") is None


def test_words_are_never_values() -> None:
    tree = read_plain("a: NO\nb: 012\nc: ~\nd: null\ne: ''\nf: yes\n", "f")
    assert isinstance(tree, Table)
    assert [node.text for _, node in tree.entries.values() if isinstance(node, Scalar)] == ["NO", "012", "", "", "", "yes"]


def test_every_node_knows_its_place() -> None:
    tree = read_plain(MISSIONS, "f")
    assert isinstance(tree, Sequence)
    entries = tree.items[0].entries  # type: ignore[union-attr]
    assert tree.where == Position("f", 2, 1)
    assert (entries["fax"][0], entries["fax"][1]) == (Position("f", 8, 3), Scalar("+41-22-786-06-62", Position("f", 8, 8), 1))


def test_ruamel_is_not_loaded_for_the_files_of_this_repository() -> None:
    front = _split((REPO / "content/2018-06-06-dprk/letter.md").read_text("utf-8"), "f")
    assert not isinstance(front, Problem)
    texts = [front.front, *((REPO / name).read_text("utf-8") for name in ("content/missions.yaml", "layouts/labels.yaml", "layouts/report.yaml"))]
    assert all(read_plain(text, "f") is not None for text in texts)
    program = "import sys; from pathlib import Path; from engross.content import read_labels, read_missions; from engross.project import find; "
    program += "p = find(Path('.')); print(read_labels(p)[1], read_missions(p)[1], 'ruamel.yaml' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], cwd=Path(REPO), capture_output=True, text=True, check=True)
    assert run.stdout == "[] [] False\n"
