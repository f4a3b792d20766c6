"""The reader of a workspace's content/ folder: address book, letters, glossary and the layout's words, as values of `engross.letter`.

Each reader returns what it read and everything that is wrong with it; none raises for a fault of the content, and none writes.
"""

from __future__ import annotations

from engross.content.glossary import Term, read_glossary
from engross.content.glyphs import missing_glyphs
from engross.content.layout_words import read_labels, read_report_words
from engross.content.letter_file import read_letter
from engross.content.missions import read_missions

__all__ = ["Term", "missing_glyphs", "read_glossary", "read_labels", "read_letter", "read_missions", "read_report_words"]
