"""fontconfig's configuration is read once in a process, without its templates, and says what it says read whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from engross.render import weasy_fontconfig

ROOT = Path(__file__).parents[2]
PROGRAM = """
import ctypes, json
from pathlib import Path
from engross.render import fonts, weasy
library = ctypes.CDLL("libfontconfig.so.1")
for function in (library.FcConfigGetCurrent, library.FcConfigGetFonts, library.FcNameUnparse):
    function.restype = ctypes.c_void_p
class Fonts(ctypes.Structure):
    _fields_ = [("count", ctypes.c_int), ("size", ctypes.c_int), ("fonts", ctypes.POINTER(ctypes.c_void_p))]
class Iterator(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p * 4)]
with fonts.private(Path("layouts/fonts")) as configuration:
    weasy.load()
    made = weasy._font_configuration(configuration)
    from weasyprint.text import ffi
    address = int(ffi.ffi.cast("uintptr_t", made._config))
    context = ffi.ffi.gc(ffi.pango.pango_font_map_create_context(made.font_map), ffi.gobject.g_object_unref)
    layout = ffi.ffi.gc(ffi.pango.pango_layout_new(context), ffi.gobject.g_object_unref)
    text = ffi.ffi.new("char[]", b"a")
    ffi.pango.pango_layout_set_text(layout, text, 1)
    ffi.pango.pango_layout_get_line_readonly(layout, 0)  # Pango's thread has ended its work
    found = ctypes.cast(library.FcConfigGetFonts(ctypes.c_void_p(address), 0), ctypes.POINTER(Fonts)).contents
    names = sorted(ctypes.string_at(library.FcNameUnparse(ctypes.c_void_p(found.fonts[number]))).decode() for number in range(found.count))
    place, templates = Iterator(), 0
    library.FcConfigFileInfoIterInit(ctypes.c_void_p(address), ctypes.byref(place))
    while library.FcConfigFileInfoIterGet(ctypes.c_void_p(address), ctypes.byref(place), *[ctypes.byref(ctypes.c_void_p()) for _ in range(2)], ctypes.byref(ctypes.c_int())):
        templates += 1
        if not library.FcConfigFileInfoIterNext(ctypes.c_void_p(address), ctypes.byref(place)):
            break
    print(json.dumps({"one": library.FcConfigGetCurrent() == address, "fonts": names, "files": templates, "ours": type(ffi.fontconfig).__name__ == "Fontconfig"}))
"""


@lru_cache
def told(speedups: str) -> dict[str, Any]:
    run = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env={**os.environ, "ENGROSS_SPEEDUPS": speedups}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("speedups", ["", "configured"])
def test_the_configuration_is_read_once_without_templates_and_has_the_same_fonts(speedups: str) -> None:
    ours, stock = told(speedups), told("off")
    assert (ours["ours"], ours["one"], stock["ours"], stock["one"]) == (True, True, False, False)
    assert ours["fonts"] == stock["fonts"]
    assert len(ours["fonts"]) == len([*(ROOT / "layouts" / "fonts").glob("*.ttf")])
    assert ours["files"] < 3 < stock["files"]


class Interface:
    """What a configuration is asked of where none is read here."""

    FcInitLoadConfigAndFonts = staticmethod(lambda: "the library's own")
    FcConfigDestroy = "another function"


@pytest.mark.parametrize(
    ("file", "name"), [(None, "libfontconfig.so.1"), ("nowhere/fonts.conf", "libfontconfig.so.1"), ("fonts.conf", "no-fontconfig.so"), ("fonts.conf", "libc.so.6")]
)
def test_what_cannot_be_read_here_is_left_to_the_library(file: str | None, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fonts.conf").write_text("<fontconfig/>", encoding="utf-8")
    if file:
        monkeypatch.setenv("FONTCONFIG_FILE", str(tmp_path / file))
    else:
        monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    library = weasy_fontconfig.Fontconfig(Interface, None, name)
    assert library.FcInitLoadConfigAndFonts() == "the library's own"
    assert library.FcConfigDestroy == "another function"
