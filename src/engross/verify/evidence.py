"""Rules on the document security store (ETSI EN 319 142-1, 5.4.2): certificates, OCSP answers and CRLs of the file's own paths, issued by those who may, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from engross.verify import revocation
from engross.verify.judgement import Judgement
from engross.verify.model import Finding
from engross.verify.names import rfc4514
from engross.verify.trust import Evidence

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
        if certificate.sha256 not in paths and not revocation.answers(certificate, authorities):
            yield Finding("evidence", f"the store of evidence holds a strange certificate: {rfc4514(certificate.subject)}")
    for answer in evidence.ocsps:
        yield from (
            Finding("evidence", f"the store of evidence holds an OCSP answer {fault}") for fault in revocation.faults(answer, judged.used, authorities, evidence.certificates)
        )
    for listed in evidence.crls:
        if not revocation.is_issued_by(listed, authorities):
            yield Finding("evidence", f"the store of evidence holds a CRL of a strange authority: {rfc4514(listed.issuer)}")
