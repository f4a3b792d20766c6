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

_SETTINGS = "engross verify FILE --settings FOLDER: a pyproject.toml with the sender's signing profile and its certificates, had from the sender and not together with the file"
_LISTS = "crls = [FILE] in the profile: lists from their issuers, from after the signing"


@dataclass(slots=True)
class Judgement:
    """What was found while judging, for the report and the rules after it."""

    signatures: list[Signature] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    used: list[x509.Certificate] = field(default_factory=list)
    """Certificates of every path."""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """What one file is judged by, and where the findings go."""

    document: Document
    policy: Policy
    evidence: trust.Evidence
    now: datetime
    out: Judgement

    def path(self, message: Cms, at: datetime, *, stamping: bool, proven: bool = True) -> trust.Path:
        """The path of a message's certificate, judged at a time."""
        policy = self.policy
        anchors, others = policy.tsa_anchors if stamping else policy.anchors, [*policy.chain, *message.certificates]
        found = trust.judge(message.certificate, anchors, others, at, self.evidence, stamping=stamping, proven=proven, more_crls=policy.crls)
        self.out.used += found.chain
        return found

    def find(self, rule: str, message: str, verdict: Verdict = Verdict.FAILED, hint: str = "") -> None:
        """Note a finding."""
        self.out.findings.append(Finding(rule, message, verdict, hint))

    def refuse(self, rule: str, whose: str, path: trust.Path) -> None:
        """Note what is wrong with a certificate. That nobody is pinned is said once, not of each."""
        if path.fault == trust.NOBODY:
            self.find("certificate", "whom to trust is not known here: no anchors are pinned", path.verdict, _SETTINGS)
        else:
            self.find(rule, f"{whose} {path.fault}", path.verdict)


def judge(document: Document, messages: dict[str, tuple[Cms | None, list[str]]], policy: Policy, evidence: trust.Evidence, now: datetime) -> Judgement:
    """Judge archive time stamps from the last to the first, each at the time that the one after it proves, and then the officers' signatures."""
    out = Judgement()
    case = _Case(document, policy, evidence, now, out)
    proven: list[tuple[int, datetime]] = []  # (revision of an archive time stamp that holds, its time)
    signed = document.signatures
    for entry in reversed([item for item in signed if item.is_archive]):
        covered = min((time for revision, time in proven if revision > entry.revision), default=None)
        report = _archive(case, entry, messages[entry.field][0], covered)
        if report.proven_at:
            proven.append((entry.revision, report.proven_at))
    for entry in [item for item in signed if not item.is_archive]:
        covered = min((time for revision, time in proven if revision > entry.revision), default=None)
        _officer(case, entry, messages[entry.field][0], covered)
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


def _archive(case: _Case, entry: Signed, message: Cms | None, covered: datetime | None) -> Signature:
    report = Signature(entry.field, "archive")
    case.out.signatures.append(report)
    if message is None or len(entry.byte_range) != 4:
        return report
    stamp, faults = trust.read_stamp(message, lambda algorithm: cms.digest_of(case.document, entry, algorithm))
    for fault in faults:
        case.find("time-stamp", f"{entry.field}: the time stamp {fault}")
    _about(report, message)
    if stamp is None:
        return report
    report.claimed_at = stamp.time
    path = _stamp_path(case, entry.field, stamp, covered, needed=True)
    if path:
        report.anchor, report.until = path.anchor, message.certificate.not_valid_after
        report.proven_at = stamp.time if path.evidenced else None
    return report


def _stamp_path(case: _Case, name: str, stamp: trust.Stamp, covered: datetime | None, *, needed: bool) -> trust.Path | None:
    """The path of a stamp that counts. Its certificate must have been good when it stamped, and not have expired by the time that something else proves it.

    `covered` is when an archive time stamp over it was set; `needed` says that it takes evidence on revocation.
    """
    message = stamp.message
    path = case.path(message, stamp.time, stamping=True)
    if path.fault:
        case.refuse("time-stamp", f"{name}: the time stamp's certificate", path)
        return None
    if covered and stamp.time > covered + trust.TOLERANCE:
        case.find("time-stamp", f"{name}: the time stamp is later than {covered:%Y-%m-%d %H:%M} UTC, when it must have existed")
        return None
    if not covered:
        _clock(case, name, "was stamped", stamp.time)
    until, expiry = covered or case.now, message.certificate.not_valid_after
    if until > expiry:
        text = f"{name}: the time stamp's certificate expired on {expiry:%Y-%m-%d} before a later archive time stamp covered it"
        case.find("time-stamp", text, Verdict.INDETERMINATE, "ask for a copy that was renewed in time; this one cannot be renewed any more")
        return None
    if needed and not path.evidenced:
        case.find("evidence", f"{name}: nothing proves that the time stamp's certificate was not revoked", Verdict.INDETERMINATE, _LISTS)
    case.out.findings += list(_superfluous(name, message, path, "time stamp"))
    return path


