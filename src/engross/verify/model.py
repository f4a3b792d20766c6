"""What a verifier expects, what it finds, and its verdict, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from engross.settings_signing import LEVELS, Level, Officer

if TYPE_CHECKING:
    from asn1crypto import crl, x509


class Verdict(Enum):
    """The three outcomes of ETSI EN 319 102-1, 5.1.2."""

    PASSED = "passed"
    INDETERMINATE = "indeterminate"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason against a file."""

    rule: str
    """Name of the rule in docs/signing.md, `byte-range`."""
    message: str
    verdict: Verdict = Verdict.FAILED
    hint: str = field(default="", compare=False)
    """What to do about it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is expected of a signed PDF. Nothing in it comes from the file."""

    officers: tuple[Officer, ...] | None
    """In order; `None` when nobody said who signs: then the verdict is never better than indeterminate."""
    level: Level
    anchors: tuple[x509.Certificate, ...]
    tsa_anchors: tuple[x509.Certificate, ...]
    chain: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    """CRLs from elsewhere, for files that carry no evidence."""
    staged: int | None = None
    """So many officers have signed so far, the file is not complete; `None` for a complete one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What our signed manifest says of a signed file."""

    language: str
    number: str
    """Document number."""
    prefix_length: int
    prefix_sha256: str
    seal: str
    signed_sha256: str = ""
    """Of the signed file as it was first complete; renewals append to it."""
    signed_length: int = 0


@dataclass(slots=True)
class Signature:
    """One signature or archive time stamp as it is reported."""

    field: str
    kind: str
    """`officer` or `archive`."""
    role: str = ""
    signer: str = ""
    certificate: str = ""
    """SHA-256."""
    claimed_at: datetime | None = None
    proven_at: datetime | None = None
    """Time of the earliest trusted time stamp over it."""
    level: Level | None = None
    anchor: str = ""
    """Who vouches for it: the pinned root."""
    since: str = ""
    """What the file gained after it."""
    until: datetime | None = None
    """When the certificate of an archive time stamp expires: what it proves can be told until then, unless a later one covers it."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of verifying one file."""

    name: str
    verdict: Verdict
    authentic: bool
    """Signatures and file are as the policy wants them."""
    ours: bool | None
    """Equal to what our signed manifest says; `None` when there is none at hand."""
    document: str
    language: str
    level: Level | None
    signatures: tuple[Signature, ...] = ()
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Plain data; times in UTC."""
        return {
            "file": self.name,
            "verdict": self.verdict.value,
            "authentic": self.authentic,
            "ours": self.ours,
            "document": self.document,
            "language": self.language,
            "level": self.level.label if self.level else None,
            "signatures": [
                {
                    "field": s.field,
                    "kind": s.kind,
                    "role": s.role,
                    "signer": s.signer,
                    "certificate_sha256": s.certificate,
                    "claimed_at": moment(s.claimed_at),
                    "proven_at": moment(s.proven_at),
                    "level": s.level.label if s.level else None,
                    "trusted_by": s.anchor,
                    "changed_since": s.since,
                    "proves_until": moment(s.until),
                }
                for s in self.signatures
            ],
            "findings": [{"rule": f.rule, "verdict": f.verdict.value, "message": f.message, "hint": f.hint} for f in self.findings],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Report:
        """A report as `to_json` gives it."""
        signatures = tuple(
            Signature(
                s["field"], s["kind"], s["role"], s["signer"], s["certificate_sha256"], _read(s["claimed_at"]), _read(s["proven_at"]), LEVELS.get(s["level"]), s["trusted_by"], s["changed_since"],
                _read(s["proves_until"]),
            )
            for s in data["signatures"]
        )  # fmt: skip
        findings = tuple(Finding(f["rule"], f["message"], Verdict(f["verdict"]), f["hint"]) for f in data["findings"])
        head = (data["file"], Verdict(data["verdict"]), data["authentic"], data["ours"], data["document"], data["language"])
        return cls(*head, LEVELS.get(data["level"]), signatures, findings)


def _read(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def moment(value: datetime | None) -> str | None:
    """A time as `2018-06-06T09:00:00Z`."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None
