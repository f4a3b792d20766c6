"""Translations: what translators get, what they send back, and what becomes of it in a letter."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from engross.translation.localization import Translations, gaps, load, localize, localize_labels, printed_segments
from engross.translation.po import Entry

if TYPE_CHECKING:
    from engross.translation.approval import Approval, approve, unapproved
    from engross.translation.approval import state as approval_state
    from engross.translation.examination import OPINIONS, examine
    from engross.translation.picture import status_svg
    from engross.translation.progress import LetterStatus, status
    from engross.translation.refresh import UpdateReport, update
    from engross.translation.terms import TermUse, term_index, term_uses

__all__ = [
    "OPINIONS",
    "Approval",
    "Entry",
    "LetterStatus",
    "TermUse",
    "Translations",
    "UpdateReport",
    "approval_state",
    "approve",
    "examine",
    "gaps",
    "load",
    "localize",
    "localize_labels",
    "printed_segments",
    "status",
    "status_svg",
    "term_index",
    "term_uses",
    "unapproved",
    "update",
]

_LATER = {
    **dict.fromkeys(("Approval", "approve", "unapproved"), "approval"),
    "approval_state": "approval.state",
    **dict.fromkeys(("OPINIONS", "examine"), "examination"),
    **dict.fromkeys(("status_svg",), "picture"),
    **dict.fromkeys(("LetterStatus", "status"), "progress"),
    **dict.fromkeys(("UpdateReport", "update"), "refresh"),
    **dict.fromkeys(("TermUse", "term_index", "term_uses"), "terms"),
}


def __getattr__(name: str) -> object:
    """What a build does not need, or not before rendering begins, is loaded when it is asked for (PEP 562): 6 ms, and 18."""
    if name in _LATER:
        module, _, attribute = _LATER[name].partition(".")
        return getattr(import_module(f"{__name__}.{module}"), attribute or name)
    raise AttributeError(name)
