"""What a signature field shows: every word of it, in the letter's language, inside the box."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from engross.errors import EngrossError
from engross.sign.appearance import Seal
from tests.conftest import link
from tests.render.conftest import FIRST, case

MOMENT = datetime(2030, 1, 31, 9, 5, tzinfo=UTC)
WIDTH, HEIGHT = 215, 48
LINES = {
    "en": ("Digitally signed by", "Role: Chair", "Date of signature: January 31, 2030, 09:05 UTC"),
    "ko": ("전자서명자", "직책: 의장", "서명 일자: 2030년 1월 31일 09:05 UTC"),
    "ja": ("電子署名者", "役職: 議長", "署名日: 2030年1月31日 09:05 UTC"),
    "es": ("Firmado digitalmente por", "Cargo: Presidencia", "Fecha de la firma: 31 de enero de 2030, 09:05 UTC"),
}
LONG = "Officer of the Secretariat of the Committee for the Protection of Persons and of the Places in which They Assemble"
SEAL = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 100"><rect width="{}" height="100" fill="#1f3a63"/></svg>'


def seal(lang: str, name: str, role: str, image: str = "") -> Seal:
    made = case(FIRST, lang)
    return Seal(made.letter, made.labels, made.layout, name, role, image)


def read(pdf: bytes) -> tuple[str, float]:
    """The words on the page, without the spaces where lines end, and how far from its left edge they begin."""
    (page,) = pypdfium2.PdfDocument(pdf)
    assert page.get_size() == (WIDTH, HEIGHT)
    text = page.get_textpage()
    places = [text.get_charbox(index) for index in range(text.count_chars()) if text.get_text_range(index, 1).strip()]
    assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH and box[3] <= HEIGHT for box in places), places
    return squeezed(text.get_text_range()), min(box[0] for box in places)


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u2060\ufffe]+", "", text)


@pytest.mark.parametrize("lang", LINES)
def test_name_role_and_time_in_the_letters_language_and_fonts(lang: str) -> None:
    signed_by, role, when = LINES[lang]
    pdf = seal(lang, "officer1", role.split(": ")[1]).pdf(MOMENT, WIDTH, HEIGHT)
    assert read(pdf)[0] == squeezed(f"{signed_by} officer1 {role} {when}")
    resources = PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"][0]["/Resources"]
    fonts = {str(resources["/Font"][name]["/BaseFont"]) for name in resources["/Font"]}
    assert all(re.search(r"Source-Serif|Noto-Serif", name) for name in fonts), fonts


@pytest.mark.parametrize("lang", LINES)
@pytest.mark.parametrize(("name", "role"), [(LONG, "Chair"), ("a" * 36, "Chair"), ("officer1", f"{LONG[:70]} 事務総長 사무총장")])
def test_long_names_and_roles_are_set_smaller_and_stay_whole(lang: str, name: str, role: str, tmp_path) -> None:
    made = seal(lang, name, role, "seal.svg")
    (tmp_path / "seal.svg").write_text(SEAL.format(400, 400))
    shutil.copytree(made.layout.root / "fonts", tmp_path / "fonts", copy_function=link)
    shutil.copyfile(made.layout.root / "signature.html", tmp_path / "signature.html")
    made = replace(made, layout=replace(made.layout, root=tmp_path))
    text, left = read(made.pdf(MOMENT, WIDTH, HEIGHT))
    signed_by, _, when = LINES[lang]
    assert text.startswith(squeezed(signed_by + name))
    assert text.endswith(squeezed(when))
    assert squeezed(role) in text
    assert 60 < left < WIDTH / 2, "a wide image leaves more than half of the box to the words"


@pytest.mark.parametrize(("name", "role"), [(LONG * 4, LONG * 4), ("a" * 900, "Chair")])
def test_what_does_not_fit_is_refused_and_not_cut_off(name: str, role: str) -> None:
    with pytest.raises(EngrossError, match="do not fit into the signature field of 215 by 48 points") as refused:
        seal("en", name, role).pdf(MOMENT, WIDTH, HEIGHT)
    assert "nothing was signed" in refused.value.hint
