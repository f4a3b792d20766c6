"""What only shows when entries of a catalogue are laid side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engross.errors import Problem, Severity
from engross.translation.checks.pair import Pair, quoted

CODES = ("differing",)


def differing(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Problem]]:
    """One source text, several translations: every entry but those of the most frequent one is named.

    Entries of other roles in which the text has another use (a label, a heading) are told apart by their domain.
    """
    groups: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs:
        groups.setdefault((pair.source, pair.domain if pair.domain == "layouts" else ""), []).append(pair)
    for group in groups.values():
        renderings = [pair.target for pair in group]
        usual = max(renderings, key=lambda text: (renderings.count(text), -renderings.index(text)))
        for pair in group:
            if pair.target != usual:
                other = next(p for p in group if p.target == usual)
                message = f"the same source text is translated {quoted(usual)} in {other.where}"
                yield pair, Problem("differing", message, pair.where, "use one translation, or waive it with a reason", Severity.WARNING)
