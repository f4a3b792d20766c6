"""What proves that nobody was revoked: answers that count, and answers that were only put there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engross.verify import Report, Verdict
from tests.sign.clerks import Clerks, archived, stamped
from tests.sign.pki import DAY, NOW
from tests.sign.signed import House, reasons, rules

SIGNED = NOW + timedelta(minutes=1)
ASKED = SIGNED + timedelta(minutes=2)
ARCHIVED = SIGNED + timedelta(minutes=5)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def clerks(house: House) -> Clerks:
    return Clerks(house.pki)


@pytest.fixture(scope="module")
def one(house: House, unsigned: bytes, clerks: Clerks) -> bytes:
    """The first officer's signature, stamped, with no evidence yet."""
    return stamped(house, unsigned, house.profile.officers[0], clerks, SIGNED)


def judged(house: House, one: bytes, clerks: Clerks, *evidence: Any, **changes: Any) -> Report:
    """The file with this evidence about the officer, and the usual lists about the authorities, as it is judged a day later."""
    usual = [clerks.crl("root", ASKED), clerks.crl("tsa-root", ASKED), house.pki.certificate("interm-ocsp")]
    return house.verify(archived(one, [*usual, *evidence], clerks, ARCHIVED), staged=1, at=NOW + DAY, **changes)


def revoked(clerks: Clerks, **since: Any) -> Clerks:
    return replace(clerks, revoked=since)


def test_a_good_answer_passes(house: House, one: bytes, clerks: Clerks) -> None:
    report = judged(house, one, clerks, clerks.ocsp("officer1", ASKED))
    assert report.verdict is Verdict.PASSED, reasons(report)


@pytest.mark.parametrize("kind", ["ocsp", "crl"])
def test_revoked_before_the_proven_time(house: House, one: bytes, clerks: Clerks, kind: str) -> None:
    knowing = revoked(clerks, officer1=SIGNED - timedelta(minutes=1))
    report = judged(house, one, clerks, knowing.ocsp("officer1", ASKED) if kind == "ocsp" else knowing.crl("interm", ASKED))
    assert report.verdict is Verdict.FAILED
    assert "certificate: Officer1: the certificate of officer1 was revoked" in reasons(report)


@pytest.mark.parametrize("kind", ["ocsp", "crl"])
def test_revoked_after_the_proven_time(house: House, one: bytes, clerks: Clerks, kind: str) -> None:
    """Whoever says since when a certificate is revoked says that it was good before."""
    knowing = revoked(clerks, officer1=SIGNED + timedelta(minutes=1))
    report = judged(house, one, clerks, knowing.ocsp("officer1", ASKED) if kind == "ocsp" else knowing.crl("interm", ASKED))
    assert report.verdict is Verdict.PASSED, reasons(report)


def test_an_older_good_answer_does_not_outweigh_a_later_list(house: House, one: bytes, clerks: Clerks) -> None:
    """The officer's key was stolen, and used within the hour for which the last good answer holds."""
    knowing = revoked(clerks, officer1=SIGNED - timedelta(seconds=30))
    good = clerks.ocsp("officer1", SIGNED - timedelta(minutes=2))
    assert judged(house, one, clerks, good).verdict is Verdict.PASSED
    for later in (knowing.crl("interm", ASKED), knowing.ocsp("officer1", ASKED)):
        assert "certificate" in rules(judged(house, one, clerks, good, later))
    pinned = judged(house, one, clerks, good, crls=(knowing.crl("interm", ASKED + HOUR),))
    assert "certificate" in rules(pinned), reasons(pinned)


def test_an_authority_that_was_revoked(house: House, one: bytes, clerks: Clerks) -> None:
    """What holds of the officer's certificate holds of those above it, a good list beside the bad one or not."""
    good = clerks.ocsp("officer1", ASKED)
    before, after = (revoked(clerks, interm=SIGNED + minutes * timedelta(minutes=1)).crl("root", ASKED) for minutes in (-1, 1))
    report = judged(house, one, clerks, good, before)
    assert report.verdict is Verdict.FAILED
    assert "the certificate of officer1 leads to the authority CN=interm,O=Example Organisation,C=XX, which was revoked on" in reasons(report)
    assert judged(house, one, clerks, good, after).verdict is Verdict.PASSED


STRANGE = {
    "an answer about another officer": (lambda own, _: own.ocsp("officer2", ASKED), "an OCSP answer about a strange certificate"),
    "an answer of another authority": (lambda _, other: other.ocsp("officer1", ASKED), "an OCSP answer about a strange certificate"),
    "a list of another authority of the same name": (lambda _, other: other.crl("interm", ASKED), "a CRL of a strange authority"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_evidence_of_strangers_is_refused_and_proves_nothing(house: House, one: bytes, clerks: Clerks, name: str) -> None:
    make, words = STRANGE[name]
    report = judged(house, one, clerks, make(clerks, replace(clerks, label="foreign")))
    assert report.verdict is Verdict.FAILED
    assert f"evidence: the store of evidence holds {words}" in reasons(report)
    assert "evidence: Officer1: nothing proves that the certificate of officer1 was not revoked" in reasons(report)
    assert report.level
    assert report.level.label == "B-T"
