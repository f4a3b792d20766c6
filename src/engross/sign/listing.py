"""What signed.json says besides the signed PDFs: the other files of the set, the pages that every fax must have, the ledger, the embargo. And reading it all back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engross import artifact
from engross.artifact import Artifact
from engross.errors import EngrossError
from engross.render import tiff
from engross.verify import Expected, Policy, manifest


@dataclass(frozen=True, slots=True)
class LedgerName:
    """Which ledger keeps the deliveries, and the last entry that it had when the edition was signed."""

    identity: str
    """A UUID."""
    sequence: int = 0
    """0 when the ledger could not be looked at where the officer signed."""
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A signed manifest whose signature holds."""

    files: Mapping[str, tuple[int, str]]
    """Of each signed PDF by its path: the length when it was published, and the SHA-256 of that much. Renewals append."""
    others: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the other files of the set at that time, by path."""
    fax_pages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By language, the digests that a fax's pages after the cover may have: one for each office."""
    ledger: LedgerName | None = None
    embargo: datetime | None = None
    expected: tuple[Expected, ...] = ()
    """The entries as the verifier wants them."""
    records: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the record that each signed PDF can be made again from, by the PDF's path."""


def fax_pages(data: bytes) -> str:
    """SHA-256 over the coded pages of a fax after its cover, which is all that two missions' faxes of one language and office share.

    Raises:
        EngrossError: it is no class-F TIFF.
    """
    digest = hashlib.sha256()
    for page in tiff.read(data)[1:]:
        digest.update(f"{page.coding} {page.strip.width} {page.strip.rows} {len(page.strip.data)}\n".encode())
        digest.update(page.strip.data)
    return digest.hexdigest()


def of_set(folder: Path, entries: Iterable[Artifact], ledger: LedgerName | None, embargo: datetime | None) -> dict[str, Any]:
    """What signed.json is to say of the set besides its signed PDFs. Previews of messages are left out: they are made again with the signed PDFs.

    Raises:
        EngrossError: a file is not what the set's manifest says.
    """
    others: dict[str, str] = {}
    pages: dict[str, set[str]] = {}
    for entry in entries:
        if entry.kind in artifact.SIGNED or entry.kind == "email":
            continue
        data = (folder / entry.path).read_bytes() if artifact.intact(folder, entry) else b""
        if artifact.digest(data) != entry.sha256:
            raise EngrossError(f"{entry.path} is not what the manifest says: it was changed after it was made", hint="nothing was signed; build the edition again")
        others[entry.path] = entry.sha256
        if entry.kind == "fax-tiff":
            pages.setdefault(entry.language, set()).add(fax_pages(data))
    found: dict[str, Any] = {"others": others, "fax_pages": {lang: sorted(digests) for lang, digests in pages.items()}}
    if ledger:
        found["ledger"] = {"identity": ledger.identity, "sequence": ledger.sequence, "hash": ledger.hash}
    if embargo:
        found["embargo"] = embargo.isoformat()
    return found


def ledger_of(folder: Path) -> LedgerName | None:
    """The ledger that a set's signed manifest names, its signature not looked at."""
    try:
        return _ledger(json.loads((folder / manifest.NAME).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read(folder: Path, policy: Policy, now: datetime) -> Listing:
    """The signed manifest of a set, read once and believed only if its signature holds.

    Raises:
        EngrossError: it is missing or damaged, or is not signed by an officer of the profile.
    """
    try:
        data, signature = ((folder / name).read_bytes() for name in (manifest.NAME, manifest.SIGNATURE))
    except OSError as error:
        raise EngrossError(f"cannot read {error.filename}: {error.strerror}", hint="the signed manifest vouches for what is sent; restore it, or sign again") from error
    expected = manifest.read(data, signature, policy, now)
    try:
        value = json.loads(data)
        files = {str(entry["path"]): (int(entry["signed_bytes"]), str(entry["signed_sha256"])) for entry in value["files"].values()}
        pages = {str(lang): tuple(map(str, digests)) for lang, digests in value.get("fax_pages", {}).items()}
        embargo = datetime.fromisoformat(value["embargo"]) if "embargo" in value else None
        records = {str(entry["path"]): str(entry.get("record_sha256", "")) for entry in value["files"].values()}
        return Listing(files, dict(value.get("others", {})), pages, _ledger(value), embargo, tuple(expected), records)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngrossError(f"{manifest.NAME} is damaged: {error}") from error


def _ledger(value: Mapping[str, Any]) -> LedgerName | None:
    named = value.get("ledger")
    return LedgerName(str(named["identity"]), int(named["sequence"]), str(named["hash"])) if named else None
