"""The text of a message: the covering note and the letter, as HTML and as plain text, in the languages of its mission. Values in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from engross import canonical, markup
from engross.dispatch.email.names import attachment_name
from engross.errors import EngrossError
from engross.labels import Labels
from engross.letter import Addressee, Letter, Note
from engross.locales import Locale
from engross.render import pages
from engross.render import text as plain_text
from engross.render.facts import translated_lines
from engross.render.layout import Layout
from engross.render.pages import Inliner
from engross.settings_dispatch import Office

FORMS = {
    "in-office": ("mail_greeting", "mail_closing"),
    "charge-d-affaires": ("mail_greeting_charge", "mail_closing_plain"),
    "vacant": ("mail_greeting_vacant", "mail_closing_plain"),
}
"""Greeting and closing by who heads the mission: only an ambassador is an Excellency (United Nations Correspondence Manual)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One language of a message, as the templates email.html and email.txt get it."""

    letter: Letter
    labels: Labels
    layout: Layout
    note: tuple[str, ...]
    """Paragraphs of the covering note."""
    translated: tuple[str, ...]
    """What a translation says of itself."""
    number: str
    seal: str
    plain: str
    """The letter as plain text."""
    text: Inliner


@dataclass(frozen=True, slots=True)
class Body:
    """What a message says, apart from its attachments."""

    subject: str
    html: str
    text: str
    tags: tuple[str, ...]
    """BCP 47 tags of its languages, the mission's preferred one first."""


def body(versions: Sequence[tuple[Letter, Labels, Layout]], office: Office, *, status: str, correction: bool) -> Body:
    """Write a message.

    Args:
        versions: the letter in each language of the mission, the preferred one first.
        office: who sends it.
        status: of the mission's head, as the address book has it (`letter.Holder`); greeting and closing go by it.
        correction: the recipient had the edition that this one replaces; the note says so.

    Raises:
        EngrossError: a template has a fault.
    """
    parts = [_part(letter, labels, layout, FORMS[status], correction=correction) for letter, labels, layout in versions]
    first = parts[0]
    values: dict[str, Any] = {
        "subject": subject(first.letter, first.labels, draft=first.layout.draft),
        "versions": parts,
        "signature": signature(office, first.labels, first.layout.locale),
        "attachments": [attachment_name(part.letter, part.layout.locale) for part in parts],
    }
    html = pages.render("email.html", first.text, **values)
    return Body(str(values["subject"]), html, _text(first.layout, values), tuple(part.layout.locale.tag for part in parts))


def subject(letter: Letter, labels: Labels, *, draft: bool) -> str:
    """The subject line: `email_subject`, or the letter's own subject, or its title."""
    text = markup.plain_of(letter.email_subject or letter.subject or letter.title)
    return f"[{labels['draft']}] {text}" if draft else text


def addressees(letter: Letter, locale: Locale) -> str:
    """Those the letter speaks to with name and title, as the language names them in a sentence."""
    from babel.lists import format_list

    return str(format_list([_addressee(who, locale) for who in letter.addressees], locale=locale.babel))


def _addressee(who: Addressee, locale: Locale) -> str:
    name = markup.plain_of(who.name)
    honorific = markup.plain_of(who.honorific) if who.honorific else ""
    if not who.title:
        return f"{honorific} {name}".strip()
    pattern = locale.addressee_honorific if honorific else locale.addressee
    return str(pages.fill(pattern, honorific=Markup(honorific), name=Markup(name), title=Markup(markup.plain_of(who.title))))  # noqa: S704 - no HTML: filled as it stands


def signature(office: Office, labels: Labels, locale: Locale) -> list[str]:
    """The office with what is known of it."""
    numbers = [(labels["telephone"], office.voice), (labels["fax"], office.fax), (labels["email"], office.email)]
    return [office.name, *office.address, *(locale.field.replace("{label}", label).replace("{value}", value) for label, value in numbers if value)]


def _part(letter: Letter, labels: Labels, layout: Layout, form: tuple[str, str], *, correction: bool) -> Part:
    greeting, closing = form
    note = [labels[greeting], labels.fill("mail_body", addressee=addressees(letter, layout.locale))]
    if correction and letter.supersedes:
        note.append(labels.fill("mail_correction", edition=letter.edition, previous=letter.supersedes))
    if letter.cover_note:
        note.append(markup.plain_of(letter.cover_note))
    note.append(labels[closing])
    return Part(
        letter,
        labels,
        layout,
        tuple(note),
        tuple(translated_lines(letter, labels, layout)),
        canonical.document_number(letter),
        canonical.seal(letter),
        plain_text.render(letter, labels, layout).decode().rstrip("\n"),
        Inliner(letter, labels, layout, _mark),
    )


def _mark(_inliner: Inliner, note: Note) -> Markup:
    """Footnotes have no links: two letters in one page would have each anchor twice."""
    return Markup("<sup>[{}]</sup>").format(note.number)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return ImmutableSandboxedEnvironment(autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)


def _text(layout: Layout, values: Mapping[str, object]) -> str:
    try:
        return _environment().from_string(layout.text("email.txt")).render(values)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise EngrossError(f"the layout file email.txt{f':{line}' if line else ''} has a fault: {error.message}", hint="undo the last change to it") from error
