"""The four official PDFs keep the rules of PDF/A-3a and PDF/UA-1, as we read them and as others do."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from engross import conformance

LANGUAGES = ["en", "ko", "ja", "es"]


def pdf(official: Path, lang: str) -> Path:
    return official / lang / f"2018-06-06-dprk.{lang}.pdf"


def run(*command: object) -> str:
    return subprocess.run([str(part) for part in command], capture_output=True, check=True).stdout.decode(errors="replace")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_rule_is_broken(official: Path, lang: str) -> None:
    assert [str(finding) for finding in conformance.check(pdf(official, lang).read_bytes())] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_qpdf_finds_the_file_sound(official: Path, lang: str) -> None:
    said = run("qpdf", "--check", pdf(official, lang))
    assert "No syntax or stream encoding errors found" in said
    assert "WARNING" not in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_poppler_sees_embedded_subsets_with_text(official: Path, lang: str) -> None:
    rows = [line.split() for line in run("pdffonts", pdf(official, lang)).splitlines()[2:]]
    assert rows
    assert all(re.fullmatch("[A-Z]{6}[+].*", row[0]) and row[-5:-2] == ["yes", "yes", "yes"] for row in rows), rows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_poppler_sees_a_tagged_file_with_its_claims(official: Path, lang: str) -> None:
    facts = dict(line.split(":", 1) for line in run("pdfinfo", pdf(official, lang)).splitlines() if ":" in line)
    assert {key: facts[key].strip() for key in ("Tagged", "Encrypted", "JavaScript", "Suspects", "Form")} == {
        "Tagged": "yes", "Encrypted": "no", "JavaScript": "no", "Suspects": "no", "Form": "none",
    }  # fmt: skip
    tree = run("pdfinfo", "-struct", pdf(official, lang))
    assert {"Document", "H1", "P", "L", "LI", "LBody", "Link"} <= set(re.findall(r"^ *(\w+)", tree, re.MULTILINE))
