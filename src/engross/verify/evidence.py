"""Rules on the document security store (ETSI EN 319 142-1, 5.4.2): certificates, OCSP answers and CRLs of the file's own paths, issued by those who may, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engross.verify.judgement import Judgement
from engross.verify.model import Finding
from engross.verify.names import rfc4514
from engross.verify.trust import Evidence

if TYPE_CHECKING:
    from asn1crypto import x509

MOST = 500
"""Entries that are looked at; twelve officers and six archive time stamps need about sixty."""


def used(judged: Judgement, evidence: Evidence) -> Iterator[Finding]:
    """What the store holds can be read, is about the certificates of the file's own paths, and is signed by their authorities."""
    yield from (Finding("evidence", fault) for fault in evidence.faults)
    if not judged.used:
        return  # there are no paths that it could be about: the signatures are refused already
    count = len(evidence.certificates) + len(evidence.ocsps) + len(evidence.crls)
    if count > MOST:
        yield Finding("evidence", f"the store of evidence has {count} entries; at most {MOST} are looked at")
        return
    authorities = list({certificate.sha256: certificate for certificate in judged.used if certificate.ca}.values())
    paths = {certificate.sha256 for certificate in judged.used}
    for certificate in evidence.certificates:
        if certificate.sha256 not in paths and not _answers(certificate, authorities):
            yield Finding("evidence", f"the store of evidence holds a strange certificate: {rfc4514(certificate.subject)}")
    for answer in evidence.ocsps:
        yield from (Finding("evidence", f"the store of evidence holds an OCSP answer {fault}") for fault in _ocsp(answer, judged.used, authorities, evidence.certificates))
    for listed in evidence.crls:
        if not _issued(listed, authorities):
            yield Finding("evidence", f"the store of evidence holds a CRL of a strange authority: {rfc4514(listed.issuer)}")


def _answers(certificate: x509.Certificate, authorities: Sequence[x509.Certificate]) -> bool:
    """Whether an authority lets the holder answer about revocation in its place (RFC 6960, 4.2.2.2)."""
    extended = certificate.extended_key_usage_value
    if not extended or "ocsp_signing" not in extended.native:
        return False
    parts = (certificate["signature_value"].native, certificate["tbs_certificate"].dump(), certificate["signature_algorithm"])
    return any(certificate.issuer == authority.subject and _signed(*parts, authority) for authority in authorities)


def _issued(listed: Any, authorities: Sequence[x509.Certificate]) -> bool:
    """Whether a CRL is signed by an authority of its name."""
    parts = (listed["signature"].native, listed["tbs_cert_list"].dump(), listed["signature_algorithm"])
    return any(listed.issuer == authority.subject and _signed(*parts, authority) for authority in authorities)


def _ocsp(answer: Any, path: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate], others: Sequence[x509.Certificate]) -> Iterator[str]:
    """What is wrong with an OCSP answer (RFC 6960, 4.2)."""
    if answer["response_status"].native != "successful":
        yield "without success"
        return
    known = {(certificate.issuer.dump(), certificate.serial_number) for certificate in path}
    for single in answer.response_data["responses"]:
        asked = single["cert_id"]
        if not any(_hashes(authority, asked) and (authority.subject.dump(), asked["serial_number"].native) in known for authority in authorities):
            yield "about a strange certificate"
    response = answer.basic_ocsp_response
    candidates = {certificate.sha256: certificate for certificate in (*(response["certs"] or ()), *others)}.values()
    responders = [*authorities, *(certificate for certificate in candidates if _answers(certificate, authorities))]
    if not any(_signed(response["signature"].native, response["tbs_response_data"].dump(), response["signature_algorithm"], responder) for responder in responders):
        yield "that nobody signed who may answer"


def _hashes(authority: x509.Certificate, asked: Any) -> bool:
    algorithm = asked["hash_algorithm"]["algorithm"].native
    if algorithm not in ("sha1", "sha256", "sha384", "sha512"):
        return False
    name, key = (hashlib.new(algorithm, data, usedforsecurity=False).digest() for data in (authority.subject.dump(), bytes(authority.public_key["public_key"])))
    return bool(asked["issuer_name_hash"].native == name and asked["issuer_key_hash"].native == key)


def _signed(signature: bytes, data: bytes, algorithm: Any, by: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator

    try:
        DefaultSignatureValidator().validate_signature(signature, data, by.public_key, algorithm)
    except (InvalidSignature, UnsupportedAlgorithm, NotImplementedError, ValueError, TypeError, KeyError):
        return False
    return True
