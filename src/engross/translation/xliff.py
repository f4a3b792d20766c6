"""A catalogue as XLIFF 1.1 and back, through translate-toolkit's programs po2xliff and xliff2po.

What the programs lose is put where they keep it: the role travels as the unit's source file, and the target language is added to what po2xliff writes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from engross.errors import OutsideError
from engross.translation.catalog import dump
from engross.translation.hostile import Refused, xml_root
from engross.translation.parse import parse
from engross.translation.po import Catalog, Entry

if TYPE_CHECKING:
    from lxml.etree import _Element

_UNFINISHED = ("new", "needs-")
_SECONDS = 60


def write(catalog: Catalog, *, original: str, source_tag: str, target_tag: str) -> bytes:
    """The entries in use as XLIFF. `original` names the catalogue in it.

    Raises:
        OutsideError: po2xliff is not installed or failed.
    """
    from lxml import etree

    carried = tuple(replace(entry, role="", references=(entry.role or "-",), comments=(entry.role, *entry.comments)) for entry in catalog.active)
    done = _run("po2xliff", "in.po", "out.xlf", dump(replace(catalog, entries=carried, tail=())))
    root = xml_root(done)
    for file in root.iter("{*}file"):
        file.set("original", original)
        file.set("source-language", source_tag)
        file.set("target-language", target_tag)
    for unit in root.iter("{*}trans-unit"):
        if unit.get("restype") == "x-gettext-domain-header":
            unit.set("translate", "no")
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8") + b"\n"


def read(data: bytes) -> list[Entry]:
    """The units that came back as entries; a role that was lost on the way is empty.

    Raises:
        Refused: it is not XLIFF, has a document type, or has elements inside its texts, which none of ours have.
        OutsideError: xliff2po is not installed or failed.
    """
    from lxml import etree

    root = xml_root(data)
    if etree.QName(root).localname != "xliff" or next(root.iter("{*}trans-unit"), None) is None:
        raise Refused("it is not XLIFF with translation units (version 1.1 or 1.2)", line=1)
    for unit in root.iter("{*}trans-unit"):
        _settle(unit)
    done = _run("xliff2po", "in.xlf", "out.po", etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    catalog, problems = parse(done, "")
    for problem in problems:
        if problem.code == "po-syntax":
            raise Refused(f"xliff2po made no catalogue of it: {problem.message}")
    return [replace(entry, role=_role(entry), references=()) for entry in catalog.active]


def target_languages(data: bytes) -> set[str]:
    """The tags of the languages that the file says it is translated into; empty when it does not say.

    Raises:
        Refused: it has a document type, or is no XML.
    """
    return {tag for file in xml_root(data).iter("{*}file") if (tag := file.get("target-language"))}


def _settle(unit: _Element) -> None:
    """Refuse markup inside the texts, and say in xliff2po's way whether the unit is finished: agencies seldom set `approved`."""
    for name in ("source", "target"):
        node = unit.find(f"{{*}}{name}")
        if node is not None and len(node):
            raise Refused(f"a {name} has elements inside its text", "the exported texts have none; export them without inline tags", line=cast("int | None", node.sourceline) or 0)
    target = unit.find("{*}target")
    if target is not None and target.text:
        finished = not (target.get("state") or "").startswith(_UNFINISHED)
        unit.set("approved", "yes" if finished else "no")


def _role(entry: Entry) -> str:
    role = next(iter(entry.references), entry.role)
    return "" if role == "-" or role.isdigit() else role


def _run(program: str, given: str, made: str, data: bytes) -> bytes:
    """What the program makes of `data`. It gets a folder of its own, and none of our environment but the path."""
    found = shutil.which(program)
    if not found:
        raise OutsideError(f"{program} is not installed", hint="install translate-toolkit (Debian: apt install translate-toolkit)")
    with tempfile.TemporaryDirectory(prefix="engross-") as folder:
        Path(folder, given).write_bytes(data)
        command = [found, "-i", given, "-o", made, "--progress=none"]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": folder}
        try:
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - the program by its full path, no shell
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OutsideError(f"{program} failed: {error}") from error
        result = Path(folder, made)
        if done.returncode or not result.is_file():
            raise OutsideError(f"{program} failed: {_last_line(done.stderr, done.stdout)}")
        return result.read_bytes()


def _last_line(*outputs: Iterable[int]) -> str:
    lines = [line for output in outputs for line in bytes(output).decode(errors="replace").splitlines() if line.strip()]
    return "".join(c if c.isprintable() else "?" for c in lines[-1]) if lines else "it said nothing"
