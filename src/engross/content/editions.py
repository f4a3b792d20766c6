"""content/<letter>/editions/<n>.json: what was signed. Signing writes it, and from then on the text of a signed language does not change in that edition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from engross.canonical import printed_content, seal_digest
from engross.errors import EngrossError, Problem
from engross.letter import Holder, Letter, Mission, Segment, Standing
from engross.project import Project
from engross.values import value_class

FORMAT = 1


@value_class
class FrozenVersion:
    """One signed language."""

    content: Mapping[str, Any]
    """The printed content, as attached to the PDF."""
    seal: str
    addresses: Mapping[str, Mapping[str, Any]]
    """Missions as they were when it was signed, by id."""
    file: Mapping[str, Any]
    """Path, document number, lengths and digests of the signed PDF and of its unsigned part, level, officers."""


@value_class
class FrozenEdition:
    """What was signed of an edition, by language; a language that was late is added later."""

    letter: str
    edition: int
    versions: Mapping[str, FrozenVersion] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """Sorted and indented, so that a diff reads well."""
        versions = {lang: {"content": v.content, "seal": v.seal, "addresses": v.addresses, "file": v.file} for lang, v in self.versions.items()}
        value = {"format": FORMAT, "letter": self.letter, "edition": self.edition, "versions": versions}
        return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def path(project: Project, letter: str, edition: int) -> Path:
    """Where an edition's record stands."""
    return project.content / letter / "editions" / f"{edition}.json"


def read(project: Project, letter: str, edition: int) -> FrozenEdition | None:
    """The record of an edition, or nothing when it was never signed.

    Raises:
        EngrossError: the file is there and is no such record. It is never taken for absent: that would unfreeze the text.
    """
    file = path(project, letter, edition)
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EngrossError(f"cannot read {project.relative(file)}: {error.strerror}") from error
    try:
        value = json.loads(data)
        if value["format"] != FORMAT or (value["letter"], value["edition"]) != (letter, edition):
            raise ValueError("it is the record of something else")
        return FrozenEdition(letter, edition, {lang: FrozenVersion(v["content"], v["seal"], v["addresses"], v["file"]) for lang, v in value["versions"].items()})
    except (ValueError, KeyError, TypeError) as error:
        raise EngrossError(f"{project.relative(file)} is damaged: {error}", hint="signing wrote it and nobody edits it: restore it from the repository's history") from error


def editions(project: Project, letter: str) -> list[int]:
    """Numbers of the editions of a letter that were signed, sorted."""
    return sorted(int(file.stem) for file in (project.content / letter / "editions").glob("*.json") if file.stem.isdigit())


def frozen_version(letter: Letter, file: Mapping[str, Any]) -> FrozenVersion:
    """What signing records of a language."""
    missions = {mission.id: _address(mission) for mission in (*letter.cc, *letter.recipients)}
    return FrozenVersion(printed_content(letter), seal_digest(letter), missions, file)


def refusals(record: FrozenEdition | None, letter: Letter) -> list[Problem]:
    """A problem if the language was signed and now says something else."""
    version = record.versions.get(letter.lang) if record else None
    if version is None or version.seal == seal_digest(letter):
        return []
    now = printed_content(letter)
    parts = sorted(key for key in {*now, *version.content} if json.loads(json.dumps(now.get(key))) != version.content.get(key))
    return [
        Problem(
            "edition-frozen",
            f"edition {letter.edition} was signed in {letter.lang} and its {', '.join(parts)} changed since",
            letter.where,
            f"a new edition says so: edition: {letter.edition + 1}, supersedes: {letter.edition}, and the reason. Or undo the change",
        )
    ]


def thaw(record: FrozenEdition | None, letter: Letter) -> Letter:
    """The letter with the addresses it was signed with: later changes of the address book are for later editions."""
    version = record.versions.get(letter.lang) if record else None
    if version is None:
        return letter
    book = version.addresses
    return replace(letter, cc=tuple(_as_signed(m, book) for m in letter.cc), recipients=tuple(_as_signed(m, book) for m in letter.recipients))


_FIELDS = ("fax", "fax_e164", "email", "office", "hours", "time_zone")


def _address(mission: Mission) -> dict[str, Any]:
    holder = mission.holder
    texts = {"mission": mission.mission, "city": mission.city, "name": holder.name, "title": holder.title, "honorific": holder.honorific}
    return {
        **{key: {"text": segment.text, "lang": segment.lang} for key, segment in texts.items() if segment},
        **{key: getattr(mission, key) for key in _FIELDS},
        "surname": holder.surname,
        "gender": holder.gender,
        "status": holder.status,
        "languages": list(mission.languages),
    }


def _as_signed(mission: Mission, book: Mapping[str, Mapping[str, Any]]) -> Mission:
    entry = book.get(mission.id)
    if entry is None or json.loads(json.dumps(_address(mission))) == entry:
        return mission

    def text(key: str, current: Segment | None) -> Segment | None:
        if key not in entry:
            return None
        model = current or mission.holder.title
        return replace(model, text=entry[key]["text"], lang=entry[key]["lang"], standing=Standing.TRANSLATED)

    title, office = text("title", mission.holder.title), mission.holder
    holder = Holder(text("name", office.name), title or office.title, text("honorific", office.honorific), entry["surname"], entry["gender"], entry["status"])
    return replace(
        mission,
        mission=text("mission", mission.mission) or mission.mission,
        city=text("city", mission.city) or mission.city,
        holder=holder,
        languages=tuple(entry["languages"]),
        **{key: entry[key] for key in _FIELDS},
    )
