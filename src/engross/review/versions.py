"""Versions of a letter to compare: as it stands, as a git revision or a frozen edition has it, or as a file says."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engross import files, redaction
from engross.content import editions
from engross.edition import read_source
from engross.errors import OutsideError, Rejected, UsageError
from engross.project import Project
from engross.review import frozen, manuscript
from engross.review.manuscript import Line

_EDITION = re.compile(r"edition-([1-9]\d{0,3})\Z")
_LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a letter in one language."""

    name: str
    """What readers call it: `as it stands`, `edition 1`, a revision."""
    lines: tuple[Line, ...]


def current(project: Project, name: str, lang: str, called: str = "as it stands") -> Version:
    """The letter as the workspace has it; of a translation the texts of the catalogue, also those that are fuzzy.

    Raises:
        Rejected: the letter or a catalogue cannot be read.
    """
    from engross import translation

    source, problems = read_source(project, name)
    if source is None:
        raise Rejected(problems)
    lines = manuscript.lines(source.letter)
    if lang == source.letter.source_lang:
        return Version(called, tuple(lines))
    catalogues, found = translation.load(project, lang, source.letter)
    if any(problem.is_error for problem in found):
        raise Rejected(found)
    printed = {s.label: s for s in translation.localize(source.letter, catalogues, project.locale(lang)).segments()}
    out = []
    for line in lines:
        entry = catalogues.find(line.segment)
        own = printed[line.segment.label] if line.segment.optional else replace(line.segment, text=entry.text if entry else "", lang=lang)
        out.append(replace(line, segment=own))
    return Version(called, tuple(out))


def against(project: Project, name: str, lang: str, asked: str) -> Version:
    """The version to compare with: `edition-1`, a letter.md, a .po file, or a git revision.

    Raises:
        UsageError: there is none of that name.
        Rejected: the file cannot be read as what it is.
        EngrossError: the record of the edition is damaged.
        OutsideError: git is not installed or failed.
    """
    edition = _EDITION.match(asked)
    if edition:
        return _frozen(project, name, lang, int(edition[1]))
    path = Path(asked)
    if path.suffix in (".md", ".po") and path.is_file():
        return _file(project, name, lang, path)
    return _revision(project, name, lang, asked)


def _frozen(project: Project, name: str, lang: str, number: int) -> Version:
    record = editions.read(project, name, number)
    if record is None or lang not in record.versions:
        signed = ", ".join(record.versions) if record else ""
        hint = f"it was signed in {signed}" if signed else f"editions are frozen when they are signed, in content/{name}/editions/"
        raise UsageError(f"{name} has no edition {number} signed in {lang}", hint=hint)
    return Version(f"edition {number}", tuple(frozen.lines_of(record.versions[lang].content, lang)))


def _file(project: Project, name: str, lang: str, path: Path) -> Version:
    if path.stat().st_size > _LARGEST:
        raise UsageError(f"{path.name} is larger than a letter can be")
    source = lang == project.settings.languages[0]
    if (path.suffix == ".md") is not source:
        raise UsageError(f"{path.name} is not of this language", hint="a letter.md is compared with the letter as written, a .po with a translation: give -l")
    target = f"content/{name}/letter.md" if source else f"translations/{lang}/LC_MESSAGES/{name}.po"
    return _elsewhere(project, name, lang, {**_present(project, name, lang), target: path.read_bytes()}, path.name)


def _present(project: Project, name: str, lang: str) -> dict[str, bytes]:
    found = {path: files.read_or_empty(project.root / path) for path in _paths(name, lang)}
    return {path: data for path, data in found.items() if data}


def _paths(name: str, lang: str) -> tuple[str, ...]:
    catalogues = tuple(f"translations/{lang}/LC_MESSAGES/{domain}.po" for domain in (name, "missions"))
    return (f"content/{name}/letter.md", f"content/{name}/signatories.csv", "content/missions.yaml", "content/glossary.csv", *catalogues)


def _elsewhere(project: Project, name: str, lang: str, contents: Mapping[str, bytes], called: str) -> Version:
    """The letter that these files make, read in a folder of its own with this workspace's settings."""
    with tempfile.TemporaryDirectory(prefix="engross-") as folder:
        root = Path(folder).resolve()
        files.write_all(root, contents)
        (root / "layouts").symlink_to(project.layouts)
        return current(Project(root, project.settings), name, lang, called)


def _revision(project: Project, name: str, lang: str, revision: str) -> Version:
    """The letter as git has it at a revision."""
    if revision.startswith("-") or not revision.isprintable():
        raise UsageError(f"{revision!r} is no revision")
    commit = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if commit is None:
        raise UsageError(f"there is no revision, edition or file {revision!r}", hint="give a git revision, edition-1, a letter.md or a .po file")
    key = commit.decode("ascii").strip()
    contents = {path: data for path in _paths(name, lang) if (data := _git(project, "cat-file", "blob", f"{key}:./{path}")) is not None}
    if f"content/{name}/letter.md" not in contents:
        raise UsageError(f"{revision} has no letter {name}")
    return _elsewhere(project, name, lang, contents, revision)


def _git(project: Project, *arguments: str) -> bytes | None:
    """What git prints; `None` when it says there is no such thing. Hooks, pagers and configuration of the caller play no part."""
    try:
        environment = redaction.without(os.environ, [name for office in project.settings.offices.values() for name in office.secrets])
        run = subprocess.run(["git", "-C", str(project.root), "--no-pager", *arguments], capture_output=True, check=False, timeout=60, env=environment)  # noqa: S603, S607 - arguments are checked
    except FileNotFoundError as error:
        raise OutsideError("git is not installed", hint="compare with a file or an edition instead") from error
    except subprocess.TimeoutExpired as error:
        raise OutsideError("git does not answer") from error
    return run.stdout if run.returncode == 0 else None
