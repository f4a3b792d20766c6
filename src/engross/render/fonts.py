"""A private fontconfig: Pango sees the fonts of the layout and no others, so what is printed does not depend on the machine.

fontconfig reads `FONTCONFIG_FILE` from the process environment, which is the only seam that also covers the configuration Pango loads by itself. It is
set for the time of one rendering and put back; a program that another thread starts in that time would inherit it, so renderings run one at a
time in a process (`workers` uses processes). The configuration and fontconfig's cache of font facts live in the user's cache folder, named
after the fonts' names, sizes and times: a changed font never meets an old cache.
"""

from __future__ import annotations

import hashlib
import html
import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path

from engross.errors import EngrossError
from engross.files import read_or_empty, write_atomic
from engross.render.user_cache import place

_escape = partial(html.escape, quote=False)  # `xml.sax.saxutils` has this too, and imports an HTTP client with it
VARIABLE = "FONTCONFIG_FILE"
_LOCK = threading.RLock()
_STYLE_SUFFIX = re.compile(r" (Thin|ExtraLight|Light|Regular|Medium|SemiBold|Bold|ExtraBold|Black)$")
"""Static fonts cut from a variable one keep its default instance in their family name."""


@contextmanager
def private(folder: Path) -> Iterator[Path]:
    """Let fontconfig see the `.ttf` files of `folder` alone. Gives the configuration that says so."""
    configuration = configure(folder)
    with _LOCK:
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = str(configuration)
        try:
            yield configuration
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
    name = hashlib.sha256(repr(("3", facts)).encode()).hexdigest()[:16]
    home = _cache_home() / name
    path = home / "fonts.conf"
    if not read_or_empty(path):
        write_atomic(path, _configuration(files, home / "cache").encode())
    return path


@lru_cache(maxsize=1)
def _cache_home() -> Path:
    """The user's cache folder, or a folder of this process where that cannot be written."""
    home = place("fonts")
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="engross-fonts-"))
    return home if os.access(home, os.W_OK) else Path(tempfile.mkdtemp(prefix="engross-fonts-"))


def _configuration(files: list[Path], cache: Path) -> str:
    """fonts.conf (fonts-conf(5)). Each subset of a family gets a family name of its own, and whoever asks for the family gets them all.

    WeasyPrint tells fonts apart by family, weight and slant: two files that agree in these would be taken for one, and print wrong glyphs.
    """
    rules, companions = [], set()
    for file, family, name in subsets(files):
        rules.append(
            f'<match target="scan"><test name="file" compare="eq"><string>{_escape(str(file))}</string></test>'
            f'<edit name="family" mode="assign_replace"><string>{_escape(name)}</string></edit></match>\n'
        )
        if name != family:
            companions.add((family, name))
    rules += [
        f'<match target="pattern"><test qual="any" name="family"><string>{_escape(family)}</string></test>'
        f'<edit name="family" mode="append" binding="same"><string>{_escape(name)}</string></edit></match>\n'
        for family, name in sorted(companions)
    ]
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n'
        f"<fontconfig><dir>{_escape(str(files[0].parent))}</dir><cachedir>{_escape(str(cache))}</cachedir>\n"
        f"{''.join(rules)}<config><rescan><int>0</int></rescan></config></fontconfig>\n"
    )


def subsets(files: list[Path]) -> list[tuple[Path, str, str]]:
    """Each file with its family and the family name it gets: the plain one for the family's first subset, `Family (subset)` for the others."""
    families = {file: _STYLE_SUFFIX.sub("", family_name(file)) for file in files}
    first: dict[str, str] = {}
    for file in sorted(files, key=lambda file: (len(_subset(file)), _subset(file))):
        first.setdefault(families[file], _subset(file))
    return [
        (file, family, family if _subset(file) == first[family] else f"{family} {_subset(file)[len(first[family]) :].strip('-') or _subset(file)}")
        for file, family in families.items()
    ]


def _subset(file: Path) -> str:
    """`source-serif-4-latin-ext` for `source-serif-4-latin-ext-400-italic.ttf`."""
    return re.sub(r"-[1-9]00(-normal|-italic)?$", "", file.stem)


def family_name(file: Path) -> str:
    """The family a font file names itself by (OpenType `name` table, id 16 or 1).

    Raises:
        EngrossError: the file is no font.
    """
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(BytesIO(file.read_bytes()), lazy=True) as font:
            name = font["name"]
            return str(name.getDebugName(16) or name.getDebugName(1))
    except (TTLibError, KeyError, OSError) as error:
        raise EngrossError(f"{file} is not a TrueType font: {error}", hint="layouts/fonts/ takes static .ttf files") from error
