"""What a build has to make: one task for each language and format, and for each product the digest of all that decides its bytes."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from engross import __version__
from engross.artifact import digest
from engross.canonical import canonical_json, printed_content
from engross.content.glyphs import font_version
from engross.edition import Edition
from engross.errors import UsageError
from engross.labels import Labels
from engross.letter import Letter, Mission, Segment
from engross.project import Project
from engross.recall import is_scratch
from engross.render.layout import Layout, Signature
from engross.settings_signing import ARCHIVE_FIELDS, choose
from engross.task import Product, Task, Version
from engross.values import value_class

FORMATS = ("pdf", "docx", "html", "txt", "fax")
AFTERWARDS = ("email",)
"""Made from other products, which are made with them."""
WORKING = ("bilingual",)
"""Working copies: made only when asked for by name, among drafts, and not in the source language."""
REPORT = "report."
"""What the names of the layout's files begin with that are the delivery report's: no letter is made from them."""
LIBRARIES = ("weasyprint", "pydyf", "python-docx", "lxml", "jinja2", "babel", "markdown-it-py", "pypdfium2", "pillow", "pyphen")
"""Those whose version can change the bytes of an artefact."""


def tasks(project: Project, edition: Edition, formats: Sequence[str], paper: str, layouts: Mapping[str, str] | None = None) -> list[Task]:
    """The tasks of an edition, those that take longest first. `layouts` are the digests of the layouts' files, where the caller has them.

    Raises:
        UsageError: a format is unknown, or a working copy is asked for where there is none.
    """
    for name in formats:
        if name not in (*FORMATS, *AFTERWARDS, *WORKING):
            raise UsageError(f"unknown format {name!r}", hint=f"formats: {', '.join((*FORMATS, *AFTERWARDS, *WORKING))}")
        if name in WORKING and (edition.official or set(edition.versions) <= {edition.letter.source_lang}):
            raise UsageError(f"the {name} edition is a working copy of a translation", hint="leave out --official, and name another language than the source's")
    files = layout_digests(project) if layouts is None else layouts
    wanted = [name for name in ("fax", "bilingual", "pdf", "docx", "html", "txt") if name in (formats or FORMATS) or (name == "pdf" and "email" in formats)]
    said = {lang: _said(local.letter) for lang, local in edition.versions.items()}
    return [task for name in wanted for lang in edition.versions for task in _tasks(project, edition, lang, name, paper, files, said[lang])]


def inputs(project: Project, edition: Edition, layouts: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 of every file of the workspace that the edition was made from, by path."""
    paths = [
        *(project.content / edition.letter.id).glob("*.*"),
        project.content / "missions.yaml",
        *(project.translations / lang / "LC_MESSAGES" / f"{domain}.po" for lang in edition.versions for domain in (edition.letter.id, "missions", "layouts")),
    ]
    found = {project.relative(path): digest(path.read_bytes()) for path in paths if path.is_file() and not is_scratch(path.name)}
    return dict(sorted({**found, **{f"layouts/{name}": value for name, value in layouts.items()}}.items()))


