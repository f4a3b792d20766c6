"""veraPDF, where it is installed: a second opinion on PDF/A-3a and PDF/UA-1."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from lxml import etree

from engross import redaction
from engross.conformance.rule import Finding
from engross.errors import OutsideError

PROGRAM = "verapdf"
FLAVOURS = ("3a", "ua1")
SECONDS = 300


def version() -> str | None:
    """The version that is installed; `None` when there is none."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    lines = _run(program, "--version").stdout.decode(errors="replace").split("\n")
    return next((line.strip() for line in lines if line.startswith("veraPDF")), "unknown")


def verapdf(path: Path) -> list[Finding] | None:
    """What veraPDF says against a file; `None` when it is not installed.

    Raises:
        OutsideError: it is installed and fails.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    return [finding for flavour in FLAVOURS for finding in report(_run(program, "--format", "mrr", "--flavour", flavour, str(path)).stdout, flavour)]


def report(data: bytes, flavour: str) -> list[Finding]:
    """The failed rules of a machine-readable report.

    Raises:
        OutsideError: it is no report, or of a file that could not be read.
    """
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise OutsideError("veraPDF wrote no report", hint="run it by hand to see what it says") from error
    found = root.find(".//{*}validationReport")
    if found is None:
        raise OutsideError("veraPDF could not judge the file", hint="run it by hand to see what it says")
    findings = [_finding(rule, flavour) for rule in found.iterfind(".//{*}rule") if rule.get("status") != "passed"]
    if not findings and found.get("isCompliant") != "true":
        raise OutsideError("veraPDF refuses the file and does not say why", hint="run it by hand to see what it says")
    return findings


def _finding(rule: Any, flavour: str) -> Finding:
    clause = f"{rule.get('specification', '')}, {rule.get('clause', '')}"
    message = " ".join((rule.findtext("{*}description") or "").split())
    return Finding(f"verapdf-{flavour}-{rule.get('clause', '')}-{rule.get('testNumber', '')}", clause, message, (rule.findtext(".//{*}context") or "")[:120])


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([program, *arguments], capture_output=True, timeout=SECONDS, check=False, env=redaction.without(os.environ))  # noqa: S603  the program is the one on PATH
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutsideError(f"veraPDF failed: {error}", hint="run it by hand to see what it says") from error
