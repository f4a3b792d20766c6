"""A proof for the eyes: one HTML page with every finding, and the pages of PDFs as pictures with the places marked."""

from __future__ import annotations

import base64
import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from engross.proof.finding import CODES, Finding, Place, in_words
from engross.proof.pictures import Picture, boxes, picture
from engross.proof.sets import Proved

SHOWN = 15
"""So many findings of a file are shown; who has more than these has another file before him."""
SAME = 2
"""On so many pages at most a finding is shown on each."""
TAG_HEIGHT, TAG_WIDTH = 14, 4
"""Of a mark's number: in points, and in per cent of the page's width."""
PICTURED = ("pdf", "signed-pdf", "bilingual-pdf")
_WORDS = re.compile(r"\s+|[\w’'.,:+@/-]+|.", re.DOTALL)

_STYLE = """
:root { --red: #a3201a; --ink: #16181d; --grey: #4c525d; --line: #c3c8d2 }
* { box-sizing: border-box }
body { font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans KR", "Noto Sans JP", sans-serif; max-width: 60rem; margin: 0 auto; padding: 1.2rem 1rem 4rem; color: var(--ink); background: #fff }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0 } h2 { font-size: 1.2rem; margin: 3rem 0 .6rem; padding-top: .6rem; border-top: 2px solid var(--ink); overflow-wrap: anywhere }
h3 { font-size: 1rem; margin: 0 } a { color: #17457c } .sum { font-size: 1.1rem } .fine { color: #1e5b33 } .path { color: var(--grey); font-weight: 400; font-size: .85rem; display: block }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
td.number, th.number { text-align: right; white-space: nowrap }
.findings { list-style: none; padding: 0; margin: 0 } .finding { border: 1px solid var(--line); border-left: 5px solid var(--red); border-radius: 3px; padding: .6rem .9rem; margin: .7rem 0 }
.finding h3::before { content: attr(data-number); display: inline-block; min-width: 1.6em; text-align: center; background: var(--red); color: #fff; border-radius: 1em; margin-right: .5em; padding: 0 .3em }
.finding p { margin: .3rem 0 } dl { margin: .4rem 0 0; display: grid; grid-template-columns: 7.5rem 1fr; gap: .2rem .8rem } dt { color: var(--grey); font-size: .85rem } dd { margin: 0; overflow-wrap: anywhere }
del, ins { text-decoration: none; background: #ffe08a; font-weight: 700; padding: 0 .1em; border-radius: 2px } del { background: #cfe8d5 } code { font-size: .8rem; color: var(--grey) }
figure { margin: 1.2rem 0 } figcaption { font-weight: 600; margin-bottom: .4rem } .page { position: relative; border: 1px solid #8a90a0; max-width: 52rem } .page img { display: block; width: 100%; height: auto }
.mark { position: absolute; background: #d9261c2e; outline: 2px solid var(--red); outline-offset: 1px; min-width: 3px }
.mark.gap { background: var(--red); outline-width: 1px }
.tag { position: absolute; transform: translateY(-10%); background: var(--red); color: #fff; font: 700 .8rem/1.35 system-ui, sans-serif; padding: 0 .4em; border-radius: 1em; text-decoration: none }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .4rem } .tag { font-size: .6rem; padding: 0 .25em } .finding { padding: .5rem .6rem } }
@media print { body { max-width: none; padding: 0; font-size: 10pt } a { color: inherit; text-decoration: none } .finding, figure, tr { break-inside: avoid } h2, h3 { break-after: avoid }
  .page { max-width: 15cm } .mark, .tag, del, ins, .finding h3::before { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
"""


def html(results: Sequence[Proved], root: Path) -> str:
    """The page. It holds its pictures itself and loads nothing.

    Args:
        results: what the proof gave.
        root: folder of the workspace, where the files are read for their pictures.
    """
    wrong = [result for result in results if result.findings]
    count = sum(len(result.findings) for result in results)
    letters = ", ".join(dict.fromkeys(result.letter for result in results))
    rows = "".join(_row(number, result) for number, result in enumerate(wrong, 1))
    fine = "".join(f"<li>{escape(result.path)}{'' if result.read else ' (its text was not read)'}</li>" for result in results if not result.findings)
    summary = f"{_counted(count, 'finding')} in {len(wrong)} of {_counted(len(results), 'file')}; the text of {sum(result.read for result in results)} was read."
    table = f'<table><caption hidden>Files with findings</caption><thead><tr><th scope="col">File</th><th scope="col" class="number">Findings</th></tr></thead><tbody>{rows}</tbody></table>'
    navigation = f'<nav aria-label="Files with findings">{table}</nav>' if wrong else ""
    body = "".join(piece for number, result in enumerate(wrong, 1) for piece in _file(number, result, root))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Proof of {escape(letters)}</title>'
        f"<style>{_STYLE}</style></head><body><header><h1>Proof of {escape(letters)}</h1>"
        f'<p class="sum">{escape(summary)}</p></header><main>'
        f"{navigation}{body}"
        f'<section><h2>Files without findings</h2><ul class="fine">{fine or "<li>none</li>"}</ul></section></main></body></html>\n'
    )


def as_data(results: Iterable[Proved]) -> list[dict[str, object]]:
    """The proof as plain data, for JSON."""
    return [
        {
            "letter": r.letter,
            "path": r.path,
            "kind": r.kind,
            "language": r.language,
            "read": r.read,
            "findings": [_finding_data(f) for f in r.findings],
            **({"price": r.price.as_data()} if r.price else {}),
        }
        for r in results
    ]


