"""Everything about a letter in one folder that lasts: a BagIt bag (RFC 8493) that any later program can check without this one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from engross import artifact, redaction
from engross.errors import EngrossError, UsageError
from engross.files import failpoint, inside, sync_directory, write_all, write_atomic
from engross.ledger import Event, Ledger, LedgerError
from engross.project import SETTINGS_FILE, Project

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def require_new(folder: Path) -> None:
    """A bag is written once.

    Raises:
        UsageError: the folder exists.
    """
    if folder.exists() or folder.is_symlink():
        raise UsageError(f"{folder} exists", hint="a bag is written once; name a new folder")


def archive(
    project: Project, letter: str, ledger: Ledger | None, folder: Path, now: datetime, *, reports: Mapping[str, bytes] | None = None, secrets: Iterable[str] = ()
) -> list[str]:
    """Write the bag and return what could not be put into it, in words.

    It holds the source and the address book, the catalogues, the layouts without fonts, the settings, each edition with its manifest, the events of the letter, the
    exact messages, faxes and evidence that they name and this machine has, and the reports. It is written beside its place and takes its name in one step.

    Raises:
        UsageError: the folder exists.
        EngrossError: a file holds one of the `secrets`, or cannot be read or written; there is no bag then.
    """
    require_new(folder)
    folder = folder.absolute()
    staging = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(staging, ignore_errors=True)
    missing: list[str] = []
    try:
        written = _fill(staging / "data", _payload(project, letter, ledger, reports or {}, missing), redaction.spellings(secrets))
        size = sum(length for length, _ in written.values())
        tags = {
            "bagit.txt": DECLARATION,
            "bag-info.txt": f"Bagging-Date: {now.date().isoformat()}\nExternal-Identifier: {letter}\nPayload-Oxum: {size}.{len(written)}\n".encode(),
            "manifest-sha256.txt": _manifest({f"data/{name}": digest for name, (_, digest) in written.items()}),
        }
        write_all(staging, {**tags, "tagmanifest-sha256.txt": _manifest({name: artifact.digest(data) for name, data in tags.items()})})
        failpoint("archive:before-rename")
        staging.rename(folder)
        sync_directory(folder.parent)
    except OSError as error:
        raise EngrossError(f"cannot write {folder}: {error.strerror}", hint="check the disk, and name a folder that may be written") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return missing


def _fill(root: Path, files: Iterable[tuple[str, bytes]], secrets: Iterable[bytes]) -> dict[str, tuple[int, str]]:
    """Write the files one by one, so that only one is in memory; size and digest of each."""
    written: dict[str, tuple[int, str]] = {}
    for name, data in files:
        if any(secret in data for secret in secrets):
            raise EngrossError(f"{name} holds a password or token that is in use", hint="nothing was archived; take it out, and change it")
        write_atomic(root / name, data)
        written[name] = len(data), artifact.digest(data)
    return written


def _payload(project: Project, letter: str, ledger: Ledger | None, reports: Mapping[str, bytes], missing: list[str]) -> Iterator[tuple[str, bytes]]:
    yield from _workspace(project, letter, missing)
    if ledger is None:
        missing.append("the ledger: there is none on this machine, or it is not sound")
        return
    events = sorted(
        [*(event for event in ledger.events() if event.delivery and event.delivery.letter == letter), *(event for _, event in ledger.tests(letter))],
        key=lambda event: event.sequence,
    )
    head = ledger.head()
    yield "ledger/events.jsonl", b"".join(_line(event) for event in events)
    yield "ledger/head.json", json.dumps({"ledger": str(ledger.identity), "sequence": head.sequence, "hash": head.hash}, indent=2).encode() + b"\n"
    for digest in sorted({digest for event in events for digest in _digests(event.data)}):
        try:
            yield f"ledger/objects/{digest}", ledger.objects.get(digest)
        except LedgerError as error:
            missing.append(error.message)
    yield from reports.items()


def _workspace(project: Project, letter: str, missing: list[str]) -> Iterator[tuple[str, bytes]]:
    paths = [project.root / SETTINGS_FILE, project.content / "missions.yaml", project.content / "glossary.csv"]
    paths += sorted((project.content / letter).rglob("*"))
    paths += [
        path for path in sorted(project.translations.rglob("*")) if path.stem in (letter, "missions", "layouts", "report") or "review" in path.relative_to(project.root).as_posix()
    ]
    paths += [path for path in sorted(project.layouts.rglob("*")) if "fonts" not in path.parts]
    for folder in sorted((project.output / letter).glob("edition-*")):
        manifest = artifact.read_manifest(folder)
        if manifest is None:
            missing.append(f"{project.relative(folder)}: its manifest is not there, or cannot be read")
            continue
        damaged = artifact.damaged(folder, manifest)
        missing += [f"{project.relative(folder)}/{name}: it is not what the manifest says" for name in damaged]
        paths += [folder / artifact.MANIFEST, *(folder / entry.path for entry in manifest.artifacts if entry.path not in damaged)]
    for path in dict.fromkeys(paths):
        name = project.relative(path)
        if any(part.startswith(".") for part in path.relative_to(project.root).parts):
            continue  # editors' and systems' own files, and those that people hide keys in
        if set(name) & set("%\r\n"):
            missing.append(f"{name!r}: not every program that checks bags reads this name alike")
        elif not inside(project.root, path):
            missing.append(f"{name}: a link leads out of the workspace")
        elif path.is_file():
            yield name, _read(path, name)


def _read(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngrossError(f"cannot read {name}: {error.strerror}", hint="nothing was archived; see who may read it") from error


def _line(event: Event) -> bytes:
    return json.dumps({"sequence": event.sequence, "hash": event.hash, **event.body()}, ensure_ascii=True, sort_keys=True).encode() + b"\n"


def _digests(value: Any) -> Iterator[str]:
    """Digests of the exact bytes that an event names, wherever they stand in it."""
    if isinstance(value, dict):
        if isinstance(value.get("sha256"), str) and "where" in value:
            yield value["sha256"]
        for item in value.values():
            yield from _digests(item)


def _manifest(digests: Mapping[str, str]) -> bytes:
    """A line for each file (RFC 8493, 2.1.3); no name here holds what would have to be written as %XX."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()
