"""`engross send` and `engross deliveries` as people run them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dispatch.fake_server import Script
from tests.pipeline.conftest import engross

LETTER = "2018-06-06-dprk"
PLANTED = "planted-secret-7391"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def workspace(campaign: Path, tmp_path: Path) -> Path:
    shutil.copytree(campaign, tmp_path / "workspace", copy_function=lambda a, b: Path(b).hardlink_to(a) if a.endswith((".ttf", ".pdf")) else shutil.copy(a, b))
    return tmp_path / "workspace"


def configure(workspace: Path, port: int, **changes: str) -> None:
    path = workspace / "pyproject.toml"
    text = re.sub(r"(?m)^port = 1\nca = .*$", "\n".join([f"port = {port}", 'tls = "none"', *(f'{key} = "{value}"' for key, value in changes.items())]), path.read_text())
    path.unlink()
    path.write_text(text)


def run(workspace: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return engross(workspace, *arguments, XDG_STATE_HOME=str(workspace.parent / "state"), **environment)


def taken(workspace: Path) -> list[str]:
    world = workspace.parent / "world"
    return [line.split()[0] for line in world.read_text().splitlines()] if world.exists() else []


def test_from_looking_to_the_record(workspace: Path, fake: Callable[[Script], int]) -> None:
    port = fake(Script(features=("DSN", "AUTH PLAIN")))
    configure(workspace, port, user="office", password_env="OFFICE_PASSWORD")
    secret = {"OFFICE_PASSWORD": PLANTED}

    shown = run(workspace, "send", LETTER, "--via", "email", **secret)
    assert shown.returncode == 0, shown.stderr
    assert "mission-a@example.org  en, ko" in shown.stdout
    assert "the address was last checked on 2018-06-06" in shown.stdout
    assert "not signed: en, ko" in shown.stdout
    assert "nothing was sent" in shown.stdout

    refused = run(workspace, "send", LETTER, "--via", "email", "--yes", **secret)
    assert refused.returncode != 0
    assert "ledger" in refused.stderr
    assert taken(workspace) == []

    test = run(workspace, "send", LETTER, "--yes", ENGROSS_DELIVER_TO="test@example.org", **secret)
    assert test.returncode == 0, test.stdout + test.stderr
    assert all("test" in line.casefold() for line in test.stdout.splitlines() if "accepted" in line or "goes to" in line)
    assert "mission-a@" not in test.stdout
    assert taken(workspace) == ["test@example.org"] * 2

    assert run(workspace, "deliveries", LETTER, "init", **secret).returncode == 0
    sent = run(workspace, "send", LETTER, "--via", "email", "--yes", **secret)
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert taken(workspace)[2:] == ["mission-a@example.org", "mission-b@example.org"]

    again = run(workspace, "send", LETTER, "--via", "email", "--yes", **secret)
    assert "sent before: accepted" in again.stdout
    assert len(taken(workspace)) == 4

    listed = run(workspace, "deliveries", LETTER, "--json", **secret)
    assert [(row["recipient"], row["status"]) for row in json.loads(listed.stdout)] == [("dprk-new-york", "accepted"), ("dprk-geneva", "accepted")]
    bag = workspace.parent / "bag"
    kept = run(workspace, "archive", LETTER, str(bag), **secret)
    assert kept.returncode == 0, kept.stderr
    whole = [line.split("  ", 1) for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt") for line in (bag / name).read_text().splitlines()]
    assert all(hashlib.sha256((bag / name).read_bytes()).hexdigest() == digest for digest, name in whole)
    assert {str(path.relative_to(bag)) for path in bag.rglob("*") if path.is_file()} == {name for _, name in whole} | {"tagmanifest-sha256.txt"}
    assert sum(name.startswith("data/ledger/objects/") for _, name in whole) == 2
    assert PLANTED not in "".join(path.read_bytes().decode("latin-1") for path in bag.rglob("*") if path.is_file())

    everything = "".join(result.stdout + result.stderr for result in (shown, refused, test, sent, again, listed))
    state = "".join(path.read_bytes().decode("latin-1") for path in (workspace.parent / "state").rglob("*") if path.is_file())
    assert PLANTED not in everything + state


def test_a_file_that_was_exchanged_is_not_sent(workspace: Path, fake: Callable[[Script], int]) -> None:
    configure(workspace, fake(Script()))
    pdf = workspace / f"output/{LETTER}/edition-1/ko/{LETTER}.ko.pdf"
    data = pdf.read_bytes()
    pdf.unlink()
    pdf.write_bytes(data + b"%")
    run(workspace, "deliveries", LETTER, "init")
    result = run(workspace, "send", LETTER, "--yes")
    assert result.returncode == 1
    assert "not what the manifest says" in result.stderr
    assert taken(workspace) == []


@pytest.mark.parametrize(("token", "status", "code"), [(PLANTED, "accepted", 0), ("expired-token-2846", "deferred", 3)])
def test_a_token_from_the_environment_opens_the_server_or_is_refused_and_seen_by_nobody(workspace: Path, fake: Callable[[Script], int], token: str, status: str, code: int) -> None:
    configure(workspace, fake(Script(features=("AUTH PLAIN XOAUTH2",), bearer=PLANTED)), user="office@example.org", oauth_env="OFFICE_TOKEN")
    run(workspace, "deliveries", LETTER, "init")
    result = run(workspace, "send", LETTER, "--via", "email", "--yes", OFFICE_TOKEN=token)
    assert (result.returncode, f"mail  {status}" in result.stdout) == (code, True), result.stdout + result.stderr
    assert len(taken(workspace)) == (2 if status == "accepted" else 0)
    assert ("535 5.7.8" in result.stdout) == (status == "deferred")
    state = "".join(path.read_bytes().decode("latin-1") for path in (workspace.parent / "state").rglob("*") if path.is_file())
    for secret in (token, base64.b64encode(token.encode()).decode()):
        assert secret not in result.stdout + result.stderr + state


def test_the_embargo_binds_tests_too(workspace: Path, fake: Callable[[Script], int]) -> None:
    configure(workspace, fake(Script()))
    source = workspace / f"content/{LETTER}/letter.md"
    source.write_text(source.read_text().replace("edition: 1", "edition: 1\nembargo: 2999-01-01 09:00 Asia/Seoul", 1))
    result = run(workspace, "send", LETTER, "--yes", ENGROSS_DELIVER_TO="test@example.org")
    assert result.returncode == 1
    assert "embargo until 2999-01-01T09:00:00+09:00" in result.stderr
    assert taken(workspace) == []


def test_what_people_decide_and_record(workspace: Path, fake: Callable[[Script], int], tmp_path: Path) -> None:
    configure(workspace, fake(Script({"RCPT mission-a@example.org": "550 5.1.1 \x1b[2J<b>no</b>", "DOT": ""})))
    run(workspace, "deliveries", LETTER, "init")
    sent = run(workspace, "send", LETTER, "--via", "email", "--yes")
    assert sent.returncode == 3
    assert "uncertain" in sent.stdout
    assert "\x1b" not in sent.stdout
    assert "\\x1b[2J<b>no</b>" in sent.stdout

    receipt = tmp_path / "receipt.txt"
    receipt.write_text("received")
    decided = run(workspace, "deliveries", LETTER, "resolve", "--to", "dprk-geneva", "--by", "clerk", "--reason", "they rang", "--decision", "arrived", "--json")
    assert json.loads(decided.stdout)[0]["status"] == "acknowledged", decided.stderr
    recorded = run(workspace, "deliveries", LETTER, "record", "--to", "dprk-new-york", "--via", "hand", "--by", "clerk", "--result", "acknowledged", "--evidence", str(receipt))
    assert "acknowledged" in recorded.stdout, recorded.stderr
    without = run(workspace, "deliveries", LETTER, "cancel", "--to", "dprk-geneva", "--by", "clerk")
    assert without.returncode == 2
    listed = run(workspace, "deliveries", LETTER)
    assert "\x1b" not in listed.stdout
    assert "a person says so" in listed.stdout


def test_no_channel_no_sending(campaign: Path, tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    shutil.copytree(campaign, root)
    settings = root / "pyproject.toml"
    settings.write_text(settings.read_text().partition("[tool.engross.offices.example-office.smtp]")[0])
    result = run(root, "send", LETTER, "--yes")
    assert result.returncode == 1
    assert "has no mail server in the settings" in result.stdout
