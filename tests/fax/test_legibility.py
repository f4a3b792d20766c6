"""The legibility gate: good faxes of all languages pass, and each planted fault is caught and named."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from engross.errors import OutsideError
from engross.letter import Paragraph, Section, Segment
from engross.proof import fax as gate
from engross.proof import ocr
from engross.proof.distance import distance, find
from engross.proof.faxtext import figures, folded, has_figure
from engross.render import fax, tiff
from tests.fax.letters import LANGUAGES, REPO, SENDER, Case, case
from tests.fax.reader import reader
from tests.render.conftest import SECOND
from tests.render.conftest import case as second

__all__ = ["reader"]


@lru_cache(maxsize=4)
def good(lang: str) -> tuple[Case, bytes]:
    this = case(lang).short()
    return this, this.fax()


def read(this: Case, data: bytes, *, cover: bool = True) -> gate.Report:
    return gate.legibility(data, this.wanted(), cover=cover)


def codes(report: gate.Report) -> set[str]:
    return {problem.code for problem in report.problems}


def coded(images: Iterable[Image.Image], dpi: int = 196) -> bytes:
    return tiff.write([tiff.code(image, "mmr") for image in images], coding="mmr", dpi=dpi, stamp="")


def altered(data: bytes, number: int, change: Callable[[Image.Image], Image.Image], *, dpi: int = 196) -> bytes:
    """The fax with one page (0-based) changed."""
    strips = [page.strip for page in tiff.read(data)]
    strips[number] = tiff.code(change(tiff.decode(strips[number], "mmr")), "mmr")
    return tiff.write(strips, coding="mmr", dpi=dpi, stamp="")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_good_fax_can_be_read(lang: str) -> None:
    this, data = good(lang)
    report = read(this, data)
    assert report.problems == ()
    assert report.fit
    limit = gate.CER_LIMIT_CJK if lang in ("ko", "ja") else gate.CER_LIMIT
    print(lang, *(f"{page.cer:.2%} {page.coverage:.1%} {page.type_points:.1f} pt" for page in report.pages))
    for page in report.pages:
        assert page.cer <= limit
        assert page.type_points == pytest.approx(12, abs=2)
    phones = [text for text in report.texts if text.label.endswith(".fax")]
    assert [text.readable for text in phones] == [True, True]


def test_a_figure_that_one_size_blurs_is_looked_at_closer_and_a_wrong_one_stays_wrong() -> None:
    this = case("ko").short()
    pages = this.pages(resolution="standard", coding="mh").strips
    written = tiff.read(tiff.write(pages, coding="mh", dpi=98, stamp=""))
    assert gate.read_letter(written, this.wanted()).problems == ()

    def change(segment: Segment) -> Segment:
        return replace(segment, text=segment.text.replace("1,800", "1,300"))

    other = replace(this.wanted(), letter=this.letter.map(change))
    found = [problem.message for problem in gate.read_letter(written, other).problems if problem.code == "fax-figure"]
    assert found == ["s6.p1: 1,300 cannot be read exactly on page 2"]


def test_a_line_in_three_scripts_is_read_to_its_end() -> None:
    this = second(SECOND, "en")
    promised = next(block for block in this.letter.body if isinstance(block, Section))
    letter = replace(this.letter, body=(replace(promised, blocks=promised.blocks[:1]),), cc=(), recipients=(), notes=())
    letter = letter.map(lambda segment: replace(segment, text=re.sub(r"\[\^\w+\]", "", segment.text)))
    pages = fax.letter_pages(letter, this.labels, this.layout, SENDER)
    report = gate.read_letter(tiff.read(fax.tiff(None, pages)), gate.Wanted(letter, this.labels, this.layout.locale, SENDER, this.layout.authoritative))
    assert report.problems == ()
    assert any("주거" in text.text and "みず" in text.text and text.readable for text in report.texts)


def test_a_blank_line_is_caught() -> None:
    this, data = good("en")
    strip = tiff.read(data)[1].strip
    line = next(line for line in ocr.lines(strip, "mmr", 7.7)[12:] if line.right - line.left > 1800)
    down = 7.7 * 25.4 / ocr.DPI

    def blank(page: Image.Image) -> Image.Image:
        ImageDraw.Draw(page).rectangle((0, int(line.top * down) - 1, page.width, int(line.bottom * down) + 1), fill=0)
        return page

    report = read(this, altered(data, 1, blank))
    assert codes(report) == {"fax-unreadable", "fax-text"}
    assert len(report.unreadable) == 1
    assert report.unreadable[0].page == 2


@lru_cache(maxsize=1)
def two_pages() -> tuple[Case, bytes]:
    this = case("en")
    this = this.with_letter(body=this.letter.body[:4], signatories=this.letter.signatories[:8])
    return this, this.fax()


def test_pages_in_another_order_are_caught() -> None:
    this, data = two_pages()
    cover, first, second = (page.strip for page in tiff.read(data))
    report = read(this, tiff.write([cover, second, first], coding="mmr", dpi=196, stamp=""))
    assert {"fax-page-order", "fax-margin"} <= codes(report)


def test_another_office_in_the_margin_is_caught_on_every_page() -> None:
    this, data = good("en")
    for sender, what in ((replace(SENDER, name="Other Office, Geneva"), "the office 'Other Office, Geneva'"), (replace(SENDER, fax="+1-202-555-0102"), "number '+1-202-555-0102'")):
        report = gate.legibility(data, replace(this.wanted(), sender=sender))
        assert codes(report) == {"fax-margin"}
        assert all(what in problem.message for problem in report.problems)
        assert {problem.message[-7:] for problem in report.problems} == {" page 1", " page 2"}


def test_a_cover_of_another_mission_is_caught() -> None:
    this, data = good("en")
    report = gate.legibility(data, this.wanted(), mission=this.letter.cc[1])
    assert codes(report) == {"fax-cover"}


def test_the_line_that_says_which_version_is_authoritative_is_read() -> None:
    this = case("es")
    this = replace(this, layout=replace(this.layout, authoritative="en")).short()
    data = this.fax()
    assert read(this, data).problems == ()
    label = next(text for text in read(this, data).texts if text.label == "authoritative")
    assert (label.readable, "inglés" in label.text) == (True, True)


def test_a_missing_page_is_caught() -> None:
    this, data = two_pages()
    strips = [page.strip for page in tiff.read(data)]
    report = read(this, tiff.write([strips[0], strips[-1]], coding="mmr", dpi=196, stamp=""))
    assert {"fax-unreadable", "fax-text", "fax-margin"} <= codes(report)
    assert report.pages[0].cer > 0.2
    assert any(problem.message.startswith("salutation") for problem in report.problems)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_draft_can_be_read_to_be_one_on_the_cover_in_the_text_and_in_every_margin(lang: str) -> None:
    this = case(lang, draft=True).short()
    assert read(this, this.fax()).problems == ()
    official, data = good(lang)
    found = [problem.message for problem in read(replace(official, layout=this.layout), data).problems]
    assert found[0] == "it cannot be read on the cover that this is a draft"
    assert [message[-7:] for message in found if message.startswith("the page number")] == [f" page {n}" for n in range(1, len(tiff.read(data)) + 1)]
    assert any(message.startswith(f"draft: “{this.labels['draft_notice']}” cannot be read") for message in found)


def test_another_letter_is_caught() -> None:
    this, data = good("en")
    other = case("en").with_letter(body=case("en").letter.body[2:3], signatories=())
    report = read(other, data)
    assert {"fax-unreadable", "fax-text", "fax-margin"} <= codes(report)
    assert isinstance(other.letter.body[0], Paragraph)
    assert other.letter.body[0].text.label in {text.label for text in report.unreadable}
    del this


def test_one_other_digit_is_caught_and_its_source_named() -> None:
    this, data = good("en")
    mission = this.letter.cc[0]
    other = this.with_letter(cc=(replace(mission, fax="+1-212-972-3155"), *this.letter.cc[1:]))
    report = read(other, data)
    assert [(problem.code, problem.where) for problem in report.problems if problem.code != "fax-margin"] == [("fax-figure", mission.where)]


def layouts(tmp_path: Path, css: str) -> Path:
    """The layout with rules added to the fax pages."""
    root = tmp_path / "layouts"
    shutil.copytree(REPO / "layouts", root, copy_function=lambda a, b: os.link(a, b) if a.endswith(".ttf") else shutil.copyfile(a, b))
    (root / "fax.css").write_text((root / "fax.css").read_text("utf-8") + css, "utf-8")
    return root


def test_grey_text_is_caught(tmp_path: Path) -> None:
    this = case("en", root=layouts(tmp_path, "p { color: #aaa }")).short()
    found = codes(read(this, this.fax()))
    assert "fax-coverage" in found or {"fax-unreadable", "fax-text"} <= found


def test_dithered_grey_is_caught() -> None:
    this, data = good("en")

    def dither(page: Image.Image) -> Image.Image:
        grey = page.point([255] + [120] * 255, "L").convert("1")
        return grey.point([255] + [0] * 255, "1")

    assert codes(read(this, altered(data, 1, dither))) == {"fax-grey"}


def test_too_small_type_is_caught(tmp_path: Path) -> None:
    this = case("en", root=layouts(tmp_path, "html { font-size: 8pt }")).short()
    report = read(this, this.fax())
    assert "fax-type-size" in codes(report)
    assert report.pages[0].type_points < 10


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda data: altered(data, 1, lambda page: page, dpi=98), "fax-geometry"),
        (lambda data: altered(data, 1, lambda page: page.resize((1728, 1074))), "fax-geometry"),
        (lambda data: altered(data, 1, lambda page: page, dpi=150), "fax-geometry"),
        (lambda data: altered(data, 1, lambda page: page.crop((20, 0, 1708, 2148))), "fax-geometry"),
        (lambda data: altered(data, 1, lambda page: page.point([255] + [0] * 255, "1")), "fax-coverage"),
        (lambda data: data.replace(b"\x06\x01\x03\x00\x01\x00\x00\x00\x00", b"\x06\x01\x03\x00\x01\x00\x00\x00\x01"), "fax-coverage"),
        (lambda data: altered(data, 1, lambda page: Image.new("1", page.size, 0)), "fax-coverage"),
    ],
    ids=["fine-called-standard", "standard-called-fine", "no-fax-resolution", "too-narrow", "inverted-pixels", "inverted-tag", "empty"],
)
def test_what_a_machine_would_garble_is_caught_without_reading(fault: Callable[[bytes], bytes], code: str) -> None:
    this, data = good("en")
    report = read(this, fault(data))
    assert codes(report) == {code}
    assert not report.fit


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_wrong_number_of_pages_in_the_row_of_the_cover_is_caught_though_the_margin_is_right(lang: str) -> None:
    this = case(lang).short()
    right, wrong = (tiff.decode(this.covers(this.letter.cc[:1], pages)[0].strips[0], "mmr") for pages in (1, 2))
    body = (0, 150, tiff.WIDTH, 2000)
    right.paste(wrong.crop(body), body)
    (page,) = tiff.read(coded([right]))
    assert [problem.message for problem in gate.read_cover(page, this.wanted(), 2, this.letter.cc[0])] == ["the number of pages, 2, cannot be read on the cover"]


def test_a_missing_reader_is_told_apart_from_a_bad_fax(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    this, data = good("en")
    unknown = replace(this.layout.locale, code="eo")
    with pytest.raises(OutsideError, match=r"data .eo. is missing"):
        gate.legibility(data, replace(this.wanted(), locale=unknown))
    monkeypatch.setenv("PATH", str(tmp_path))
    ocr.installed.cache_clear()
    try:
        with pytest.raises(OutsideError, match="not installed"):
            read(this, data)
    finally:
        ocr.installed.cache_clear()


@pytest.mark.parametrize(
    ("one", "other", "edits"), [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("서울에서", "서울로", 2), ("a" * 200, "a" * 99 + "b" + "a" * 100, 1)]
)
def test_distance(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == distance(other, one) == edits


def test_find_gives_the_nearest_place() -> None:
    text = "the quick brown fox jumps over the lazy dog"
    assert (find("brown fox", text).start, find("brown fox", text).edits) == (10, 0)
    match = find("brwn fux", text)
    assert (match.edits, text[match.start : match.end]) == (2, "brown fox")
    assert find("zzzzzz", "abc").edits == 6
    assert find("", text).edits == 0


def test_folding_keeps_what_a_reader_would_miss() -> None:
    assert folded("•  “Ünited” – Nations：") == '"united"-nations:'
    assert folded("가나다") != folded("가나라")
    assert figures("200,000 and +1-212-972-3154, 3. 2014") == ["200,000", "+1-212-972-3154", "3", "2014"]
    assert has_figure("1,800", "x1800만")
    assert not has_figure("1,800", "x18000")
    assert not has_figure("+1-212-972-3154", "1-212-972-3155")


def test_half_a_page_of_fax_costs_less_than_a_whole() -> None:
    this, data = good("en")
    assert fax.cost(data).bytes < fax.cost(case("en").fax()).bytes
    del this
