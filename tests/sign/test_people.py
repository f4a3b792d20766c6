"""Who signs: the wrong people, the wrong order, the wrong time; and what is still good when a certificate is not any more."""

from __future__ import annotations

import io
from dataclasses import replace
from unittest import mock

import pyhanko_certvalidator
import pytest
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm

from engross.errors import EngrossError
from engross.settings_signing import ARCHIVE_FIELDS, Key, Level, Officer
from engross.sign import keys, outside, pades
from engross.verify import Verdict
from tests.sign.pki import DAY, PASSPHRASE
from tests.sign.signed import House, now, reasons, rules


def wearing(house: House, number: int, certificate: str, pki: str = "main") -> Officer:
    """Officer `number`'s field with the key of another certificate."""
    officer = house.profile.officers[number]
    return replace(officer, fingerprint=house.pki.certificate(certificate, pki).sha256.hex(), key=Key("pkcs12", str(house.pki.pkcs12(certificate, pki))))


def test_another_certificate_of_the_same_authority_and_name(house: House, unsigned: bytes) -> None:
    first, second = house.profile.officers
    signed = house.sign(unsigned, [wearing(house, 0, "sibling"), second])
    report = house.verify(signed)
    assert rules(report) == {"officers"}, reasons(report)
    assert first.role in reasons(report)


def test_the_same_name_under_another_authority(house: House, half: bytes) -> None:
    foreign = replace(
        house.policy,
        anchors=(house.pki.certificate("root", "foreign"),),
        chain=(house.pki.certificate("interm", "foreign"),),
    )
    signed = house.one(half, wearing(house, 1, "officer2", "foreign"), first=False, last=True, policy=foreign)
    report = house.verify(signed)
    assert report.verdict is Verdict.FAILED
    assert {"officers", "certificate", "level"} <= rules(report), reasons(report)


def test_by_name_alone_the_authority_still_counts(house: House, complete: bytes) -> None:
    """An officer may be expected by holder and issuer; the path then decides."""
    officers = tuple(
        Officer(o.role, o.field, subject=f"CN=officer{i},O=Example Organisation,C=XX", issuer="CN=interm,O=Example Organisation,C=XX")
        for i, o in enumerate(house.profile.officers, 1)
    )
    assert house.verify(complete, officers=officers).verdict is Verdict.PASSED
    swapped = (replace(officers[0], subject=officers[1].subject), officers[1])
    assert "officers" in rules(house.verify(complete, officers=swapped))


def test_one_officer_twice(house: House, half: bytes) -> None:
    signed = house.one(half, wearing(house, 1, "officer1"), first=False, last=True)
    report = house.verify(signed)
    assert "same certificate" in reasons(report)


def test_roles_swapped(house: House, unsigned: bytes) -> None:
    signed = house.sign(unsigned, [wearing(house, 0, "officer2"), wearing(house, 1, "officer1")])
    assert rules(house.verify(signed)) == {"officers"}


def test_the_order_of_the_profile(house: House, unsigned: bytes) -> None:
    first, second = house.profile.officers
    early = house.one(unsigned, second, first=True, last=False)
    with pytest.raises(EngrossError):  # the last officer's field is locked, nobody can sign after it
        house.one(early, first, first=False, last=True)
    assert "officers" in rules(house.verify(early))
    assert "officers" in rules(house.verify(early, staged=1))


def test_a_field_that_waits(house: House, half: bytes) -> None:
    assert "not signed" in reasons(house.verify(half))
    assert house.verify(half, staged=1).verdict is Verdict.PASSED


def test_no_certification(house: House, unsigned: bytes) -> None:
    first, second = house.profile.officers
    signed = house.one(house.one(unsigned, first, first=False, last=False), second, first=False, last=True)
    assert "certification" in rules(house.verify(signed))


def test_a_looser_certification(house: House, unsigned: bytes) -> None:
    def loose(**values: object) -> signers.PdfSignatureMetadata:
        return stock(**{**values, "docmdp_permissions": MDPPerm.ANNOTATE})  # type: ignore[arg-type]

    stock = signers.PdfSignatureMetadata
    with mock.patch.object(signers, "PdfSignatureMetadata", loose):
        half = house.one(unsigned, house.profile.officers[0], first=True, last=False)
    signed = house.one(half, house.profile.officers[1], first=False, last=True)
    assert "certification" in rules(house.verify(signed))


