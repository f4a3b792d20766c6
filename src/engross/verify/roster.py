"""Rules on who signed: the officers of the profile, each in the field, role and order that it gives, once, the first certifying, the last locking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engross.settings_signing import ARCHIVE_FIELDS, Officer
from engross.verify.cms import Cms
from engross.verify.document import Document, Signed
from engross.verify.model import Finding, Policy
from engross.verify.names import is_expected, rfc4514

Messages = Mapping[str, tuple[Cms | None, list[str]]]


def officers(document: Document, messages: Messages, policy: Policy, language: str) -> Iterator[Finding]:
    """Fields and certificates are those of the profile."""
    if policy.officers is None:
        return
    expected = [officer.field for officer in policy.officers]
    fields = [name for name in document.fields if name not in ARCHIVE_FIELDS]
    if fields != expected:
        yield Finding("officers", f"the fields are {', '.join(fields) or 'none'}; expected: {', '.join(expected)}")
    if sorted(set(document.fields) - set(fields)) != sorted(ARCHIVE_FIELDS):
        yield Finding("officers", "the fields of archive time stamps are not those that every PDF has")
    done = [signed.field for signed in document.signatures if not signed.is_archive]
    wanted = expected if policy.staged is None else expected[: policy.staged]
    if missing := [officer for officer in policy.officers if officer.field in wanted and officer.field not in done]:
        yield Finding("officers", f"not signed: {', '.join(f'{officer.role} ({officer.field})' for officer in missing)}")
    if [name for name in done if name in wanted] != [name for name in wanted if name in done]:
        yield Finding("officers", f"signed in the order {', '.join(done)}; expected: {', '.join(wanted)}")
    if extra := sorted(set(done) - set(wanted)):
        yield Finding("officers", f"signed by whom nobody asked: {', '.join(extra)}")
    by_field = {officer.field: officer for officer in policy.officers}
    seen: dict[bytes, str] = {}
    for signed in document.signatures:
        message = messages[signed.field][0]
        if signed.is_archive or message is None or signed.field not in by_field:
            continue
        yield from _one(document, signed, message, by_field[signed.field], language)
        key = message.certificate.sha256
        if key in seen:
            yield Finding("officers", f"{seen[key]} and {signed.field} are signed with the same certificate")
        seen[key] = signed.field


def _one(document: Document, signed: Signed, message: Cms, officer: Officer, language: str) -> Iterator[Finding]:
    if not is_expected(officer, message.certificate):
        yield Finding(
            "officers",
            f"{signed.field} is signed by {rfc4514(message.certificate.subject)} (SHA-256 {message.certificate.sha256.hex()[:16]}…), who is not the {officer.role} of the profile",
        )
    title = str(document.fields[signed.field].get("/TU", ""))
    if title != officer.role_in(language):
        yield Finding("officers", f"the field {signed.field} is called {title!r}; expected: {officer.role_in(language)!r}")


def certification(document: Document, _messages: Messages, policy: Policy, _language: str) -> Iterator[Finding]:
    """The first signature certifies, allowing nothing but fields to be filled in; no other does; the last locks all but archive time stamps."""
    signed = [entry for entry in document.signatures if not entry.is_archive]
    if not signed:
        waits = any(name not in ARCHIVE_FIELDS for name in document.fields)
        hint = (
            "the fields wait: this is the file before its officers signed, the signed one is called ….signed.pdf"
            if waits
            else "printing or saving a file anew loses its signatures: ask for the very file"
        )
        yield Finding("signatures", "nobody signed", hint=hint)
        return
    for number, entry in enumerate(signed):
        permissions = [int(parameters.get("/P", 2)) for method, parameters in _references(entry.value) if method == "/DocMDP"]
        if number == 0 and permissions != [2]:
            yield Finding(
                "certification",
                f"{entry.field}: the first signature does not certify with form filling allowed and nothing else (P = {', '.join(map(str, permissions)) or 'none'})",
            )
        if number and permissions:
            yield Finding("certification", f"{entry.field}: a later signature certifies")
    root = document.reader.root
    reference = root["/Perms"].raw_get("/DocMDP") if "/Perms" in root and "/DocMDP" in root["/Perms"] else None
    field = document.fields[signed[0].field]
    if reference is None or reference.idnum != field.raw_get("/V").idnum or set(root["/Perms"]) != {"/DocMDP"}:
        yield Finding("certification", "the catalogue does not name the first signature as the certifying one")
    if policy.officers and signed[-1].field == policy.officers[-1].field:
        locks = [parameters for method, parameters in _references(signed[-1].value) if method == "/FieldMDP"]
        named = [str(name) for parameters in locks for name in parameters.get("/Fields", ())]
        if len(locks) != 1 or locks[0].get("/Action") != "/Exclude" or sorted(named) != sorted(ARCHIVE_FIELDS):
            yield Finding("certification", f"{signed[-1].field}: the last signature does not lock all fields but those of archive time stamps")


def _references(value: Any) -> Iterator[tuple[str, Any]]:
    for entry in value["/Reference"] if "/Reference" in value else ():
        reference = entry.get_object()
        yield str(reference.get("/TransformMethod")), (reference["/TransformParams"] if "/TransformParams" in reference else {})
