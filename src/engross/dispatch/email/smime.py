"""S/MIME: a message signed in the clear, so that who has no S/MIME reads it all the same (RFC 8551, 3.5.3)."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

from engross.dispatch.email.compose import POLICY, sound
from engross.errors import EngrossError, OutsideError
from engross.settings_dispatch import Smime

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa


def sign(made: EmailMessage, smime: Smime, root: Path, environment: Mapping[str, str]) -> bytes:
    """The message as multipart/signed: its headers outside, its content, which is signed, inside.

    Args:
        made: the message, with seven-bit transfer encodings throughout.
        smime: certificate and key; paths begin at `root`.
        root: the workspace.
        environment: holds the key's passphrase, if it has one.

    Raises:
        EngrossError: certificate or key cannot be read, do not belong together, or others may read the key.
        OutsideError: the passphrase is missing or wrong.
    """
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.serialization import pkcs7

    chain, key = _credentials(smime, root, environment)
    inner = EmailMessage(policy=POLICY)
    for name, value in made.items():
        if name.lower().startswith("content-"):
            inner[name] = value
    inner.set_payload(made.get_payload())
    content = inner.as_bytes(policy=POLICY).removesuffix(b"\r\n")  # the line break before the boundary belongs to the boundary
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(chain[0], key, hashes.SHA256())
    for certificate in chain[1:]:
        builder = builder.add_certificate(certificate)
    signature = builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    head = EmailMessage(policy=POLICY)
    for name, value in made.items():
        if not name.lower().startswith("content-") and name.lower() != "mime-version":
            head[name] = value
    boundary = f"=_{hashlib.sha256(content).hexdigest()[:32]}"
    top = (
        head.as_bytes(policy=POLICY).rstrip(b"\r\n")
        + (f'\r\nMIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n micalg="sha-256"; boundary="{boundary}"\r\n\r\n').encode()
    )
    fence = f"--{boundary}".encode()
    kind = b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="smime.p7s"\r\n\r\n'
    return sound(top + fence + b"\r\n" + content + b"\r\n" + fence + b"\r\n" + kind + base64.encodebytes(signature).replace(b"\n", b"\r\n") + fence + b"--\r\n")


def _credentials(smime: Smime, root: Path, environment: Mapping[str, str]) -> tuple[list[x509.Certificate], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    certificates, secret = (root / Path(name).expanduser() for name in (smime.certificate, smime.key))
    try:
        if os.stat(secret).st_mode & 0o077:  # noqa: PTH116 - the same look for links
            raise EngrossError(f"others may read the key {secret}", hint=f"chmod 600 {secret}")
        chain = x509.load_pem_x509_certificates(certificates.read_bytes())
        data = secret.read_bytes()
    except OSError as error:
        raise EngrossError(f"cannot read {error.filename}: {error.strerror}") from error
    except ValueError:
        raise EngrossError(f"{certificates} holds no certificate in PEM") from None
    passphrase = environment.get(smime.passphrase_env, "") if smime.passphrase_env else ""
    if smime.passphrase_env and not passphrase:
        raise OutsideError(f"the environment variable {smime.passphrase_env} is not set", hint="it holds the passphrase of the key for S/MIME")
    try:
        key = load_pem_private_key(data, passphrase.encode() or None)
    except (ValueError, TypeError):
        raise OutsideError(f"the key {secret} cannot be opened", hint="wrong passphrase, or no key in PEM") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) or key.public_key() != chain[0].public_key():
        raise EngrossError(f"{secret} is not the key of the certificate in {certificates}")
    return chain, key
