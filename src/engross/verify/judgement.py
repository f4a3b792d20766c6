"""The signatures judged in time: which time stamps hold, when each signature is proven to have existed, whose certificate it is, and which level that makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engross.settings_signing import Level
from engross.verify import cms, trust
from engross.verify.cms import Cms
from engross.verify.document import Document, Signed
from engross.verify.model import Finding, Policy, Signature, Verdict
from engross.verify.names import rfc4514

if TYPE_CHECKING:
    from asn1crypto import x509


@dataclass(slots=True)
class Judgement:
    """What was found while judging, for the report and the rules after it."""

    signatures: list[Signature] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    used: list[x509.Certificate] = field(default_factory=list)
    """Certificates of every path."""
    level: Level | None = None


def judge(document: Document, messages: dict[str, tuple[Cms | None, list[str]]], policy: Policy, evidence: trust.Evidence, now: datetime) -> Judgement:
    """Judge archive time stamps from the last to the first, each at the time that the one after it proves, and then the officers' signatures."""
    out = Judgement()
    proven: list[tuple[int, datetime]] = []  # (revision of an archive time stamp that holds, its time)
    signed = document.signatures
    for entry in reversed([item for item in signed if item.is_archive]):
        at = min((time for revision, time in proven if revision > entry.revision), default=now)
        report = _archive(document, entry, messages[entry.field][0], policy, evidence, at, out)
        if report.proven_at:
            proven.append((entry.revision, report.proven_at))
    for entry in [item for item in signed if not item.is_archive]:
        later = [(revision, time) for revision, time in proven if revision > entry.revision]
        _officer(document, entry, messages[entry.field][0], policy, evidence, later, now, out)
    order = {entry.field: entry.revision for entry in signed}
    out.signatures.sort(key=lambda item: order[item.field])
    levels = [item.level for item in out.signatures if item.kind == "officer"]
    out.level = _overall(levels, archived=bool(proven))
    return out


def _overall(levels: list[Level | None], *, archived: bool) -> Level | None:
    """The level of the file: of all its officers' signatures the lowest."""
    if not levels or None in levels:
        return None
    lowest = min(level for level in levels if level is not None)
    return Level.LTA if archived and lowest >= Level.LT else lowest


def _archive(document: Document, entry: Signed, message: Cms | None, policy: Policy, evidence: trust.Evidence, at: datetime, out: Judgement) -> Signature:
    report = Signature(entry.field, "archive")
    out.signatures.append(report)
    if message is None:
        return report
    stamp, faults = trust.read_stamp(message, lambda algorithm: cms.digest_of(document, entry, algorithm))
    out.findings += [Finding("time-stamp", f"{entry.field}: the time stamp {fault}") for fault in faults]
    _about(report, message)
    if stamp is None:
        return report
    report.claimed_at = stamp.time
    if _stamp_path(entry.field, stamp, policy, evidence, at, out, report, needs_evidence=True):
        report.proven_at = stamp.time
    return report


def _stamp_path(name: str, stamp: trust.Stamp, policy: Policy, evidence: trust.Evidence, at: datetime, out: Judgement, report: Signature | None, *, needs_evidence: bool) -> bool:
    """Whether the stamp counts. Its certificate must have been good when it stamped, and not have expired by the time that something else proves it."""
    message = stamp.message
    path = trust.judge(message.certificate, policy.tsa_anchors, [*policy.chain, *message.certificates], stamp.time, evidence, stamping=True, more_crls=policy.crls)
    out.used += path.chain
    if path.fault:
        out.findings.append(Finding("time-stamp", f"{name}: the time stamp's certificate {path.fault}", path.verdict))
        return False
    expiry = message.certificate.not_valid_after
    if stamp.time > at + trust.TOLERANCE:
        out.findings.append(Finding("time-stamp", f"{name}: the time stamp is later than {at:%Y-%m-%d %H:%M} UTC, when it must have existed"))
        return False
    if at > expiry:
        text = f"{name}: the time stamp's certificate expired on {expiry:%Y-%m-%d} before a later archive time stamp covered it"
        out.findings.append(Finding("time-stamp", text, Verdict.INDETERMINATE))
        return False
    if needs_evidence and not path.evidenced:
        out.findings.append(Finding("evidence", f"{name}: nothing proves that the time stamp's certificate was not revoked", Verdict.INDETERMINATE))
    out.findings += list(_superfluous(name, message, path, "time stamp"))
    if report:
        report.anchor = path.anchor
    return path.evidenced or not needs_evidence


