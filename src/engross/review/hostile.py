"""Files from outside are looked at before anything reads them: what a review never needs is refused, with a word about why.

Nothing is fetched or run in any case. Macros, embedded files and references to other addresses would still reach whoever opens the file next.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from engross.errors import Position, Problem, Rejected
from engross.render.word import opc

if TYPE_CHECKING:
    from docx.document import Document

LARGEST = 16 << 20
"""Bytes of a reviewed file; a long letter has a two-hundredth of it."""
_UNSAFE_NAME = re.compile(r"(\A|[/\\])\.\.([/\\]|\Z)|\A[/\\]|\\|:|\0")
_MACROS = re.compile(r"(vbaProject\.bin|vbaData\.xml|/?macrosheets/|activeX/)", re.IGNORECASE)
_MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject", re.IGNORECASE)
_EMBEDDED = re.compile(r"(\A|/)embeddings/|oleObject", re.IGNORECASE)
_EXTERNAL = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.IGNORECASE)
_TYPE = re.compile(rb"\sType\s*=\s*[\"']([^\"']*)[\"']")
_CHUNK = re.compile(rb"<\w+:altChunk\b|/relationships/aFChunk[\"']")


def open_returned(path: Path) -> Document:
    """The Word document a reviewer sent back.

    Raises:
        Rejected: with code `bad-review` and the reason; nothing of the file was used.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise Rejected([_problem(path, f"the file cannot be read: {error.strerror}")]) from error
    if size > LARGEST:
        raise Rejected([_problem(path, "the file is larger than 16 MB", "save it without pictures")])
    try:
        reason, hint = _refused(opc.read(data))
        if reason:
            raise Rejected([_problem(path, reason, hint)])
        return opc.open_document(data)
    except opc.Malformed as error:
        raise Rejected([_problem(path, str(error), "send the .docx that `engross review export` made")]) from error


def _problem(path: Path, message: str, hint: str = "") -> Problem:
    return Problem("bad-review", message, Position(path.name), hint)


def _refused(entries: dict[str, bytes]) -> tuple[str, str]:
    """Why a package is not taken, and what to do; empty when nothing is wrong."""
    for name, data in entries.items():
        if _UNSAFE_NAME.search(name):
            return f"it holds a file with an unsafe name: {name!r}", "no Word program makes such a file; ask the sender"
        if _MACROS.search(name) or (name == "[Content_Types].xml" and _MACRO_TYPES.search(data)):
            return "it holds macros", "save it as Word Document (*.docx)"
        if _EMBEDDED.search(name):
            return f"it holds an embedded file: {name!r}", "remove the object and write what it says"
        if name.endswith(".xml") and _CHUNK.search(data):
            return "it holds another document inside", "open it in Word, copy the text, paste it as plain text"
        for relationship in _EXTERNAL.findall(data) if name.endswith(".rels") else ():
            kind = _TYPE.search(relationship)
            what = kind[1].decode("ascii", "replace").rpartition("/")[2] if kind else "?"
            if what != "hyperlink":
                return f"it refers to something outside itself ({what})", "links in the text are fine; templates, pictures and frames from elsewhere are not"
    return "", ""
