"""Words hyphenated without parsing whole dictionaries or setting lines that do not fit, with the bytes of pyphen and stock WeasyPrint. See `weasy_speed`.

- `patterns`: of a dictionary's ten thousand patterns a letter needs some dozens; each is parsed when it is asked for.
- `hyphenated` completes a line of a paragraph that `weasy_speed_text` has broken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

VERSION = "0.18.1"
"""Of pyphen, whose dictionaries and parser these are."""
_DIGITS = b"0123456789"
_VALUES = {"": 0, **{str(value): value for value in range(10)}}
_ODD = (" ", "\t", "\u00a0", "/", "^^", "\n%", "\n#", "\nLEFT", "\nRIGHT", "\nCOMPOUND")
"""What marks a line that is more than letters and digits: a remark, a setting, a pattern that changes letters or writes one as a number."""

SLACK = 2.0
"""Pixels by which the sum of glyph widths may miss the width of a line set anew."""


class Patterns(dict[str, Any]):
    """What pyphen keeps of a dictionary: of a pattern's letters where its values begin, and the values. Those nobody asked for are still the dictionary's lines."""

    def __init__(self, letters: list[str], lines: list[Any]) -> None:
        super().__init__(zip(letters, lines, strict=True))
        self._all = letters, lines
        self.pop("", None)

    def get(self, key: str, default: Any = None) -> Any:
        """As a dictionary's."""
        found = super().get(key)
        if type(found) is str:
            found = self[key] = _values(found) or self._before(key)
        return default if found is None else found

    def _before(self, key: str) -> Any:
        """What a pattern of zeros alone does not take the place of."""
        same = (line for letters, line in zip(*self._all, strict=True) if letters == key)
        return next((found for found in map(_values, reversed([*same])) if found), None)


def patterns() -> None:
    """Read a dictionary so, and look each part of a word up in it, if pyphen is the version that this is written for."""
    import pyphen  # type: ignore[import-untyped]

    if pyphen.VERSION != VERSION:
        return

    def __init__(self: Any, path: Path) -> None:  # noqa: N807
        """As pyphen's: the patterns of a file."""
        self.patterns, self.cache = read(path.read_bytes()), {}
        self.maxlen = max(map(len, self.patterns))

    def positions(self: Any, word: str) -> Any:
        """As pyphen's: where a word can be divided, with how it changes there."""
        word = word.lower()
        points = self.cache.get(word)
        if points is None:
            points = self.cache[word] = [pyphen.DataInt(place - 1, reference=value) for place, value in enumerate(_valued(self, f".{word}.")) if value % 2]
        return points

    pyphen.HyphDict.__init__, pyphen.HyphDict.positions = __init__, positions


def _valued(dictionary: Any, word: str) -> list[int]:
    """The highest value that a pattern gives each place of a word."""
    found, length, longest = dictionary.patterns, len(word), dictionary.maxlen
    values = [0] * (length + 1)
    for start in range(length - 1):
        for end in range(start + 1, min(start + longest, length) + 1):
            part = word[start:end]
            if part in found and (pattern := found.get(part)):  # most are not: this is looked up in C, `get` is in Python
                first = start + pattern[0]
                place = slice(first, first + len(pattern[1]))
                values[place] = map(max, pattern[1], values[place])
    return values


def read(data: bytes) -> Patterns:
    """The patterns of a dictionary, in whose first line its encoding stands (hunspell's hyph_*.dic; all are supersets of ASCII)."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    name, _, data = data.partition(b"\n")
    encoding = name.decode()
    text = data.decode(encoding)
    letters: list[str] = data.translate(None, _DIGITS).decode(encoding).split("\n")
    lines: list[Any] = text.split("\n")
    for number in _odd(text):
        letters[number], lines[number] = _read(lines[number])
    return Patterns(letters, lines)


def _odd(text: str) -> set[int]:
    """The numbers of the lines that are not letters and digits alone."""
    text = f"\n{text}"
    found: set[int] = set()
    for mark in _ODD:
        at, number, counted = text.find(mark), -1, 0
        while at >= 0:
            number += text.count("\n", counted, at + 1)
            counted = at + 1
            found.add(number)
            at = text.find(mark, counted)
    return found


def _read(line: str) -> tuple[str, Any]:
    """The letters of a line's pattern, and where its values begin and the values; no letters if it holds none."""
    import pyphen

    line = line.strip()
    if line.startswith(pyphen.ignored):
        return "", None
    line, value = pyphen.parse_hex(lambda match: chr(int(match[1], 16)), line), int
    if "/" in line and "=" in line:
        line, _, change = line.partition("/")
        value = pyphen.AlternativeParser(line, change)
    pairs = pyphen.parse(line)
    return "".join(letter for _, letter in pairs), _trimmed([value(digit or "0") for digit, _ in pairs]) or "0"


def _values(line: Any) -> Any:
    """Where the values of a pattern begin, and the values, of a line of letters and digits; a line that was odd is read already."""
    import pyphen

    return _trimmed([_VALUES[digit] for digit, _ in pyphen.parse(line)]) if type(line) is str else line


def _trimmed(values: list[int]) -> tuple[int, tuple[int, ...]] | None:
    """Values without the zeros around them, and where they begin; nothing if there are only zeros."""
    if not any(values):
        return None
    first, last = 0, len(values)
    while not values[first]:
        first += 1
    while not values[last - 1]:
        last -= 1
    return first, tuple(values[first:last])


