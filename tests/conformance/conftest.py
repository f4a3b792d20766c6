"""A PDF with everything a letter can have (notes, two kinds of lists, a quotation, words of other languages, fields to sign), small enough to be judged often."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engross.render.layout import Signature
from tests.render.conftest import SECOND, case


@pytest.fixture(scope="session")
def good() -> bytes:
    whole = case(SECOND, "en")
    fields = (Signature("Director", "Director"), Signature("Adviser", "Legal adviser", visible=False))
    letter = replace(whole.letter, signatories=whole.letter.signatories[:3])
    return replace(whole, letter=letter, layout=replace(whole.layout, signatures=fields, archive_fields=("Archive1",))).pdf()
