"""A small official PDF, built once with fields for its officers, and the PKI that they sign with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from engross.project import Project, find
from engross.sign import policy_of
from tests.conftest import link
from tests.sign import letter
from tests.sign import pki as pki_module
from tests.sign.letter import LETTER
from tests.sign.once import once
from tests.sign.pki import PASSPHRASE, Pki
from tests.sign.signed import House


def profile(pki: Pki, officers: int, *, level: str = "B-LTA", name: str = "default", tsa: Sequence[str] = ("main/tsa/tsa",), **more: str) -> str:
    """A profile of the settings as staff write it."""
    lines = [f"[tool.engross.signing.{name}]", f'level = "{level}"', f"tsa = {[f'{pki.url}/{path}' for path in tsa]}"]
    lines += [f'anchors = ["{pki.pem("root")}"]', f'tsa_anchors = ["{pki.pem("tsa-root")}"]', f'chain = ["{pki.pem("interm")}"]']
    lines += [f"{key} = {value}" for key, value in more.items()]
    for number in range(1, officers + 1):
        certificate = f"officer{number}"
        lines += ["", f"[[tool.engross.signing.{name}.officers]]", f'role = "Officer No. {number}"', f'field = "Officer{number}"']
        lines += [f'fingerprint = "{pki.certificate(certificate).sha256.hex()}"', f'key = {{pkcs12 = "{pki.pkcs12(certificate)}"}}']
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    keys = once(tmp_path_factory, "keys", pki_module.make_keys)
    with pki_module.running(Path(shutil.copytree(keys, tmp_path_factory.mktemp("pki") / "pki"))) as served:
        yield served


@pytest.fixture(scope="session")
def built(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose English and Korean official PDFs wait for two officers. To read; tests write into copies.

    The PDFs do not depend on certificates, so that one build serves all processes of the session; each has authorities of its own.
    """
    shared = once(tmp_path_factory, "built", lambda folder: letter.built(folder / "workspace", profile(pki, 2)))
    root = Path(shutil.copytree(shared / "workspace", tmp_path_factory.mktemp("built") / "workspace", copy_function=link))
    signing(root, profile(pki, 2))
    return root


def signing(root: Path, settings: str) -> None:
    """Let the workspace's settings have this signing profile and no other."""
    path = root / "pyproject.toml"
    path.write_text(path.read_text("utf-8").partition("[tool.engross.signing")[0] + settings, "utf-8")


@pytest.fixture
def workspace(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the built workspace, with a state folder of its own and the officers' passphrase at hand."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("ENGROSS_PASSPHRASE", PASSPHRASE)
    return find(Path(shutil.copytree(built, tmp_path / "workspace", copy_function=link)))


@pytest.fixture(scope="session")
def house(pki: Pki, built: Path) -> House:
    """The two officers of the built workspace."""
    project = find(built)
    chosen = project.settings.signing["default"]
    return House(pki, chosen, policy_of(project, chosen, chosen.officers))


@pytest.fixture(scope="session")
def unsigned(built: Path) -> bytes:
    return (built / "output" / LETTER / "edition-1" / "en" / f"{LETTER}.en.pdf").read_bytes()


@pytest.fixture(scope="session")
def half(house: House, unsigned: bytes) -> bytes:
    """The English PDF, signed by the first officer."""
    return house.one(unsigned, house.profile.officers[0], first=True, last=False)


@pytest.fixture(scope="session")
def complete(house: House, half: bytes) -> bytes:
    """The English PDF, signed by both officers at level B-LTA."""
    return house.one(half, house.profile.officers[1], first=False, last=True)
