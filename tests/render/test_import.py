"""WeasyPrint is imported without what no letter needs, and has it when something does."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from engross.render import weasy_declarations, weasy_import

ROOT = Path(__file__).parents[2]


def script(name: str) -> ModuleType:
    spec = spec_from_loader(name, SourceFileLoader(name, str(ROOT / "scripts" / name)))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed(program: str) -> list[str]:
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_the_compiled_declarations_are_those_of_weasyprint_and_ours() -> None:
    assert Path(weasy_declarations.__file__).read_text("utf-8") == script("declare").module(), "run scripts/declare"


def test_declarations_that_were_not_compiled_are_refused() -> None:
    with pytest.raises(LookupError, match="scripts/declare"):
        weasy_import._compiled().cdef("int other;")


@pytest.mark.parametrize(("text", "compiled"), [(weasy_import.source(), True), (b"another version", False)])
def test_of_another_weasyprint_cffi_parses_the_declarations(text: bytes, *, compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weasy_import, "source", lambda: text)
    before = sys.modules.get("cffi")
    with weasy_import.declared():
        assert (getattr(sys.modules.get("cffi"), "FFI", None) is weasy_import._compiled) == compiled
    assert sys.modules.get("cffi") is before


LOADED = """
import sys
from pathlib import Path
from engross.render import weasy
weasy.warm(Path("layouts/fonts"))
print(*(name for name in ("fontTools.ttLib", "fontTools.subset", "pycparser") if name in sys.modules))
"""


def test_neither_fonttools_nor_a_parser_of_c_is_loaded() -> None:
    assert printed(LOADED) == [""]


USED = """
from pathlib import Path
from engross.render import weasy
weasy.warm(Path("layouts/fonts"))
from weasyprint.pdf import fonts as pdf
from weasyprint.text import fonts as text
font = next(Path("layouts/fonts").glob("*.ttf"))
try:
    pdf.TTFont("README.md")
except pdf.TTLibError as error:
    print(type(error).__name__)
import fontTools.subset, fontTools.ttLib, fontTools.ttLib.woff2, fontTools.varLib.instancer
print(pdf.TTFont is text.TTFont is fontTools.ttLib.TTFont, pdf.subset is fontTools.subset, text.woff2 is fontTools.ttLib.woff2, pdf.ttFont is fontTools.ttLib.ttFont)
print(pdf.instantiateVariableFont is fontTools.varLib.instancer.instantiateVariableFont, text.TTFont(font)["head"].unitsPerEm > 0)
"""


def test_fonttools_is_there_when_a_font_needs_it() -> None:
    assert printed(USED) == ["TTLibError", "True True True True", "True True"]
