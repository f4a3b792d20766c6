"""`[tool.engross.offices.<id>]`: the offices that send, and the servers they send through. No office has a channel unless somebody writes one down."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from engross.errors import Position, Problem
from engross.values import value_class

TLS = ("starttls", "tls", "none")
PORTS = {"starttls": 587, "tls": 465, "none": 25}
FAX_KINDS = ("hylafax", "gateway", "manual")
FAX_RESOLUTIONS = ("fine", "standard")
FAX_CODINGS = ("mmr", "mr", "mh")
LIMIT_MB = 25
"""Messages larger than this are refused, unless the office's server takes more and the settings say so."""


@value_class
class Smtp:
    """An office's mail server. The password or token is in the environment; here stands only the variable's name."""

    host: str
    port: int
    tls: str = "starttls"
    """`starttls`, `tls` (from the first byte, RFC 8314), or `none`, which somebody must have written down."""
    user: str = ""
    password_env: str = ""
    oauth_env: str = ""
    """Variable that holds an OAuth 2 access token, for XOAUTH2."""
    ca: str = ""
    """PEM file of the roots the server's certificate must lead to; the system's when empty."""
    limit_mb: int = LIMIT_MB

    @property
    def local(self) -> bool:
        """Whether it is on this machine, where no line can be tapped."""
        return self.host in ("localhost", "127.0.0.1", "::1")


@value_class
class FaxServer:
    """How an office sends faxes."""

    kind: str
    """`hylafax`, `gateway` (a mail-to-fax service, reached through the office's mail server) or `manual` (a person at a machine)."""
    host: str = "localhost"
    port: int = 4559
    user: str = ""
    password_env: str = ""
    modem: str = ""
    """Modem or group of modems; any when empty."""
    tunnel: bool = False
    """The host is the end of a tunnel: hfaxd speaks clear text, which goes to this machine or through a tunnel only."""
    address: str = ""
    """Of a gateway: the address of a number, `{digits}@fax.example.org`."""
    subject: str = ""
    """Of a gateway: what it wants there."""
    pdf: bool = False
    """Of a gateway: it wants the PDF instead of the TIFF."""


@value_class
class Smime:
    """The certificate with which an office signs its messages (RFC 8551)."""

    certificate: str
    """PEM file with the certificate and perhaps its chain."""
    key: str
    """PEM file that nobody else may read."""
    passphrase_env: str = ""


