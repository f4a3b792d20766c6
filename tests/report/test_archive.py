"""The archive is a bag whose digests and counts hold, whole or absent, without secrets; and the report as people ask for it."""

from __future__ import annotations

from base64 import b64encode

import pytest

from engross import artifact
from engross.artifact import Artifact, Manifest
from engross.dispatch import archiving, reporting
from engross.errors import EngrossError, UsageError
from engross.files import FAILPOINT_VARIABLE
from tests.pipeline.conftest import engross
from tests.report.bag import faults, payload
from tests.report.facts import LETTER, NEW_YORK, T0, Story, workspace

SECRET = "planted-secret-7391"


@pytest.fixture
def project(tmp_path):
    return workspace(tmp_path / "workspace")


@pytest.fixture
def small(tmp_path):
    made = Story(tmp_path / "story")
    made.submit(made.plan(made.delivery(NEW_YORK), "mission-a@example.org"))
    yield made
    made.ledger.close()


def test_the_bag_holds_everything_and_is_valid(project, small, tmp_path):
    report = reporting.make(project, LETTER, small.ledger, "ko")
    assert archiving.archive(project, LETTER, small.ledger, tmp_path / "bag", T0, reports={f"report/{LETTER}.ko.pdf": report}) == []
    assert faults(tmp_path / "bag") == []
    held = payload(tmp_path / "bag")
    sent = [f"data/ledger/objects/{digest}" for digest in (event.data["payload"]["sha256"] for event in small.ledger.events() if "payload" in event.data)]
    wanted = [
        "pyproject.toml",
        f"content/{LETTER}/letter.md",
        f"translations/ko/LC_MESSAGES/{LETTER}.po",
        "translations/ko/LC_MESSAGES/report.po",
        "ledger/events.jsonl",
        f"report/{LETTER}.ko.pdf",
    ]
    assert {f"data/{name}" for name in wanted} | set(sent) <= held
    assert (tmp_path / "bag/data/report" / f"{LETTER}.ko.pdf").read_bytes() == report


def test_a_bag_that_was_touched_is_no_longer_valid(project, small, tmp_path):
    archiving.archive(project, LETTER, small.ledger, tmp_path / "bag", T0)
    with (tmp_path / "bag/data/ledger/events.jsonl").open("ab") as stream:
        stream.write(b"{}\n")
    assert "events.jsonl: FAILED" in "".join(faults(tmp_path / "bag"))


def test_strange_names_links_and_hidden_files_do_no_harm(project, small, tmp_path):
    own = project.content / LETTER
    (own / "per%cent\nline.txt").write_text("x")
    (own / ".env").write_text("hidden")
    key = tmp_path / "key.pem"
    key.write_text("8f1e-not-for-archives")
    (own / "notes.txt").symlink_to(key)
    missing = archiving.archive(project, LETTER, small.ledger, tmp_path / "bag", T0)
    assert any("a link leads out of the workspace" in line for line in missing)
    assert any("per%cent" in line and "\n" not in line for line in missing)
    assert len(missing) == 2
    assert faults(tmp_path / "bag") == []
    everything = b"".join(path.read_bytes() for path in (tmp_path / "bag").rglob("*") if path.is_file())
    assert b"8f1e-not-for-archives" not in everything
    assert not list((tmp_path / "bag").rglob(".env"))


def test_what_is_damaged_or_foreign_is_named_and_not_passed_over(project, small, tmp_path):
    folder = project.output / LETTER / "edition-1"
    files = {"a.txt": b"a", "b.txt": b"b"}
    listed = tuple(Artifact(name, artifact.digest(data), 1, "txt", "en", "recipe") for name, data in files.items())
    artifact.publish(folder, files, Manifest(LETTER, 1, "official", listed))
    (folder / "b.txt").write_bytes(b"c")
    folder.with_name("edition-2").mkdir()
    assert archiving.archive(project, LETTER, small.ledger, tmp_path / "bag", T0) == [
        f"output/{LETTER}/edition-1/b.txt: it is not what the manifest says",
        f"output/{LETTER}/edition-2: its manifest is not there, or cannot be read",
    ]
    assert {f"data/output/{LETTER}/edition-1/{name}" for name in ("a.txt", "manifest.json")} <= payload(tmp_path / "bag")
    assert faults(tmp_path / "bag") == []


@pytest.mark.parametrize("written", [SECRET, b64encode(f"\0office\0{SECRET}".encode()).decode()], ids=["as it is", "as it is sent"])
def test_a_secret_in_any_file_stops_it(project, small, tmp_path, written):
    (project.content / LETTER / "notes.txt").write_text(f"the password is {written}")
    with pytest.raises(EngrossError, match="holds a password") as refused:
        archiving.archive(project, LETTER, small.ledger, tmp_path / "bag", T0, secrets=[SECRET])
    (project.content / LETTER / "notes.txt").unlink()
    assert SECRET not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir() if "bag" in path.name] == []


def test_a_bag_is_never_written_over_another(project, small, tmp_path):
    (tmp_path / "bag").mkdir()
    with pytest.raises(UsageError):
        archiving.archive(project, LETTER, small.ledger, tmp_path / "bag", T0)


@pytest.mark.parametrize("point", ["archive:before-rename", "after-rename:events.jsonl", "after-rename:manifest-sha256.txt"])
def test_a_crash_leaves_no_half_bag_and_the_next_run_makes_it(tmp_path, point):
    root, state = workspace(tmp_path / "workspace").root, {"XDG_STATE_HOME": str(tmp_path / "state")}
    assert engross(root, "deliveries", LETTER, "init", **state).returncode == 0
    assert engross(root, "archive", LETTER, "bag", **state, **{FAILPOINT_VARIABLE: point}).returncode == 137
    assert not (root / "bag").exists()
    again = engross(root, "archive", LETTER, "bag", **state)
    assert again.returncode == 0, again.stderr
    assert faults(root / "bag") == []
    assert not list(root.glob(".bag*"))
    assert (root / f"bag/data/report/{LETTER}.en.pdf").read_bytes().startswith(b"%PDF")


def test_the_report_as_people_ask_for_it(tmp_path):
    root, state = workspace(tmp_path / "workspace").root, {"XDG_STATE_HOME": str(tmp_path / "state")}
    none = engross(root, "deliveries", LETTER, "report", "record.pdf", **state)
    assert none.returncode == 1, none.stderr
    assert "ledger" in none.stderr
    engross(root, "deliveries", LETTER, "init", **state)
    made = engross(root, "deliveries", LETTER, "report", "record.pdf", "-l", "ja", **state)
    assert made.returncode == 0, made.stderr
    assert (root / "record.pdf").read_bytes().startswith(b"%PDF")
    assert engross(root, "deliveries", LETTER, "report", "record.pdf", "-l", "fr", **state).returncode == 2
    assert engross(root, "deliveries", LETTER, "report", **state).returncode == 2
    assert engross(root, "deliveries", LETTER, "import", "nothing.eml", **state).returncode == 2
    assert "Traceback" not in none.stderr + made.stderr
