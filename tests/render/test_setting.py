"""How lines are filled, and which fonts are seen."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from engross.errors import EngrossError
from engross.render import fonts
from engross.render.justification import LETTER_LIMIT, distribute

REPO = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "runs",
    [
        [("one two three", "en-US", 14.0)],
        [("유엔 인권 권고의 이행을", "ko-KR", 14.0)],
        [("조사위원회(", "ko-KR", 14.0), ("COI", "en-US", 14.0), (")는 국제 사회의", "ko-KR", 14.0)],
        [("国際労働機関（", "ja-JP", 14.0), ("ILO", "en-US", 14.0), ("）の職員", "ja-JP", 14.0)],
        [("あ", "ja-JP", 14.0), ("two words", "en-US", 14.0)],
    ],
)
@pytest.mark.parametrize("extra", [0.0, 3.0, 40.0, 200.0])
def test_the_whole_space_is_given_out(runs, extra):
    shares = distribute(runs, extra)
    assert sum(share.total for share in shares) == pytest.approx(extra)
    assert [share.last for share in shares] == [False] * (len(runs) - 1) + [True]


def test_latin_and_short_korean_gaps_stay_between_words():
    assert distribute([("one two", "en", 14.0)], 9.0)[0].letter == 0
    assert distribute([("유엔 인권 권고", "ko", 14.0)], 4.0)[0].letter == 0


def test_korean_letters_move_apart_only_a_little():
    share = distribute([("한국전쟁 중 거주지를", "ko", 14.0)], 200.0)[0]
    assert 0 < share.letter <= LETTER_LIMIT * 14


def test_a_line_that_cannot_stretch_is_left():
    assert distribute([("word", "en", 14.0)], 5.0)[0].total == 0
    assert distribute([], 5.0) == []


def test_each_subset_of_a_family_has_a_name_of_its_own():
    named = fonts.subsets(sorted((REPO / "layouts" / "fonts").glob("*.ttf")))
    assert {(family, name) for _, family, name in named if "Source" in family} == {("Source Serif 4", "Source Serif 4"), ("Source Serif 4", "Source Serif 4 ext")}
    assert {name for _, _, name in named} >= {"Noto Serif KR", "Noto Serif JP", "Noto Sans", "Noto Sans ext", "Noto Sans KR", "Noto Sans JP"}


@pytest.mark.parametrize("before", [None, "/elsewhere/fonts.conf"])
def test_the_environment_is_put_back(monkeypatch, before):
    monkeypatch.delenv(fonts.VARIABLE, raising=False)
    if before:
        monkeypatch.setenv(fonts.VARIABLE, before)
    with fonts.private(REPO / "layouts" / "fonts"):
        assert Path(os.environ[fonts.VARIABLE]).read_text().count("<dir>") == 1
    assert os.environ.get(fonts.VARIABLE) == before


def test_a_folder_without_fonts_and_a_file_that_is_none_are_refused(tmp_path):
    with pytest.raises(EngrossError, match="no fonts"):
        fonts.configure(tmp_path)
    (tmp_path / "a.ttf").write_bytes(b"not a font")
    with pytest.raises(EngrossError, match="not a TrueType font"):
        fonts.configure(tmp_path)


def test_a_changed_font_gets_a_new_configuration(tmp_path):
    folder = tmp_path / "fonts"
    folder.mkdir()
    source = REPO / "layouts" / "fonts" / "noto-sans-latin-400-normal.ttf"
    (folder / source.name).write_bytes(source.read_bytes())
    first = fonts.configure(folder)
    assert fonts.configure(folder) == first
    os.utime(folder / source.name, (1, 1))
    assert fonts.configure(folder) != first


def test_frozen_objects_write_what_they_were():
    from io import BytesIO

    import pydyf
    import pypdf

    from engross.render.frozen import freeze

    def make(*, frozen: bool) -> bytes:
        pdf = pydyf.PDF()
        content = pydyf.Stream([b"0 0 10 10 re f", b"stream\nendstream"], pydyf.Dictionary({"A": 1}), compress=True)
        plain = pydyf.Stream([b"q Q"])
        pdf.add_object(content)
        pdf.add_object(plain)
        pdf.add_page(pydyf.Dictionary({"Type": "/Page", "Parent": pdf.pages.reference, "MediaBox": pydyf.Array([0, 0, 9, 9]), "Contents": content.reference}))
        pdf.info["Title"] = pydyf.String("예시 (x)")
        if frozen:
            freeze(pdf)
        out = BytesIO()
        pdf.write(out, identifier=b"x", compress=True)
        return out.getvalue()

    written = make(frozen=False), make(frozen=True)
    levels = [{data[at + 7 : at + 9] for at in (found.start() for found in re.finditer(rb"stream\nx", data))} for data in written]
    assert levels == [{b"x\xda"}, {b"x\x9c"}], "RFC 1950, 2.2: the best compression, and the default one"
    stock, frozen = (pypdf.PdfReader(BytesIO(data)) for data in written)
    assert stock.pages[0].get_contents().get_data() == frozen.pages[0].get_contents().get_data()
    assert stock.metadata == frozen.metadata
    assert stock.pages[0]["/Contents"].get_object()["/A"] == frozen.pages[0]["/Contents"].get_object()["/A"] == 1
    assert len(stock.xref_objStm) == len(frozen.xref_objStm)
