"""The inline Markdown of letters: emphasis, strong, links, footnote references; nothing else.

CommonMark 0.31 through markdown-it-py, with two differences: emphasis may touch CJK text (`*돌격대(부대)*를`), and `[^key]` refers to a footnote.
Both the reader of letters and the checks of translations use this module, so a translation means what its source means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from engross.values import value_class

LINK_SCHEMES = ("https", "http", "mailto", "tel")


@value_class
class Text:
    """Characters."""

    text: str


@value_class
class Emphasis:
    """`*…*`"""

    children: tuple[Inline, ...]


@value_class
class Strong:
    """`**…**`"""

    children: tuple[Inline, ...]


@value_class
class Link:
    """`[…](href)`"""

    href: str
    children: tuple[Inline, ...]


@value_class
class NoteRef:
    """`[^key]`"""

    key: str


Inline = Text | Emphasis | Strong | Link | NoteRef


@value_class
class Fault:
    """What inline Markdown may not hold. `offset` counts characters from the start of the text."""

    code: str
    message: str
    offset: int
    hint: str


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Inline, ...]:
    """The inline nodes of one line of text. Constructs that are not allowed stay in it as the characters they are: see `faults`."""
    (inline,) = _PARSER.parseInline(text)
    nodes, _ = _nodes(inline.children or [], 0, "")
    return nodes


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """The characters a reader sees, without markup and footnote references."""
    return "".join(characters(parse(text)))


class Marked(Protocol):
    """A text that may hold markup, as `letter.Segment`, which this module does not know."""

    @property
    def text(self) -> str:
        """As it is written."""

    @property
    def markup(self) -> bool:
        """Whether that is inline Markdown."""


def plain_of(segment: Marked) -> str:
    """The characters a reader sees of a segment, for titles, subjects and comparisons."""
    return plain(segment.text) if segment.markup else segment.text


def characters(nodes: Sequence[Inline]) -> Iterator[str]:
    """The text of the nodes, piece by piece."""
    for node in nodes:
        if isinstance(node, Text):
            yield node.text
        elif not isinstance(node, NoteRef):
            yield from characters(node.children)


def note_keys(text: str) -> list[str]:
    """The footnotes a text refers to, in order."""
    return [token.meta["key"] for token in _PARSER.parseInline(text)[0].children or [] if token.type == "note_ref"]


def links(text: str) -> list[str]:
    """The targets a text links to, in order."""
    return [str(token.attrs.get("href", "")) for token in _PARSER.parseInline(text)[0].children or [] if token.type == "link_open"]


def escape(text: str) -> str:
    """Text such that `plain(escape(text)) == text`."""
    return re.sub(r"([\\`*_\[\]<>&])", r"\\\1", text)


@lru_cache(maxsize=4096)
def faults(text: str) -> tuple[Fault, ...]:
    """What an inline text holds that letters do not: raw HTML, images, code, links without a target or to a strange scheme."""
    found: list[Fault] = []
    cursor = 0
    for token in _PARSER.parseInline(text)[0].children or []:
        content = token.markup if token.type == "code_inline" else token.content
        at = text.find(content, cursor) if content else cursor
        at = cursor if at < 0 else at
        if token.type == "html_inline":
            found.append(Fault("raw-html", f"raw HTML {token.content!r}", at, "letters hold text and Markdown only; write &lt; for a less-than sign"))
        elif token.type == "image":
            found.append(Fault("unsupported-markup", "an image", text.find("![", cursor), "letters hold no images"))
        elif token.type == "code_inline":
            found.append(Fault("unsupported-markup", "code between backticks", at, "escape the backtick as \\` to print it"))
        elif token.type == "link_open":
            found.extend(_link_faults(str(token.attrs.get("href", "")), max(text.find("[", cursor), 0)))
        if content and token.type in ("text", "html_inline"):
            cursor = at + len(content)
    found.extend(
        Fault("link-without-target", f"the link {m[0]!r} has no target", m.start(), "write [text](https://…); reference links are not used")
        for m in re.finditer(r"(?<!\\)\[[^\]^][^\]]*\]\[[^\]]*\]", text)
    )
    return tuple(sorted(found, key=lambda fault: fault.offset))


def _link_faults(href: str, offset: int) -> Iterator[Fault]:
    if not href:
        yield Fault("link-without-target", "a link without a target", offset, "write [text](https://…)")
        return
    parts = urlsplit(href)
    if parts.scheme not in LINK_SCHEMES or not (parts.netloc or parts.path):
        yield Fault("bad-link", f"the link target {href!r} is not a web, mail or telephone address", offset, "start it with https://, mailto: or tel:")


_SCRIPTS = {"HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "han", "CYRILLIC": "ru", "GREEK": "el", "ARABIC": "ar", "THAI": "th", "LATIN": "latin"}
_LATIN_HOME = {"ko": "en", "ja": "en", "zh": "en"}


@lru_cache(maxsize=65536)
def _script(character: str) -> str:
    return _SCRIPTS.get(unicodedata.name(character, "").partition(" ")[0].partition("-")[0], "")


def runs(text: str, lang: str) -> list[tuple[str, str]]:
    """Cut a text into (piece, BCP 47 language) where the script says the language changes: Hangul in Spanish, Latin names in Korean.

    Digits, spaces and punctuation stay with what precedes them, at the start and at the end with `lang`. Han characters are read in
    `lang` if it is written with them, else as Japanese when the text has kana, else Chinese.
    """
    return [*_runs(text, lang)]


@lru_cache(maxsize=4096)
def _runs(text: str, lang: str) -> tuple[tuple[str, str], ...]:
    home, characters = lang.split("-")[0], set(text)
    scripts = {*map(_script, characters)}
    languages = {"": "", home: lang, "latin": _LATIN_HOME.get(home, lang), "han": lang if home in ("ko", "ja", "zh") else "ja" if "ja" in scripts else "zh"}
    if all(languages.get(script, script) in ("", lang) for script in scripts):  # as in most texts
        return ((text, lang),) if text else ()
    found = {character: languages.get(script, script) for character, script in zip(characters, map(_script, characters), strict=True)}
    pieces: list[tuple[str, str]] = []
    start, language = 0, found[text[0]] or lang
    for at, character in enumerate(text):
        if found[character] not in ("", language):
            pieces.append((text[start:at], language))
            start, language = at, found[character]
    return tuple(_settle_edges([*pieces, (text[start:], language)], lang))


def _settle_edges(pieces: Sequence[tuple[str, str]], lang: str) -> list[tuple[str, str]]:
    """Give the spaces and punctuation at the end of a foreign run back to the text around it."""
    out: list[tuple[str, str]] = []
    for text, tag in pieces:
        core = text if tag == lang else text.rstrip(" ,.;:!?()[]“”‘’\"'、。，．（）「」·-–—/0123456789")
        for piece, language in ((core, tag), (text[len(core) :], lang)):
            if piece and out and out[-1][1] == language:
                out[-1] = (out[-1][0] + piece, language)
            elif piece:
                out.append((piece, language))
    return out


def _nodes(tokens: list[Token], at: int, closing: str) -> tuple[tuple[Inline, ...], int]:
    """The nodes up to the token of type `closing`, and the index after it."""
    out: list[Inline] = []
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.type == closing:
            break
        if token.type.endswith("_open"):
            children, at = _nodes(tokens, at, token.type[:-5] + "_close")
            out.append(_container(token, children))
        elif token.type == "note_ref":
            out.append(NoteRef(token.meta["key"]))
        elif text := _literal(token):
            if out and isinstance(out[-1], Text):
                out[-1] = Text(out[-1].text + text)
            else:
                out.append(Text(text))
    return tuple(out), at


def _container(token: Token, children: tuple[Inline, ...]) -> Inline:
    if token.type == "em_open":
        return Emphasis(children)
    if token.type == "strong_open":
        return Strong(children)
    return Link(str(token.attrs.get("href", "")), children)


def _literal(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.type == "code_inline":
        return f"{token.markup}{token.content}{token.markup}"
    return token.content


def _cjk(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" or _script(character) in ("ko", "ja", "han")


def _emphasis(state: StateInline, silent: bool) -> bool:
    """CommonMark's delimiter runs, with CJK characters counted as a boundary on their side."""
    if silent or state.src[state.pos] not in "*_":
        return False
    start, marker, end = state.pos, state.src[state.pos], state.pos
    while end < state.posMax and state.src[end] == marker:
        end += 1
    before = state.src[start - 1] if start else " "
    after = state.src[end] if end < state.posMax else " "
    punct_before, punct_after = (isMdAsciiPunct(ord(c)) or isPunctChar(c) for c in (before, after))
    space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
    left = not space_after and (not punct_after or space_before or punct_before or _cjk(before))
    right = not space_before and (not punct_before or space_after or punct_after or _cjk(after))
    can_open = left if marker == "*" else left and (not right or punct_before)
    can_close = right if marker == "*" else right and (not left or punct_after)
    for _ in range(end - start):
        state.push("text", "", 0).content = marker
        state.delimiters.append(Delimiter(ord(marker), end - start, len(state.tokens) - 1, -1, can_open, can_close))
    state.pos = end
    return True


_NOTE_REF = re.compile(r"\[\^([^\]\s]+)\]")


def _note_ref(state: StateInline, silent: bool) -> bool:
    match = _NOTE_REF.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        state.push("note_ref", "", 0).meta = {"key": match[1]}
    state.pos = match.end()
    return True


def _any_link(url: str) -> bool:
    """Every target is read as one, so that `faults` can name a bad one instead of printing its source."""
    return isinstance(url, str)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": True}).enable(["escape", "entity", "backticks", "emphasis", "link", "image", "autolink", "html_inline", "newline"])
    parser.inline.ruler.at("emphasis", _emphasis)
    parser.inline.ruler.before("link", "note_ref", _note_ref)
    parser.validateLink = _any_link  # type: ignore[method-assign]
    return parser


_PARSER = _parser()
