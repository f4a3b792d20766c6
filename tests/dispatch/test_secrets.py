"""Secrets are planted in every setting that takes one, and looked for in all that sending leaves behind, in the spellings in which they could stand there."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from engross.ledger import Ledger
from tests.dispatch.conftest import end, start_server
from tests.dispatch.fake_server import Script
from tests.dispatch.small import LETTER, copy, run, smtp, taken

SECRETS = {
    "OFFICE_LOGIN": 'Läge "7391" \\+/',
    "FAX_CODE": "fax code 7391+/",
    "SEAL_WORD": "seal word 7391",
    "PGPASSWORD": "database 7391",
    "ENGROSS_PASSPHRASE": "officer 7391",
    "ENGROSS_PASSPHRASE_2": "second officer 7391",
    "SOME_API_KEY": "key of something else 7391",
}
TESSERACT = """#!/bin/sh
env > "$(dirname "$0")/environment"
for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < "$file"; echo; done > "$(dirname "$0")/processes" 2>/dev/null
exit 1
"""
"""Stands for the one program that sending starts, and looks at what it inherits and at what everybody on the machine sees."""
FAULT = """
import sys
from engross.dispatch.email import smtp
def send(self, *_):
    raise ZeroDivisionError(repr(self.login.password) + str(self.login.password.encode()))
