"""Verifying one file: the rules in their order, and the verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from engross import conformance
from engross.verify import cms, evidence, judgement, layout, pixels, roster, structure, trust
from engross.verify.document import Document, Malformed, parse
from engross.verify.model import Expected, Finding, Policy, Report, Verdict

STRUCTURE: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    layout.listed,
    structure.active_content,
    structure.byte_ranges,
    structure.revisions,
    structure.changes,
    structure.appearances,
    structure.places,
    pixels.unchanged,
)
"""Rules on the file itself."""
PEOPLE = (roster.officers, roster.certification)
"""Rules on who signed."""
CONTENT = "content.json"
"""The attachment with the printed content, as `render.pdf` names it."""
_NAME = re.compile(r"(?P<letter>[a-z0-9][a-z0-9-]*)\.(?P<language>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.signed(?![A-Za-z0-9])")
"""The name that a signed file was published with, wherever it stands in the name that a browser or mail program made of it."""
_ENDING = re.compile(r"[-._](?P<language>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)(?:\.signed)?(?:[ _-]*\(?[0-9]{1,2}\)?)?(?: - \w+)?(?:\.(?:pdf|PDF))*\Z")
"""A name that ends with a language, `letter-ko (1).pdf`. Elsewhere in a name the same letters are mostly words: "carta_en_japones.pdf"."""


def verify(data: bytes, policy: Policy, now: datetime, *, name: str = "", expected: Sequence[Expected] = (), superseded_by: int | None = None) -> Report:
    """Judge a file by the policy at the time `now`. Nothing is fetched; nothing is raised for a hostile file.

    `expected` is what our signed manifests say; `superseded_by` the newest edition when the caller knows of one.
    """
    try:
        document = parse(data)
        number, language = _identity(document)
    except Malformed as error:
        return Report(name, Verdict.FAILED, authentic=False, ours=None, document="", language="", level=None, findings=(Finding("file", error.message, hint=error.hint),))
    findings = [*_guarded(STRUCTURE, document)]
    findings += _guarded((_conforms,), data) if document.signatures and not findings else []
    messages = {signed.field: cms.read(signed.contents) for signed in document.signatures}
    findings += _guarded((cms.forms,), messages)
    judged = judgement.Judgement()
    try:
        store = trust.read_evidence(document.reader.root)
        judged = judgement.judge(document, messages, policy, store, now)
        whole = next((entry.signed_length for entry in expected if entry.number == number and entry.signed_length > len(data)), None)
        findings += [*judged.findings, *judgement.levels(judged, policy, whole), *evidence.used(judged, store)]
    except Exception as error:  # noqa: BLE001 - whatever a hostile file breaks, the verdict is failed
        findings.append(Finding("file", f"the signatures cannot be judged: {type(error).__name__}: {error}"))
    findings += _guarded(PEOPLE, document, messages, policy, language)
    findings += _guarded((_spoken,), document, number, language, expected)
    findings += _named(name, number, language, {entry.language for entry in expected})
    if policy.officers is None:
        findings.append(Finding("officers", "no profile says who should have signed", Verdict.INDETERMINATE))
    if superseded_by and number.split("/")[1:2] != [str(superseded_by)]:
        findings.append(Finding("edition", f"this is an old edition; the letter has edition {superseded_by}"))
    authentic = not findings
    ours = _ours(document, number, expected) if expected else None
    if ours is False:
        findings.append(Finding("ours", "our signed manifest knows no such file: what was built and signed differs"))
    _since(document, judged)
    verdict = max((finding.verdict for finding in findings), key=lambda v: _GRAVITY[v], default=Verdict.PASSED)
    return Report(name, verdict, authentic, ours, number, language, judged.level, tuple(judged.signatures), tuple(dict.fromkeys(findings)))


_GRAVITY = {Verdict.PASSED: 0, Verdict.INDETERMINATE: 1, Verdict.FAILED: 2}


def _guarded(rules: Sequence[Callable[..., Iterator[Finding]]], *arguments: Any) -> Iterator[Finding]:
    """Run the rules; one that a strange file breaks counts against the file."""
    for rule in rules:
        try:
            yield from list(rule(*arguments))
        except MemoryError:
            yield Finding("limits", f"judging the file takes more memory than it may ({rule.__name__})")
        except Exception as error:  # noqa: BLE001 - whatever a hostile file breaks, the verdict is failed
            yield Finding("file", f"the file cannot be judged ({rule.__name__}): {type(error).__name__}: {error}")


def _conforms(data: bytes) -> Iterator[Finding]:
    """PDF/A-3a and PDF/UA-1 still hold. Not asked of a file that was changed: it is refused anyway."""
    return (Finding("conformance", str(fault)) for fault in conformance.check(data))


def _identity(document: Document) -> tuple[str, str]:
    """Document number and language from the attached content; empty when there is none."""
    try:
        content = json.loads(document.attachment(CONTENT) or b"{}")
        return (f"{content['letter']}/{content['edition']}/{content['language']}", str(content["language"])) if content else ("", "")
    except Exception:  # noqa: BLE001 - an attachment that is none of ours names nothing
        return "", ""


def identify(data: bytes) -> str:
    """The document number that a file gives itself, `2018-06-06-dprk/1/ko`; empty when it has none or is no PDF that is looked at."""
    try:
        return _identity(parse(data))[0]
    except Malformed:
        return ""


def _spoken(document: Document, number: str, language: str, expected: Sequence[Expected]) -> Iterator[Finding]:
    """The language of the attached content is that of the document itself and, where there is one, of our signed manifest."""
    if not number:
        return
    own = str(document.at(0).root.get("/Lang", ""))
    if own.partition("-")[0].lower() != language.partition("-")[0].lower():
        yield Finding("language", f"the attached content is in {language}, the document says that it is in {own or 'no language'}")
    for entry in expected:
        if entry.number == number and entry.language != language:
            yield Finding("language", f"the attached content is in {language}, our signed manifest has it as {entry.language}")


def _named(name: str, number: str, language: str, languages: Collection[str]) -> Iterator[Finding]:
    """A file that has the name of another letter or language misleads whoever opens it. Any other name says nothing: browsers and people rename files.

    `languages` are those that the letter was published in; of these, the name may give no other than the document's.
    """
    if not number:
        return
    match = _NAME.search(name)
    ending = _ENDING.search(name)
    misled = bool(match and (match["letter"], match["language"]) != (number.split("/")[0], language))
    if misled or (ending and ending["language"] in languages and ending["language"] != language):
        yield Finding("name", f"the file is called {name} and holds {number}", hint="give it the name that it was published with")


def _ours(document: Document, number: str, expected: Sequence[Expected]) -> bool:
    prefix = document.prefix
    found = sha256(prefix).hexdigest()
    return any(
        entry.number == number
        and entry.prefix_length == len(prefix)
        and entry.prefix_sha256 == found
        and (not entry.signed_length or sha256(document.data[: entry.signed_length]).hexdigest() == entry.signed_sha256)
        for entry in expected
    )


def _since(document: Document, judged: judgement.Judgement) -> None:
    """Say of each signature what the file gained after it."""
    filled = {signed.revision: signed.field for signed in document.signatures}
    for report in judged.signatures:
        own = next(signed.revision for signed in document.signatures if signed.field == report.field)
        later = [filled.get(revision.number, "evidence") for revision in document.revisions if revision.number > own]
        report.since = ", ".join(later) or "nothing"
