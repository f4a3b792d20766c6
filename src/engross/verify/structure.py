"""Rules on the file itself: every byte is signed, and every revision adds one signature, evidence or archive time stamp, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from engross.settings_signing import ARCHIVE_FIELDS
from engross.verify.document import Document, Revision, Signed, pages
from engross.verify.model import Finding

SIGNED = 3
"""SigFlags of a form with signatures, to which may only be added (ISO 32000-1, 12.7.2)."""
_SIGNATURE_KEYS = {"/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange", "/M", "/Reason", "/Location", "/Name", "/ContactInfo", "/Reference", "/Prop_Build"}
_EVIDENCE_KEYS = {"/Type", "/Certs", "/OCSPs", "/CRLs"}
_ACTIONS = {"/JS", "/JavaScript", "/AA", "/OpenAction", "/XFA", "/RichMedia", "/Launch", "/Collection", "/Requirements", "/PieceInfo"}
_LINKS = {"/URI", "/GoTo"}
"""The kinds of actions that may stay."""
_FORBIDDEN = {
    "/JavaScript", "/Launch", "/GoToR", "/GoToE", "/GoToDp", "/SubmitForm", "/ImportData", "/ResetForm", "/Rendition", "/RichMediaExecute", "/Movie", "/Sound", "/Hide", "/Named",
    "/SetOCGState", "/Trans", "/GoTo3DView", "/Thread",
}  # fmt: skip
"""The others, wherever they stand: what leads to them may have a name that is not known here."""


def active_content(document: Document) -> Iterator[Finding]:
    """No scripts, actions on opening, forms of other kinds or embedded players; links may lead to addresses and within the file."""
    seen: set[int] = set()
    for revision in document.revisions:
        resolve = document.at(revision.number)
        for number in sorted(revision.changed):
            for node in _nodes(_object(document, resolve, number)):
                found = _ACTIONS & set(node)
                found |= {str(node["/S"])} & _FORBIDDEN if "/S" in node else set()
                action: Any = node["/A"] if "/A" in node else None
                if is_dictionary(action) and "/S" in action and action["/S"] not in _LINKS:
                    found.add(str(action["/S"]))
                if found and number not in seen:
                    seen.add(number)
                    yield Finding("active-content", f"object {number} has {', '.join(sorted(found))}")


def byte_ranges(document: Document) -> Iterator[Finding]:
    """Each signature covers the file up to the end of its revision, all but its own value between angle brackets."""
    for signed in document.signatures:
        revision = document.revisions[signed.revision]
        if len(signed.byte_range) != 4:
            yield Finding("byte-range", f"{signed.field}: the ByteRange has {len(signed.byte_range)} numbers")
            continue
        begin, before, after, rest = signed.byte_range
        gap = document.data[before:after]
        if begin != 0 or before < revision.start or after + rest != revision.end or not before < after <= revision.end:
            yield Finding("byte-range", f"{signed.field}: the signature does not cover its revision from the first to the last byte")
        elif gap[:1] != b"<" or gap[-1:] != b">" or not _is_hex(gap[1:-1]) or bytes.fromhex(gap[1:-1].decode()) != signed.contents:
            yield Finding("byte-range", f"{signed.field}: what the signature leaves out is not exactly its own value")


def _is_hex(text: bytes) -> bool:
    return len(text) % 2 == 0 and not text.strip(b"0123456789abcdefABCDEF")


def revisions(document: Document) -> Iterator[Finding]:
    """Every revision after the first fills exactly one field, or holds evidence alone; officers' fields take signatures, archive fields take time stamps."""
    if document.revisions[0].signed:
        yield Finding("revision", "a signature stands in the unsigned part of the file")
    for revision in document.revisions[1:]:
        if len(revision.signed) > 1:
            yield Finding("revision", f"revision {revision.number} fills {len(revision.signed)} fields")
        for signed in revision.signed:
            yield from _kinds(signed)
    if document.signatures and not document.revisions[-1].signed:
        yield Finding("revision", "the last revision of the file is not signed")


