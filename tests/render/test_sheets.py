"""Style sheets are taken as another process has read them, and are what WeasyPrint reads."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
import tinycss2  # type: ignore[import-untyped]
import weasyprint
from weasyprint import CSS, html
from weasyprint.css.counters import CounterStyle

from engross.errors import EngrossError
from engross.render import weasy, weasy_sheets
from engross.render.user_cache import UserCache

ROOT = Path(__file__).parents[2]
TEXT = """
@page { size: A4; @top-left { content: "FAX" } }
@page :first { margin: 1cm }
p, .note, #seal > b:first-child { margin: 1em 0 !important; color: #123 }
[lang] ::before { content: "“" attr(title) counter(page) }
q:lang(ko) { --own: 3px; width: calc(1em + 3px); border: 1px solid black }
"""
SHEETS = {
    "own": html.UA,
    "form": html.UA_FORM,
    "letter": (ROOT / "layouts" / "letter.css").read_text("utf-8"),
    "fax": (ROOT / "layouts" / "fax.css").read_text("utf-8"),
    "text": TEXT,
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UserCache:
    made = UserCache(tmp_path / "sheets", [__file__])
    monkeypatch.setattr(weasy_sheets, "_cache", lambda: made)
    return made


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was read from its text."""
    found: list[str] = []
    stock = tinycss2.parse_stylesheet

    def noted(text: str, *more: Any) -> Any:
        if text:
            found.append(text)
        return stock(text, *more)

    monkeypatch.setattr(tinycss2, "parse_stylesheet", noted)
    return found


def plain(value: Any) -> Any:
    """A value in terms that can be compared: tokens as CSS, functions as what they do."""
    if isinstance(value, tinycss2.ast.Node):
        return value.serialize()
    if hasattr(value, "__code__"):
        return plain(value.__code__)
    if isinstance(value, CodeType):
        return value.co_code, value.co_names, value.co_varnames, plain(value.co_consts)
    if isinstance(value, dict):
        return [(plain(key), plain(one)) for key, one in value.items()]
    return [type(value).__name__, *map(plain, value)] if isinstance(value, (list, tuple)) else value


def told(sheet: Any, rules: list[Any], counters: dict[str, Any]) -> Any:
    """All that a sheet tells a document."""
    matcher = {name: plain(getattr(sheet.matcher, name)) for name in weasy_sheets._BUCKETS}
    return matcher, sheet.matcher.order, [plain(rest) for _, *rest in rules], plain(dict(counters)), sheet.layers, sheet.base_url


def read(text: str) -> Any:
    rules, counters = list[Any](), CounterStyle()
    return told(weasy_sheets.read(text, page_rules=rules, counter_style=counters, media_type="print", layers=[]), rules, counters)


def stock(text: str) -> Any:
    rules, counters = list[Any](), CounterStyle()
    return told(CSS(string=text, page_rules=rules, counter_style=counters, media_type="print", layers=[]), rules, counters)


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_that_was_kept_is_what_weasyprint_reads(name: str, parsed: list[str]) -> None:
    expected = stock(SHEETS[name])
    assert read(SHEETS[name]) == expected
    parsed.clear()
    assert read(SHEETS[name]) == expected
    assert parsed == []


def test_nothing_else_of_a_matcher_or_a_sheet_has_to_be_kept() -> None:
    sheet = CSS(string=TEXT)
    assert vars(sheet.matcher).keys() == {*weasy_sheets._BUCKETS, "order"}
    assert vars(sheet).keys() == {"matcher", "page_rules", "layers", "base_url"}


