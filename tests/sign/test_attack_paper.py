"""A seal on paper, typed in by somebody who reads it there: which text it is, whether anybody signed it, and what a slip of the eye or the finger does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engross import artifact
from engross.content import editions
from engross.edition import prepare
from engross.errors import EngrossError, UsageError
from engross.project import Project
from engross.sign import seals
from engross.sign.seals import State
from tests.conftest import link
from tests.sign.letter import LETTER
from tests.sign.test_command import engross

SEAL = "0e447ae05b1d6c228f90"


@pytest.mark.parametrize(
    "typed",
    [
        "0E44 7AE0 5B1D 6C22 8F90", "0e447ae05b1d6c228f90", "0E44-7AE0-5B1D-6C22-8F90", " 0E44  7AE0 5B1D\t6C22\u00a08F90 ", "Seal 0E44 7AE0 5B1D 6C22 8F90", "봉인: 0E44 7AE0 5B1D 6C22 8F90",
        "2030-01-31-joint/1/en 0E44 7AE0 5B1D 6C22 8F90", "０Ｅ４４ ７ＡＥ０ ５Ｂ１Ｄ ６Ｃ２２ ８Ｆ９０", "OE44 7AEO 5BlD 6C22 8F9O", "0E44 7AE0 SBID GCZZ 8F90", "Sello 0E44 7AE0 5B1D 6C22 8F90",
    ],
)  # fmt: skip
def test_how_people_type_a_seal(typed: str) -> None:
    assert seals.digits(typed) == SEAL


@pytest.mark.parametrize("typed", ["", "0E44", "0E44 7AE0 5B1D 6C2", "0E44 7AE0 5B1D 6C2X", "the seal at the foot", "0" * 65])
def test_what_is_no_seal(typed: str) -> None:
    with pytest.raises(UsageError, match="no seal"):
        seals.digits(typed)


def sealed(project: Project, lang: str) -> str:
    manifest = artifact.read_manifest(project.output / LETTER / "edition-1")
    assert manifest
    return manifest.seals[lang]


def freeze(project: Project, number: int = 1) -> Path:
    """The record that signing would write, of both languages."""
    versions = prepare(project, LETTER, project.languages(()), official=True).versions
    path = editions.path(project, LETTER, number)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(editions.FrozenEdition(LETTER, number, {lang: editions.frozen_version(version.letter, {}) for lang, version in versions.items()}).to_json())
    return path


@pytest.mark.parametrize(("lang", "words"), [("en", "Keep them clean"), ("ko", "깨끗이 지켜")])
def test_built_and_not_signed(workspace: Project, lang: str, words: str) -> None:
    (match,) = seals.find(workspace, sealed(workspace, lang)[:20])
    assert (match.number, match.state, match.is_exact) == (f"{LETTER}/1/{lang}", State.BUILT, True)
    assert words in match.text


def test_the_command_says_that_nobody_signed(workspace: Project) -> None:
    seal = sealed(workspace, "ko")[:20].upper()
    shown = engross(workspace, "verify", "--seal", f"봉인 {seal[:4]} {seal[4:]}")
    assert f"{LETTER}/1/ko, not signed yet" in shown.stdout
    assert "proves nothing about the paper" in shown.stdout
    assert shown.returncode == 0


def test_signed_in_every_language(workspace: Project) -> None:
    freeze(workspace)
    for lang in ("en", "ko"):
        (match,) = seals.find(workspace, sealed(workspace, lang)[:20])
        assert (match.number, match.state, match.superseded_by) == (f"{LETTER}/1/{lang}", State.SIGNED, 0)
    freeze(workspace, 2)
    assert {match.superseded_by for match in seals.find(workspace, sealed(workspace, "en"))} == {0, 2}


def test_a_draft_is_not_what_left_the_house(workspace: Project) -> None:
    folder = workspace.output / LETTER
    (folder / "edition-1").rename(folder / "draft")
    path = folder / "draft" / "manifest.json"
    seal = artifact.read_manifest(folder / "draft").seals["en"]  # type: ignore[union-attr]
    path.write_text(path.read_text("utf-8").replace('"state": "official"', '"state": "draft"'), "utf-8")
    (match,) = seals.find(workspace, seal[:20])
    assert (match.state, match.is_exact) == (State.DRAFT, False)


def test_slips(workspace: Project) -> None:
    """One or two digits misread still name the text, and are told; more, or two texts that may be meant, name none."""
    seal = sealed(workspace, "en")[:20]

    def typed(count: int) -> str:
        return "".join(f"{(int(digit, 16) + 1) % 16:x}" if at < count else digit for at, digit in enumerate(seal))

    assert [(match.slips, match.is_exact) for match in seals.find(workspace, typed(2))] == [(2, False)]
    assert seals.find(workspace, typed(3)) == []
    other = workspace.output / LETTER / "edition-2"
    shutil.copytree(workspace.output / LETTER / "edition-1", other, copy_function=link)
    manifest = (other / "manifest.json").read_text("utf-8")
    (other / "manifest.json").unlink()
    (other / "manifest.json").write_text(manifest.replace(seal, typed(1)).replace('"edition": 1', '"edition": 2'), "utf-8")
    assert [match.number for match in seals.find(workspace, typed(1))] == [f"{LETTER}/2/en"]
    assert seals.find(workspace, typed(2)) == []


def test_a_changed_record_is_noticed(workspace: Project) -> None:
    path = freeze(workspace)
    path.write_text(path.read_text("utf-8").replace("Keep them free", "Keep them dry"), "utf-8")
    with pytest.raises(EngrossError, match="its seal is not that of its text"):
        seals.find(workspace, sealed(workspace, "en"))
