"""Rules on the signature values (CMS, RFC 5652; CAdES in PDF, ETSI EN 319 142-1, 6.3): exact length, nothing added that is not signed, digests that hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engross.verify import der
from engross.verify.document import Document, Signed
from engross.verify.model import Finding

if TYPE_CHECKING:
    from asn1crypto import x509

DIGESTS = ("sha256", "sha384", "sha512")
KEYS = {"rsa": 2048, "rsassa_pss": 2048, "ec": 256}
"""Bits that a key must have."""
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, NameError)
"""What asn1crypto stumbles with over values that are none."""


@dataclass(slots=True)
class Cms:
    """A signed message taken apart."""

    data: Any
    """asn1crypto's SignedData."""
    signer: Any
    """SignerInfo."""
    certificate: x509.Certificate
    certificates: list[x509.Certificate]
    stamps: list[Any]
    """Time stamp tokens among the unsigned attributes, as ContentInfo."""

    @property
    def stamp(self) -> bool:
        """Whether it is a time stamp token."""
        return bool(self.data["encap_content_info"]["content_type"].native == "tst_info")

    @property
    def stamp_info(self) -> Any:
        """TSTInfo of a time stamp token (RFC 3161, 2.4.2)."""
        return self.data["encap_content_info"]["content"].parsed


def read(contents: bytes) -> tuple[Cms | None, list[str]]:
    """A signature value from the file, and what is wrong with its form. Zeros may follow it, as room that was kept and not needed."""
    from asn1crypto import cms, tsp  # noqa: F401 - tsp teaches cms the attributes that name certificates

    faults: list[str] = []
    length = der.length(contents)
    if length is None:
        return None, ["is no DER value"]
    if loose := der.fault(contents[:length]):
        return None, [loose]
    if contents[length:].strip(b"\0"):
        faults.append("has something behind its end")
    try:
        info = cms.ContentInfo.load(contents[:length], strict=True)
        if info["content_type"].native != "signed_data":
            return None, ["is no signed message"]
        found, more = take_apart(info)
    except UNREADABLE as error:
        return None, [f"cannot be read: {error}"]
    return found, faults + more


def take_apart(info: Any) -> tuple[Cms, list[str]]:
    """A ContentInfo's parts, and what is wrong with its form.

    Raises:
        ValueError: it has no signer, or not the signer's certificate.
    """
    data, faults = info["content"], []
    if len(data["signer_infos"]) != 1:
        raise ValueError(f"{len(data['signer_infos'])} signers")
    signer = data["signer_infos"][0]
    if not signer["signed_attrs"]:
        raise ValueError("nothing says what was signed: no signed attributes")
    certificates = [choice.chosen for choice in data["certificates"]] if data["certificates"] else []
    if any(choice.name != "certificate" for choice in data["certificates"] or ()):
        faults.append("carries attribute certificates")
    if data["crls"]:
        faults.append("carries revocation data, which belong into the store of evidence")
    if len({certificate.sha256 for certificate in certificates}) != len(certificates):
        faults.append("carries a certificate twice")
    unsigned = list(signer["unsigned_attrs"] or ())
    if strange := [attribute["type"].native for attribute in unsigned if attribute["type"].native != "signature_time_stamp_token"]:
        faults.append(f"has unsigned attributes: {', '.join(strange)}")
    stamps = [value for attribute in unsigned if attribute["type"].native == "signature_time_stamp_token" for value in attribute["values"]]
    if len(stamps) > 1:
        faults.append(f"has {len(stamps)} time stamps")
    own = next((certificate for certificate in certificates if _is_signer(signer, certificate)), None)
    if own is None:
        raise ValueError("the signer's certificate is not in it")
    faults += _algorithms(data, signer, own)
    return Cms(data, signer, own, certificates, stamps), faults