def test_selectors_that_were_kept_match_the_same_elements() -> None:
    page = '<html lang="ko"><p class="note"><b title="x">a</b><q>b</q></p><p id="seal"><b>c</b></p><input type="checkbox" disabled></html>'
    elements = weasyprint.HTML(string=page).wrapper_element
    weasy_sheets.read(html.UA + TEXT)
    for sheet in (first := CSS(string=html.UA + TEXT), weasy_sheets.read(html.UA + TEXT)):
        matched = [[plain(found) for found in sheet.matcher.match(element)] for element in elements.iter_subtree()]
        assert matched == [[plain(found) for found in first.matcher.match(element)] for element in elements.iter_subtree()]
        assert sum(map(len, matched)) > 20


def test_counters_that_were_there_stay() -> None:
    for _ in range(2):
        counters = CounterStyle({"mine": {"system": None}})
        weasy_sheets.read(html.UA, counter_style=counters)
        assert {"mine", "disc", "hiragana"} <= counters.keys()


@pytest.mark.parametrize(
    "text",
    [
        '@import "other.css";',
        '@IMPORT "other.css";',
        "@font-face { font-family: A; src: local(A) }",
        "p { background: url(a.png) }",
        "@layer a { p { color: red } }",
        "p { margin: var(--own) }",
        "p { margin: VAR(--own) }",
    ],
)
def test_what_tells_more_than_styles_is_read_each_time(text: str, parsed: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        weasy_sheets.read(text)
    assert parsed == [text, text]
    assert not (tmp_path / "sheets").exists()


@pytest.mark.parametrize("rule", ["@import", "@IMPORT", "@im\\port"])
def test_a_layout_that_imports_is_refused_however_it_is_written_and_nothing_is_fetched_ahead(rule: str, tmp_path: Path) -> None:
    (tmp_path / "other.css").write_text("p::after { content: 'not' }")
    sheet, fonts = f"{rule} url({(tmp_path / 'other.css').as_uri()});", ROOT / "layouts" / "fonts"
    weasy.warm(fonts, [sheet])
    with pytest.raises(EngrossError, match="outside it: file:"):
        weasy.to_plain_pdf(f"<!doctype html>\n<html><head><style>{sheet}</style></head><body><p>We do.</p></body></html>", font_folder=fonts)


def test_what_weasyprint_complains_of_is_complained_of_each_time(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "weasyprint"):
        for _ in range(2):
            weasy_sheets.read("p { colour: red }")
    assert len([record for record in caplog.records if "colour" in record.getMessage()]) == 2


def test_a_damaged_file_counts_for_nothing(tmp_path: Path, parsed: list[str]) -> None:
    expected = read(TEXT)
    (file,) = (tmp_path / "sheets").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    parsed.clear()
    assert read(TEXT) == expected
    assert parsed == [TEXT]


IMPORTED = """
import sys, tinycss2
from pathlib import Path
from engross.render import weasy
parsed, stock = [], tinycss2.parse_stylesheet
tinycss2.parse_stylesheet = lambda text, *more: parsed.append(text) or stock(text, *more)
weasy.warm(Path("layouts/fonts"))
from weasyprint import CSS, HTML, html
texts = {html.UA: "own", html.UA_FORM: "form", html.PH: "hints"}
print(*(texts[text] for text in parsed if text), "|")
page = HTML(string='<body bgcolor=red><ul><li>a</ul><input value=b><p align=right>c')
print(len(page.write_pdf(presentational_hints=True, uncompressed_pdf=True, pdf_forms=True)))
print(type(html.PH_STYLESHEET) is CSS, html.PH_STYLESHEET.matcher.order > 9)
"""


def imported(home: Path, off: str = "") -> list[str]:
    run = subprocess.run(
        [sys.executable, "-c", IMPORTED], cwd=ROOT, env={"XDG_CACHE_HOME": str(home), "PATH": "", "ENGROSS_SPEEDUPS": off}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


@pytest.mark.real
def test_the_second_process_reads_none_of_weasyprints_own_sheets(tmp_path: Path) -> None:
    first, second = imported(tmp_path), imported(tmp_path)
    assert (first[0], second[0]) == ("own form |", "|")
    assert first[1:] == second[1:] == [first[1], "True True"]
