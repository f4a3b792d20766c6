"""What one officer's command needs of the outside, had before the first signature: time stamps and proof that nothing is revoked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engross.settings_signing import Level, Profile
from engross.sign import outside, pades
from engross.sign.keys import Opened
from engross.verify import Policy

if TYPE_CHECKING:
    from pyhanko.sign.timestamps import TimeStamper


@dataclass(frozen=True, slots=True)
class Session:
    """Ready to sign any number of files."""

    trust: pades.Trust
    stamps: TimeStamper | None
    sign_detached: Callable[[bytes], bytes]
    """Makes a detached CMS signature over bytes, time-stamped where the level has time stamps."""


def open_session(profile: Profile, policy: Policy, key: Opened) -> Session:
    """Ask the time stamp server and, from B-LT on, for revocation data.

    Raises:
        OutsideError: one of them does not answer.
        EngrossError: a certificate is revoked or does not lead to the anchors.
    """
    stamps, authorities = None, []
    if profile.level > Level.B:
        stamps = outside.time_stamper(profile.tsa)
        authorities = list(pades.certificates_of(stamps))
    anchors = (*policy.anchors, *policy.tsa_anchors)
    evidence = outside.Evidence()
    if profile.level >= Level.LT:
        known = [*policy.chain, *key.signer.cert_registry, *(stamps.cert_registry if stamps else ())]
        evidence = outside.evidence([key.certificate, *authorities], known, anchors)
    return Session(pades.Trust(anchors, policy.chain, evidence), stamps, lambda data: _detached(data, key, stamps))


def _detached(data: bytes, key: Opened, stamps: TimeStamper | None) -> bytes:
    return bytes(asyncio.run(key.signer.async_sign_general_data(data, pades.DIGEST, detached=True, use_cades=True, timestamper=stamps)).dump())
