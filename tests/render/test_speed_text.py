"""Which texts are broken into lines here, and which are left to WeasyPrint."""

from __future__ import annotations

import pytest

from engross.render import weasy_speed_text


@pytest.mark.parametrize("mark", ["\n", "\t", "\r", "\f", "\u00ad", "\u0085", "\u2028", "\u2029"])
@pytest.mark.parametrize("words", ["a{}b", "{}", "é{}", "북{}한"])
def test_what_ends_lines_by_itself_is_left_to_weasyprint(mark: str, words: str) -> None:
    assert weasy_speed_text._controlled(words.format(mark).encode())


@pytest.mark.parametrize("text", ["words, and more", "Cooperación — “sí”", "북한의 여성", "私たちは、\u3000対話", "a\u00a0b", "\u200b\u2060\u202f"])
def test_plain_words_of_any_script_are_not(text: str) -> None:
    assert not weasy_speed_text._controlled(text.encode())
