"""Brackets, quotation marks, ends of sentences, widths and spaces, as the language of the translation has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from engross.translation.checks.pair import LIST_ROLES, MASK, Case, Finding, quoted

_CLOSERS = dict(zip(")]}）］｝」』】〉》»›", "([{（［｛「『【〈《«‹", strict=True))
_OPENERS = frozenset(_CLOSERS.values())
_MARKS = {"“": "”", "‘": "’", "「": "」", "『": "』", "«": "»", "‹": "›", "„": "“", "‚": "‘", "《": "》", "〈": "〉"}
_ANY_QUOTE = re.compile("[“”‘’「」『』«»‹›„‚\"'`＂＇〝〟]")
_BRACKET = re.compile(f"[{re.escape(''.join(sorted({*_CLOSERS, *_OPENERS})))}]")
_LETTERED = re.compile(r"(?<!\w)[a-z\d]{1,3}\Z")
"""What stands before the bracket of a) and 1), which nothing opens."""
_CJK = r"぀-ヿ㐀-䶿一-鿿豈-﫿々〆"
_INVERTED = {"es", "ast", "gl"}

_CLASSES = {
    **dict.fromkeys(".。．｡", "full stop"),
    **dict.fromkeys(":：", "colon"),
    **dict.fromkeys(";；", "semicolon"),
    **dict.fromkeys(",，、､", "comma"),
    **dict.fromkeys("?？", "question mark"),
    **dict.fromkeys("!！", "exclamation mark"),
    "…": "ellipsis",
}
_CONJUNCTIONS = re.compile(r"([;；,、])\s+(?:and|or|y|e|o|u|et|ou|und|oder|および|並びに|및|그리고)\Z")
_TRAILING = MASK + "”’»›」』】）)]\"'*" + "".join(c for c in map(chr, range(0x3001)) if c.isspace())
_ABBREVIATION = re.compile(r"(?:\A|\s)(?:[A-Z][a-z]{0,3}|[A-Z](?:\.[A-Z])*|núm|art|etc|pág)\.\Z")
_LIST_ENDS = {"semicolon", "full stop", "comma", "none"}


def brackets(case: Case) -> Iterator[Finding]:
    """Every bracket that opens closes, in order."""
    stack: list[str] = []
    text = case.prose
    for match in _BRACKET.finditer(text):
        character = match[0]
        if character in _OPENERS:
            stack.append(character)
        elif character == ")" and not stack and _LETTERED.search(text[max(match.start() - 4, 0) : match.start()]):
            continue
        elif not stack or stack.pop() != _CLOSERS[character]:
            yield Finding(f"“{character}” closes nothing", "brackets come in pairs of one kind and width")
            return
    if stack:
        yield Finding(f"“{stack[-1]}” is not closed", "brackets come in pairs of one kind and width")


def quotes(case: Case) -> Iterator[Finding]:
    """The language's quotation marks, in pairs, and as many quotations as the source has."""
    text = _without_apostrophes(case.prose)
    accepted = set("".join(case.locale.quotes))
    preferred = " ".join(case.locale.quotes)
    strange = set(_ANY_QUOTE.findall(text)) - accepted
    if strange:
        yield Finding(f"{' '.join(sorted(strange))} is not a quotation mark of this language", f"write {preferred}")
        return
    for pair in case.locale.quotes:
        if pair[0] != pair[1] and text.count(pair[0]) != text.count(pair[1]):
            yield Finding(f"{pair[0]} and {pair[1]} do not pair", "each opening mark has its closing one")
            return
    wanted = _without_apostrophes(case.source).count("“") + case.source.count('"') // 2
    if wanted and not any(pair[0] in text for pair in case.locale.quotes):
        yield Finding("the source quotes, the translation does not", f"put the quoted words between {case.locale.quotes[0]}")


def inverted(case: Case) -> Iterator[Finding]:
    """Spanish questions and exclamations open with ¿ and ¡."""
    if case.lang not in _INVERTED:
        return
    text = re.sub(r"\([?!]\)", "", case.prose)
    for opening, closing in ("¿?", "¡!"):
        if len(re.findall(re.escape(opening) + "+", text)) != len(re.findall(re.escape(closing) + "+", text)):
            yield Finding(f"{opening} and {closing} do not pair", f"write {opening} where the sentence begins that ends with {closing}")


def ending(case: Case) -> Iterator[Finding]:
    """The text ends as the source does, in the ways the language has for it."""
    if case.pair.role in ("signatory", "acronym"):
        return
    wanted, found = end_class(case.source), end_class(case.target)
    if found not in _accepted(case, wanted):
        yield Finding(f"the source ends with {_article(wanted)}, the translation with {_article(found)}", "end it as the source ends, with the mark of your language")


@lru_cache(maxsize=4096)
def end_class(text: str) -> str:
    """The kind of mark a text ends with, quotation marks and brackets left aside; “; and” counts as a semicolon."""
    text = _CONJUNCTIONS.sub(r"\1", text.rstrip(_TRAILING))
    if text.endswith(("...", "…", "……")):
        return "ellipsis"
    if text.endswith(".") and _ABBREVIATION.search(text):
        return "abbreviation"
    return _CLASSES.get(text[-1:], "none")


