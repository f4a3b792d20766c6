"""Passwords and tokens, found in the environment and taken out of texts: as they stand, and as protocols, programs and Python write them.

Everything that is printed or kept passes here, so a secret is looked for in each form in which a server, a library or a traceback may repeat it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

MASK = "[secret]"
OWN = ("PGPASSWORD", "ENGROSS_PASSPHRASE")
"""Beginnings of the names of variables that hold secrets whatever the settings say: libpq's, and those of the officers who sign."""
SHORT = 6
"""Characters below which a secret is taken out only where it stands as a word: inside of digests and words it would be found by chance."""
LIKELY = 8
"""Characters of the shortest value that is taken for a secret by the name of its variable alone."""
PASSWORD_FILE = 1 << 16
"""Bytes of a password file that are read."""

# Patterns are compiled when they are needed: a build with nothing to do is over before.
_CHOSEN = r"""(?:password|oauth|passphrase)_env["']?\s*=\s*["']([A-Z_][A-Z0-9_]*)["']"""
_NAME = r"PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|APIKEY|(?:^|_)(?:KEY|PW|PWD|PIN|PASS|AUTH|COOKIE)(?:_|$)"
_HARMLESS = r"(?:OLD)?PWD|.*_(?:FILE|PATH|DIR|ENV|NAME|ID|URL|SOCK|TYPE)"
_URL = r"(\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@]*:)[^\s/]+(?=@)"
_PAIR = r"(?i)(\b(?:password|passwd|sslpassword|access_token)=)(?:'(?:[^'\\]|\\.)*'|[^\s&'\"]+)"
_ENTRY = r"(?:(?:[^:\\]|\\.)*:){4}(.+)"
"""Host, port, database and user, and the password, in which backslash and colon may be escaped."""
_BASE64 = r"[A-Za-z0-9+/_-]"


def chosen(settings: str) -> tuple[str, ...]:
    """Names of the variables that settings choose for secrets; read from the text itself, so that settings with a fault give them too."""
    return tuple(dict.fromkeys(re.findall(_CHOSEN, settings)))


def secrets(environment: Mapping[str, str], names: Iterable[str] = ()) -> tuple[str, ...]:
    """Values of those variables, of `OWN`, and the passwords in libpq's password file (PostgreSQL, 34.16)."""
    wanted = {*names, *(name for name in environment if name.startswith(OWN))}
    found = [environment[name] for name in sorted(wanted) if environment.get(name)]
    return tuple(dict.fromkeys([*found, *_password_file(environment)]))


def likely(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Values of variables whose names say that they hold a secret, whoever reads them; paths and very short values are none."""
    found = (value for name, value in sorted(environment.items()) if _looks_secret(name))
    return tuple(dict.fromkeys(value for value in found if len(value) >= LIKELY and not value.startswith("/")))


def without(environment: Mapping[str, str], names: Iterable[str] = ()) -> dict[str, str]:
    """The environment for a program that needs none of the secrets: neither those variables, nor `OWN`, nor what looks like one."""
    return {name: value for name, value in environment.items() if name not in names and not name.startswith(OWN) and not _looks_secret(name)}


def clean(text: str, known: Iterable[str] = ()) -> str:
    """The text with `MASK` in the place of each known secret, and of passwords in URLs and connection strings, known or not.

    A secret is found as it stands, as Python, JSON, HTML and URLs write it, in hexadecimal, and in base64 wherever it begins there (SASL PLAIN and XOAUTH2 put the
    user before it).
    """
    if "://" in text:
        text = re.sub(_URL, rf"\1{MASK}", text)
    if "=" in text:
        text = re.sub(_PAIR, rf"\1{MASK}", text)
    return pattern.sub(MASK, text) if (pattern := _pattern(tuple(known))) else text


def spellings(known: Iterable[str]) -> tuple[bytes, ...]:
    """What to look for in files, as bytes: each secret of at least `SHORT` characters as programs write it, and what of it is sure in base64."""
    found = {form for secret in known if len(secret) >= SHORT for form in (*_written(secret), *_in_base64(secret))}
    return tuple(sorted(form.encode("utf-8", "surrogateescape") for form in found if len(form) >= SHORT))


@lru_cache(maxsize=8)
def _pattern(known: tuple[str, ...]) -> re.Pattern[str] | None:
    """What matches any form of any of the secrets, the longest first; None when there are none."""
    plain = {form for secret in known if secret for form in _written(secret)}
    hidden = {form for secret in known if len(secret) >= SHORT for form in _in_base64(secret)}
    parts = [re.escape(form) if len(form) >= SHORT else rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])" for form in sorted(plain, key=len, reverse=True)]
    parts += [f"{_BASE64}?{re.escape(form)}{_BASE64}?={{0,2}}" for form in sorted(hidden, key=len, reverse=True)]
    return re.compile("|".join(parts)) if parts else None


def _written(secret: str) -> Iterator[str]:
    """The secret as programs write it."""
    from html import escape
    from json import dumps
    from urllib.parse import quote, quote_plus

    raw = secret.encode("utf-8", "surrogateescape")
    yield from (secret, raw.decode("latin-1"), repr(secret)[1:-1], repr(secret)[1:-1].replace("'", "\\'"), repr(raw)[2:-1])
    yield from (dumps(secret)[1:-1], dumps(secret, ensure_ascii=False)[1:-1], secret.encode("unicode_escape").decode(), escape(secret))
    for quoted in (quote(raw, safe=""), quote(raw), quote_plus(raw)):
        yield quoted
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)
    if len(secret) >= SHORT:
        yield raw.hex()
        yield raw.hex().upper()


def _in_base64(secret: str) -> Iterator[str]:
    """The characters that the secret alone decides, for each of the three places in a group at which it can begin (RFC 4648, 4 and 5)."""
    from base64 import b64encode

    raw = secret.encode("utf-8", "surrogateescape")
    for before in range(3):
        coded = b64encode(bytes(before) + raw).decode().rstrip("=")
        inner = coded[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


def _looks_secret(name: str) -> bool:
    return bool(re.search(_NAME, name.upper())) and not re.fullmatch(_HARMLESS, name.upper())


def _password_file(environment: Mapping[str, str]) -> Iterator[str]:
    path = Path(environment.get("PGPASSFILE") or f"{environment.get('HOME', '')}/.pgpass")
    try:
        lines = path.read_bytes()[:PASSWORD_FILE].decode("utf-8", "surrogateescape").splitlines() if path.is_file() else []
    except OSError:
        return
    for line in lines:
        if (found := re.match(_ENTRY, line)) and not line.startswith("#"):
            yield re.sub(r"\\(.)", r"\1", found[1])
