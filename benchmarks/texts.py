"""The project's own letter as the peers' scripts need it: HTML, Markdown and Typst files, from the same texts and with the same fonts."""

from __future__ import annotations

import json
from pathlib import Path

from engross import markup
from engross.edition import Version, prepare
from engross.letter import Letter, List, Paragraph, Quote, Section, Segment
from engross.project import find
from engross.render import pdf
from engross.render.layout import Layout


def plain(segment: Segment) -> str:
    return markup.plain(segment.text) if segment.markup else segment.text


def write(workspace: Path, letter: str, folder: Path) -> list[str]:
    """Write letter.<lang>.{html,md,json} for each language into the folder; the languages."""
    project = find(workspace)
    edition = prepare(project, letter, project.languages(()), official=False)
    for lang, version in edition.versions.items():
        layout = Layout(project.layouts, project.locale(lang), project.settings.locales, draft=False)
        (folder / f"letter.{lang}.html").write_text(_page(version, layout), "utf-8")
        (folder / f"letter.{lang}.md").write_text(_markdown(version), "utf-8")
        (folder / f"letter.{lang}.json").write_text(json.dumps(_parts(version, layout), ensure_ascii=False), "utf-8")
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
        family = next((name for name in (*layout.locale.serif, *layout.locale.sans) if path.name.startswith(name.lower().replace(" ", "-"))), "")
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
