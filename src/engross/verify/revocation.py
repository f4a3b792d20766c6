"""What OCSP answers (RFC 6960) and CRLs (RFC 5280) say of certificates, and whether those who signed them may say it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asn1crypto import x509


def times(certificate: x509.Certificate, issuer: x509.Certificate, ocsps: Iterable[Any], crls: Iterable[Any], others: Sequence[x509.Certificate]) -> list[datetime]:
    """Since when a certificate is revoked, as everybody says who may: its issuer, or whom the issuer lets answer.

    A library that looks for proof that a certificate is good stops at the first answer that says so. What says otherwise counts too, wherever it stands.
    `others` are certificates of those who answer, if answers do not carry them.
    """
    found = []
    for answer in ocsps:
        if answer["response_status"].native != "successful":
            continue
        revoked = [
            single["cert_status"].chosen for single in answer.response_data["responses"] if single["cert_status"].name == "revoked" and _is_about(single, certificate, issuer)
        ]
        if revoked and is_signed_by(answer, [issuer], others):
            found += [entry["revocation_time"].native for entry in revoked]
    for listed in crls:
        entries = listed["tbs_cert_list"]["revoked_certificates"] or ()
        own = [entry for entry in entries if entry["user_certificate"].native == certificate.serial_number and entry.issuer_name is None]
        if own and is_issued_by(listed, [issuer]):
            found += [entry["revocation_date"].native for entry in own]
    return found


def answers(certificate: x509.Certificate, authorities: Sequence[x509.Certificate]) -> bool:
    """Whether an authority lets the holder answer about revocation in its place (RFC 6960, 4.2.2.2)."""
    extended = certificate.extended_key_usage_value
    if not extended or "ocsp_signing" not in extended.native:
        return False
    parts = (certificate["signature_value"].native, certificate["tbs_certificate"].dump(), certificate["signature_algorithm"])
    return any(certificate.issuer == authority.subject and _signed(*parts, authority) for authority in authorities)


def is_issued_by(listed: Any, authorities: Sequence[x509.Certificate]) -> bool:
    """Whether a CRL is signed by an authority of its name."""
    parts = (listed["signature"].native, listed["tbs_cert_list"].dump(), listed["signature_algorithm"])
    return any(listed.issuer == authority.subject and _signed(*parts, authority) for authority in authorities)


def is_signed_by(answer: Any, authorities: Sequence[x509.Certificate], others: Sequence[x509.Certificate]) -> bool:
    """Whether an OCSP answer is signed by one of the authorities, or by whom it lets answer."""
    response = answer.basic_ocsp_response
    candidates = {certificate.sha256: certificate for certificate in (*(response["certs"] or ()), *others)}.values()
    responders = [*authorities, *(certificate for certificate in candidates if answers(certificate, authorities))]
    return any(_signed(response["signature"].native, response["tbs_response_data"].dump(), response["signature_algorithm"], responder) for responder in responders)


def faults(answer: Any, path: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate], others: Sequence[x509.Certificate]) -> Iterator[str]:
    """What is wrong with an OCSP answer as evidence for the certificates of a path (RFC 6960, 4.2)."""
    if answer["response_status"].native != "successful":
        yield "without success"
        return
    for single in answer.response_data["responses"]:
        if not any(certificate.issuer == authority.subject and _is_about(single, certificate, authority) for certificate in path for authority in authorities):
            yield "about a strange certificate"
    if not is_signed_by(answer, authorities, others):
        yield "that nobody signed who may answer"


def _is_about(single: Any, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether one part of an answer is about this certificate of this issuer (RFC 6960, 4.1.1)."""
    asked = single["cert_id"]
    algorithm = asked["hash_algorithm"]["algorithm"].native
    if algorithm not in ("sha1", "sha256", "sha384", "sha512") or asked["serial_number"].native != certificate.serial_number:
        return False
    name, key = (hashlib.new(algorithm, data, usedforsecurity=False).digest() for data in (issuer.subject.dump(), bytes(issuer.public_key["public_key"])))
    return bool(asked["issuer_name_hash"].native == name and asked["issuer_key_hash"].native == key)


def _signed(signature: bytes, data: bytes, algorithm: Any, by: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

    try:
        DefaultSignatureValidator().validate_signature(signature, data, by.public_key, algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, NotImplementedError, ValueError, TypeError, KeyError):
        return False
    return True