class Line(NamedTuple):
    """A line of a paragraph that Pango has broken."""

    line: Any
    """Pango's, which the paragraph's layout keeps alive."""
    first: int
    """Its first byte in the paragraph."""
    last: int
    """The byte after it."""
    width: float
    """Pixels, without the space at which it breaks."""
    height: float
    baseline: float


class Hyphenation(NamedTuple):
    """What a style says of it."""

    lang: str
    """The language of the dictionary."""
    least: int
    """Characters of a word that may be divided."""
    left: int
    right: int
    """Characters that stay before and after the hyphen."""
    hyphen: str
    hyphen_width: float
    space_width: float


def hyphenated(context: Any, style: Any, text: bytes, line: Line, after: Line, width: float) -> Any:
    """A line with a part of the first word of the line after it, if the language is hyphenated and a part fits; or nothing.

    Returns:
        WeasyPrint's Layout, bytes of the line's text without the hyphen, width, height, and baseline.
    """
    rules = _rules(style)
    if not rules:
        return None
    used = line.width + rules.hyphen_width + (rules.space_width if text[line.last - 1] == 0x20 else 0)
    if used > width + SLACK:
        return None

    import pyphen
    from weasyprint.layout.percent import percentage
    from weasyprint.text import line_break
    from weasyprint.text.ffi import FROM_UNITS, pango

    if width - line.width <= percentage(style["hyphenate_limit_zone"], style, width):
        return None
    found = _word(text[line.last :].decode(), rules.lang, rules.least)
    if not found:
        return None
    before, word = found
    key = rules.lang, rules.left, rules.right, rules.least
    dictionary = context.dictionaries.get(key)
    if dictionary is None:
        dictionary = context.dictionaries[key] = pyphen.Pyphen(lang=rules.lang, left=rules.left, right=rules.right)
    widths, begin = None, text[line.first : line.last].decode() + before
    for part, _ in dictionary.iterate(word):
        if widths is None:
            widths = _widths(after, len((before + word).encode()))
        size = len((before + part).encode())
        if used + sum(wide for at, wide in widths if at < size) * FROM_UNITS > width + SLACK:
            continue
        layout = line_break.create_layout(begin + part + rules.hyphen, style, context, width, 0)
        set_line, index = layout.get_first_line()
        wide, high = line_break.line_size(set_line, style)
        if index is None and width >= wide:
            baseline = pango.pango_layout_get_baseline(layout.layout) * FROM_UNITS
            layout.deactivate()
            layout.hyphenated = rules.hyphen != part[-len(rules.hyphen) :]
            return layout, len((begin + part).encode()), wide, high, baseline
    return None


def _rules(style: Any) -> Hyphenation | None:
    """How text of a style is hyphenated, if it is; kept with the style."""
    kept: dict[str, Any] = style.__dict__
    if "_engross_hyphenation" not in kept:
        import pyphen

        lang = style["lang"] and pyphen.language_fallback(style["lang"]) if style["hyphens"] == "auto" else None
        hyphen, (least, left, right) = style["hyphenate_character"], style["hyphenate_limit_chars"]
        kept["_engross_hyphenation"] = Hyphenation(lang, least, left, right, hyphen, _width(style, hyphen), _width(style, " ")) if lang else None
    rules: Hyphenation | None = kept["_engross_hyphenation"]
    return rules


def _width(style: Any, text: str) -> float:
    """Pixels of a text in a style."""
    from weasyprint.text import line_break

    layout = line_break.Layout(style)
    layout.set_text(text)
    return float(line_break.line_size(layout.get_first_line()[0], style)[0])


def _word(rest: str, lang: str, least: int) -> tuple[str, str] | None:
    """The first word of at least so many characters before the next place where a line may break, and what stands before it."""
    from weasyprint.text import line_break

    near = rest[: rest.find(" ") + 2]
    point = line_break.get_next_break_point_from_text(near, lang)
    if point is None and len(rest) > len(near):
        point = line_break.get_next_break_point_from_text(rest, lang)
    text, at = rest[:point] if point else rest, 0
    while text and (bounds := line_break.get_next_word_boundaries(text, lang)):
        start, stop = bounds
        if stop - start >= least:
            return rest[: at + start], text[start:stop]
        text, at = text[stop:], at + stop
    return None


def _widths(line: Line, size: int) -> list[tuple[int, int]]:
    """Of the glyphs of the first `size` bytes of a line: at which byte of the line their characters begin, and how wide they are in Pango units."""
    from weasyprint.text.ffi import ffi

    run, found = line.line.runs[0], []
    while run != ffi.NULL and run.data.item.offset < line.first + size:
        start, glyphs = run.data.item.offset - line.first, run.data.glyphs
        run = run.next
        clusters = ffi.unpack(glyphs.log_clusters, glyphs.num_glyphs)
        widths = memoryview(ffi.buffer(glyphs.glyphs, glyphs.num_glyphs * ffi.sizeof("PangoGlyphInfo"))).cast("i")[1 :: ffi.sizeof("PangoGlyphInfo") // 4]
        found += [(start + cluster, width) for cluster, width in zip(clusters, widths, strict=True) if start + cluster < size]
    return found
