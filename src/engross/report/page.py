"""The report as PDF: the template report.html and the style sheet report.css of the layout, filled with what was recorded and laid out by WeasyPrint."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import TemplateError
from markupsafe import Markup, escape

from engross import markup
from engross.errors import EngrossError
from engross.labels import Labels
from engross.render import pages, weasy
from engross.render.layout import Layout
from engross.report.model import OPEN, Addressee, Fact, Report, Step, Way
from engross.report.outside import LIMIT, printable

STATES = (
    "acknowledged", "delivery-reported", "accepted", "partial", "uncertain", "failed", "refused", "held", "deferred", "committing", "claimed", "planned", "corrected", "cancelled", "none",
)  # fmt: skip
"""In the order of the overview: from what is known to have arrived to what nothing is known of."""
LISTED = 12
"""Deliveries that the first page names as waiting for a person."""
PAPERS = {"a4": "A4", "letter": "Letter"}
LONG = 64
"""Characters of a word that may be broken anywhere: more than a digest has."""
_SHORT = 90
"""Characters of an address or a name of a machine."""


def render(report: Report, words: Labels, layout: Layout, known: AbstractSet[str]) -> bytes:
    """The report as PDF/A-3a and PDF/UA-1. The same arguments give the same bytes.

    Args:
        report: what was recorded.
        words: the report's words, complete.
        layout: folder, language and paper.
        known: the characters that the fonts of the report have.

    Raises:
        EngrossError: the template has a fault, or asks for something outside the layout.
    """
    html, images = page(report, words, layout, known)
    return weasy.to_pdf(html, font_folder=layout.root / "fonts", identifier=hashlib.sha256(html.encode()).hexdigest()[:32].encode(), moment=report.as_of, images=images)


def page(report: Report, words: Labels, layout: Layout, known: AbstractSet[str]) -> tuple[str, list[str]]:
    """The HTML that is laid out, and the pictures that it may load."""
    view = View(report, words, layout, known)
    images = sorted({url(document.picture) for document in report.documents if document.picture})
    try:
        html = (
            pages.environment(layout.root)
            .get_template("report.html")
            .render(report=report, words=words, layout=layout, view=view, css=Markup(_fonts(layout) + layout.text("report.css")), paper=PAPERS[layout.paper], url=url)
        )
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise EngrossError(f"the layout file report.html{f':{line}' if line else ''} has a fault: {error.message}", hint="undo the last change to it") from error
    return html, images


def url(picture: bytes) -> str:
    """A PNG as a `data:` URL."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