def _accepted(case: Case, wanted: str) -> set[str]:
    east = case.lang in ("ko", "ja", "zh")
    accepted = {wanted}
    if case.pair.role in LIST_ROLES and wanted in ("semicolon", "full stop", "comma"):
        accepted |= {"full stop", "semicolon"} if east else {"abbreviation"}
    elif wanted == "comma":
        accepted |= {"colon", "none", "full stop", "exclamation mark"}
    elif wanted == "colon":
        accepted |= {"full stop"} if east and case.pair.role == "paragraph" else set()
    elif wanted == "abbreviation":
        accepted |= {"none", "full stop"}
    elif wanted in ("full stop", "none"):
        accepted |= {"abbreviation"}
    elif wanted == "question mark" and case.lang == "ja" and re.search(r"か[。」』]*\Z", case.target):
        accepted |= {"full stop", "none"}
    elif wanted == "exclamation mark" and east:
        accepted |= {"full stop"}
    return accepted


def _article(kind: str) -> str:
    return {"none": "no mark", "abbreviation": "an abbreviation", "exclamation mark": "an exclamation mark", "ellipsis": "an ellipsis"}.get(kind, f"a {kind}")


_FULL_ASCII = r"！-～"
_BESIDE_WIDE = re.compile(r"[^\x00-\u2fff][ \u3000,.:;!?()\[\]]|[ \u3000,.:;!?()\[\]][^\x00-\u2fff]")
"""A space or half-width mark beside a wide character: without one, the two expressions below need not be compiled, which takes longer than all that they read."""
_HALF_IN_CJK = rf"(?<=[{_CJK}」』）])[,.:;!?()\[\]]|[,.:;!?()\[\]](?=[{_CJK}「『（])"
_CJK_ONLY = re.compile(r"[、。，．：；！？（）｛｝［］「」『』〈〉《》・　]")
_FULL_ALNUM = re.compile(r"[０-９Ａ-Ｚａ-ｚ]+")


def width(case: Case) -> Iterator[Finding]:
    """Full-width marks in Japanese and Chinese, half-width figures and letters everywhere, half-width marks in all other languages."""
    text = case.prose
    match = _FULL_ALNUM.search(text)
    if match:
        yield Finding(f"{quoted(match[0])} is full-width", "write figures and Latin letters half-width")
    if case.locale.fullwidth:
        match = re.search(_HALF_IN_CJK, text) if _BESIDE_WIDE.search(text) else None
        if match:
            around = text[max(match.start() - 6, 0) : match.end() + 6].replace(MASK, "")
            yield Finding(f"the half-width {match[0]} in {quoted(around)}", "write the full-width mark: （）、。：；")
        return
    if case.lang == "ko" and re.search(r"[・ㆍ‧]", text):
        yield Finding("a middle dot of another script", "write · (U+00B7)")
    marks = [c for c in dict.fromkeys(_CJK_ONLY.findall(text)) if c not in "".join(case.locale.quotes) and not (case.lang == "ko" and c in "「」『』〈〉《》・")]
    if marks:
        yield Finding(f"{' '.join(marks)} is a full-width mark", "write the half-width mark of your language")


def spacing(case: Case) -> Iterator[Finding]:
    """Single spaces where the language has them, none where it has not."""
    text = case.prose
    if re.search(r"[ \u00a0]{2}", text) and "  " not in case.source:
        yield Finding("two spaces", "write one")
    inside = r"[(\[（「『“¿¡] | [)\]）」』”]" if case.lang == "fr" else r"[(\[（「『“«¿¡] | [)\]）」』”»]"
    if re.search(inside, text) and not re.search(r"[(\[“] | [)\]”]", case.source):
        yield Finding("a space inside brackets or quotation marks", "delete it")
    if case.locale.spaces:
        marks = "[,.]" if case.lang == "fr" else "[,.;:!?]"
        match = re.search(rf"\S +{marks}(?!\d|\.\.)(?=\s|$)", text)
        if match:
            yield Finding(f"a space before {match[0][-1]}", "delete it")
        match = re.search(r"[^\W\d_][,;](?=[^\W\d_])", text)
        if match:
            yield Finding(f"no space after {match[0][-1]} in {quoted(text[max(match.start() - 8, 0) : match.end() + 8])}", "write one")
        return
    match = _BESIDE_WIDE.search(text) and re.search(rf"[{_CJK}] +[A-Za-z0-9{_CJK}]|[A-Za-z0-9] +[{_CJK}]|[{_CJK}、。]\u3000", text)
    if match:
        yield Finding(f"a space in {quoted(text[max(match.start() - 5, 0) : match.end() + 5])}", "this language sets none between its own and Latin letters or figures")


def doubled(case: Case) -> Iterator[Finding]:
    """No mark twice in a row, no word twice in a row."""
    match = re.search(r"([,;:、。，；：·・])\1|\.\.(?!\.)(?<!\.\.\.)|[,、][.。]|[.。][,、](?=\s|$)|;[.。]|。\.|\.。", re.sub(r"\.{3,}", "…", case.prose))
    if match and match[0] not in case.source:
        yield Finding(f"{quoted(match[0])}: two marks in a row", "keep the right one")
    match = re.search(r"(?<!\w)([^\W\d_]{2,}) \1(?!\w)", case.prose, re.IGNORECASE)
    if match and not re.search(r"(?<!\w)([^\W\d_]{2,}) \1(?!\w)", case.source, re.IGNORECASE):
        yield Finding(f"{quoted(match[0])}: one word twice", "delete one")


def _without_apostrophes(text: str) -> str:
    """Apostrophes in and after Latin words (Workers’ Party, O'Higgins) are no quotation marks."""
    if "’" not in text and "'" not in text:
        return text
    text = re.sub(r"(?<=[A-Za-zÀ-ɏ0-9])['’](?=[A-Za-zÀ-ɏ])", "", text)
    return re.sub(r"(?<=[sz])’(?= [A-Za-z])", "", text) if "‘" not in text else text
