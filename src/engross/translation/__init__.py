"""Translations: what translators get, what they send back, and what becomes of it in a letter."""

from __future__ import annotations

from engross.translation.approval import Approval, approve, unapproved
from engross.translation.approval import state as approval_state
from engross.translation.examination import OPINIONS, examine
from engross.translation.localization import Translations, gaps, load, localize, localize_labels, printed_segments
from engross.translation.picture import status_svg
from engross.translation.po import Entry
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
