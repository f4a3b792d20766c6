"""A file in another language than it seems to be: told by what the document says of itself and by our signed manifest, under whatever name it arrives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engross.verify import Expected, Report, Verdict, verification, verify
from engross.verify.document import parse
from tests.conformance.faults import saved
from tests.sign.letter import LETTER
from tests.sign.signed import House, now, reasons, rules

COPIES = ["{} (1).pdf", "{}(2).pdf", "Copy of {}.pdf", "{} - Kopie.pdf", "{}-1.pdf", "{}.pdf.pdf", "{}_final.PDF"]
"""What browsers, mail programs and people make of a name."""


@pytest.fixture(scope="module")
def korean(house: House, built: Path) -> bytes:
    return house.sign((built / "output" / LETTER / "edition-1" / "ko" / f"{LETTER}.ko.pdf").read_bytes())


@pytest.fixture(scope="module")
def ours(house: House, complete: bytes, korean: bytes) -> list[Expected]:
    """What a signed manifest of both languages says, as far as the names of files go."""
    return [Expected(lang, house.verify(data).document, 0, "", "") for lang, data in (("en", complete), ("ko", korean))]


def named(house: House, data: bytes, name: str, ours: list[Expected]) -> Report:
    return verify(data, house.policy, now(), name=name, expected=ours)


def test_a_copy_is_judged_like_the_original(house: House, complete: bytes, korean: bytes, ours: list[Expected]) -> None:
    for data, own, other in ((complete, "en", "ko"), (korean, "ko", "en")):
        good = named(house, data, f"{LETTER}.{own}.signed (1).pdf", ours)
        assert (good.authentic, good.language) == (True, own), reasons(good)
        assert "name" in rules(named(house, data, f"{LETTER}.{other}.signed (1).pdf", ours))


@pytest.mark.parametrize("pattern", COPIES)
def test_what_a_name_gives_away(pattern: str) -> None:
    for stem, refused in ((f"{LETTER}.en.signed", False), (f"{LETTER}.ko.signed", True), ("letter-en", False), ("letter-ko", "final" not in pattern)):
        found = list(verification._named(pattern.format(stem), f"{LETTER}/1/en", "en", ("en", "ko")))
        assert bool(found) is refused, pattern.format(stem)


@pytest.mark.parametrize("name", ["letter (1).pdf", "letter-en (1).pdf", "letter-fr.pdf", "document.pdf", "kobe.pdf", "in ko and en.pdf", "carta_ko_japones.pdf", ""])
def test_other_names_say_nothing(name: str) -> None:
    assert not list(verification._named(name, f"{LETTER}/1/en", "en", ("en", "ko")))


def test_the_manifest_knows_the_language(house: House, complete: bytes, ours: list[Expected]) -> None:
    swapped = [replace(entry, language="ko") for entry in ours if entry.language == "en"]
    report = named(house, complete, "letter (1).pdf", swapped)
    assert "language: the attached content is in en, our signed manifest has it as ko" in reasons(report)


def test_the_document_knows_its_language(house: House, unsigned: bytes) -> None:
    def korean(pdf: Any) -> None:
        pdf.Root.Lang = "ko-KR"

    assert str(parse(unsigned).reader.root["/Lang"]) == "en-US"
    report = house.verify(saved(unsigned, korean), name="letter (1).pdf")
    assert report.verdict is Verdict.FAILED
    assert "language: the attached content is in en, the document says that it is in ko-KR" in reasons(report)
