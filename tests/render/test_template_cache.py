"""Templates are compiled once for all processes of a user."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
from jinja2 import DictLoader, Environment

from engross.render import user_cache
from engross.render.template_cache import TemplateCache

TEXT = "{% for name in names %}{{ name }}, {% endfor %}"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compiled."""
    found: list[str] = []
    stock = Environment.compile

    def noted(self: Environment, source: str, name: str, filename: None) -> object:
        found.append(source)
        return stock(self, source, name, filename)

    monkeypatch.setattr(Environment, "compile", noted)
    return found


def page(folder: Path, text: str = TEXT, settings: str = __file__) -> str:
    """The page made by a process that has compiled nothing yet."""
    environment = Environment(loader=DictLoader({"page": text}), autoescape=True, bytecode_cache=TemplateCache(folder, settings))
    return environment.get_template("page").render(names=["A", "<B>"])


def test_a_template_is_compiled_once(tmp_path: Path, compiled: list[str]) -> None:
    assert page(tmp_path / "cache") == page(tmp_path / "cache") == "A, &lt;B&gt;, "
    assert compiled == [TEXT]


def test_another_text_or_other_settings_are_compiled_anew(tmp_path: Path, compiled: list[str]) -> None:
    page(tmp_path / "cache")
    assert page(tmp_path / "cache", "other") == "other"
    page(tmp_path / "cache", settings=jinja2.__file__)
    assert compiled == [TEXT, "other", TEXT]


def test_a_damaged_file_counts_for_nothing(tmp_path: Path, compiled: list[str]) -> None:
    page(tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert page(tmp_path / "cache") == "A, &lt;B&gt;, "
    assert compiled == [TEXT, TEXT]


def test_what_cannot_be_read_counts_for_nothing(tmp_path: Path, compiled: list[str]) -> None:
    page(tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    file.unlink()
    file.mkdir(mode=0o700)
    assert page(tmp_path / "cache") == "A, &lt;B&gt;, "
    assert compiled == [TEXT, TEXT]


@pytest.mark.parametrize("open_to_others", ["folder", "file"])
def test_what_others_can_write_is_not_taken(open_to_others: str, tmp_path: Path, compiled: list[str]) -> None:
    page(tmp_path / "cache")
    (file,) = (tmp_path / "cache").iterdir()
    (file if open_to_others == "file" else file.parent).chmod(0o777)
    page(tmp_path / "cache")
    assert compiled == [TEXT, TEXT]


def test_where_nothing_can_be_kept_templates_are_compiled(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert page(tmp_path / "cache") == "A, &lt;B&gt;, "


def test_where_nobody_knows_the_users_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: str) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_cache_path", unknown)
    assert page(user_cache.place("templates")) == "A, &lt;B&gt;, "


def test_the_cache_does_not_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_cache, "KEPT", 2)
    for text in ("one", "two", "three"):
        page(tmp_path / "cache", text)
    assert len(list((tmp_path / "cache").iterdir())) == 2
