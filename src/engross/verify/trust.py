"""Whose certificates they are, and when they were good: paths to the pinned anchors, judged at the earliest proven time, with the evidence in the file alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from engross.verify import cms, revocation
from engross.verify.cms import Cms
from engross.verify.model import Verdict
from engross.verify.names import rfc4514

if TYPE_CHECKING:
    from asn1crypto import x509

NOBODY = "leads to nobody who is known here: no anchors are pinned"
TOLERANCE = timedelta(seconds=5)
"""Between the clocks of those who stamp and those who answer."""


@dataclass(slots=True)
class Evidence:
    """What the file's store of evidence holds, parsed, and what of it was of use."""

    certificates: list[x509.Certificate] = field(default_factory=list)
    ocsps: list[Any] = field(default_factory=list)
    crls: list[Any] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Path:
    """The outcome of judging one certificate."""

    fault: str = ""
    verdict: Verdict = Verdict.PASSED
    anchor: str = ""
    chain: tuple[x509.Certificate, ...] = ()
    """From the certificate up to the anchor."""
    evidenced: bool = False
    """Whether it is proven that nothing of the path was revoked."""


def read_evidence(root: Any) -> Evidence:
    """The document security store (ETSI EN 319 142-1, 5.4.2)."""
    from asn1crypto import crl, ocsp, x509

    found = Evidence()
    store = root["/DSS"] if "/DSS" in root else {}
    for key, load, target in (
        ("/Certs", x509.Certificate.load, found.certificates),
        ("/OCSPs", ocsp.OCSPResponse.load, found.ocsps),
        ("/CRLs", crl.CertificateList.load, found.crls),
    ):
        for entry in store[key] if key in store else ():
            try:
                value = load(bytes(entry.get_object().data), strict=True)
                _ = value.native if key != "/Certs" else value.subject.native
            except (ValueError, TypeError, KeyError) as error:
                found.faults.append(f"an entry of {key[1:]} cannot be read: {error}")
            else:
                target.append(value)
    return found


def judge(
    certificate: x509.Certificate,
    anchors: Sequence[x509.Certificate],
    others: Iterable[x509.Certificate],
    at: datetime,
    evidence: Evidence,
    *,
    stamping: bool,
    proven: bool = True,
    more_crls: Iterable[Any] = (),
) -> Path:
    """Build the path of a certificate and judge it at a time. Revocation after that time does not count; no evidence at all is indeterminate.

    When the time is not `proven`, but that of our clock, a certificate that has expired by then is indeterminate (ETSI EN 319 102-1, 5.2.8.4): it may have signed before.
    """
    from pyhanko_certvalidator import CertificateValidator
    from pyhanko_certvalidator.errors import ExpiredError, PathError, ValidationError

    if not anchors:
        return Path(NOBODY, Verdict.INDETERMINATE)
    others, crls = [*others, *evidence.certificates], [*evidence.crls, *more_crls]
    try:
        path = asyncio.run(CertificateValidator(certificate, validation_context=_context(anchors, others, at)).async_validate_path())
    except ExpiredError as error:
        if proven:
            return Path(_refusal(error, at), Verdict.FAILED)
        last = min(own.not_valid_after for own in error.original_path.iter_certs(include_root=True))
        then = judge(certificate, anchors, others, last, evidence, stamping=stamping, more_crls=more_crls)
        return then if then.fault else Path(f"expired on {last:%Y-%m-%d}, it or one above it, and nothing proves that it signed before", Verdict.INDETERMINATE, chain=then.chain)
    except (PathError, ValidationError, ValueError) as error:
        return Path(_refusal(error, at), Verdict.FAILED)
    if fault := _usage(certificate, stamping=stamping):
        return Path(fault, Verdict.FAILED)
    chain = tuple(path.iter_certs(include_root=True))[::-1]
    told = {own.sha256: revocation.times(own, issuer, evidence.ocsps, crls, evidence.certificates) for own, issuer in pairwise(chain)}
    for own in chain[:-1]:
        if before := sorted(since for since in told[own.sha256] if since <= at):
            whose = "" if own is chain[0] else f"leads to the authority {rfc4514(own.subject)}, which "
            return Path(f"{whose}was revoked on {before[0]:%Y-%m-%d %H:%M} UTC", Verdict.FAILED, chain=chain)
    # who says that a certificate was revoked later says that it was not before
    own_responders = [other for other in evidence.certificates if revocation.answers(other, chain)]
    context = _context(anchors, [*chain, *own_responders], at, evidence.ocsps, crls)
    evidenced = all(told[own.sha256] or _is_good(own, path, context) for own in chain[:-1])
    return Path(anchor=rfc4514(chain[-1].subject), chain=chain, evidenced=evidenced)


