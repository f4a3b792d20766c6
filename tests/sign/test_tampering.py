"""Everything that somebody may do to a signed PDF, and the rule that refuses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engross.verify import Verdict
from tests.sign import attacks
from tests.sign.attacks import ends, flip, incremental, rewrite
from tests.sign.letter import LETTER
from tests.sign.signed import House, reasons, rules

UPDATES = {
    "page replaced": (attacks.replace_page, "changed"),
    "text added": (attacks.add_text, "changed"),
    "annotation added": (attacks.add_annotation, "changed"),
    "attachment swapped": (attacks.swap_attachment, "changed"),
    "Info changed": (attacks.change_info, "changed"),
    "XMP changed": (attacks.change_xmp, "changed"),
    "rectangle moved": (attacks.move_rectangle, "changed"),
    "appearance repainted": (attacks.paint_appearance, "changed"),
    "script on opening": (attacks.open_action, "active-content"),
    "universal forgery, empty value": (attacks.empty_value, "changed"),
    "universal forgery, no ByteRange": (attacks.no_byte_range, "byte-range"),
    "poisoned certificates": (attacks.poison("/Certs", b"junk"), "evidence"),
    "poisoned OCSP": (attacks.poison("/OCSPs", b"junk"), "evidence"),
    "poisoned CRL": (attacks.poison("/CRLs", b"0\x03\x02\x01\x01"), "evidence"),
}

BYTES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "content byte": (lambda d: flip(d, 2000), "signature"),
    "byte of a later revision": (lambda d: flip(d, d.index(b"agreed", ends(d)[0])), "signature"),
    "bytes after the end": (lambda d: d + b"%more\n", "file"),
    "a space after the end": (lambda d: d + b" ", "file"),
    "bytes before the beginning": (lambda d: b"MZ\n" + d, "file"),
    "cut back before the archive time stamp": (lambda d: d[: ends(d)[2]], "level"),
    "cut back to the first officer": (lambda d: d[: ends(d)[1]], "officers"),
    "cut back to the unsigned file": (lambda d: d[: ends(d)[0]], "officers"),
    "padding of the signature value": (lambda d: attacks.padding(d, "Officer2"), "cms"),
    "padding of the archive time stamp": (lambda d: attacks.padding(d, "ArchivalTimestamp1"), "cms"),
    "signature wrapping": (lambda d: attacks.wrap(d, "Officer2"), "cms"),
    "shadow, hide and replace": (attacks.shadow, "changed"),
    "time stamp stripped": (lambda d: rewrite(d, "Officer2", attacks.strip_stamp), "time-stamp"),
    "time stamp stripped, without the archive": (lambda d: rewrite(d[: ends(d)[2]], "Officer2", attacks.strip_stamp), "level"),
    "time stamp damaged": (lambda d: rewrite(d, "Officer2", attacks.damage_stamp), "time-stamp"),
    "junk attribute": (lambda d: rewrite(d, "Officer2", attacks.junk_attribute), "cms"),
    "junk attribute, last value": (lambda d: rewrite(d, "ArchivalTimestamp1", attacks.junk_attribute), "cms"),
}


@pytest.mark.parametrize("name", UPDATES)
def test_an_update_is_refused(house: House, complete: bytes, name: str) -> None:
    change, rule = UPDATES[name]
    report = house.verify(incremental(change, complete))
    assert report.verdict is Verdict.FAILED
    assert rule in rules(report), reasons(report)
    assert not report.authentic


@pytest.mark.parametrize("name", BYTES)
def test_changed_bytes_are_refused(house: House, complete: bytes, name: str) -> None:
    change, rule = BYTES[name]
    report = house.verify(change(complete))
    assert report.verdict is Verdict.FAILED
    assert rule in rules(report), reasons(report)


def test_the_untouched_file_passes(house: House, complete: bytes) -> None:
    report = house.verify(complete, name=f"{LETTER}.en.signed.pdf")
    assert report.verdict is Verdict.PASSED, reasons(report)
    assert report.authentic
    assert report.level
    assert report.level.label == "B-LTA"
    assert [s.field for s in report.signatures] == ["Officer1", "Officer2", "ArchivalTimestamp1"]
    assert all(s.proven_at for s in report.signatures)


def test_an_added_certificate_is_refused(house: House, complete: bytes) -> None:
    report = house.verify(rewrite(complete, "Officer2", attacks.extra_certificate(house.pki.certificate("officer3"))))
    assert "cms" in rules(report), reasons(report)


def test_a_signature_of_another_letter_is_refused(house: House, complete: bytes, built) -> None:
    korean = house.sign((built / f"output/{LETTER}/edition-1/ko/{LETTER}.ko.pdf").read_bytes())
    assert house.verify(korean).verdict is Verdict.PASSED
    begin, end, _ = attacks.signature(complete, "Officer2")
    *_, value = attacks.signature(korean, "Officer2")
    report = house.verify(complete[:begin] + value[: (end - begin) // 2].hex().encode().ljust(end - begin, b"0") + complete[end:])
    assert report.verdict is Verdict.FAILED
    assert "signature" in rules(report), reasons(report)
    renamed = house.verify(korean, name=f"{LETTER}.en.signed.pdf")
    assert rules(renamed) == {"name"}, reasons(renamed)


def test_every_byte_outside_the_values_is_covered(house: House, complete: bytes) -> None:
    covered = [attacks.signature(complete, name)[:2] for name in ("Officer1", "Officer2", "ArchivalTimestamp1")]
    for at in range(1500, len(complete), len(complete) // 5):
        if not any(begin <= at < end for begin, end in covered):
            assert house.verify(flip(complete, at)).verdict is Verdict.FAILED, at


def test_time_moves_on(house: House, complete: bytes) -> None:
    """An officer's certificate may expire or be revoked afterwards; the time stamp's may not, unless it was renewed."""
    assert house.verify(complete, at=attacks_later(2000)).verdict is Verdict.PASSED
    expired = house.verify(complete, at=attacks_later(3001))
    assert expired.verdict is not Verdict.PASSED
    assert "time-stamp" in rules(expired), reasons(expired)


def attacks_later(days: int):
    from tests.sign.signed import now

    return now() + timedelta(days=days)
