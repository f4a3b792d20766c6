"""The attacks on signed PDFs that were published, each with the very rule that refuses it.

- Universal signature forgery, incremental saving, signature wrapping: Mladenov et al., "1 Trillion Dollar Refund", CCS 2019.
- Shadow attacks (hide, replace, hide and replace): Mainka, Mladenov, Rohlmann, "Shadow Attacks", NDSS 2021.
- Evil annotations and sneaky signatures on certified documents: Rohlmann et al., "Breaking the Specification: PDF Certification", S&P 2021.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from engross.verify import Verdict
from tests.conformance.faults import saved
from tests.sign import attacks
from tests.sign.attacks import incremental, previous
from tests.sign.pki import PASSPHRASE
from tests.sign.signed import House, reasons

Change = Callable[[bytes], bytes]


def refused(house: House, data: bytes, rule: str, words: str) -> None:
    report = house.verify(data)
    assert report.verdict is Verdict.FAILED
    assert any(finding.rule == rule and words in finding.message for finding in report.findings), reasons(report)


# universal signature forgery: a signature that says nothing, in the hope that a reader then says nothing against it


def value(**entries: bytes | None) -> Change:
    """Other entries in the last signature dictionary, in its place; the file keeps its length."""

    def change(data: bytes) -> bytes:
        start = [match.start() for match in re.finditer(rb"\d+ 0 obj\n<<\n/Contents|/Type /DocTimeStamp", data)][-1]
        start = data.rindex(b" 0 obj", 0, start + 8)
        end = data.index(b"endobj", start)
        body = data[start:end]
        for key, written in entries.items():
            found = re.search(rb"/%s\s*(<[0-9A-Fa-f]*>|\[[^\]]*\])" % key.encode(), body)
            assert found, key
            new = b"" if written is None else b"/%s %s" % (key.encode(), written)
            body = body[: found.start()] + new.ljust(len(found[0])) + body[found.end() :]
        return data[:start] + body + data[end:]

    return change


FORGERIES: dict[str, tuple[Change, str, str]] = {
    "no Contents": (value(Contents=None), "cms", "ArchivalTimestamp1: the signature value is no DER value"),
    "Contents null": (value(Contents=b"null"), "cms", "ArchivalTimestamp1: the signature value is no DER value"),
    "Contents empty": (value(Contents=b"<>"), "cms", "ArchivalTimestamp1: the signature value is no DER value"),
    "Contents one zero": (value(Contents=b"<00>"), "cms", "ArchivalTimestamp1: the signature value is no DER value"),
    "Contents a number": (value(Contents=b"0"), "cms", "ArchivalTimestamp1: the signature value is no DER value"),
    "Contents of an odd number of digits": (value(Contents=b"<308>"), "cms", "ArchivalTimestamp1: the signature value is no DER value"),
    "no ByteRange": (value(ByteRange=None), "byte-range", "ArchivalTimestamp1: the ByteRange has 0 numbers"),
    "ByteRange null": (value(ByteRange=b"null"), "byte-range", "ArchivalTimestamp1: the ByteRange has 0 numbers"),
    "ByteRange empty": (value(ByteRange=b"[]"), "byte-range", "ArchivalTimestamp1: the ByteRange has 0 numbers"),
    "ByteRange of names": (value(ByteRange=b"[/A /B /C /D]"), "byte-range", "ArchivalTimestamp1: the ByteRange has 0 numbers"),
    "ByteRange of fractions": (value(ByteRange=b"[0 1.5 2 3]"), "byte-range", "ArchivalTimestamp1: the ByteRange has 0 numbers"),
    "ByteRange of zeros": (value(ByteRange=b"[0 0 0 0]"), "byte-range", "does not cover its revision from the first to the last byte"),
    "ByteRange that is negative": (value(ByteRange=b"[0 -1 -1 0]"), "byte-range", "does not cover its revision from the first to the last byte"),
    "ByteRange beyond the end": (value(ByteRange=b"[0 9 9999999 9]"), "byte-range", "does not cover its revision from the first to the last byte"),
    "neither": (value(Contents=None, ByteRange=None), "byte-range", "ArchivalTimestamp1: the ByteRange has 0 numbers"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_universal_forgery(house: House, complete: bytes, name: str) -> None:
    change, rule, words = FORGERIES[name]
    forged = change(complete)
    assert len(forged) == len(complete)
    refused(house, forged, rule, words)


# signature wrapping: the signature covers the same bytes as ever, and what is shown stands in the gap that it leaves out


def gap(change: Callable[[bytes], bytes]) -> Change:
    """Something else between the two parts that the second officer's signature covers; every covered byte stays in its place."""

    def attack(data: bytes) -> bytes:
        begin, end, held = attacks.signature(data, "Officer2")
        used = data[begin : begin + 2 * len(held.rstrip(b"\0"))]
        new = change(used)
        assert len(new) <= end - begin + 1
        return data[:begin] + new[:-1] + new[-1:].rjust(end - begin + 2 - len(new)) + data[end + 1 :]

    return attack


