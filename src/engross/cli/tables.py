"""Tables for people: the state of the languages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engross.translation import LetterStatus

BAR = 12
WIDE = 160
"""Columns where there is no terminal to ask."""


def bar(share: float, width: int = BAR) -> str:
    """A bar that is full only at exactly 1."""
    filled = width if share >= 1 else min(int(share * width), width - 1)
    return "█" * filled + "░" * (width - filled)


def show_status(found: Sequence[LetterStatus]) -> None:
    """One table a letter: a row a language."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else WIDE)
    for letter in found:
        table = Table(title=letter.letter, title_justify="left", box=None, pad_edge=False, header_style="bold")
        for name in ("language", ""):
            table.add_column(name, no_wrap=True)
        for name in ("translated", "fuzzy", "empty", "words left"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("last change", no_wrap=True)
        table.add_column("approved")
        for row in letter.languages:
            total = row.translated + row.fuzzy + row.empty
            share = row.translated / total if total else 1.0
            table.add_row(row.language, bar(share), f"{row.translated}/{total}", str(row.fuzzy), str(row.empty), str(row.words_left), row.last_change[:10], row.approval)
        console.print(table)
