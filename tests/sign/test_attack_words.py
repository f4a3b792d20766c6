"""What somebody is told who was only sent the file: in one sentence what the verdict means, each reason once, and what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engross.cli import verifying
from engross.project import Project
from engross.sign import checking
from engross.verify import Report, Verdict
from tests.conformance.faults import saved
from tests.sign.attacks import ends, flip
from tests.sign.letter import LETTER
from tests.sign.signed import House, reasons


def hints(report: Report, rule: str) -> str:
    return " ".join(finding.hint for finding in report.findings if finding.rule == rule)


def test_who_knows_nobody_learns_that_nothing_was_changed(house: House, complete: bytes) -> None:
    """Without a profile nothing passes, but a change is a change."""
    report = house.verify(complete, officers=None, anchors=(), tsa_anchors=())
    assert [finding.rule for finding in report.findings] == ["certificate", "officers"], "each reason once, not for each signature"
    assert "--settings FOLDER" in hints(report, "certificate")
    assert verifying._summary(report).startswith("Nothing in this file was changed since it was signed.")
    changed = house.verify(flip(complete, 2000), officers=None, anchors=(), tsa_anchors=())
    assert verifying._summary(changed) == "Do not rely on this file; the reasons are below."


PROFILE = """[tool.engross.signing.default]
anchors = ["root.pem"]
tsa_anchors = ["tsa-root.pem"]
"""


def test_a_folder_for_those_who_only_verify(house: House, complete: bytes, tmp_path: Path) -> None:
    """Roots and officers, as the sender gave them: no keys, no servers, no content."""
    officers = "".join(f'[[tool.engross.signing.default.officers]]\nrole = "{o.role}"\nfield = "{o.field}"\nfingerprint = "{o.fingerprint}"\n' for o in house.profile.officers)
    (tmp_path / "pyproject.toml").write_text(PROFILE + officers)
    for name in ("root", "tsa-root"):
        (tmp_path / f"{name}.pem").write_bytes(house.pki.pem(name).read_bytes())
    path = tmp_path / "letter (1).pdf"
    path.write_bytes(complete)
    report = checking.check(path, tmp_path)
    assert (report.verdict, report.ours) == (Verdict.PASSED, None), reasons(report)


@pytest.mark.parametrize(("change", "words"), [(lambda d: d[:30000], "cannot be read"), (lambda d: d + b"\n--attachment--", "bytes stand after the end")])
def test_damaged_on_its_way(house: House, complete: bytes, change, words: str) -> None:
    report = house.verify(change(complete))
    assert words in reasons(report)
    assert "ask for it again" in hints(report, "file")


def test_a_file_that_nobody_signed(house: House, unsigned: bytes) -> None:
    """It is told once that nobody signed and whose signature is missing, not what else follows from that."""
    report = house.verify(unsigned)
    assert [finding.rule for finding in report.findings] == ["officers", "signatures"], reasons(report)
    assert ".signed.pdf" in hints(report, "signatures")

    def printed(pdf: Any) -> None:
        del pdf.Root.AcroForm

    assert "ask for the very file" in hints(house.verify(saved(unsigned, printed)), "signatures")


def test_a_good_file_beside_a_damaged_list(workspace: Project, house: House, complete: bytes) -> None:
    """The list of what was published is another file: the signatures on this one hold, and that is said."""
    folder = workspace.output / LETTER / "edition-1"
    (folder / "signed.json").write_text("{}")
    (folder / "signed.json.p7s").write_bytes(b"junk")
    path = workspace.root / "letter (1).pdf"
    path.write_bytes(complete)
    report = checking.check(path, workspace.root)
    assert (report.verdict, report.authentic, report.ours) == (Verdict.FAILED, True, None), reasons(report)
    assert verifying._summary(report) == "Its signatures hold, but our own list of what was published does not."
    path.write_bytes(complete[: ends(complete)[2]])
    assert verifying._summary(checking.check(path, workspace.root)) == "Do not rely on this file; the reasons are below."


def test_what_each_verdict_means(house: House, complete: bytes) -> None:
    passed = house.verify(complete)
    assert "not known here" in verifying._summary(passed)
    assert "it is the one that was published" in verifying._summary(replace(passed, ours=True))
    assert "not the file that was published" in verifying._summary(replace(passed, ours=False, verdict=Verdict.FAILED))
    proven = passed.signatures[0].proven_at
    assert proven
    assert "no proof against it" in verifying._summary(house.verify(complete, at=proven.replace(year=2020)))
