"""Languages that are signed by one command appear together or not at all, wherever it ends."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pypdfium2
import pytest

from engross import artifact
from engross.content import editions
from engross.files import FAILPOINT_VARIABLE
from engross.project import Project, find
from engross.sign import Request, checking, sign
from engross.verify import Verdict
from engross.verify.document import parse
from tests.conftest import link
from tests.sign.conftest import profile, signing
from tests.sign.letter import LETTER
from tests.sign.pki import Pki
from tests.sign.signed import reasons
from tests.sign.test_command import engross, files, folder, secret

SEAL = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="#c00000"/></svg>'
LANGUAGES = ("en", "ko")


@pytest.fixture(scope="module")
def begun(built: Path, pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the first of two officers has signed both languages, with a seal, and beside it the user's state."""
    top = tmp_path_factory.mktemp("begun")
    root = Path(shutil.copytree(built, top / "workspace", copy_function=link))
    signing(root, profile(pki, 2, image='"seal.svg"'))
    (root / "layouts/seal.svg").write_text(SEAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(top / "state"))
        assert [entry.waiting for entry in sign(find(root), Request(LETTER, LANGUAGES), secret)] == [("Officer No. 2",)] * 2
    return top


@pytest.fixture
def interrupted(begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True, copy_function=link)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("ENGROSS_PASSPHRASE", "correct horse")
    return find(tmp_path / "workspace")


@pytest.mark.parametrize("point", ["signed:en", "after-rename:en", "frozen"])
def test_a_crash_in_the_middle_shows_nothing_and_loses_nothing(interrupted: Project, point: str) -> None:
    """After the first of two signatures, after the first of two files was kept, after the edition was frozen."""
    state = Path(os.environ["XDG_STATE_HOME"])
    published, kept = files(folder(interrupted)), files(state)
    (english,) = state.rglob("en.*.pdf")
    crashed = engross(interrupted, "sign", LETTER, **{FAILPOINT_VARIABLE: f"after-rename:{english.name}" if point == "after-rename:en" else point})
    assert crashed.returncode == 137, crashed.stderr
    assert files(folder(interrupted)) == published
    assert all(files(state)[name].startswith(data) for name, data in kept.items())
    assert bool(editions.read(interrupted, LETTER, 1)) is (point == "frozen")
    done = sign(interrupted, Request(LETTER, LANGUAGES), secret)
    assert [(entry.language, entry.published, entry.signed) for entry in done] == [(lang, True, ("Officer No. 1", "Officer No. 2")) for lang in LANGUAGES]
    assert [seals(entry.path.read_bytes()) for entry in done] == [2, 2]
    report = checking.check(done[1].path, interrupted.root)
    assert (report.verdict, report.ours) == (Verdict.PASSED, True), reasons(report)
    standing = artifact.read_manifest(folder(interrupted))
    assert standing
    assert not artifact.damaged(folder(interrupted), standing)
    assert not files(state)


def seals(pdf: bytes) -> int:
    """How many fields show the red square."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        page = document[len(document) - 1]
        image, height = page.render(may_draw_forms=True).to_pil().convert("RGB"), page.get_height()
    boxes = [[float(side) for side in parse(pdf).fields[f"Officer{number}"]["/Rect"]] for number in (1, 2)]
    shown = [image.crop((round(left), round(height - top), round(right), round(height - bottom))) for left, bottom, right, top in boxes]
    return sum((0xC0, 0, 0) in [colour for _, colour in box.getcolors(10**6)] for box in shown)