def _kinds(signed: Signed) -> Iterator[Finding]:
    value = signed.value
    expected = ("/DocTimeStamp", "/ETSI.RFC3161") if signed.field in ARCHIVE_FIELDS else ("/Sig", "/ETSI.CAdES.detached")
    if (value.get("/Type"), value.get("/SubFilter")) != expected or value.get("/Filter") != "/Adobe.PPKLite":
        yield Finding("revision", f"{signed.field}: holds {value.get('/Type')} {value.get('/SubFilter')} where {' '.join(expected)} belongs")
    if unknown := set(value) - _SIGNATURE_KEYS:
        yield Finding("revision", f"{signed.field}: the signature has strange entries: {', '.join(sorted(unknown))}")


def changes(document: Document) -> Iterator[Finding]:
    """What a revision replaces is its field, the form's flags, the catalogue's entries for evidence and certification, and evidence; what it adds belongs to them."""
    trailers = [_trailer(document, revision.number) for revision in document.revisions]
    moved = [revision.number for revision, (before, after) in zip(document.revisions[1:], pairwise(trailers), strict=True) if before != after]
    yield from (Finding("changed", f"revision {number} changes the trailer: root, Info or identifier") for number in moved)
    for revision in document.revisions[1:] if not moved else ():  # with another root nothing else can be compared
        yield from _changes(document, revision)


def _changes(document: Document, revision: Revision) -> Iterator[Finding]:
    old, new = document.at(revision.number - 1), document.at(revision.number)
    root_number = document.reader.trailer.raw_get("/Root").idnum
    root_old, root = (_object(document, resolve, root_number) for resolve in (old, new))
    form_number = getattr(root.raw_get("/AcroForm") if "/AcroForm" in root else None, "idnum", None)
    widgets = {reference.idnum: _object(document, new, reference.idnum) for reference in _references(document, new, form_number)}
    filled = {number for number, widget in widgets.items() if number in revision.changed}
    evidence = _evidence(root)
    for number in sorted(revision.replaced):
        before, after = (_object(document, resolve, number) for resolve in (old, new))
        if number == root_number:
            wrong = _differing(root_old, root) - {"/DSS", "/Extensions"} - ({"/Perms"} if "/Perms" not in root_old else set())
        elif number == form_number:
            wrong = _differing(before, after) - ({"/SigFlags"} if after.get("/SigFlags") == SIGNED else set())
        elif number in filled:
            wrong = _differing(before, after) - {"/V", "/AP"}
            if "/V" in before:
                wrong |= {"/V"}
        elif number in evidence:
            wrong = {key for key in _differing(before, after) if key not in _EVIDENCE_KEYS} if is_dictionary(before) else set()
        else:
            wrong = {"all of it"}
        if wrong:
            yield Finding("changed", f"revision {revision.number} changes object {number}: {', '.join(sorted(wrong))}")
    if len(filled) != len(revision.signed):
        yield Finding("changed", f"revision {revision.number} touches {len(filled)} fields and fills {len(revision.signed)}")
    reachable = {root_number, form_number, *filled} | _reach(document, new, [root.raw_get(key) for key in ("/DSS", "/Perms", "/Extensions") if key in root], revision)
    for number in filled:
        reachable |= _reach(document, new, [widgets[number].raw_get(key) for key in ("/V", "/AP") if key in widgets[number]], revision)
    if stray := revision.changed - reachable:
        yield Finding("changed", f"revision {revision.number} adds objects that belong to no signature: {', '.join(map(str, sorted(stray)[:8]))}")
    yield from _evidence_shape(root)


def appearances(document: Document) -> Iterator[Finding]:
    """Fields without a place, above all those of time stamps, draw nothing; rectangles stay, which `changes` sees to."""
    for name, widget in document.fields.items():
        left, bottom, right, top = (float(side) for side in widget["/Rect"])
        stream = widget["/AP"]["/N"] if "/AP" in widget and "/N" in widget["/AP"] else None
        drawn = stream is not None and bytes(stream.data).strip().strip(b"qQ \n")
        if (name in ARCHIVE_FIELDS or left == right or bottom == top) and (drawn or left != right or bottom != top):
            yield Finding("appearance", f"the field {name} is drawn, and should not be seen")
        if int(widget.get("/F", 0)) != 132 or widget.get("/FT") != "/Sig":
            yield Finding("appearance", f"the field {name} is no locked, printed signature field")


