"""The authorities of the test PKI at work at any time that a test names, without a network and without waiting: what they answer and stamp, and a file made of it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from unittest import mock

from asn1crypto import crl, ocsp, tsp
from certomancer.registry.common import ArchLabel, CertLabel, ServiceLabel
from certomancer.registry.issued.general import RevocationStatus
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, StreamObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper

from engross.settings_signing import Level, Officer
from engross.sign import appearance, keys, outside, pades
from tests.sign.pki import NOW, PASSPHRASE, Pki
from tests.sign.signed import House


@dataclass(frozen=True)
class Clerks:
    """Authorities, `main` or `foreign`, who know since when which certificates are revoked."""

    pki: Pki
    revoked: Mapping[str, datetime] = field(default_factory=dict)
    label: str = "main"

    @property
    def _arch(self) -> Any:
        return self.pki.config.get_pki_arch(ArchLabel(self.label))

    def _known(self, label: CertLabel, at_time: datetime, **_: object) -> RevocationStatus | None:
        since = self.revoked.get(label.value)
        return RevocationStatus(since, crl.CRLReason("key_compromise")) if since and since <= at_time else None

    def ocsp(self, certificate: str, at: datetime) -> ocsp.OCSPResponse:
        """An answer about an officer's certificate, to the question as our own client asks it."""
        request = outside._ocsp_request(self._arch.get_cert(CertLabel(certificate)), self._arch.get_cert(CertLabel("interm")))
        with mock.patch.object(self._arch, "check_revocation_status", self._known):
            return self._arch.service_registry.summon_responder(ServiceLabel("interm"), at).build_ocsp_response(ocsp.OCSPRequest.load(request))

    def crl(self, authority: str, at: datetime) -> crl.CertificateList:
        """A list as of this moment; the services of the PKI have their own schedule."""
        registry = self._arch.service_registry
        info = registry.get_crl_repo_info(ServiceLabel(authority))
        since = self.pki.certificate(authority, self.label).not_valid_before
        with (
            mock.patch.object(self._arch, "check_revocation_status", self._known),
            mock.patch.object(registry, "get_crl_repo_info", return_value=replace(info, simulated_update_schedule=at - since)),
        ):
            return registry.get_crl(ServiceLabel(authority), number=1)

    def stamps(self, at: datetime) -> TimeStamper:
        """A time stamp server whose clock stands still."""
        server = self._arch.service_registry.summon_timestamper(ServiceLabel("tsa"), at)

        class Still(TimeStamper):
            async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
                return server.request_tsa_response(req)

        return Still()


def stamped(house: House, pdf: bytes, officer: Officer, clerks: Clerks, at: datetime, *, first: bool = True, last: bool = False) -> bytes:
    """A signature at level B-T, stamped at a time."""
    with keys.opened(officer, house.pki.folder, house.policy.chain, lambda _: PASSPHRASE, NOW) as key:
        place = pades.Place(officer.field, first, last, Level.T, "agreed")
        trust = pades.Trust(house.policy.anchors, house.policy.chain, outside.Evidence())
        return pades.sign(pdf, place, key.signer, trust, clerks.stamps(at), appearance.nothing())


def archived(pdf: bytes, evidence: Sequence[Any], clerks: Clerks, at: datetime) -> bytes:
    """The file with evidence, all that is given and nothing else, and an archive time stamp over it."""
    kinds = {ocsp.OCSPResponse: "/OCSPs", crl.CertificateList: "/CRLs"}
    with mock.patch.object(IncrementalPdfFileWriter, "_update_meta"):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        store = DictionaryObject({pdf_name("/Type"): pdf_name("/DSS")})
        for entry in evidence:
            stream = writer.add_object(StreamObject(stream_data=entry.dump()))
            store.setdefault(pdf_name(kinds.get(type(entry), "/Certs")), ArrayObject()).append(stream)
        writer.root["/DSS"] = writer.add_object(store)
        writer.update_root()
        out = PdfTimeStamper(clerks.stamps(at), field_name="ArchivalTimestamp1").timestamp_pdf(writer, "sha256")
    return bytes(out.getvalue())
