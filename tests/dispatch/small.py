"""A small official edition for many missions, that sends in seconds: one page, one language."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.conftest import REPO, copy_workspace
from tests.pipeline.conftest import engross

LETTER = "2018-06-06-dprk"
MISSIONS = tuple(f"mission-{number:02}" for number in range(12))
OFFICE = """
[tool.engross.offices.example-office]
name = "Example Office"
email = "office@example.org"
fax = "+44-20-7946-0100"
"""


def make(root: Path) -> Path:
    """A workspace with the edition, for `MISSIONS`, whose addresses are `<mission>@example.org`; its office has no servers yet."""
    copy_workspace(REPO, root)
    settings = root / "pyproject.toml"
    settings.write_text(re.sub(r"(?m)^languages = .*$", 'languages = ["en"]', settings.read_text()) + OFFICE)
    source = root / f"content/{LETTER}/letter.md"
    head, body = source.read_text().split("\n---\n", 1)
    head = re.sub(r"(?m)^lead: .*\n|^cc.*\n|^sic:\n(?:  .*\n)+", "", head + "\n")
    source.write_text(f"{head}recipients: [{', '.join(MISSIONS)}]\n---\n" + "\n\n".join(body.split("\n\n")[:3]) + "\n")
    signatories = root / f"content/{LETTER}/signatories.csv"
    signatories.write_text("".join(signatories.read_text().splitlines(keepends=True)[:5]))
    book = (root / "content/missions.yaml").read_text()
    first = book[book.index("- id: dprk-new-york") : book.index("- id: dprk-geneva")]
    for number, name in enumerate(MISSIONS):
        entry = re.sub(r"(?m)^  email: .*$", f"  email: {name}@example.org", first.replace("dprk-new-york", name))
        book += "\n" + re.sub(r"(?m)^  fax: .*$", f'  fax: "+1-202-555-01{number:02}"', entry)
    (root / "content/missions.yaml").write_text(book)
    for command in (("update", LETTER), ("build", LETTER, "--official", "-f", "pdf", "-f", "fax")):
        done = engross(root, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    return root


def copy(small: Path, target: Path, settings: str) -> Path:
    """A copy of it with more settings, below those of the office."""
    shutil.copytree(small, target, copy_function=lambda a, b: Path(b).hardlink_to(a) if a.endswith((".ttf", ".pdf", ".tif")) else shutil.copy(a, b))
    path = target / "pyproject.toml"
    path.write_text(path.read_text() + settings)
    return target


def smtp(port: int, *lines: str) -> str:
    """Settings of a mail server on this machine."""
    return "\n".join(["[tool.engross.offices.example-office.smtp]", 'host = "localhost"', f"port = {port}", 'tls = "none"', *lines, ""])


def run(workspace: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program in the workspace, with a state directory beside it."""
    return engross(workspace, *arguments, XDG_STATE_HOME=str(workspace.parent / "state"), **environment)


def taken(workspace: Path) -> list[str]:
    """Who got a message from the server that misbehaves, in order."""
    world = workspace.parent / "world"
    return [line.split()[0] for line in world.read_text().splitlines()] if world.exists() else []
