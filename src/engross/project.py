"""The workspace on disk and its settings, `[tool.engross]` in pyproject.toml. Nothing is ambient: whoever needs them gets a `Project`."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from engross.errors import Position, Problem, Rejected, UsageError
from engross.locales import Locale, extended
from engross.settings_dispatch import Office, read_offices
from engross.settings_signing import OFFICERS, Profile, read_signing
from engross.values import value_class

SETTINGS_FILE = "pyproject.toml"
LETTER_ID = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
PAPERS = ("a4", "letter")
ENVIRONMENT = ("ENGROSS_DELIVER_TO", "ENGROSS_FAILPOINT", "ENGROSS_SPEEDUPS", "ENGROSS_PASSPHRASE", *(f"ENGROSS_PASSPHRASE_{number}" for number in range(1, OFFICERS + 1)))
"""The environment variables the program reads; any other `ENGROSS_*` is a slip of the keyboard and an error."""


@value_class
class Settings:
    """`[tool.engross]`, with defaults that need no settings at all."""

    languages: tuple[str, ...] = ("en",)
    """Locales the letters leave in; the first is the source language."""
    paper: str = "a4"
    authoritative: str = ""
    """Locale of the version that prevails; empty when nobody said."""
    logo: str = ""
    """A PNG or SVG in layouts/ for the letterhead."""
    seal_qr: bool = False
    """Whether the last page of the print carries document number and seal as a QR code."""
    locales: Mapping[str, Locale] = field(default_factory=lambda: extended({}))
    offices: Mapping[str, Office] = field(default_factory=dict)
    ledger: str = ""
    """Path or PostgreSQL URL of the delivery record; the user's state directory when empty."""
    ledger_id: str = ""
    """Which ledger it has to be, a UUID; any when empty."""
    signing: Mapping[str, Profile] = field(default_factory=dict)


@value_class
class Project:
    """A workspace: its folder and settings, and the names of what lies in it."""

    root: Path
    settings: Settings

    @property
    def content(self) -> Path:
        """Folder of the letters, the address book and the glossary."""
        return self.root / "content"

    @property
    def translations(self) -> Path:
        """Folder of the catalogues."""
        return self.root / "translations"

    @property
    def layouts(self) -> Path:
        """Folder of templates, style sheets and fonts."""
        return self.root / "layouts"

    @property
    def output(self) -> Path:
        """Folder of what is made."""
        return self.root / "output"

    def relative(self, path: Path) -> str:
        """The path as problems name it."""
        return path.relative_to(self.root).as_posix()

    def letters(self) -> list[str]:
        """Ids of the letters, sorted."""
        return sorted(path.parent.name for path in self.content.glob("*/letter.md"))

    def pick(self, asked: Iterable[str]) -> list[str]:
        """The letters asked for, or all.

        Raises:
            UsageError: there is no such letter; the message names the nearest.
        """
        known, asked = self.letters(), list(asked)
        for name in asked:
            if name not in known:
                raise UsageError(f"there is no letter {name!r}", hint=_nearest(name, known) or f"letters are folders in {self.relative(self.content)}/ that hold a letter.md")
        return asked or known

    def languages(self, asked: Iterable[str]) -> list[str]:
        """The languages asked for, or all, in the order of the settings."""
        known, asked = self.settings.languages, list(asked)
        for code in asked:
            if code not in known:
                raise UsageError(f"the settings do not name the language {code!r}", hint=_nearest(code, known) or f"languages: {', '.join(known)}")
        return [code for code in known if not asked or code in asked]

    def locale(self, code: str) -> Locale:
        """What the tables say of a language."""
        return self.settings.locales[code]


