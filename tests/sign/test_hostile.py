"""Files that were made to mislead a reader or to break it: each is refused with its reason, none ends in an exception."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string

from engross.verify import Verdict, confined
from tests.conformance.faults import saved
from tests.sign import attacks
from tests.sign.attacks import incremental, previous, rewrite
from tests.sign.signed import House, now, reasons, rules


def update(body: bytes, entries: Callable[[int], bytes], trailer: bytes = b"", prev: Callable[[bytes, int], int] = lambda data, _: previous(data)) -> Callable[[bytes], bytes]:
    """A revision written by hand: what stands in it, what its table lists (of the place of the body), what its trailer says."""

    def attack(data: bytes) -> bytes:
        start, table = len(data), len(data) + len(body)
        root = re.findall(rb"/Root ?(\d+ 0 R)", data)[-1]
        end = b"xref\n%btrailer\n<</Size 9999/Root %b/Prev %d%b>>\nstartxref\n%d\n%%%%EOF\n" % (entries(start), root, prev(data, table), trailer, table)
        return data + body + end

    return attack


def one(start: int) -> bytes:
    return b"9000 1\n%010d 00000 n \n" % start


def byte_range(change: Callable[[list[int]], list[int]]) -> Callable[[bytes], bytes]:
    """Other numbers in the last ByteRange, in the same room."""

    def attack(data: bytes) -> bytes:
        match = list(re.finditer(rb"/ByteRange ?\[([^\]]*)\]", data))[-1]
        numbers = b" ".join(b"%d" % number for number in change([int(word) for word in match[1].split()]))
        return data[: match.start(1)] + numbers.ljust(len(match[1])) + data[match.end(1) :]

    return attack


def contents(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def attack(data: bytes) -> bytes:
        begin, end, value = attacks.signature(data, "ArchivalTimestamp1")
        return data[:begin] + change(value)[: (end - begin) // 2].hex().encode() + data[end:]

    return attack


def hybrid(data: bytes) -> bytes:
    """A table, and a stream beside it that old readers do not know and that says other things (ISO 32000-1, 7.5.8.4)."""
    at = len(data) + len(OBJECT)
    stream = b"9001 0 obj\n<</Type/XRef/Size 9999/W[1 4 2]/Index[9002 1]/Length 7>>stream\n\1" + at.to_bytes(4, "big") + b"\0\0\nendstream\nendobj\n"
    return update(OBJECT + stream, lambda start: b"9000 2\n%010d 00000 n \n%010d 00000 n \n" % (start, at), b"/XRefStm %d" % at)(data)


OBJECT = b"9000 0 obj\n<</Type/Catalog>>\nendobj\n"
BYTES: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    "a loop of revisions": (update(OBJECT, one, prev=lambda _, table: table), "file", "loop"),
    "a hybrid section": (hybrid, "file", "hybrid cross-reference"),
    "an unused object": (update(OBJECT, one), "changed", "belong to no signature"),
    "an object that no table lists": (update(OBJECT + b"9001 0 obj\n<<>>\nendobj\n", one), "file", "no entry lists"),
    "something between objects": (update(OBJECT + b"<script>\n", one), "file", "stands behind object"),
    "an object listed twice": (update(OBJECT * 2, lambda at: one(at) + one(at + len(OBJECT))), "file", "twice"),
    "an entry into an earlier revision": (update(b"", lambda _: b"9000 1\n%010d 00000 n \n" % 100), "file", "not where its entry says"),
    "an object made free": (update(b"", lambda _: b"1 1\n0000000000 00000 f \n"), "file", "free xref"),
    "an object of another generation": (update(b"1 7 obj\n<<>>\nendobj\n", lambda at: b"1 1\n%010d 00007 n \n" % at), "file", "generation"),
    "deep nesting": (update(b"9000 0 obj\n" + b"[" * 20000 + b"]" * 20000 + b"\nendobj\n", one), "file", "cannot be judged (active_content): RecursionError"),
    "a huge number": (update(b"9000 0 obj\n" + b"9" * 5000 + b"\nendobj\n", one), "file", "cannot be judged (active_content): ValueError"),
    "a key said twice": (update(b"9000 0 obj\n<</A 1/A 2>>\nendobj\n", one), "file", "Multiple definitions"),
    "a ByteRange that begins later": (byte_range(lambda n: [1, n[1] - 1, n[2], n[3]]), "byte-range", "from the first to the last byte"),
    "a ByteRange that overlaps": (byte_range(lambda n: [n[0], n[1], n[1] - 10, n[3]]), "byte-range", "from the first to the last byte"),
    "a negative ByteRange": (byte_range(lambda n: [n[0], -1, n[2], n[3]]), "byte-range", "from the first to the last byte"),
    "a ByteRange of two numbers": (byte_range(lambda n: n[:2]), "byte-range", "2 numbers"),
    "a value of indefinite length": (contents(lambda value: value[:1] + b"\x80" + value[2:]), "cms", "no DER value"),
    "a length written too long": (contents(lambda value: value[:1] + b"\x83\0" + value[2:]), "cms", "no DER value"),
    "universal forgery, zeros as value": (contents(lambda value: bytes(len(value))), "cms", "no DER value"),
    "encrypted": (lambda data: saved(data, lambda pdf: None, encryption=attacks_encryption()), "file", "encrypted"),
    "written anew": (lambda data: saved(data, lambda pdf: None), "byte-range", "Officer1: the signature does not cover its revision"),
    "an added certificate in the time stamp": (lambda d: rewrite(d, "Officer2", attacks.swap_stamp_certificate), "cms", "certificate"),
}


def attacks_encryption() -> Any:
    import pikepdf

    return pikepdf.Encryption(owner="o", user="", R=6)


def catalogue(key: str, value: Any) -> Callable[[Any], None]:
    def change(writer: Any) -> None:
        writer.root[key] = value
        writer.update_root()

    return change


def action(**entries: Any) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(f"/{key}"): value for key, value in entries.items()})


def second_signature(writer: Any) -> None:
    """A signature dictionary that no field holds."""
    writer.add_object(action(Type=pdf_name("/Sig"), Filter=pdf_name("/Adobe.PPKLite"), SubFilter=pdf_name("/ETSI.CAdES.detached")))


def strange_store(writer: Any) -> None:
    store = writer.root.raw_get("/DSS")
    store.get_object()["/VRI"] = generic.DictionaryObject()
    writer.mark_update(store)


def free_text_field(writer: Any) -> None:
    form = writer.root.raw_get("/AcroForm")
    field = action(Type=pdf_name("/Annot"), Subtype=pdf_name("/Widget"), FT=pdf_name("/Tx"), T=pdf_string("Note"), Rect=generic.ArrayObject([generic.NumberObject(9)] * 4))
    form.get_object()["/Fields"].append(writer.add_object(field))
    writer.mark_update(form)


UPDATES: dict[str, tuple[Callable[[Any], None], str]] = {
    "actions on events": (catalogue("/AA", action(WC=action(S=pdf_name("/JavaScript"), JS=pdf_string("1")))), "active-content"),
    "a link that starts a program": (catalogue("/OpenAction", action(S=pdf_name("/Launch"), F=pdf_string("a.exe"))), "active-content"),
    "an XFA form": (catalogue("/Extensions", action(XFA=pdf_string("x"))), "active-content"),
    "an unknown action": (catalogue("/Extensions", action(A=action(S=pdf_name("/Unheard")))), "active-content"),
    "an evil field": (free_text_field, "changed"),
    "a signature in no field": (second_signature, "changed"),
    "strange entries in the store of evidence": (strange_store, "evidence"),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_made_to_mislead_are_refused(house: House, complete: bytes, name: str) -> None:
    change, rule, words = BYTES[name]
    report = house.verify(change(complete))
    assert report.verdict is Verdict.FAILED
    assert any(finding.rule == rule and words in finding.message for finding in report.findings), reasons(report)


@pytest.mark.parametrize("name", UPDATES)
def test_updates_made_to_mislead_are_refused(house: House, complete: bytes, name: str) -> None:
    change, rule = UPDATES[name]
    report = house.verify(incremental(change, complete))
    assert report.verdict is Verdict.FAILED
    assert rule in rules(report), reasons(report)


def test_evidence_of_strangers_is_refused(house: House, complete: bytes) -> None:
    stranger = house.pki.certificate("interm", "foreign").dump()
    report = house.verify(incremental(attacks.poison("/Certs", stranger), complete))
    assert "a strange certificate" in reasons(report)


def test_a_file_that_uses_up_memory_is_stopped(house: House, complete: bytes) -> None:
    """A stream of 200 MB in 200 kB, as the content that a file says it has."""

    def bomb(writer: Any) -> None:
        stream = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"].raw_get("/F")
        data = zlib.compress(bytes(200 * 1024**2), 9)
        writer.objects[stream.generation, stream.idnum] = generic.StreamObject(dict_data=action(Filter=pdf_name("/FlateDecode")), encoded_data=data)

    report = confined.verify(incremental(bomb, complete), house.policy, now(), limits=confined.Limits(memory=150 * 1024**2))
    assert report.verdict is Verdict.FAILED


def test_what_takes_too_long_or_crashes_is_told() -> None:
    import os
    import signal

    def spin() -> None:
        while True:
            pass

    for work, limits, words, verdict in (
        (spin, confined.Limits(processor=1), "processor time", Verdict.FAILED),
        (spin, confined.Limits(deadline=0.1), "was stopped", Verdict.INDETERMINATE),
        (lambda: bytearray(2**40), confined.Limits(), "MiB of memory", Verdict.FAILED),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), confined.Limits(), "SIGKILL", Verdict.FAILED),
    ):
        with pytest.raises(confined.Breach) as caught:
            confined.run(work, limits)
        assert words in caught.value.message
        assert caught.value.verdict is verdict


def test_a_report_survives_its_way_back(house: House, complete: bytes) -> None:
    moment = now()
    assert confined.verify(complete, house.policy, moment).to_json() == house.verify(complete, at=moment).to_json()
