"""The proof of a message finds what is planted in its heads, its attachments and in each language of its plain and its HTML text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest

from benchmarks import address_book
from engross.artifact import Artifact, Manifest, digest
from engross.dispatch.email import preview
from engross.edition import Edition, prepare
from engross.letter import Letter
from engross.project import Project, find
from engross.proof.finding import Finding
from engross.proof.mail import prove_message
from tests.conftest import REPO, copy_workspace
from tests.proof.faults import CHANGED, DOUBLED, FIGURE, LANGUAGE, MISSING, ORDER, doubled, dropped, moved, said

LETTER = "2018-06-06-dprk"
PDFS = {"en": b"%PDF the letter in English", "ko": b"%PDF the letter in Korean", "signed": b"%PDF the letter in Korean, signed"}


@dataclass(frozen=True)
class Post:
    """What is needed to write the message to one mission, and to prove it."""

    project: Project
    edition: Edition
    manifest: Manifest

    def written(self, edition: Edition | None = None) -> tuple[Artifact, bytes]:
        first = next(preview.letters(self.project, edition or self.edition, self.manifest.artifacts))
        assert first.compose
        files = {digest(data): data for data in PDFS.values()}
        data = first.compose(lambda entry: files[entry.sha256])
        return first.entry(data), data

    def found(self, entry: Artifact, data: bytes) -> list[Finding]:
        return prove_message(entry, data, self.manifest, self.edition, self.project)


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Post:
    workspace = copy_workspace(REPO, tmp_path_factory.mktemp("messages") / "workspace")
    address_book.write(workspace, LETTER, 1)
    project = find(workspace)
    edition = replace(prepare(project, LETTER, project.languages(()), official=False), official=True)
    return Post(project, edition, Manifest(LETTER, 1, "official", tuple(pdf(code) for code in ("en", "ko"))))


def pdf(code: str, kind: str = "pdf", data: str = "") -> Artifact:
    content = PDFS[data or code]
    return Artifact(f"{code}/{LETTER}.{code}.{'signed.' if kind == 'signed-pdf' else ''}pdf", digest(content), len(content), kind, code, "r")


def test_a_message_as_it_is_written_has_no_findings_as_draft_and_officially(post: Post) -> None:
    assert post.found(*post.written()) == []
    draft = replace(post, edition=replace(post.edition, official=False))
    assert draft.found(*draft.written()) == []
    assert {"Subject", "plain: text", "html: text"} <= {f.label for f in post.found(*draft.written())}


TEXTS: list[tuple[str, str, Callable[[Letter], Letter], str, tuple[str, ...]]] = [
    ("a paragraph is gone", "en", dropped("p2"), "p2", (MISSING,)),
    ("a bullet is gone", "ko", dropped("s3.b2"), "s3.b2", (MISSING,)),
    ("two bullets changed places", "en", moved("s4.b1", 1), "s4.b1", (ORDER,)),
    ("a paragraph wandered", "ko", moved("p3", -2), "p3", (ORDER,)),
    ("a bullet stands twice", "en", doubled("s2.b1"), "s2.b1", (DOUBLED,)),
    ("a signatory stands twice", "ko", doubled("sig.no-fence.name"), "sig.no-fence", (DOUBLED,)),
    ("a signatory is gone", "en", dropped("sig.no-fence.name"), "sig.no-fence", (MISSING, CHANGED)),
    ("a year is another", "en", said("s1.p2", "2017", "2071"), "s1.p2", (FIGURE,)),
    ("a date is another", "ko", said("p2", "27", "29"), "p2", (FIGURE,)),
    ("a number is another", "en", said("s6.p1", "18 million", "81 million"), "s6.p1", (FIGURE,)),
    ("a word is another", "en", said("s2.b1", "End", "Lend"), "s2.b1", (CHANGED,)),
    ("a heading is another", "en", said("s2.heading", "Increase", "Decrease"), "s2.heading", (CHANGED,)),
    ("the addressee is another", "ko", said("a1.name", "김정은", "김정일"), "a1.name", (CHANGED,)),
    ("the closing is gone", "en", said("closing", "Sincerely,", "…"), "closing", (MISSING,)),
    ("the letter's date is another", "en", lambda letter: replace(letter, date=letter.date.replace(day=8)), "date", (FIGURE,)),
    ("a CC address is another", "en", lambda letter: replace(letter, cc=(replace(letter.cc[0], email="dprk.un@verizon.org"), letter.cc[1])), "cc.dprk-new-york.email", (FIGURE,)),
    ("a CC fax is another", "ko", lambda letter: replace(letter, cc=(letter.cc[0], replace(letter.cc[1], fax="+41-22-786-06-26"))), "cc.dprk-geneva.fax", (FIGURE,)),
]


@pytest.mark.parametrize(("lang", "plant", "label", "codes"), [entry[1:] for entry in TEXTS], ids=[entry[0] for entry in TEXTS])
def test_a_fault_in_the_body_is_found_in_both_its_forms(post: Post, lang: str, plant: Callable[[Letter], Letter], label: str, codes: tuple[str, ...]) -> None:
    version = post.edition.versions[lang]
    wrong = replace(post.edition, versions={**post.edition.versions, lang: replace(version, letter=plant(version.letter))})
    found = {(f.label, f.code) for f in post.found(*post.written(wrong))}
    for form in ("plain", "html"):
        assert found & {(f"{form}: {lang}.{label}", code) for code in codes}, found


def test_a_paragraph_in_the_wrong_language_is_named_so(post: Post) -> None:
    english, korean = post.edition.versions["en"], post.edition.versions["ko"]
    (strange,) = (s for s in korean.letter.segments() if s.label == "p2")
    letter = english.letter.map(lambda segment: replace(segment, text=strange.text) if segment.label == "p2" else segment)
    wrong = replace(post.edition, versions={**post.edition.versions, "en": replace(english, letter=letter)})
    assert {("plain: en.p2", LANGUAGE), ("html: en.p2", LANGUAGE)} <= {(f.label, f.code) for f in post.found(*post.written(wrong))}


def test_a_message_in_the_languages_of_another_mission_is_found(post: Post) -> None:
    swapped = replace(post.edition, versions={**post.edition.versions, "ko": post.edition.versions["ja"]})
    assert any(f.code == LANGUAGE and f.label.startswith("plain: ko.") for f in post.found(*post.written(swapped)))


def header(name: str, value: str) -> Callable[[EmailMessage], None]:
    def act(message: EmailMessage) -> None:
        del message[name]
        message[name] = value

    return act


def attachment(number: int, act: Callable[[EmailMessage], None]) -> Callable[[EmailMessage], None]:
    return lambda message: act(list(message.iter_attachments())[number])


def content(data: bytes) -> Callable[[EmailMessage], None]:
    return lambda part: part.set_content(data, maintype="application", subtype="pdf", filename=part.get_filename())


def named(name: str) -> Callable[[EmailMessage], None]:
    return lambda part: part.replace_header("Content-Disposition", f'attachment; filename="{name}"')


def swapped(message: EmailMessage) -> None:
    parts: Any = message.get_payload()
    parts[1], parts[2] = parts[2], parts[1]


def without_attachment(message: EmailMessage) -> None:
    parts: Any = message.get_payload()
    del parts[2]


def with_html(old: str, new: str) -> Callable[[EmailMessage], None]:
    def act(message: EmailMessage) -> None:
        part: Any = message.get_body(("html",))
        text = part.get_content()
        assert old in text
        part.set_content(text.replace(old, new, 1), subtype="html")

    return act


HEADS: list[tuple[str, Callable[[EmailMessage], None], tuple[str, str]]] = [
    ("it goes to another mission", header("To", "Permanent Mission <al-geneva@example.org>"), (FIGURE, "To")),
    ("it goes to the mission under another name", header("To", "Example <af-new-york@example.org>"), (FIGURE, "To")),
    ("it goes to one more", header("Cc", "desk@example.org"), (FIGURE, "Cc")),
    ("it goes to one more in secret", header("Bcc", "desk@example.org"), (FIGURE, "Bcc")),
    ("it comes from another office", header("From", "Example Office Geneva <geneva@example.org>"), (FIGURE, "From")),
    ("answers go elsewhere", header("Reply-To", "desk@example.org"), (FIGURE, "Reply-To")),
    ("the subject is another", header("Subject", "Joint letter"), ("proof-metadata", "Subject")),
    ("the date is another", header("Date", "Thu, 07 Jun 2018 12:00:00 +0000"), ("proof-metadata", "Date")),
    ("an attachment was changed", attachment(0, content(PDFS["en"] + b" ")), ("proof-attachment", "en")),
    ("an attachment is another language's", attachment(1, content(PDFS["en"])), ("proof-attachment", "ko")),
    ("the attachments changed places", swapped, ("proof-attachment", "en")),
    ("an attachment is gone", without_attachment, ("proof-attachment", "ko")),
    ("an attachment has another name", attachment(0, named("2018-06-06 Joint Letter (Korean).pdf")), ("proof-attachment", "en")),
    (
        "something else is attached",
        lambda message: message.add_attachment(b"for us only", maintype="text", subtype="plain", filename="notes.txt"),
        ("proof-attachment", "notes.txt"),
    ),
    ("a link leads elsewhere", with_html("mailto:dprk.un@verizon.net", "mailto:dprk.un@example.org"), ("proof-link", "html: mailto:dprk.un@verizon.net")),
    ("a line stands there besides", with_html("</article>", "<p>For internal use only</p></article>"), ("proof-added", "html: text")),
    ("the covering note's greeting is another", with_html("Dear Sir or Madam,", "Dear friends,"), (MISSING, "html: en.note.0")),
    ("the office's number is another", with_html("+1-212-555-0199", "+1-212-555-0198"), (FIGURE, "html: signature")),
]


@pytest.mark.parametrize(("act", "expected"), [entry[1:] for entry in HEADS], ids=[entry[0] for entry in HEADS])
def test_a_fault_of_hands_is_found(post: Post, act: Callable[[EmailMessage], None], expected: tuple[str, str]) -> None:
    entry, data = post.written()
    message = BytesParser(policy=policy.SMTP).parsebytes(data)
    assert isinstance(message, EmailMessage)
    act(message)
    assert expected in {(f.code, f.label) for f in post.found(entry, message.as_bytes())}


def test_once_a_language_is_signed_the_unsigned_pdf_is_the_wrong_one(post: Post) -> None:
    entry, data = post.written()
    signed = replace(post, manifest=replace(post.manifest, artifacts=(*post.manifest.artifacts, pdf("ko", "signed-pdf", "signed"))))
    assert [(f.code, f.label) for f in signed.found(entry, data)] == [("proof-attachment", "ko")]
    assert signed.found(*signed.written()) == []
