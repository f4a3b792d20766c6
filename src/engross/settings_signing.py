"""`[tool.engross.signing.<profile>]`: who signs the official PDF, in which order, with which certificate, and whom the readers trust."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import field as made
from enum import IntEnum
from typing import Any

from engross.errors import Position, Problem
from engross.values import value_class

OFFICERS = 12
"""At most so many officers sign one PDF."""
ARCHIVE_FIELDS = tuple(f"ArchivalTimestamp{number}" for number in range(1, 7))
"""Fields for archive time stamps that wait in every PDF that is to be signed: the first for signing, the others for renewals."""
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,39}\Z")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")


class Level(IntEnum):
    """PAdES baseline levels, ETSI EN 319 142-1, 6."""

    B = 1
    T = 2
    LT = 3
    LTA = 4

    @property
    def label(self) -> str:
        """As the standard writes it, `B-LTA`."""
        return f"B-{self.name}"


LEVELS: Mapping[str, Level] = {level.label: level for level in Level}


@value_class
class Key:
    """Where an officer's key is. Passphrases and PINs are never here."""

    kind: str
    """`pkcs12`, `pem` or `pkcs11`."""
    path: str
    """The key file, or the library of the token; `~` is the home folder, other paths begin at the workspace."""
    certificate: str = ""
    """PEM file with the certificate, and perhaps its chain, for `pem`."""
    token: str = ""
    """Label of the PKCS#11 token."""
    label: str = ""
    """Label of key and certificate on the token."""
    id: str = ""
    """Their CKA_ID in hexadecimal, instead of a label."""


@value_class
class Officer:
    """One who signs the PDF."""

    role: str
    field: str
    """Name of the signature field."""
    fingerprint: str = ""
    """SHA-256 of the expected certificate, hexadecimal."""
    subject: str = ""
    """RFC 4514 name of the expected certificate, when there is no fingerprint."""
    issuer: str = ""
    key: Key | None = None
    roles: Mapping[str, str] = made(default_factory=dict)
    """The role in other languages, by locale."""

    def role_in(self, lang: str) -> str:
        """The role as a PDF in this language prints it."""
        return self.roles.get(lang, self.role)


@value_class
class Profile:
    """A way to sign, and at the same time what a verifier expects."""

    name: str
    level: Level = Level.LTA
    officers: tuple[Officer, ...] = ()
    tsa: tuple[str, ...] = ()
    """Time stamp servers, tried in this order."""
    anchors: tuple[str, ...] = ()
    """PEM files of the roots that officers' certificates must lead to."""
    tsa_anchors: tuple[str, ...] = ()
    """PEM files of the roots that time stamps must lead to."""
    chain: tuple[str, ...] = ()
    """PEM files of intermediate certificates."""
    crls: tuple[str, ...] = ()
    """CRL files for levels that carry no evidence of their own."""
    visible: bool = True
    image: str = ""
    """PNG or SVG in layouts/ for the visible signature."""
    letters: tuple[str, ...] = ()
    """Letters that are signed this way; the others take the profile `default`, or the only one."""

    def signers(self, roles: Iterable[str]) -> tuple[Officer, ...]:
        """The officers of a letter: those whose role its `signed_by` names, or all."""
        wanted = set(roles)
        return tuple(officer for officer in self.officers if not wanted or officer.role in wanted)


def choose(profiles: Mapping[str, Profile], letter: str) -> Profile | None:
    """The profile that signs a letter; nothing when the settings have none for it."""
    named = [profile for profile in profiles.values() if letter in profile.letters]
    general = [profile for profile in profiles.values() if not profile.letters]
    return next(iter(named), None) or profiles.get("default") or (general[0] if len(general) == 1 else None)


_KEYS: Mapping[str, type] = {
    "level": str, "officers": list, "tsa": list, "anchors": list, "tsa_anchors": list, "chain": list, "crls": list, "appearance": str, "image": str, "letters": list,
}  # fmt: skip
_OFFICER_KEYS: Mapping[str, type] = {"role": str, "roles": dict, "field": str, "fingerprint": str, "subject": str, "issuer": str, "key": dict}
_KEY_KEYS = ("pkcs12", "pem", "pkcs11", "certificate", "token", "label", "id")


def read_signing(table: Mapping[str, Any]) -> tuple[dict[str, Profile], list[Problem]]:
    """Profiles from the parsed `[tool.engross.signing]` table, and everything that is wrong with it."""
    problems: list[Problem] = []
    profiles = {name: _profile(name, entry if isinstance(entry, dict) else {}, problems) for name, entry in table.items()}
    general = [name for name, profile in profiles.items() if not profile.letters]
    if len(general) > 1 and "default" not in profiles:
        problems.append(_fault("", f"the profiles {', '.join(general)} compete", 'call one of them `default`, or name the letters of the others: letters = ["…"]'))
    return profiles, problems


