"""One build after another of the same request: what has not changed is neither read, nor checked, nor rendered again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from engross import pipeline, plan
from engross.artifact import Artifact, Busy
from engross.content import glyphs
from engross.edition import prepare
from engross.errors import EngrossError
from engross.pipeline import Built, Request
from engross.project import Project, find
from engross.task import Task
from engross.watch import looking
from engross.watch.looking import Digests, Mark
from engross.watch.memory import Memory
from engross.watch.team import Team
from engross.workers import Check, Progress

LAYOUTS, FONTS = "layouts", "layouts/fonts/"


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a look at the workspace."""

    saved: tuple[str, ...]
    """Paths of the files that are others than before, or gone."""
    results: Mapping[str, Built | EngrossError]
    """By letter; by an empty name what stopped them all."""

    @property
    def busy(self) -> bool:
        """Whether another build stood in the way: it is to be tried again."""
        return any(isinstance(result, Busy) for result in self.results.values())


class _Careful:
    """A team whose work counts only if nothing was saved in the layout while it read it: a save that is undone within one build would leave the name of the one with the bytes of the other."""

    def __init__(self, team: Team, root: Path, before: object) -> None:
        self._team, self._root, self._before = team, root, before

    def run(self, tasks: Sequence[Task], jobs: int, progress: Progress, check: Check | None = None, stage: Path | None = None) -> list[Artifact]:
        """As `workers.run`.

        Raises:
            Busy: the layout was written to; nothing is published, and the next look builds again.
        """
        made = self._team.run(tasks, jobs, progress, check, stage)
        if looking.standing(self._root, LAYOUTS) != self._before:
            raise Busy("a file in layouts/ was saved while it was read", hint="it is made again at once")
        return made


class Session:
    """Builds drafts of what `request` names, in a workspace, with the bytes that `engross build` would make."""

    def __init__(self, project: Project, request: Request) -> None:
        """Load what rendering needs.

        Raises:
            OutsideError: WeasyPrint or a library it needs is missing or of another version.
        """
        self.root, self._request = project.root, request
        self._digests, self._memory = Digests(project.root), Memory()
        self._team = Team(project.layouts, request.formats)
        self._files: dict[str, str] = {}
        self._sure = False
        """Whether what was built last was built from what the files say."""

    def build(self, seen: Mapping[str, Mark]) -> Round | None:
        """Build what the files that were seen demand; None if they say what they said before."""
        layouts = looking.standing(self.root, LAYOUTS, seen)
        files, before = self._digests.of(seen), self._files
        if files == before and self._sure:
            return None
        if _below(FONTS, files) != _below(FONTS, before):
            self._team.dismiss()  # a process knows the fonts it began with
            glyphs.forget()
        self._files, self._memory.files, self._sure = files, files, True
        saved = tuple(sorted(name for name in {*files, *before} if before.get(name) != files.get(name)))
        try:
            project = find(self.root)
            names = project.pick(self._request.letters)
            parts = len(project.languages(self._request.languages)) * len(self._request.formats or plan.FORMATS)
        except EngrossError as error:
            return Round(saved, {"": error})
        self._team.hire(min(self._request.jobs or os.cpu_count() or 1, parts))
        results = {name: self._one(project, name, files, _Careful(self._team, self.root, layouts)) for name in names}
        self._team.refresh()
        return Round(saved, results)

    def _one(self, project: Project, name: str, files: Mapping[str, str], team: _Careful) -> Built | EngrossError:
        """Each letter by itself: a fault in one keeps no other from being built."""
        try:
            return pipeline.build(project, replace(self._request, letters=(name,)), files=files, crew=team, keep=self._memory)[0]
        except EngrossError as error:
            return error

    def distrust(self) -> None:
        """The next build looks for itself: a file was saved while it was read, or another build stood in the way."""
        self._memory.forget()
        self._sure = False

    def warm_up(self) -> None:
        """Let processes that had nothing to do render something that nobody asked for, in the background: the first save finds them warm."""
        with suppress(EngrossError):  # told already
            project = find(self.root)
            for name in project.pick(self._request.letters)[:1]:
                edition = prepare(project, name, project.languages(self._request.languages), official=False, keep=self._memory)
                self._team.warm_up(plan.tasks(project, edition, self._request.formats, project.settings.paper, plan.layout_digests(project, self._files)))

    def close(self) -> None:
        """End the processes that render."""
        self._team.dismiss()


def _below(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in files.items() if name.startswith(folder)}
