"""Names of attachments that people can read and every system can store."""

from __future__ import annotations

import re
import unicodedata

from engross import markup
from engross.letter import Letter
from engross.locales import Locale

LONGEST = 100
"""Characters before the ending; with three bytes each they still fit into a file name of 255 bytes where cut shorter below."""
BYTES = 200
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f\\/:*?"<>|\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]')


def attachment_name(letter: Letter, locale: Locale) -> str:
    """Date, title and language as that language writes them: `2018-06-06 Joint Letter … (English).pdf`."""
    language = f" ({locale.language_name(locale.code)})"
    title = unicodedata.normalize("NFC", " ".join(_FORBIDDEN.sub(" ", markup.plain_of(letter.title)).split()))
    stem = f"{letter.date.isoformat()} {title}"[:LONGEST]
    while len((stem + language).encode()) > BYTES:
        stem = stem[:-1]
    return stem.rstrip(" .") + language + ".pdf"
