"""What a speed-up leaves to WeasyPrint: pages that would come out otherwise if it did not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from engross.render import weasy_speed

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html>
<html lang="en"><head><title>T</title><style>@page {{ size: 300px 400px; margin: 20px }} body {{ font: 12px "Source Serif 4"; margin: 0 }} {css}</style></head><body>
{body}</body></html>"""
KERNED = "To. We, AVATAR. Yes, “VAT” LT. Wavy, Ty; PAVE, “Yv” "
SOFT = "extra\u00adordi\u00adnarily un\u00adam\u00adbigu\u00adously "
NOTED = '<li>One two three four<span class="note">five six</span></li> '
CELLS = "li { display: inline-block; width: 47%; vertical-align: top } ul { margin: 0; padding: 0; list-style: none } .note { float: footnote }"
CASES = {
    "widths that include the border": (
        "p { box-sizing: border-box; width: 200px; padding: 20px; border: 3px solid; text-align: right }",
        "<p>One two three four five six seven eight</p>",
    ),
    "borders that collapse": (
        "table { border-collapse: collapse } td { border: 5px solid; padding: 4px }",
        "<table><tr><td>One</td><td>Two</td></tr><tr><td>Three</td><td>4</td></tr></table>",
    ),
    "margins by the direction of lines": ("p { margin-inline-start: 40px; padding-inline-end: 30px }", "<p>One two three four five six seven eight nine ten eleven</p>"),
    "soft hyphens": ("p { width: 90px }", f"<p>{SOFT * 4}</p>"),
    "kerning at the ends of lines": ("p { text-align: justify }", f"<p>{KERNED * 12}</p>"),
    "words that break where they must": ("span { display: inline-block; overflow-wrap: break-word }", f"<p><span>{'unbreakable' * 9} and more</span></p>"),
    "accents put above": ("", "<p>e\u0302\u0301 q\u0303 x\u0302 M\u0304\u0308</p>"),
    "lines that do not wrap, in a flexible box": (
        "p { display: flex } b { text-overflow: ellipsis; overflow: hidden; white-space: nowrap }",
        f"<p><b>{'theta lambda eta zeta ' * 8}</b><a>{'internationalization gamma ' * 4}</a></p>",
    ),
    "a note in a cell": (CELLS, f"<ul>{NOTED * 9}</ul>"),
    "cells without a space between": (CELLS, f"<ul>{'<li>One two three four</li>' * 5}<li>a</li>.<li>b</li>.<li>c</li></ul>"),
}
PROGRAM = """
import hashlib, json, sys
from pathlib import Path
from engross.render import weasy
for page in json.load(sys.stdin):
    print(hashlib.sha256(weasy.to_plain_pdf(page, font_folder=Path("layouts/fonts"))).hexdigest())
"""


def rendered(speedups: str) -> dict[str, str]:
    pages = [PAGE.format(css=css, body=body) for css, body in CASES.values()]
    environment = {**os.environ, weasy_speed.VARIABLE: speedups}
    run = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, input=json.dumps(pages), capture_output=True, text=True, check=True)
    return dict(zip(CASES, run.stdout.split(), strict=True))


def test_they_are_what_they_are_without_the_speedups() -> None:
    assert rendered("") == rendered("off")
