"""The project's own letter as the peers' scripts need it: HTML, Markdown and Typst files, from the same texts and with the same fonts."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from engross import canonical, markup, plan
from engross.edition import prepare
from engross.labels import Labels
from engross.letter import Letter, List, Mission, Paragraph, Quote, Section, Segment, Signatory
from engross.locales import Locale
from engross.project import find
from engross.render import fax_html, pdf
from engross.render.facts import translated_lines
from engross.render.layout import Layout
from engross.task import Version


def plain(segment: Segment) -> str:
    return markup.plain(segment.text) if segment.markup else segment.text


def write(workspace: Path, letter: str, folder: Path) -> list[str]:
    """Write letter.<lang>.{html,md,json} and fax.<lang>.{html,json} for each language into the folder; the languages."""
    project = find(workspace)
    edition = prepare(project, letter, project.languages(()), official=False)
    for lang, version in edition.versions.items():
        layout = Layout(project.layouts, project.locale(lang), project.settings.locales, draft=False)
        (folder / f"letter.{lang}.html").write_text(_page(version, layout), "utf-8")
        (folder / f"letter.{lang}.md").write_text(_markdown(version), "utf-8")
        (folder / f"letter.{lang}.json").write_text(json.dumps(_parts(version, layout), ensure_ascii=False), "utf-8")
        sender = fax_html.Sender(**plan.sender(project, version.letter.cc[0], version.letter))  # type: ignore[arg-type]
        covers = [_cover(version, edition.versions["en"].labels, layout, sender, mission) for mission in version.letter.cc if mission.fax]
        (folder / f"fax.{lang}.html").write_text(_fax_page(version, layout, sender, covers), "utf-8")
        (folder / f"fax.{lang}.json").write_text(json.dumps(_fax_parts(version, layout, sender, covers), ensure_ascii=False), "utf-8")
    return list(edition.versions)


def draft(workspace: Path, letter: str, lang: str) -> str:
    """The page of a draft as `build` and `watch` lay it out."""
    project = find(workspace)
    version = prepare(project, letter, [lang], official=False).versions[lang]
    return _page(version, Layout(project.layouts, project.locale(lang), project.settings.locales))


def _page(version: Version, layout: Layout) -> str:
    return pdf.page(version.letter, version.labels, layout).replace("<style>", f"<style>{_faces(layout)}", 1)


def _faces(layout: Layout) -> str:
    """What a script with stock tools does about fonts: @font-face."""
    rules = []
    for path in layout.font_files():
        named = [name for name in (*layout.locale.serif, *layout.locale.sans) if path.name.startswith(name.lower().replace(" ", "-"))]
        family = max(named, key=len, default="")  # a file of Noto Sans JP begins as one of Noto Sans does
        weight, style = path.stem.split("-")[-2:]
        if family:
            rules.append(f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style}; src: url("{path.as_uri()}") }}')
    return "\n".join(rules)


def _parts(version: Version, layout: Layout) -> dict[str, object]:
    """The letter for the Typst template."""
    letter = version.letter
    return {
        "lang": letter.lang,
        "title": plain(letter.title),
        "fonts": list(layout.locale.serif),
        "lead": plain(letter.lead_signatory.name) if letter.lead_signatory else "",
        "date": layout.locale.format_date(letter.date),
        "addressee": [plain(s) for who in letter.addressees for s in who.lines()],
        "salutation": plain(letter.salutation),
        "blocks": [list(block) for block in _blocks(letter)],
        "closing": plain(letter.closing),
        "signatories": [plain(s.name) + (f", {plain(s.place)}" if s.place else "") for s in letter.printed],
        "cc": [[*(plain(s) for s in m.lines()), m.fax, m.email] for m in letter.cc],
    }


Row = tuple[str, list[str]]
"""What stands on the left of a cover, and the lines beside it; `{total}` is the number of pages."""


def _cover(version: Version, english: Labels, layout: Layout, sender: fax_html.Sender, mission: Mission) -> list[list[Row]]:
    """The cover for a mission: the rows between its rules, then its notes."""

    def both(key: str) -> str:
        return " / ".join(dict.fromkeys((version.labels[key], english[key])))

    letter, name = version.letter, layout.locale.language_name(version.letter.lang)
    to: list[Row] = [(both("to"), [plain(line) for line in (*mission.lines(), mission.mission)]), (both("fax"), [mission.fax])]
    origin: list[Row] = [(both("from"), [sender.name, *sender.address]), (both("telephone"), [sender.voice]), (both("fax"), [sender.fax]), (both("email"), [sender.email])]
    languages = dict.fromkeys((name, layout.locales["en"].language_name(letter.lang)))
    facts: list[Row] = [
        (both("date"), [layout.locale.format_date(letter.date)]),
        (both("pages"), ["{total}"]),
        (both("subject"), [plain(letter.subject or letter.title)]),
        (both("language"), [" / ".join(languages)]),
    ]
    rows = [[row for row in group if any(row[1])] for group in (to, origin, facts)]
    return [[(both("fax_transmission"), [])], *rows, [("", [line]) for line in dict.fromkeys((version.labels["fax_incomplete"], english["fax_incomplete"]))]]


_COVER_CSS = """
@page full { counter-reset: page; counter-increment: page }
.cover.full { page: full; break-after: page }
.cover.full h1 { font-size: 26pt; line-height: 1.1 }
.total::after { content: target-counter("#end", page) }
"""


def _fax_page(version: Version, layout: Layout, sender: fax_html.Sender, covers: list[list[list[Row]]]) -> str:
    """The fax letter as engross lays it out, with a cover for each mission before it, each of them page 1; the number of pages is the last page's number."""
    page = fax_html.letter_html(version.letter, version.labels, layout, sender)
    page = page.replace("counter(pages)", 'target-counter("#end", page)').replace("<style>", f"<style>{_faces(layout)}{_COVER_CSS}", 1)
    first = "".join(_cover_html(cover) for cover in covers)
    return page.replace('<div class="place-of-cover"></div>', first).replace("</body>", '<div id="end"></div></body>')