def layout_digests(project: Project, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """SHA-256 of each file in layouts/ that letters are made from, by its path there; from the digests of the workspace's files where those are known."""
    if known:
        found = {name.removeprefix("layouts/"): value for name, value in sorted(known.items()) if name.startswith("layouts/")}
        return {name: value for name, value in found.items() if not name.startswith(REPORT)}
    paths = [(path.relative_to(project.layouts), path) for path in sorted(project.layouts.rglob("*")) if path.is_file()]
    return {name.as_posix(): digest(path.read_bytes()) for name, path in paths if not any(map(is_scratch, name.parts)) and not name.name.startswith(REPORT)}


def fonts(layouts: Path) -> dict[str, str]:
    """What each font in the folder of layouts says its version is, by the file's path in the workspace."""
    return {f"layouts/fonts/{path.name}": font_version(path) for path in sorted((layouts / "fonts").glob("*.ttf"))}


@value_class
class Basis:
    """What a set was made from."""

    files: Mapping[str, str]
    """SHA-256 of each file, by its path in the workspace."""
    versions: Mapping[str, str]
    """Of the program and the libraries."""
    fonts: Mapping[str, str]
    """What each font says its version is, by its file's path in the workspace."""

    def changes(self, now: Basis) -> dict[str, str]:
        """In words what is another now, by the library or the file."""
        found = {name: f"{name} {now.versions.get(name, 'is missing')}, then {self.versions.get(name, 'missing')}" for name in _differing(self.versions, now.versions)}
        for path in _differing(self.files, now.files):
            if path in self.fonts or path in now.fonts:
                then, here = (fonts.get(path, "missing").partition(";")[0] for fonts in (self.fonts, now.fonts))
                found[path] = f"the font {Path(path).name} is another ({here}, then {then})" if here != then else f"the font {Path(path).name} has other bytes ({here})"
            else:
                found[path] = f"{path} {'is new' if path not in self.files else 'is gone' if path not in now.files else 'changed'}"
        return found


def _differing(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


@cache
def versions() -> Mapping[str, str]:
    """Versions of the program, the interpreter and the libraries that decide the bytes."""
    found = {"engross": __version__, "python": platform.python_version(), **_installed()}
    with suppress(OSError, AttributeError):
        pango = ctypes.CDLL("libpango-1.0.so.0").pango_version_string
        pango.restype = ctypes.c_char_p
        found["pango"] = pango().decode()
    return found


def _installed() -> dict[str, str]:
    """Versions of the libraries, from the names of the folders that installers leave (`python_docx-1.2.0.dist-info`, PEP 376): reading each METADATA takes 30 ms."""
    found: dict[str, str] = {}
    for folder in filter(os.path.isdir, sys.path):
        for entry in (item.name for item in os.scandir(folder)):
            name, _, number = entry.removesuffix(".dist-info").partition("-")
            if entry.endswith(".dist-info") and number:
                found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), number)
    return {name: found[name] if name in found else _recorded(name) for name in LIBRARIES}


def _recorded(name: str) -> str:
    """The version of a library that is installed in another way."""
    from importlib.metadata import version

    return version(name)


def _tasks(project: Project, edition: Edition, lang: str, name: str, paper: str, files: Mapping[str, str], said: Mapping[str, Any]) -> Iterator[Task]:
    local, settings = edition.versions[lang], project.settings
    authoritative = settings.authoritative if settings.authoritative != lang else ""
    layout = Layout(project.layouts, project.locale(lang), settings.locales, paper, not edition.official, authoritative, settings.logo)
    if edition.official and name == "pdf":
        layout = replace(_with_fields(layout, project, local.letter), seal_qr=settings.seal_qr)
    basis = _recipe(local, layout, files, name, said)
    english = edition.versions.get(edition.letter.source_lang, local).labels if edition.letter.source_lang in edition.versions else source_labels(project)
    if name == "bilingual":
        yield from _bilingual(project, edition, Task(name, {}, local, layout, english), basis)
        return
    if name != "fax":
        path = f"{lang}/{edition.letter.id}.{lang}.{name}"
        yield Task(name, {path: Product(name, lang, basis)}, local, layout, english)
        return
    missions = {mission.id: mission for mission in (local.letter.recipients or local.letter.cc) if mission.fax}
    groups: dict[tuple[str, tuple[str, str]], list[Mission]] = {}
    for mission in missions.values():
        groups.setdefault((office_of(project, mission), fax_form(project, mission)), []).append(mission)
    for (office, form), served in sorted(groups.items(), key=lambda group: group[0]):
        about = sender(project, served[0], local.letter)
        common = digest(canonical_json([basis, about, form, dict(english.words)]))
        products = {
            f"fax/{mission.id}.{lang}.{ending}": Product(kind, lang, digest(canonical_json([common, _mission(mission)])), mission.id)
            for mission in served
            for ending, kind in (("tif", "fax-tiff"), ("pdf", "fax-pdf"))
        }
        yield Task(name, products, local, layout, english, office, about, tuple(served), form)


def _with_fields(layout: Layout, project: Project, letter: Letter) -> Layout:
    """The layout with a field for each officer who signs the letter, and those for archive time stamps."""
    profile = choose(project.settings.signing, letter.id)
    if not profile:
        return layout
    fields = tuple(Signature(officer.field, officer.role_in(letter.lang), profile.visible) for officer in profile.signers(letter.signed_by))
    return replace(layout, signatures=fields, archive_fields=ARCHIVE_FIELDS if fields else ())


