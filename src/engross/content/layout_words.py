"""layouts/labels.yaml: the words that layouts print beside the letter's own text; and layouts/report.yaml, those of the delivery report, which stand in no letter."""

from __future__ import annotations

from pathlib import Path

from engross.content.fields import Fields
from engross.content.source import read_source
from engross.content.yaml_tree import Table, read_yaml
from engross.errors import Problem
from engross.letter import Segment
from engross.project import Project

DOMAIN = "layouts"
REPORT_DOMAIN = "report"


def read_labels(project: Project) -> tuple[tuple[Segment, ...], list[Problem]]:
    """One segment a word, whose label is the layout's key and whose hint says where it stands; and everything that is wrong with them."""
    return _read(project, project.layouts / "labels.yaml", DOMAIN)


def read_report_words(project: Project) -> tuple[tuple[Segment, ...], list[Problem]]:
    """The same of the delivery report's words; none where the layouts have no report."""
    path = project.layouts / "report.yaml"
    return _read(project, path, REPORT_DOMAIN) if path.exists() else ((), [])


def _read(project: Project, path: Path, domain: str) -> tuple[tuple[Segment, ...], list[Problem]]:
    text, problems = read_source(project, path)
    if text is None:
        return (), problems
    tree, faults = read_yaml(text, project.relative(path))
    problems += faults
    if not isinstance(tree, Table):
        if tree is not None:
            problems.append(Problem("bad-value", "the file must have keys", tree.where, 'for instance cc: {text: "CC:", note: …}'))
        return (), problems
    words = []
    for key, (where, entry) in tree.entries.items():
        if not isinstance(entry, Table):
            problems.append(Problem("bad-value", f"the word {key!r} must have a text and a note", where, 'for instance cc: {text: "CC:", note: …}'))
            continue
        fields = Fields(entry, ("text", "note"), problems, f"the word {key!r}")
        found, note = fields.scalar("text", required=True), fields.text("note")
        if found:
            words.append(Segment("label", found.text, found.where, key, project.settings.languages[0], domain, (note,) if note else ()))
    return tuple(words), problems
