"""The redline as a page of its own: what went and came is marked in words for those who cannot see it, and never by colour alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from engross.review.alignment import Pair
from engross.review.wording import Glyphs, Step

_STYLE = """
body{font:1.05rem/1.55 Georgia,"Noto Serif KR","Noto Serif JP",serif;color:#1a1a1a;background:#fff;margin:0 auto;max-width:46rem;padding:1.5rem}
h1{font-size:1.25rem}h2{font-size:1.1rem}
ins{background:#e3f3e6;color:#0b4a1c;text-decoration:underline;text-decoration-thickness:2px}
del{background:#fbe6e6;color:#7c1616;text-decoration:line-through}
.changed{border-inline-start:.25rem solid #1f3864;padding-inline-start:.75rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.item{margin-inline-start:1.5rem;display:list-item}.label{color:#595959;font-size:.8rem}
nav ul{columns:12rem;padding-inline-start:1.2rem}
@media print{body{max-width:none}}
"""


def write(pairs: Sequence[Pair], title: str, lang: str, counts: str) -> bytes:
    """The page, one self-contained file; `lang` is the tag of the letter's language, the page's own words are English."""
    changed = [(at, pair) for at, pair in enumerate(pairs, 1) if pair.changed]
    entries = "".join(f'<li><a href="#c{at}">{escape(_name(pair, at))}</a></li>' for at, pair in changed)
    contents = f'<nav aria-label="Changes"><ul>{entries}</ul></nav>' if changed else "<p>Nothing changed.</p>"
    body = "".join(_block(at, pair) for at, pair in enumerate(pairs, 1))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><header><h1>{escape(title)}</h1><p>{escape(counts)}.</p>"
        f'<p><ins>Underlined</ins> was added, <del>struck out</del> was removed.</p>{contents}</header><main lang="{escape(lang)}">{body}</main></body></html>\n'
    ).encode()


def _name(pair: Pair, at: int) -> str:
    what = "added" if pair.old is None else "removed" if pair.new is None else "changed"
    return f"{pair.line.segment.label or f'text {at}'}, {what}"


def _block(at: int, pair: Pair) -> str:
    style = pair.line.style
    tag = "h2" if style in ("heading 1", "Signatory Group") else "blockquote" if style == "Quote" else "p"
    names = [name for name, on in (("changed", pair.changed), ("item", style.startswith("List"))) if on]
    attributes = (f' id="c{at}"' if pair.changed else "") + (f' class="{" ".join(names)}"' if names else "")
    return f"<{tag}{attributes}>{''.join(_steps(pair.steps))}</{tag}>\n"


_MARKS = {"insert": ("ins", "[added: ", "added]"), "delete": ("del", "[removed: ", "removed]")}


def _steps(steps: Sequence[Step]) -> Iterator[str]:
    for kind, text in steps:
        if kind == "equal":
            yield _html(text)
        else:
            tag, opening, closing = _MARKS[kind]
            said = [f'<span class="hidden" lang="en">{words}</span>' for words in (opening, f" {closing} ")]
            yield f"<{tag}>{said[0]}{_html(text)}{said[1]}</{tag}>"


def _html(text: Glyphs) -> str:
    out = []
    for (strong, emphasis, href), group in groupby(text, key=lambda glyph: glyph[1:]):
        words = escape("".join(glyph.text for glyph in group))
        words = f"<em>{words}</em>" if emphasis else words
        words = f"<strong>{words}</strong>" if strong else words
        out.append(f'<a href="{escape(href)}" rel="noreferrer">{words}</a>' if href else words)
    return "".join(out)