def _bilingual(project: Project, edition: Edition, task: Task, basis: str) -> Iterator[Task]:
    from engross import collation

    lang = task.version.letter.lang
    if lang != edition.letter.source_lang:
        rows = collation.rows(project, edition.letter, lang)
        recipe = digest(canonical_json([basis, dict(task.english.words), [repr(row) for row in rows]]))
        stem = f"{lang}/{edition.letter.id}.{lang}.bilingual"
        yield replace(task, products={f"{stem}.{kind}": Product(f"bilingual-{kind}", lang, recipe) for kind in ("pdf", "docx")}, rows=rows)


def source_labels(project: Project) -> Labels:
    """The layout's words as written in layouts/labels.yaml."""
    from engross.content import read_labels

    segments, _ = read_labels(project)
    return Labels(project.settings.languages[0], {segment.label: segment.text for segment in segments})


def office_of(project: Project, mission: Mission) -> str:
    """Id of the office that serves a mission: the one the address book names, else the only one there is; empty when there is none."""
    offices = project.settings.offices
    return mission.office if mission.office in offices else next(iter(offices)) if len(offices) == 1 and not mission.office else ""


def fax_form(project: Project, mission: Mission) -> tuple[str, str]:
    """Resolution and coding of a mission's faxes: its own if the address book has them, else those of its office."""
    office = project.settings.offices.get(office_of(project, mission))
    of_office = (office.fax_resolution, office.fax_coding) if office else ("fine", "mmr")
    return mission.fax_resolution or of_office[0], mission.fax_coding or of_office[1]


def sender(project: Project, mission: Mission, letter: Letter) -> dict[str, object]:
    """Who the fax says it is from: the office that serves the mission, else the lead organisation."""
    if office := office_of(project, mission):
        found = project.settings.offices[office]
        return {"name": found.name, "fax": found.fax, "voice": found.voice, "email": found.email, "address": found.address}
    lead = letter.lead_signatory or next(iter(letter.printed), None)
    return {"name": lead.name.text if lead else "", "fax": "", "voice": "", "email": "", "address": ()}


def recipe_of_text(version: Version) -> str:
    """Digest of all words that a version prints: the letter's and the layout's."""
    return digest(canonical_json([printed_content(version.letter), [[s.label, s.text] for s in version.letter.segments()], dict(version.labels.words)]))


def _mission(mission: Mission) -> list[Any]:
    """What a cover says of its mission."""
    texts = [[segment.text, segment.lang, segment.standing.value] for segment in (mission.mission, mission.city, *mission.lines())]
    return [mission.id, mission.fax, mission.fax_e164, mission.email, mission.holder.status, *texts]


def _of_all(letter: Letter) -> Iterator[Segment]:
    """The texts that decide what is common to all copies: not those that only one mission's cover and message have."""
    yield from replace(letter, cc=(), recipients=()).segments()
    for mission in letter.cc:
        yield from mission.lines()


def _said(letter: Letter) -> dict[str, Any]:
    """What a letter says, for the recipes of all its formats."""
    return {"printed": printed_content(letter), "segments": [[s.label, s.text, s.lang, s.standing.value] for s in _of_all(letter)]}


def _recipe(local: Version, layout: Layout, files: Mapping[str, str], name: str, said: Mapping[str, Any]) -> str:
    """Digest of text (`_said`), words, layout, fonts and versions, for one format."""
    letter = local.letter
    fonts = {path.name for path in layout.font_files()}
    value = {
        "format": name,
        **said,
        "published_at": letter.published_at,
        "labels": dict(local.labels.words),
        "paper": layout.paper,
        "draft": layout.draft,
        "authoritative": layout.authoritative,
        "logo": layout.logo,
        "locale": {key: list(item) if isinstance(item, tuple) else str(item) for key, item in asdict(layout.locale).items()},
        "layout": {path: value for path, value in files.items() if not path.startswith("fonts/") or path.rpartition("/")[2] in fonts},
        "versions": dict(versions()),
    }
    if layout.seal_qr:
        value["seal_qr"] = True
    if layout.signatures:
        value["signatures"] = [[field.field, field.role, field.visible] for field in layout.signatures]
    return digest(canonical_json(value))