@dataclass(frozen=True, slots=True)
class View:
    """What the template asks for: words, times and strings from outside, ready to print."""

    report: Report
    words: Labels
    layout: Layout
    known: AbstractSet[str]

    def outside(self, text: str, limit: int = LIMIT) -> Markup:
        """A string from outside: bounded, harmless, with `lang` on what the script shows to be in another language. It may break anywhere."""
        shown, home = printable(text, self.known, limit), self.layout.locale.code.split("-")[0]
        pieces = markup.runs(shown, self.layout.locale.code)
        return Markup("").join(Markup(escape(piece)) if tag.split("-")[0] == home else Markup('<span lang="{}">{}</span>').format(self._tag(tag), piece) for piece, tag in pieces)

    def address(self, text: str) -> Markup:
        """A number, an address or a name."""
        return self.outside(text, _SHORT)

    def language(self, code: str) -> str:
        """What the reader calls a language."""
        return self.layout.locale.language_name(code) if code in self.layout.locales else code

    def names(self, codes: tuple[str, ...]) -> str:
        """Languages in a list."""
        from babel.lists import format_list

        return str(format_list([self.language(code) for code in codes], style="unit", locale=self.layout.locale.babel))

    def time(self, moment: datetime, zone: str, *, seconds: bool = False) -> str:
        """A moment in a time zone, with its distance from UTC, as the reader's language writes and joins day and time."""
        from babel.dates import format_date, get_datetime_format

        babel = self.layout.locale.babel
        day = format_date(moment.astimezone(ZoneInfo(zone)).date(), "medium", locale=babel)
        pattern = str(get_datetime_format("medium", locale=babel)).replace("'", "")
        return pattern.replace("{0}", _clock(moment, zone, seconds=seconds)).replace("{1}", day)

    def both(self, moment: datetime, way: Way, mission: Addressee) -> Markup:
        """A moment at the office and at the mission, each on a line."""
        there = self.time(moment, mission.time_zone) if mission.time_zone else self.words["not_known"]
        return Markup("").join(Markup('<span class="time">{}</span>').format(line) for line in (self.time(moment, way.time_zone), there))

    def when(self, moment: datetime, way: Way, mission: Addressee) -> Markup:
        """A moment to the second at the office and, where its zone is known, at the mission, on one line; the day is said once when it is the same."""
        here = self.time(moment, way.time_zone, seconds=True)
        if not mission.time_zone:
            return Markup('<span class="when">{}</span>').format(here)
        days = {moment.astimezone(ZoneInfo(zone)).date() for zone in (way.time_zone, mission.time_zone)}
        there = _clock(moment, mission.time_zone, seconds=True) if len(days) == 1 else self.time(moment, mission.time_zone, seconds=True)
        return Markup('<span class="when">{} / {}</span>').format(here, there)

    def sent(self, way: Way, mission: Addressee) -> Markup:
        """When it was handed over, as far as that is known."""
        if way.sent is None:
            return Markup(escape(self.words["not_sent"]))
        both = self.both(way.sent, way, mission)
        return both if way.sent_for_sure else pages.fill(self.words["perhaps"], time=both)

    def state(self, way: Way) -> str:
        """The word for what is known, and who says so."""
        said = [self.words["decided"]] if way.decided else [self.words["outside"]] if way.outside else []
        pattern = "（{}）" if self.layout.locale.fullwidth else " ({})"
        return self.words[way.state] + (pattern.format(said[0]) if said else "")

    def counts(self) -> Iterator[tuple[str, int]]:
        """Each state that occurs, with how many deliveries are in it; a mission of which nothing is recorded counts as one."""
        found = Counter(way.state for mission in self.report.missions for way in mission.ways if not way.test)
        found["none"] = sum(all(way.test for way in mission.ways) for mission in self.report.missions)
        return ((state, found[state]) for state in STATES if found[state])

    def deliveries(self) -> int:
        """How many there are, tests left out."""
        return sum(not way.test for mission in self.report.missions for way in mission.ways)

    def stuck(self) -> list[tuple[Addressee, Way]]:
        """What waits for a person."""
        return [(mission, way) for mission in self.report.missions for way in mission.ways if way.state in OPEN and not way.test]

    def listed(self) -> list[tuple[Addressee, Way]]:
        """As many of those as the first page names."""
        return self.stuck()[:LISTED]

    def step(self, step: Step, way: Way) -> Markup:
        """What happened, in a sentence."""
        parts = {name: self.address(value) for name, value in step.values.items()}
        if step.state:
            parts["state"] = Markup(escape(self.words[step.state]))
        if step.until:
            parts["until"] = Markup(escape(self.time(step.until, way.time_zone)))
        return pages.fill(self.words[f"s_{step.key}"], **parts)

    def fact(self, fact: Fact, way: Way, mission: Addressee) -> Markup:
        """What was recorded, ready to print."""
        if fact.moment:
            zones = [zone for zone in (way.time_zone, mission.time_zone) if zone]
            return Markup(escape(" / ".join(dict.fromkeys(self.time(fact.moment, zone) for zone in zones))))
        if fact.word:
            return pages.fill(self.words[fact.word], **{name: self.address(value) for name, value in fact.values.items()})
        digest = fact.value.removeprefix("SHA-256 ")
        if fact.key == "attachments" and any(digest == document.digest for document in self.report.documents):
            return Markup(escape(f"SHA-256 {digest[:16]}…"))  # the whole stands with the document
        made = self.outside(fact.value)
        return Markup('<span class="long">{}</span>').format(made) if any(len(word) > LONG for word in fact.value.split()) else made

    def field(self, key: str, value: str) -> Markup:
        """A word of the report and a value, as the language joins them; without elements of their own, of which a large report would have too many."""
        return pages.fill(self.layout.locale.field, label=Markup(escape(self.words[key])), value=Markup(escape(value)))

    def pages_of(self, done: int, total: int) -> str:
        """`5 of 6`."""
        return self.words.fill("f_pages_of", pages=done, total=total)

    def confirmed(self, done: int, total: int) -> Markup:
        """`Pages confirmed: 5 of 6`, of which the numbers stay together."""
        return self.field("f_pages", Markup('<span class="whole">{}</span>').format(self.pages_of(done, total)))

    def page_of(self) -> Markup:
        """The foot of a page, with elements that the style sheet fills with its counters."""
        return pages.fill(self.words["page_of"], page=Markup('<span class="page"></span>'), pages=Markup('<span class="pages"></span>'))

    def _tag(self, lang: str) -> str:
        return self.layout.locales[lang].tag if lang in self.layout.locales else lang


def _clock(moment: datetime, zone: str, *, seconds: bool) -> str:
    """The time of day in a time zone, with its distance from UTC."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%H:%M:%S}".removesuffix("" if seconds else f":{there:%S}") + f" {offset(there)}"


def offset(moment: datetime) -> str:
    """The distance from UTC of an aware time: `UTC`, `UTC+9`, `UTC−4`, `UTC+5:30`."""
    distance = moment.utcoffset() or timedelta()
    minutes = abs(int(distance.total_seconds())) // 60
    if not minutes:
        return "UTC"
    return f"UTC{'−' if distance < timedelta() else '+'}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


def _fonts(layout: Layout) -> str:
    """Sans serif for each language, those of the others behind: a name in another script is set as well."""
    rules = []
    for locale in layout.locales.values():
        families: Mapping[str, None] = dict.fromkeys((*locale.sans, *(name for other in layout.locales.values() for name in other.sans)))
        listed = ", ".join('"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")) for name in families)
        rules.append(f"[lang|={locale.code.split('-')[0]}] {{ font-family: {listed} }}\n")
    return "".join(rules)
