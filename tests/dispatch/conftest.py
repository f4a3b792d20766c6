"""Servers, certificates and an official edition with addresses of nobody, made once."""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Callable, Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from engross.ledger import Ledger
from tests.conftest import REPO, copy_workspace
from tests.dispatch import certificates
from tests.dispatch import small as small_edition
from tests.dispatch.facts import open_ledger
from tests.dispatch.fake_server import Script, serve
from tests.dispatch.office import Office
from tests.dispatch.postfix import Postfix
from tests.pipeline.conftest import engross

MANY = multiprocessing.get_context("forkserver")
MANY.set_forkserver_preload(["__main__", "tests.dispatch.sender"])

SETTINGS = """
[tool.engross.offices.example-office]
name = "Example Office"
address = ["1 Example Street", "London"]
email = "office@example.org"
voice = "+44-20-7946-0101"
time_zone = "Europe/London"

[tool.engross.offices.example-office.smtp]
host = "localhost"
port = 1
ca = "root.pem"
"""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.all_of(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def postfix(keys: Path) -> Iterator[Postfix]:
    server = Postfix(keys)
    yield server
    server.close()


def start_server(world: Path, script: Script) -> tuple[ForkServerProcess, int]:
    here, there = MANY.Pipe()
    process = MANY.Process(target=serve, args=(world, script, there), daemon=True)
    process.start()
    return process, int(here.recv())


def end(process: ForkServerProcess) -> None:
    process.kill()
    process.join()
    process.close()


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[Callable[[Script], int]]:
    """Start servers that misbehave; each call gives the port of one."""
    processes = []

    def start(script: Script) -> int:
        process, port = start_server(tmp_path / "world", script)
        processes.append(process)
        return port

    yield start
    for process in processes:
        end(process)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the first letter's official edition in English and Korean, for two missions at example.org."""
    root = copy_workspace(REPO, tmp_path_factory.mktemp("campaign") / "workspace")
    settings = root / "pyproject.toml"
    settings.write_text(re.sub(r"(?m)^languages = .*$", 'languages = ["en", "ko"]', settings.read_text()) + SETTINGS)
    book = (root / "content/missions.yaml").read_text()
    for old, new in (
        ("dprk.un@verizon.net", "mission-a@example.org"),
        ("mission.korea-dpr@ties.itu.int", "mission-b@example.org"),
        ("+1-212-972-3154", "+1-202-555-0143"),
        ("+41-22-786-06-62", "+44-20-7946-0143"),
    ):
        assert old in book
        book = book.replace(old, new)
    (root / "content/missions.yaml").write_text(book)
    approved = engross(root, "approve", "2018-06-06-dprk", "-l", "ko", "--by", "second reader of the tests")
    assert approved.returncode == 0, approved.stderr
    built = engross(root, "build", "2018-06-06-dprk", "--official", "-f", "pdf", "-f", "email")
    assert built.returncode == 0, built.stdout + built.stderr
    return root


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """See `small.make`; to be copied, not changed."""
    return small_edition.make(tmp_path_factory.mktemp("small") / "workspace")


@pytest.fixture
def office(small: Path, tmp_path: Path, fake: Callable[[Script], int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose mail server knows nobody at `mission-02`, with a ledger."""
    root = small_edition.copy(small, tmp_path / "workspace", small_edition.smtp(fake(Script({"RCPT mission-02@example.org": "550 5.1.1 no such user"}))))
    monkeypatch.chdir(root)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("NO_COLOR", "1")
    made = Office(root, capsys, monkeypatch)
    made.run("deliveries", small_edition.LETTER, "init")
    return made
