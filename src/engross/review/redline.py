"""`engross diff`: what changed between two versions of a letter, as a Word file with real tracked changes or as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from engross.content.source import unread
from engross.edition import read_source
from engross.errors import Rejected, UsageError
from engross.letter import Letter
from engross.project import Project
from engross.render.layout import Layout
from engross.render.word.opc import quoteattr
from engross.review import page, versions
from engross.review.alignment import Pair, align
from engross.review.sheet import Sheet
from engross.review.wording import Glyph

KINDS = ("docx", "html")


def make(project: Project, name: str, lang: str, asked: str, kind: str) -> tuple[bytes, str]:
    """The redline as the bytes of a file, and how much changed, in a sentence.

    Args:
        project: the workspace.
        name: id of the letter.
        lang: locale of the version to compare.
        asked: the earlier version, see `versions.against`.
        kind: `docx` or `html`.

    Raises:
        UsageError: the kind or the version does not exist.
        Rejected: one of the versions cannot be read.
        OutsideError: git is not installed or failed.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no redline in the form {kind!r}", hint=f"it is one of {', '.join(KINDS)}")
    source, problems = read_source(project, name)
    if source is None or unread(problems):
        raise Rejected(problems)
    letter = replace(source.letter, lang=lang)
    new, old = versions.current(project, name, lang), versions.against(project, name, lang, asked)
    pairs = align(old.lines, new.lines)
    title = f"{name} ({lang}): {old.name} → {new.name}"
    locale = project.locale(lang)
    if kind == "html":
        return page.write(pairs, title, locale.tag, counts(pairs)), counts(pairs)
    layout = Layout(project.layouts, locale, project.settings.locales, paper=project.settings.paper)
    return _word(letter, layout, pairs, title), counts(pairs)


def counts(pairs: Sequence[Pair]) -> str:
    """How many texts changed, came, went."""
    changed = sum(bool(pair.changed and pair.old and pair.new) for pair in pairs)
    came, went = sum(pair.old is None for pair in pairs), sum(pair.new is None for pair in pairs)
    return f"{changed} changed, {came} added, {went} removed, {len(pairs) - changed - came - went} unchanged"


def _word(letter: Letter, layout: Layout, pairs: Sequence[Pair], title: str) -> bytes:
    """Tracked insertions and deletions (ISO/IEC 29500-1, 17.13.5); accepting all gives the new version, rejecting all the old, paragraphs included."""
    sheet = Sheet.begin(letter, layout, [pair.line.segment.text for pair in pairs])
    lead = letter.lead_signatory
    who = f"w:author={quoteattr(lead.name.text if lead else letter.id)} w:date={quoteattr(f'{letter.date.isoformat()}T00:00:00Z')}"
    number = 0

    def tracked(kind: str, inner: str) -> str:
        nonlocal number
        number += 1
        return f'<w:{kind} w:id="{number}" {who}>{inner}</w:{kind}>' if inner else f'<w:{kind} w:id="{number}" {who}/>'

    paragraphs = [sheet.paragraph("Draft Notice", sheet.runs(tuple(Glyph(c) for c in title), letter.lang))]
    for pair in pairs:
        runs = []
        for kind, text in pair.steps:
            name = {"insert": "ins", "delete": "del"}.get(kind, "")
            wrap = partial(tracked, name) if name else str
            runs.append(sheet.runs(text, pair.line.segment.lang, strong=pair.line.strong, deleted=kind == "delete", wrap=wrap))
        end = tracked("ins", "") if pair.old is None else tracked("del", "") if pair.new is None else ""
        paragraphs.append(sheet.line(pair.line, "".join(runs), end))
    body = "".join(paragraphs) + sheet.paragraph("Body Text", "") + sheet.section()
    return sheet.finish(body, title=title, custom={"Redline of": letter.id, "Redline": title})
