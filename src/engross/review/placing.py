"""Where the texts of letter.md stand in its bytes, and new texts put there with as few other bytes as can be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import SequenceMatcher

from engross.content import read_missions
from engross.content.body import read_body
from engross.content.front_matter import read_front_matter
from engross.content.inline import Lines
from engross.letter import Segment
from engross.project import Project
from engross.review.wording import Glyph, plain, tokens

Edit = tuple[int, int, str]
"""Characters from, to, and what comes in their place."""


class Misplaced(ValueError):
    """A text cannot be put into the file; the message says why."""


def rewritten(project: Project, name: str, data: bytes, texts: Mapping[str, str]) -> bytes:
    """The file's bytes with new texts by label.

    Raises:
        Misplaced: a text stands where it cannot be replaced by itself (a YAML value over several lines), or the file would then read differently elsewhere.
    """
    try:
        return _rewritten(project, name, data.decode("utf-8"), texts, quoted=False)
    except Misplaced:
        return _rewritten(project, name, data.decode("utf-8"), texts, quoted=True)


def _rewritten(project: Project, name: str, text: str, texts: Mapping[str, str], *, quoted: bool) -> bytes:
    """With YAML values as they are, or between quotation marks."""
    before, places = _segments(project, name, text)
    edits: list[Edit] = []
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    for label, new in texts.items():
        if label in places:
            edits += _in_body(places[label], new, starts)
        elif label in before:
            edits.append(_in_front_matter(before[label], new, text, starts, quoted=quoted))
        else:
            raise Misplaced("the letter has no such text")
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    after, _ = _segments(project, name, text)
    expected = {label: texts.get(label, segment.text) for label, segment in before.items()}
    found = {label: segment.text for label, segment in after.items()}
    if found != expected:
        other = next((label for label in expected if found.get(label) != expected[label]), "")
        raise Misplaced(f"written so, {other or 'the letter'} would read differently")
    return text.encode()


def _segments(project: Project, name: str, text: str) -> tuple[dict[str, Segment], dict[str, Lines]]:
    """The texts of a letter.md by label, and for those of the body where their characters stand."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    missions, _ = read_missions(project)
    source, path = project.settings.languages[0], f"content/{name}/letter.md"
    front, problems = read_front_matter("\n" + "\n".join(lines[1:end]), path, source, name, missions)
    body, more = read_body("\n".join(lines[end + 1 :]), path, end + 2, source, name)
    broken = next((problem for problem in (*problems, *more) if problem.is_error), None)
    if front is None or broken:
        raise Misplaced(f"written so, the file would have an error ({broken.message if broken else 'no front matter'})")
    own = [s for s in (front.title, front.place, front.subject, front.salutation, front.closing, front.cover_note, front.email_subject, *front.enclosures) if s]
    own += [s for who in front.addressees for s in who.lines()]
    found = {segment.label: segment for segment in own}
    found |= {label: Segment("", lines.text, lines.at(0), label, source, name) for label, lines in body.places.items()}
    return found, body.places


def _in_body(lines: Lines, new: str, starts: list[int]) -> list[Edit]:
    """Only the words that differ, so that the file keeps its own line breaks."""
    if not new.strip() or "\n" in new:
        raise Misplaced("a text is one line, and not empty")
    old = lines.text

    def at(offset: int) -> int:
        where = lines.at(offset)
        return starts[where.line - 1] + where.column - 1

    before, after = ([plain(token) for token in tokens([Glyph(c) for c in text])] for text in (old, new))
    offsets = [0]
    for word in before:
        offsets.append(offsets[-1] + len(word))
    edits = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            start, end = offsets[i1], offsets[i2]
            edits.append((at(start), at(end), "".join(after[j1:j2])))
    return edits


def _in_front_matter(segment: Segment, new: str, text: str, starts: list[int], *, quoted: bool) -> Edit:
    """A YAML value on one line, in the quotation marks it has, or in new ones."""
    start = starts[segment.where.line - 1] + segment.where.column - 1
    old = segment.text
    for quote, written, made in (
        ("'", "'" + old.replace("'", "''") + "'", "'" + new.replace("'", "''") + "'"),
        ('"', json.dumps(old, ensure_ascii=False), json.dumps(new, ensure_ascii=False)),
        ("", old, json.dumps(new, ensure_ascii=False) if quoted else new),
    ):
        if text.startswith(written, start) and (quote or text[start : start + 1] not in "'\""):
            return start, start + len(written), made
    raise Misplaced("it stands over several lines of the front matter")
