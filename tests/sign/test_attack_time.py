"""Times that somebody else gave: servers that nobody trusts, stamps that cannot be, and a clock of our own that is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest

from engross.settings_signing import Key, Level
from engross.verify import Finding, Verdict
from tests.sign import attacks
from tests.sign import clerks as clerks_module
from tests.sign.attacks import rewrite
from tests.sign.clerks import Clerks, archived, stamped
from tests.sign.pki import DAY, NOW
from tests.sign.signed import House, reasons

SIGNED = NOW + timedelta(minutes=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def clerks(house: House) -> Clerks:
    return Clerks(house.pki)


@pytest.fixture(scope="module")
def one(house: House, unsigned: bytes, clerks: Clerks) -> bytes:
    """The first officer's signature, stamped, with no evidence yet."""
    return stamped(house, unsigned, house.profile.officers[0], clerks, SIGNED)


def archive(house: House, one: bytes, by: Clerks, at: datetime = SIGNED + 5 * MINUTE) -> bytes:
    """The signed file with all evidence that an archive needs, stamped by somebody at a time."""
    own = Clerks(house.pki)
    evidence: list[Any] = [own.ocsp("officer1", SIGNED + MINUTE), house.pki.certificate("interm-ocsp")]
    return archived(one, [*evidence, *(own.crl(name, SIGNED + MINUTE) for name in ("root", "tsa-root"))], by, at)


def findings(house: House, data: bytes, at: datetime = NOW + DAY) -> set[Finding]:
    return set(house.verify(data, staged=1, at=at).findings)


def test_an_archive_time_stamp_by_somebody_nobody_trusts(house: House, one: bytes, clerks: Clerks) -> None:
    """Same name and same key as the trusted server, but a root of their own: only the pinned anchor tells them apart."""
    assert not findings(house, archive(house, one, clerks))
    words = "ArchivalTimestamp1: the time stamp's certificate does not lead to a pinned anchor"
    assert Finding("time-stamp", words) in findings(house, archive(house, one, replace(clerks, label="foreign")))


def test_an_added_certificate_in_an_archive_time_stamp(house: House, one: bytes, clerks: Clerks) -> None:
    stranger = house.pki.certificate("tsa-root", "foreign")
    data = rewrite(archive(house, one, clerks), "ArchivalTimestamp1", attacks.extra_certificate(stranger))
    words = "ArchivalTimestamp1: the time stamp carries a certificate that is not of its path: CN=tsa-root,O=Example Organisation,C=XX"
    assert findings(house, data) == {Finding("cms", words)}


def test_a_slow_clock_cannot_tell(house: House, one: bytes, clerks: Clerks) -> None:
    """A machine whose clock is behind the file's time stamps knows neither that the file is good nor that it is bad."""
    data = archive(house, one, clerks)
    report = house.verify(data, staged=1, at=SIGNED - 30 * DAY)
    assert report.verdict is Verdict.INDETERMINATE
    assert {finding.rule for finding in report.findings} == {"clock"}, reasons(report)
    assert "set it, then verify again" in reasons(report)
    assert report.level is Level.LTA
    assert not findings(house, data, at=SIGNED + 5 * MINUTE - timedelta(seconds=3)), "clocks may differ by seconds"


def test_a_slow_clock_and_a_claimed_time(house: House, unsigned: bytes) -> None:
    """Without any time stamp the signer's own clock is all there is; the certificate may not even be valid yet on ours."""
    signed = house.one(unsigned, house.profile.officers[0], first=True, last=False, level=Level.B)
    report = house.verify(signed, level=Level.B, staged=1, at=NOW - 500 * DAY)
    assert report.verdict is Verdict.INDETERMINATE
    assert {finding.rule for finding in report.findings} == {"clock", "evidence"}, reasons(report)


def test_a_signature_stamped_after_the_archive_time_stamp_over_it(house: House, one: bytes, clerks: Clerks) -> None:
    """No clock of ours explains that: one of the two times is false."""
    words = f"Officer1: the time stamp is later than {SIGNED - DAY:%Y-%m-%d %H:%M} UTC, when it must have existed"
    assert Finding("time-stamp", words) in findings(house, archive(house, one, clerks, SIGNED - DAY))


def test_everything_expired_and_nobody_renewed(house: House, one: bytes, clerks: Clerks) -> None:
    """Once the certificates under the last archive time stamp have expired, nobody can tell any more; the file is not called false for that."""
    late = house.pki.certificate("tsa").not_valid_after + DAY
    report = house.verify(archive(house, one, clerks), staged=1, at=late)
    assert report.verdict is Verdict.INDETERMINATE, reasons(report)
    assert {finding.rule for finding in report.findings} == {"time-stamp", "certificate", "level"}
    assert "expired on" in reasons(report)
    assert "nothing proves that it signed before" in reasons(report)


def test_expired_at_the_proven_time(house: House, unsigned: bytes, clerks: Clerks) -> None:
    """A trusted time after the end of the certificate is no doubt but a fact."""
    officers = (
        replace(house.profile.officers[0], fingerprint=house.pki.certificate("expired").sha256.hex(), key=Key("pkcs12", str(house.pki.pkcs12("expired")))),
        *house.profile.officers[1:],
    )
    ended = house.pki.certificate("expired").not_valid_after
    with mock.patch.object(clerks_module, "NOW", ended - DAY):
        after, before = (stamped(house, unsigned, officers[0], clerks, ended + days * DAY) for days in (0.5, -0.5))
    report = house.verify(after, officers=officers, staged=1, at=NOW)
    assert report.verdict is Verdict.FAILED
    assert f"certificate: Officer1: the certificate of officer1 was not valid at {ended + DAY / 2:%Y-%m-%d %H:%M} UTC" in reasons(report)
    assert "not valid at" not in reasons(house.verify(before, officers=officers, staged=1, at=NOW))