def _officer(
    document: Document, entry: Signed, message: Cms | None, policy: Policy, evidence: trust.Evidence, later: list[tuple[int, datetime]], now: datetime, out: Judgement
) -> None:
    report = Signature(entry.field, "officer", role=str(document.fields[entry.field].get("/TU", "")))
    out.signatures.append(report)
    if message is None:
        return
    _about(report, message)
    algorithm = message.signer["digest_algorithm"]["algorithm"].native
    if algorithm not in cms.DIGESTS:
        return
    if not document.data[: entry.byte_range[1]] or len(entry.byte_range) != 4:
        return
    wrong = cms.holds(message, "data", cms.digest_of(document, entry, algorithm))
    out.findings += [Finding("signature", f"{entry.field}: the signature {fault}") for fault in wrong]
    if message.data["encap_content_info"]["content"].native is not None:
        out.findings.append(Finding("cms", f"{entry.field}: the signature carries content of its own"))
    report.claimed_at = _claimed(entry.value)
    covered = min((time for _, time in later), default=None)
    stamped = _stamped(entry, message, policy, evidence, covered or now, out)
    report.proven_at = min((time for time in (stamped, covered) if time), default=None)
    path = trust.judge(message.certificate, policy.anchors, [*policy.chain, *message.certificates], report.proven_at or now, evidence, stamping=False, more_crls=policy.crls)
    if path.fault:
        out.findings.append(Finding("certificate", f"{entry.field}: the certificate of {report.signer} {path.fault}", path.verdict))
    out.used += path.chain
    if wrong or path.fault:
        return
    out.findings += list(_superfluous(entry.field, message, path, "signature"))
    report.anchor = path.anchor
    if not path.evidenced:
        out.findings.append(Finding("evidence", f"{entry.field}: nothing proves that the certificate of {report.signer} was not revoked", Verdict.INDETERMINATE))
    report.level = Level.B if not stamped else Level.T if not path.evidenced or (not evidence.ocsps and not evidence.crls) else Level.LTA if later else Level.LT


def _stamped(entry: Signed, message: Cms, policy: Policy, evidence: trust.Evidence, at: datetime, out: Judgement) -> datetime | None:
    """The time of the signature's own time stamp, if it has one that counts."""
    if not message.stamps:
        return None
    try:
        inner, faults = cms.take_apart(message.stamps[0])
    except cms.UNREADABLE as error:
        out.findings.append(Finding("time-stamp", f"{entry.field}: the time stamp cannot be read: {error}"))
        return None
    value = message.signer["signature"].native
    stamp, more = trust.read_stamp(inner, lambda algorithm: _digest(algorithm, value))
    out.findings += [Finding("time-stamp", f"{entry.field}: the time stamp {fault}") for fault in faults + more]
    if stamp is None or faults:
        return None
    return stamp.time if _stamp_path(entry.field, stamp, policy, evidence, at, out, None, needs_evidence=False) else None


def _digest(algorithm: str, value: bytes) -> bytes:
    import hashlib

    return hashlib.new(algorithm, value).digest()


def _superfluous(name: str, message: Cms, path: trust.Path, what: str) -> Iterator[Finding]:
    """Only certificates of the path may travel in a signature: others could be meant to mislead."""
    chain = {certificate.sha256 for certificate in path.chain}
    for certificate in message.certificates:
        if certificate.sha256 not in chain:
            yield Finding("cms", f"{name}: the {what} carries a certificate that is not of its path: {rfc4514(certificate.subject)}")


def _about(report: Signature, message: Cms) -> None:
    common = message.certificate.subject.native.get("common_name")
    report.signer = common if isinstance(common, str) else rfc4514(message.certificate.subject)
    report.certificate = message.certificate.sha256.hex()


def _claimed(value: Any) -> datetime | None:
    """The time that the signer's machine gave (ISO 32000-1, 7.9.4): a claim, no proof."""
    from pyhanko.pdf_utils.generic import parse_pdf_date

    try:
        return parse_pdf_date(str(value["/M"]), strict=True) if "/M" in value else None
    except (ValueError, TypeError):
        return None


def levels(judged: Judgement, policy: Policy) -> Iterator[Finding]:
    """The level of the profile is reached."""
    if policy.officers is None:
        return
    wanted = policy.level if policy.staged is None else min(policy.level, Level.LT)
    if judged.level is None or judged.level < wanted:
        reached = judged.level.label if judged.level else "none"
        yield Finding("level", f"the level reached is {reached}; the profile wants {wanted.label}")