EVIL = b"/Evil <</Type/Catalog/Pages 1 0 R>> "
WRAPPINGS: dict[str, tuple[Change, str, str]] = {
    "an entry behind the value": (gap(lambda used: used + b">" + EVIL), "byte-range", "what the signature leaves out is not exactly its own value"),
    "a comment behind the value": (gap(lambda used: used + b">%1 0 obj"), "byte-range", "what the signature leaves out is not exactly its own value"),
    "spaces in the value": (gap(lambda used: used[:40] + b" " + used[40:] + b">"), "byte-range", "what the signature leaves out is not exactly its own value"),
    "a second value": (gap(lambda used: used + b">/Contents<00>"), "file", "Multiple definitions"),
    "objects in the gap": (gap(lambda used: used + b">>>endobj 1 0 obj<</Type/Catalog>>endobj<<>"), "file", "an object 1 stands at byte"),
    "the value padded with an object": (lambda d: attacks.wrap(d, "Officer2"), "cms", "Officer2: the signature value has something behind its end"),
    "a second part elsewhere": (lambda d: value(ByteRange=b"[0 100 52000 %d]" % (len(d) - 52000))(d), "byte-range", "from the first to the last byte"),
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_signature_wrapping(house: House, complete: bytes, name: str) -> None:
    change, rule, words = WRAPPINGS[name]
    wrapped = change(complete)
    assert len(wrapped) == len(complete)
    refused(house, wrapped, rule, words)


# incremental saving: an update that a reader takes up and a verifier does not see


def copied_signature(data: bytes) -> bytes:
    """The last signature once more, as the value of the same field in a new revision."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        target = attacks.widget(writer, "ArchivalTimestamp1")
        found = target.get_object()["/V"]
        target.get_object()["/V"] = writer.add_object(generic.DictionaryObject({key: found.raw_get(key) for key in found}))
        writer.mark_update(target)

    return incremental(change, data)


BODY = b"7 0 obj\n<</Type/Page>>\nendobj\n"
SAVINGS: dict[str, tuple[Change, str, str]] = {
    "a body alone": (lambda d: d + BODY, "file", "bytes stand after the end of the file"),
    "a body and a trailer": (lambda d: d + BODY + b"trailer\n<</Root 1 0 R>>\n", "file", "bytes stand after the end of the file"),
    "a body and an end": (lambda d: d + BODY + b"startxref\n%d\n%%%%EOF\n" % previous(d), "file", "5 ends for 4 revisions"),
    "a body, a trailer and an end": (lambda d: d + BODY + b"trailer\n<</Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(d), "file", "cannot be read"),
    "a table that begins anew": (
        lambda d: d + BODY + b"xref\n0 0\ntrailer\n<</Size 1/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(d) + len(BODY)),
        "file",
        "they do not follow each other",
    ),
    "the last signature copied": (copied_signature, "byte-range", "does not cover its revision from the first to the last byte"),
    "the last signature copied, its field": (copied_signature, "changed", "/V"),
}


@pytest.mark.parametrize("name", SAVINGS)
def test_incremental_saving(house: House, complete: bytes, name: str) -> None:
    change, rule, words = SAVINGS[name]
    refused(house, change(complete), rule, words)


# object streams: a container that holds one number twice, or more than the section lists


def contained(held: list[tuple[int, bytes]], listed: list[tuple[int, int, int, int]], container: int = 9000) -> Change:
    """A revision with one object stream. `listed` are number, kind, and the two fields of each entry besides those of the two streams themselves (ISO 32000-1, 7.5.8.3)."""

    def attack(data: bytes) -> bytes:
        texts = [text + b" " for _, text in held]
        head = b"".join(b"%d %d " % (number, sum(map(len, texts[:index]))) for index, (number, _) in enumerate(held))
        packed = zlib.compress(head + b"".join(texts))
        root = re.findall(rb"/Root ?(\d+ 0 R)", data)[-1]
        body = b"%d 0 obj\n<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>stream\n%b\nendstream\nendobj\n" % (container, len(held), len(head), len(packed), packed)
        at = len(data) + len(body)
        entries = sorted([*listed, (container, 1, len(data), 0), (9001, 1, at, 0)])
        table = b"".join(struct.pack(">BIH", kind, first, second) for _, kind, first, second in entries)
        index = b" ".join(b"%d 1" % number for number, *_ in entries)
        dictionary = b"<</Type/XRef/Size 9999/W[1 4 2]/Index[%b]/Root %b/Prev %d/Length %d>>" % (index, root, previous(data), len(table))
        return data + body + b"9001 0 obj\n" + dictionary + b"stream\n" + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at

    return attack


STREAMS: dict[str, tuple[Change, str, str]] = {
    "one number twice": (contained([(9002, b"<</A 1>>"), (9002, b"<</A 2>>")], [(9002, 2, 9000, 0)]), "file", "object stream 9000 holds other objects than its entries say"),
    "a number that no entry lists": (
        contained([(9002, b"<<>>"), (7, b"<</Type/Page>>")], [(9002, 2, 9000, 0)]),
        "file",
        "object stream 9000 holds other objects than its entries say",
    ),
    "two entries for one number": (contained([(9002, b"<<>>"), (9002, b"<<>>")], [(9002, 2, 9000, 0), (9002, 2, 9000, 1)]), "file", "the file cannot be read"),
    "an entry for another number": (contained([(9002, b"<<>>")], [(9003, 2, 9000, 0)]), "file", "not where its object stream should have it"),
    "the container of an earlier revision": (contained([(9002, b"<<>>")], [(9002, 2, 152, 0)], container=152), "file", "must not be clobbered"),
    "an object that nobody needs": (contained([(9002, b"<<>>")], [(9002, 2, 9000, 0)]), "changed", "adds objects that belong to no signature: 9002"),
}


@pytest.mark.parametrize("name", STREAMS)
def test_duplicates_in_object_streams(house: House, complete: bytes, name: str) -> None:
    change, rule, words = STREAMS[name]
    refused(house, change(complete), rule, words)


# shadow attacks: the document was prepared before it was signed, and an update lets show what was hidden in it


def emptied(kind: str) -> Callable[[IncrementalPdfFileWriter], None]:
    """An update that puts an empty stream in the place of a layer or a font of the first page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = attacks.page(writer).get_object()
        if kind == "layer":
            target = page.raw_get("/Contents")
        else:
            font = next(iter(page["/Resources"]["/Font"].values())).get_object()
            target = font["/DescendantFonts"][0]["/FontDescriptor"].raw_get("/FontFile2")
        writer.objects[target.generation, target.idnum] = generic.StreamObject(stream_data=b"")

    return change


def another_tree(writer: IncrementalPdfFileWriter) -> None:
    page = attacks.page(writer)
    writer.root["/Pages"] = writer.add_object(
        generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Pages"), pdf_name("/Count"): generic.NumberObject(1), pdf_name("/Kids"): generic.ArrayObject([page])})
    )
    writer.update_root()


def another_link(writer: IncrementalPdfFileWriter) -> None:
    notes = attacks.page(writer).get_object()["/Annots"]
    link = next(notes.raw_get(index) for index in range(len(notes)) if notes[index]["/Subtype"] == "/Link")
    link.get_object()["/A"]["/URI"] = pdf_string("https://evil.example.org")
    writer.mark_update(link)


def evil_annotation(subtype: str) -> Callable[[IncrementalPdfFileWriter], None]:
    """What a certification with P = 3 would allow: an annotation that covers the text."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = attacks.page(writer)
        box = generic.ArrayObject([generic.NumberObject(side) for side in (50, 400, 500, 700)])
        note = generic.DictionaryObject(
            {pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name(subtype), pdf_name("/Rect"): box, pdf_name("/F"): generic.NumberObject(4)}
        )
        page.get_object()["/Annots"].append(writer.add_object(note))
        writer.mark_update(page)

    return change


UPDATES: dict[str, tuple[Callable[[IncrementalPdfFileWriter], None], str]] = {
    "shadow: hide": (emptied("layer"), "all of it"),
    "shadow: replace, by another font": (emptied("font"), "all of it"),
    "shadow: hide and replace, by another page tree": (another_tree, "/Pages"),
    "evil annotation: text": (evil_annotation("/FreeText"), "all of it"),
    "evil annotation: redaction": (evil_annotation("/Redact"), "all of it"),
    "evil annotation: stamp": (evil_annotation("/Stamp"), "all of it"),
    "evil annotation: a link that leads elsewhere": (another_link, "all of it"),
}


@pytest.mark.parametrize("name", UPDATES)
def test_shadows_and_evil_annotations(house: House, complete: bytes, name: str) -> None:
    change, words = UPDATES[name]
    refused(house, incremental(change, complete), "changed", words)


def test_a_shadow_by_another_root(house: House, complete: bytes) -> None:
    body = b"9000 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n"
    end = b"xref\n9000 1\n%010d 00000 n \ntrailer\n<</Size 9999/Root 9000 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    refused(house, complete + body + end % (len(complete), previous(complete), len(complete) + len(body)), "changed", "changes the trailer: root, Info or identifier")


def sneaky(house: House, data: bytes, field: str, *, new: bool) -> bytes:
    """A signature of somebody with the name of an officer, in a field of theirs or in one that waits for a time stamp."""
    signer = signers.SimpleSigner.load_pkcs12(house.pki.pkcs12("officer2", "foreign"), passphrase=PASSPHRASE.encode())
    place = fields.SigFieldSpec(field, on_page=0, box=(50, 400, 500, 700)) if new else None
    with mock.patch.object(IncrementalPdfFileWriter, "_update_meta"):
        metadata = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES)
        return bytes(signers.PdfSigner(metadata, signer, new_field_spec=place).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data))).getvalue())


def test_a_sneaky_signature_over_the_text(house: House, half: bytes) -> None:
    """Certified with P = 2: whoever signs may sign, but in no field that they drew themselves."""
    signed = sneaky(house, half, "Sneaky", new=True)
    refused(house, signed, "officers", "the fields are Officer1, Officer2, Sneaky; expected: Officer1, Officer2")
    refused(house, signed, "changed", "/Fields")


def test_a_sneaky_signature_in_the_field_of_a_time_stamp(house: House, half: bytes) -> None:
    refused(house, sneaky(house, half, "ArchivalTimestamp1", new=False), "revision", "ArchivalTimestamp1: holds /Sig /ETSI.CAdES.detached where /DocTimeStamp")


def test_a_time_stamp_that_is_seen(house: House, complete: bytes) -> None:
    def paint(writer: IncrementalPdfFileWriter) -> None:
        target = attacks.widget(writer, "ArchivalTimestamp2")
        form = generic.StreamObject(dict_data=generic.DictionaryObject({pdf_name("/Subtype"): pdf_name("/Form")}), stream_data=b"0 0 99 9 re f")
        target.get_object()["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)})
        target.get_object()["/Rect"] = generic.ArrayObject([generic.NumberObject(side) for side in (50, 400, 500, 700)])
        writer.mark_update(target)

    refused(house, incremental(paint, complete), "appearance", "the field ArchivalTimestamp2 is drawn, and should not be seen")


# a field that is seen where the signature is not


def elsewhere(change: Callable[[Any, Any, Any], None]) -> Callable[[Any], None]:
    """A change of the first page, a second one that is added, and the first officer's widget."""

    def apply(pdf: Any) -> None:
        pdf.add_blank_page(page_size=(595, 842))
        widget = next(entry for entry in pdf.Root.AcroForm.Fields if entry.T == "Officer1")
        change(pdf.pages[0], pdf.pages[1], widget)

    return apply


def move(first: Any, second: Any, widget: Any) -> None:
    twice(first, second, widget)
    leave(first, second, widget)


def twice(_: Any, second: Any, widget: Any) -> None:
    import pikepdf

    second.Annots = pikepdf.Array([widget])


def leave(first: Any, _: Any, widget: Any) -> None:
    import pikepdf

    first.Annots = pikepdf.Array([entry for entry in first.Annots if entry.objgen != widget.objgen])


def push(_: Any, __: Any, widget: Any) -> None:
    widget.Rect = [float(side) + 400 for side in widget.Rect]


PLACES = {
    "on another page": (move, "the field Officer1 stands on another page than it says"),
    "on two pages": (twice, "the field Officer1 stands on 2 pages"),
    "on no page": (leave, "the field Officer1 stands on 0 pages"),
    "off the page": (push, "the field Officer1 reaches beyond its page"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_field_stands_where_it_is_seen(house: House, unsigned: bytes, name: str) -> None:
    change, words = PLACES[name]
    refused(house, saved(unsigned, elsewhere(change)), "appearance", words)
