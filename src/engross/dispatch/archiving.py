"""Everything about a letter in one folder that lasts: a BagIt bag (RFC 8493) that any later program can check without this one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from engross import artifact
from engross.errors import UsageError
from engross.files import write_all
from engross.ledger import Event, Ledger, LedgerError
from engross.project import SETTINGS_FILE, Project

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def archive(project: Project, letter: str, ledger: Ledger | None, folder: Path, now: datetime) -> list[str]:
    """Write the bag and return what could not be put into it, in words.

    It holds the source and the address book, the catalogues, the layouts without fonts, the settings, each edition with its manifest, the events of the letter, and the
    exact messages, faxes and evidence that they name and this machine has.

    Raises:
        UsageError: the folder exists.
    """
    if folder.exists():
        raise UsageError(f"{folder} exists", hint="a bag is written once; name a new folder")
    payload = dict(_workspace(project, letter))
    missing: list[str] = []
    if ledger:
        events = [event for event in ledger.events() if event.delivery and event.delivery.letter == letter]
        payload["ledger/events.jsonl"] = b"".join(_line(event) for event in events)
        head = ledger.head()
        payload["ledger/head.json"] = json.dumps({"ledger": str(ledger.identity), "sequence": head.sequence, "hash": head.hash}, indent=2).encode() + b"\n"
        for digest in sorted({digest for event in events for digest in _digests(event.data)}):
            try:
                payload[f"ledger/objects/{digest}"] = ledger.objects.get(digest)
            except LedgerError as error:
                missing.append(error.message)
    else:
        missing.append("the ledger: there is none on this machine")
    files = {f"data/{path}": data for path, data in sorted(payload.items())}
    tags = {
        "bagit.txt": DECLARATION,
        "bag-info.txt": f"Bagging-Date: {now.date().isoformat()}\nExternal-Identifier: {letter}\nPayload-Oxum: {sum(map(len, files.values()))}.{len(files)}\n".encode(),
        "manifest-sha256.txt": _manifest(files),
    }
    write_all(folder, {**files, **tags, "tagmanifest-sha256.txt": _manifest(tags)})
    return missing


def _workspace(project: Project, letter: str) -> Iterator[tuple[str, bytes]]:
    paths = [project.root / SETTINGS_FILE, project.content / "missions.yaml", project.content / "glossary.csv"]
    paths += sorted((project.content / letter).rglob("*"))
    paths += [path for path in sorted(project.translations.rglob("*")) if path.stem in (letter, "missions", "layouts") or "review" in path.name]
    paths += [path for path in sorted(project.layouts.rglob("*")) if "fonts" not in path.parts]
    for folder in sorted((project.output / letter).glob("edition-*")):
        manifest = artifact.read_manifest(folder)
        if manifest:
            paths += [folder / artifact.MANIFEST, *(folder / entry.path for entry in manifest.artifacts if artifact.intact(folder, entry))]
    for path in paths:
        if path.is_file():
            yield project.relative(path), path.read_bytes()


def _line(event: Event) -> bytes:
    return json.dumps({"sequence": event.sequence, "hash": event.hash, **event.body()}, ensure_ascii=True, sort_keys=True).encode() + b"\n"


def _digests(value: Any) -> Iterator[str]:
    """Digests of the exact bytes that an event names, wherever they stand in it."""
    if isinstance(value, dict):
        if isinstance(value.get("sha256"), str) and "where" in value:
            yield value["sha256"]
        for item in value.values():
            yield from _digests(item)


def _manifest(files: dict[str, bytes]) -> bytes:
    """A line for each file; RFC 8493, 2.1.3: CR, LF and % in names are written as %XX."""
    names = {name: name.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A") for name in files}
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {names[name]}\n" for name in sorted(files)).encode()