def _cover_html(cover: list[list[Row]]) -> str:
    head, *groups, notes = cover
    rows = "".join('<div class="rule"></div>' + "".join(_row_html(*row) for row in group) for group in groups)
    last = "".join(f'<p class="note">{escape(line)}</p>' for _, lines in notes for line in lines)
    return f'<section class="cover full"><h1>{escape(head[0][0])}</h1>{rows}<div class="rule"></div>{last}</section>'


def _row_html(label: str, lines: list[str]) -> str:
    value = escape(lines[0]) if lines[0] != "{total}" else '<span class="total"></span>'
    return f'<p class="row"><b>{escape(label)}</b>{value}</p>' + "".join(f'<p class="more">{escape(line)}</p>' for line in lines[1:])


def _fax_parts(version: Version, layout: Layout, sender: fax_html.Sender, covers: list[list[list[Row]]]) -> dict[str, object]:
    """The fax for the Typst template."""
    locale, labels, letter = layout.locale, version.labels, version.letter
    return {
        **_parts(version, layout),
        "translated": translated_lines(letter, labels, layout),
        "signatories": [_signatory(who, locale) for who in letter.printed],
        "cc": [[*map(plain, m.lines()), *(locale.field.format(label=labels[key], value=value) for key, value in (("fax", m.fax), ("email", m.email)) if value)] for m in letter.cc],
        "fonts": list(dict.fromkeys((*locale.sans, *(name for other in layout.locales.values() for name in other.sans)))),
        "sender": " · ".join([sender.name, *([locale.field.format(label=labels["fax"], value=sender.fax)] if sender.fax else [])]),
        "folio": labels["page_of"],
        "number": locale.field.format(label=labels["document_number"], value=canonical.document_number(letter)),
        "seal": locale.field.format(label=labels["seal"], value=canonical.seal(letter)),
        "copies": labels["cc"],
        "covers": covers,
    }


def _signatory(who: Signatory, locale: Locale) -> str:
    name = plain(who.name)
    name = locale.acronym.format(name=name, acronym=who.acronym) if who.acronym else name
    return locale.place.format(name=name, place=plain(who.place)) if who.place else name


def _blocks(letter: Letter) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for block in letter.body:
        for inner in (block, *block.blocks) if isinstance(block, Section) else (block,):
            if isinstance(inner, Section):
                out.append(("h", f"{inner.number}. {plain(inner.heading)}"))
            elif isinstance(inner, Paragraph):
                out.append(("p", plain(inner.text)))
            elif isinstance(inner, Quote):
                out.extend(("q", plain(p.text)) for p in inner.paragraphs)
            elif isinstance(inner, List):
                out.extend(("b", plain(item.text)) for item in inner.items)
    return out


def _markdown(version: Version) -> str:
    letter = version.letter
    mark = {"h": "## ", "p": "", "q": "> ", "b": "- "}
    lines = [f"# {plain(letter.title)}", *("\\\n".join([plain(s) for s in who.lines()]) for who in letter.addressees), plain(letter.salutation)]
    lines += [mark[kind] + text for kind, text in _blocks(letter)]
    lines += [plain(letter.closing), *(f"- {plain(s.name)}" for s in letter.printed), *("\\\n".join([*(plain(s) for s in m.lines()), m.fax, m.email]) for m in letter.cc)]
    return "\n\n".join(lines) + "\n"
