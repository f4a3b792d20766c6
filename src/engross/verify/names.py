"""Certificates by name: who they belong to, and whether one is the certificate that an officer should have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engross.settings_signing import Officer

if TYPE_CHECKING:
    from asn1crypto import x509


def rfc4514(name: x509.Name) -> str:
    """A distinguished name as RFC 4514 writes it."""
    return ",".join(
        "+".join(f"{_SHORT.get(item['type'].native, item['type'].dotted)}={_escaped(str(item['value'].native))}" for item in part) for part in reversed(list(name.chosen))
    )


def is_expected(officer: Officer, certificate: x509.Certificate) -> bool:
    """Whether this is the officer's certificate: by fingerprint, or else by the names of its holder and issuer."""
    if officer.fingerprint:
        return bool(certificate.sha256.hex() == officer.fingerprint)
    return (_normal(rfc4514(certificate.subject)), _normal(rfc4514(certificate.issuer))) == (_normal(officer.subject), _normal(officer.issuer))


_SHORT = {
    "common_name": "CN", "organization_name": "O", "organizational_unit_name": "OU", "country_name": "C", "locality_name": "L", "state_or_province_name": "ST",
    "street_address": "STREET", "domain_component": "DC", "user_id": "UID", "serial_number": "serialNumber", "email_address": "emailAddress",
}  # fmt: skip


def _escaped(text: str) -> str:
    out = "".join(f"\\{c}" if c in ',+"\\<>;' else c for c in text)
    return f"\\{out}" if out.startswith((" ", "#")) else out


def _normal(name: str) -> str:
    return ",".join(part.strip() for part in name.split(","))
