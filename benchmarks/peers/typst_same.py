"""The same work with typst (PyPI), pandoc, Ghostscript: print, Word, and for each mission a fax with a cover as PDF and TIFF.

Arguments: folder with letter.<lang>.{json,md} and fax.<lang>.json, folder of fonts, how many languages at a time, languages. Needs only the package typst.
"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typst

folder, fonts, at_a_time, *languages = sys.argv[1:]
MISSIONS = 2


def make(lang: str) -> None:
    def path(ending: str) -> str:
        return str(Path(folder) / f"same.{lang}.{ending}")

    def compiled(template: str, output: str, **inputs: str) -> None:
        typst.compile(str(Path(folder) / template), output=output, root=folder, font_paths=[fonts], ignore_system_fonts=True, sys_inputs=inputs, pdf_standards=["a-3a", "ua-1"])

    compiled("letter.typ", path("pdf"), file=f"letter.{lang}.json")
    subprocess.run(["pandoc", str(Path(folder) / f"letter.{lang}.md"), "-o", path("docx")], check=True)
    for number in range(MISSIONS):
        compiled("fax.typ", path(f"fax{number}.pdf"), file=f"fax.{lang}.json", cover=str(number))
        raster = ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=tiffg4", "-r204x196", f"-sOutputFile={path(f'fax{number}.tif')}", path(f"fax{number}.pdf")]
        subprocess.run(raster, check=True)


with ThreadPoolExecutor(int(at_a_time)) as pool:
    list(pool.map(make, languages))
