"""signed.json, the manifest of a signed set, and its CMS signature signed.json.p7s: what was published as ours, vouched for by the officer who signed last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engross.errors import EngrossError
from engross.verify import cms, trust
from engross.verify.model import Expected, Policy
from engross.verify.names import is_expected

NAME = "signed.json"
SIGNATURE = "signed.json.p7s"
FORMAT = 1


def to_json(letter: str, edition: int, files: Mapping[str, Mapping[str, Any]], more: Mapping[str, Any] | None = None) -> bytes:
    """The manifest of the signed files, by language; `more` is what it says besides."""
    value = {**(more or {}), "format": FORMAT, "letter": letter, "edition": edition, "files": files}
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def entry(number: str, unsigned: bytes, signed: bytes, seal: str, path: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is recorded of one signed PDF. Renewals append to it: the lengths say how far the digests reach."""
    return {
        "document": number,
        "path": path,
        "seal": seal,
        "prefix_bytes": len(unsigned),
        "prefix_sha256": hashlib.sha256(unsigned).hexdigest(),
        "signed_bytes": len(signed),
        "signed_sha256": hashlib.sha256(signed).hexdigest(),
        **facts,
    }


def expected(files: Mapping[str, Mapping[str, Any]]) -> list[Expected]:
    """The entries as the verifier wants them.

    Raises:
        EngrossError: an entry lacks something.
    """
    try:
        return [
            Expected(lang, str(e["document"]), int(e["prefix_bytes"]), str(e["prefix_sha256"]), str(e["seal"]), str(e["signed_sha256"]), int(e["signed_bytes"]))
            for lang, e in files.items()
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise EngrossError(f"{NAME} is damaged: {error}", hint="restore it together with its signature") from error


def read(data: bytes, signature: bytes, policy: Policy, now: datetime) -> list[Expected]:
    """The entries of a manifest whose signature holds.

    Raises:
        EngrossError: it is not signed by an officer of the profile, or was changed.
    """
    from asn1crypto import cms as asn1
    from asn1crypto import tsp  # noqa: F401 - teaches cms the attributes that name certificates

    try:
        message, faults = cms.take_apart(asn1.ContentInfo.load(signature, strict=True))
    except cms.UNREADABLE as error:
        raise EngrossError(f"{SIGNATURE} cannot be read: {error}") from error
    algorithm = message.signer["digest_algorithm"]["algorithm"].native
    if algorithm in cms.DIGESTS:
        faults += cms.holds(message, "data", hashlib.new(algorithm, data).digest())
    if not any(is_expected(officer, message.certificate) for officer in policy.officers or ()):
        faults.append("is not by an officer of the profile")
    moment = _stamped(message, policy) or now
    path = trust.judge(message.certificate, policy.anchors, [*policy.chain, *message.certificates], moment, trust.Evidence(), stamping=False, more_crls=policy.crls)
    if path.fault:
        faults.append(f"has a certificate that {path.fault}")
    if faults:
        raise EngrossError(f"the signature of {NAME} {faults[0]}", hint="whatever it lists is not vouched for")
    try:
        return expected(json.loads(data)["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise EngrossError(f"{NAME} is damaged: {error}") from error


def _stamped(message: cms.Cms, policy: Policy) -> datetime | None:
    for token in message.stamps:
        inner, faults = cms.take_apart(token)
        value = message.signer["signature"].native
        stamp, more = trust.read_stamp(inner, lambda algorithm, value=value: hashlib.new(algorithm, value).digest())
        if stamp and not faults + more:
            path = trust.judge(inner.certificate, policy.tsa_anchors, [*policy.chain, *inner.certificates], stamp.time, trust.Evidence(), stamping=True, more_crls=policy.crls)
            return None if path.fault else stamp.time
    return None
