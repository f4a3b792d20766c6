"""Bags checked as an archivist without any program of this field would: by `sha256sum`, and by counting (RFC 8493, sections 2 and 3)."""

from __future__ import annotations

import subprocess
from pathlib import Path


def payload(bag: Path) -> set[str]:
    """Paths that the payload manifest lists."""
    return {line.split("  ", 1)[1] for line in (bag / "manifest-sha256.txt").read_text("utf-8").splitlines()}


def faults(bag: Path) -> list[str]:
    """What is wrong with a bag; nothing when it is complete and valid."""
    found = []
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        done = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", manifest], cwd=bag, capture_output=True, text=True, check=False)
        if done.returncode:
            found.append(done.stdout + done.stderr)
    files = [path for path in (bag / "data").rglob("*") if path.is_file()]
    if {path.relative_to(bag).as_posix() for path in files} != payload(bag):
        found.append("the payload is not what its manifest lists")
    if f"Payload-Oxum: {sum(path.stat().st_size for path in files)}.{len(files)}" not in (bag / "bag-info.txt").read_text("utf-8").splitlines():
        found.append("Payload-Oxum is another")
    if not (bag / "bagit.txt").read_text("utf-8").startswith("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"):
        found.append("bagit.txt is not that of version 1.0")
    return found
