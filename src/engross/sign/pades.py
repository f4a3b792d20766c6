"""One PAdES signature (ETSI EN 319 142-1) in a field that waits in the PDF, and one archive time stamp. pyHanko does it; what it would break is held back here."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

from engross.errors import EngrossError
from engross.settings_signing import ARCHIVE_FIELDS, Level
from engross.sign.outside import Evidence

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko.sign.signers import Signer
    from pyhanko.sign.timestamps import TimeStamper
    from pyhanko.stamp import BaseStampStyle

DIGEST = "sha256"


@dataclass(frozen=True, slots=True)
class Trust:
    """What paths are built from while signing."""

    anchors: tuple[x509.Certificate, ...]
    chain: tuple[x509.Certificate, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how one officer signs."""

    field: str
    first: bool
    """Certifies: from now on nothing may change but fields being filled in (DocMDP, P = 2)."""
    last: bool
    level: Level
    reason: str
    archive: str = ARCHIVE_FIELDS[0]


def sign(pdf: bytes, place: Place, signer: Signer, trust: Trust, stamps: TimeStamper | None, style: BaseStampStyle) -> bytes:
    """The PDF with one more signature, of the level asked for; of officers who are not the last, evidence is embedded and no archive time stamp set.

    Raises:
        EngrossError: the field is missing or filled, or the certificate does not lead to the anchors or is revoked.
        OutsideError: the token or the time stamp server failed.
    """
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.signers.constants import ESIC_EXTENSION_1

    class OfficerSigner(PdfSigner):
        """Leaves the file at PDF 1.7, as PDF/A-3 demands; for elliptic curves pyHanko would call it PDF 2.0, which PAdES does not ask for (ETSI EN 319 142-1)."""

        def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:  # noqa: ARG002 - pyHanko gives it
            pdf_out.register_extension(ESIC_EXTENSION_1)

    archival = place.level is Level.LTA and place.last
    metadata = PdfSignatureMetadata(
        field_name=place.field,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        certify=place.first,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        reason=place.reason,
        embed_validation_info=place.level >= Level.LT,
        use_pades_lta=archival,
        timestamp_field_name=place.archive if archival else None,
        validation_context=_context(trust) if place.level >= Level.LT else None,
        dss_settings=_evidence_settings(archival=archival),
    )
    with _metadata_kept(), _explained():
        writer = _writer(pdf)
        out = OfficerSigner(metadata, signer=signer, timestamper=stamps if place.level > Level.B else None, stamp_style=style).sign_pdf(writer, existing_fields_only=True)
        return bytes(out.getvalue())


def archive(pdf: bytes, field: str, trust: Trust, stamps: TimeStamper) -> bytes:
    """The PDF with the evidence of its last archive time stamp and a new one over all of it.

    Raises:
        EngrossError: the field is missing or filled.
        OutsideError: the time stamp server failed.
    """
    from pyhanko.sign.signers import PdfTimeStamper
    from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings

    with _metadata_kept(), _explained():
        stamper = PdfTimeStamper(stamps, field_name=field)
        out = stamper.timestamp_pdf(_writer(pdf), DIGEST, _context(trust), dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True))
        return bytes(out.getvalue())


def box(pdf: bytes, field: str) -> tuple[float, float]:
    """Width and height of a signature field in points; zeros for one without a place.

    Raises:
        EngrossError: the PDF has no such field, or it is filled.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    reader = PdfFileReader(io.BytesIO(pdf), strict=True)
    root = reader.root
    for entry in root["/AcroForm"]["/Fields"] if "/AcroForm" in root else ():
        widget = entry.get_object()
        if widget.get("/T") == field:
            if "/V" in widget:
                raise EngrossError(f"the field {field} is signed already")
            left, bottom, right, top = map(float, widget["/Rect"])
            return right - left, top - bottom
    raise EngrossError(f"the PDF has no signature field {field}", hint="build it again: engross build --official makes the fields of the profile's officers")


def _writer(pdf: bytes) -> Any:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    return IncrementalPdfFileWriter(io.BytesIO(pdf), strict=True)


def _context(trust: Trust) -> Any:
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=list(trust.anchors),
        other_certs=list(trust.chain),
        allow_fetching=False,
        revocation_mode="require",
        ocsps=list(trust.evidence.ocsps),
        crls=list(trust.evidence.crls),
    )


def _evidence_settings(*, archival: bool) -> Any:
    """Evidence goes into the revision of the signature itself, or of the archive time stamp, which then covers the whole file."""
    from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference, TimestampDSSContentSettings

    if not archival:
        return DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)
    later = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
    return DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_NEXT_TS, next_ts_settings=later)


@contextmanager
def _metadata_kept() -> Iterator[None]:
    """Keep Info and XMP: with every change pyHanko would write them anew and lose the schema of the PDF/UA claim, which PDF/A does not allow."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    with mock.patch.object(IncrementalPdfFileWriter, "_update_meta"):
        yield


@contextmanager
def _explained() -> Iterator[None]:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError
    from pyhanko_certvalidator.errors import PathBuildingError, RevokedError, ValidationError

    logger = logging.getLogger("pyhanko")
    before = logger.level
    logger.setLevel(logging.ERROR)  # it warns of what is meant: evidence comes from us, and the last field closes the document
    try:
        yield
    except RevokedError as error:
        raise EngrossError(f"a certificate is revoked: {error}", hint="nothing was signed; ask its issuer") from error
    except PathBuildingError as error:
        raise EngrossError(f"a certificate does not lead to the anchors of the profile: {error}", hint="complete anchors, tsa_anchors or chain in the settings") from error
    except (ValidationError, SigningError, PdfError) as error:
        raise EngrossError(f"it cannot be signed: {error}", hint="nothing was signed") from error
    finally:
        logger.setLevel(before)


def certificates_of(stamps: TimeStamper) -> Sequence[x509.Certificate]:
    """The certificates that a time stamp server signs with, asked once.

    Raises:
        OutsideError: it does not answer.
    """
    import asyncio

    with _explained():
        asyncio.run(stamps.async_dummy_response(DIGEST))
    return list(stamps._certs.values())  # noqa: SLF001 - pyHanko keeps them for its own estimate and has no other door to them
