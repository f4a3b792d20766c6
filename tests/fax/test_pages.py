"""Fax pages and covers: what they say, how they are set, and that joining them changes no pixel."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from engross import canonical
from engross.errors import EngrossError, Position
from engross.letter import Note, Paragraph, Segment, Standing
from engross.proof.faxtext import folded, printed
from engross.render import fax, fax_cover, fax_html, raster, tiff, weasy
from tests.fax.letters import LANGUAGES, REPO, SENDER, Case, case, packet, renamed

EVERY = pytest.mark.parametrize("lang", LANGUAGES)


def texts(html: str) -> list[str]:
    """The text of each page of a layout, by PDFium."""
    document = pypdfium2.PdfDocument(weasy.to_plain_pdf(html, font_folder=REPO / "layouts" / "fonts"))
    try:
        return [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()


def letter_texts(this: Case) -> list[str]:
    return texts(fax_html.letter_html(this.letter, this.labels, this.layout, SENDER))


def cover_texts(this: Case, missions: tuple, total: int = 7) -> list[str]:
    return joined(this, SENDER, missions, total)


def joined(this: Case, sender: fax.Sender, missions: tuple, total: int) -> list[str]:
    """The text of each cover, whose pieces are laid out apart."""
    form, *rows = texts(fax_html.covers_html(this.letter, this.labels, this.english, this.layout, sender, missions, total))
    return [f"{form}\n{own}" for own in rows]


def images(pages: fax.Pages) -> list[Image.Image]:
    return [tiff.decode(strip, pages.coding) for strip in pages.strips]


@EVERY
def test_the_pages_carry_every_text_of_the_letter_in_order(lang: str) -> None:
    this = case(lang)
    blank, *pages = letter_texts(this)
    assert blank.strip() == ""
    field = this.layout.locale.field
    seal = field.format(label=this.labels["seal"], value=canonical.seal(this.letter))
    number = field.format(label=this.labels["document_number"], value=canonical.document_number(this.letter))
    office = f"{SENDER.name} · {field.format(label=this.labels['fax'], value=SENDER.fax)}"
    bodies = []
    for n, page in enumerate(pages, 2):
        body = folded(page)
        for words in (office, this.labels.fill("page_of", page=n, pages=len(pages) + 1), number, seal):
            assert folded(words) in body
            body = body.replace(folded(words), "", 1)
        bodies.append(body)
    whole, at = "".join(bodies), 0
    missing = []
    for expected in printed(this.letter, this.labels, this.layout.locale):
        found = whole.find(folded(expected.text), at)
        at = found + len(folded(expected.text)) if found >= 0 else at
        missing += [expected.text] if found < 0 else []
    assert missing == []


@EVERY
def test_a_cover_is_one_page_and_names_only_its_own_mission(lang: str) -> None:
    this, covers, _ = packet(lang)
    assert [len(cover) for cover in covers] == [1, 1]
    missions = this.letter.cc
    for mission, text in zip(missions, cover_texts(this, missions), strict=True):
        (other,) = (m for m in missions if m is not mission)
        own = [*(line.text for line in mission.lines()), mission.mission.text, mission.fax]
        sender = [SENDER.name, SENDER.fax, SENDER.voice, SENDER.email, *SENDER.address]
        for words in [*own, *sender, this.letter.title.text, canonical.document_number(this.letter), this.layout.locale.language_name(lang)]:
            assert folded(words) in folded(text)
        for words in (*[line.text for line in other.lines()][:1], other.fax):
            assert folded(words) not in folded(text)


@EVERY
def test_the_cover_is_in_the_language_of_the_letter_with_english_beside(lang: str) -> None:
    this = case(lang)
    (text,) = cover_texts(this, this.letter.cc[:1])
    for key in ("fax_transmission", "to", "from", "fax", "telephone", "email", "date", "pages", "subject", "language", "fax_incomplete"):
        assert folded(this.labels[key]) in folded(text)
        assert folded(this.english[key]) in folded(text)
    assert ("/" in re.sub(r"\S+/1/\S+", "", text)) is (lang != "en")


@EVERY
def test_the_words_of_a_label_are_one_text(lang: str) -> None:
    this = case(lang)
    html = fax_html.covers_html(this.letter, this.labels, this.english, this.layout, SENDER, this.letter.cc, 7)
    assert set(re.findall(r"<b>(.*?)</b>", html)) >= {" / ".join(dict.fromkeys((this.labels[key], this.english[key]))) for key in ("to", "from", "pages", "language")}
    assert (f'<span lang="en-US">{this.english["fax_incomplete"]}</span>' in html) is (lang != "en")


def test_covers_come_in_chunks_and_each_is_the_same_as_made_alone() -> None:
    this = case("en")
    missions = tuple(renamed(this.letter.cc[n % 2], n) for n in range(fax_cover.CHUNK + 2))
    covers = this.covers(missions, 6)
    assert len(covers) == len(missions)
    assert len({cover.strips for cover in covers}) == len(missions)
    for number in (0, 1, fax_cover.CHUNK - 1, fax_cover.CHUNK):
        assert this.covers((missions[number],), 6) == [covers[number]]
    for number, text in enumerate(cover_texts(this, missions[:3])):
        assert set(re.findall(r"State (\d{3})", text)) == {f"{number:03d}"}


@pytest.mark.parametrize("count", [0, 1, fax_cover.CHUNK + 1])
def test_covers_in_the_letters_document_are_those_made_alone(count: int) -> None:
    this = case("ko").short()
    missions = tuple(renamed(this.letter.cc[n % 2], n) for n in range(count))
    pages, covers = fax.packet(this.letter, this.labels, this.english, this.layout, SENDER, missions)
    assert pages == this.pages()
    assert list(covers) == this.covers(missions, len(pages))


def test_the_documents_of_many_covers_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: deque[object] = deque(maxlen=8)
    monkeypatch.setattr(weasy, "spent", kept)
    monkeypatch.setattr(fax_cover, "CHUNK", 1)
    this = case("ko").short()
    assert len(this.covers(tuple(renamed(this.letter.cc[n % 2], n) for n in range(4)), 3)) == 4
    assert len(kept) == 1


def test_a_letter_and_its_covers_are_one_document(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = []
    drawn = raster.rasters

    def noted(document: bytes, *rest: Any, **more: Any) -> Any:
        documents.append(document)
        return drawn(document, *rest, **more)

    monkeypatch.setattr(raster, "rasters", noted)
    this = case("en").short()
    _, covers = fax.packet(this.letter, this.labels, this.english, this.layout, SENDER, this.letter.cc)
    assert (len(list(covers)), len(documents)) == (2, 1)


def test_a_cover_that_does_not_fit_names_its_mission() -> None:
    this = case("en")
    long = replace(renamed(this.letter.cc[0], 2), mission=replace(this.letter.cc[0].mission, text="a long name of a mission " * 150))
    missions = (renamed(this.letter.cc[0], 1), long)
    with pytest.raises(EngrossError, match="state-2 does not fit on one page"):
        this.covers(missions, 6)
    this = this.short()
    with pytest.raises(EngrossError, match="state-2 does not fit on one page"):
        list(fax.packet(this.letter, this.labels, this.english, this.layout, SENDER, missions)[1])


def test_a_form_that_leaves_a_mission_no_room_or_no_mark_is_told(tmp_path: Path) -> None:
    this = case("en")
    wordy = replace(SENDER, address=tuple(f"line {number} of a long address" for number in range(22)))
    with pytest.raises(EngrossError, match="state-1 does not fit on one page"):
        list(fax.covers(this.letter, this.labels, this.english, this.layout, wordy, [renamed(this.letter.cc[0], 1)], 6))
    endless = replace(SENDER, address=wordy.address * 3)
    with pytest.raises(EngrossError, match="form of the fax cover does not fit"):
        list(fax.covers(this.letter, this.labels, this.english, this.layout, endless, [renamed(this.letter.cc[0], 1)], 6))
    layouts = shutil.copytree(REPO / "layouts", tmp_path / "layouts")
    (layouts / "fax.css").write_text((layouts / "fax.css").read_text("utf-8").replace(".mark {", ".no-mark {"), "utf-8")
    with pytest.raises(EngrossError, match="does not say where it ends"):
        case("en", root=layouts).covers(this.letter.cc[:1], 6)


def test_a_vacant_post_and_a_sender_without_numbers_leave_no_empty_lines() -> None:
    this = case("en")
    mission = replace(this.letter.cc[0], holder=replace(this.letter.cc[0].holder, name=None))
    (text,) = joined(this, fax.Sender("Office"), (mission,), 7)
    assert "Telephone" not in text
    assert "Ja Song Nam" not in text
    assert re.search(r"To\s+Ambassador Extraordinary", text)


@EVERY
def test_nothing_is_printed_where_machines_write_or_paper_ends(lang: str) -> None:
    _, covers, pages = packet(lang)
    for image in [*images(pages), *images(covers[0])]:
        assert image.size == (1728, 2148)
        left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
        assert top >= 6 * 7.7
        assert left >= (2.5 + 12) * 1728 / 215
        assert right <= 1728 - (2.5 + 12) * 1728 / 215
        assert bottom <= 2148 - 5 * 7.7


def test_standard_resolution_has_half_the_lines_of_the_same_page() -> None:
    this = case("en").short()
    standard = this.pages(resolution="standard")
    assert {strip.rows for strip in standard.strips} == {1074}
    cover = this.covers(this.letter.cc[:1], len(standard), resolution="standard")[0]
    found = tiff.read(fax.tiff(cover, standard))
    assert {page.dpi for page in found} == {98}
    with pytest.raises(EngrossError, match="coded differently"):
        fax.tiff(this.covers(this.letter.cc[:1], len(standard))[0], standard)


def test_all_codings_decode_to_the_same_pages_and_all_make_the_same_pdf_pixels() -> None:
    this = case("es").short()
    mmr, mr, mh = (this.pages(coding=coding) for coding in ("mmr", "mr", "mh"))
    pixels = [[image.tobytes() for image in images(pages)] for pages in (mmr, mr, mh)]
    assert pixels[0] == pixels[1] == pixels[2]
    assert mmr.size < mr.size < mh.size
    assert fax.pdf(None, mh) == fax.pdf(None, mmr)


@EVERY
def test_joining_codes_nothing_again(lang: str) -> None:
    _, covers, pages = packet(lang)
    strips = [page.strip for page in tiff.read(fax.tiff(covers[1], pages))]
    assert strips == [*covers[1].strips, *pages.strips]


@EVERY
def test_the_pdf_has_the_pixels_of_the_tiff_at_their_size(lang: str) -> None:
    this, covers, pages = packet(lang)
    data = fax.pdf(covers[0], pages)
    document = pypdfium2.PdfDocument(data)
    try:
        assert len(document) == len(pages) + 1
        width, height = document[0].get_size()
        assert (width * 25.4 / 72, height * 25.4 / 72) == pytest.approx((210, 279), abs=0.1)
        for page, expected in zip(document, [*images(covers[0]), *images(pages)], strict=True):
            bitmap = pdfium.FPDFBitmap_CreateEx(1688, 2148, pdfium.FPDFBitmap_Gray, None, 0)
            pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, 1688, 2148, 0xFFFFFFFF)
            pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, 1688, 2148, 0, pdfium.FPDF_RENDER_NO_SMOOTHIMAGE)
            grey = pypdfium2.PdfBitmap.from_raw(bitmap).to_pil().convert("L")
            assert grey.tobytes() == expected.crop((20, 0, 1708, 2148)).point([255] + [0] * 255, "L").tobytes()
        facts = document.get_metadata_dict()
    finally:
        document.close()
    assert facts["Title"] == this.letter.title.text
    assert facts["Subject"] == canonical.document_number(this.letter)
    tag = ("\ufeff" + this.layout.locale.tag).encode("utf-16-be").hex().upper()
    assert f"/Lang<{tag}>".encode() in data


def test_the_pdf_is_sound_and_its_images_are_the_coded_pages(tmp_path: Path) -> None:
    _, covers, pages = packet("ja")
    path = tmp_path / "fax.pdf"
    path.write_bytes(fax.pdf(covers[0], pages))
    assert "No syntax or stream encoding errors" in subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=True).stdout
    listed = subprocess.run(["pdfimages", "-list", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert [line.split()[8] for line in listed] == ["ccitt"] * (len(pages) + 1)
    assert [line.split()[12:14] for line in listed] == [["204", "196"]] * (len(pages) + 1)


def test_a_draft_says_so_on_every_page_and_marks_what_is_not_translated() -> None:
    draft = case("ko", draft=True)
    first = next(segment for segment in draft.letter.segments() if segment.role == "paragraph")
    draft = replace(draft, letter=draft.letter.map(lambda s: replace(s, standing=Standing.EMPTY) if s == first else s))
    _, *pages = letter_texts(draft)
    official = letter_texts(case("ko"))
    assert all(draft.labels["draft"] in page for page in pages)
    assert folded(draft.labels["draft_notice"]) in folded(pages[0])
    assert folded("".join(pages)).count(folded(draft.labels["untranslated"])) == 1
    assert draft.labels["draft"] not in "".join(official)
    assert b"DRAFT".hex().upper() not in fax.pdf(None, case("ko").short().pages()).hex().upper()
    pages_of = draft.short().pages()
    assert "(DRAFT)" in pypdfium2.PdfDocument(fax.pdf(None, pages_of)).get_metadata_dict()["Title"]


def test_addresses_of_links_are_printed_and_notes_follow() -> None:
    this = case("en")
    text = "See [the report](https://example.org/report), <https://example.org/2> and *this*.[^a]"
    where = Position("letter.md", 1)
    body = (Paragraph(Segment("paragraph", text, where, "p1", "en", "letter", markup=True)),)
    notes = (Note(1, "a", Segment("note", "A note.", where, "n1", "en", "letter", markup=True)),)
    read = re.sub(r"\s+", " ", "".join(letter_texts(this.with_letter(body=body, notes=notes))))
    assert re.search(r"See the report \(https://example\.org/report\), https://example\.org/2 and this\. ?\[1\]", read)
    assert next(t.text for t in printed(this.with_letter(body=body, notes=notes).letter, this.labels, this.layout.locale) if t.label == "p1").endswith("this.[1]")
    assert re.search(r"\[1\] ?A note\.", read)


def test_markup_in_texts_stays_text() -> None:
    hostile = "<style>*{display:none}</style>{{ letter }}<img src='http://example.org/x.png'>"
    this = case("en").short()
    sender = replace(SENDER, name=hostile)
    letter = this.letter.map(lambda s: replace(s, text=hostile) if s.role == "salutation" else s)
    read = re.sub(r"\s+", "", "".join(texts(fax_html.letter_html(letter, this.labels, this.layout, sender))))
    assert read.count(re.sub(r"\s+", "", hostile)) >= 2


def test_the_cost_of_a_call() -> None:
    _, covers, pages = packet("en")
    counted = fax.cost([covers[0], pages])
    assert counted == fax.cost(fax.tiff(covers[0], pages))
    assert counted.pages == len(pages) + 1
    assert counted.bytes == covers[0].size + pages.size == sum(counted.page_bytes)
    assert counted.seconds[14400] == pytest.approx(14 + 4 * counted.pages + counted.bytes * 8 / 14400)
    assert counted.seconds[33600] < counted.seconds[14400] < counted.seconds[9600]


SCRIPT = """
import hashlib, sys
sys.path[:0] = sys.argv[1:]
from tests.fax.letters import case
from engross.render import fax
this = case("ko").short()
pages = this.pages()
cover = this.covers(this.letter.cc[1:], len(pages))[0]
print(hashlib.sha256(fax.tiff(cover, pages) + fax.pdf(cover, pages)).hexdigest())
"""


def test_two_builds_are_the_same_bytes() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "99", "TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"}
    ran = subprocess.run([sys.executable, "-c", SCRIPT, str(REPO)], capture_output=True, text=True, env=environment, check=True)
    this = case("ko").short()
    pages = this.pages()
    cover = this.covers(this.letter.cc[1:], len(pages))[0]
    assert ran.stdout.strip() == hashlib.sha256(fax.tiff(cover, pages) + fax.pdf(cover, pages)).hexdigest()