def find(start: Path) -> Project:
    """The workspace that `start` lies in.

    Raises:
        UsageError: no folder above `start` has a pyproject.toml with `[tool.engross]`.
        Rejected: the settings have faults.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        file = folder / SETTINGS_FILE
        if file.is_file():
            table = _toml(file).get("tool", {}).get("engross")
            if table is not None:
                settings, problems = read_settings(table)
                problems += unknown_environment(os.environ)
                if problems:
                    raise Rejected(problems, f"{len(problems)} problem(s) in the settings")
                return Project(folder, settings)
    raise UsageError(f"{start} is not in a workspace", hint="go to the folder with the pyproject.toml that has [tool.engross], or make one with `engross init FOLDER`")


def read_settings(table: Mapping[str, Any]) -> tuple[Settings, list[Problem]]:
    """Settings from the parsed `[tool.engross]` table, and everything that is wrong with it."""
    problems = _unknown(table, ("languages", "paper", "authoritative", "logo", "locales", "offices", "ledger", "ledger_id", "seal_qr", "signing"), "")
    values: dict[str, Any] = {}
    for key, kind in (
        ("languages", list),
        ("paper", str),
        ("authoritative", str),
        ("logo", str),
        ("locales", dict),
        ("offices", dict),
        ("ledger", str),
        ("ledger_id", str),
        ("seal_qr", bool),
        ("signing", dict),
    ):
        if key in table:
            if isinstance(table[key], kind):
                values[key] = table[key]
            else:
                problems.append(_fault(f"{key} must be a {_KIND_NAMES[kind]}", ""))
    values["locales"] = _locales(values.get("locales", {}), problems)
    values["offices"], wrong = read_offices(values.get("offices", {}))
    problems += wrong
    values["signing"], found = read_signing(values.get("signing", {}))
    problems += found
    values["languages"] = tuple(str(code) for code in values.get("languages", ["en"])) or ("en",)
    for code in values["languages"]:
        if code not in values["locales"]:
            problems.append(_fault(f"no locale entry for the language {code!r}", _nearest(code, values["locales"]) or f"run `engross language add {code}`"))
    if values.get("authoritative") and values["authoritative"] not in values["languages"]:
        problems.append(_fault(f"authoritative = {values['authoritative']!r} is not among the languages", ""))
    if values.get("ledger_id") and not _UUID.match(values["ledger_id"]):
        problems.append(_fault(f"ledger_id = {values['ledger_id']!r} is not the number of a ledger", "as `engross deliveries LETTER init` prints it"))
    if values.get("paper", "a4") not in PAPERS:
        problems.append(_fault(f"paper = {values['paper']!r} is unknown", "paper is a4 or letter"))
    return Settings(**values), problems


def unknown_environment(environment: Mapping[str, str]) -> list[Problem]:
    """One problem for each `ENGROSS_*` variable that the program does not read."""
    return [
        Problem("unknown-variable", f"the environment variable {name} is unknown", Position("environment"), _nearest(name, ENVIRONMENT))
        for name in sorted(environment)
        if name.startswith("ENGROSS_") and name not in ENVIRONMENT
    ]


_KIND_NAMES = {list: "list", str: "text", dict: "table", bool: "true or false"}


_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_TOML_HINT = 'a line is [section] or key = value; texts stand between quotes, "like this", and a section or a key stands once in the file'


def _toml(file: Path) -> dict[str, Any]:
    data = file.read_bytes()
    try:
        return tomllib.loads(data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n"))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1] or data.count(b"\n") + 1), int(place[2] or 0)) if place else (0, 0)
        said = str(error)[: place.start()] if place and place[1] else str(error)
        problem = Problem("bad-settings", f"not TOML: {said}", Position(SETTINGS_FILE, line, column), _TOML_HINT)
    except UnicodeDecodeError as error:
        problem = Problem("bad-settings", "the file is not UTF-8", Position(SETTINGS_FILE, data.count(b"\n", 0, error.start) + 1), "save the file as UTF-8 in your editor")
    raise Rejected([problem])


def _fault(message: str, hint: str) -> Problem:
    return Problem("bad-settings", f"[tool.engross] {message}", Position(SETTINGS_FILE), hint)


def _unknown(table: Mapping[str, Any], known: Iterable[str], where: str) -> list[Problem]:
    known = list(known)
    return [
        Problem("unknown-setting", f"[tool.engross{where}] has no key {key!r}", Position(SETTINGS_FILE), _nearest(key, known) or f"keys: {', '.join(known)}")
        for key in table
        if key not in known
    ]


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else ""


def _locales(table: Mapping[str, Any], problems: list[Problem]) -> Mapping[str, Locale]:
    try:
        return extended(table)
    except (TypeError, AttributeError) as error:
        problems.append(_fault(f"locales: {error}", "see docs/staff.md for the keys of a locale"))
        return extended({})
