"""fontconfig's configuration without the templates that come with it, and read once: as WeasyPrint is imported, and for a process that sets the first letter. See `weasy_import`.

`FcInitLoadConfigAndFonts` also reads forty templates of configurations, to be able to name them; a process read them with WeasyPrint's configuration, and Pango's thread
again with one that nobody used. Here the configuration is read and is the current one, so that Pango's thread finds it done.
"""

from __future__ import annotations

import ctypes
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engross.render.fonts import VARIABLE

_POINTER, _TRUTH = ctypes.c_void_p, ctypes.c_int


@contextmanager
def configured() -> Iterator[None]:
    """Let what WeasyPrint opens as fontconfig read configurations so."""
    cffi: Any = importlib.import_module("cffi")  # or what stands in for it
    stock = cffi.FFI

    def interface(*values: Any, **more: Any) -> Any:
        """As `cffi.FFI`; what it opens as fontconfig reads configurations as here."""
        ffi = stock(*values, **more)
        opened = ffi.dlopen

        def dlopen(name: str, *flags: int) -> Any:
            library = opened(name, *flags)
            return Fontconfig(library, ffi, name) if "fontconfig" in name else library

        ffi.dlopen = dlopen
        return ffi

    cffi.FFI = interface
    try:
        yield
    finally:
        cffi.FFI = stock


class Fontconfig:
    """The library as WeasyPrint knows it, but for how it reads configurations."""

    def __init__(self, library: Any, ffi: Any, name: str) -> None:
        self._library, self._ffi, self._name = library, ffi, name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def FcInitLoadConfigAndFonts(self) -> Any:  # noqa: N802
        """The configuration that the environment names, with its fonts; the library's own doing where it names none or that cannot be read."""
        address = _read(self._name) if os.environ.get(VARIABLE) else None
        return self._ffi.cast("FcConfig *", address) if address else self._library.FcInitLoadConfigAndFonts()


def _read(name: str) -> int | None:
    """The address of a configuration that is now fontconfig's current one; nothing if the library is of another kind, or finds no configuration or no fonts in it."""
    try:
        library = ctypes.CDLL(name)
        create, load, build = library.FcConfigCreate, library.FcConfigParseAndLoad, library.FcConfigBuildFonts
        choose, hold, drop = library.FcConfigSetCurrent, library.FcConfigReference, library.FcConfigDestroy
    except (OSError, AttributeError):
        return None
    create.argtypes, create.restype = (), _POINTER
    load.argtypes, load.restype = (_POINTER, ctypes.c_char_p, _TRUTH), _TRUTH
    build.argtypes, build.restype = (_POINTER,), _TRUTH
    choose.argtypes, choose.restype = (_POINTER,), _TRUTH
    hold.argtypes, hold.restype = (_POINTER,), _POINTER
    drop.argtypes, drop.restype = (_POINTER,), None
    made: int | None = create()
    if made is None:
        return None
    if load(made, None, 1) and build(made) and choose(made):
        hold(made)  # fontconfig before 2.12 does not count that it is the current one
        return made
    drop(made)
    return None
