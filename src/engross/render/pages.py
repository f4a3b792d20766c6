"""What the page templates (PDF and web) share: the sandboxed template engine, and inline text as safe HTML.

Templates belong to staff, texts to translators: a text is escaped here and never read as a template, and a template never gets more than values.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from engross import canonical, markup
from engross.errors import EngrossError
from engross.labels import Labels
from engross.letter import Letter, List, Note, Paragraph, Quote, Section, Segment, Signatory, Standing
from engross.locales import Locale, load_dates
from engross.render.facts import date_text, translated_lines
from engross.render.layout import Layout, read
from engross.render.template_cache import TemplateCache
from engross.render.user_cache import place

NoteMaker = Callable[["Inliner", Note], Markup]
"""Writes the mark of a footnote, or the whole note, where a text refers to it."""


@dataclass
class Inliner:
    """Turns segments into HTML for one page. It counts the references to footnotes, so it belongs to one rendering."""

    letter: Letter
    labels: Labels
    layout: Layout
    note_maker: NoteMaker
    seen: set[str] = field(default_factory=set)
    """Keys of the footnotes referred to so far."""

    @cached_property
    def seal(self) -> str:
        """The letter's seal, which the text and the margins of a page share."""
        return canonical.seal(self.letter)

    def block(self, segment: Segment) -> Markup:
        """The segment's text, marked when a draft has no sound translation of it, without its own `lang`: the element around carries that."""
        return Markup(self._block(segment))

    def span(self, segment: Segment) -> Markup:
        """The same as a part of a line that may be in another language: with a `lang` of its own where it differs from the letter's."""
        return Markup(self._span(segment))

    def lang(self, segment: Segment) -> Markup:
        """The ` lang="…"` attribute that the segment's element needs; empty in the letter's own language."""
        return Markup("") if segment.lang == self.letter.lang else Markup(' lang="{}"').format(self.tag(segment.lang))

    def tag(self, lang: str) -> str:
        """The BCP 47 tag that documents carry for a language."""
        return self.layout.locales[lang].tag if lang in self.layout.locales else lang

    def words(self, text: str) -> Markup:
        """Plain text of the letter's own language, with `lang` on what the script shows to be in another."""
        return Markup(self._runs(text, self.letter.lang))

    def signatory(self, who: Signatory) -> Markup:
        """Name, acronym, affiliation and place, joined as the language does."""
        locale = self.layout.locale
        line = self._span(who.name)
        if who.acronym:
            line = _filled(locale.acronym, name=line, acronym=self._runs(who.acronym, self.letter.lang))
        for kind, part in (("affiliation", who.affiliation), ("place", who.place)):
            if part:
                line = _filled(locale.place, name=line, place=self._part(kind, part))
        return Markup(line)

    def fields(self, fax: str, email: str) -> list[Markup]:
        """The lines of a block that say how to reach somebody: the number as a `tel:` link, the address as a `mailto:` link."""
        lines = []
        if fax:
            dial = "+" * fax.strip().startswith("+") + re.sub(r"\D", "", fax)
            lines.append(self.field("fax", Markup('<a href="tel:{}">{}</a>').format(dial, fax)))
        if email:
            lines.append(self.field("email", Markup('<a href="mailto:{0}">{0}</a>').format(email)))
        return lines

    def field(self, key: str, value: Markup | str) -> Markup:
        """A label and its value, joined as the language does."""
        return Markup(_filled(self.layout.locale.field, label=_escaped(self.labels[key]), value=str(escape(value))))

    def place_date(self) -> Markup:
        """Place and date of the letter."""
        day = f'<time datetime="{self.letter.date.isoformat()}">{_escaped(date_text(self.letter, self.layout))}</time>'
        return Markup(_filled(self.layout.locale.place_date, place=self._span(self.letter.place), date=day) if self.letter.place else day)

    # From here on a string is HTML, escaped already: `Markup` would look at each piece again whenever two are joined, half of a template's time.

    def _part(self, kind: str, segment: Segment, /) -> str:
        """A part of a signatory's line, named for the style sheet."""
        return f'<span class="{kind}">{self._span(segment)}</span>'

    def _block(self, segment: Segment) -> str:
        html = self._nodes(markup.parse(segment.text), segment.lang) if segment.markup else self._runs(segment.text, segment.lang)
        return html if segment.standing in _SOUND or not self.layout.draft else self._marked(html, segment.standing)

    def _span(self, segment: Segment) -> str:
        html = self._block(segment)
        return html if segment.lang == self.letter.lang else self._in(segment.lang, html)

    def _nodes(self, nodes: tuple[markup.Inline, ...], lang: str) -> str:
        return "".join([self._node(node, lang) for node in nodes])

    def _node(self, node: markup.Inline, lang: str) -> str:
        if isinstance(node, markup.Text):
            return self._runs(node.text, lang)
        if isinstance(node, markup.NoteRef):
            note = next((n for n in self.letter.notes if n.key == node.key), None)
            return self.note_maker(self, note) if note else f"[^{_escaped(node.key)}]"
        inner = self._nodes(node.children, lang)
        if isinstance(node, markup.Link):
            return f'<a href="{_escaped(node.href)}">{inner}</a>'
        name = "em" if isinstance(node, markup.Emphasis) else "strong"
        return f"<{name}>{inner}</{name}>"

    def _runs(self, text: str, lang: str) -> str:
        """Pieces in the script of another language get its `lang`; `lang` itself is set by the element around."""
        home = lang.split("-", maxsplit=1)[0]
        return "".join([_escaped(piece) if tag.split("-")[0] == home else self._in(tag, _escaped(piece)) for piece, tag in markup.runs(text, lang)])

    def _in(self, lang: str, html: str) -> str:
        return f'<span lang="{_escaped(self.tag(lang))}">{html}</span>'

    def _marked(self, html: str, standing: Standing) -> str:
        word = "untranslated" if standing is Standing.EMPTY else "fuzzy"
        return f'<span class="{word}">{html}</span> <span class="flag" lang="{_escaped(self.tag(self.letter.lang))}">[{_escaped(self.labels[word])}]</span>'


