"""What is written about the program agrees with the program, and nothing in the repository belongs to one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, SOURCES, nodes

PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

LOCAL = re.compile(rb"/(?:work|root|tmp)/[\w.]|site-packages/", re.ASCII)
REGISTRIES = re.compile(rb"pypi[.]org|python[h]osted|registry[.]npmjs|npmjs[.]com|(?:deb|security)[.]debian[.]org|crates[.]io|conda[.]", re.ASCII)
TEXT = {".md", ".py", ".toml", ".txt", ".lock", ".yaml", ".yml", ".csv", ".po", ".pot", ".html", ".css", ".json", ".svg", ""}


CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
MAKERS = {"Problem", "Fault", "fault"}
"""What is called with a code as the first argument."""
BEGINNINGS = ("bad-", "duplicate-", "missing-", "unknown-", "po-")
"""How codes begin that stand in tables."""


def test_every_problem_code_is_documented() -> None:
    known = documented_codes()
    used = {text: place for text, place, is_code in literals() if is_code or (text.startswith(BEGINNINGS) and CODE.fullmatch(text))}
    assert len(used) > 20, "hardly a problem code was found in src: the search is wrong"
    missing = {code: place for code, place in used.items() if code not in known}
    assert not missing, "explained neither in docs/problems.md nor in docs/checks.md: " + ", ".join(f"{code} ({place})" for code, place in sorted(missing.items()))


def test_no_document_names_a_problem_code_that_is_not_there() -> None:
    assert documented_codes() <= {text for text, _, _ in literals()}


def documented_codes() -> set[str]:
    """The codes that docs/problems.md and docs/checks.md explain: headings, and first cells of tables."""
    page = "\n".join((ROOT / "docs" / name).read_text("utf-8") for name in ("problems.md", "checks.md"))
    return {a or b for a, b in re.findall(r"^#+ +`([a-z][a-z0-9-]+)`|^\| *`([a-z][a-z0-9-]+)`", page, re.MULTILINE)}


@cache
def literals() -> frozenset[tuple[str, str, bool]]:
    """Every text in the source, where it stands, and whether it stands where a code does."""
    return frozenset(text for path in SOURCES for text in literals_of(path))


def literals_of(path: Path) -> Iterator[tuple[str, str, bool]]:
    codes = {id(part) for node in nodes(path) if isinstance(node, ast.Call) and called(node) in MAKERS and node.args for part in ast.walk(node.args[0])}
    place = path.relative_to(ROOT)
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, f"{place}:{node.lineno}", id(node) in codes and CODE.fullmatch(node.value) is not None


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL))
    lost = [target for target in targets if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()]
    assert not lost, f"{page.name} points at what is not there: {lost}"


def test_documents_name_only_commands_and_options_that_exist() -> None:
    from typer.main import get_command

    from engross.cli.app import app

    shown = {line for page in PAGES for line in re.findall(r"\bengross ((?:[a-z-]+)(?: [^`\n#|]*)?)", fenced(page))}
    assert shown, "no page shows a command"
    wrong, program = [], get_command(app)
    for line in sorted(shown):
        command, words = program, line.split()
        while words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
        if getattr(command, "commands", {}) and words and not words[0].startswith("-"):
            wrong.append(f"engross {line}")
            continue
        known = {"--help", *(option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts))}
        wrong += [f"engross {line}: {word}" for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word) and word not in known]
    assert not wrong, f"the documents show what the program does not have: {wrong}"


def fenced(page: Path) -> str:
    """The commands a page shows: its code blocks and inline code."""
    text = page.read_text("utf-8")
    return "\n".join(re.findall(r"```(?:sh|console|text)\n(.*?)```", text, re.DOTALL) + re.findall(r"`(engross [^`\n]+)`", text))


def test_the_readme_shows_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    shown = re.findall(r"^make ([a-z]+)", text, re.MULTILINE)
    assert {"letter", "test"} <= set(shown) <= targets


def test_the_changelog_knows_the_version() -> None:
    from engross import __version__

    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file() and Path(name).suffix in TEXT and "fonts" not in Path(name).parts]


def test_nothing_tracked_names_this_machine_or_a_registry() -> None:
    found = []
    for path in tracked():
        if path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if LOCAL.search(line) or (REGISTRIES.search(line) and path.suffix != ".md"):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line[:120]!r}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_locks_pin_and_hash_everything(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", "\n" + text.partition("\n")[2])
    packages = [block for block in blocks if "==" in block.partition("\n")[0]]
    assert len(packages) > 20
    assert all("--hash=sha256:" in block for block in packages)
    assert "://" not in text
    direct = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    pinned = {block.partition("==")[0].strip() for block in packages}
    assert {re.sub(r"[._-]+", "-", re.split(r"[<>=\[ ]", name)[0]).lower() for name in direct} <= pinned
