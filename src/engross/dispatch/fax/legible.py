"""The legibility gate on the road out: no fax is handed over that has not been read back, unless a named person says so and why.

The letter's pages are read once for each language and office and remembered by their digest; of each cover, the number and what stands in its margins.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engross import __version__, plan
from engross.canonical import canonical_json
from engross.dispatch.channel import Item
from engross.edition import Edition
from engross.errors import EngrossError, OutsideError
from engross.files import write_atomic
from engross.ledger.location import private_folder
from engross.project import Project
from engross.proof import fax as proof
from engross.proof import faxcost, faxpage
from engross.render import tiff
from engross.render.fax import Sender, cost


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody wants a fax sent although it cannot be read."""

    by: str
    """A role."""
    because: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a fax back gave."""

    problems: tuple[str, ...]
    """In words; empty when it may go out."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Coded bytes of the letter's pages by part, the dearest first."""


@dataclass
class Gate:
    """Reads what an edition's faxes show. `folder` remembers readings from one run to the next."""

    project: Project
    edition: Edition
    folder: Path
    override: Override | None = None
    redirect: bool = False
    """Everything goes to a test number: the number on the cover is that of the mission, and not the one dialled."""
    _known: dict[str, Reading] = field(default_factory=dict, repr=False)

    def read(self, item: Item) -> Reading:
        """What was read of the letter's pages and of this cover.

        Raises:
            EngrossError: the file is no class-F TIFF.
            OutsideError: tesseract, or its data of the language, is missing.
        """
        (lang,) = item.languages
        pages = tiff.read(next(data for path, data in item.files.items() if path.endswith(".tif")))
        version, settings = self.edition.versions[lang], self.project.settings
        authoritative = settings.authoritative if settings.authoritative != lang else ""
        sender = Sender(**plan.sender(self.project, item.mission, version.letter))  # type: ignore[arg-type]
        wanted = proof.Wanted(version.letter, version.labels, self.project.locale(lang), sender, authoritative)
        if faults := faxpage.geometry(pages, wanted.letter):
            return Reading(tuple(f"[{one.code}] {one.message}" for one in faults))
        basis = [plan.recipe_of_text(version), lang, [repr(sender)], authoritative, len(pages)]
        letter = self._remembered([*basis, [_digest(page) for page in pages[1:]]], lambda: _of_letter(pages, wanted))
        mission = replace(item.mission, fax_e164=item.mission.fax_e164 if self.redirect else item.address)
        cover = self._remembered(
            [*basis, _digest(pages[0]), mission.id, mission.fax_e164],
            lambda: Reading(tuple(f"[{one.code}] {one.message}" for one in proof.read_cover(pages[0], wanted, len(pages), mission))),
        )
        return Reading((*cover.problems, *letter.problems), letter.parts)

    def admit(self, item: Item) -> dict[str, Any]:
        """What the ledger is to keep of the reading.

        Raises:
            EngrossError: it cannot be read, and nobody has said that it is to be sent nevertheless.
            OutsideError: nothing can be read here, as tesseract is missing, and nobody has said so either.
        """
        try:
            problems = self.read(item).problems
        except OutsideError as error:
            if self.override is None:
                raise
            problems = (f"not read: {error.message}",)
        if not problems:
            return {"legible": 1}
        if self.override is None:
            more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
            raise EngrossError(f"it cannot be read: {problems[0]}{more}", hint="build it again; or --unreadable-by ROLE --because REASON")
        return {"legible": 0, "unreadable": {"by": self.override.by, "because": self.override.because, "problems": list(problems)}}

    def _remembered(self, key: list[Any], read: Callable[[], Reading]) -> Reading:
        name = hashlib.sha256(canonical_json([__version__, *key])).hexdigest()
        if name not in self._known:
            path = self.folder / f"{name}.json"
            try:
                value = json.loads(path.read_text("utf-8"))
                self._known[name] = Reading(tuple(map(str, value["problems"])), {str(part): int(size) for part, size in value["parts"].items()})
            except (OSError, ValueError, KeyError, TypeError, AttributeError):  # not read yet, or not whole
                self._known[name] = read()
                private_folder(self.folder)
                write_atomic(path, json.dumps({"problems": self._known[name].problems, "parts": dict(self._known[name].parts)}, ensure_ascii=False).encode())
        return self._known[name]


def _of_letter(pages: list[tiff.Page], wanted: proof.Wanted) -> Reading:
    report = proof.read_letter(pages[1:], wanted)
    return Reading(tuple(f"[{one.code}] {one.message}" for one in report.problems if one.is_error), report.costs)


def _digest(page: tiff.Page) -> str:
    return hashlib.sha256(repr((page.coding, page.dpi, page.strip.width, page.strip.rows, page.fields.get(262))).encode() + page.strip.data).hexdigest()


def price(fax: bytes, parts: Mapping[str, int]) -> faxcost.Price:
    """What a fax costs, of whose letter `parts` were read."""
    found = cost(fax)
    return faxcost.Price(found, faxcost.total([parts, {"cover": found.page_bytes[0]}]) if parts else {})