def test_an_officers_field_filled_by_a_time_stamp(house: House, half: bytes) -> None:
    """A time stamp server signs for whoever asks; in an officer's field it would look like a signature."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfTimeStamper

    with mock.patch.object(IncrementalPdfFileWriter, "_update_meta"):
        out = PdfTimeStamper(outside.time_stamper(house.profile.tsa), field_name="Officer2").timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(half)), "sha256")
    report = house.verify(out.getvalue())
    assert report.verdict is Verdict.FAILED
    assert {"revision", "officers"} <= rules(report), reasons(report)


def test_an_untrusted_time_stamp_server(house: House, unsigned: bytes) -> None:
    pinned = house.pki.certificate("tsa-root", "foreign")
    signed = house.sign(unsigned, policy=replace(house.policy, tsa_anchors=(pinned,)), profile=replace(house.profile, tsa=(f"{house.pki.url}/foreign/tsa/tsa",)))
    report = house.verify(signed)
    assert report.verdict is Verdict.FAILED
    assert {"time-stamp", "level"} <= rules(report), reasons(report)


def test_anchors_of_signers_do_not_vouch_for_time_stamps(house: House, complete: bytes) -> None:
    both = house.policy.anchors + house.policy.tsa_anchors
    assert house.verify(complete, anchors=both).verdict is Verdict.PASSED
    assert "time-stamp" in rules(house.verify(complete, tsa_anchors=house.policy.anchors))
    assert "certificate" in rules(house.verify(complete, anchors=house.policy.tsa_anchors))


def test_nobody_is_pinned(house: House, complete: bytes) -> None:
    report = house.verify(complete, officers=None, anchors=(), tsa_anchors=())
    assert report.verdict is Verdict.INDETERMINATE, reasons(report)


def test_every_archive_field_in_its_turn(house: House, complete: bytes) -> None:
    """Six archive time stamps, of which each covers the ones before."""
    stamps, anchors = outside.time_stamper(house.profile.tsa), (*house.policy.anchors, *house.policy.tsa_anchors)
    evidence = outside.evidence(pades.certificates_of(stamps), [*house.policy.chain, *stamps.cert_registry], anchors)
    data = complete
    for field in ARCHIVE_FIELDS[1:]:
        data = pades.archive(data, field, pades.Trust(anchors, house.policy.chain, evidence), stamps)
    report = house.verify(data)
    assert report.verdict is Verdict.PASSED, reasons(report)
    assert [s.field for s in report.signatures] == ["Officer1", "Officer2", *ARCHIVE_FIELDS]
    assert report.level is Level.LTA


def test_a_certificate_that_expires_later_passes(house: House, unsigned: bytes) -> None:
    short = wearing(house, 0, "short")
    officers = (short, house.profile.officers[1])
    signed = house.sign(unsigned, officers)
    assert house.verify(signed, officers=officers, at=now() + 60 * DAY).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "expired on"),
        ("future", "another than .*, and is not valid before"),
        ("encrypt-only", "not made for signing"),
        ("sibling", "another than"),
        ("weak", "a key of 1024 bits"),
    ],
)
def test_a_certificate_that_is_not_good_signs_nothing(house: House, certificate: str, words: str) -> None:
    officer = wearing(house, 0, certificate)
    if certificate in ("sibling", "future"):
        officer = replace(officer, fingerprint=house.profile.officers[0].fingerprint)
    before = len(house.pki.requests)
    with pytest.raises(EngrossError, match=words), keys.opened(officer, house.pki.folder, (), lambda _: PASSPHRASE, now()):
        pass
    assert len(house.pki.requests) == before


def test_levels(house: House, unsigned: bytes) -> None:
    """Each level is reached and reported; a lower one than asked for is refused."""
    for level in (Level.B, Level.T, Level.LT):
        signed = house.sign(unsigned, level=level)
        report = house.verify(signed, level=level)
        assert report.level is level
        assert report.verdict is (Verdict.PASSED if level is Level.LT else Verdict.INDETERMINATE), reasons(report)
        assert "level" in rules(house.verify(signed))


def test_a_time_stamp_of_a_signature_needs_proof_too(house: House, unsigned: bytes) -> None:
    """At B-LT the file proves of the time stamp server's certificate, as of the officers', that it was not revoked; at B-T nobody asks."""
    stock, ask = pyhanko_certvalidator.ValidationContext, outside.evidence

    def soft(**values: object) -> object:
        return stock(**{**values, "revocation_mode": "soft-fail"})  # type: ignore[arg-type]

    def of_officers(certificates, known, anchors):
        return ask([one for one in certificates if one.subject.native["common_name"] != "tsa"], known, anchors)

    with mock.patch.object(pyhanko_certvalidator, "ValidationContext", soft), mock.patch.object(outside, "evidence", of_officers):
        signed = house.sign(unsigned, level=Level.LT)
    report = house.verify(signed, level=Level.LT)
    assert report.level is Level.T
    assert {"level", "evidence"} <= rules(report), reasons(report)
    assert "the time stamp's certificate was not revoked" in reasons(report)
    assert house.verify(signed, level=Level.T).verdict is Verdict.PASSED
