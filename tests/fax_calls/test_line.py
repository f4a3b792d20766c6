"""The letter's faxes over a telephone line: two machines of libspandsp, noise, clicks and drop-outs. The same seed makes the same bad line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from engross.render import fax
from tests.fax.letters import LANGUAGES, packet
from tests.fax_calls.deliveries import decoded
from tests.fax_calls.line import MH, MMR, MR, V27, V29, Call, Line, Machine, call

CALLER, ANSWERER = "+1 202 555 0100", "+1 202 555 0101"
NOISE = -50.0
"""dBm0, on both ways, where a signal has about -13."""


def fax_file(folder: Path, lang: str, coding: str = "mmr") -> Path:
    _, covers, pages = packet(lang)
    file = folder / f"sent.{lang}.tif"
    if coding == "mmr":
        file.write_bytes(fax.tiff(covers[0], pages))
    else:
        file.write_bytes(_coded_again(fax.tiff(covers[0], pages), coding))
    return file


def _coded_again(data: bytes, coding: str) -> bytes:
    from engross.render import tiff

    strips = [tiff.code(tiff.decode(page.strip, page.coding), coding) for page in tiff.read(data)][:2]
    return tiff.write(strips, coding=coding, dpi=196, stamp="2018:06:06 00:00:00")


def send(file: Path, line: Line, *, modems: int, ecm: bool = True, compressions: int = MH | MR | MMR) -> tuple[Call, list[bytes]]:
    """Call a machine that can do so much, with one that can do more."""
    received = file.with_name("received.tif")
    received.unlink(missing_ok=True)
    done = call(file, received, Machine(CALLER, ecm, compressions=compressions), Machine(ANSWERER, ecm, modems, compressions), line)
    return done, decoded(received.read_bytes()) if received.exists() else []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_letter_arrives_pixel_by_pixel_on_a_bad_line(lang, tmp_path) -> None:
    """Clicks break a call now and then, so a job has three tries. A call that ends well has every pixel, and one that has not does not say OK."""
    file = fax_file(tmp_path, lang)
    sent = decoded(file.read_bytes())
    seed = LANGUAGES.index(lang)
    done, pages = send(file, Line(noise=NOISE, click_every=12, seed=seed), modems=V27 | V29)
    while (done.sender.result != "OK" or not done.sender.retries) and seed < 40:  # broken off, or too good to show anything
        seed += 10
        done, pages = send(file, Line(noise=NOISE, click_every=12, seed=seed), modems=V27 | V29)
        assert done.sender.result != "OK" or pages == sent
    assert pages == sent
    assert (done.sender.result, done.receiver.result, done.receiver.pages) == ("OK", "OK", len(sent))
    assert (done.sender.other, done.receiver.other, done.sender.used_ecm) == (ANSWERER, CALLER, True)
    assert done.sender.retries > 0
    print(f"{lang}: {len(sent)} pages, {done.seconds:.0f} s at {done.sender.rate} bit/s, {done.sender.retries} repeats, seed {seed}")


def test_an_old_machine_negotiates_everything_down_and_gets_the_same_pixels(tmp_path) -> None:
    """V.27ter at 4,800 bit/s with error correction: nothing newer."""
    file = fax_file(tmp_path, "en", "mh")
    done, pages = send(file, Line(noise=NOISE), modems=V27, compressions=MH)
    assert (done.sender.result, done.sender.rate) == ("OK", 4800)
    assert pages == decoded(file.read_bytes())


def test_without_error_correction_ok_is_no_proof(tmp_path) -> None:
    """Both machines say OK, and the page is not what was sent: why such a fax never counts as acknowledged."""
    file = fax_file(tmp_path, "ko", "mh")
    done, pages = send(file, Line(noise=-55, click_every=9, seed=3), modems=V27 | V29, ecm=False, compressions=MH | MR)
    assert (done.sender.result, done.receiver.result) == ("OK", "OK")
    assert not done.sender.used_ecm
    assert done.receiver.pages == 2
    assert pages != decoded(file.read_bytes())
    again, same = send(file, Line(noise=-55, click_every=9, seed=3), modems=V27 | V29, ecm=True, compressions=MH | MR | MMR)
    assert (again.sender.result, same) == ("OK", decoded(file.read_bytes())), "the same line, with error correction"


def test_a_line_that_breaks_is_no_ok(tmp_path) -> None:
    file = fax_file(tmp_path, "es", "mh")
    done, pages = send(file, Line(drop_every=0.4, seed=1), modems=V27 | V29)
    assert done.sender.result != "OK"
    assert pages != decoded(file.read_bytes())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hylafax_takes_the_file_as_it_is(lang, tmp_path) -> None:
    """`tiffcheck` is what the server asks before it sends: OK means that it codes nothing anew, so our pixels and rows go over the line."""
    command = ["/usr/lib/hylafax/bin/tiffcheck", "-r", "196", "-w", "1728", "-l", "297", "-3", str(fax_file(tmp_path, lang))]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["OK"]