def _profile(name: str, table: Mapping[str, Any], problems: list[Problem]) -> Profile:
    where = f".{name}"
    values = _values(table, _KEYS, where, problems)
    level = LEVELS.get(values.get("level", "B-LTA"))
    if level is None:
        problems.append(_fault(where, f"level = {values['level']!r} is unknown", f"levels: {', '.join(LEVELS)}"))
    appearance = values.get("appearance", "visible")
    if appearance not in ("visible", "none"):
        problems.append(_fault(where, f"appearance = {appearance!r} is unknown", "appearance is visible or none"))
    officers = tuple(_officer(entry if isinstance(entry, dict) else {}, f"{where}.officers[{i}]", problems) for i, entry in enumerate(values.get("officers", []), 1))
    if not 1 <= len(officers) <= OFFICERS:
        problems.append(_fault(where, f"has {len(officers)} officers", f"name one to {OFFICERS} of them, in the order in which they sign"))
    for key in ("field", "role"):
        _unique([getattr(officer, key) for officer in officers], f"{where}: two officers have the {key}", problems)
    stamped = bool(level and level > Level.B)
    signs = any(officer.key for officer in officers)  # without keys it is the profile of somebody who verifies
    needed = ("anchors", *(("tsa",) if stamped and signs else ()), *(("tsa_anchors",) if stamped else ()))
    problems += [_fault(where, f"has no {key}", "a signature counts for those who know whom to trust: docs/signing.md, Profiles") for key in needed if not values.get(key)]
    strange = [url for url in values.get("tsa", []) if not str(url).startswith(("http://", "https://"))]
    problems += [_fault(where, f"tsa = {url!r} is no web address", "RFC 3161 servers are asked by http or https") for url in strange]
    lists = {key: tuple(str(item) for item in values.get(key, [])) for key in ("tsa", "anchors", "tsa_anchors", "chain", "crls", "letters")}
    return Profile(name, level or Level.LTA, officers, visible=appearance == "visible", image=values.get("image", ""), **lists)


def _officer(table: Mapping[str, Any], where: str, problems: list[Problem]) -> Officer:
    values = _values(table, _OFFICER_KEYS, where, problems)
    problems += [_fault(where, f"has no {key}", "") for key in ("role", "field") if not values.get(key)]
    name = values.get("field", "")
    if name and (not _FIELD.match(name) or name in ARCHIVE_FIELDS):
        problems.append(_fault(where, f"field = {name!r} cannot be the name of a signature field", "letters and digits, beginning with a letter"))
    fingerprint = values.get("fingerprint", "").replace(":", "").replace(" ", "").lower()
    if fingerprint and not _FINGERPRINT.match(fingerprint):
        problems.append(_fault(where, "fingerprint is not SHA-256 in hexadecimal", "openssl x509 -in FILE -noout -fingerprint -sha256"))
    if not fingerprint and not (values.get("subject") and values.get("issuer")):
        problems.append(_fault(where, "does not say which certificate is expected", 'fingerprint = "…", or subject and issuer'))
    roles = {str(lang): str(text) for lang, text in values.get("roles", {}).items()}
    held = _key(values["key"], where, problems) if values.get("key") else None
    return Officer(values.get("role", ""), name, fingerprint, values.get("subject", ""), values.get("issuer", ""), held, roles)


def _key(table: Mapping[str, Any], where: str, problems: list[Problem]) -> Key | None:
    _values(table, dict.fromkeys(_KEY_KEYS, str), f"{where}.key", problems)
    kinds = [kind for kind in ("pkcs12", "pem", "pkcs11") if table.get(kind)]
    if len(kinds) != 1:
        problems.append(_fault(f"{where}.key", "names not exactly one of pkcs12, pem and pkcs11", ""))
        return None
    needed = {"pkcs12": (), "pem": ("certificate",), "pkcs11": ("token",)}[kinds[0]]
    problems += [_fault(f"{where}.key", f"has no {name}", "") for name in needed if not table.get(name)]
    if kinds[0] == "pkcs11" and not (table.get("label") or table.get("id")):
        problems.append(_fault(f"{where}.key", "has neither label nor id of the key on the token", "pkcs11-tool --list-objects shows them"))
    return Key(kinds[0], str(table[kinds[0]]), *(str(table.get(name, "")) for name in ("certificate", "token", "label", "id")))


def _values(table: Mapping[str, Any], known: Mapping[str, type], where: str, problems: list[Problem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            close = difflib.get_close_matches(key, known, 1, 0.5)
            problems.append(
                Problem(
                    "unknown-setting",
                    f"[tool.engross.signing{where}] has no key {key!r}",
                    Position("pyproject.toml"),
                    f"did you mean {close[0]!r}?" if close else f"keys: {', '.join(known)}",
                )
            )
        elif not isinstance(value, known[key]):
            problems.append(_fault(where, f"{key} must be a {_NAMES[known[key]]}", ""))
        else:
            found[key] = value
    return found


_NAMES: Mapping[type, str] = {list: "list", str: "text", dict: "table"}


def _unique(values: Iterable[str], message: str, problems: list[Problem]) -> None:
    values = [value for value in values if value]
    problems += [_fault("", f"{message} {value!r}", "") for value in dict.fromkeys(values) if values.count(value) > 1]


def _fault(where: str, message: str, hint: str) -> Problem:
    return Problem("bad-settings", f"[tool.engross.signing{where}] {message}", Position("pyproject.toml"), hint)