def _algorithms(data: Any, signer: Any, certificate: x509.Certificate) -> Iterator[str]:
    """Digests and keys are safe, and what stands outside of the signed part says the same as what was signed."""
    digest = signer["digest_algorithm"]["algorithm"].native
    try:
        own = signer["signature_algorithm"].hash_algo
    except ValueError:  # the algorithm of the key alone: the digest is the other one
        own = digest
    yield from (f"uses {name}, which is not safe" for name in dict.fromkeys((digest, own)) if name not in DIGESTS)
    key = certificate.public_key
    if key.bit_size < KEYS.get(key.algorithm, 1 << 16):
        yield f"is made with a key of {key.bit_size} bits ({key.algorithm}), which is not safe"
    if [entry["algorithm"].native for entry in data["digest_algorithms"]] != [digest]:
        yield "names other digests than its signer uses"
    simple = signer["sid"].name == "issuer_and_serial_number"
    expected = "v1" if simple and data["encap_content_info"]["content_type"].native == "data" else "v3"
    if (data["version"].native, signer["version"].native) != (expected, "v1" if simple else "v3"):
        yield "has another version number than such a value has"


def holds(message: Cms, content_type: str, digest: bytes) -> list[str]:
    """Whether the digest is the one that was signed and the signature is right; else what is wrong."""
    from cryptography.exceptions import InvalidSignature
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    try:
        intact, valid = validate_sig_integrity(message.signer, message.certificate, content_type, digest)
    except (InvalidSignature, ValueError, KeyError, NotImplementedError) as error:
        return [f"cannot be checked: {error}"]
    if not intact:
        return ["was made over something else: the signed bytes were changed, or it belongs to another file"]
    return [] if valid else ["is wrong: the value was damaged, or made with another key"]


def attribute(message: Cms, name: str) -> Any:
    """The only value of a signed attribute, or nothing."""
    found = [entry["values"] for entry in message.signer["signed_attrs"] if entry["type"].native == name]
    return found[0][0] if len(found) == 1 and len(found[0]) == 1 else None


def names_its_certificate(message: Cms, *, old: bool = False) -> bool:
    """Whether the signed attributes say which certificate signs (ESS, RFC 5035), so that no other with the same key can stand in.

    Time stamp servers often say it in the `old` way, by a SHA-1 digest (RFC 2634), which PAdES no longer takes of a signature.
    """
    for name in ("signing_certificate_v2", "signing_certificate") if old else ("signing_certificate_v2",):
        value = attribute(message, name)
        if value is not None:
            first = value["certs"][0]
            algorithm = first["hash_algorithm"]["algorithm"].native if name.endswith("v2") else "sha1"
            if name.endswith("v2") and algorithm not in DIGESTS:
                return False
            return bool(hashlib.new(algorithm, message.certificate.dump(), usedforsecurity=algorithm != "sha1").digest() == first["cert_hash"].native)
    return False


def digest_of(document: Document, signed: Signed, algorithm: str) -> bytes:
    """The digest of the bytes that a signature covers."""
    begin, before, after, rest = signed.byte_range
    covered = hashlib.new(algorithm, document.data[begin : begin + before])
    covered.update(document.data[after : after + rest])
    return covered.digest()


def forms(messages: dict[str, tuple[Cms | None, list[str]]]) -> Iterator[Finding]:
    """Every signature value is exact."""
    for field, (message, faults) in messages.items():
        yield from (Finding("cms", f"{field}: the signature value {fault}") for fault in faults)
        if message and not names_its_certificate(message, old=message.stamp):
            yield Finding("cms", f"{field}: the signature does not say which certificate made it")


def _is_signer(signer: Any, certificate: x509.Certificate) -> bool:
    identifier = signer["sid"].chosen
    if signer["sid"].name == "issuer_and_serial_number":
        return bool(identifier["issuer"] == certificate.issuer and identifier["serial_number"].native == certificate.serial_number)
    return bool(certificate.key_identifier == identifier.native)