def places(document: Document) -> Iterator[Finding]:
    """Each field stands on one page, its own, and within it: what a reader shows as signed is where the signature is seen."""
    on: dict[int, list[Any]] = {}
    for page in pages(document.reader.root):
        for reference in _raw_items(page["/Annots"] if "/Annots" in page else []):
            on.setdefault(getattr(reference, "idnum", 0), []).append(page)
    for name, widget in document.fields.items():
        found = on.get(widget.container_ref.idnum, [])
        if len(found) != 1:
            yield Finding("appearance", f"the field {name} stands on {len(found)} pages")
            continue
        if "/P" in widget and widget.raw_get("/P").idnum != found[0].container_ref.idnum:
            yield Finding("appearance", f"the field {name} stands on another page than it says")
        left, bottom, right, top = (float(side) for side in widget["/Rect"])
        low_x, low_y, high_x, high_y = (float(side) for side in found[0]["/MediaBox"])
        if not (low_x <= left <= right <= high_x and low_y <= bottom <= top <= high_y):
            yield Finding("appearance", f"the field {name} reaches beyond its page")


def _raw_items(array: Any) -> list[Any]:
    return [array.raw_get(index) for index in range(len(array))]


def _evidence_shape(root: Any) -> Iterator[Finding]:
    if "/DSS" in root and (unknown := set(root["/DSS"]) - _EVIDENCE_KEYS):
        yield Finding("evidence", f"the store of evidence has strange entries: {', '.join(sorted(unknown))}")


def _object(document: Document, resolve: Any, number: int) -> Any:
    from pyhanko.pdf_utils.generic import Reference

    return resolve(Reference(number, 0, pdf=document.reader))


def _trailer(document: Document, revision: int) -> tuple[str, ...]:
    trailer = document.reader.trailer.flatten(revision)
    identifier = trailer["/ID"][0] if "/ID" in trailer else b""
    return (repr(trailer.raw_get("/Root")), repr(trailer.raw_get("/Info") if "/Info" in trailer else None), repr(identifier), repr("/Encrypt" in trailer))


def _references(document: Document, resolve: Any, form: int | None) -> list[Any]:
    if form is None:
        return []
    fields = _object(document, resolve, form).raw_get("/Fields")
    return [] if hasattr(fields, "idnum") else _raw_items(fields)


def _differing(before: Any, after: Any) -> set[str]:
    if not is_dictionary(before) or type(before) is not type(after):
        return {"its kind"}
    data = {"its data"} if hasattr(after, "encoded_data") and before.encoded_data != after.encoded_data else set()
    return data | {str(key) for key in {*before, *after} if key not in before or key not in after or repr(before.raw_get(key)) != repr(after.raw_get(key))}


def _evidence(root: Any) -> set[int]:
    """Numbers of the store of evidence and of the lists in it."""
    found: set[int] = set()
    if "/DSS" in root:
        store = root.raw_get("/DSS")
        found |= {store.idnum} if hasattr(store, "idnum") else set()
        found |= {value.idnum for key in root["/DSS"] if hasattr(value := root["/DSS"].raw_get(key), "idnum")}
    return found


def _reach(document: Document, resolve: Any, roots: list[Any], revision: Revision) -> set[int]:
    """Numbers of the objects of a revision that are reached from `roots` without leaving it."""
    found: set[int] = set()
    queue = list(roots)
    while queue:
        item = queue.pop()
        if hasattr(item, "idnum"):
            if item.idnum in found or item.idnum not in revision.changed:
                continue
            found.add(item.idnum)
            queue.append(_object(document, resolve, item.idnum))
        elif is_dictionary(item):
            queue += [item.raw_get(key) for key in item]
        elif is_array(item):
            queue += [item.raw_get(index) for index in range(len(item))]
    return found


def _nodes(value: Any) -> Iterator[Any]:
    """Every dictionary in a value, without following references."""
    if is_dictionary(value):
        yield value
        for key in value:
            yield from _nodes(value.raw_get(key))
    elif is_array(value):
        for index in range(len(value)):
            yield from _nodes(value.raw_get(index))


def is_dictionary(value: Any) -> bool:
    """Whether a PDF object is a dictionary or a stream."""
    return isinstance(value, dict)


def is_array(value: Any) -> bool:
    """Whether a PDF object is an array."""
    return isinstance(value, list)
