"""Extraction methods for Babel: with them, plain `pybabel extract -F babel.cfg` finds the messages that `engross update` writes.

Babel opens a file and hands it over; what it holds is understood by the readers of `content`, which need the workspace around it. So a method finds the
workspace the file lies in, and gives the messages whose source stands in that file. Errors in the content end the extraction, as they end an update.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from engross.errors import Rejected, UsageError
from engross.letter import Mission
from engross.project import Project, find
from engross.translation.messages import Message, label_messages, letter_messages, mission_messages
from engross.translation.po import REPORT_DOMAIN

Options = Mapping[str, Any]
"""What babel.cfg says under the method's section; none of the methods has any."""

Found = tuple[int, str, tuple[str, str], list[str]]
"""Line, gettext function, (msgctxt, msgid), comments: what Babel expects of an extraction method."""


def engross_letter(fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], options: Options) -> Iterator[Found]:  # noqa: ARG001 - Babel gives it by this name
    """The messages of content/<letter>/letter.md."""
    yield from _in_letter(fileobj)


def engross_signatories(fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], options: Options) -> Iterator[Found]:  # noqa: ARG001 - Babel gives it by this name
    """The messages of content/<letter>/signatories.csv."""
    yield from _in_letter(fileobj)


def engross_missions(fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], options: Options) -> Iterator[Found]:  # noqa: ARG001 - Babel gives it by this name
    """The messages of content/missions.yaml."""
    project, path = _place(fileobj)
    yield from _of_file(mission_messages(_missions(project), terms=_terms(project)), project.relative(path))


def engross_labels(fileobj: IO[bytes], _keywords: Collection[str], _tags: Collection[str], options: Options) -> Iterator[Found]:  # noqa: ARG001 - Babel gives it by this name
    """The messages of layouts/labels.yaml, or of layouts/report.yaml."""
    from engross.content import read_labels, read_report_words

    project, path = _place(fileobj)
    segments, problems = (read_report_words if path.stem == REPORT_DOMAIN else read_labels)(project)
    if any(problem.is_error for problem in problems):
        raise Rejected(problems)
    yield from _of_file(label_messages(segments), project.relative(path))


def _in_letter(fileobj: IO[bytes]) -> Iterator[Found]:
    from engross.content import read_letter

    project, path = _place(fileobj)
    letter, problems = read_letter(project, path.parent.name, _missions(project))
    if letter is None or any(problem.is_error for problem in problems):
        raise Rejected(problems)
    yield from _of_file(letter_messages(letter, terms=_terms(project)), project.relative(path))


def _place(fileobj: IO[bytes]) -> tuple[Project, Path]:
    """The workspace, and the file's path in it."""
    name = getattr(fileobj, "name", None)
    if not isinstance(name, str):
        raise UsageError("the extraction methods of engross read files, not streams")
    path = Path(name).resolve()
    return find(path.parent), path


def _missions(project: Project) -> tuple[Mission, ...]:
    from engross.content import read_missions

    missions, problems = read_missions(project)
    if any(problem.is_error for problem in problems):
        raise Rejected(problems)
    return missions


def _terms(project: Project) -> list[str]:
    from engross.content import read_glossary

    return [term.term for term in read_glossary(project)[0]]


def _of_file(messages: list[Message], path: str) -> Iterator[Found]:
    """Each message once for each place of it in the file; Babel joins them and counts the lines."""
    for message in messages:
        for place in message.references:
            if place.path == path:
                yield place.line, "pgettext", (message.role, message.text), list(message.comments)
