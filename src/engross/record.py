"""What an edition is made again from after it was signed: one JSON file for each language, beside the edition's record.

content/<letter>/editions/<n>.<language>.json holds the localized letter, the words, the facts of the layout, the digests of the layout's files, the versions
of program, libraries and fonts, and the digest of each file that was made of them. It holds no notes, no comments and no names that are not printed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from engross import letter as model
from engross import plan
from engross.artifact import Manifest
from engross.edition import Edition
from engross.errors import EngrossError, Position
from engross.labels import Labels
from engross.letter import Consent, Letter
from engross.locales import Locale
from engross.project import PAPERS, Project
from engross.render.layout import Layout, Signature
from engross.task import Product, Task, Version
from engross.values import value_class

FORMAT = 1
_NODES = {kind.__name__: kind for kind in (*vars(model).values(), Locale, Signature) if is_dataclass(kind) and isinstance(kind, type)}
_ENUMS = {kind.__name__: kind for kind in vars(model).values() if isinstance(kind, type) and issubclass(kind, Enum) and kind is not Enum}
_LEFT_OUT = ("where", "hints", "note", "consent_by", "consent_on", "source", "checked_on", "sic")
"""Fields that no renderer reads."""

_SHARED = ("root", "locale", "locales")
"""Fields of a layout that all tasks share, or that are not recorded."""


@value_class
class Record:
    """One language of a signed edition, ready to be made again."""

    version: Version
    tasks: tuple[Task, ...]
    files: Mapping[str, str]
    """SHA-256 of each file that the tasks made, by its path in the set."""
    unexplained: tuple[str, ...]
    """Files that stood in the set and were made from something else than the workspace held on the day of signing."""
    layouts: Mapping[str, str]
    """SHA-256 of each file of the layout."""
    versions: Mapping[str, str]
    fonts: Mapping[str, str]
    """Version of each font by its file's path in the workspace."""


def path(project: Project, letter: str, edition: int, language: str) -> Path:
    """Where the record of a language stands."""
    return project.content / letter / "editions" / f"{edition}.{language}.json"


def written(project: Project, edition: Edition, language: str, standing: Manifest) -> bytes:
    """The record of what stands in the set of an official edition, as far as the workspace would make the same again."""
    local = replace(edition, versions={language: edition.versions[language]})
    layouts = plan.layout_digests(project)
    mine = {e.path: e for e in standing.artifacts if e.language == language and e.kind.split("-")[0] in plan.FORMATS}

    def same(task: Task) -> dict[str, Product]:
        return {name: product for name, product in task.products.items() if name in mine and mine[name].recipe == product.recipe}

    papers = sorted(PAPERS, key=lambda name: name != project.settings.paper)
    tries = [[replace(task, products=same(task)) for task in plan.tasks(project, local, (), paper, layouts)] for paper in papers]
    found = next((tasks for tasks in tries if any(task.products for task in tasks)), tries[0])
    version, task = edition.versions[language], found[0]
    value = {
        "format": FORMAT,
        "letter": _plain(_printed(version.letter)),
        "words": dict(version.labels.words),
        "source_words": dict(task.english.words),
        "source_language": task.english.lang,
        "locale": _plain(task.layout.locale),
        "locales": [[code, _plain(facts)] for code, facts in task.layout.locales.items()],
        "tasks": [_task(task, mine) for task in found if task.products],
        "unexplained": sorted(set(mine) - {name for task in found for name in task.products}),
        "layouts": layouts,
        "versions": dict(plan.versions()),
        "fonts": plan.fonts(project.layouts),
    }
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read(data: bytes, root: Path, name: str) -> Record:
    """A record as it was written; `root` is the folder of the layouts, `name` the record's path for messages.

    Raises:
        EngrossError: it is damaged.
    """
    try:
        value = json.loads(data)
        if value["format"] != FORMAT:
            raise ValueError(f"format {value['format']}")
        letter = _restored(value["letter"], Position(name))
        version = Version(letter, Labels(letter.lang, value["words"]))
        locale, locales = _restored(value["locale"], Position(name)), {code: _restored(facts, Position(name)) for code, facts in value["locales"]}
        source = Labels(value["source_language"], value["source_words"])
        tasks = [_restored_task(task, version, source, Layout(root, locale, locales)) for task in value["tasks"]]
        files = {path: str(product["sha256"]) for task in value["tasks"] for path, product in task["products"].items()}
        return Record(version, tuple(tasks), files, tuple(value["unexplained"]), dict(value["layouts"]), dict(value["versions"]), dict(value["fonts"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngrossError(f"{name} is damaged: {error}", hint="signing wrote it and nobody edits it: restore it from the repository's history") from error


def _printed(letter: Letter) -> Letter:
    """The letter without those who do not sign it."""
    return replace(letter, signatories=tuple(who for who in letter.signatories if who.status is Consent.CONFIRMED or who.id == letter.lead))


def _task(task: Task, made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format": task.format,
        "layout": {f.name: _plain(getattr(task.layout, f.name)) for f in fields(Layout) if f.name not in _SHARED},
        "office": task.office,
        "sender": {**task.sender, "address": list(task.sender["address"])} if task.sender else None,  # type: ignore[call-overload]
        "missions": [mission.id for mission in task.missions],
        "fax": list(task.fax),
        "products": {name: {"kind": p.kind, "recipe": p.recipe, "mission": p.mission, "sha256": made[name].sha256} for name, p in task.products.items()},
    }


def _restored_task(value: Mapping[str, Any], version: Version, source: Labels, layout: Layout) -> Task:
    layout = replace(layout, **{name: _restored(fact, Position("")) for name, fact in value["layout"].items()})
    missions = {mission.id: mission for mission in version.letter.recipients or version.letter.cc}
    return Task(
        value["format"],
        {name: Product(p["kind"], version.letter.lang, p["recipe"], p["mission"]) for name, p in value["products"].items()},
        version,
        layout,
        source,
        value["office"],
        {**value["sender"], "address": tuple(value["sender"]["address"])} if value["sender"] else None,
        tuple(missions[name] for name in value["missions"]),
        (value["fax"][0], value["fax"][1]),
    )


def _plain(node: Any) -> Any:
    """A part of the letter as plain data that names its kind; what has its usual value is left out."""
    if isinstance(node, Enum):
        return {"is": type(node).__name__, "value": node.value}
    if isinstance(node, (date, datetime)):
        return {"is": "datetime" if isinstance(node, datetime) else "date", "value": node.isoformat()}
    if isinstance(node, (tuple, list)):
        return [_plain(child) for child in node]
    if is_dataclass(node):
        values = {f.name: getattr(node, f.name) for f in fields(node) if f.name not in _LEFT_OUT}
        usual = {f.name: f.default for f in fields(node) if f.default is not MISSING}
        return {"is": type(node).__name__, **{name: _plain(value) for name, value in values.items() if name not in usual or value != usual[name]}}
    return node


def _restored(value: Any, where: Position) -> Any:
    """The reverse of `_plain`; every text then stands at `where`."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_restored(child, where) for child in value)
    if not isinstance(value, Mapping):
        return value
    kind = value["is"]
    if kind in _ENUMS:
        return _ENUMS[kind](value["value"])
    if kind in ("date", "datetime"):
        return (datetime if kind == "datetime" else date).fromisoformat(value["value"])
    node = _NODES[kind]
    given = {name: _restored(child, where) for name, child in value.items() if name != "is"}
    return node(**given, **({"where": where} if any(f.name == "where" for f in fields(node)) else {}))
