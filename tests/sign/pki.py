"""A test PKI on loopback: roots, intermediate, officers, time stamp authority, OCSP and CRL, made anew for each session (certomancer)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from asn1crypto import pem, x509
from certomancer.integrations.animator import Animator, AnimatorArchStore
from certomancer.registry.common import ArchLabel, CertLabel, EntityLabel, ServiceLabel
from certomancer.registry.config import CertomancerConfig
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PASSPHRASE = "correct horse"
OFFICERS = [f"officer{number}" for number in range(1, 13)]
KEYS = ("root", "interm", "tsa-root", "tsa", "ocsp", "one", "two", "other", "curve", "weak")
OF_OFFICERS = {"one": 2048, "two": 2048, "other": 2048, "weak": 1024}
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def config(prefix: str, *, revoked: dict[str, datetime], keys: str = "") -> dict[str, object]:
    """Two sets of authorities with the same names: `main`, which the tests trust, and `foreign`, which they do not."""
    return {
        "external-url-prefix": prefix,
        "keysets": {name: {"path-prefix": "", "keys": {key: {"path": f"{name}-{key}.pem"} for key in KEYS}} for name in ("main", "foreign")},
        "pki-architectures": {name: architecture(name, revoked if name == "main" else {}) for name in ("main", "foreign")},
    }


def architecture(keyset: str, revoked: dict[str, datetime]) -> dict[str, object]:
    validity = {"valid-from": (NOW - 400 * DAY).isoformat(), "valid-to": (NOW + 3000 * DAY).isoformat()}
    ca = {"validity": validity, "subject-key": "root", "issuer": "root", "authority-key": "root"}
    usage = {"id": "key_usage", "critical": True, "smart-value": {"schema": "key-usage", "params": ["digital_signature", "non_repudiation"]}}
    crl = {"id": "crl_distribution_points", "smart-value": {"schema": "crl-dist-url", "params": {"crl-repo-names": ["root"]}}}
    ocsp = {"id": "authority_information_access", "smart-value": {"schema": "aia-urls", "params": {"ocsp-responder-names": ["interm"]}}}

    def leaf(subject: str, key: str, extensions: list[object], **more: object) -> dict[str, object]:
        return {"subject": subject, "issuer": "interm", "authority-key": "interm", "subject-key": key, "validity": validity, "extensions": extensions, **more}

    certs: dict[str, object] = {
        "root": {**ca, "subject": "root", "profiles": [{"id": "simple-ca"}]},
        "interm": {**ca, "subject": "interm", "subject-key": "interm", "profiles": [{"id": "simple-ca", "params": {"max-path-len": 0}}], "extensions": [crl]},
        "interm-ocsp": leaf("interm-ocsp", "ocsp", [], profiles=[{"id": "ocsp-responder"}]),
        "tsa-root": {"subject": "tsa-root", "issuer": "tsa-root", "subject-key": "tsa-root", "authority-key": "tsa-root", "validity": validity, "profiles": [{"id": "simple-ca"}]},
        "tsa": {
            "subject": "tsa", "issuer": "tsa-root", "authority-key": "tsa-root", "subject-key": "tsa", "validity": validity,
            "extensions": [
                {"id": "key_usage", "critical": True, "smart-value": {"schema": "key-usage", "params": ["digital_signature"]}},
                {"id": "extended_key_usage", "critical": True, "value": ["time_stamping"]},
                {"id": "crl_distribution_points", "smart-value": {"schema": "crl-dist-url", "params": {"crl-repo-names": ["tsa-root"]}}},
            ],
        },
        "expired": leaf("officer1", "one", [usage, ocsp], validity={"valid-from": (NOW - 300 * DAY).isoformat(), "valid-to": (NOW - DAY).isoformat()}),
        "future": leaf("officer1", "one", [usage, ocsp], validity={"valid-from": (NOW + DAY).isoformat(), "valid-to": (NOW + 300 * DAY).isoformat()}),
        "encrypt-only": leaf("officer1", "one", [{"id": "key_usage", "critical": True, "smart-value": {"schema": "key-usage", "params": ["key_encipherment"]}}, ocsp]),
        "curve": leaf("officer1", "curve", [usage, ocsp]),
        "weak": leaf("officer1", "weak", [usage, ocsp]),
        "sibling": leaf("officer1", "other", [usage, ocsp]),
        "short": leaf("officer1", "one", [usage, ocsp], validity={"valid-from": (NOW - 300 * DAY).isoformat(), "valid-to": (NOW + 30 * DAY).isoformat()}),
    }  # fmt: skip
    certs |= {name: leaf(name, "one" if number % 2 == 0 else "two", [usage, ocsp]) for number, name in enumerate(OFFICERS)}
    for name, since in revoked.items():
        certs[name]["revocation"] = {"revoked-since": since.isoformat(), "reason": "key_compromise"}  # type: ignore[index]
    names = ["root", "interm", "interm-ocsp", "tsa-root", "tsa", *OFFICERS]
    return {
        "keyset": keyset,
        "entity-defaults": {"country-name": "XX", "organization-name": "Example Organisation"},
        "entities": {name: {"common-name": name} for name in names},
        "certs": certs,
        "services": {
            "ocsp": {"interm": {"for-issuer": "interm", "responder-cert": "interm-ocsp", "signing-key": "ocsp"}},
            "crl-repo": {
                "root": {"for-issuer": "root", "signing-key": "root", "simulated-update-schedule": "P30D"},
                "interm": {"for-issuer": "interm", "signing-key": "interm", "simulated-update-schedule": "P30D"},
                "tsa-root": {"for-issuer": "tsa-root", "signing-key": "tsa-root", "simulated-update-schedule": "P30D"},
            },
            "time-stamping": {"tsa": {"signing-key": "tsa", "signing-cert": "tsa"}},
        },
    }


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@dataclass
class Pki:
    """The running authorities and their files."""

    folder: Path
    url: str
    server: WSGIServer
    config: CertomancerConfig
    requests: list[str] = field(default_factory=list)
    fail: list[str] = field(default_factory=list)
    """Beginnings of paths that are answered with an error."""
    answers: dict[str, list[int | bytes]] = field(default_factory=dict)
    """What is said at a path instead, one after another: a status, or a body."""

    def certificate(self, name: str, pki: str = "main") -> x509.Certificate:
        return self.config.get_pki_arch(ArchLabel(pki)).get_cert(CertLabel(name))

    def pem(self, *names: str, pki: str = "main") -> Path:
        path = self.folder / f"{pki}-{'-'.join(names)}.cert.pem"
        path.write_bytes(b"".join(pem.armor("CERTIFICATE", self.certificate(name, pki).dump()) for name in names))
        return path

    def key(self, name: str, pki: str = "main") -> Path:
        """The key file of a certificate, encrypted."""
        arch = self.config.get_pki_arch(ArchLabel(pki))
        path = self.folder / f"{pki}-{name}.key.pem"
        key = serialization.load_der_private_key(arch.key_set.get_private_key(arch.get_cert_spec(CertLabel(name)).subject_key).dump(), None)
        path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(PASSPHRASE.encode())))
        path.chmod(0o600)
        return path

    def pkcs12(self, name: str, pki: str = "main") -> Path:
        arch = self.config.get_pki_arch(ArchLabel(pki))
        path = self.folder / f"{pki}-{name}.p12"
        path.write_bytes(arch.package_pkcs12(CertLabel(name), password=PASSPHRASE.encode()))
        path.chmod(0o600)
        return path

    def crl(self, name: str, at: datetime) -> Path:
        path = self.folder / f"{name}.crl"
        path.write_bytes(self.config.get_pki_arch(ArchLabel("main")).service_registry.get_crl(ServiceLabel(name), at).dump())
        return path

    def entity(self, name: str) -> object:
        return self.config.get_pki_arch(ArchLabel("main")).entities[EntityLabel(name)]


def make_keys(folder: Path) -> None:
    """Officers have RSA keys, authorities elliptic curves, which take no time. The authorities of the two sets differ; those who sign with them may have the same keys."""
    for name in ("main", "foreign"):
        for key in KEYS:
            if name == "foreign" and key not in ("root", "interm", "tsa-root"):
                (folder / f"foreign-{key}.pem").write_bytes((folder / f"main-{key}.pem").read_bytes())
                continue
            made = rsa.generate_private_key(65537, OF_OFFICERS[key]) if key in OF_OFFICERS else ec.generate_private_key(ec.SECP256R1())
            (folder / f"{name}-{key}.pem").write_bytes(made.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


@contextmanager
def running(folder: Path, revoked: dict[str, datetime] | None = None, url: str = "") -> Iterator[Pki]:
    """Serve the PKI in `folder` (keys that stand there are used) until the block ends. `url` names the addresses in certificates if they are not its own."""
    if not (folder / "main-root.pem").exists():
        make_keys(folder)
    holder: dict[str, Any] = {}

    def application(environ, start_response):
        path = environ["PATH_INFO"]
        holder["pki"].requests.append(path)
        planned = holder["pki"].answers.get(path)
        said = planned.pop(0) if planned else 503 if any(path.startswith(prefix) for prefix in holder["pki"].fail) else None
        if said is not None:
            start_response("200 OK" if isinstance(said, bytes) else f"{said} {HTTPStatus(said).phrase}", [("Content-Type", "text/plain")])
            return [said if isinstance(said, bytes) else b"down"]
        return holder["animator"](environ, start_response)

    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    url = url or f"http://127.0.0.1:{server.server_port}"
    made = CertomancerConfig.from_yaml(json.dumps(config(url, revoked=revoked or {})), str(folder))
    holder["animator"] = Animator(AnimatorArchStore(made.pki_archs), with_web_ui=False)
    pki = holder["pki"] = Pki(folder, url, server, made)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield pki
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
