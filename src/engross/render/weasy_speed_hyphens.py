"""Where words may be hyphenated, without parsing whole dictionaries of patterns, with pyphen's answers. See `weasy_speed`.

- `patterns`: of a dictionary's ten thousand patterns a letter needs some dozens; each is parsed when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

VERSION = "0.18.1"
"""Of pyphen, whose dictionaries and parser these are."""
_DIGITS = b"0123456789"
_ODD = (" ", "\t", "\u00a0", "/", "^^", "\n%", "\n#", "\nLEFT", "\nRIGHT", "\nCOMPOUND")
"""What marks a line that is more than letters and digits: a remark, a setting, a pattern that changes letters or writes one as a number."""


class Patterns(dict[str, Any]):
    """What `get` gives of a pattern's letters, kept as the line of the dictionary until then."""

    def __init__(self, keys: list[str], lines: list[str]) -> None:
        super().__init__(zip(keys, lines, strict=True))
        self._all = keys, lines
        self.pop("", None)

    def get(self, key: str, default: Any = None) -> Any:
        """Where the values of a pattern begin, and the values, as pyphen keeps them."""
        found = super().get(key)
        if type(found) is str:
            found = self[key] = parsed(found) or self._before(key)
        return default if found is None else found

    def _before(self, key: str) -> Any:
        """What a pattern of zeros alone does not take the place of."""
        same = (line for letters, line in zip(*self._all, strict=True) if letters == key)
        return next((values for values in map(parsed, reversed([*same])) if values), None)


def patterns() -> None:
    """Read a dictionary so, if pyphen is the version that this is written for."""
    import pyphen  # type: ignore[import-untyped]

    if pyphen.VERSION != VERSION:
        return

    def __init__(self: Any, path: Path) -> None:  # noqa: N807
        """As pyphen's: the patterns of a file."""
        self.patterns, self.cache = read(path.read_bytes()), {}
        self.maxlen = max(map(len, self.patterns))

    pyphen.HyphDict.__init__ = __init__


def read(data: bytes) -> Patterns:
    """The patterns of a dictionary, in whose first line its encoding stands (hunspell's hyph_*.dic; all are supersets of ASCII)."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    name, _, data = data.partition(b"\n")
    encoding = name.decode()
    text = data.decode(encoding)
    lines = text.split("\n")
    letters = data.translate(None, _DIGITS).decode(encoding).split("\n")
    for number in _odd(text):
        letters[number] = _letters(lines[number])
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


def _letters(line: str) -> str:
    """The letters of a pattern; none if the line is something else."""
    pattern = _pattern(line)
    return "".join(letter for _, letter in _pairs(pattern[0])) if pattern else ""


def _pattern(line: str) -> tuple[str, str] | None:
    """A pattern, and how it changes letters."""
    import pyphen

    line = line.strip()
    if not line or line.startswith(pyphen.ignored):
        return None
    line = pyphen.parse_hex(lambda match: chr(int(match.group(1), 16)), line)
    if "/" in line and "=" in line:
        pattern, _, change = line.partition("/")
        return pattern, change
    return line, ""


def _pairs(pattern: str) -> Iterator[tuple[str, str]]:
    """A digit and the letter after it, either of which may be missing."""
    import pyphen

    yield from pyphen.parse(pattern)


def parsed(line: str) -> tuple[int, tuple[int, ...]] | None:
    """Where the values of a line's pattern begin, and the values without the zeros around them; nothing if there are only zeros."""
    import pyphen

    pattern = _pattern(line)
    if not pattern:
        return None
    value = pyphen.AlternativeParser(*pattern) if pattern[1] else int
    values = [value(digit or "0") for digit, _ in _pairs(pattern[0])]
    used = [number for number, one in enumerate(values) if one]
    return (used[0], tuple(values[used[0] : used[-1] + 1])) if used else None