_SOUND = (Standing.SOURCE, Standing.TRANSLATED)


@lru_cache(maxsize=8192)
def _escaped(text: str) -> str:
    return str(escape(text))


def render(template: str, inliner: Inliner, **values: object) -> str:
    """The page that a template of the layout makes of a letter.

    Raises:
        EngrossError: the template has a fault; the message names its file and line.
    """
    letter, labels, layout = inliner.letter, inliner.labels, inliner.layout
    context: dict[str, object] = {
        "letter": letter,
        "labels": labels,
        "layout": layout,
        "text": inliner,
        "date": date_text(letter, layout),
        "document_number": canonical.document_number(letter),
        "seal": inliner.seal,
        "translated": translated_lines(letter, labels, layout),
        **values,
    }
    try:
        return environment(layout.root).get_template(template).render(context)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise EngrossError(
            f"the layout file {getattr(error, 'name', None) or template}{f':{line}' if line else ''} has a fault: {error.message}", hint="undo the last change to it"
        ) from error


_ENVIRONMENTS: dict[Path, Environment] = {}


def environment(root: Path) -> Environment:
    """Jinja's sandbox with autoescape over the folder of a layout. A name that a template misspells is an error."""
    if root in _ENVIRONMENTS:
        return _ENVIRONMENTS[root]

    def load(name: str) -> tuple[str, str | None, Callable[[], bool]]:
        source = read(root, name).decode("utf-8")
        return source, None, lambda: read(root, name).decode("utf-8") == source

    cache = TemplateCache(place("templates"), __file__)
    env = ImmutableSandboxedEnvironment(loader=FunctionLoader(load), bytecode_cache=cache, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    kinds: Mapping[str, type] = {"paragraph": Paragraph, "quote": Quote, "list": List, "section": Section}
    for name, kind in kinds.items():
        env.tests[name] = lambda value, kind=kind: isinstance(value, kind)
    env.filters["plain"] = markup.plain_of
    _ENVIRONMENTS[root] = env
    return env


def compile_ahead(root: Path, templates: Iterable[str]) -> None:
    """Compile templates and load what dates are written with, before the letters come; a template that has a fault is left to `render`, which tells of it."""
    load_dates()
    for name in templates:
        with suppress(TemplateError, EngrossError):
            environment(root).get_template(name)


def running_head(letter: Letter) -> list[Segment]:
    """Who the letter speaks to, for the head of the following pages: at most two names."""
    return [who.name for who in letter.addressees[:2]]


def margin_words(words: Mapping[str, str], page: str = "") -> str:
    """A rule that puts words into the margins, by margin box: plain strings, since elements that run from page to page are laid out anew on each.

    `{page}` and `{pages}` are the counters of that name; `page` names the pages that have them, all when empty.
    """
    rules = " ".join(f"@{place} {{ content: {_content(text)} }}" for place, text in words.items())
    return f"@page {page} {{ {rules} }}\n"


def _content(words: str) -> str:
    """A CSS `content` value. Anything that could end the string or the style element is written as its code point."""
    pieces = [re.sub(r"[^\w .,:;()/+·…-]", lambda found: f"\\{ord(found[0]):x} ", piece) for piece in re.split(r"\{(pages?)\}", words)]
    return " ".join(f"counter({piece})" if i % 2 else f'"{piece}"' for i, piece in enumerate(pieces) if piece)


def language_css(layout: Layout, *, fallback: Iterable[str] = (), hyphenate: bool = True) -> str:
    """Rules that follow from the table of languages: fonts, hyphenation, and how emphasis is set. `fallback` names the fonts after the language's own."""
    return "".join(_language_rules(locale, fallback, hyphenate=hyphenate) for locale in layout.locales.values())


def _language_rules(locale: Locale, fallback: Iterable[str], *, hyphenate: bool) -> str:
    tag = locale.code.split("-")[0]
    generic = [name for name in fallback if name in ("serif", "sans-serif")]
    families = ", ".join([*(f'"{_css_string(name)}"' for name in (*locale.serif, *fallback) if name not in generic), *generic])
    rules = [f"[lang|={tag}] {{ font-family: {families} }}\n", f"html[lang|={tag}] {{ hyphens: {'auto' if locale.hyphenate and hyphenate else 'manual'} }}\n"]
    if locale.emphasis == "bold":
        rules.append(f"em:lang({tag}) {{ font-style: normal; font-weight: 700 }}\n")
    return "".join(rules)


def _css_string(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")


_LOGO_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}


def logo_url(layout: Layout) -> str:
    """The logo as a `data:` URL; empty when there is none.

    Raises:
        EngrossError: it is neither PNG nor SVG, or cannot be read.
    """
    return image_url(layout, layout.logo)


def image_url(layout: Layout, name: str) -> str:
    """An image of the layout as a `data:` URL; empty for no name.

    Raises:
        EngrossError: it is neither PNG nor SVG, or cannot be read.
    """
    if not name:
        return ""
    kind = _LOGO_TYPES.get(PurePosixPath(name).suffix.lower())
    if not kind:
        raise EngrossError(f"the image {name} is neither PNG nor SVG", hint="convert it to one of the two")
    return f"data:{kind};base64,{base64.b64encode(layout.bytes(name)).decode()}"


@lru_cache
def _pieces(pattern: str) -> list[str]:
    """Text and names of a pattern in turns, the text as HTML."""
    return [piece if i % 2 else _escaped(piece) for i, piece in enumerate(re.split(r"\{(\w+)\}", pattern))]


def _filled(pattern: str, **parts: str) -> str:
    return "".join([parts.get(piece, "") if i % 2 else piece for i, piece in enumerate(_pieces(pattern))])


def fill(pattern: str, **parts: Markup) -> Markup:
    """A pattern of the language's table with its `{names}` replaced; the pattern's own characters are text."""
    return Markup(_filled(pattern, **parts))
