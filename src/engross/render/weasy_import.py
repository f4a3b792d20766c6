"""WeasyPrint 70.0 imported without what a letter does not need; whatever is needed after all is loaded then.

Each of these holds while WeasyPrint is imported, is independent of the others, can be switched off as the speed-ups can (`weasy_speed`), and changes no byte.

- `late_fonttools`: fontTools is loaded when a font is not static TrueType, a web font, or HarfBuzz cannot cut it: never, with the fonts of a layout.
- `configured`: fontconfig reads its configuration once and without templates that nobody asks for (`weasy_fontconfig`).
- `sheets_read`: the style sheet for HTML is taken as another process has read it (`weasy_sheets`).
- `declared`: cffi gets WeasyPrint's C declarations compiled (`weasy_declarations`, written by `scripts/declare`), instead of parsing C for a fifteenth of a second.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from engross.render.weasy_fontconfig import configured
from engross.render.weasy_sheets import sheets_read

_FONTTOOLS = ("fontTools", "fontTools.ttLib", "fontTools.varLib", "fontTools.varLib.instancer")
"""Modules that WeasyPrint imports names from."""
_USERS = ("weasyprint.text.fonts", "weasyprint.pdf.fonts")
"""Its modules that do."""


class _Late:
    """A name of a module that is not loaded yet. The first that is used in any way makes all of them what they stand for."""

    def __init__(self, module: str, name: str) -> None:
        self._place = module, name

    def __call__(self, *values: Any, **more: Any) -> Any:
        return self._real()(*values, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real(), name)

    def _real(self) -> Any:
        for user in map(sys.modules.__getitem__, _USERS):
            for name, value in tuple(vars(user).items()):
                if isinstance(value, _Late):
                    setattr(user, name, value._load())
        return self._load()

    def _load(self) -> Any:
        module, name = self._place
        real = importlib.import_module(module)
        return getattr(real, name) if hasattr(real, name) else importlib.import_module(f"{module}.{name}")


class _LateModule(ModuleType):
    """Any name of it can be imported, and is late."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Late(self.__name__, name)


@contextmanager
def _instead(modules: Mapping[str, ModuleType]) -> Iterator[None]:
    """Let imports find these modules, and afterwards the real ones again."""
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = module


@contextmanager
def late_fonttools() -> Iterator[None]:
    """Import fontTools when WeasyPrint uses it; a program that has it already loses nothing."""
    with _instead({name: _LateModule(name) for name in _FONTTOOLS if name not in sys.modules}):
        yield


def source() -> bytes:
    """The module of WeasyPrint that declares C, as it is installed; empty if there is none."""
    spec = importlib.util.find_spec("weasyprint")
    places = spec.submodule_search_locations if spec else None
    file = Path(places[0]) / "text" / "ffi.py" if places else None
    return file.read_bytes() if file and file.is_file() else b""


@contextmanager
def declared() -> Iterator[None]:
    """Give WeasyPrint its compiled C declarations; if they were compiled from another text than it has, cffi parses that."""
    from engross.render import weasy_declarations

    if hashlib.sha256(source()).hexdigest() != weasy_declarations.SOURCE:
        yield
        return
    stand_in = ModuleType("cffi")
    stand_in.FFI = _compiled  # type: ignore[attr-defined]
    with _instead({"cffi": stand_in}):
        yield


def _compiled() -> Any:
    """An interface of cffi (out of line, ABI mode) that has all declarations already, and lets them be declared."""
    from engross.render.weasy_declarations import COMPILED, TEXTS

    class Declared(importlib.import_module("_cffi_backend").FFI):  # type: ignore[misc]  # the part of cffi, which WeasyPrint brings, that is in C
        def cdef(self, text: str) -> None:
            if hashlib.sha256(text.encode()).hexdigest() not in TEXTS:
                raise LookupError("C that was not compiled is declared: run scripts/declare")

    return Declared("_weasyprint", **COMPILED)


IMPORTS: tuple[Callable[[], AbstractContextManager[None]], ...] = (late_fonttools, declared, configured, sheets_read)
