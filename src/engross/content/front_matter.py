"""The front matter of letter.md: who, when, to whom, and how the letter leaves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from engross.content.contact import email_problems, read_fax
from engross.content.fields import Fields, nearest
from engross.content.missions import known_zone
from engross.content.yaml_tree import Scalar, Table, read_yaml
from engross.errors import Position, Problem
from engross.letter import Addressee, CCPosition, Mission, Segment

KEYS = (
    "title", "subject", "date", "place", "edition", "supersedes", "reason", "embargo", "lead", "addressees", "salutation", "closing", "signed_by", "cc", "cc_position",
    "recipients", "cover_note", "email_subject", "enclosures", "published_at", "sic",
)  # fmt: skip
ADDRESSEE_KEYS = ("name", "honorific", "title", "address", "fax", "email")

_ZONED = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?) +([A-Za-z]+(?:/[A-Za-z0-9_+\-]+)*)\Z")


@dataclass(slots=True)
class FrontMatter:
    """The values read; `None` and empty where the file has none or a bad one."""

    title: Segment | None = None
    date: dt.date | None = None
    salutation: Segment | None = None
    closing: Segment | None = None
    addressees: tuple[Addressee, ...] = ()
    edition: int = 1
    supersedes: int | None = None
    reason: str = ""
    place: Segment | None = None
    subject: Segment | None = None
    lead: Scalar | None = None
    cc: tuple[Mission, ...] = ()
    cc_position: CCPosition = CCPosition.AFTER_SIGNATORIES
    recipients: tuple[Mission, ...] = ()
    enclosures: tuple[Segment, ...] = ()
    cover_note: Segment | None = None
    email_subject: Segment | None = None
    signed_by: tuple[str, ...] = ()
    embargo: dt.datetime | None = None
    published_at: str = ""
    sic: tuple[Scalar, ...] = ()
    offsets: dict[str, int] = field(default_factory=dict)
    """By label, how far a text begins after its `where` (an opening quotation mark)."""

    @property
    def complete(self) -> bool:
        """Whether there is what every letter has."""
        return bool(self.title and self.date and self.salutation and self.closing and self.addressees)


def read_front_matter(text: str, path: str, lang: str, domain: str, missions: Sequence[Mission]) -> tuple[FrontMatter | None, list[Problem]]:
    """The front matter, whose line numbers are the file's, and everything that is wrong with it."""
    tree, problems = read_yaml(text, path)
    if not isinstance(tree, Table):
        where = tree.where if tree else Position(path, 1)
        return None, problems or [Problem("bad-front-matter", "the front matter has no keys", where, "write `title:`, `date:`, `addressees:` …")]
    if tree.where.line < 1:
        tree = Table(tree.entries, Position(path, 1))
    return _Reader(Fields(tree, KEYS, problems, "the letter"), lang, domain, {m.id: m for m in missions}).read(), problems


