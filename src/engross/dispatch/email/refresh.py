"""Previews of messages after officers signed: those that stand in the edition's set are made again with the PDFs that go out now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engross import artifact
from engross.dispatch.email import preview
from engross.edition import prepare
from engross.errors import Rejected
from engross.files import write_staged
from engross.project import Project


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Paths in the set."""

    made: tuple[str, ...] = ()
    """Made again."""
    removed: tuple[str, ...] = ()
    """Taken away: what they carried is not what goes out, and a language of theirs cannot be made now."""


def refresh(project: Project, letter: str, signed: tuple[str, ...]) -> Refreshed:
    """Bring the standing previews of an official edition up to date with its signed PDFs, all in one step; none that did not stand there is made.

    `signed` are the languages that were signed or renewed, which are fit for an official edition.

    Raises:
        EngrossError: another command is writing the set, or the disk failed; then all stand as before.
    """
    edition = prepare(project, letter, signed, official=True)
    folder = project.output / letter / f"edition-{edition.letter.edition}"
    with artifact.locked(folder), artifact.staging(folder) as stage:
        standing = artifact.read_manifest(folder)
        known = {entry.path: entry for entry in standing.artifacts if entry.kind == preview.KIND} if standing else {}
        if standing is None or not known:
            return Refreshed()
        try:
            there = {entry.language for entry in standing.artifacts if entry.kind == "pdf"}
            edition = prepare(project, letter, [code for code in project.languages(()) if code in there], official=True)
        except Rejected:  # another language is being worked on; messages that carry it cannot be written now
            pass
        others = tuple(entry for entry in standing.artifacts if entry.kind != preview.KIND)
        kept: list[artifact.Artifact] = []
        made: list[str] = []
        for message in preview.letters(project, edition, others):
            entry = known.get(message.path)
            if entry and entry.recipe.startswith(message.recipe) and artifact.intact(folder, entry):
                kept.append(entry)
            elif entry and message.compose:
                data = message.compose(lambda pdf: (folder / pdf.path).read_bytes())
                write_staged(stage / message.path, data)
                made.append(message.path)
                kept.append(message.entry(data))
        removed = sorted(set(known) - {entry.path for entry in kept})
        if made or removed:
            whole = tuple(sorted([*others, *kept], key=lambda entry: entry.path))
            artifact.publish(folder, {}, replace(standing, artifacts=whole), made=made)
    return Refreshed(tuple(made), tuple(removed))
