"""The message itself: what it looks like to a program that reads mail, and that no text can become a header."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engross.artifact import digest, read_manifest
from engross.dispatch.email import body as bodies
from engross.dispatch.email.body import Body, body
from engross.dispatch.email.compose import Attachment, Envelope, address, message, recipient, sound, to_bytes
from engross.dispatch.email.names import attachment_name
from engross.dispatch.email.preview import layout_of
from engross.dispatch.email.smtp import stuffed
from engross.dispatch.items import Choice, items
from engross.dispatch.published import read_published
from engross.edition import Edition, prepare
from engross.errors import EngrossError
from engross.ledger import MAIL, Channel, Delivery, State, Status
from engross.project import Project, find
from engross.settings_dispatch import Office, Smtp
from engross.settings_signing import Profile
from tests.dispatch.facts import T0, mission

OFFICE = Office("office", 'Büro "A", Example', ("1 Example Street",), "office@example.org", voice="+44-20-7946-0101")
LETTER = "2018-06-06-dprk"


@pytest.fixture(scope="module")
def edition(campaign: Path) -> tuple[Project, Edition]:
    project = find(campaign)
    return project, prepare(project, LETTER, ["en", "ko"], official=False)


def written(edition: tuple[Project, Edition], *languages: str, status: str = "in-office") -> Body:
    project, made = edition
    return body([(made.versions[code].letter, made.versions[code].labels, layout_of(project, code, draft=False)) for code in languages], OFFICE, status=status, correction=False)


def envelope(**changes: object) -> Envelope:
    one = mission("new-york")
    made = Envelope(address(OFFICE.email, OFFICE.name), address(OFFICE.email, OFFICE.name), recipient(one, one.email), T0, "<1@example.org>")
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_preview_is_a_draft_that_can_be_made_again(campaign: Path) -> None:
    folder = campaign / "output" / LETTER / "edition-1"
    manifest = read_manifest(folder)
    assert manifest
    mails = [entry for entry in manifest.artifacts if entry.kind == "email"]
    assert [entry.path for entry in mails] == ["email/dprk-geneva.eml", "email/dprk-new-york.eml"]
    for entry in mails:
        data = (folder / entry.path).read_bytes()
        assert digest(data) == entry.sha256
        parsed = email.message_from_bytes(data, policy=email.policy.default)
        assert parsed["X-Unsent"] == "1"
        assert parsed["Date"].datetime == datetime(2018, 6, 6, 12, tzinfo=UTC)
        assert not [defect for part in parsed.walk() for defect in part.defects]


def test_both_languages_are_there_as_text_and_html(edition: tuple[Project, Edition]) -> None:
    made = written(edition, "ko", "en")
    parsed = email.message_from_bytes(to_bytes(message(made, [Attachment("a.pdf", b"%PDF", "ko-KR")], envelope())), policy=email.policy.default)
    assert parsed.get_content_type() == "multipart/mixed"
    for kind in ("plain", "html"):
        part = parsed.get_body((kind,))
        assert part
        assert part["Content-Language"] == "ko-KR, en-US"
        text = part.get_content()
        assert "김정은 조선민주주의인민공화국 국무위원회 위원장님께 드리는 서한" in text
        assert "the attached letter addressed to Kim Jong Un, Chairman, State Affairs Commission" in text
        assert text.index("대사님께") < text.index("Your Excellency,")
        assert "Dear Chairman Kim Jong Un," in text
        assert "김정은 국무위원장님께," in text
    assert parsed["Subject"].endswith("공동 서한")


@pytest.mark.parametrize(("status", "english", "korean"), [("charge-d-affaires", "Dear Chargé d’Affaires,", "대사대리님께,"), ("vacant", "Dear Sir or Madam,", "대표부 귀중")])
def test_only_an_ambassador_is_an_excellency(edition: tuple[Project, Edition], status: str, english: str, korean: str) -> None:
    made = written(edition, "ko", "en", status=status)
    for text in (made.text.partition("-----")[0], made.html.partition("<article")[0]):
        assert text.index(korean) < text.index(english) < text.index("Please accept the assurances of our highest consideration.")
        assert "Excellency" not in text
        assert "대사님" not in text


def test_equal_ingredients_give_equal_bytes(edition: tuple[Project, Edition]) -> None:
    one, other = (to_bytes(message(written(edition, "en"), [Attachment("a.pdf", b"%PDF", "en-US")], envelope())) for _ in range(2))
    assert one == other


EVIL = "x\r\nBcc: evil@example.org\r\n\r\n<script>\x1b[2J"


@pytest.mark.parametrize("place", ["subject", "sender", "mission", "file"])
def test_no_text_becomes_a_header(edition: tuple[Project, Edition], place: str) -> None:
    made = written(edition, "en")
    sealed, name = envelope(), "a.pdf"
    if place == "subject":
        made = replace(made, subject=EVIL)
    elif place == "sender":
        sealed = envelope(sender=address("office@example.org", EVIL))
    elif place == "mission":
        one = mission("new-york")
        sealed = envelope(recipient=recipient(replace(one, mission=replace(one.mission, text=EVIL)), one.email))
    else:
        project, whole = edition
        letter = whole.versions["en"].letter
        name = attachment_name(replace(letter, title=replace(letter.title, text=EVIL + '/\\:*?"|')), project.locale("en"))
        assert not set(name) & set('\r\n/\\:*?"<>|\x1b')
    parsed = email.message_from_bytes(to_bytes(message(made, [Attachment(name, b"%PDF", "en-US")], sealed)), policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert len(parsed["To"].addresses) == 1


@pytest.mark.parametrize("wrong", ["a@example.org, evil@example.org", "a@example.org\r\nBcc: b@example.org", "a b@example.org", "<a@example.org>", "", "a@", "주소@example.org"])
def test_only_one_plain_address_is_written_to(wrong: str) -> None:
    with pytest.raises(EngrossError):
        address(wrong)


@pytest.mark.parametrize("data", [b"a\nb\r\n", b"a\rb\r\n", b"a", b"\xff\r\n", b"a" * 999 + b"\r\n", b"\0\r\n"])
def test_bytes_that_servers_read_differently_are_refused(data: bytes) -> None:
    with pytest.raises(EngrossError, match="not fit"):
        sound(data)


def test_a_line_that_begins_with_a_dot_is_no_end() -> None:
    assert stuffed(b".\r\n.x\r\ny.\r\n") == b"..\r\n..x\r\ny.\r\n"


def test_names_of_files_stay_short_and_tell_the_language(edition: tuple[Project, Edition]) -> None:
    project, whole = edition
    letter = whole.versions["ko"].letter
    name = attachment_name(replace(letter, title=replace(letter.title, text="가" * 300)), project.locale("ko"))
    assert len(name.encode()) <= 210
    assert name.endswith("(한국어).pdf")


def test_html_in_texts_stays_text(edition: tuple[Project, Edition]) -> None:
    project, whole = edition
    letter = whole.versions["en"].letter
    hostile = replace(letter, cover_note=replace(letter.title, text="<img src=x> & {{ 7*7 }}", markup=False))
    made = body([(hostile, whole.versions["en"].labels, layout_of(project, "en", draft=False))], OFFICE, status="in-office", correction=False)
    assert "<img" not in made.html
    assert "&lt;img src=x&gt; &amp; {{ 7*7 }}" in made.html
    assert "<img src=x> & {{ 7*7 }}" in made.text
    assert bodies.addressees(letter, project.locale("en")).startswith("Kim Jong Un, Chairman")


def test_where_letters_are_signed_nothing_unsigned_goes_out(campaign: Path) -> None:
    project = find(campaign)
    published = read_published(project, LETTER, T0)
    office = replace(project.settings.offices["example-office"], smtp=Smtp("localhost", 25))
    settings = replace(project.settings, offices={office.id: office}, signing={"default": Profile("default")})
    found, impossible = items(replace(project, settings=settings), published, Choice(Channel.EMAIL), {}, T0)
    assert found == []
    assert all("en, ko is not signed yet" in line for line in impossible)
    assert len(impossible) == 2


def test_a_corrected_edition_says_so_to_who_had_the_other(edition: tuple[Project, Edition]) -> None:
    project, whole = edition
    local = whole.versions["ko"]
    second = replace(local.letter, edition=2, supersedes=1)
    sentence = "이 서한은 제2판이며, 제1판을 정정하고 대체합니다."
    versions = [(second, local.labels, layout_of(project, "ko", draft=False))]
    assert sentence in body(versions, OFFICE, status="in-office", correction=True).text
    assert sentence not in body(versions, OFFICE, status="in-office", correction=False).text


def test_who_had_an_earlier_edition_is_known(campaign: Path) -> None:
    project = find(campaign)
    published = read_published(project, LETTER, T0)
    office = replace(project.settings.offices["example-office"], smtp=Smtp("localhost", 25))
    project = replace(project, settings=replace(project.settings, offices={office.id: office}))
    silent = replace(published, manifest=replace(published.manifest, edition=2))
    newer = replace(silent, edition=replace(published.edition, letter=replace(published.edition.letter, supersedes=1)))
    had = State(Delivery(LETTER, 1, "dprk-geneva", Channel.EMAIL, MAIL), Status.ACCEPTED)
    found, _ = items(project, newer, Choice(Channel.EMAIL), {had.delivery: had}, T0)
    assert {one.delivery.recipient: one.correction for one in found} == {"dprk-new-york": False, "dprk-geneva": True}
    found, impossible = items(project, silent, Choice(Channel.EMAIL), {had.delivery: had}, T0)
    assert [one.delivery.recipient for one in found] == ["dprk-new-york"]
    assert impossible == ["dprk-geneva: had edition 1, and the letter does not say that it replaces it; write supersedes: 1 into its head"], "no silent second copy"