class _Reader:
    def __init__(self, fields: Fields, lang: str, domain: str, missions: dict[str, Mission]) -> None:
        self.fields, self.lang, self.domain, self.missions = fields, lang, domain, missions
        self.front = FrontMatter()

    def read(self) -> FrontMatter:
        """Every key in the order in which its faults are told."""
        fields, front = self.fields, self.front
        front.title = self.segment("title", "title", required=True)
        front.subject = self.segment("subject", "subject")
        front.date = fields.day("date", required=True)
        front.place = self.segment("place", "place-date")
        front.salutation = self.segment("salutation", "salutation", required=True)
        front.closing = self.segment("closing", "closing", required=True)
        front.addressees = self.addressees()
        front.lead = fields.scalar("lead")
        front.cc = self.named_missions("cc")
        front.recipients = self.named_missions("recipients") if "recipients" in fields.table.entries else front.cc
        front.cc_position = CCPosition(fields.choice("cc_position", [p.value for p in CCPosition], CCPosition.AFTER_SIGNATORIES.value))
        front.enclosures = tuple(self.made("enclosure", scalar, f"e{n}") for n, scalar in enumerate(fields.scalars("enclosures"), 1))
        front.cover_note = self.segment("cover_note", "cover-note")
        front.email_subject = self.segment("email_subject", "email-subject")
        front.signed_by = tuple(scalar.text for scalar in fields.scalars("signed_by"))
        front.embargo = self.embargo()
        front.published_at = self.published_at()
        front.sic = fields.scalars("sic")
        self.edition()
        return front

    def segment(self, key: str, role: str, *, required: bool = False) -> Segment | None:
        found = self.fields.scalar(key, required=required)
        return self.made(role, found, key) if found else None

    def made(self, role: str, scalar: Scalar, label: str) -> Segment:
        """A segment; where its text begins behind a quotation mark or an indent is kept for who writes changes back."""
        if scalar.offset:
            self.front.offsets[label] = scalar.offset
        return Segment(role, scalar.text, scalar.where, label, self.lang, self.domain)

    def addressees(self) -> tuple[Addressee, ...]:
        tables = list(self.fields.tables("addressees"))
        if not tables:
            self.fields.fault("missing-field", "the letter has no addressees", self.fields.where("addressees"), "add `addressees:` with a name, title and address")
        found = (self.addressee(Fields(table, ADDRESSEE_KEYS, self.fields.problems, f"addressee {n}"), f"a{n}") for n, table in enumerate(tables, 1))
        return tuple(one for one in found if one)

    def addressee(self, fields: Fields, label: str) -> Addressee | None:
        """One addressee; nothing when it has no name, though its other faults are told all the same."""
        name, honorific, title = fields.scalar("name", required=True), fields.scalar("honorific"), fields.scalar("title")
        fax, email = fields.scalar("fax"), fields.scalar("email")
        fields.problems += (read_fax(fax.text, fax.where)[1] if fax else []) + (email_problems(email.text, email.where) if email else [])
        address = tuple(self.made("address-line", line, f"{label}.l{n}") for n, line in enumerate(fields.scalars("address"), 1))
        if name is None:
            return None
        return Addressee(
            self.made("addressee-name", name, f"{label}.name"),
            self.made("addressee-honorific", honorific, f"{label}.honorific") if honorific else None,
            self.made("addressee-title", title, f"{label}.title") if title else None,
            address,
            fax.text if fax else "",
            email.text if email else "",
        )

    def named_missions(self, key: str) -> tuple[Mission, ...]:
        """The missions of the address book that a key names, each once."""
        found: dict[str, Mission] = {}
        for scalar in self.fields.scalars(key):
            if scalar.text not in self.missions:
                hint = nearest(scalar.text, self.missions, "missions") or "add it to content/missions.yaml"
                self.fields.fault("unknown-mission", f"{key} names {scalar.text!r}, which is not in the address book", scalar.where, hint)
            elif scalar.text in found:
                self.fields.fault("bad-value", f"{key} names {scalar.text!r} twice", scalar.where, "remove one")
            else:
                found[scalar.text] = self.missions[scalar.text]
        return tuple(found.values())

    def edition(self) -> None:
        """Number, predecessor and reason, which must go together."""
        fields, front = self.fields, self.front
        front.edition = fields.number("edition") or 1
        front.supersedes = fields.number("supersedes")
        front.reason = fields.text("reason", required=front.edition > 1)
        if front.edition > 1 and front.supersedes is None and "supersedes" not in fields.table.entries:
            fields.fault(
                "missing-field", f"edition {front.edition} does not say which one it replaces", fields.where("edition"), f"add `supersedes: {front.edition - 1}` and `reason:`"
            )
        if front.supersedes is not None and front.supersedes >= front.edition:
            fields.fault("bad-value", f"edition {front.edition} cannot replace edition {front.supersedes}", fields.where("supersedes"), "an edition replaces an earlier one")

    def embargo(self) -> dt.datetime | None:
        """A moment with a time zone: with its name (IANA) or its offset (RFC 3339); nothing when there is none, or a wrong one."""
        found = self.fields.scalar("embargo")
        if found is None:
            return None
        try:
            if match := _ZONED.match(found.text):
                if known_zone(match[3]):
                    return dt.datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=ZoneInfo(match[3]))
            elif (moment := dt.datetime.fromisoformat(found.text)).tzinfo is not None:
                return moment
        except ValueError:
            pass
        self.fields.fault("bad-date", f"embargo is not a moment with a time zone: {found.text!r}", found.where, "write 2018-06-06 09:00 Asia/Seoul, or 2018-06-06T09:00+09:00")
        return None

    def published_at(self) -> str:
        """The address of the letter on the web; empty when there is none, or a wrong one."""
        found = self.fields.scalar("published_at")
        if found is None:
            return ""
        try:
            parts = urlsplit(found.text)
            good = parts.scheme in ("https", "http") and bool(parts.hostname) and " " not in found.text
        except ValueError:
            good = False
        if not good:
            self.fields.fault("bad-link", f"published_at is not a web address: {found.text!r}", found.where, "start it with https://")
            return ""
        return found.text