def _finding_data(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "label": finding.label,
        "message": finding.message,
        "expected": finding.expected,
        "found": finding.found,
        "source": str(finding.where),
        "places": [{"page": p.page, "start": p.start, "end": p.end} for p in finding.places],
    }


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _row(number: int, result: Proved) -> str:
    folder, _, name = result.path.rpartition("/")
    return f'<tr><td><a href="#file{number}">{escape(name)}</a> <span class="path">{escape(folder)}</span></td><td class="number">{len(result.findings)}</td></tr>'


def _file(number: int, result: Proved, root: Path) -> Iterator[str]:
    """A file's section: its findings in order, then the pages they stand on."""
    folder, _, name = result.path.rpartition("/")
    yield f'<section aria-labelledby="file{number}"><h2 id="file{number}">{escape(name)} <span class="path">{escape(folder)}</span></h2><ol class="findings">'
    shown = result.findings[:SHOWN]
    for index, finding in enumerate(shown, 1):
        yield from _finding(f"f{number}-{index}", index, finding, result.language)
    yield "</ol>"
    if len(result.findings) > len(shown):
        yield f"<p><strong>{len(result.findings) - len(shown)} more findings are not shown.</strong> Where so much differs, another file probably stands in this one’s place.</p>"
    data = _bytes(root / result.path) if result.kind in PICTURED and any(f.places for f in shown) else b""
    for page in _pictured(shown) if data else ():
        marks = [(f"f{number}-{index}", index, finding) for index, finding in enumerate(shown, 1) if any(place.page == page for place in finding.places)]
        yield _figure(data, page, name, marks)
    yield "</section>"


def _pictured(findings: Sequence[Finding]) -> list[int]:
    """The pages to show: of what stands on many pages alike only the first."""
    pages: set[int] = set()
    for finding in findings:
        mine = sorted({place.page for place in finding.places})
        pages.update(mine if len(mine) <= SAME else mine[:1])
    return sorted(pages)


def _bytes(path: Path) -> bytes:
    """The file, or nothing where it is gone meanwhile: there is no picture of it then."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _finding(anchor: str, number: int, finding: Finding, language: str) -> Iterator[str]:
    about, what = in_words(finding.label), CODES.get(finding.code, finding.code)
    head = f"{what[:1].upper()}{what[1:]}" if finding.code == "proof-file" else f"{about[:1].upper()}{about[1:]}{':' * what.startswith(('the ', 'a '))} {what}"
    where = f", {finding.pages}" if finding.places else ""
    yield f'<li class="finding" id="{anchor}"><h3 data-number="{number}">{escape(head + where)}</h3><p>{escape(finding.message)}</p><dl>'
    expected, found = ("", "") if finding.code == "proof-file" else _marked(finding.expected, finding.found)
    if found == expected:
        expected = ""
    for title, value, lang in (("should be", expected, language), ("stands there", found, ""), ("written in", escape(str(finding.where)), "en")):
        if value:
            tongue = f' lang="{escape(lang)}"' if lang else ""
            yield f"<dt>{title}</dt><dd{tongue}>{value}</dd>"
    yield f"<dt>in short</dt><dd><code>{escape(finding.code)} {escape(finding.label)}</code></dd></dl></li>"


def _marked(expected: str, found: str) -> tuple[str, str]:
    """Both texts as HTML, the words marked in which they differ."""
    if not expected or not found:
        return escape(expected), escape(found)
    one, other = _WORDS.findall(expected), _WORDS.findall(found)
    left, right = [], []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        old, new = escape("".join(one[a:b])), escape("".join(other[c:d]))
        left.append(old if tag == "equal" or not old else f"<del>{old}</del>")
        right.append(new if tag == "equal" or not new else f"<ins>{new}</ins>")
    return "".join(left), "".join(right)


def _figure(data: bytes, number: int, name: str, marks: Sequence[tuple[str, int, Finding]]) -> str:
    """A page with its places marked and numbered as the findings are; measures in per cent, so that it fits any width."""
    page = picture(data, number)
    drawn = "".join(_marks(data, page, number, marks))
    alt = f"Page {number} of {name}; marked: {', '.join(f'{index}, {finding.label}' for _, index, finding in marks)}"
    image = f'<img alt="{escape(alt)}" width="{page.width:.0f}" height="{page.height:.0f}" src="data:image/png;base64,{base64.b64encode(page.png).decode()}">'
    return f'<figure><figcaption>Page {number}</figcaption><div class="page">{image}{drawn}</div></figure>'


def _marks(data: bytes, page: Picture, number: int, marks: Sequence[tuple[str, int, Finding]]) -> Iterator[str]:
    """The marks of a page, each with its number in the page's margin, where it hides no word."""
    beside: dict[int, int] = {}
    for anchor, index, finding in marks:
        places: list[Place] = [place for place in finding.places if place.page == number]
        for at, (x, y, width, height) in enumerate(boxes(data, places)):
            gap = finding.code == "proof-missing"
            left, wide = (x + width, 1.5) if gap else (x, width)
            top = f"top:{100 * y / page.height:.2f}%"
            yield f'<span class="mark{" gap" * gap}" style="left:{100 * left / page.width:.2f}%;{top};width:{100 * wide / page.width:.2f}%;height:{100 * height / page.height:.2f}%"></span>'
            if at == 0:
                line = round(y / TAG_HEIGHT)
                yield f'<a class="tag" href="#{anchor}" style="left:{1 + TAG_WIDTH * beside.get(line, 0)}%;{top}" aria-label="to finding {index}">{index}</a>'
                beside[line] = beside.get(line, 0) + 1
