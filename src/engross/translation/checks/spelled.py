"""Numbers written in words, and the words that may stand for one."""

from __future__ import annotations

import re
from fractions import Fraction

from engross.translation.checks.numerals import FIRM, HINT, SPOKEN
from engross.translation.checks.pair import MASK
from engross.translation.checks.reading import HAN_DIGITS, Figure, Number, Reader, han_value, plain

_HAN_RUN = re.compile(r"[〇零一二三四五六七八九十百千万億兆]+")
_HAN_COUNTER = re.compile(r"[年月日人名歳か国号条項章回円件%割世つ本カヶ箇個]")
_SINO = re.compile(r"(?<![가-힣\d])([일이삼사오육칠팔구십백천만억조]*[십백천만억][일이삼사오육칠팔구십백천만억조]*)\s?(?=여|명|원|달러|개|년|톤|건|가구|세|분의|퍼센트)")
_NATIVE = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "열한": 11, "열두": 12, "스무": 20}
_COUNTERS = "명|개|가지|곳|건|번째|번|살|달|차례|사람|단체|나라|가구|쪽|주|시간|시|배|해|권|국가|분야|의정서|협약|조약|문서|기구"
_NATIVE_RUN = re.compile(rf"(?<![가-힣])({'|'.join(sorted(_NATIVE, key=len, reverse=True))})(?: ?(?={_COUNTERS})| (?=[가-힣]))")
_EAST_HINTS = {
    "양측": 2,
    "양국": 2,
    "양자": 2,
    "양 ": 2,
    "쌍": 2,
    "둘": 2,
    "셋": 3,
    "넷": 4,
    "하나": 1,
    "첫": 1,
    "최초": 1,
    "하루": 1,
    "이틀": 2,
    "사흘": 3,
    "両": 2,
    "双": 2,
    "初": 1,
    "각": 1,
    "各": 1,
    "毎": 1,
    "매": 1,
}
_EAST_HINT = re.compile("|".join(_EAST_HINTS))
_HALVES = re.compile(r"절반|반년|半")


def east_words(reader: Reader) -> None:
    """두 의정서, 세 명, 백만 명, 二つ, 十二か月."""
    if not reader.numerals.east_asian:
        return
    if reader.lang == "ko":
        for match in reader.each(_SINO):
            reader.take(match, plain(match, han_value(match[1]), weight=SPOKEN))
        for match in reader.each(_NATIVE_RUN):
            value = _NATIVE[match[1]]
            sure = value > 1 and (reader.text.startswith(tuple(_COUNTERS.split("|")), match.end()) or match[1] == "두")
            reader.take(match, plain(match, value, weight=SPOKEN if sure else HINT))
    else:
        for match in reader.each(_HAN_RUN):
            value = han_value(match[0])
            sure = value > 1 and len(match[0]) < 8 and _HAN_COUNTER.match(reader.text, match.end()) and any(c in HAN_DIGITS for c in match[0])
            reader.take(match, plain(match, value, weight=SPOKEN if sure else HINT))
    for match in reader.each(_EAST_HINT):
        reader.found.append(plain(match, _EAST_HINTS[match[0]], weight=HINT))
    for match in reader.each(_HALVES):
        reader.found.append(plain(match, Fraction(1, 2), weight=HINT))


_TOKEN = re.compile(r"[^\W\d_]+")
_PER_CENT = re.compile(r"(?<!\w)(?:por (?:ciento|cien)|per cent|pour cent)(?!\w)", re.IGNORECASE)


def west_words(reader: Reader) -> None:
    """Two hundred thousand, dieciocho millones, seven decades."""
    words, hints, times, links = reader.numerals.words, reader.numerals.hints, reader.numerals.times, reader.numerals.links
    if not words:
        return
    tokens = list(_TOKEN.finditer(_PER_CENT.sub(lambda match: MASK * len(match[0]), reader.text)))
    at = 0
    while at < len(tokens):
        run: list[re.Match[str]] = []
        while at < len(tokens) and (tokens[at][0].lower() in words or (run and tokens[at][0].lower() in links and at + 1 < len(tokens) and tokens[at + 1][0].lower() in words)):
            if run and not re.fullmatch(r"[ -]", reader.text[run[-1].end() : tokens[at].start()]):
                break
            if run and reader.lang == "en" and tokens[at][0].lower() == "and" and words.get(run[-1][0].lower(), 0) < 100:
                break
            run.append(tokens[at])
            at += 1
        if run:
            _take_words(reader, run, tokens[at] if at < len(tokens) else None)
            continue
        word = tokens[at][0].lower()
        if word in hints:
            reader.found.append(Figure(tokens[at][0], tokens[at].start(), (hints[word],), HINT))
        elif word in times:
            reader.found.append(Figure(tokens[at][0], tokens[at].start(), (times[word],), HINT))
        at += 1


def _take_words(reader: Reader, run: list[re.Match[str]], following: re.Match[str] | None) -> None:
    text = reader.text[run[0].start() : run[-1].end()]
    total = section = 0
    for token in run:
        value = reader.numerals.words.get(token[0].lower())
        if value is None:
            continue
        if value == 100 and section % 100 and section < 100:
            section *= 100
        elif value >= 1000:
            total, section = (total or section or 1) * value if not section or not total else total + section * value, 0
        else:
            section += value
    number = total + section
    values: list[Number] = [number]
    if following and following[0].lower() in reader.numerals.times:
        values.append(number * reader.numerals.times[following[0].lower()])
    weight = HINT if number == 1 or text.lower() in ("hundred", "thousand", "million", "billion", "mil") else SPOKEN if number <= 12 or len(values) > 1 else FIRM
    if reader.lang == "es" and re.search(r"\baños\s\Z", reader.text[: run[0].start()]) and number in range(20, 100, 10):
        values.append(number + 1900)
    if reader.lang == "en" and text[0].isupper() and run[0].start() and len(run) == 1:
        weight = min(weight, SPOKEN)
    reader.found.append(Figure(text, run[0].start(), tuple(values), weight))


_ROMAN = re.compile(r"(?<![\w.])(?=[IVX]{2,}(?!\w)|(?<=siglo )[IVX]|(?<=Chapter )[IVX]|(?<=Capítulo )[IVX])(X{0,3})(IX|IV|V?I{0,3})(?![\w’'])")

_ROMAN_LETTERS = re.compile(r"[IVX]+")


def roman(reader: Reader) -> None:
    """Chapter VII, siglo XXI."""
    for run in _ROMAN_LETTERS.finditer(reader.text):
        match = _ROMAN.match(reader.text, run.start())
        if match is None:
            continue
        value = 10 * len(match[1]) + {"IX": 9, "IV": 4}.get(match[2], 5 * match[2].count("V") + match[2].count("I"))
        if value:
            reader.found.append(plain(match, value, weight=HINT))
