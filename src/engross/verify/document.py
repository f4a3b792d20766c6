"""A signed PDF taken apart: its revisions, what each one wrote, and the signatures. Reading is strict: what is not as the standard says is refused, not repaired."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engross.errors import EngrossError

LIMIT = 64 * 1024 * 1024
"""Bytes of a file that is looked at."""
REVISIONS = 40
OBJECTS = 100_000
_AGAIN = "it was changed, or damaged on its way: ask for it again, as an attachment or a download that nothing converts"
_END = re.compile(rb"startxref\s{1,2}(\d{1,10})\s{1,2}%%EOF(?:\r\n|\n|\r)?")


class Malformed(EngrossError):
    """The file is no PDF that can be judged."""


@dataclass(slots=True)
class Signed:
    """A signature dictionary and where it stands."""

    field: str
    revision: int
    value: Any
    contents: bytes
    byte_range: tuple[int, ...]
    is_archive: bool


@dataclass(slots=True)
class Revision:
    """A piece of the file, from the end of the one before it to its own `%%EOF`."""

    number: int
    start: int
    end: int
    changed: frozenset[int]
    """Numbers of the objects it writes anew or replaces, without containers."""
    replaced: frozenset[int]
    """Those of them that stood there before."""
    signed: list[Signed] = field(default_factory=list)


@dataclass(slots=True)
class Document:
    """The parsed file."""

    data: bytes
    reader: Any
    revisions: list[Revision]
    fields: dict[str, Any]
    """Form fields by name, in the form's order, as they stand at the end."""

    @property
    def signatures(self) -> list[Signed]:
        """In the order of the revisions."""
        return [signed for revision in self.revisions for signed in revision.signed]

    @property
    def prefix(self) -> bytes:
        """The unsigned file that the signatures were added to."""
        return self.data[: self.revisions[0].end]

    def at(self, revision: int) -> Any:
        """Gives objects by reference as they stood after a revision."""
        return self.reader.get_historical_resolver(revision)

    def attachment(self, name: str) -> bytes | None:
        """An attached file of the first revision."""
        for key, value in pairs(self.at(0).root):
            if key == name:
                stream = value.get_object()["/EF"]["/F"]
                return bytes(stream.data)
        return None


def parse(data: bytes) -> Document:
    """Take a file apart.

    Raises:
        Malformed: too large, encrypted, hybrid, damaged, or with anything before its beginning or after its end.
    """
    from engross.verify.reading import Reader

    if len(data) > LIMIT:
        raise Malformed(f"the file has {len(data)} bytes; at most {LIMIT} are looked at")
    if not re.match(rb"%PDF-1\.[4-7]\s", data):
        raise Malformed("the file is no PDF 1.4 to 1.7, or something stands before its beginning")
    try:
        reader = Reader(data)
        if "/Encrypt" in reader.trailer:
            raise Malformed("the file is encrypted")
        return Document(data, reader, _revisions(data, reader), _fields(reader))
    except Malformed:
        raise
    except (EngrossError, RecursionError, Exception) as error:
        raise Malformed(f"the file cannot be read: {type(error).__name__}: {error}", hint=_AGAIN) from error


def pairs(root: Any) -> Iterator[tuple[str, Any]]:
    """Name and file specification of each attachment."""
    names: Any = root["/Names"]["/EmbeddedFiles"]["/Names"] if "/Names" in root and "/EmbeddedFiles" in root["/Names"] else []
    for index in range(0, len(names) - 1, 2):
        yield str(names[index]), names.raw_get(index + 1)


def pages(root: Any) -> Iterator[Any]:
    """The pages in their order.

    Raises:
        Malformed: a part of the page tree stands in it twice.
    """
    queue, seen = [root.raw_get("/Pages")], set()
    while queue:
        reference = queue.pop()
        if reference.idnum in seen:
            raise Malformed("a page stands in the file twice")
        seen.add(reference.idnum)
        node = reference.get_object()
        if "/Kids" in node:
            queue += [node["/Kids"].raw_get(index) for index in reversed(range(len(node["/Kids"])))]
        else:
            yield node


def _revisions(data: bytes, reader: Any) -> list[Revision]:
    xrefs = reader.xrefs
    total = xrefs.total_revisions
    if total > REVISIONS:
        raise Malformed(f"the file has {total} revisions; at most {REVISIONS} are looked at")
    ends = list(_END.finditer(data))
    if len(ends) != total or [int(match[1]) for match in ends] != [xrefs.get_startxref_for_revision(number) for number in range(total)]:
        raise Malformed(f"the file has {len(ends)} ends for {total} revisions, or they do not follow each other")
    if ends[-1].end() != len(data):
        raise Malformed(f"{len(data) - ends[-1].end()} bytes stand after the end of the file", hint=_AGAIN)
    revisions: list[Revision] = []
    known: set[int] = set()
    for number, end in enumerate(ends):
        if xrefs.get_xref_data(number).hybrid is not None:
            raise Malformed("the file has a hybrid cross-reference section")
        if number and xrefs.get_xref_data(number).freed:
            raise Malformed(f"revision {number} deletes objects")
        written = {ref.idnum for ref in xrefs.explicit_refs_in_revision(number)}
        container = xrefs.get_xref_container_info(number).stream_ref
        containers = {ref.idnum for ref in xrefs.object_streams_used_in(number)} | ({container.idnum} if container else set())
        if number and containers & known:
            raise Malformed(f"revision {number} replaces the containers of objects")
        changed = frozenset(written - containers)
        start = revisions[-1].end if revisions else 0
        if not start <= int(end[1]) < end.start():
            raise Malformed(f"the cross-reference section of revision {number} stands outside it")
        revisions.append(Revision(number, start, end.end(), changed, changed & known))
        known |= written | containers
        if len(known) > OBJECTS:
            raise Malformed(f"the file has more than {OBJECTS} objects")
    _assign(reader, revisions)
    return revisions


def _fields(reader: Any) -> dict[str, Any]:
    root = reader.root
    if "/AcroForm" not in root:
        return {}
    found: dict[str, Any] = {}
    for entry in root["/AcroForm"]["/Fields"]:
        widget = entry.get_object()
        name = str(widget["/T"])
        if name in found or "/Kids" in widget or "/Parent" in widget:
            raise Malformed(f"the field {name} stands in the form twice, or in parts")
        found[name] = widget
    return found


def _assign(reader: Any, revisions: list[Revision]) -> None:
    """Put each signature to the revision that filled its field."""
    for name, widget in _fields(reader).items():
        if "/V" not in widget:
            continue
        reference = widget.raw_get("/V")
        if not hasattr(reference, "reference"):
            raise Malformed(f"the value of the field {name} is no object of its own")
        value = widget["/V"]
        if not isinstance(value, dict):
            raise Malformed(f"the value of the field {name} is no signature")
        number = reader.xrefs.get_introducing_revision(reference.reference)
        revisions[number].signed.append(Signed(name, number, value, _contents(value), _byte_range(value), value.get("/Type") == "/DocTimeStamp"))


def _contents(value: Any) -> bytes:
    """The signature value; nothing when there is none or it is no string, which the rules on values refuse."""
    found = value.raw_get("/Contents") if "/Contents" in value else None
    return found if isinstance(found, bytes) else bytes(getattr(found, "original_bytes", b""))


def _byte_range(value: Any) -> tuple[int, ...]:
    """The numbers of the ByteRange; none when it is missing or holds anything else, which the rule on it refuses."""
    found = value.get("/ByteRange")
    return tuple(found) if isinstance(found, list) and all(isinstance(item, int) for item in found) else ()
