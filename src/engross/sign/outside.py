"""What signing asks the network for: time stamps (RFC 3161), OCSP answers (RFC 6960) and CRLs (RFC 5280), from the servers that settings and own certificates name."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engross.errors import OutsideError, UsageError
from engross.verify.names import rfc4514

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko.sign.timestamps import TimeStamper

TIMEOUT = 20.0
TRIES = 3
LIMIT = 20_000_000
"""Bytes of an answer; a CRL may be large."""
PAUSE = 0.2
"""Seconds before the second try, twice that before the third."""


def ask(url: str, body: bytes | None, kind: str) -> bytes:
    """The answer of a server, asked up to three times.

    Raises:
        OutsideError: it did not answer, or with an error.
    """
    if not url.startswith(("http://", "https://")):
        raise OutsideError(f"{url} is no address that is asked", hint="http or https")
    reason = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE * attempt)
        request = urllib.request.Request(url, data=body, headers={"Content-Type": kind} if body else {})  # noqa: S310 - the scheme was looked at
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                data = answer.read(LIMIT + 1)
        except urllib.error.HTTPError as error:
            reason = f"it answers {error.code}"
            error.close()
        except OSError as error:
            reason = str(getattr(error, "reason", "") or error)
        else:
            if len(data) <= LIMIT:
                return bytes(data)
            reason = "its answer is too long"
    raise OutsideError(f"{url} cannot be had: {reason}", hint=f"{TRIES} tries; nothing was signed")


def time_stamper(urls: Sequence[str]) -> TimeStamper:
    """Asks the servers in their order until one gives a time stamp, and from then on that one alone: proof is had of its certificate before anything is signed.

    What it raises is an `OutsideError` that names what each server said.

    Raises:
        UsageError: there is no server.
    """
    if not urls:
        raise UsageError("the profile names no time stamp server", hint='tsa = ["https://…"] in the settings; docs/signing.md, Profiles')
    from asn1crypto import cms, tsp
    from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

    class Response(tsp.TimeStampResp):  # type: ignore[misc]
        """With a token or, when it refuses, without (RFC 3161, 2.4.2); asn1crypto wants one always."""

        _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]  # noqa: RUF012

    class Server(TimeStamper):
        """An RFC 3161 client over `ask`."""

        def __init__(self, url: str) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.url = url

        async def async_request_tsa_response(self, req: Any) -> Any:
            return Response.load(ask(self.url, req.dump(), "application/timestamp-query"), strict=True)

    class Servers(TimeStamper):
        """The first of several that answers."""

        def __init__(self, servers: Sequence[Server]) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.servers = servers

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            """The time stamp of the first server that answers with one (RFC 3161); if none does, the failures of all."""
            failures: list[str] = []
            for server in self.servers:
                try:
                    token = await server.async_timestamp(message_digest, md_algorithm)
                except OutsideError as error:
                    failures.append(error.message)
                except TimestampRequestError as error:
                    failures.append(f"{server.url} refuses: {error}")
                except (ValueError, TypeError, KeyError):
                    failures.append(f"{server.url} answers with something that is no time stamp")
                else:
                    self.servers = [server]
                    return token
            raise OutsideError("no time stamp: " + "; ".join(failures), hint="nothing was signed; try again, or name another server: tsa = […]")

    return Servers([Server(url) for url in urls])


@dataclass(frozen=True, slots=True)
class Evidence:
    """Proof that certificates were not revoked."""

    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


def evidence(certificates: Iterable[x509.Certificate], known: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]) -> Evidence:
    """OCSP answers and CRLs for certificates and their issuers up to the anchors; OCSP where a certificate names a server, else its CRL.

    Raises:
        OutsideError: a server does not answer, or a certificate says nowhere whether it is revoked.
    """
    pool = [*known, *anchors]
    wanted: dict[bytes, x509.Certificate] = {}
    for certificate in certificates:
        current: x509.Certificate | None = certificate
        while current is not None and current.sha256 not in wanted and not any(current.sha256 == anchor.sha256 for anchor in anchors):
            wanted[current.sha256] = current
            current = next((other for other in pool if other.subject == current.issuer), None)
    ocsps: list[bytes] = []
    crls: dict[str, bytes] = {}
    for certificate in wanted.values():
        issuer = next((other for other in pool if other.subject == certificate.issuer), None)
        points = [url for point in certificate.crl_distribution_points for url in (point.url,) if url]
        if certificate.ocsp_urls and issuer is not None:
            ocsps.append(ask(certificate.ocsp_urls[0], _ocsp_request(certificate, issuer), "application/ocsp-request"))
        elif points:
            crls[points[0]] = crls.get(points[0]) or ask(points[0], None, "")
        else:
            raise OutsideError(f"the certificate of {rfc4514(certificate.subject)} names neither OCSP nor CRL", hint="levels B-LT and B-LTA need one of them; ask its issuer")
    return Evidence(tuple(ocsps), tuple(crls.values()))


def _ocsp_request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    from asn1crypto import ocsp

    identity = {
        "hash_algorithm": {"algorithm": "sha1"},  # what RFC 5019, 2.1.1 asks of clients; it names the issuer and protects nothing
        "issuer_name_hash": certificate.issuer.sha1,
        "issuer_key_hash": issuer.public_key.sha1,
        "serial_number": certificate.serial_number,
    }
    return bytes(ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": identity}]}}).dump())
