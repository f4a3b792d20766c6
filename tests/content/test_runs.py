"""A text is cut where its script says that the language changes."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from engross import markup

CASES = {
    ("en", ""): [],
    ("en", "Réunion, 3 (a)"): [("Réunion, 3 (a)", "en")],
    ("es", "la 한국, sí"): [("la ", "es"), ("한국", "ko"), (", sí", "es")],
    ("ko", "1. 유엔 漢字"): [("1. 유엔 漢字", "ko")],
    ("ko", "유엔 (UN) 총회"): [("유엔 (", "ko"), ("UN", "en"), (") 총회", "ko")],
    ("ko", "UN"): [("UN", "en")],
    ("ja", "国連、UN Women"): [("国連、", "ja"), ("UN Women", "en")],
    ("zh-Hant", "聯合國 UN"): [("聯合國 ", "zh-Hant"), ("UN", "en")],
    ("en", "Tokyo 東京"): [("Tokyo ", "en"), ("東京", "zh")],
    ("en", "Tokyo 東京と"): [("Tokyo ", "en"), ("東京と", "ja")],
    ("en", "12 Жизнь"): [("12 ", "en"), ("Жизнь", "ru")],
}


@pytest.mark.parametrize(("lang", "text"), CASES)
def test_pieces_and_their_languages(lang: str, text: str) -> None:
    assert markup.runs(text, lang) == CASES[lang, text]


@pytest.mark.parametrize("lang", ["en", "ko", "ja", "zh-Hant", "ru"])
def test_no_character_is_lost_and_no_two_pieces_could_be_one(lang: str) -> None:
    chance = random.Random(5)
    for _ in range(2000):
        text = "".join(chance.choices("ab é1,. -가나あ漢Жω·「」", k=chance.randint(0, 9)))
        found = markup.runs(text, lang)
        assert "".join(piece for piece, _ in found) == text
        assert all(piece for piece, _ in found)
        assert all(one != other for (_, one), (_, other) in pairwise(found))
