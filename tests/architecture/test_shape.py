"""The shape of the program: what ARCHITECTURE.md promises about modules, imports and sizes."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, SOURCES, nodes

MODULE_LINES = 350
FUNCTION_LINES = 60
HEAVY = ("weasyprint", "docx", "babel", "fontTools", "pypdfium2", "PIL", "jinja2", "lxml", "phonenumbers", "polib", "ruamel.yaml")
"""Libraries that only the commands that use them may load. (rich, which prints the help, brings markdown_it.)"""


def settings() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def contracts() -> list[dict[str, object]]:
    return settings()["tool"]["importlinter"]["contracts"]  # type: ignore[index, no-any-return]


def test_imports_keep_the_contracts() -> None:
    run = subprocess.run([sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_page_names_the_layers_that_are_checked() -> None:
    (checked,) = (c["layers"] for c in contracts() if c["type"] == "layers")
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    block = re.search(r"<!-- layers -->\n+```text\n(.*?)```", page, re.DOTALL)
    assert block, "ARCHITECTURE.md has no block marked <!-- layers -->"
    shown = [re.split(r"\s{2,}", line.strip())[0] for line in block[1].splitlines() if line.strip()]
    there = {path.stem if path.is_file() else path.name for path in (ROOT / "src/engross").iterdir()}
    existing = [" | ".join(name for name in re.split(r"\s*[|:]\s*", str(layer)) if name.strip("()") in there) for layer in checked]  # type: ignore[attr-defined]
    assert shown == [layer.replace("(", "").replace(")", "") for layer in existing if layer]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_modules_stay_readable(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MODULE_LINES, f"{path.name} has {text.count(chr(10))} lines"
    long = [
        f"{path.name}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for node in nodes(path)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno and node.end_lineno - node.lineno >= FUNCTION_LINES
    ]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["build", "--help"], ["check", "--help"]], ids=" ".join)
def test_asking_for_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = f"""
import sys
sys.argv = ["engross", *{arguments!r}]
from engross.cli import main
try:
    main()
except SystemExit as end:
    print(end.code or 0)
print(*sorted(set({HEAVY!r}) & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    *_, code, loaded = run.stdout.splitlines()
    assert code == "0", run.stdout + run.stderr
    assert loaded == "", f"engross {' '.join(arguments)} imports {loaded}"


def test_only_one_module_writes_files() -> None:
    found = list(writes_outside_files())
    assert not found, "only engross.files writes; these write by themselves:\n" + "\n".join(found)


IMPORTED_AS = {"docx": "python-docx", "PIL": "pillow", "ruamel": "ruamel-yaml", "markdown_it": "markdown-it-py", "pkcs11": "python-pkcs11"}
"""Packages by the name they are imported under, where it is another."""


def test_every_library_imported_is_declared() -> None:
    project = settings()["project"]
    extras = [entry for name, entries in project["optional-dependencies"].items() if name != "test" for entry in entries]  # type: ignore[index]
    declared = {re.sub(r"[._-]+", "-", re.split(r"[<>=\[; ]", entry)[0]).lower() for entry in [*project["dependencies"], *extras]}  # type: ignore[index]
    imported: dict[str, str] = {}
    for path in SOURCES:
        for node in nodes(path):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for root in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"engross", "__future__"}:
                imported[IMPORTED_AS.get(root, root).replace("_", "-").lower()] = f"{path.name}:{node.lineno}"  # type: ignore[attr-defined]
    missing = {name: place for name, place in imported.items() if name not in declared}
    assert not missing, f"imported, but not among the dependencies in pyproject.toml: {missing}"


WRITING = {"write_text", "write_bytes"}
SCRATCH = {"src/engross/translation/xliff.py": "an outside program gets its input in a temporary folder of its own"}
"""Modules that may write by themselves, and what."""


def writes_outside_files() -> Iterator[str]:
    """Calls that create or overwrite a file by name, anywhere but in `files`."""
    for path in SOURCES:
        if path.name == "files.py" or path.relative_to(ROOT).as_posix() in SCRATCH:
            continue
        for node in nodes(path):
            if not isinstance(node, ast.Call):
                continue
            named = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
            modes = [a.value for a in [*node.args, *(k.value for k in node.keywords if k.arg == "mode")] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            opens = named == "open" and any(re.fullmatch(r"[rwaxbt+]*[wax+][rwaxbt+]*", mode) for mode in modes)
            if (named in WRITING or opens) and ".lock" not in ast.unparse(node):
                yield f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
