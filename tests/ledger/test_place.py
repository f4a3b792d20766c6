"""Where a ledger may be, who can read it, and that no password is written anywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engross.errors import OutsideError, UsageError
from engross.ledger import Ledger, LedgerError, NotAllowed, Status, location
from engross.ledger.location import file_system, is_network, locate
from tests.ledger.conftest import Cluster
from tests.ledger.facts import FAX, GENEVA, HOUR, NUMBER, OTHER_NUMBER, T0, open_ledger

MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /srv/letters rw - nfs4 server:/letters rw
41 22 0:36 / /home/staff/on\040the\040server rw - fuse.sshfs server: rw
42 22 0:37 / /media/stick rw - fuseblk /dev/sdb1 rw
43 22 0:38 / /srv/letters/local rw - xfs /dev/sdc1 rw
44 43 0:39 / /srv/letters/local rw - cifs //server/local rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/srv/other/ledger.sqlite3", "ext4", False),
        ("/srv/letters/ledger.sqlite3", "nfs4", True),
        ("/srv/letters-old/ledger.sqlite3", "ext4", False),
        ("/home/staff/on the server/ledger.sqlite3", "fuse.sshfs", True),
        ("/media/stick/ledger.sqlite3", "fuseblk", False),
        ("/srv/letters/local/ledger.sqlite3", "cifs", True),
    ],
)
def test_the_file_system_of_a_path_that_need_not_exist(path: str, kind: str, network: bool) -> None:
    assert file_system(Path(path), MOUNTS) == kind
    assert is_network(kind) is network
    assert file_system(Path(path), "") == ""


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "fuse.rclone", "9p", "ceph"])
def test_a_file_on_a_network_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 0:35 / {tmp_path} rw - {kind} server rw\n")
    monkeypatch.setattr(location, "MOUNTS", mounts)
    with pytest.raises(UsageError, match=f"network file system .{kind}."):
        open_ledger(tmp_path)
    assert not (tmp_path / "ledger.sqlite3").exists()


def test_several_offices_do_not_share_a_file(tmp_path: Path) -> None:
    for where in (None, tmp_path / "ledger.sqlite3"):
        with pytest.raises(UsageError, match="2 offices cannot share"):
            locate(where, offices=2)
    assert locate("postgresql://office@localhost/letters", offices=2).file is None


def test_by_default_the_ledger_is_in_the_state_directory_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with Ledger.open(offices=1, now=T0) as ledger:
        ledger.plan({FAX: NUMBER}, T0)
        ledger.objects.put(b"x")
        root = tmp_path / "state" / "engross"
        modes = {path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in root.rglob("*")}
    assert {"ledger", "ledger/ledger.sqlite3", "ledger/objects", "ledger/seen"} <= set(modes)
    assert {name: oct(mode) for name, mode in modes.items() if mode != (0o700 if (root / name).is_dir() else 0o600)} == {}


def test_a_file_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    open_ledger(tmp_path).close()
    (tmp_path / "ledger.sqlite3").chmod(0o644)
    open_ledger(tmp_path).close()
    assert (tmp_path / "ledger.sqlite3").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://office:hunter2@db.example.org/letters",
        "postgresql://office:@db.example.org/letters",
        "postgresql://office@db.example.org/letters?password=hunter2",
        "postgresql://office@db.example.org/letters?sslpassword=hunter2",
        "postgresql://office:hunter2@db.example.org:port/letters",
        "mysql://office:hunter2@db.example.org/letters",
        "postgresql+psycopg2://office:hunter2@db.example.org/letters",
    ],
)
def test_a_url_with_a_password_or_of_another_database_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        locate(url, offices=2)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("postgresql://office@db.example.org/letters", {"sslmode": "verify-full"}),
        ("postgresql:///letters?host=db.example.org", {"sslmode": "verify-full"}),
        ("postgresql://office@db.example.org/letters?sslmode=require", {}),
        ("postgresql://office@127.0.0.1/letters", {}),
        ("postgres:///letters?host=/run/postgresql", {}),
    ],
)
def test_a_server_elsewhere_has_to_show_its_certificate(url: str, options: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGSSLMODE", raising=False)
    assert locate(url, offices=2).options == options


def test_a_shared_database_from_plan_to_answer(database: str, tmp_path: Path) -> None:
    with Ledger.open(database, offices=2, now=T0, folder=tmp_path / "seoul") as seoul, Ledger.open(database, offices=2, now=T0, folder=tmp_path / "geneva", create=False) as geneva:
        assert seoul.identity == geneva.identity
        seoul.plan({FAX: NUMBER, GENEVA: OTHER_NUMBER}, T0)
        mine = seoul.claim(FAX, owner="seoul", until=T0 + HOUR, token="t", payload=seoul.objects.put(b"the fax"), now=T0)
        with pytest.raises(NotAllowed, match="claimed by seoul"):
            geneva.claim(FAX, owner="geneva", until=T0 + HOUR, token="u", payload=geneva.objects.put(b"the fax"), now=T0)
        seoul.commit(mine, now=T0)
        seoul.outcome(mine, Status.ACCEPTED, now=T0, reason="\x00 as it came")
        assert geneva.state(FAX) == seoul.state(FAX)
        assert geneva.events(FAX)[-1].data["reason"] == "\x00 as it came"
        assert [s.delivery for s in geneva.deliveries(FAX.letter)] == [FAX, GENEVA]
        assert geneva.verify(seoul.identity, seoul.head()) == []


@pytest.mark.parametrize("kind", ["file", "server"])
def test_who_reads_sees_one_state_while_others_write(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    where = tmp_path / "ledger.sqlite3" if kind == "file" else request.getfixturevalue("database")
    with Ledger.open(where, offices=1, now=T0, folder=tmp_path) as one, Ledger.open(where, offices=1, now=T0, folder=tmp_path) as other:
        with one._database.reading() as transaction:
            before = transaction.head()
            other.plan({FAX: NUMBER}, T0)
            assert (transaction.head(), list(transaction.rows_of(FAX))) == (before, [])
        assert one.head() == other.head()


def test_postgresql_refuses_changes_and_a_rollback_shows(cluster: Cluster, database: str, tmp_path: Path) -> None:
    name = database.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    with Ledger.open(database, offices=2, now=T0, folder=tmp_path) as ledger:
        ledger.plan({FAX: NUMBER}, T0)
        for statement in ("UPDATE engross_ledger SET number = 9", "DELETE FROM engross_ledger", "TRUNCATE engross_ledger"):
            with pytest.raises(Exception, match="exit status"):
                cluster.sql(name, statement)
        assert ledger.verify() == []
        cluster.sql(name, "ALTER TABLE engross_ledger DISABLE TRIGGER ALL", "DELETE FROM engross_ledger WHERE sequence = 2")
        with pytest.raises(LedgerError, match="no longer has row 2"):
            ledger.plan({FAX: NUMBER}, T0)
        assert "rolled back" in ledger.verify()[0].message


def test_a_role_that_may_only_read_and_append_is_enough(cluster: Cluster, database: str, tmp_path: Path) -> None:
    name = database.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    Ledger.open(database, offices=2, now=T0, folder=tmp_path).close()
    cluster.sql(name, "CREATE ROLE clerk LOGIN", "GRANT SELECT, INSERT ON engross_ledger TO clerk")
    with Ledger.open(cluster.url(name, "clerk"), offices=2, now=T0, folder=tmp_path) as ledger:
        assert ledger.plan({FAX: NUMBER}, T0)[0].status is Status.PLANNED


def test_the_password_comes_from_the_environment_and_is_never_said(cluster: Cluster, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = database.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    cluster.sql(name, "CREATE ROLE guarded LOGIN SUPERUSER PASSWORD 'correct-horse'")
    monkeypatch.setenv("PGPASSWORD", "wrong-hunter2")
    with pytest.raises(OutsideError, match="password authentication failed") as caught:
        Ledger.open(cluster.url(name, "guarded"), offices=2, now=T0, folder=tmp_path)
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    monkeypatch.setenv("PGPASSWORD", "correct-horse")
    with Ledger.open(cluster.url(name, "guarded"), offices=2, now=T0, folder=tmp_path) as ledger:
        assert "horse" not in repr(ledger._database)


def test_a_server_that_does_not_answer_is_the_outside_worlds_fault(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="cannot be used"):
        Ledger.open(f"postgresql:///letters?host={tmp_path}", offices=2, now=T0, folder=tmp_path)


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(OutsideError, match="psycopg, is not installed"):
        Ledger.open("postgresql:///letters", offices=2, now=T0, folder=tmp_path)


def test_importing_the_ledger_loads_no_database_library() -> None:
    program = "import sys, engross.ledger; print({'sqlalchemy', 'psycopg', 'sqlite3'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="cannot be opened"):
        open_ledger(tmp_path / "file")
    (tmp_path / "ledger.sqlite3").mkdir()
    with pytest.raises(OutsideError, match="cannot be opened"):
        open_ledger(tmp_path)
