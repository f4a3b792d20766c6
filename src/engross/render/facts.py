"""What several formats say in the same words: the date, what a translation says of itself, a signatory's line. Plain text only."""

from __future__ import annotations

from collections.abc import Callable

from engross.labels import Labels
from engross.letter import Letter, Segment, Signatory
from engross.locales import Locale
from engross.render.layout import Layout


def date_text(letter: Letter, layout: Layout) -> str:
    """The letter's date in full."""
    return layout.locale.format_date(letter.date)


def translated_lines(letter: Letter, labels: Labels, layout: Layout) -> list[str]:
    """What a translation says of itself at the top left (UN practice), and which version prevails if somebody said so."""
    if letter.lang == letter.source_lang:
        return []
    lines = [labels.fill("translated_from", language=layout.locale.language_name(letter.source_lang))]
    if layout.authoritative and layout.authoritative != letter.lang:
        lines.append(labels.fill("authoritative", language=layout.locale.language_name(layout.authoritative)))
    return lines


def signatory_line(who: Signatory, locale: Locale, text: Callable[[Segment], str]) -> str:
    """Name, acronym, affiliation and place, joined as the language does."""
    line = text(who.name)
    if who.acronym:
        line = locale.acronym.replace("{name}", line).replace("{acronym}", who.acronym)
    for part in (who.affiliation, who.place):
        if part:
            line = locale.place.replace("{place}", text(part)).replace("{name}", line)
    return line
