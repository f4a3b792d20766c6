"""`engross verify --seal`: which text of the workspace has the seal that stands on a sheet of paper, typed in by somebody who reads it there."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Any

from engross import artifact, canonical
from engross.canonical import canonical_json
from engross.content import editions
from engross.errors import EngrossError, UsageError
from engross.project import Project
from engross.verify import document
from engross.verify.verification import CONTENT

DIGITS = 16
"""At least so many hexadecimal digits of a seal are compared: 64 bits."""
SLIPS = 2
"""At most so many digits may differ for a seal to be named as one that may be meant. With 14 digits alike no other text can have it by chance."""
_READ_AS = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "|": "1", "S": "5", "Z": "2", "G": "6"})
"""Letters that no seal has, and the digits that look like them."""


class State(IntEnum):
    """How far a version is; the higher one is shown when several have the same text."""

    DRAFT = 0
    BUILT = 1
    """An official edition that officers have not signed."""
    SIGNED = 2


@dataclass(frozen=True, slots=True)
class Match:
    """A version of a letter that has the seal, or almost."""

    number: str
    """Document number, `2018-06-06-dprk/1/ko`."""
    language: str
    state: State
    seal: str
    """The whole digest, hexadecimal."""
    superseded_by: int = 0
    """The newest signed edition, when this is an older one."""
    text: str = ""
    """The printed content as lines; empty when it is not at hand."""
    slips: int = 0
    """Digits that differ from those that were typed."""

    @property
    def is_exact(self) -> bool:
        """Whether it has this very seal and left the house, or could have."""
        return not self.slips and self.state > State.DRAFT

    @property
    def printed(self) -> str:
        """The seal as it stands on paper."""
        return canonical.grouped(self.seal)

    def to_json(self) -> dict[str, object]:
        """Plain data."""
        value = {"document": self.number, "language": self.language, "state": self.state.name.lower(), "seal": self.seal}
        return {**value, "superseded_by": self.superseded_by or None, "differing_digits": self.slips, "text": self.text}


def find(project: Project | None, typed: str) -> list[Match]:
    """The versions whose seal begins with the digits; when there are none, the only one that differs in one or two of them.

    Raises:
        UsageError: there is no workspace, or these are too few digits.
        EngrossError: a record or manifest cannot be read.
    """
    if project is None:
        raise UsageError("a seal is looked up in a workspace", hint="go to its folder, or name it: --settings PYPROJECT")
    wanted = digits(typed)
    known: dict[tuple[str, str], tuple[Match, Callable[[], str]]] = {}
    for match, text in _versions(project):
        key = (match.number, match.seal)
        if key not in known or match.state > known[key][0].state:
            known[key] = match, text
    found = [(match, text) for match, text in known.values() if match.seal.startswith(wanted)]
    if not found:
        near = [(replace(match, slips=slips), text) for match, text in known.values() if (slips := _slips(match.seal, wanted)) <= SLIPS]
        found = near if len({match.seal for match, _ in near}) == 1 else []
    return [replace(match, text=text()) for match, text in sorted(found, key=lambda item: (-item[0].state, item[0].number))]


def _slips(seal: str, typed: str) -> int:
    return sum(one != other for one, other in zip(seal, typed, strict=False))


def digits(typed: str) -> str:
    """The hexadecimal digits of a seal as somebody typed them: in any case, with spaces, dashes or full width, with the word or the document number before them that stand on the page.

    Letters that no seal has are read as the digits that they look like.

    Raises:
        UsageError: these are no digits of a seal, or too few.
    """
    text = unicodedata.normalize("NFKC", typed).upper()
    words = re.sub(r"\S+/\S+", " ", text).replace("-", " ").split()
    if words and re.fullmatch(r"[^0-9]*[^0-9A-F][^0-9]*", words[0]):
        words = words[1:]  # "Seal", "Sello", "봉인"
    read = re.sub(r"[\s.:·]", "", "".join(words)).translate(_READ_AS).lower()
    if len(read) < DIGITS or len(read) > 2 * hashlib.sha256().digest_size or not re.fullmatch(r"[0-9a-f]+", read):
        raise UsageError(f"{typed!r} is no seal", hint=f"at least {DIGITS} of the digits 0-9 and A-F at the foot of the page")
    return read


def _versions(project: Project) -> Iterator[tuple[Match, Callable[[], str]]]:
    """Every signed or built version, and what gives its text."""
    for letter in project.letters():
        numbers = editions.editions(project, letter)
        for number in numbers:
            record = editions.read(project, letter, number)
            for lang, version in record.versions.items() if record else ():
                seal = _sealed(version.content, version.seal, editions.path(project, letter, number), project)
                newest = numbers[-1] if number < numbers[-1] else 0
                yield Match(f"{letter}/{number}/{lang}", lang, State.SIGNED, seal, newest), partial(_text, version.content)
    for folder in sorted(project.output.glob("*/*")):
        if folder.is_dir() and (standing := artifact.read_manifest(folder)):
            state = State.BUILT if standing.state == "official" else State.DRAFT
            for lang, seal in standing.seals.items():
                yield Match(f"{standing.letter}/{standing.edition}/{lang}", lang, state, seal), partial(_built_text, folder, standing, lang, seal)


def _sealed(content: Mapping[str, Any], seal: str, path: Path, project: Project) -> str:
    """The seal of a record, which must be that of its text.

    Raises:
        EngrossError: the record was changed.
    """
    if hashlib.sha256(canonical_json(dict(content))).hexdigest() != seal:
        raise EngrossError(
            f"{project.relative(path)} was changed: its seal is not that of its text", hint="signing wrote it and nobody edits it: restore it from the repository's history"
        )
    return seal


def _built_text(folder: Path, standing: artifact.Manifest, lang: str, seal: str) -> str:
    """The text of a version that nobody signed: from its PDF, or from its plain text; nothing when neither is there as it was built."""
    own = {entry.kind: entry for entry in standing.artifacts if entry.language == lang and entry.kind in ("pdf", "txt") and artifact.intact(folder, entry)}
    if "pdf" in own:
        attached = document.parse((folder / own["pdf"].path).read_bytes()).attachment(CONTENT)
        content = json.loads(attached) if attached else {}
        if hashlib.sha256(canonical_json(content)).hexdigest() == seal:
            return _text(content)
    return (folder / own["txt"].path).read_text("utf-8").rstrip() if "txt" in own else ""


def _text(content: Mapping[str, Any]) -> str:
    """The printed content as lines, in the order of the page."""
    order = ("subject", "place", "date", "addressees", "salutation", "body", "notes", "closing", "signatories", "cc", "enclosures")
    return "\n".join(line for key in order if key in content for line in _lines(content[key]))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _lines(item)
    elif isinstance(value, dict):
        if "name" in value:
            yield ", ".join(str(value[key]) for key in ("name", "acronym", "affiliation", "place") if value.get(key))
            return
        for key in ("heading", "paragraph", "quote", "text", "blocks", "list", "sublist", "lines", "fax", "email"):
            if key in value:
                yield from ([f"{value['section']}. {value['heading']}"] if key == "heading" and "section" in value else _lines(value[key]))
    elif value is not None:
        yield json.dumps(value)
