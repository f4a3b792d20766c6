"""Signing and judging in tests, without the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engross.settings_signing import Level, Officer, Profile
from engross.sign import appearance, keys, pades
from engross.sign.session import open_session
from engross.verify import Policy, Report, verify
from tests.sign.pki import PASSPHRASE, Pki


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class House:
    """Who signs, and whom the verifier trusts."""

    pki: Pki
    profile: Profile
    policy: Policy

    def sign(self, pdf: bytes, officers: Sequence[Officer] | None = None, **changes: Any) -> bytes:
        """Every officer signs, one after another, each with the key that the settings name."""
        chosen = self.profile.officers if officers is None else officers
        for number, officer in enumerate(chosen):
            pdf = self.one(pdf, officer, first=number == 0, last=number == len(chosen) - 1, **changes)
        return pdf

    def one(self, pdf: bytes, officer: Officer, *, first: bool, last: bool, level: Level | None = None, policy: Policy | None = None, profile: Profile | None = None) -> bytes:
        policy, profile = policy or self.policy, profile or self.profile
        with keys.opened(officer, Path(), policy.chain, lambda _: PASSPHRASE, now()) as key:
            session = open_session(replace(profile, level=level or profile.level), policy, key)
            place = pades.Place(officer.field, first, last, level or profile.level, "agreed")
            return pades.sign(pdf, place, key.signer, session.trust, session.stamps, appearance.nothing())

    def verify(self, data: bytes, *, at: datetime | None = None, name: str = "", **changes: object) -> Report:
        return verify(data, replace(self.policy, **changes), at or now(), name=name)  # type: ignore[arg-type]


def rules(report: Report) -> set[str]:
    """Names of the rules that found something."""
    return {finding.rule for finding in report.findings}


def reasons(report: Report) -> str:
    return "; ".join(f"{finding.rule}: {finding.message}" for finding in report.findings)
