"""Certificates for a day: a root, a server of that root, and an office's for S/MIME."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def make(
    folder: Path, name: str, *extensions: tuple[x509.ExtensionType, bool], issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None = None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate `name.pem` and its key `name.key`, signed by the issuer or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[0].subject if issuer else subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / f"{name}.pem").write_bytes(pem)
    (folder / f"{name}.key").write_bytes(secret)
    (folder / f"{name}.key").chmod(0o600)
    (folder / f"{name}.both").write_bytes(pem + secret)
    return certificate, key


def all_of(folder: Path) -> Path:
    """`root.pem`; `server` for localhost; `wrong` for another host; `smime` for office@example.org."""
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    root = make(folder, "root", (x509.BasicConstraints(True, None), True), (usage, True))
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    make(folder, "server", (x509.SubjectAlternativeName(names), False), issuer=root)
    make(folder, "wrong", (x509.SubjectAlternativeName([x509.DNSName("elsewhere.example.org")]), False), issuer=root)
    make(
        folder, "smime", (x509.SubjectAlternativeName([x509.RFC822Name("office@example.org")]), False), (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
        (x509.KeyUsage(True, False, False, False, False, False, False, False, False), True), issuer=root,
    )  # fmt: skip
    return folder
