"""The letter as one self-contained web page: the template web.html and the style sheet web.css of the layout."""

from __future__ import annotations

from markupsafe import Markup

from engross.labels import Labels
from engross.letter import Letter, Note
from engross.render import pages
from engross.render.layout import Layout
from engross.render.pages import Inliner


def render(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    """The page, UTF-8. It loads nothing, runs nothing, and its title is the letter's `title`.

    Raises:
        EngrossError: the layout has a fault.
    """
    inliner = Inliner(letter, labels, layout, _note)
    css = pages.language_css(layout, fallback=("Georgia", "serif"), hyphenate=False) + layout.text("web.css")
    published = Markup('<a href="{0}">{0}</a>').format(letter.published_at)
    return pages.render("web.html", inliner, css=Markup(css), logo=pages.logo_url(layout), published=published).encode()


def _note(inliner: Inliner, note: Note) -> Markup:
    """The mark of a footnote: the first of each is where its back link leads."""
    first = note.key not in inliner.seen
    inliner.seen.add(note.key)
    anchor = Markup(' id="ref-{}"').format(note.number) if first else Markup("")
    return Markup('<sup><a{} href="#note-{}" role="doc-noteref">{}</a></sup>').format(anchor, note.number, note.number)
