"""Patterns that are parsed when a word asks for them are pyphen's."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pyphen  # type: ignore[import-untyped]
import pytest

from engross.render import weasy_speed_hyphens
from tests.render.conftest import WORKSPACES, printed

SPEC = spec_from_file_location("stock_pyphen", pyphen.__file__)
assert SPEC
assert SPEC.loader
STOCK = module_from_spec(SPEC)
"""pyphen as it is, whoever has set a page in this process before."""
SPEC.loader.exec_module(STOCK)
DICTIONARIES = sorted({path for path in pyphen.LANGUAGES.values() if path.stat().st_size < 200_000})
ODD = """UTF-8\r
LEFTHYPHENMIN 2\r
COMPOUNDRIGHTHYPHENMIN 2
% a remark as long as no pattern, with 1 digit
#another1
  %and one that is moved in
  a1b

 \t
c1d2
c3d4
e5f
ef
0g0
h^^e91i
.ö1f1fr/ff=f,2,2
12j
k-1l/m1
4n/1o=,1,1
\u00a01ab.
a b1c
"""
"""A dictionary with all that there may be: settings, remarks, spaces, patterns that come twice or say nothing, letters as numbers, changed letters."""


def values(found: Any) -> Any:
    """All that pyphen reads of what it keeps of a pattern."""
    return found and (found[0], [(int(value), getattr(value, "data", None)) for value in found[1]])


def assert_the_same(path: Path) -> None:
    stock, ours = STOCK.HyphDict(path), weasy_speed_hyphens.read(path.read_bytes())
    for letters, found in stock.patterns.items():
        assert values(ours.get(letters)) == values(found), letters
        assert ours.get(letters) is ours.get(letters)
    assert [letters for letters in ours if letters not in stock.patterns and ours.get(letters) is not None] == []
    assert max(map(len, ours)) >= stock.maxlen  # how far a word is looked through: longer changes nothing


@pytest.mark.parametrize("path", DICTIONARIES, ids=lambda path: str(path.stem))
def test_each_pattern_of_a_dictionary_is_the_same(path: Path) -> None:
    assert_the_same(path)


def test_all_that_may_stand_in_a_dictionary_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "hyph_xx.dic"
    path.write_text(ODD, encoding="utf-8", newline="")
    assert_the_same(path)
    ours = weasy_speed_hyphens.read(path.read_bytes())
    assert ours.get("cd") == (1, (3, 4))
    assert ours.get("ef") == (1, (5,))
    assert ours.get("g") is None
    assert ours.get("g", 7) == 7
    assert max(map(len, ours)) < 10


def test_the_words_of_the_letters_are_divided_as_pyphen_divides_them(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [path.read_text(encoding="utf-8") for root in WORKSPACES.values() for path in (*root.glob("translations/*/*/*.po"), *root.glob("content/*/letter.md"))]
    words = sorted({word for text in texts for word in re.findall(r"[^\W\d_]+", text)})
    assert len(words) > 1000
    dictionaries = [path for path in DICTIONARIES if path.stem in ("hyph_en_GB", "hyph_en_US", "hyph_es")]
    stock = [STOCK.Pyphen(filename=path, cache=False) for path in dictionaries]
    for name in ("__init__", "positions"):
        monkeypatch.setattr(pyphen.HyphDict, name, getattr(STOCK.HyphDict, name))
    weasy_speed_hyphens.patterns()
    ours = [pyphen.Pyphen(filename=path, cache=False) for path in dictionaries]
    assert all(type(one.hd.patterns) is weasy_speed_hyphens.Patterns for one in ours)
    for before, now in zip(stock, ours, strict=True):
        assert [[*now.iterate(word)] for word in words] == [[*before.iterate(word)] for word in words]
        assert sum(type(line) is not str for line in now.hd.patterns.values()) < len(now.hd.patterns)


def test_another_version_of_pyphen_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stock = pyphen.HyphDict.__init__
    monkeypatch.setattr(pyphen, "VERSION", "1.0")
    weasy_speed_hyphens.patterns()
    assert pyphen.HyphDict.__init__ is stock


PROGRAM = """
import hashlib
from pathlib import Path
from engross.render import weasy
texts = {"en": "As your government undertakes international cooperation, institutions, \u201cextraordinary\u201d representatives (non-governmental) and state-owned enterprises negotiate.",
         "es": "Cooperaci\u00f3n internacional: instituciones extraordinarias, \u00abrepresentantes\u00bb gubernamentales y no-gubernamentales; comunicaciones.",
         "hu": "A n\u00e9pess\u00e9gg\u00fagyi \u00f6sszefoglal\u00f3 k\u00f6zl\u00f6nnyel meggyorsul, asszonnyal, kulissza.",
         "ca": "Intel\u00b7lig\u00e8ncia, col\u00b7laboraci\u00f3 excel\u00b7lent, il\u00b7lustracions internacionals."}
rules = ("", "hyphenate-limit-chars: 9 4 4", "hyphenate-limit-zone: 12%", "hyphenate-character: \'\u00b7\u00b7\'; text-align: left")
for lang, text in texts.items():
    for rule in rules:
        lines = "".join(f'<p style="width: {width}px; {rule}">{text} {text}</p>' for width in range(90, 330, 8))
        page = f'<!doctype html><html lang="{lang}"><head><title>x</title><style>p {{ margin: 0 0 2px; text-align: justify; hyphens: auto; font: 13px "Source Serif 4" }}</style></head><body>{lines}</body></html>'
        data = weasy.to_plain_pdf(page, font_folder=Path("layouts/fonts"))
        print(lang, rule, len(data), hashlib.sha256(data).hexdigest())
"""


def test_lines_of_all_widths_end_as_they_do_without() -> None:
    found = [printed(PROGRAM, speedups) for speedups in ("", "off")]
    assert len(found[0]) == 16
    assert found[0] == found[1]
