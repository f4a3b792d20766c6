"""An officer's key, opened: from PKCS#12 or PEM files, or on a PKCS#11 token. What is wrong with it is told before anything is signed."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engross.errors import EngrossError, OutsideError, UsageError
from engross.settings_signing import Key, Officer
from engross.verify.cms import KEYS
from engross.verify.names import is_expected, rfc4514

if TYPE_CHECKING:
    from asn1crypto import crl, x509
    from pyhanko.sign.signers import Signer

Secret = Callable[[Officer], str]
"""Gives the passphrase or PIN of an officer; called once for a key, never again after a refusal: tokens count their tries."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A key that is ready to sign."""

    signer: Signer
    certificate: x509.Certificate
    name: str
    """Common name of the certificate, or all of its name."""


@contextmanager
def opened(officer: Officer, root: Path, chain: Sequence[x509.Certificate], secret: Secret, now: datetime) -> Iterator[Opened]:
    """The officer's key, usable inside the block.

    Raises:
        UsageError: the settings name no key.
        EngrossError: wrong passphrase, a key file that others may read, another certificate than expected, expired, not yet valid, or not made for signing.
        OutsideError: the token is not there or refuses.
    """
    if officer.key is None:
        raise UsageError(f"the settings name no key for {officer.role}", hint=f'key = {{pkcs12 = "…"}} below the officer with field = "{officer.field}"')
    if officer.key.kind == "pkcs11":
        with _token(officer, officer.key, chain, secret) as signer:
            yield _ready(officer, signer, now)
        return
    path = _path(root, officer.key.path)
    _private(path)
    signer = _pkcs12(path, officer, chain, secret) if officer.key.kind == "pkcs12" else _pem(path, _path(root, officer.key.certificate), officer, chain, secret)
    yield _ready(officer, signer, now)


def read_certificates(paths: Sequence[str], root: Path) -> list[x509.Certificate]:
    """Certificates of PEM or DER files, in their order.

    Raises:
        EngrossError: a file is missing or holds no certificate.
    """
    from pyhanko.keys import load_certs_from_pemder

    found: list[x509.Certificate] = []
    for name in paths:
        try:
            found += load_certs_from_pemder([str(_path(root, name))])  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise EngrossError(
                f"cannot read certificates from {name}: {getattr(error, 'strerror', None) or 'it holds none'}", hint="PEM or DER; the settings' section signing names the file"
            ) from error
    return found


def read_lists(paths: Sequence[str], root: Path) -> tuple[crl.CertificateList, ...]:
    """Revocation lists of DER files.

    Raises:
        EngrossError: a file is missing or holds no list.
    """
    from asn1crypto import crl

    found: list[crl.CertificateList] = []
    for name in paths:
        try:
            listed = crl.CertificateList.load(_path(root, name).read_bytes(), strict=True)
            _ = listed["tbs_cert_list"].native
        except (OSError, ValueError, TypeError) as error:
            raise EngrossError(
                f"cannot read a revocation list from {name}: {getattr(error, 'strerror', None) or 'it holds none'}", hint="DER; crls in the settings names the file"
            ) from error
        found.append(listed)
    return tuple(found)


def _path(root: Path, name: str) -> Path:
    return root / Path(name).expanduser()