def _clock(case: _Case, name: str, what: str, time: datetime) -> bool:
    """Whether the clock of this machine is behind a time in the file: then the file may be good, and what has expired or was revoked by now cannot be told."""
    if time <= case.now + trust.TOLERANCE:
        return False
    case.find("clock", f"{name} {what} at {time:%Y-%m-%d %H:%M} UTC, but this machine's clock says {case.now:%Y-%m-%d %H:%M} UTC: set it, then verify again", Verdict.INDETERMINATE)
    return True


def _officer(case: _Case, entry: Signed, message: Cms | None, covered: datetime | None) -> None:
    document, report = case.document, Signature(entry.field, "officer", role=str(case.document.fields[entry.field].get("/TU", "")))
    case.out.signatures.append(report)
    if message is None:
        return
    _about(report, message)
    algorithm = message.signer["digest_algorithm"]["algorithm"].native
    if algorithm not in cms.DIGESTS:
        return
    if len(entry.byte_range) != 4:
        return
    wrong = cms.holds(message, "data", cms.digest_of(document, entry, algorithm))
    for fault in wrong:
        case.find("signature", f"{entry.field}: the signature {fault}")
    if message.data["encap_content_info"]["content"].native is not None:
        case.find("cms", f"{entry.field}: the signature carries content of its own")
    report.claimed_at = _claimed(entry.value)
    stamped, stamp_evidenced = _stamped(case, entry, message, covered)
    report.proven_at = min((time for time in (stamped, covered) if time), default=None)
    at = report.proven_at or case.now
    if not report.proven_at and report.claimed_at and _clock(case, entry.field, "says that it was signed", report.claimed_at):
        at = report.claimed_at
    path = case.path(message, at, stamping=False, proven=bool(report.proven_at))
    if path.fault:
        case.refuse("certificate", f"{entry.field}: the certificate of {report.signer}", path)
    if wrong or path.fault:
        return
    case.out.findings += list(_superfluous(entry.field, message, path, "signature"))
    report.anchor = path.anchor
    if not path.evidenced:
        case.find("evidence", f"{entry.field}: nothing proves that the certificate of {report.signer} was not revoked", Verdict.INDETERMINATE, _LISTS)
    embedded = path.evidenced and stamp_evidenced and (case.evidence.ocsps or case.evidence.crls)
    report.level = Level.B if not stamped else Level.T if not embedded else Level.LTA if covered else Level.LT


def _stamped(case: _Case, entry: Signed, message: Cms, covered: datetime | None) -> tuple[datetime | None, bool]:
    """The time of the signature's own time stamp, if it has one that counts, and whether it is proven that its certificate was not revoked.

    From B-LT on the file holds that proof for the time stamps of signatures, too (ETSI EN 319 142-1, 6.3).
    """
    if not message.stamps:
        return None, False
    try:
        inner, faults = cms.take_apart(message.stamps[0])
    except cms.UNREADABLE as error:
        case.find("time-stamp", f"{entry.field}: the time stamp cannot be read: {error}")
        return None, False
    value = message.signer["signature"].native
    stamp, more = trust.read_stamp(inner, lambda algorithm: _digest(algorithm, value))
    for fault in faults + more:
        case.find("time-stamp", f"{entry.field}: the time stamp {fault}")
    if stamp is None or faults:
        return None, False
    path = _stamp_path(case, entry.field, stamp, covered, needed=case.policy.level >= Level.LT)
    return (stamp.time, path.evidenced) if path else (None, False)


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


def levels(judged: Judgement, policy: Policy, whole: int | None) -> Iterator[Finding]:
    """The level of the profile is reached. `whole` is the length of the signed file when this copy is known to be shorter."""
    if policy.officers is None or not judged.signatures:
        return
    wanted = policy.level if policy.staged is None else min(policy.level, Level.LT)
    if judged.level is not None and judged.level >= wanted:
        return
    grave = {finding.verdict for finding in judged.findings}
    late = any(finding.rule == "time-stamp" and finding.verdict is Verdict.INDETERMINATE for finding in judged.findings)
    if judged.level is None or late:  # whether it was reached once cannot be told, or was told otherwise already
        reached = f"the level reached is {judged.level.label}" if judged.level else "no level is reached"
        verdict = Verdict.FAILED if Verdict.FAILED in grave or not grave else Verdict.INDETERMINATE
        yield Finding("level", f"{reached}; the profile wants {wanted.label}", verdict, "the other findings say why")
    elif whole:
        yield Finding(
            "level",
            f"the level reached is {judged.level.label}; the profile wants {wanted.label}",
            hint=f"this copy was cut short, the signed file has {whole} bytes: ask for the whole one",
        )
    else:
        hint = (
            f'it was cut short: ask for another copy; or it was signed so: sign a next edition with this profile, or let the profile ask for less (level = "{judged.level.label}")'
        )
        yield Finding("level", f"the level reached is {judged.level.label}; the profile wants {wanted.label}", hint=hint)
