"""Class-F TIFF: exactly the fields of RFC 2306, accepted by libtiff's tools, the same pixels in every coding."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, TiffImagePlugin

from engross.errors import EngrossError, UsageError
from engross.render import tiff

SHORT, LONG, RATIONAL, ASCII = 3, 4, 5, 2
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def page(text: str = "+1-202-555-0101", rows: int = 2148) -> Image.Image:
    image = Image.new("1", (tiff.WIDTH, rows), 0)
    draw = ImageDraw.Draw(image)
    draw.text((200, 120), text, fill=1)
    draw.rectangle((300, rows // 2, 1400, rows // 2 + 5), fill=1)
    draw.ellipse((500, rows // 3, 900, rows // 3 + 200), outline=1)
    return image


def written(coding: str, dpi: int = 196, count: int = 3) -> bytes:
    strips = [tiff.code(page(f"page {n}", 2148 if dpi == 196 else 1074), coding) for n in range(count)]
    return tiff.write(strips, coding=coding, dpi=dpi, stamp="2018:06:06 00:00:00")


@pytest.mark.parametrize("dpi", [98, 196])
@pytest.mark.parametrize(("coding", "compression", "option"), [("mmr", 4, (293, 0)), ("mr", 3, (292, 5)), ("mh", 3, (292, 4))])
def test_every_page_has_exactly_these_fields(coding: str, compression: int, option: tuple[int, int], dpi: int) -> None:
    rows = 2148 if dpi == 196 else 1074
    for number, found in enumerate(tiff.read(written(coding, dpi))):
        damage = {} if coding == "mmr" else {326: (0,), 327: (0,), 328: (0,)}
        offset = found.fields.pop(273)
        assert isinstance(offset, tuple)
        assert offset[0] > 0
        assert found.fields == {
            254: (2,), 256: (1728,), 257: (rows,), 258: (1,), 259: (compression,), 262: (0,), 266: (2,), 277: (1,), 278: (rows,), 279: (len(found.strip.data),),
            282: (204, 1), 283: (dpi, 1), option[0]: (option[1],), 296: (2,), 297: (number, 3), 305: "engross", 306: "2018:06:06 00:00:00", **damage,
        }  # fmt: skip
        assert list(found.fields) == sorted(found.fields)


@pytest.mark.parametrize("dpi", [98, 196])
@pytest.mark.parametrize("coding", tiff.CODINGS)
def test_libtiff_reads_the_fields_and_the_pages_without_a_word_of_warning(coding: str, dpi: int, tmp_path: Path) -> None:
    path = tmp_path / "fax.tif"
    path.write_bytes(written(coding, dpi))
    told = subprocess.run(["tiffinfo", "-D", str(path)], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert told.stdout.count("Page Number:") == 3
    assert "Page Number: 2-3" in told.stdout
    assert told.stdout.count("FillOrder: lsb-to-msb") == told.stdout.count("min-is-white") == told.stdout.count(f"204, {dpi} pixels/inch") == 3
    printed = subprocess.run(["fax2ps", str(path)], capture_output=True, check=True)
    assert printed.stderr == b""
    assert printed.stdout.count(b"%%Page:") == 3
    group = {"mmr": ["-3"], "mr": ["-2"], "mh": ["-1"]}[coding]
    checked = subprocess.run(["/usr/lib/hylafax/bin/tiffcheck", "-r", str(dpi), "-w", "1728", "-l", "297", *group, str(path)], capture_output=True, text=True, check=False)
    assert checked.stdout.split() == ["OK"], "HylaFAX would code it anew"


@pytest.mark.parametrize("coding", tiff.CODINGS)
def test_what_is_coded_is_decoded_to_the_same_pixels(coding: str) -> None:
    image = page()
    assert tiff.decode(tiff.code(image, coding), coding).tobytes() == image.tobytes()


@pytest.mark.parametrize("size", [(1728, 2148), (1728, 1), (1001, 60)])
@pytest.mark.parametrize(("coding", "fields"), [("mmr", {}), ("mr", {292: 5}), ("mh", {292: 4})])
def test_the_coded_bits_are_those_that_pillow_saves(coding: str, fields: dict[int, int], size: tuple[int, int]) -> None:
    image, saved = page().crop((0, 0, *size)), io.BytesIO()
    image.save(saved, "TIFF", compression="group4" if coding == "mmr" else "group3", tiffinfo={266: 2, **fields}, strip_size=1 << 30)
    with Image.open(saved) as opened:
        assert isinstance(opened, TiffImagePlugin.TiffImageFile)
        (offset,), (length,) = opened.tag_v2[273], opened.tag_v2[279]
    assert tiff.code(image, coding) == tiff.Strip(saved.getvalue()[offset : offset + length], size[1], size[0])


def test_an_independent_reader_sees_black_as_black() -> None:
    with Image.open(io.BytesIO(written("mmr"))) as seen:
        seen.seek(1)
        grey = seen.convert("L")
    assert grey.tobytes() == page("page 1").point([255] + [0] * 255, "L").tobytes()


@pytest.mark.parametrize(("coding", "ending"), [("mh", "000000000001" * 2), ("mr", "000000000001" * 2)])
def test_no_return_to_control_ends_a_page_of_t4(coding: str, ending: str) -> None:
    strip = tiff.code(page(), coding)
    bits = "".join(f"{byte:08b}" for byte in strip.data.translate(REVERSED)[-16:])
    assert ending not in bits
    assert strip.data.translate(REVERSED)[:2] == b"\x00\x01"  # the page begins with an end of line that ends a byte


def test_a_page_of_t6_ends_with_the_end_of_block() -> None:
    bits = "".join(f"{byte:08b}" for byte in tiff.code(page(), "mmr").data.translate(REVERSED)[-5:])
    assert bits.rstrip("0").endswith("000000000001" * 2)


def test_directories_follow_one_another_and_strips_stand_behind_theirs() -> None:
    data = written("mmr")
    offsets = [found.fields[273][0] for found in tiff.read(data)]
    assert offsets == sorted(offsets, key=int)
    assert int.from_bytes(data[4:8], "little") == 8
    assert all(int(offset) % 2 == 0 for offset in offsets)


@pytest.mark.parametrize("cut", [3, 7, 40, 300, -10])
def test_a_file_that_is_cut_off_is_told(cut: int) -> None:
    with pytest.raises(EngrossError, match="class-F"):
        tiff.read(written("mmr")[:cut])


def test_directories_in_a_ring_are_told() -> None:
    data = bytearray(written("mmr", count=1))
    fields = int.from_bytes(data[8:10], "little")
    data[10 + 12 * fields : 14 + 12 * fields] = (8).to_bytes(4, "little")
    with pytest.raises(EngrossError, match="ring"):
        tiff.read(bytes(data))


def test_unknown_names_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="superfine"):
        tiff.resolution("superfine")
    with pytest.raises(UsageError, match="jbig"):
        tiff.code(page(), "jbig")


def test_the_same_bytes_in_another_process() -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); import test_tiff, hashlib; print(hashlib.sha256(test_tiff.written('mmr')).hexdigest())"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Seoul", "LC_ALL": "C"}
    ran = subprocess.run([sys.executable, "-c", script, str(Path(__file__).parent)], capture_output=True, text=True, check=True, env=environment)
    import hashlib

    assert ran.stdout.strip() == hashlib.sha256(written("mmr")).hexdigest()
