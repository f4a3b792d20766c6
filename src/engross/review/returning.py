"""`engross review import`: a file from a reviewer, read and held against the letter it was made from."""

from __future__ import annotations

from pathlib import Path

from engross.errors import Position, Problem, Rejected
from engross.project import Project
from engross.review import hostile, matching, reading
from engross.review.export import gather
from engross.review.model import Report


def read_returned(project: Project, path: Path) -> Report:
    """Every change and comment of a reviewed file, and what cannot be taken over by itself.

    Raises:
        Rejected: it is no file that a review made, or holds what no review needs; or the letter cannot be read.
        UsageError: the workspace has no such letter or language.
    """
    document = hostile.open_returned(path)
    facts = reading.properties(document)
    name, lang = facts.get("Review of", ""), facts.get("Review language", "")
    if not name or not lang:
        raise Rejected([Problem("bad-review", "the file does not say which letter it reviews", Position(path.name), "send the .docx that `engross review export` made")])
    (name,), (lang,) = project.pick([name]), project.languages([lang])
    pieces = sorted((int(key[7:]), value) for key, value in facts.items() if key.startswith("Review ") and key[7:].isdigit())
    sent = "".join(value for _, value in pieces).split()
    return matching.match(gather(project, name, lang), reading.paragraphs(document), reading.remarks(document), sent, path.name)
