"""Hand-made letters, messages and workspaces for the tests of translation."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

from engross.errors import Position
from engross.letter import Addressee, Consent, Holder, Item, Letter, List, ListKind, Mission, Paragraph, Section, Segment, Signatory
from engross.locales import extended
from engross.project import Project, Settings
from engross.translation.messages import Message
from engross.translation.po import Catalog, Entry

CREATED = "2030-01-31 09:00+0000"
ID = "2030-01-31-rivers"


def project(root: Path, languages: tuple[str, ...] = ("en", "ko", "ja", "es")) -> Project:
    root.mkdir(parents=True, exist_ok=True)
    return Project(root, Settings(languages=languages, locales=extended({})))


def message(text: str, role: str = "paragraph", *, optional: bool = False) -> Message:
    return Message(role, text, (f"a {role}",), (Position(f"content/{ID}/letter.md", 3),), optional)


def entry(source: str, text: str = "", role: str = "paragraph", **more: object) -> Entry:
    return Entry(role, source, text, **more)  # type: ignore[arg-type]


def catalog(*entries: Entry) -> Catalog:
    return Catalog(entries=tuple(entries))


def segment(role: str, text: str, label: str, *, domain: str = ID, markup: bool = False, optional: bool = False, lang: str = "en") -> Segment:
    return Segment(role, text, Position(f"content/{ID}/letter.md", 10), label, lang, domain, markup=markup, optional=optional)


def letter() -> Letter:
    def body(role: str, text: str, label: str) -> Segment:
        return segment(role, text, label, markup=True)

    bullets = List(ListKind.BULLET, (Item(body("bullet", "Publish the *figures* of 2029;", "s1.b1")), Item(body("bullet", "Close 18 of the 20 outlets.", "s1.b2"))))
    mission = Mission(
        "geneva",
        segment("mission", "Permanent Mission to the Office", "cc.geneva.mission", domain="missions"),
        segment("city", "Geneva", "cc.geneva.city", domain="missions"),
        Holder(
            segment("holder-name", "Holder of the Office", "cc.geneva.name", domain="missions"),
            segment("cc-title", "Permanent Representative", "cc.geneva.title", domain="missions"),
        ),
        "",
        "",
        "office@example.org",
        ("en",),
    )
    return Letter(
        ID,
        "en",
        "en",
        date(2030, 1, 31),
        1,
        segment("title", "A letter about rivers", "title"),
        (Addressee(segment("addressee-name", "The Minister", "to1.name")),),
        segment("salutation", "Dear Minister,", "salutation"),
        (
            Paragraph(body("paragraph", "We write about the rivers.", "p1")),
            Section(1, body("heading", "Clean the Rivers", "s1"), (Paragraph(body("paragraph", "We ask you to:", "s1.p1")), bullets)),
            Paragraph(body("paragraph", "Thank you.", "p2")),
        ),
        segment("closing", "Sincerely,", "closing"),
        (
            Signatory(
                "rivers",
                segment("signatory", "Rivers Network", "sig.rivers.name", optional=True),
                place=segment("place", "South Korea", "sig.rivers.place", optional=True),
                territory="KR",
            ),
            Signatory("lakes", segment("signatory", "Lakes Network", "sig.lakes.name", optional=True), place=segment("place", "The Lakes", "sig.lakes.place", optional=True)),
            Signatory("twice", segment("signatory", "Rivers Network", "sig.twice.name", optional=True), status=Consent.DUPLICATE),
            Signatory("gone", segment("signatory", "Gone Network", "sig.gone.name", optional=True), status=Consent.WITHDRAWN),
        ),
        (mission,),
        recipients=(mission,),
    )


def labels() -> list[Segment]:
    return [segment("label", text, key, domain="layouts") for key, text in (("cc", "CC:"), ("page_of", "Page {page} of {pages}"))]


def domains(made: Letter | None = None) -> dict[str, list[Message]]:
    from engross.translation.messages import label_messages, letter_messages, mission_messages

    made = made or letter()
    return {made.id: letter_messages(made), "missions": mission_messages(made.cc), "layouts": label_messages(labels())}


def msgfmt(data: bytes, tmp_path: Path) -> str:
    """What `msgfmt -c` says of a catalogue; the empty text when it has nothing against it."""
    file = tmp_path / "check.po"
    file.write_bytes(data)
    done = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", str(file)], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode or done.stderr else ""
