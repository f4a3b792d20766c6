"""The exact bytes that were sent, as far as this machine has them, and the pictures made of them: one for each thing that many missions got."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from engross import artifact
from engross.files import read_or_empty
from engross.ledger import Channel, Ledger, LedgerError
from engross.project import Project
from engross.report import pictures
from engross.report.model import Document


class SentBytes:
    """Collects what was sent while the deliveries are gone through."""

    def __init__(self, project: Project, letter: str, ledger: Ledger) -> None:
        self._ledger = ledger
        self._found: dict[str, Document] = {}
        self._faxes: set[str] = set()
        self._published: dict[str, Path] | None = None
        self._folders = sorted((project.output / letter).glob("edition-*"))

    def note(self, channel: Channel, mission: str, payload: str, claim: Mapping[str, Any]) -> None:
        """Something was sent: a message with its attachments, or a fax.

        Args:
            channel: the way.
            mission: name of the one it was sent to.
            payload: digest of the exact bytes.
            claim: what was recorded when they were made.
        """
        languages = [str(code) for code in claim.get("languages", ())]
        if channel is Channel.FAX:
            self._note_fax(mission, payload, languages[0] if languages else "", str(claim.get("office", "")))
        else:
            for number, digest in enumerate(str(one) for one in claim.get("attachments", ())):
                if digest not in self._found:
                    self._found[digest] = self._attachment(payload, digest, languages[number] if number < len(languages) else "")

    def documents(self) -> tuple[Document, ...]:
        """Everything noted, each once: what was attached, then what was faxed, by language, with a cover for each office."""
        return tuple(sorted(self._found.values(), key=lambda one: (one.kind != "pdf", one.language, one.kind, one.name, one.digest)))

    def _note_fax(self, mission: str, payload: str, language: str, office: str) -> None:
        if payload in self._faxes:
            return
        self._faxes.add(payload)
        data = self._bytes(payload)
        cover = f"cover {language} {office}"
        if data and cover not in self._found:
            self._found[cover] = Document("cover", mission, language, "", 0, 0, pictures.of_fax(data, 0, pictures.WIDTH))
        page, pages = pictures.fax_page(data, 1)
        key = f"fax {language} {page}"
        if key not in self._found:
            self._found[key] = Document("fax", "", language, "", 0, pages, pictures.of_fax(data, 1, pictures.WIDTH) if page else b"")

    def _attachment(self, payload: str, digest: str, language: str) -> Document:
        name, data = self._attached(payload, digest)
        picture, pages = pictures.of_pdf(data) if data else (b"", 0)
        return Document("pdf", name, language, digest, len(data), pages, picture)

    def _attached(self, payload: str, digest: str) -> tuple[str, bytes]:
        """Name and bytes of an attachment, from the message itself, else from an edition that holds the same bytes."""
        try:
            message = message_from_bytes(self._ledger.objects.get(payload), policy=default)
        except LedgerError:
            return self._of_edition(digest)
        for part in message.walk():
            content = part.get_payload(decode=True) if not part.is_multipart() else None
            if isinstance(content, bytes) and hashlib.sha256(content).hexdigest() == digest:
                return part.get_filename() or "", content
        return self._of_edition(digest)

    def _bytes(self, digest: str) -> bytes:
        try:
            return self._ledger.objects.get(digest)
        except LedgerError:
            return self._of_edition(digest)[1]

    def _of_edition(self, digest: str) -> tuple[str, bytes]:
        """The file of an edition in output/ that has this digest: the same bytes, wherever they lie."""
        if self._published is None:
            manifests = [(folder, artifact.read_manifest(folder)) for folder in self._folders]
            self._published = {entry.sha256: folder / entry.path for folder, manifest in manifests if manifest for entry in manifest.artifacts}
        path = self._published.get(digest)
        data = read_or_empty(path) if path else b""
        return (path.name, data) if path and artifact.digest(data) == digest else ("", b"")
