"""From grey pixels to bits: as Pillow's own threshold and packing would, and rows cut and joined as bytes."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest
from PIL import Image

from engross.render import raster
from engross.render.bitmap import Bitmap


def grey(width: int, inked: list[bool]) -> bytes:
    chance = random.Random(7)
    return b"".join(chance.randbytes(width) if ink else b"\xff" * width for ink in inked)


@pytest.mark.parametrize("rows", [1, 4, 11, 12])
@pytest.mark.parametrize("width", [8, 1000, 1728])
def test_a_pixel_is_black_below_the_threshold(width: int, rows: int) -> None:
    for inked in ([True] * rows, [False] * rows, [row % 7 == 5 for row in range(rows)], [row < 2 for row in range(rows)]):
        data = grey(width, inked)
        black = Image.frombytes("L", (width, rows), data).point([255] * raster.THRESHOLD + [0] * (256 - raster.THRESHOLD), "1")
        assert raster._black(data, width) == Bitmap(width, black.tobytes())


PROGRAM = """
import sys
from engross.render import raster, tiff
raster.load(); tiff.load()
loaded = set(sys.modules)
tiff.code(raster._black(bytes(1728 * 4), 1728), "mmr")
print(*(set(sys.modules) - loaded))
"""


def test_what_a_page_needs_is_loaded_before_processes_fork() -> None:
    assert subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout == "\n"


def bitmap(rows: int = 5, width: int = 44) -> tuple[Bitmap, Image.Image]:
    image = Image.frombytes("1", (width, rows), random.Random(3).randbytes((width + 7) // 8 * rows))
    return Bitmap(width, image.tobytes()), image


def test_rows_are_cut_and_put_under_each_other() -> None:
    page, image = bitmap()
    assert (page.height, page.stride) == (5, 6)
    assert page.rows(1, 3).data == image.crop((0, 1, 44, 3)).tobytes()
    assert page.rows(0, 2).over(page.rows(2, 2), page.rows(2, 5)) == page


@pytest.mark.parametrize("x", [0, 4, 12, 43])
def test_a_column_has_a_byte_for_each_row(x: int) -> None:
    page, image = bitmap()
    assert [bool(byte) for byte in page.column(x)] == [bool(image.getpixel((x, row))) for row in range(5)]


@pytest.mark.parametrize("pixels", [0, 3, 8, 18])
def test_the_left_edge_is_cleared_to_the_pixel(pixels: int) -> None:
    page, image = bitmap()
    image.paste(0, (0, 0, pixels, 5))
    assert page.cleared(pixels).data == image.tobytes()
