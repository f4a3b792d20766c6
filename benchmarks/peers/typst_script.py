"""Typst (PyPI), pandoc, Ghostscript. Arguments: folder with letter.<lang>.{json,md}, folder of fonts, how many at a time, languages. Needs only the package typst."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typst

folder, fonts, at_a_time, *languages = sys.argv[1:]


def make(lang: str) -> None:
    def path(ending: str) -> str:
        return str(Path(folder) / f"typst.{lang}.{ending}")

    typst.compile(
        str(Path(folder) / "letter.typ"),
        output=path("pdf"),
        root=folder,
        font_paths=[fonts],
        ignore_system_fonts=True,
        sys_inputs={"file": f"letter.{lang}.json"},
        pdf_standards=["a-3a", "ua-1"],
    )
    subprocess.run(["pandoc", str(Path(folder) / f"letter.{lang}.md"), "-o", path("docx")], check=True)
    subprocess.run(["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=tiffg4", "-r204x196", f"-sOutputFile={path('tif')}", path("pdf")], check=True)


with ThreadPoolExecutor(int(at_a_time)) as pool:
    list(pool.map(make, languages))
