"""Lines whose fonts and scripts depend on their neighbours are those that WeasyPrint sets one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engross.render import weasy_speed
from engross.render.weasy_speed_text import _closes_more

ROOT = Path(__file__).parents[2]
FONTS = '"Source Serif 4", "Noto Serif KR", "Noto Serif JP"'
PAGE = """<!doctype html>
<html lang="{lang}"><head><title>T</title><style>@page {{ size: {size}; margin: {margin} }} html {{ font: {font} }}</style></head><body>
{text} </body></html>"""
ENGLISH = "affluent the access and/or To. the re-enter To. unhindered circumstances organisations"
JAPANESE = "私たち署名団体は、朝鮮民主主義人民共和国政府に対し、"
BRACKETS = "「国際社会」の責任ある人権保護、 すべての収容施設への人道的なアクセスを認めるよう"
NETWORK = "コンピューター・ネットワーク"
CASES = {
    "a space before a word of another font": (
        "de",
        "a4",
        "25mm",
        f"10.4pt/1.48 {FONTS}",
        f"{ENGLISH} 345.67% {JAPANESE} unhindered To. responsibilities detention state-of-the-art We to undersigned “notwithstanding” Government",
    ),
    "a space in Latin at the end of a line, others in Hangul": (
        "ko",
        "a5",
        "25mm",
        f'9pt/1.48 "Noto Serif KR", {FONTS}',
        "우리 조선민주주의인민공화국 허용할 las “notwithstanding” 책임있는 todas 허용할 internationally 모든 허용할 instamos 접근을 서명",
    ),
    "brackets that close on the next line": (
        "ja",
        "a4",
        "75px",
        f'9pt/1.48 "Noto Serif JP", {FONTS}',
        f"{NETWORK} Nosotros {NETWORK} {NETWORK} {BRACKETS} {JAPANESE} 強く求めます。 {BRACKETS}",
    ),
    "a mark that ends a line": ("ja", "a4", "75px", f'9pt/1.48 "Noto Serif JP", {FONTS}', "強く求めます。 \u2028"),
}
PROGRAM = """
import hashlib, json, sys
from pathlib import Path
from engross.render import weasy
for page in json.load(sys.stdin):
    print(hashlib.sha256(weasy.to_plain_pdf(page, font_folder=Path("layouts/fonts"))).hexdigest())
"""


def rendered(speedups: str) -> dict[str, str]:
    pages = [PAGE.format(lang=lang, size=size, margin=margin, font=font, text=text) for lang, size, margin, font, text in CASES.values()]
    environment = {**os.environ, weasy_speed.VARIABLE: speedups}
    run = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, input=json.dumps(pages), capture_output=True, text=True, check=True)
    return dict(zip(CASES, run.stdout.split(), strict=True))


def test_lines_are_the_same_whether_they_are_broken_at_once_or_one_by_one() -> None:
    assert rendered("") == rendered("off")


@pytest.mark.parametrize(("text", "found"), [("a (b) c", False), ("b) c", True), ("「a」 b」", True), ("(a [b", False), (") (", True), ("", False)])
def test_a_bracket_that_was_opened_before(text: str, found: bool) -> None:
    assert _closes_more(text) is found