smtp.Session.send = send
from engross.cli import main
main()
"""


def spellings(name: str) -> set[bytes]:
    """The forms in which a secret may be kept or printed by mistake."""
    secret = SECRETS[name]
    raw = secret.encode()
    whole = {raw, repr(secret)[1:-1].encode(), repr(raw)[2:-1].encode(), json.dumps(secret)[1:-1].encode(), secret.encode("latin-1"), raw.hex().encode()}
    return whole | {base64.b64encode(text) for text in (raw, b"\0office\0" + raw, f"user=office\1auth=Bearer {secret}\1\1".encode())}


@dataclass(frozen=True)
class Left:
    """What a scenario left behind: every output and file by name."""

    code: int
    told: str
    files: dict[str, bytes]
    taken: list[str]


def settings(folder: Path, port: int, fax_port: int) -> str:
    key = serialization.load_pem_private_key((folder / "smime.key").read_bytes(), None)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(SECRETS["SEAL_WORD"].encode()))
    (folder / "locked.key").write_bytes(secret)
    (folder / "locked.key").chmod(0o600)
    office = "[tool.engross.offices.example-office"
    fax = f'{office}.fax_server]\nkind = "hylafax"\nport = {fax_port}\nuser = "office"\npassword_env = "FAX_CODE"\n'
    smime = f'{office}.smime]\ncertificate = "{folder}/smime.pem"\nkey = "{folder}/locked.key"\npassphrase_env = "SEAL_WORD"\n'
    return smtp(port, 'user = "office"', 'password_env = "OFFICE_LOGIN"') + fax + smime


def scenario(small: Path, folder: Path, configured: str, *, fault: bool = False, archive: bool = False) -> Left:
    """`engross send` to one mission by both ways, then what is known of it; all that there is to look through."""
    folder.mkdir(exist_ok=True)
    workspace = copy(small, folder / "workspace", configured)
    Ledger.open(folder / "state/engross/ledger/ledger.sqlite3", offices=1, now=datetime.now(UTC)).close()
    programs = folder / "programs"
    programs.mkdir()
    (programs / "tesseract").write_text(TESSERACT)
    (programs / "tesseract").chmod(0o755)
    environment = {**SECRETS, "PATH": f"{programs}:{os.environ['PATH']}"}
    arguments = ("send", LETTER, "--to", "mission-00", "--yes", "--unreadable-by", "desk officer", "--because", "a test")
    if fault:
        state = {**os.environ, **environment, "XDG_STATE_HOME": str(folder / "state")}
        done = subprocess.run([sys.executable, "-c", FAULT, *arguments, "--via", "email"], cwd=workspace, env=state, capture_output=True, text=True, check=False)
    else:
        done = run(workspace, *arguments, **environment)
    outputs = [done]
    if archive:
        outputs += [run(workspace, "deliveries", LETTER, "--json", **environment), run(workspace, "archive", LETTER, str(folder / "bag"), **environment)]
        assert outputs[-1].returncode == 0, outputs[-1].stderr
    places = [workspace / "output", folder / "state", folder / "bag", programs]
    files = {str(path.relative_to(folder)): path.read_bytes() for place in places for path in place.rglob("*") if path.is_file()}
    return Left(done.returncode, "".join(one.stdout + one.stderr for one in outputs), files, taken(workspace))


@pytest.fixture(scope="module")
def left(small: Path, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Left]]:
    folder = tmp_path_factory.mktemp("secrets")
    for name in ("smime.key", "smime.pem"):
        (folder / name).write_bytes((keys / name).read_bytes())
    offer = ("AUTH PLAIN LOGIN",)
    scripts = {"accepted": Script(features=offer), "refused": Script({"AUTH": "echo"}, offer), "broken": Script({"DOT": ""}, offer), "fault": Script(features=offer)}
    for name in scripts:
        (folder / name).mkdir()
    servers = {name: start_server(folder / name / "world", script) for name, script in scripts.items()}
    fax = start_server(folder / "fax", Script({"CONNECT": "220 fax", "USER": "331 password", "PASS": f"530 no such password: {SECRETS['FAX_CODE']}"}))
    try:
        with ThreadPoolExecutor() as pool:
            jobs = {
                name: pool.submit(scenario, small, folder / name, settings(folder, port, fax[1]), fault=name == "fault", archive=name == "accepted")
                for name, (_, port) in servers.items()
            }
        yield {name: job.result() for name, job in jobs.items()}
    finally:
        for process, _ in (*servers.values(), fax):
            end(process)


@pytest.mark.parametrize(
    ("name", "code", "words", "arrived"),
    [
        ("accepted", 3, ("accepted", "530 no such password: [secret]"), ["mission-00@example.org"]),  # the fax is not
        ("refused", 3, ("deferred", "535 5.7.8 no: AUTH PLAIN"), []),
        ("broken", 3, ("uncertain",), []),
        ("fault", 70, ("ZeroDivisionError: '[secret]'b'[secret]'",), []),
    ],
)
def test_the_scenarios_are_what_they_say(left: dict[str, Left], name: str, code: int, words: tuple[str, ...], arrived: list[str]) -> None:
    assert left[name].code == code, left[name].told
    assert all(word in left[name].told for word in words), left[name].told
    assert left[name].taken == arrived


@pytest.mark.parametrize("name", ["accepted", "refused", "broken", "fault"])
def test_no_secret_is_left_anywhere(left: dict[str, Left], name: str) -> None:
    everything = {"outputs": left[name].told.encode(), **left[name].files}
    found = [(variable, place) for variable in SECRETS for form in spellings(variable) for place, data in everything.items() if form in data]
    assert found == []
    assert any(place.endswith("ledger.sqlite3") for place in everything)
    assert ("state/engross/fault.txt" in everything) == (name == "fault")
    assert any(place.startswith("bag/data/ledger/objects/") for place in everything) == (name == "accepted")


def test_the_program_that_reads_faxes_inherits_none_and_no_process_shows_one(left: dict[str, Left]) -> None:
    inherited = left["accepted"].files["programs/environment"].decode()
    assert not [name for name in SECRETS if f"{name}=" in inherited]
    assert "PATH=" in inherited
    assert f"engross send {LETTER}" in left["accepted"].files["programs/processes"].decode("utf-8", "replace").replace("-m ", "")


def test_other_programs_inherit_none_either(left: dict[str, Left]) -> None:
    """git for redlines, and veraPDF."""
    from engross import redaction

    kept = redaction.without({**os.environ, **SECRETS}, ["OFFICE_LOGIN", "FAX_CODE", "SEAL_WORD"])
    assert set(kept.values()).isdisjoint(SECRETS.values())
    assert kept["PATH"] == os.environ["PATH"]
