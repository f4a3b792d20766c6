"""veraPDF is asked where it is installed; here a program of its name stands in for it and writes the reports that it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from engross.conformance import verapdf
from engross.conformance.verapdf import report, version
from engross.errors import OutsideError

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<report><jobs><job><item size="1"><name>letter.pdf</name></item>
<validationReport profileName="PDF/A-3A validation profile" isCompliant="{compliant}"><details passedRules="1" failedRules="1">{rules}</details></validationReport>
</job></jobs></report>"""
RULE = """<rule specification="ISO 19005-3:2012" clause="6.2.11.5" testNumber="1" status="failed" passedChecks="0" failedChecks="1">
<description>Glyph widths
  are consistent</description><check status="failed"><context>root/document[0]/pages[0]</context></check></rule>"""


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "verapdf"
    path.write_text("#!/bin/sh\n" + script, "utf-8")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_where_it_is_not_installed_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert verapdf(tmp_path / "letter.pdf") is None
    assert version() is None


def test_both_standards_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = REPORT.format(compliant="true", rules="")
    failed = REPORT.format(compliant="false", rules=RULE)
    program(tmp_path, f"case \"$*\" in *ua1*) cat <<'END'\n{passed}\nEND\n;; *) cat <<'END'\n{failed}\nEND\nexit 1;; esac\n", monkeypatch)
    found = verapdf(tmp_path / "letter.pdf")
    assert found is not None
    assert [(finding.rule, finding.clause, finding.message, finding.where) for finding in found] == [
        ("verapdf-3a-6.2.11.5-1", "ISO 19005-3:2012, 6.2.11.5", "Glyph widths are consistent", "root/document[0]/pages[0]")
    ]


def test_the_version_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "echo 'veraPDF 1.28.1'; echo Built: today\n", monkeypatch)
    assert version() == "veraPDF 1.28.1"


@pytest.mark.parametrize(
    "output",
    ["", "java: not found", "<report><jobs><job><taskException/></job></jobs></report>", REPORT.format(compliant="false", rules="")],
    ids=["nothing", "no-xml", "no-verdict", "no-reason"],
)
def test_no_report_is_no_approval(output: str) -> None:
    with pytest.raises(OutsideError):
        report(output.encode(), "3a")