def _private(path: Path) -> None:
    """Refuse a key file that is not its owner's alone."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise EngrossError(f"cannot read the key {path}: {error.strerror}", hint="is the medium with the key in place?") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise EngrossError(f"others may read the key {path}", hint=f"chmod 600 {path}")


def _pkcs12(path: Path, officer: Officer, chain: Sequence[x509.Certificate], secret: Secret) -> Signer:
    from cryptography.hazmat.primitives.serialization import pkcs12
    from pyhanko.keys import load_private_key_from_pemder_data
    from pyhanko.sign.signers import SimpleSigner

    data = path.read_bytes()
    try:
        key, certificate, more = pkcs12.load_key_and_certificates(data, secret(officer).encode() or None)
    except ValueError as error:
        raise EngrossError(
            f"the key of {officer.role} does not open: wrong passphrase, or not PKCS#12", hint=f"{path}; the passphrase comes from ENGROSS_PASSPHRASE or the prompt"
        ) from error
    if key is None or certificate is None:
        raise EngrossError(f"{path} holds no key with its certificate", hint="export both together")
    return SimpleSigner(
        signing_cert=_certificate(certificate),
        signing_key=load_private_key_from_pemder_data(_plain(key), None),
        cert_registry=_registry([*chain, *map(_certificate, more)]),
        embed_roots=False,
    )


def _pem(path: Path, certificate: Path, officer: Officer, chain: Sequence[x509.Certificate], secret: Secret) -> Signer:
    from cryptography.hazmat.primitives import serialization
    from pyhanko.keys import load_private_key_from_pemder_data
    from pyhanko.sign.signers import SimpleSigner

    data = path.read_bytes()
    encrypted = b"ENCRYPTED" in data
    try:
        key = serialization.load_pem_private_key(data, secret(officer).encode() if encrypted else None)
    except (ValueError, TypeError) as error:
        raise EngrossError(
            f"the key of {officer.role} does not open: wrong passphrase, or not PEM", hint=f"{path}; the passphrase comes from ENGROSS_PASSPHRASE or the prompt"
        ) from error
    own, *more = read_certificates([str(certificate)], Path())
    return SimpleSigner(signing_cert=own, signing_key=load_private_key_from_pemder_data(_plain(key), None), cert_registry=_registry([*chain, *more]), embed_roots=False)


@contextmanager
def _token(officer: Officer, key: Key, chain: Sequence[x509.Certificate], secret: Secret) -> Iterator[Signer]:
    """One login, and no second try: a token that has counted three wrong PINs is lost."""
    try:
        import pkcs11
        from pkcs11.exceptions import PKCS11Error
        from pyhanko.config.pkcs11 import TokenCriteria
        from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session
    except ImportError as error:
        raise OutsideError("keys on tokens need the package python-pkcs11", hint="pip install 'engross[token]'") from error
    identity: dict[str, Any] = {"key_id": bytes.fromhex(key.id)} if key.id else {"key_label": key.label, "cert_label": key.label}
    try:
        session = open_pkcs11_session(str(Path(key.path).expanduser()), token_criteria=TokenCriteria(label=key.token), user_pin=secret(officer))
    except (PKCS11Error, RuntimeError) as error:
        reason = {"PinIncorrect": "the PIN is wrong; the token counts the tries", "PinLocked": "the token is locked"}.get(type(error).__name__, _reason(error))
        raise OutsideError(f"the token {key.token} of {officer.role} does not open: {reason}", hint="is it plugged in? Nothing was tried twice") from error
    try:
        signer = PKCS11Signer(session, ca_chain=list(chain), bulk_fetch=False, embed_roots=False, **identity)
        try:
            _ = signer.signing_cert
        except (PKCS11Error, pkcs11.NoSuchKey) as error:
            raise OutsideError(f"the token {key.token} has no key and certificate {key.label or key.id}", hint="pkcs11-tool --list-objects shows what is on it") from error
        yield signer
    except PKCS11Error as error:
        raise OutsideError(f"the token {key.token} of {officer.role} stopped: {_reason(error)}", hint="nothing was signed; plug it in and run the command again") from error
    finally:
        with suppress(PKCS11Error):  # a token that was pulled out has no session to close
            session.close()


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _ready(officer: Officer, signer: Signer, now: datetime) -> Opened:
    """Check the certificate before it signs anything."""
    certificate = signer.signing_cert
    if certificate is None:
        raise EngrossError(f"the key of {officer.role} has no certificate")
    validity = certificate["tbs_certificate"]["validity"]
    begin, end = validity["not_before"].native, validity["not_after"].native
    key = certificate.public_key
    usage = certificate.key_usage_value.native if certificate.key_usage_value else {"digital_signature"}
    faults = [
        (
            not is_expected(officer, certificate),
            f"is another than the settings expect: {rfc4514(certificate.subject)}, SHA-256 {certificate.sha256.hex()}",
            "sign with the right key, or correct the settings",
        ),
        (now < begin, f"is not valid before {begin:%Y-%m-%d %H:%M} UTC", "wait, or check the clock of this machine"),
        (now > end, f"expired on {end:%Y-%m-%d %H:%M} UTC", "renew it with its issuer"),
        (not usage & {"digital_signature", "non_repudiation"}, "is not made for signing (key usage)", "ask its issuer for one with digitalSignature or nonRepudiation"),
        (
            key.bit_size < KEYS.get(key.algorithm, 1 << 16),
            f"has a key of {key.bit_size} bits ({key.algorithm}), which is not safe or is not known to all readers",
            f"use a key of {' or '.join(f'{bits} bits ({kind})' for kind, bits in KEYS.items() if kind != 'rsassa_pss')} or more",
        ),
        (certificate.ca, "is that of an authority", "sign with an officer's certificate"),
    ]
    if told := [(what, hint) for wrong, what, hint in faults if wrong]:
        raise EngrossError(f"the certificate of {officer.role} " + ", and ".join(what for what, _ in told), hint="; ".join(hint for _, hint in told))
    common = certificate.subject.native.get("common_name")
    return Opened(signer, certificate, common if isinstance(common, str) else rfc4514(certificate.subject))


def _registry(certificates: Sequence[x509.Certificate]) -> Any:
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(certificates)
    return store


def _certificate(value: Any) -> x509.Certificate:
    """From cryptography's object, or that of a PKCS#12 entry."""
    from asn1crypto import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    return x509.Certificate.load(getattr(value, "certificate", value).public_bytes(Encoding.DER))


def _plain(key: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return bytes(key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
