"""Previews of messages attach what officers signed: signing and renewing bring them up to date."""

from __future__ import annotations

import email
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engross import artifact
from engross.cli import signing as command
from engross.dispatch.email.refresh import Refreshed, refresh
from engross.pipeline import Request as Build
from engross.pipeline import build
from engross.project import Project, find
from engross.sign import Request, sign
from tests.conftest import link
from tests.sign.conftest import profile, signing
from tests.sign.letter import LETTER
from tests.sign.pki import PASSPHRASE, Pki
from tests.sign.test_command import files, folder, secret

OFFICE = """
[tool.engross.offices.example-office]
name = "Example Office"
address = ["1 Example Street", "London"]
email = "office@example.org"
"""
MESSAGE = "email/example-london.eml"


@pytest.fixture
def written(built: Path, pki: Pki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """English waits for one officer, and the message to the one mission attaches the unsigned PDF."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("ENGROSS_PASSPHRASE", PASSPHRASE)
    root = Path(shutil.copytree(built, tmp_path / "workspace", copy_function=link))
    signing(root, OFFICE + profile(pki, 1))
    build(find(root), Build((LETTER,), ("en",), ("pdf", "email"), official=True, jobs=1))
    return find(root)


def attached(project: Project) -> bytes:
    """The PDF in the message, which the manifest vouches for like every other file of the set."""
    standing = artifact.read_manifest(folder(project))
    assert standing
    assert not artifact.damaged(folder(project), standing)
    assert standing.find(MESSAGE)
    message = email.message_from_bytes((folder(project) / MESSAGE).read_bytes())
    (pdf,) = [part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "application/pdf"]
    return bytes(pdf)


def test_signing_and_renewing_make_the_messages_again(written: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(written.root)
    told = f"messages made again with the signed PDFs: {MESSAGE}"
    unsigned, signed = (folder(written) / "en" / f"{LETTER}.en.{end}" for end in ("pdf", "signed.pdf"))
    assert attached(written) == unsigned.read_bytes()
    command.sign(LETTER, ["en"])
    assert told in capsys.readouterr().out
    first = signed.read_bytes()
    assert attached(written) == first
    command.sign(LETTER, ["en"], renew=True)
    assert told in capsys.readouterr().out
    assert attached(written) == signed.read_bytes() != first
    before = files(folder(written))
    assert refresh(written, LETTER, ("en",)) == Refreshed()
    assert files(folder(written)) == before


def test_a_message_that_did_not_stand_there_is_not_made(written: Project) -> None:
    standing = artifact.read_manifest(folder(written))
    assert standing
    with artifact.locked(folder(written)):
        artifact.publish(folder(written), {}, replace(standing, artifacts=tuple(entry for entry in standing.artifacts if entry.path != MESSAGE)))
    sign(written, Request(LETTER, ("en",)), secret)
    assert refresh(written, LETTER, ("en",)) == Refreshed()
    assert not (folder(written) / MESSAGE).exists()


def test_a_message_that_cannot_be_written_now_is_taken_away(written: Project) -> None:
    """It carries Korean too, and the Korean is being worked on: better no message than one with the unsigned PDF."""
    book = written.content / "missions.yaml"
    book.write_text(book.read_text("utf-8").replace("[en]", "[en, ko]"), "utf-8")
    build(written, Build((LETTER,), ("en", "ko"), ("email",), official=True, jobs=1))
    sign(written, Request(LETTER, ("en",)), secret)
    catalogue = written.translations / "ko/LC_MESSAGES" / f"{LETTER}.po"
    catalogue.write_text(catalogue.read_text("utf-8").replace("강에 관한 공동 서한", ""), "utf-8")
    assert refresh(written, LETTER, ("en",)) == Refreshed(removed=(MESSAGE,))
    assert not (folder(written) / MESSAGE).exists()
