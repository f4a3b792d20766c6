"""The state of every language as a picture for a README: SVG 1.1, the same for the same state, with a title and a description for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from engross.translation.progress import LanguageStatus, LetterStatus

WIDTH = 720
_ROW, _HEAD, _LEFT, _BAR = 30, 40, 180, 270
_COLOURS = {"translated": "#2f7d5b", "fuzzy": "#d9902f", "empty": "#d5d9e0"}
_STYLE = (
    "text{font:14px system-ui,-apple-system,'Segoe UI','Noto Sans',sans-serif;fill:#1f2530}.h{font-weight:600}.s{font-size:12px;fill:#4a5260}"
    "@media (prefers-color-scheme:dark){text{fill:#e6e9ef}.s{fill:#aeb6c4}.frame{fill:#161b22;stroke:#3a424f}}"
)


def status_svg(found: Sequence[LetterStatus]) -> str:
    """A row a language: its name, a bar of what is translated, to be reviewed and empty, the share in figures, and whether it is approved."""
    height = 16 + sum(_HEAD + _ROW * len(letter.languages) for letter in found) + 26
    body: list[str] = []
    top = 8
    for letter in found:
        body.append(f'<text class="h" x="20" y="{top + 26}">{escape(letter.letter)}</text>')
        top += _HEAD
        for row in letter.languages:
            body += _row(row, top)
            top += _ROW
    body += _legend(top + 12)
    said = "; ".join(f"{letter.letter}: {describe(letter)}" for letter in found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title desc">\n'
        f'<title id="title">State of the translations</title>\n<desc id="desc">{escape(said)}.</desc>\n<style>{_STYLE}</style>\n'
        f'<rect class="frame" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8" fill="#ffffff" stroke="#d5d9e0"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def describe(letter: LetterStatus) -> str:
    """The same in words."""
    return ", ".join(f"{name(row.language)} {row.share} % translated, {_approval(row)}" for row in letter.languages)


def name(code: str) -> str:
    """What a language calls itself (CLDR), and its code."""
    from babel import Locale as Babel
    from babel import UnknownLocaleError

    try:
        own = Babel.parse(code.replace("-", "_")).get_display_name() or code
    except (UnknownLocaleError, ValueError):
        return code
    return f"{own[:1].upper()}{own[1:]} ({code})"


def _approval(row: LanguageStatus) -> str:
    if not row.last_change:
        return "source"
    state = row.approval_state
    return f"approved {state.approval.date}" if state.valid and state.approval else "approval void" if state.approval else "not approved"


def _row(row: LanguageStatus, top: int) -> Iterator[str]:
    total = max(row.translated + row.fuzzy + row.empty, 1)
    yield f'<text x="20" y="{top + 18}">{escape(name(row.language))}</text>'
    left = float(_LEFT)
    for kind, colour in _COLOURS.items():
        width = getattr(row, kind) * _BAR / total
        if width:
            yield f'<rect x="{left:.1f}" y="{top + 6}" width="{width:.1f}" height="15" fill="{colour}"/>'
        left += width
    yield f'<text x="{_LEFT + _BAR + 14}" y="{top + 18}">{row.share} %</text>'
    yield f'<text class="s" x="{_LEFT + _BAR + 66}" y="{top + 18}">{_approval(row)}</text>'


def _legend(top: int) -> Iterator[str]:
    for at, (kind, words) in enumerate(zip(_COLOURS, ("translated", "to be reviewed", "empty"), strict=True)):
        left = _LEFT + at * 140
        yield f'<rect x="{left}" y="{top}" width="11" height="11" fill="{_COLOURS[kind]}"/><text class="s" x="{left + 16}" y="{top + 10}">{words}</text>'
