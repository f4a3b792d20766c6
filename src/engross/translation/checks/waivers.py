"""Waivers: a translator says, in a comment of the entry, that a check is wrong this time and why.

`# waive figures: the source counts two countries twice` silences `figures` for that entry. Several codes are parted by commas.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

from engross.errors import Position, Problem, Severity
from engross.translation.checks.pair import Pair, Rule
from engross.values import value_class

_WAIVE = re.compile(r"\s*waive\b[\s:：]*(?P<codes>[\w-]+(?:\s*,\s*[\w-]+)*)?\s*(?:[:：–—]\s*(?P<reason>.*))?\Z", re.IGNORECASE | re.DOTALL)


@value_class
class Waiver:
    """A check that an entry asks to be silent."""

    code: str
    reason: str
    pair: Pair

    @property
    def where(self) -> Position:
        """The entry."""
        return self.pair.where


def of(pair: Pair) -> Iterator[Waiver]:
    """The waivers of an entry, good or not."""
    for comment in pair.comments:
        match = _WAIVE.match(comment)
        if match:
            for code in re.split(r"\s*,\s*", match["codes"] or ""):
                yield Waiver(code.lower(), (match["reason"] or "").strip(), pair)


def waivers(pairs: Iterable[Pair]) -> list[Waiver]:
    """Every waiver that has a code and a reason, for a list of them."""
    return [waiver for pair in pairs for waiver in of(pair) if waiver.code and waiver.reason]


def apply(pair: Pair, problems: list[Problem], rules: Mapping[str, Rule | None]) -> list[Problem]:
    """The problems that no waiver silences, and those of the waivers themselves.

    `rules` holds every known code; `None` stands for one that looks at several entries and may be waived.
    """
    silent: set[str] = set()
    faults: list[Problem] = []
    firing = {problem.code for problem in problems}
    for waiver in of(pair):
        fault = _fault(waiver, firing, rules)
        if fault:
            faults.append(Problem(*fault, severity=Severity.WARNING))
        else:
            silent.add(waiver.code)
    return [problem for problem in problems if problem.code not in silent] + faults


def _fault(waiver: Waiver, firing: set[str], rules: Mapping[str, Rule | None]) -> tuple[str, str, Position, str] | None:
    code, where = waiver.code, waiver.where
    if code not in rules:
        close = difflib.get_close_matches(code, rules, 1, 0.5)
        return ("waiver-unknown", f"there is no check {code!r} to waive", where, f"did you mean {close[0]!r}?" if close else "write `# waive CODE: reason`")
    rule = rules[code]
    if rule and not rule.waivable:
        return ("waiver-refused", f"{code} cannot be waived", where, "it protects the page and its readers")
    if not waiver.reason:
        return ("waiver-reason", f"the waiver of {code} has no reason", where, f"write `# waive {code}: reason`")
    if code not in firing:
        return ("waiver-idle", f"{code} finds nothing here", where, "delete the comment")
    return None
