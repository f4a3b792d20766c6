"""`engross sign` and `engross verify` as staff run them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engross import artifact, record
from engross.cli import signing as command
from engross.content import editions
from engross.errors import EngrossError, OutsideError, Rejected, UsageError
from engross.pipeline import Request as Build
from engross.pipeline import build
from engross.project import Project, find
from engross.settings_signing import Level
from engross.sign import Request, checking, outside, renew, sign
from engross.sign.staging import Stage, state_folder
from engross.verify import Verdict
from tests.sign.conftest import profile, signing
from tests.sign.letter import LETTER
from tests.sign.pki import PASSPHRASE, Pki
from tests.sign.signed import reasons, rules


def secret(_officer: object) -> str:
    return PASSPHRASE


def folder(project: Project) -> Path:
    return project.output / LETTER / "edition-1"


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and path.name != ".lock"}


def engross(project: Project, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "NO_COLOR": "1", **environment}
    return subprocess.run([sys.executable, "-m", "engross", *arguments], cwd=project.root, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def finished(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which both officers have signed English, by two commands. To read; tests write into copies."""
    root = Path(shutil.copytree(built, tmp_path_factory.mktemp("finished") / "workspace"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        (first,) = sign(find(root), Request(LETTER, ("en",)), secret)
        assert (first.published, first.waiting) == (False, ("Officer No. 2",))
        assert not list(root.rglob("*.signed.pdf"))
        assert first.path.stat().st_mode & 0o777 == 0o600
        (second,) = sign(find(root), Request(LETTER, ("en",)), secret)
        assert second.published
        assert second.level
        assert second.level.label == "B-LTA"
        assert not first.path.exists()
    return root


@pytest.fixture
def done(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return find(Path(shutil.copytree(finished, tmp_path / "done")))


def test_verify_as_a_command(done: Project) -> None:
    path = folder(done) / "en" / f"{LETTER}.en.signed.pdf"
    result = engross(done, "verify", str(path), "--json")
    (report,) = json.loads(result.stdout)
    assert result.returncode == 0, result.stdout
    assert (report["verdict"], report["authentic"], report["ours"], report["level"]) == ("passed", True, True, "B-LTA")
    shown = engross(done, "verify", str(path))
    assert "Officer No. 1: officer1" in shown.stdout
    assert "since then: Officer2, ArchivalTimestamp1" in shown.stdout
    path.write_bytes(path.read_bytes() + b"\n")
    assert engross(done, "verify", str(path)).returncode == 1
    assert engross(done, "verify", "absent.pdf").returncode == 2


def test_the_manifest_of_the_signed_set_is_signed(done: Project, tmp_path: Path, pki: Pki) -> None:
    listed, signature = folder(done) / "signed.json", folder(done) / "signed.json.p7s"
    anchors = pki.pem("root", "interm")
    command = [
        "openssl",
        "cms",
        "-verify",
        "-cades",
        "-binary",
        "-inform",
        "DER",
        "-in",
        signature,
        "-content",
        listed,
        "-CAfile",
        anchors,
        "-purpose",
        "any",
        "-out",
        tmp_path / "out",
    ]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    path = folder(done) / "en" / f"{LETTER}.en.signed.pdf"
    listed.write_bytes(listed.read_bytes().replace(b'"edition": 1', b'"edition": 2'))
    report = checking.check(path, done.root / "pyproject.toml")
    assert "ours" in rules(report), reasons(report)


def test_what_we_did_not_sign_is_not_ours(done: Project, house, built: Path) -> None:
    """Right officers, right certificates, another build: authentic, and not what was published."""
    settings = done.root / "layouts/letter.css"
    settings.write_text(settings.read_text() + "\n.closing { color: #000001 }\n")
    build(done, Build((LETTER,), ("en",), ("pdf",), official=True, jobs=1))
    other = house.sign((folder(done) / "en" / f"{LETTER}.en.pdf").read_bytes())
    path = done.root / "other.pdf"
    path.write_bytes(other)
    report = checking.check(path, done.root)
    assert (report.authentic, report.ours, report.verdict) == (True, False, Verdict.FAILED)


def test_a_build_keeps_what_is_signed(done: Project) -> None:
    before = files(folder(done))
    signed = [name for name in before if "signed" in name]
    assert len(signed) == 3
    build(done, Build((LETTER,), ("en",), ("pdf", "txt"), official=True, jobs=1))
    after = files(folder(done))
    assert {name: after[name] for name in signed} == {name: before[name] for name in signed}
    standing = artifact.read_manifest(folder(done))
    assert standing
    assert not artifact.damaged(folder(done), standing)
    assert all(standing.find(name) for name in signed)


def test_a_signed_text_is_frozen(done: Project) -> None:
    letter = done.content / LETTER / "letter.md"
    letter.write_text(letter.read_text("utf-8").replace("salutation: ", "salutation: Most ", 1), "utf-8")
    with pytest.raises(Rejected) as refused:
        build(done, Build((LETTER,), ("en",), ("txt",), official=True, jobs=1))
    assert "edition-frozen" in {problem.code for problem in refused.value.problems}
    letter.write_text(letter.read_text("utf-8").replace("edition: 1", "edition: 2\nsupersedes: 1\nreason: a late signatory", 1), "utf-8")
    build(done, Build((LETTER,), ("en",), ("txt",), official=True, jobs=1))


def test_an_address_that_changes_leaves_the_edition_alone(done: Project) -> None:
    book = done.content / "missions.yaml"
    text = book.read_text("utf-8")
    record = editions.read(done, LETTER, 1)
    assert record
    number = next(iter(record.versions["en"].addresses.values()))["fax"]
    assert number in text
    book.write_text(text.replace(number, "+1-202-555-0100"), "utf-8")
    build(done, Build((LETTER,), ("en",), ("txt",), official=True, jobs=1))
    assert number in (folder(done) / "en" / f"{LETTER}.en.txt").read_text("utf-8")


def test_a_late_language_is_signed_later(done: Project) -> None:
    record = editions.read(done, LETTER, 1)
    assert record
    assert [sign(done, Request(LETTER, ("ko",)), secret)[0].published for _ in range(2)] == [False, True]
    later = editions.read(done, LETTER, 1)
    assert later
    assert set(later.versions) == {"en", "ko"}
    assert later.versions["en"] == record.versions["en"]
    for lang in ("en", "ko"):
        report = checking.check(folder(done) / lang / f"{LETTER}.{lang}.signed.pdf", done.root)
        assert (report.verdict, report.ours) == (Verdict.PASSED, True), reasons(report)
    with pytest.raises(UsageError, match="signed already"):
        sign(done, Request(LETTER, ("en", "ko")), secret)


def test_what_a_crash_left_of_a_published_language_is_removed(done: Project) -> None:
    left = Stage(state_folder(), LETTER, 1, "en", (folder(done) / "en" / f"{LETTER}.en.pdf").read_bytes())
    published = folder(done) / "en" / f"{LETTER}.en.signed.pdf"
    left.write(published.read_bytes())
    published.rename(published.with_name("aside.pdf"))
    with pytest.raises(UsageError, match="signed already"):
        sign(done, Request(LETTER, ("en",)), secret)
    assert left.path.exists(), "while the published file is missing, this is a copy of it"
    published.with_name("aside.pdf").rename(published)
    with pytest.raises(UsageError, match="signed already"):
        sign(done, Request(LETTER, ("en",)), secret)
    assert not left.path.exists()


def test_an_old_edition_is_refused(done: Project) -> None:
    record = editions.read(done, LETTER, 1)
    assert record
    newer = editions.FrozenEdition(LETTER, 2, record.versions)
    editions.path(done, LETTER, 2).write_bytes(newer.to_json())
    report = checking.check(folder(done) / "en" / f"{LETTER}.en.signed.pdf", done.root)
    assert rules(report) == {"edition"}


def test_renewal(done: Project) -> None:
    path = folder(done) / "en" / f"{LETTER}.en.signed.pdf"
    before = path.read_bytes()
    ((renewed, _),) = renew(done, LETTER, ("en",))
    assert renewed == path
    assert path.read_bytes().startswith(before)
    report = checking.check(path, done.root)
    assert (report.verdict, report.ours) == (Verdict.PASSED, True), reasons(report)
    assert [s.field for s in report.signatures][-2:] == ["ArchivalTimestamp1", "ArchivalTimestamp2"]


def test_what_does_not_hold_is_not_renewed(done: Project, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was changed; a server that is down; in both cases nothing is."""
    path = folder(done) / "en" / f"{LETTER}.en.signed.pdf"
    good = files(folder(done))
    monkeypatch.setattr(outside, "PAUSE", 0)
    monkeypatch.setattr(pki, "fail", ["/main/tsa"])
    with pytest.raises(OutsideError, match="503"):
        renew(done, LETTER, ("en",))
    assert files(folder(done)) == good
    path.write_bytes(path.read_bytes() + b" ")
    before, asked = files(folder(done)), len(pki.requests)
    with pytest.raises(EngrossError, match="is not extended, it does not hold"):
        renew(done, LETTER, ("en",))
    path.unlink()
    with pytest.raises(EngrossError, match="cannot read"):
        renew(done, LETTER, ("en",))
    assert len(pki.requests) == asked
    assert files(folder(done)) == {name: data for name, data in before.items() if name != f"en/{path.name}"}


def test_a_seal_on_paper_finds_its_text(done: Project) -> None:
    record = editions.read(done, LETTER, 1)
    assert record
    digits = record.versions["en"].seal[:20].upper()
    printed = " ".join(digits[i : i + 4] for i in range(0, 20, 4))
    result = engross(done, "verify", "--seal", printed)
    assert result.returncode == 0
    assert f"{LETTER}/1/en" in result.stdout
    assert "proves nothing about the paper" in result.stdout
    assert engross(done, "verify", "--seal", "0" * 20).returncode == 1
    assert engross(done, "verify", "--seal", "12").returncode == 2


def test_a_file_from_elsewhere(done: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a workspace nothing is known of whom to trust; the settings alone are enough to tell."""
    path = tmp_path / f"{LETTER}.en.signed.pdf"
    path.write_bytes((folder(done) / "en" / path.name).read_bytes())
    monkeypatch.chdir(tmp_path)
    assert checking.check(path, None).verdict is Verdict.INDETERMINATE
    away = tmp_path / "away"
    away.mkdir()
    shutil.copyfile(done.root / "pyproject.toml", away / "pyproject.toml")
    report = checking.check(path, away)
    assert (report.verdict, report.ours) == (Verdict.PASSED, None), reasons(report)


def untouched(project: Project, before: dict[str, bytes]) -> bool:
    state = Path(os.environ["XDG_STATE_HOME"])
    return files(project.root) == before and not (state.exists() and any(path.is_file() for path in state.rglob("*")))


@pytest.mark.parametrize("path", ["/main/tsa", "/main/ocsp", "/main/crls"])
def test_a_server_that_is_down_changes_nothing(workspace: Project, pki: Pki, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    signing(workspace.root, profile(pki, 2, tsa=("main/tsa/tsa", "main/tsa/other")))
    before = files(workspace.root)
    monkeypatch.setattr(outside, "PAUSE", 0)
    monkeypatch.setattr(pki, "fail", [path])
    with pytest.raises(OutsideError, match="503") as refused:
        sign(find(workspace.root), Request(LETTER, ("en",)), secret)
    assert path != "/main/tsa" or ("tsa/tsa cannot be had" in refused.value.message and "tsa/other cannot be had" in refused.value.message)
    assert untouched(workspace, before)


def test_the_next_time_stamp_server_is_asked(workspace: Project, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> None:
    signing(workspace.root, profile(pki, 1, tsa=("down", "main/tsa/tsa")))
    build(find(workspace.root), Build((LETTER,), ("en",), ("pdf",), official=True, jobs=1))
    monkeypatch.setattr(outside, "PAUSE", 0)
    monkeypatch.setattr(pki, "fail", ["/down"])
    (entry,) = sign(find(workspace.root), Request(LETTER, ("en",)), secret)
    assert (entry.published, entry.level) == (True, Level.LTA)


def test_a_wrong_passphrase_and_an_open_key_change_nothing(workspace: Project, pki: Pki) -> None:
    before = files(workspace.root)
    asked: list[object] = []

    def wrong(who: object) -> str:
        asked.append(who)
        return "wrong"

    with pytest.raises(EngrossError, match="wrong passphrase"):
        sign(workspace, Request(LETTER, ("en",)), wrong)
    assert len(asked) == 1
    key = pki.pkcs12("officer1")
    key.chmod(0o644)
    with pytest.raises(EngrossError, match="others may read"):
        sign(workspace, Request(LETTER, ("en",)), secret)
    key.chmod(0o600)
    assert untouched(workspace, before)


def test_without_passphrase_and_terminal_it_says_which_variable_is_asked_for(workspace: Project) -> None:
    before = files(workspace.root)
    command = [sys.executable, "-m", "engross", "sign", LETTER, "-l", "en"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("ENGROSS_PASSPHRASE")}
    result = subprocess.run(command, cwd=workspace.root, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, start_new_session=True)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "error: there is no passphrase or PIN of Officer No. 1, and no terminal to ask at",
        "  hint: run it at a terminal, or set ENGROSS_PASSPHRASE_1 (or ENGROSS_PASSPHRASE)",
    ]
    assert files(workspace.root) == before


def test_whose_turn_it_is(workspace: Project) -> None:
    with pytest.raises(UsageError, match=r"not the turn of Officer No\. 2"):
        sign(workspace, Request(LETTER, ("en",), officer="Officer No. 2"), secret)
    with pytest.raises(UsageError, match="no officer"):
        sign(workspace, Request(LETTER, ("en",), officer="nobody"), secret)
    with pytest.raises(UsageError, match="no signing profile"):
        sign(workspace, Request(LETTER, ("en",), profile="nobody"), secret)


def test_another_machine(workspace: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first officer signs here; the file travels; the second signs where nothing is known of the first."""
    (first,) = sign(workspace, Request(LETTER, ("en",)), secret)
    travelled = tmp_path / "travelled.pdf"
    travelled.write_bytes(first.path.read_bytes())
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    damaged = tmp_path / "damaged.pdf"
    damaged.write_bytes(travelled.read_bytes() + b" ")
    with pytest.raises(EngrossError, match="does not hold"):
        sign(workspace, Request(LETTER, ("en",), bring=(damaged,)), secret)
    (second,) = sign(workspace, Request(LETTER, ("en",), bring=(travelled,)), secret)
    assert second.published


def test_what_was_done_and_what_is_next_is_said(workspace: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(workspace.root)
    command.sign(LETTER, ["en"])
    kept = next(Path(os.environ["XDG_STATE_HOME"]).rglob("en.*.pdf"))
    assert capsys.readouterr().out.splitlines() == [
        f"en: signed by Officer No. 1, now with CN=officer1,O=Example Organisation,C=XX; level so far: B-LT; {kept}",
        f"waiting for Officer No. 2: run engross sign {LETTER} -l en (on another machine add --bring FILE, for each of these files)",
    ]
    command.sign(LETTER, ["en"])
    path = f"output/{LETTER}/edition-1/en/{LETTER}.en.signed.pdf"
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"en: signed by Officer No. 1, Officer No. 2, now with CN=officer2,O=Example Organisation,C=XX; level reached: B-LTA; {path}",
        f"verify with: engross verify {path}",
        f"keep these files, and commit content/{LETTER}/editions",
    ]
    assert told.err == ""


def test_each_language_is_told_when_it_is_signed(workspace: Project) -> None:
    told: list[tuple[str, int, int]] = []
    sign(workspace, Request(LETTER, ("en", "ko")), secret, lambda *what: told.append(what))
    assert told == [("en", 1, 2), ("ko", 2, 2)]


def test_everything_that_stands_in_the_way_is_told_at_once(workspace: Project, pki: Pki) -> None:
    """Two PDFs that were changed and two files of certificates that are not there; nobody was asked for a passphrase."""
    signing(workspace.root, profile(pki, 2).replace("tsa-root.cert.pem", "absent.pem").replace("interm.cert.pem", "absent-too.pem"))
    for lang in ("en", "ko"):
        (folder(workspace) / lang / f"{LETTER}.{lang}.pdf").write_bytes(b"")
    before = files(workspace.root)
    with pytest.raises(EngrossError) as refused:
        sign(find(workspace.root), Request(LETTER, ("en", "ko")), lambda _: pytest.fail("asked"))
    lines = refused.value.message.splitlines()
    assert lines[0] == "4 things stand in the way of signing"
    assert [sum(words in line for line in lines) for words in ("PDF in en is missing or was changed", "PDF in ko is", "main-absent.pem", "main-absent-too.pem")] == [1] * 4
    assert untouched(workspace, before)


def test_the_text_must_be_the_built_one(workspace: Project) -> None:
    built = folder(workspace) / "en" / f"{LETTER}.en.pdf"
    built.write_bytes(built.read_bytes() + b" ")
    with pytest.raises(EngrossError, match="missing or was changed"):
        sign(workspace, Request(LETTER, ("en",)), secret)


def test_one_officer_without_a_visible_signature(workspace: Project, pki: Pki) -> None:
    signing(workspace.root, profile(pki, 1, appearance='"none"'))
    project = find(workspace.root)
    build(project, Build((LETTER,), ("en",), ("pdf",), official=True, jobs=1))
    (entry,) = sign(project, Request(LETTER, ("en",)), secret)
    report = checking.check(entry.path, project.root)
    assert (report.verdict, report.ours) == (Verdict.PASSED, True), reasons(report)


def test_a_signed_edition_is_made_again_from_its_record_and_compared_with_the_officers_manifest(done: Project) -> None:
    shown = engross(done, "build", LETTER, "--check", "--edition", "1")
    assert (shown.returncode, shown.stdout.splitlines()[-1]) == (0, f"output/{LETTER}/edition-1: 2 the same byte for byte, 0 different"), shown.stdout
    proved = engross(done, "proof", LETTER)
    assert (proved.returncode, proved.stdout) == (0, "0 findings in 5 files; the text of 3 was read, 2 were only looked at\n")
    main, path = editions.path(done, LETTER, 1), record.path(done, LETTER, 1, "en")
    old = artifact.digest(path.read_bytes())
    path.write_bytes(path.read_bytes().replace(b'"kind": "pdf"', b'"kind": "txt"'))
    main.write_bytes(main.read_bytes().replace(old.encode(), artifact.digest(path.read_bytes()).encode()))
    refused = engross(done, "build", LETTER, "--check", "--edition", "1")
    assert (refused.returncode, "not the one that signed.json names" in refused.stdout) == (1, True), refused.stdout