def _refusal(error: Exception, at: datetime) -> str:
    """Why a certificate is refused."""
    from pyhanko_certvalidator.errors import ExpiredError, NotYetValidError, PathBuildingError

    if isinstance(error, (ExpiredError, NotYetValidError)):
        return f"was not valid at {at:%Y-%m-%d %H:%M} UTC: {error}"
    return "does not lead to a pinned anchor" if isinstance(error, PathBuildingError) else f"is not accepted: {error}"


def _context(anchors: Sequence[x509.Certificate], others: Sequence[x509.Certificate], at: datetime, ocsps: Sequence[Any] = (), crls: Sequence[Any] = ()) -> Any:
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule

    nothing = RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
    return ValidationContext(
        trust_roots=list(anchors),
        other_certs=list(others),
        moment=at,
        ocsps=list(ocsps),
        crls=list(crls),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO if ocsps or crls else nothing, retroactive_revinfo=True),
        time_tolerance=TOLERANCE,
        allow_fetching=False,
    )


def _is_good(certificate: x509.Certificate, path: Any, context: Any) -> bool:
    """Whether an OCSP answer or a CRL says that a certificate was not revoked."""
    from pyhanko_certvalidator.errors import CRLValidationError, OCSPValidationError, PathError, ValidationError
    from pyhanko_certvalidator.revinfo.validate_crl import verify_crl
    from pyhanko_certvalidator.revinfo.validate_ocsp import verify_ocsp_response

    for ask in (verify_ocsp_response, verify_crl):
        with suppress(OCSPValidationError, CRLValidationError, PathError, ValidationError, ValueError):
            asyncio.run(ask(certificate, path, context))
            return True
    return False


def _usage(certificate: x509.Certificate, *, stamping: bool) -> str:
    usage = certificate.key_usage_value.native if certificate.key_usage_value else None
    extended = certificate.extended_key_usage_value.native if certificate.extended_key_usage_value else None
    if certificate.ca:
        return "is that of an authority"
    if usage is not None and not usage & {"digital_signature", "non_repudiation"}:
        return "is not made for signing"
    if stamping and extended != ["time_stamping"]:
        return "is not made for time stamps"
    if not stamping and extended and "time_stamping" in extended:
        return "is that of a time stamp server"
    return ""


@dataclass(slots=True)
class Stamp:
    """A time stamp whose form, imprint and signature hold; its certificate is judged apart."""

    time: datetime
    message: Cms


def read_stamp(message: Cms, covered: Any) -> tuple[Stamp | None, list[str]]:
    """The time of a token; `covered` gives the digest that it should be over, by algorithm."""
    info = message.stamp_info if message.stamp else None
    if info is None:
        return None, ["is no time stamp"]
    imprint = info["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    faults = [] if algorithm in cms.DIGESTS else [f"uses {algorithm}, which is not safe"]
    if algorithm in cms.DIGESTS and imprint["hashed_message"].native != covered(algorithm):
        faults.append("is over something else")
    if message.stamps:
        faults.append("carries a time stamp itself")
    import hashlib

    own = message.signer["digest_algorithm"]["algorithm"].native
    if own in cms.DIGESTS:
        faults += cms.holds(message, "tst_info", hashlib.new(own, message.data["encap_content_info"]["content"].contents).digest())
    if not cms.names_its_certificate(message, old=True):
        faults.append("does not say which certificate made it")
    return (None if faults else Stamp(info["gen_time"].native, message)), faults
