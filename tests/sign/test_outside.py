"""Time stamp servers that fail, refuse or talk nonsense; and how often they are asked."""

from __future__ import annotations

import asyncio

import pytest
from asn1crypto import tsp

from engross.errors import OutsideError, UsageError
from engross.sign import outside
from tests.sign.pki import Pki

STATUS = tsp.PKIStatusInfo({"status": "rejection", "status_string": ["not today"]}).dump()
REFUSED = b"\x30" + bytes([len(STATUS)]) + STATUS
GOOD = "/main/tsa/tsa"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, pki: Pki) -> None:
    monkeypatch.setattr(outside, "PAUSE", 0)
    monkeypatch.setattr(pki, "requests", [])


def stamped(stamps: object) -> str:
    token = asyncio.run(stamps.async_timestamp(bytes(32), "sha256"))  # type: ignore[attr-defined]
    return str(token["content_type"].native)


def test_a_server_is_asked_three_times(pki: Pki) -> None:
    pki.answers[GOOD] = [503, 503]
    assert stamped(outside.time_stamper([pki.url + GOOD])) == "signed_data"
    assert pki.requests == [GOOD] * 3


@pytest.mark.parametrize(("said", "tries"), [(503, 3), (404, 3), (b"<html>busy</html>", 1), (b"", 1), (REFUSED, 1)])
def test_the_next_one_is_asked_and_kept(pki: Pki, said: int | bytes, tries: int) -> None:
    """Whatever the first one says instead of a time stamp; what does not change by asking again is not asked again."""
    pki.answers["/first"] = [said] * 9
    stamps = outside.time_stamper([pki.url + "/first", pki.url + GOOD])
    assert [stamped(stamps), stamped(stamps)] == ["signed_data"] * 2
    assert pki.requests == ["/first"] * tries + [GOOD] * 2


def test_what_each_of_them_said_is_told(pki: Pki) -> None:
    pki.answers.update({"/one": [500] * 3, "/two": [REFUSED], "/three": [b"nonsense"]})
    with pytest.raises(OutsideError) as told:
        stamped(outside.time_stamper([pki.url + path for path in ("/one", "/two", "/three")]))
    assert [words in told.value.message for words in ("/one cannot be had: it answers 500", "not today", "/three answers with something that is no time stamp")] == [True] * 3
    assert "nothing was signed" in told.value.hint


def test_an_address_that_nobody_listens_at() -> None:
    with pytest.raises(OutsideError, match="cannot be had"):
        outside.ask("http://127.0.0.1:1/tsa", b"", "")


def test_a_profile_of_somebody_who_only_verifies_cannot_renew() -> None:
    with pytest.raises(UsageError, match="names no time stamp server"):
        outside.time_stamper([])