@value_class
class Office:
    """A place that sends letters: its name and numbers as they are printed on covers and messages, and its channels."""

    id: str
    name: str
    address: tuple[str, ...] = ()
    email: str = ""
    fax: str = ""
    voice: str = ""
    time_zone: str = "UTC"
    """IANA name."""
    hours: str = ""
    """`09:00-17:00` in its own time zone."""
    languages: tuple[str, ...] = ()
    reply_to: str = ""
    """Where answers go; the office's address when empty."""
    fax_resolution: str = "fine"
    """`standard` for machines that know no other."""
    fax_coding: str = "mmr"
    """`mr` or `mh` for services and machines that take no other."""
    smtp: Smtp | None = None
    fax_server: FaxServer | None = None
    smime: Smime | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Names of the environment variables that hold its passwords and tokens."""
        names = [
            self.smtp and self.smtp.password_env,
            self.smtp and self.smtp.oauth_env,
            self.fax_server and self.fax_server.password_env,
            self.smime and self.smime.passphrase_env,
        ]
        return tuple(name for name in names if name)


_OFFICE: Mapping[str, type] = {
    "name": str, "address": list, "email": str, "fax": str, "voice": str, "time_zone": str, "hours": str, "languages": list, "reply_to": str, "fax_resolution": str, "fax_coding": str, "smtp": dict, "fax_server": dict, "smime": dict,
}  # fmt: skip
_SMTP: Mapping[str, type] = {"host": str, "port": int, "tls": str, "user": str, "password_env": str, "oauth_env": str, "ca": str, "limit_mb": int}
_FAX: Mapping[str, type] = {"kind": str, "host": str, "port": int, "user": str, "password_env": str, "modem": str, "tunnel": bool, "address": str, "subject": str, "pdf": bool}
_SMIME: Mapping[str, type] = {"certificate": str, "key": str, "passphrase_env": str}
_NAMES = {bool: "true or false", str: "text", int: "number", list: "list", dict: "table"}
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\\\[\]]+@[A-Za-z0-9.-]+\Z")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]*[A-Za-z0-9])?\Z")
_ID = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
_HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)\Z")


def read_offices(table: Mapping[str, Any]) -> tuple[dict[str, Office], list[Problem]]:
    """Offices from the parsed `[tool.engross.offices]` table, and everything that is wrong with it. No message repeats a value that may be a secret."""
    problems: list[Problem] = []
    offices: dict[str, Office] = {}
    for name, entry in table.items():
        if not isinstance(entry, dict) or not entry.get("name"):
            problems.append(_fault(name, "needs a name"))
        elif not _ID.match(name):
            problems.append(_fault(name, "is no id", "small letters, digits and hyphens"))
        else:
            offices[name] = _office(name, entry, problems)
    return offices, problems


def _office(name: str, entry: Mapping[str, Any], problems: list[Problem]) -> Office:
    values = _values(entry, _OFFICE, name, problems)
    for key in ("address", "languages"):
        values[key] = tuple(str(item) for item in values.get(key, ()))
    wrong = [key for key in ("email", "reply_to") if values.get(key) and not (_ADDRESS.match(values[key]) and values[key].isascii())]
    problems += [_fault(name, f"{key} = {values[key]!r} is not one e-mail address", "for instance office@example.org") for key in wrong]
    if any(ord(c) < 32 for key in ("name", "email", "fax", "voice", "reply_to") for c in values.get(key, "")):
        problems.append(_fault(name, "has a line break or control character in its name, address or numbers"))
    for key, known in (("fax_resolution", FAX_RESOLUTIONS), ("fax_coding", FAX_CODINGS)):
        if values.get(key, known[0]) not in known:
            problems.append(_fault(name, f"{key} = {values.pop(key)!r} is unknown", f"{key} is one of {', '.join(known)}"))
    if values.get("time_zone") and not _zone(values["time_zone"]):
        problems.append(_fault(name, f"time_zone = {values['time_zone']!r} is unknown", "an IANA name, for instance Europe/Zurich"))
        del values["time_zone"]
    if values.get("hours") and not _hours(values["hours"]):
        problems.append(_fault(name, f"hours cannot be {values['hours']!r}", "from and to, for instance 09:00-17:00"))
    readers: tuple[tuple[str, Callable[[Mapping[str, Any], str, list[Problem]], object]], ...] = (("smtp", _smtp), ("fax_server", _fax), ("smime", _smime))
    for key, read in readers:
        if key in values:
            values[key] = read(values[key], f"{name}.{key}", problems)
    if (way := values.get("fax_server")) and way.kind == "gateway" and not (values.get("smtp") and values.get("email")):
        problems.append(_fault(name, "sends faxes through a mail-to-fax service and has no mail server", "add smtp and email"))
    if values.get("smtp") and not values.get("email"):
        problems.append(_fault(name, "has a mail server and no email", "messages need a sender"))
    return Office(**{"id": name, **values})


def _smtp(entry: Mapping[str, Any], where: str, problems: list[Problem]) -> Smtp | None:
    values = _values(entry, _SMTP, where, problems)
    tls = values.setdefault("tls", "starttls")
    if tls not in TLS:
        problems.append(_fault(where, f"tls = {tls!r} is unknown", f"tls is one of {', '.join(TLS)}"))
        return None
    values.setdefault("port", PORTS[tls])
    _variables(values, ("password_env", "oauth_env"), where, problems)
    if values.get("password_env") and values.get("oauth_env"):
        problems.append(_fault(where, "has both password_env and oauth_env", "keep the one the server wants"))
    if bool(values.get("user")) != bool(values.get("password_env") or values.get("oauth_env")):
        problems.append(_fault(where, "names a user and no variable with its password or token, or the other way round", "user with password_env, or user with oauth_env"))
    if not _reachable(values, where, problems):
        return None
    if not 1 <= values.get("limit_mb", LIMIT_MB) <= 150:
        problems.append(_fault(where, "limit_mb is between 1 and 150"))
    smtp = Smtp(**values)
    if tls == "none" and smtp.user and not smtp.local:
        problems.append(_fault(where, "would send a password in clear text", "use starttls or tls, or a server on this machine"))
    return smtp


def _fax(entry: Mapping[str, Any], where: str, problems: list[Problem]) -> FaxServer | None:
    values = _values(entry, _FAX, where, problems)
    if values.get("kind", "") not in FAX_KINDS:
        problems.append(_fault(where, f"kind = {values.get('kind', '')!r} is unknown", f"kind is {' or '.join(FAX_KINDS)}"))
        return None
    if values["kind"] == "gateway" and sum(values.get("address", "").count(place) for place in ("{number}", "{digits}")) != 1:
        problems.append(_fault(where, "needs the service's address with a place for the number", 'for instance address = "{digits}@fax.example.org"'))
        return None
    _variables(values, ("password_env",), where, problems)
    values.setdefault("host", "localhost")
    return FaxServer(**values) if _reachable(values, where, problems) else None


def _smime(entry: Mapping[str, Any], where: str, problems: list[Problem]) -> Smime | None:
    values = _values(entry, _SMIME, where, problems)
    _variables(values, ("passphrase_env",), where, problems)
    if not values.get("certificate") or not values.get("key"):
        problems.append(_fault(where, "needs certificate and key", "two PEM files"))
        return None
    return Smime(**values)


def _reachable(values: Mapping[str, Any], where: str, problems: list[Problem]) -> bool:
    """Whether host and port can be a server."""
    host, port = values.get("host", ""), values.get("port", 4559)
    if not _HOST.match(host):
        told = "host" if "@" in host else f"host = {host!r}"  # user and password may stand before the @
        problems.append(_fault(where, f"{told} is no name of a server", "for instance mail.example.org"))
    if not 1 <= port <= 65535:
        problems.append(_fault(where, f"port = {port} is none"))
    return bool(_HOST.match(host)) and 1 <= port <= 65535


def _variables(values: dict[str, Any], keys: Iterable[str], where: str, problems: list[Problem]) -> None:
    """Names of variables, not secrets: whoever wrote the password itself here must not see it again in a message."""
    for key in keys:
        if values.get(key) and (not _VARIABLE.match(values[key]) or values[key].startswith("ENGROSS_")):
            problems.append(
                _fault(
                    where,
                    f"{key} is not the name of an environment variable of your own",
                    "capitals, digits and underscores, not beginning with ENGROSS_; the secret itself stands nowhere in this file",
                )
            )
            values[key] = ""


def _values(entry: Mapping[str, Any], known: Mapping[str, type], where: str, problems: list[Problem]) -> dict[str, Any]:
    """The entries of the right kind; a problem for each other one."""
    found: dict[str, Any] = {}
    for key, value in entry.items():
        kind = known.get(key)
        if kind is None:
            close = difflib.get_close_matches(key, known, 1, 0.5)
            hint = f"did you mean {close[0]!r}?" if close else f"keys: {', '.join(known)}"
            problems.append(Problem("unknown-setting", f"[tool.engross.offices.{where}] has no key {key!r}", Position("pyproject.toml"), hint))
        elif not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            problems.append(_fault(where, f"{key} must be a {_NAMES[kind]}"))
        else:
            found[key] = value
    return found


def _fault(where: str, message: str, hint: str = "") -> Problem:
    return Problem("bad-settings", f"[tool.engross.offices.{where}] {message}", Position("pyproject.toml"), hint)


def _zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def _hours(text: str) -> bool:
    match = _HOURS.match(text)
    try:
        return bool(match and time.fromisoformat(match[1]) < time.fromisoformat(match[2]))
    except ValueError:
        return False
