"""What servers, senders of mail and names of files say is shown on one line, and nothing in it steers a terminal, hides, or turns the direction of a line."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import unicodedata
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from engross.cli import main
from tests.dispatch.conftest import end, start_server
from tests.dispatch.fake_server import Script
from tests.dispatch.small import LETTER, copy, smtp

EVIL = "\x1b[2J\x07\x7f\x9b31m\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\U000e0041"
SHOWN = r"\x1b[2J\x07\x7f\x9b31m\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\U000e0041"
FORGED = "mission-01  email mail  acknowledged"


def unseen(text: str) -> set[str]:
    """Characters of an output that have no shape, but for the ends of its lines."""
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") and c != "\n"}


def run(workspace: Path, *arguments: str) -> CompletedProcess[str]:
    """The program in this process, which spares its start."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(workspace)
        patch.setenv("XDG_STATE_HOME", str(workspace.parent / "state"))
        patch.setattr(sys, "argv", ["engross", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
    return CompletedProcess(arguments, int(ended.value.code or 0), out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Seen:
    outputs: dict[str, str]
    json: dict[str, str]


@pytest.fixture(scope="module")
def seen(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A server, answers and files that are hostile, and what the commands say of them."""
    folder = tmp_path_factory.mktemp("hostile")
    server, port = start_server(folder / "world", Script({"RCPT mission-00@example.org": f"550-5.1.1 {EVIL}\r\n550-{FORGED}\r\n550 5.1.1 no"}))
    try:
        workspace = copy(small, folder / "workspace", smtp(port))
        run(workspace, "deliveries", LETTER, "init")
        sent = run(workspace, "send", LETTER, "--via", "email", "--to", "mission-00", "--to", "mission-02", "--yes")
    finally:
        end(server)
    listed, as_json = run(workspace, "deliveries", LETTER), run(workspace, "deliveries", LETTER, "--json")
    token = next(row["attempts"][0]["reference"] for row in json.loads(as_json.stdout) if row["status"] == "accepted")
    name = f"evil{EVIL}\n{FORGED}\n.eml".encode() + b"\xff"
    answer = folder / os.fsdecode(name)
    answer.write_text(f"From: {EVIL} <a@example.org>\nSubject: {EVIL}\nIn-Reply-To: {token}\nAuto-Submitted: no\n\n{EVIL}\n")
    path = str(answer)
    imported = run(workspace, "deliveries", LETTER, "import", path)
    again = run(workspace, "deliveries", LETTER, "import", path, "--json")
    absent = run(workspace, "deliveries", LETTER, "import", f"{path}-absent")
    reason = run(workspace, "deliveries", LETTER, "correct", "--to", "mission-02", "--by", f"clerk{EVIL}\n{FORGED}", "--reason", f"no{EVIL}\n{FORGED}")
    pdf = run(workspace, "verify", path)
    both = {"send": sent, "list": listed, "import": imported, "absent": absent, "correct": reason, "verify": pdf}
    return Seen({key: one.stdout + one.stderr for key, one in both.items()}, {"list": as_json.stdout, "import": again.stdout})


@pytest.mark.parametrize("command", ["send", "list", "import", "absent", "correct", "verify"])
def test_people_see_every_hostile_character_as_its_escape(seen: Seen, command: str) -> None:
    text = seen.outputs[command]
    assert unseen(text) == set()
    assert SHOWN in text or command == "absent"  # which is set in a frame, and broken


@pytest.mark.parametrize("command", ["send", "list", "import", "absent", "correct", "verify"])
def test_a_line_break_from_outside_makes_no_line(seen: Seen, command: str) -> None:
    assert FORGED in seen.outputs[command]
    assert not [line for line in seen.outputs[command].splitlines() if line.strip(" │").startswith(FORGED)]


@pytest.mark.parametrize(("command", "field"), [("list", "reason"), ("import", "source")])
def test_json_stays_json_and_shows_them_escaped(seen: Seen, command: str, field: str) -> None:
    assert unseen(seen.json[command]) == set()
    assert EVIL in json.loads(seen.json[command])[0][field]


def test_what_stands_in_catalogues_and_names_of_letters_is_shown_so_too(real: Path) -> None:
    catalogue = real / f"translations/ko/LC_MESSAGES/{LETTER}.po"
    text = EVIL.translate({ord(c): None for c in "\x1b\x07\x7f\x9b"})
    catalogue.write_text(catalogue.read_text().replace('msgstr "', f'msgstr "{{{text}}}', 4))
    shutil.copytree(real / f"content/{LETTER}", real / f"content/{EVIL}[red]")
    for arguments in (("check",), ("check", "--json"), ("status",)):
        told = run(real, *arguments)
        assert told.returncode in (0, 1)
        assert (unseen(told.stdout), unseen(told.stderr)) == (set(), set()), arguments
        assert "\\u202a\\u202e" in told.stdout
        assert "[red]" in told.stdout or arguments[0] == "check"
