"""Profiles in the settings, and what they make of the official PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pypdfium2
import pytest

from engross.project import find, read_settings
from engross.settings_signing import ARCHIVE_FIELDS, Level, choose, read_signing
from engross.verify.document import parse
from tests.conftest import link
from tests.render.conftest import FIRST, case
from tests.sign.letter import LETTER

GOOD = """
[default]
anchors = ["root.pem"]
tsa = ["https://tsa.example.org"]
tsa_anchors = ["tsa.pem"]
[[default.officers]]
role = "Chair"
roles = {ko = "의장"}
field = "Chair"
fingerprint = "AA:REST"
key = {pkcs12 = "~/chair.p12"}
""".replace("REST", ":".join(["bb"] * 31))


def test_a_profile_is_read() -> None:
    profiles, problems = read_signing(tomllib.loads(GOOD))
    assert not problems
    profile = profiles["default"]
    assert profile.level is Level.LTA
    assert profile.officers[0].fingerprint == "aa" + "bb" * 31
    assert profile.officers[0].role_in("ko") == "의장"
    assert profile.officers[0].role_in("ja") == "Chair"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("tsa =", "tsas =", "did you mean 'tsa'"),
        ('["root.pem"]', "[]", "has no anchors"),
        ('["tsa.pem"]', "[]", "has no tsa_anchors"),
        ("https://", "ftp://", "no web address"),
        ('field = "Chair"', 'field = "ArchivalTimestamp1"', "cannot be the name"),
        ('field = "Chair"', 'field = "a b"', "cannot be the name"),
        ('role = "Chair"', "", "has no role"),
        ("AA:", "", "not SHA-256"),
        ("fingerprint", "subject", "does not say which certificate"),
        ("pkcs12", "pkcs13", "names not exactly one"),
        ('{pkcs12 = "~/chair.p12"}', '{pem = "a"}', "has no certificate"),
        ('{pkcs12 = "~/chair.p12"}', '{pkcs11 = "a", token = "t"}', "neither label nor id"),
        ("[default]", '[default]\nlevel = "B-X"', "is unknown"),
        ("[default]", '[default]\nappearance = "loud"', "is unknown"),
        ("[default]", "[other]\n[default]", "has 0 officers"),
        ("role =", "role = 1\nrol =", "must be a text"),
    ],
)
def test_faults_are_named(old: str, new: str, words: str) -> None:
    assert old in GOOD
    _, problems = read_signing(tomllib.loads(GOOD.replace(old, new, 1)))
    assert any(words in str(problem) for problem in problems), [str(problem) for problem in problems]


def test_twelve_officers_and_no_more() -> None:
    officers = [{"role": f"R{n}", "field": f"F{n}", "fingerprint": "ab" * 32} for n in range(13)]
    table = {"default": {"anchors": ["a"], "tsa": ["https://t.example.org"], "tsa_anchors": ["b"], "officers": officers[:12]}}
    assert not read_signing(table)[1]
    table["default"]["officers"] = officers
    assert any("has 13 officers" in problem.message for problem in read_signing(table)[1])
    table["default"]["officers"] = [officers[0], officers[0]]
    assert {"two officers have the field" in problem.message or "two officers have the role" in problem.message for problem in read_signing(table)[1]} == {True}


def test_which_profile_a_letter_takes() -> None:
    officer = [{"role": "R", "field": "F", "fingerprint": "ab" * 32}]
    base = {"anchors": ["a"], "level": "B-B", "officers": officer}
    profiles, problems = read_signing({"one": {**base, "letters": ["first"]}, "two": base})
    assert not problems
    assert (choose(profiles, "first"), choose(profiles, "second")) == (profiles["one"], profiles["two"])
    profiles, problems = read_signing({"one": base, "two": base})
    assert any("compete" in problem.message for problem in problems)
    assert choose({}, "first") is None
    settings, problems = read_settings({"signing": {"two": base}})
    assert (settings.signing, problems) == ({"two": profiles["two"]}, [])


def test_fields_wait_where_the_layout_left_room(built: Path, unsigned: bytes) -> None:
    document = parse(unsigned)
    assert list(document.fields) == ["Officer1", "Officer2", *ARCHIVE_FIELDS]
    rectangles = [[float(side) for side in document.fields[name]["/Rect"]] for name in ("Officer1", "Officer2")]
    assert all(right - left > 150 and top - bottom > 40 for left, bottom, right, top in rectangles)
    assert rectangles[0][2] < rectangles[1][0]
    page = next(page for page in pypdfium2.PdfDocument(unsigned) if "Officer No. 1" in page.get_textpage().get_text_range())
    below = page.get_textpage().get_text_bounded(left=rectangles[0][0], right=rectangles[0][2], top=rectangles[0][1], bottom=rectangles[0][1] - 20)
    inside = page.get_textpage().get_text_bounded(left=rectangles[0][0], right=rectangles[0][2], top=rectangles[0][3], bottom=rectangles[0][1] + 2)
    assert "Officer No. 1" in below
    assert not inside.strip()
    assert find(built).settings.signing


def test_fields_are_the_same_bytes_everywhere(built: Path, tmp_path: Path) -> None:
    """Another process, hash seed, time zone, locale, directory and year."""
    away = Path(shutil.copytree(built, tmp_path / "elsewhere" / "copy", copy_function=link))
    made = {path.relative_to(built): path.read_bytes() for path in built.rglob("output/**/*.pdf")}
    shutil.rmtree(away / "output")
    env = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Pacific/Apia", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1", "XDG_STATE_HOME": str(tmp_path / "state")}
    command = [sys.executable, "-m", "engross", "build", LETTER, "--official", "-f", "pdf"]
    subprocess.run(command, cwd=away / "content", env=env, check=True, capture_output=True)
    assert len(made) == 2
    assert made == {path.relative_to(away): path.read_bytes() for path in away.rglob("output/**/*.pdf")}


def test_no_profile_no_fields() -> None:
    assert not parse(case(FIRST, "en").pdf()).fields


def test_the_seal_as_a_qr_code() -> None:
    """The squares on the page are those of the code for document number and seal."""
    from dataclasses import replace

    import segno

    from engross import canonical

    plain = case(FIRST, "en")
    made = replace(plain, layout=replace(plain.layout, seal_qr=True)).pdf()
    document = pypdfium2.PdfDocument(made)
    image = document[len(document) - 1].render(scale=4, grayscale=True).to_pil()
    code = [list(row) for row in segno.make(f"{canonical.document_number(plain.letter)} {canonical.seal(plain.letter)}", error="m", micro=False).matrix]
    side, millimetre = len(code), 72 / 25.4 * 4
    left, size = 25 * millimetre, 18 * millimetre
    column = image.crop((round(left), 0, round(left + 3), image.height))
    dark = [y for y in range(column.height) if column.getpixel((1, y)) < 100]
    bottom = max(y for y in dark if y < image.height - 30 * millimetre)
    top = bottom + 1 - size
    cell = size / side
    read = [[int(image.getpixel((int(left + (x + 0.5) * cell), int(top + (y + 0.5) * cell))) < 128) for x in range(side)] for y in range(side)]
    assert read == code
