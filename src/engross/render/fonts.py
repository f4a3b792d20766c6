"""A private fontconfig: Pango sees the fonts of the layout and no others, so what is printed does not depend on the machine.

fontconfig reads `FONTCONFIG_FILE` from the process environment, which is the only seam that also covers the configuration Pango loads by itself. It is
set for the time of one rendering and put back; a program that another thread starts in that time would inherit it, so renderings run one at a
time in a process (`workers` uses processes). The configuration and fontconfig's cache of font facts live in the user's cache folder, named
after the fonts' names, sizes and times: a changed font never meets an old cache.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape

from engross.errors import EngrossError
from engross.files import read_or_empty, write_atomic

VARIABLE = "FONTCONFIG_FILE"
_LOCK = threading.RLock()
_STYLE_SUFFIX = re.compile(r" (Thin|ExtraLight|Light|Regular|Medium|SemiBold|Bold|ExtraBold|Black)$")
"""Static fonts cut from a variable one keep its default instance in their family name."""


@contextmanager
def private(folder: Path) -> Iterator[None]:
    """Let fontconfig see the `.ttf` files of `folder` alone."""
    configuration = str(configure(folder))
    with _LOCK:
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = configuration
        try:
            yield
        finally:
            if before is None:
                os.environ.pop(VARIABLE, None)
            else:
                os.environ[VARIABLE] = before


def configure(folder: Path) -> Path:
    """The configuration file for the fonts in `folder`, written when there is none yet.

    Raises:
        EngrossError: the folder holds no fonts.
    """
    files = sorted(folder.resolve().glob("*.ttf"))
    if not files:
        raise EngrossError(f"there are no fonts in {folder}", hint="restore layouts/fonts/ from the repository")
    facts = [(str(file), stat.st_size, stat.st_mtime_ns) for file in files for stat in (file.stat(),)]
    name = hashlib.sha256(repr(("2", facts)).encode()).hexdigest()[:16]
    home = _cache_home() / name
    path = home / "fonts.conf"
    if not read_or_empty(path):
        write_atomic(path, _configuration(files, home / "cache").encode())
    return path


@lru_cache(maxsize=1)
def _cache_home() -> Path:
    """The user's cache folder, or a folder of this process where that cannot be written."""
    from platformdirs import user_cache_path

    home = user_cache_path("engross") / "fonts"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="engross-fonts-"))
    return home if os.access(home, os.W_OK) else Path(tempfile.mkdtemp(prefix="engross-fonts-"))


def _configuration(files: list[Path], cache: Path) -> str:
    folder = files[0].parent
    families = sorted({(family, _STYLE_SUFFIX.sub("", family)) for family in map(family_name, files)})
    rules = "".join(
        f'<match target="scan"><test name="family" compare="eq"><string>{escape(old)}</string></test>'
        f'<edit name="family" mode="assign_replace"><string>{escape(new)}</string></edit></match>\n'
        for old, new in families
        if old != new
    )
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        f"<fontconfig><dir>{escape(str(folder))}</dir><cachedir>{escape(str(cache))}</cachedir>\n{rules}<config><rescan><int>0</int></rescan></config></fontconfig>\n"
    )


def family_name(file: Path) -> str:
    """The family a font file names itself by (OpenType `name` table, id 16 or 1).

    Raises:
        EngrossError: the file is no font.
    """
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(file, lazy=True) as font:
            name = font["name"]
            return str(name.getDebugName(16) or name.getDebugName(1))
    except (TTLibError, KeyError, OSError) as error:
        raise EngrossError(f"{file} is not a TrueType font: {error}", hint="layouts/fonts/ takes static .ttf files") from error
