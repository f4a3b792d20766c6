"""A level lower than the profile's: the report says which one was reached and what can be done about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engross.cli import verifying
from engross.settings_signing import Level
from engross.verify import Expected, Report, verify
from tests.sign.attacks import ends
from tests.sign.signed import House, now


def level(report: Report) -> tuple[str, str]:
    """Message and hint of the finding about the level."""
    (found,) = (finding for finding in report.findings if finding.rule == "level")
    return found.message, found.hint


@pytest.mark.parametrize("reached", [Level.B, Level.T])
def test_signed_at_a_lower_level(house: House, unsigned: bytes, reached: Level) -> None:
    report = house.verify(house.one(unsigned, house.profile.officers[0], first=True, last=False, level=reached), staged=1)
    message, hint = level(report)
    assert message == f"the level reached is {reached.label}; the profile wants B-LT"
    assert f'level = "{reached.label}"' in hint
    assert "crls = [FILE]" in next(finding.hint for finding in report.findings if finding.rule == "evidence")


def test_a_copy_that_was_cut_short_is_known_by_our_manifest(house: House, unsigned: bytes, complete: bytes) -> None:
    """Without its archive time stamp a file is a good one of a lower level; our signed manifest knows that it was longer."""
    number = house.verify(complete).document
    ours = Expected("en", number, len(unsigned), "", "", "", len(complete))
    short = complete[: ends(complete)[2]]
    assert "cut short: ask for another copy; or it was signed so" in level(house.verify(short))[1]
    report = verify(short, house.policy, now(), expected=[ours])
    assert level(report)[1] == f"this copy was cut short, the signed file has {len(complete)} bytes: ask for the whole one"


def test_how_long_it_can_be_verified_is_said(house: House, complete: bytes) -> None:
    """The certificate of the last archive time stamp sets the end; before it, the command that renews is named."""
    report = house.verify(complete)
    until = report.signatures[-1].until
    assert until == house.pki.certificate("tsa").not_valid_after
    assert list(verifying._notes(report, now())) == [f"it can be verified until {until:%Y-%m-%d}, and longer if it is renewed"]
    letter = report.document.split("/")[0]
    assert list(verifying._notes(report, until - verifying.SOON / 2)) == [f"it can be verified until {until:%Y-%m-%d}; renew it before: engross sign {letter} --renew"]
    expired = replace(report, verdict=house.verify(complete, at=until.replace(year=until.year + 1)).verdict)
    assert not list(verifying._notes(expired, now()))
