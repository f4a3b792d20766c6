"""A letter to many missions: what is made again when one of them changes, and what is made only on request."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import address_book
from engross import artifact, pipeline, rebuilding
from engross.dispatch.email import preview
from engross.edition import Edition, prepare
from engross.project import Project, find
from tests.conftest import REPO, copy_workspace

LETTER = "2018-06-06-dprk"
REQUEST = pipeline.Request((LETTER,), ("en", "ko"), ("fax", "email"))


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft for three states in two cities, in two languages."""
    workspace = copy_workspace(REPO, tmp_path_factory.mktemp("campaign") / "workspace")
    address_book.write(workspace, LETTER, 3)
    pipeline.build(find(workspace), REQUEST)
    return workspace


def built(workspace: Path) -> set[str]:
    (result,) = pipeline.build(find(workspace), REQUEST)
    assert artifact.damaged(result.folder, result.manifest) == []
    return set(result.made)


def fax(mission: str) -> set[str]:
    return {f"fax/{mission}.{lang}.{ending}" for lang in ("en", "ko") for ending in ("tif", "pdf")}


def test_every_mission_has_its_packets_and_its_message(campaign: Path) -> None:
    manifest = artifact.read_manifest(campaign / "output" / LETTER / "draft")
    assert manifest
    missions = [post.id for post in address_book.posts(3)]
    paths = {entry.path for entry in manifest.artifacts}
    assert paths == {f"{lang}/{LETTER}.{lang}.pdf" for lang in ("en", "ko")} | {path for m in missions for path in (*fax(m), f"email/{m}.eml")}
    assert not (campaign / "output" / LETTER / ".draft.new").exists()


def test_a_changed_mission_makes_its_own_covers_and_message_again_the_others_stay_and_undone_the_bytes_come_back(campaign: Path) -> None:
    folder = campaign / "output" / LETTER / "draft"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert built(campaign) == set()
    book = campaign / "content" / "missions.yaml"
    text = book.read_text("utf-8")
    book.write_text(text.replace("al-geneva@example.org", "al-geneva-2@example.org"), "utf-8")
    assert built(campaign) == fax("al-geneva") | {"email/al-geneva.eml"}
    book.write_text(text.replace("+44-20-7946-0001", "+44-20-7946-0901"), "utf-8")
    assert built(campaign) == fax("al-geneva") | {"email/al-geneva.eml"}, "the address is what it was, and the number another"
    assert (folder / "fax/al-geneva.en.tif").read_bytes() != before[folder / "fax/al-geneva.en.tif"]
    book.write_text(text, "utf-8")
    assert built(campaign) == fax("al-geneva"), "made alone this time, and before among others"
    assert {path: path.read_bytes() for path in before} == before


def test_a_rebuild_in_memory_compares_packets_and_messages_and_says_why_one_differs(campaign: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(campaign, workspace, copy_function=os.link)
    project = find(workspace)
    (whole,) = rebuilding.rebuild(project, pipeline.Request((LETTER,), ("en", "ko")))
    assert (len(whole.same), dict(whole.different)) == (32, {})
    folder = whole.folder
    put(folder / "email/af-geneva.eml", (folder / "email/af-geneva.eml").read_bytes().replace(b"af-geneva@", b"al-geneva@"))
    put(workspace / "pyproject.toml", (workspace / "pyproject.toml").read_bytes().replace(b"new-york@example.org", b"desk@example.org"))
    source = workspace / "content" / LETTER / "letter.md"
    put(source, source.read_bytes().replace(b"recipients: [af-new-york, ", b"recipients: ["))
    (told,) = rebuilding.rebuild(find(workspace), pipeline.Request((LETTER,), ("en", "ko"), ("email",)))
    why = f"it was made from something else: content/{LETTER}/letter.md changed"
    assert told.different == {
        "email/af-new-york.eml": "nothing makes it any more",
        "email/af-geneva.eml": "the file is not the one the manifest lists",
        "email/al-new-york.eml": why,
        "email/dz-new-york.eml": why,
    }
    put(folder / f"ko/{LETTER}.ko.pdf", b"%PDF-1.7 something else")
    (broken,) = rebuilding.rebuild(find(workspace), pipeline.Request((LETTER,), ("en", "ko"), ("email",)))
    assert broken.different["email/dz-geneva.eml"] == "a PDF that it carries is not the one the manifest lists"
    assert broken.different[f"ko/{LETTER}.ko.pdf"] == "the file is not the one the manifest lists"


def put(path: Path, data: bytes) -> None:
    """Replace a file that is a link to another workspace's."""
    assert data != path.read_bytes()
    path.unlink()
    path.write_bytes(data)


def test_messages_to_many_are_made_only_when_asked_for(campaign: Path) -> None:
    project: Project = find(campaign)
    edition = prepare(project, LETTER, ["en"], official=False)
    (few, many) = (Edition(replace(edition.letter, recipients=(edition.letter.recipients * 9)[:count]), {}, official=True) for count in (preview.FEW, preview.FEW + 1))
    assert [preview.wanted(project, one, formats) for one in (few, many) for formats in ((), ("pdf",), ("email",))] == [True, False, True, False, False, True]
