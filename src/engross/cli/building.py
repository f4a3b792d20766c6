"""What the command `build` does: make what is asked for, say what was made, and remember what to say when nothing has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engross import recall
from engross.cli import frame, quick

if TYPE_CHECKING:
    from engross.errors import Problem
    from engross.pipeline import Built, Request

FEW = 5
"""So many texts of a catalogue that wait for a translator are named one by one."""


def request(letters: Sequence[str], languages: Sequence[str], formats: Sequence[str], leave_out: Sequence[str], *, official: bool, paper: str, jobs: int) -> Request:
    """What is asked for, as the pipeline takes it."""
    from engross import pipeline

    return pipeline.Request(tuple(letters), tuple(languages), tuple(formats), official, paper, tuple(leave_out), jobs)


def build(values: Mapping[str, Any], seen: recall.Seen | None = None) -> None:
    """Make drafts or editions of what is asked for (`request`); a problem is raised as `pipeline.build` raises it. `seen` is what was just looked at."""
    from engross import crew

    layouts = _layouts(Path.cwd())
    with crew.called(layouts, values["formats"], values["jobs"]) as renderers, frame.progress() as bar:
        from engross import pipeline  # those who render need neither this nor the settings, and are called before it is loaded
        from engross.project import find

        asked, project, seen = request(**values), find(Path.cwd()), seen or recall.Seen()
        files = seen.digests(project.root, asked.letters)
        results = pipeline.build(project, asked, bar, files, renderers if project.layouts == layouts else None, meanwhile=seen.fingerprint)
    if not results:
        frame.say(frame.NO_LETTER)
    later: list[recall.Line] = []
    for built in results:
        problems = frame.problem_lines(gathered(built.problems))
        for line in (*problems, (frame.OUT, frame.safe(said(project.root, built, len(built.made))))):
            frame.show(*line)
        later += [*problems, (frame.OUT, frame.safe(said(project.root, built, 0)))]
    if seen.mark and not any(problem.code == pipeline.SIGNED_FILE for built in results for problem in built.problems):
        recall.remember(project.root, quick.key({name: getattr(asked, name) for name in quick.DECIDING}), seen, [built.folder for built in results], later)


def _layouts(start: Path) -> Path:
    """Where the layouts most probably are, before anybody has read a setting."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / frame.SETTINGS_FILE).is_file()), here) / "layouts"


def gathered(problems: Sequence[Problem]) -> list[Problem]:
    """The problems of a set, with the texts of one catalogue that wait for a translator as one: a draft marks each, and a new letter has a hundred."""
    waiting: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.code == "untranslated":
            waiting.setdefault(problem.where.path, []).append(problem)
    many = {path: found for path, found in waiting.items() if len(found) > FEW}
    hint = "engross status counts what is left; in drafts these texts stand in the source language, marked"
    first = [replace(found[0], message=f"{len(found)} texts are not translated, the first of them here", hint=hint) for found in many.values()]
    return [problem for problem in problems if problem.code != "untranslated" or problem.where.path not in many] + first


def said(root: Path, built: Built, made: int) -> str:
    """What was made of a letter, in a line."""
    from engross.artifact import SIGNED

    kinds: dict[str, int] = {}
    for entry in built.manifest.artifacts:
        kinds[entry.kind] = kinds.get(entry.kind, 0) + 1
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    signed = sum(kinds.get(kind, 0) for kind in SIGNED)
    left = f", {signed} of them signed and left as they are" if signed else ""
    return f"{built.folder.relative_to(root).as_posix()}: {listed}; {made} made, {len(built.manifest.artifacts) - made} unchanged{left}"
