"""Read PO files as Poedit, Weblate, msgmerge and people write them.

Why not polib's parser: it cuts the last character off a string whose closing quote is missing, drops `#~|`, splits texts at U+2028 and U+0085, takes
the first entry's comment for the header's, and stops at the first fault. Translators need every fault at once, with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from engross.errors import Position, Problem, Severity
from engross.translation.po import Catalog, Entry

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"\Z')
_KEYWORD = re.compile(r"(msgctxt|msgid_plural|msgid|msgstr\[\d+\]|msgstr)\s*(?=\"|\Z)")
_ESCAPE = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"'}


@dataclass
class _Draft:
    """An entry while its lines are read."""

    fields: dict[str, str] = field(default_factory=dict)
    previous: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    obsolete: bool = False
    line: int = 0
    complete: bool = False
    """Whether it has a msgstr."""


def parse(data: bytes, path: str) -> tuple[Catalog, list[Problem]]:
    """The catalogue in `data`, and everything that is wrong with it; with errors the catalogue is what could be understood."""
    catalog, problems = _parse(data, path)
    return catalog, list(problems)


@lru_cache(maxsize=16)
def _parse(data: bytes, path: str) -> tuple[Catalog, tuple[Problem, ...]]:
    """Kept for a catalogue that comes again: those that all letters share stay as they are while one letter is translated."""
    reader = _Reader(path)
    text = reader.decode(data)
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        reader.take(line.strip(" \t\f"), number)
    return replace(reader.finish(), data=data), tuple(reader.problems)


class _Reader:
    """The state between lines: the entry being read and the string that continuation lines belong to."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.drafts: list[_Draft] = []
        self.draft = _Draft()
        self.target: tuple[dict[str, str], str] | None = None

    def fault(self, code: str, message: str, line: int, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        self.problems.append(Problem(code, message, Position(self.path, line), hint, severity))

    def decode(self, data: bytes) -> str:
        """The text of the file, UTF-8; what is not is told and replaced."""
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            self.fault("po-encoding", "the file is UTF-16", 1, "save it as UTF-8")
            return ""
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self.fault("po-encoding", "the file is not UTF-8", line, "open it in the editor that saved it and save it as UTF-8")
            return data.decode("utf-8-sig", "replace")

    def take(self, line: str, number: int) -> None:
        """One line: by its mark a comment, or a string of an entry in use, an obsolete one or the previous source text."""
        if not line:
            return
        if line.startswith("#~|"):
            self.string(line[3:].strip(), number, previous=True, obsolete=True)
        elif line.startswith("#~"):
            self.string(line[2:].strip(), number, obsolete=True)
        elif line.startswith("#|"):
            self.string(line[2:].strip(), number, previous=True)
        elif line.startswith("#"):
            self.comment(line)
        else:
            self.string(line, number)

    def comment(self, line: str) -> None:
        """A comment by its kind (gettext manual, The Format of PO Files): extracted, reference, flags, or the translator's own."""
        self.start_unless_open()
        self.target = None
        kind, rest = line[1:2], line[2:].strip()
        if kind == ".":
            self.draft.comments.append(rest)
        elif kind == ":":
            self.draft.references += rest.split()
        elif kind in (",", "="):
            self.draft.flags += [flag.strip() for flag in rest.split(",") if flag.strip()]
        else:
            self.draft.notes.append(line[2:] if kind == " " else line[1:])

    def start_unless_open(self) -> None:
        """Comments after a translation belong to the next entry."""
        if self.draft.complete:
            self.drafts.append(self.draft)
            self.draft = _Draft()

    def string(self, line: str, number: int, *, previous: bool = False, obsolete: bool = False) -> None:
        """A keyword with its text, or a text that continues the one before."""
        if not line:
            return
        keyword = _KEYWORD.match(line)
        literal = line[keyword.end() :] if keyword else line
        if not keyword and not line.startswith('"'):
            self.target = None
            self.fault("po-syntax", f"not a line of a PO file: {line[:40]!r}", number, "texts stand between quotes after msgid or msgstr; comments start with #")
            return
        match = _STRING.match(literal)
        if not match:
            hint = 'a text starts and ends with ", and a " inside it is written \\"'
            self.fault("po-syntax", "quotation marks do not pair", number, hint)
        text = self.unescape(match[1] if match else literal.strip('"'), number)
        if keyword:
            self.begin(keyword[1], number, previous=previous, obsolete=obsolete)
        if self.target is None:
            if match:
                self.fault("po-syntax", "a text that belongs to nothing", number, "msgid or msgstr is missing before it")
            return
        fields, name = self.target
        fields[name] = fields.get(name, "") + text

    def begin(self, name: str, number: int, *, previous: bool, obsolete: bool) -> None:
        """A new msgctxt, msgid or msgstr: the lines that follow continue it."""
        opens = name in ("msgctxt", "msgid")
        if previous or opens:
            self.start_unless_open()
        if opens and not previous and (name in self.draft.fields or "msgid" in self.draft.fields):
            self.drafts.append(self.draft)
            self.draft = _Draft()
        fields = self.draft.previous if previous else self.draft.fields
        self.target = (fields, name)
        if name in fields:
            self.fault("po-syntax", f"{name} stands twice in one entry", number, "keep one of the two")
            fields[name] = ""
        elif name.startswith("msgstr") and not previous and "msgid" not in fields:
            self.fault("po-syntax", "msgstr without msgid", number, "each entry has a msgid and then a msgstr")
        if not previous:
            self.draft.complete |= name.startswith("msgstr")
            self.draft.obsolete = obsolete
            if name == "msgid" or not self.draft.line:
                self.draft.line = number

    def unescape(self, text: str, number: int) -> str:
        """A text without escapes, which are C's; only ASCII may be written by its number."""

        def replace(match: re.Match[str]) -> str:
            """The character that an escape stands for; a fault of the file if it is none."""
            octal, hexadecimal, character = match.groups()
            if octal or hexadecimal:
                code = int(octal, 8) if octal else int(hexadecimal, 16)
                if code > 0x7F:
                    self.fault("po-syntax", f"a byte written as {match[0]}", number, "write the character itself")
                return chr(code)
            if character not in _ESCAPES:
                self.fault("po-syntax", f"unknown escape \\{character}", number, "a backslash that is to be printed is written \\\\")
            return _ESCAPES.get(character, character)

        return _ESCAPE.sub(replace, text) if "\\" in text else text

    def finish(self) -> Catalog:
        """The catalogue of all drafts: the header, the entries, and comments that belong to none."""
        tail: list[str] = []
        if self.draft.fields:
            self.drafts.append(self.draft)
        else:
            tail = self.draft.notes
        header: dict[str, str] | None = None
        notes: tuple[str, ...] = ()
        entries: list[Entry] = []
        for draft in self.drafts:
            if not draft.complete:
                self.fault("po-syntax", "an entry without msgstr", draft.line, 'write msgstr "" for an entry that is not translated yet')
            elif draft.fields.get("msgid") == "" and "msgctxt" not in draft.fields and not draft.obsolete:
                if header is not None:
                    self.fault("po-duplicate", "a second header", draft.line, 'only one entry may have msgid ""')
                header, notes = self.fields_of(draft), tuple(draft.notes)
            elif draft.fields.get("msgid"):
                entries.append(self.entry(draft))
            elif "msgid" in draft.fields:
                self.fault("po-syntax", "an entry with an empty msgid", draft.line, "delete it")
        if header is None:
            self.fault("po-no-header", "the catalogue has no header", 1, 'the first entry has msgid "" and the fields Language, Content-Type, Plural-Forms in its msgstr')
        self.unique(entries)
        return Catalog(header or {}, tuple(entries), notes, tuple(tail), self.path)

    def fields_of(self, draft: _Draft) -> dict[str, str]:
        """The fields of the header; it may claim no other encoding than UTF-8."""
        header: dict[str, str] = {}
        for line in draft.fields.get("msgstr", "").split("\n"):
            name, colon, value = line.partition(":")
            if colon:
                header[name.strip()] = value.strip()
        charset = header.get("Content-Type", "charset=UTF-8").rpartition("charset=")[2].strip()
        if charset.upper().replace("_", "-") not in ("UTF-8", "UTF8", "CHARSET", "US-ASCII", "ASCII"):
            self.fault(
                "po-charset",
                f"the header says charset={charset}, the catalogues are UTF-8",
                draft.line,
                "it is read as UTF-8; `engross update` writes the header anew",
                Severity.WARNING,
            )
        return header

    def entry(self, draft: _Draft) -> Entry:
        """One entry; a fuzzy mark counts only where there is a translation."""
        fields = draft.fields
        text = fields.get("msgstr", "")
        if "msgid_plural" in fields or "msgstr" not in fields:
            self.fault("po-plural", "an entry with plural forms", draft.line, "letters have none; delete the entry")
        if "\0" in text:
            self.fault("po-syntax", "a NUL character", draft.line, "delete it")
        if not draft.obsolete and text and (text[0] == "\n" or text[-1] == "\n"):
            self.fault("po-newline", "the translation starts or ends with a line break, its source does not", draft.line, "delete the \\n")
        flags = tuple(dict.fromkeys(flag for flag in draft.flags if flag != "fuzzy"))
        fuzzy = "fuzzy" in draft.flags
        previous = (draft.previous.get("msgctxt", fields.get("msgctxt", "")), draft.previous["msgid"]) if "msgid" in draft.previous else None
        return Entry(
            fields.get("msgctxt", ""),
            fields["msgid"],
            text,
            fuzzy and bool(text),
            draft.obsolete,
            tuple(draft.notes),
            tuple(draft.comments),
            tuple(draft.references),
            flags,
            previous if fuzzy and text else None,
            draft.line,
        )

    def unique(self, entries: list[Entry]) -> None:
        """Two entries in use with one key are an error; of two obsolete ones, or one in use and one not, both may be memory."""
        seen: dict[tuple[str, str], int] = {}
        for entry in entries:
            if entry.obsolete:
                continue
            if entry.key in seen:
                self.fault("po-duplicate", f"the entry stands already in line {seen[entry.key]}", entry.line, "keep one of the two")
            else:
                seen[entry.key] = entry.line
