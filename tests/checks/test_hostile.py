"""Hostile texts are refused, whatever the entry; no text at all makes a check fail or take long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engross.errors import Position
from engross.locales import BUILT_IN
from engross.translation.checks import RULES, Pair, check_pair

HOSTILE = {
    "<script>alert(1)</script>": {"html"},
    "<img src=x onerror=alert(1)>": {"html"},
    "<!-- comment -->": {"html"},
    "&#x3c;script&#x3e;": {"html"},
    "{{ 7*7 }}": {"template"},
    "{% include 'x' %}": {"template"},
    "${jndi:ldap://example.org}": {"template"},
    "\u202edrawkcab": {"characters"},
    "\u2066isolated\u2069": {"characters"},
    "\u200fright": {"characters"},
    "zero\u200bwidth": {"characters"},
    "joined\u200d": {"characters"},
    "\ufeffmark": {"characters"},
    "soft\u00adhyphen": {"characters"},
    "filler\u3164": {"characters"},
    "filler\u115f": {"characters"},
    "filler\uffa0": {"characters"},
    "tag\U000e0041": {"characters"},
    "selector\ufe0f": {"characters"},
    "private\ue000": {"characters"},
    "private\U000f0000": {"characters"},
    "bell\x07": {"characters"},
    "null\x00": {"characters"},
    "delete\x7f": {"characters"},
    "c1\x85": {"characters"},
    "tab\there": {"characters"},
    "line\u2028separator": {"characters"},
    "broken\ufffd": {"characters"},
    "unassigned\u0378": {"characters"},
    "half\ud800": {"characters"},
    "z\u0300\u0301\u0302\u0303algo": {"characters"},
    "two\nlines": {"line-break"},
    "two\r\nlines": {"line-break", "characters"},
    " before": {"edge-space"},
    "after\u00a0": {"edge-space"},
    "cafe\u0301": {"nfc"},
    "\u1112\u1161\u11ab": {"nfc"},
    "- entry": {"block-start"},
    "* entry": {"block-start"},
    "# heading": {"block-start"},
    "1. entry": {"block-start"},
    "2) entry": {"block-start"},
    "> quotation": {"block-start"},
    "---": {"block-start"},
    "```": {"block-start"},
    "[x]: https://example.org": {"block-start"},
    "{name}": {"placeholders"},
}


def check(target: str, lang: str = "ko", *, inline: bool = True, comments: tuple[str, ...] = ()) -> set[str]:
    pair = Pair("example", "paragraph", "The council met.", target, inline, Position("ko.po", 1), comments, lang)
    return {problem.code for problem in check_pair(pair, BUILT_IN[lang])}


@pytest.mark.parametrize("lang", ["ko", "ja", "es"])
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
@pytest.mark.parametrize("inline", [True, False], ids=["markdown", "plain"])
def test_a_hostile_text_is_refused(text, inline, lang):
    assert HOSTILE[text] <= check(text, lang, inline=inline)


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_waiver_lets_it_through(text):
    codes = HOSTILE[text]
    waived = check(text, comments=tuple(f"waive {code}: we want it" for code in codes))
    assert codes <= waived
    assert "waiver-refused" in waived


@pytest.mark.parametrize("inline", [True, False], ids=["markdown", "plain"])
def test_a_link_to_a_script_is_refused(inline):
    found = check("[여기](javascript:alert(1))를 보십시오.", inline=inline)
    assert found & {"links", "html"} if inline else found


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    source=st.text(alphabet=st.sampled_from("aA1,.-:;% $()[]{}*<&\n“”‘’'年月日만억조第一二百万両한두의")),
    target=st.text(alphabet=st.sampled_from("aA1,.-:;% $()[]{}*<&\n“”‘’'年月日만억조第一二百万両한두의")) | st.text(),
    lang=st.sampled_from(["ko", "ja", "es"]),
    inline=st.booleans(),
)
def test_every_text_can_be_checked(source, target, lang, inline):
    pair = Pair("example", "paragraph", source, target, inline, Position("x.po", 1), (), lang)
    codes = {problem.code for problem in check_pair(pair, BUILT_IN[lang])}
    assert codes <= {rule.code for rule in RULES}


@pytest.mark.parametrize("piece", ["1", "1,", "(", "一", "万", "a ", "the ", "*", "[", "<", "“", "1만 ", "é", "{", "+1 202 ", "-", ". ", "한 ", "\u0301", "twenty "], ids=ascii)
@pytest.mark.parametrize("lang", ["ko", "ja", "es"])
def test_long_repetitions_take_no_long_time(piece, lang):
    text = piece * (4000 // len(piece))
    begin = time.process_time()
    pair = Pair("example", "paragraph", text, text + "x", False, Position("x.po", 1), (), lang)
    check_pair(pair, BUILT_IN[lang])
    assert time.process_time() - begin < 3
