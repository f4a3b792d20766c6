"""The trial of docs/signing.md, as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPO

ENGROSS = f'engross() {{ "{sys.executable}" -m engross "$@"; }}\n'


def test_the_trial_ends_as_it_says(real: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    section = (REPO / "docs" / "signing.md").read_text("utf-8").partition("## A trial\n")[2].partition("\n## ")[0]
    keys, settings, commands = re.findall(r"```(?:sh|toml)\n(.*?)```", section, re.DOTALL)

    def run(script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(shutil.which("bash")), "-c", ENGROSS + script], cwd=real, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    made = run("set -e\n" + keys)
    assert made.returncode == 0, made.stderr
    fingerprint = re.search(r"Fingerprint=([\dA-F:]+)", made.stdout)
    assert fingerprint
    with (real / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + settings.replace("…", fingerprint[1]))
    done = run(commands.replace("--official", "--official -l en -f pdf").replace("engross sign 2018-06-06-dprk", "engross sign 2018-06-06-dprk -l en"))
    assert re.findall(r"^\S+\.signed\.pdf: (\w+)$", done.stdout, re.MULTILINE) == ["indeterminate"], done.stdout + done.stderr
    assert re.findall(r"^  \w+\[(\w+)\]", done.stdout, re.MULTILINE) == ["evidence"]
    (signed,) = real.glob("output/*/edition-1/en/*.signed.pdf")
    data = bytearray(signed.read_bytes())
    data[len(data) // 3] ^= 1
    signed.write_bytes(data)
    assert f"{signed.name}: failed" in run("engross verify output/*/edition-1/*/*.signed.pdf").stdout
