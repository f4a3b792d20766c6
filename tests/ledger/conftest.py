"""A ledger in a file, and a private PostgreSQL that the tests start and stop."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engross.ledger import Ledger
from tests.ledger.facts import open_ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path) as opened:
        yield opened


class Cluster:
    """A PostgreSQL server on a socket in its own folder, without network, run by another user when the tests are run by root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        found = shutil.which("initdb") or next((str(p) for p in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), "")
        assert found, "PostgreSQL is not installed: initdb is missing"
        self.programs = Path(found).resolve().parent
        self.prefix = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        if self.prefix:
            shutil.chown(folder, "nobody", "nogroup")

    def run(self, program: str, *arguments: str) -> None:
        command = [*self.prefix, str(self.programs / program), *arguments]
        subprocess.run(command, cwd=self.folder, env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=60)

    def url(self, database: str, user: str = "office") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def sql(self, database: str, *statements: str) -> None:
        self.run("psql", "-q", "-h", str(self.folder), "-U", "office", "-d", database, "-v", "ON_ERROR_STOP=1", *(part for s in statements for part in ("-c", s)))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="engross-pg-"))  # the path of a socket has at most 107 bytes: pytest's own folders are too deep
    try:
        server = Cluster(folder)
        server.run("initdb", "-D", str(server.data), "-U", "office", "--auth=trust", "--no-sync", "-E", "UTF8")
        lines = "local all guarded scram-sha-256\nlocal all all trust\n"
        server.run(
            "pg_ctl",
            "start",
            "-w",
            "-s",
            "-D",
            str(server.data),
            "-l",
            str(folder / "log"),
            "-o",
            f"-k {folder} -c listen_addresses= -c fsync=off -c hba_file={_write(folder / 'hba.conf', lines)}",
        )
        try:
            yield server
        finally:
            server.run("pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", str(server.data))
    finally:
        shutil.rmtree(folder)


def _write(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o644)
    return path


@pytest.fixture
def database(cluster: Cluster, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    name = f"t{abs(hash(request.node.nodeid)):x}"[:30]
    cluster.run("createdb", "-h", str(cluster.folder), "-U", "office", name)
    return cluster.url(name)
