"""Translations: what translators get, what they send back, and what becomes of it in a letter."""

from __future__ import annotations

from engross.translation.approval import Approval, approve, unapproved
from engross.translation.examination import examine
from engross.translation.localization import Translations, gaps, load, localize, localize_labels, printed_segments
from engross.translation.progress import LetterStatus, status
from engross.translation.refresh import UpdateReport, update

__all__ = [
    "Approval",
    "LetterStatus",
    "Translations",
    "UpdateReport",
    "approve",
    "examine",
    "gaps",
    "load",
    "localize",
    "localize_labels",
    "printed_segments",
    "status",
    "unapproved",
    "update",
]
