"""Tables for people: the state of the languages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engross.translation import LetterStatus
    from engross.translation.progress import Tally

BAR = 12
SECTION = 48
"""Columns for a section's heading."""
WIDE = 160
"""Columns where there is no terminal to ask."""


def bar(share: float, width: int = BAR) -> str:
    """A bar that is full only at exactly 1."""
    filled = width if share >= 1 else min(int(share * width), width - 1)
    return "█" * filled + "░" * (width - filled)


def show_status(found: Sequence[LetterStatus], *, sections: bool = False) -> None:
    """One table a letter: a row a language, and under it one a section when asked for; then the checks that translators waived."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from engross.cli.frame import safe

    console = Console(width=None if sys.stdout.isatty() else WIDE)
    for letter in found:
        table = Table(title=escape(safe(letter.letter)), title_justify="left", box=None, pad_edge=False, header_style="bold")
        table.add_column("language", no_wrap=not sections, max_width=SECTION if sections else None)
        table.add_column("", no_wrap=True)
        for name in ("translated", "fuzzy", "empty", "words left"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("last change", no_wrap=True)
        table.add_column("approved")
        for row in letter.languages:
            table.add_row(row.language, *_figures(row.total), row.last_change[:10], escape(safe(row.approval)))
            for part in row.parts if sections else ():
                table.add_row(f"  {escape(safe(part.name))}", *_figures(part), style="dim")
        console.print(table)
        if lacking := [f"{row.language} {row.report.fuzzy + row.report.empty}" for row in letter.languages if row.report.fuzzy + row.report.empty]:
            console.print(f"words of the delivery report not ready: {', '.join(lacking)}", highlight=False, soft_wrap=True)
        for row in letter.languages:
            for waived in row.waivers:
                console.print(escape(safe(f"waived in {row.language}: {waived.code} at {waived.where}: {waived.reason}")), highlight=False, soft_wrap=True)


def _figures(tally: Tally) -> tuple[str, str, str, str, str]:
    """Bar, share, fuzzy, empty, words left."""
    total = tally.translated + tally.fuzzy + tally.empty
    return bar(tally.translated / total if total else 1.0), f"{tally.translated}/{total}", str(tally.fuzzy), str(tally.empty), str(tally.words_left)
