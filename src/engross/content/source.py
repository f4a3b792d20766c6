"""A text file of the workspace as its characters, and what is wrong with them before anybody asks what they mean.

Staff save with Excel and Word: a byte order mark, Korean and Japanese code pages and invisible characters are what really arrives.
Unicode Standard 16, sections 2.6 (byte order mark), 23.2 to 23.9 (format and tag characters); UAX #15 (normalization forms).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from engross.errors import Position, Problem, Severity
from engross.files import inside
from engross.project import Project

SAVE_CSV = "in Excel: File, Save As, type “CSV UTF-8 (Comma delimited)”; in LibreOffice: character set “Unicode (UTF-8)”"
SAVE_TEXT = "save the file as UTF-8 in your editor"

_UTF16 = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_FILLERS = "\u115f\u1160\u3164\uffa0"
_WESTERN = bytes([0x80, 0x85, *range(0x91, 0x98), *range(0xA0, 0x100)])
_MOST = 0.6
_SPACES = "\u00a0\u2007\u202f"
SUSPECT = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u180b-\u180e\u2007"
    r"\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\ue000-\uf8ff\U000e0000-\U0010ffff]"
)


def read_source(project: Project, path: Path) -> tuple[str | None, list[Problem]]:
    """The file's characters with line feeds as line ends and without byte order mark; `None` when it cannot be read as text.

    Faults: `missing-file`, `outside-workspace`, `unreadable-file`, `bad-encoding`, `invisible-character`, `not-nfc`.
    """
    name = project.relative(path)
    try:
        if not inside(project.root, path):
            return None, [Problem("outside-workspace", "a link leads out of the workspace", Position(name), "put the file itself here instead of a link")]
        data = path.read_bytes()
    except FileNotFoundError:
        return None, [Problem("missing-file", "the file does not exist", Position(name), "`engross init` and `engross new` make files to start from")]
    except (OSError, RuntimeError) as error:
        return None, [Problem("unreadable-file", f"the file cannot be read: {getattr(error, 'strerror', None) or error}", Position(name))]
    text, problems = decode(data, name)
    if text is not None:
        problems += [*invisible(text, name), *denormal(text, name)]
    return text, problems


UNREAD = frozenset({"missing-file", "outside-workspace", "unreadable-file", "bad-encoding", "bad-yaml", "missing-column"})
"""Codes of errors that leave nothing of a file to go on with."""
FOLLOWS = frozenset({"unknown-mission", "unused-sic"})
"""Codes of what may be missing only because another file could not be read."""


def unread(problems: Iterable[Problem]) -> bool:
    """Whether a file could not be read at all, so that what was read is not the whole letter, though it may look like one."""
    return any(problem.is_error and problem.code in UNREAD for problem in problems)


def causes(problems: Sequence[Problem]) -> list[Problem]:
    """Without what only follows from a file that could not be read: who mends that file need not look for the missions and words that seem to be missing."""
    return [problem for problem in problems if problem.code not in FOLLOWS] if unread(problems) else list(problems)


def decode(data: bytes, name: str) -> tuple[str | None, list[Problem]]:
    """Bytes as text if they are UTF-8; otherwise a problem that names the encoding they look like."""
    hint = SAVE_CSV if name.endswith(".csv") else SAVE_TEXT
    problems = []
    utf16 = next((label for mark, label in _UTF16.items() if data.startswith(mark)), "UTF-16" if data[:200].count(0) > len(data[:200]) // 4 else "")
    if utf16:
        return None, [Problem("bad-encoding", "the file is not UTF-8; it looks like UTF-16 (“Unicode text”)", Position(name, 1), hint)]
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
        problems.append(
            Problem("bad-encoding", "the file begins with a byte order mark, as Excel writes it", Position(name, 1, 1), "nothing is lost; the mark is ignored", Severity.WARNING)
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        likely = looks_like(data)
        message = f"the file is not UTF-8; it looks like {likely}" if likely else "the file is not UTF-8"
        return None, [*problems, Problem("bad-encoding", message, Position(name, line), hint)]
    return text.replace("\r\n", "\n").replace("\r", "\n"), problems


def looks_like(data: bytes) -> str:
    """A name for the encoding of bytes that are not UTF-8: Korean, Japanese or Western code page; empty when nothing fits.

    In a Western page accented letters and typographic marks stand alone between ASCII letters; Korean and Japanese text comes in longer runs of
    high bytes. Korean is mostly of the 2,350 syllables of KS X 1001, while Japanese bytes read as Korean are mostly of the others.
    """
    runs = re.findall(rb"[\x80-\xff]+", data)
    western = sum(len(run) == 1 and run in _WESTERN for run in runs) / len(runs) if runs else 0.0
    if western > _MOST:
        return "Windows-1252 (Western European)"
    korean, japanese = _share(data, "cp949", _is_common_hangul), _share(data, "cp932", _is_japanese)
    if max(korean, japanese) < _MOST:
        return ""
    return "CP949 (Korean)" if korean > japanese else "CP932 (Shift-JIS, Japanese)"


def _share(data: bytes, encoding: str, belongs: Callable[[str], bool]) -> float:
    """Which part of the characters beyond ASCII belong to the language, if the bytes are read in that encoding."""
    beyond = [character for character in data.decode(encoding, "replace") if character > "\x7f"]
    return sum(map(belongs, beyond)) / len(beyond) if beyond else 0.0


def _is_common_hangul(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3" and character.encode("euc_kr", "ignore") != b""


def _is_japanese(character: str) -> bool:
    return "\u3001" <= character <= "\u30ff" or "\u4e00" <= character <= "\u9fff"


def invisible(text: str, name: str) -> Iterator[Problem]:
    """Characters that cannot be seen or belong to nobody: they change text without anyone noticing."""
    for number, line in enumerate(text.split("\n"), 1):
        seen: set[str] = set()
        for match in SUSPECT.finditer(line):
            character = match[0]
            if character not in seen:
                seen.add(character)
                yield unseen(character, Position(name, number, match.start() + 1))


def unseen(character: str, where: Position) -> Problem:
    """The problem that such a character is."""
    label = f"U+{ord(character):04X} {unicodedata.name(character, _kind(character))}"
    if character in _SPACES:
        return Problem("invisible-character", f"a non-breaking space, {label}", where, "write a plain space; the layout keeps together what belongs together", Severity.WARNING)
    if character == "\xad":
        return Problem("invisible-character", f"a soft hyphen, {label}", where, "delete it; the layout hyphenates")
    if character in _FILLERS:
        return Problem("invisible-character", f"an invisible Hangul filler, {label}", where, "delete it and type the word again")
    return Problem("invisible-character", f"a character that cannot be seen, {label}", where, "delete it and type the text around it again")


def _kind(character: str) -> str:
    return {"Cc": "control character", "Co": "private use", "Cn": "unassigned"}.get(unicodedata.category(character), "")


def denormal(text: str, name: str) -> Iterator[Problem]:
    """Lines that are not in Normalization Form C: they look the same and compare as different."""
    for number, line in enumerate(text.split("\n"), 1):
        if not unicodedata.is_normalized("NFC", line):
            normal = unicodedata.normalize("NFC", line)
            column = next((i for i, (a, b) in enumerate(zip(line, normal, strict=False)) if a != b), min(len(line), len(normal)))
            yield Problem(
                "not-nfc",
                "letters are written as base and accent apart (not Unicode NFC)",
                Position(name, number, column + 1),
                "type the word again; names copied from macOS do this",
            )
