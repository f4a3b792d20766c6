"""Rules on how the bytes lie: each object stands once, in the revision that lists it, and nothing stands between them. Two readers then cannot see two files in one.

The known attacks on signed PDFs (signature wrapping, shadow documents, incremental saving) live on what one reader skips and another one finds: objects that no table lists, tables that
list one object twice, entries that lead into another revision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from engross.verify.document import Document, Revision
from engross.verify.model import Finding

_SPACE = rb"[\x00\t\n\x0c\r ]"
_HEADER = re.compile(rb"(?<![0-9])([0-9]{1,10})" + _SPACE + rb"+([0-9]{1,5})" + _SPACE + rb"+obj(?![a-z])")
_SPACES = re.compile(_SPACE + rb"*")
_BEGIN = re.compile(rb"%PDF-1\.[4-7]" + _SPACE + rb"+(?:%[^\r\n]{0,32})?" + _SPACE + rb"*")
_LAST = re.compile(rb"endstream" + _SPACE + rb"*endobj" + _SPACE + rb"*\Z")
_SUBSECTION = re.compile(rb"^ *([0-9]{1,10}) ([0-9]{1,10}) *\r?$", re.MULTILINE)
_KEYWORDS = (("startxref", re.compile(rb"startxref")), ("%%EOF", re.compile(rb"%%EOF")), ("trailer", re.compile(rb"trailer" + _SPACE + rb"*<<")))


def listed(document: Document) -> Iterator[Finding]:
    """The bytes of each revision are the objects that its cross-reference section lists, one after another, and the section."""
    for revision in document.revisions:
        section = document.reader.xrefs.get_xref_data(revision.number)
        container = document.reader.xrefs.get_xref_container_info(revision.number)
        yield from _objects(document, revision, section, container)
        yield from _once(document, revision, section, container)
        yield from _streams(document, revision, section)


def _objects(document: Document, revision: Revision, section: Any, container: Any) -> Iterator[Finding]:
    """Headers of objects stand where the section says, and nowhere else."""
    wanted = {offset: (number, generation) for number, (generation, offset) in section.standard_xrefs.items()}
    if container.stream_ref:
        wanted.setdefault(container.declared_startxref, (container.stream_ref.idnum, container.stream_ref.generation))
    found = {match.start(): (int(match[1]), int(match[2])) for match in _HEADER.finditer(document.data, revision.start, revision.end)}
    for offset in sorted(wanted.keys() | found.keys()):
        if offset not in found:
            yield _fault(revision, f"object {wanted[offset][0]} is not where its entry says, or in another revision")
        elif offset not in wanted:
            yield _fault(revision, f"an object {found[offset][0]} stands at byte {offset}, which no entry lists")
        elif wanted[offset] != found[offset] or found[offset][1]:
            yield _fault(revision, f"object {wanted[offset][0]} is another one, or has a generation")
    end = revision.end if container.stream_ref else container.declared_startxref
    starts = [*sorted(found), end]
    if not (_SPACES if revision.number else _BEGIN).fullmatch(document.data, revision.start, starts[0]):
        yield _fault(revision, "something stands before its first object")
    for begin, following in pairwise(starts):
        if not _is_one(document.data[begin:following], last=bool(container.stream_ref) and following == end):
            yield _fault(revision, f"something stands behind object {found[begin][0]}")
    for word, pattern in _KEYWORDS:
        count = len(pattern.findall(document.data, revision.start, revision.end))
        if count != (0 if word == "trailer" and container.stream_ref else 1):
            yield _fault(revision, f"{word} stands in it {count} times")


def _is_one(chunk: bytes, *, last: bool) -> bool:
    """Whether a piece of the file is one object and nothing else; after the last one stands the end of the revision."""
    if last:
        chunk = chunk[: chunk.rfind(b"startxref")]
    if b"endstream" in chunk:
        return _LAST.search(chunk) is not None
    return chunk.count(b"endobj") == 1 and chunk.strip(b"\0\t\n\x0c\r ").endswith(b"endobj")


def _once(document: Document, revision: Revision, section: Any, container: Any) -> Iterator[Finding]:
    """No object is listed twice."""
    if container.stream_ref:
        stream = document.at(revision.number).get_object(container.stream_ref)
        index = [int(item) for item in stream["/Index"]] if "/Index" in stream else [0, int(stream["/Size"])]
        ranges = list(zip(index[::2], index[1::2], strict=True))
    else:
        table = document.data[container.declared_startxref : revision.end].partition(b"trailer")[0]
        ranges = [(int(first), int(count)) for first, count in _SUBSECTION.findall(table)]
    reached = 0
    for first, count in sorted(ranges):
        if first < reached:
            yield _fault(revision, f"its cross-reference section lists object {first} twice")
        reached = max(reached, first + count)
    if both := section.standard_xrefs.keys() & section.xrefs_in_objstm.keys():
        yield _fault(revision, f"its cross-reference section lists object {min(both)} twice")


def _streams(document: Document, revision: Revision, section: Any) -> Iterator[Finding]:
    """Object streams hold exactly what the section says."""
    for number in sorted(section.obj_streams_used):
        held = document.reader.held(number)
        wanted = [known for known, place in sorted(section.xrefs_in_objstm.items(), key=lambda item: item[1].ix_in_stream) if place.obj_stream_id == number]
        if held != wanted:
            yield _fault(revision, f"object stream {number} holds other objects than its entries say")


def _fault(revision: Revision, what: str) -> Finding:
    return Finding("file", f"revision {revision.number}: {what}")
