"""Renderers: pure functions from a localized letter to bytes. They know nothing of catalogues, settings, signing or sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engross.labels import Labels
from engross.letter import Letter
from engross.render.layout import Layout

Renderer = Callable[[Letter, Labels, Layout], bytes]


def _pdf(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    from engross.render import pdf

    return pdf.render(letter, labels, layout)


def _docx(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    from engross.render import docx

    return docx.render(letter, labels, layout)


def _html(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    from engross.render import html

    return html.render(letter, labels, layout)


def _text(letter: Letter, labels: Labels, layout: Layout) -> bytes:
    from engross.render import text

    return text.render(letter, labels, layout)


RENDERERS: Mapping[str, Renderer] = {"pdf": _pdf, "docx": _docx, "html": _html, "txt": _text}
"""By file name extension. Each imports its own libraries when called, so that a command pays only for what it makes."""
