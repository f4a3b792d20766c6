"""Catalogues out and back, and a language that is data, by the commands that people type."""

from __future__ import annotations

import csv
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engross import languages
from engross.cli.app import app
from engross.errors import Rejected, UsageError
from engross.project import find

HERE = Path(__file__).parent
SECOND = "2020-02-29-second"


@pytest.fixture
def run(monkeypatch):
    """A command in a workspace; its output when it ends well."""

    def in_folder(folder: Path, *arguments: str) -> str:
        monkeypatch.chdir(folder)
        result = CliRunner().invoke(app, list(arguments))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.output

    return in_folder


@pytest.mark.real
def test_french_is_data(second, run):
    before = (second / "pyproject.toml").read_text()
    said = run(second, "language", "add", "fr")
    assert "31 janvier 2030" in said
    assert "the Latin ones serve" in said
    assert "next: translate translations/fr/LC_MESSAGES/layouts.po and the letter's catalogue" in said
    after = (second / "pyproject.toml").read_text()
    assert [line for line in before.splitlines() if line not in after.splitlines()] == ['languages = ["en", "ko", "ja", "es"]']
    assert find(second).locale("fr").quotes[0] == "«»"

    shutil.copy(HERE / "french.csv", second / "back.csv")
    said = run(second, "catalog", "import", SECOND, "-l", "fr", "back.csv")
    assert "54 changed" in said, said
    assert "1 not taken" in said
    assert "error[" not in run(second, "check", "-l", "fr")

    run(second, "build", "-l", "fr", "-f", "txt", "-f", "html", "-j", "1")
    text = (second / "output" / SECOND / "draft" / "fr" / f"{SECOND}.fr.txt").read_text()
    for expected in ("29 février 2020", "Objet :", "Ce qui fut promis", "Traduit de : anglais", "Copie :", "Projet – ne pas diffuser", "pas encore traduit", "Pologne"):
        assert expected in text
    page = (second / "output" / SECOND / "draft" / "fr" / f"{SECOND}.fr.html").read_text()
    assert '<html lang="fr-FR"' in page


def test_a_language_without_fonts_is_told_which(second, run):
    said = run(second, "language", "add", "zh-Hans")
    assert "font noto-serif-sc: MISSING" in said
    assert "font noto-sans-sc: MISSING" in said
    assert "the fonts lack" in said
    locale = find(second).locale("zh-Hans")
    assert (locale.fullwidth, locale.spaces, locale.plural_forms) == (True, False, "nplurals=1; plural=0;")


def test_a_language_that_the_program_knows_needs_no_entry(second, run):
    file = second / "pyproject.toml"
    file.write_text(file.read_text().replace(', "es"]', "]"))
    run(second, "language", "add", "es")
    settings = tomllib.loads(file.read_text())["tool"]["engross"]
    assert settings["languages"] == ["en", "ko", "ja", "es"]
    assert "locales" not in settings


def test_a_language_whose_words_come_with_the_program_has_the_letter_to_translate(tmp_path, run):
    run(tmp_path, "init", "desk")
    run(tmp_path / "desk", "new", "2030-01-31-subject")
    assert "next: translate the letter's catalogue; add a column ko" in run(tmp_path / "desk", "language", "add", "ko")


@pytest.mark.parametrize("code", ["xx", "french", "../fr", "fr_FR", "ar", "ko"])
def test_what_cannot_be_added_is_refused_and_nothing_is_written(second, run, code):
    before = {path: path.read_bytes() for path in second.rglob("*") if path.is_file() and path.suffix != ".ttf"}
    with pytest.raises(UsageError):
        run(second, "language", "add", code)
    assert {path: path.read_bytes() for path in second.rglob("*") if path.is_file() and path.suffix != ".ttf"} == before


SETTINGS = [
    '[tool.engross]\nlanguages = ["en"]   # the first is the source\n',
    '[tool.engross]\nlanguages = [\n  "en",\n  "ko",   # Seoul\n]\npaper = "a4"\n\n# about another tool\n[tool.other]\nlanguages = ["x"]\n',
    '[project]\nname = "x"\n\n[tool.engross]\npaper = "letter"',
    '[tool.engross]\r\nlanguages = ["en"]\r\n',
    "[tool.engross]\n[tool.engross.offices.one]\nname = \"One\"\n[tool.engross.locales.de]\ntag='de-DE'\n",
]


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_are_changed_without_disturbing_the_rest(text):
    lines = languages.settings_lines(languages.propose("fr"))
    after = languages.with_language(text, "fr", lines)
    tools = tomllib.loads(after)["tool"]
    assert tools["engross"]["languages"][-1] == "fr"
    assert tools["engross"]["locales"]["fr"]["tag"] == "fr-FR"
    kept = [line for line in text.splitlines() if "languages" not in line]
    assert [line for line in after.splitlines() if line in kept and line.strip()] == [line for line in kept if line.strip()]
    if "# about another tool" in text:
        assert "# about another tool\n[tool.other]" in after


@pytest.mark.parametrize("text", ['[tool]\nengross = {languages = ["en"]}\n', '[tool.engross]\n"languages" = ["en"]\n'])
def test_settings_written_in_another_way_are_left_alone(text):
    with pytest.raises(UsageError) as caught:
        languages.with_language(text, "fr", languages.settings_lines(languages.propose("fr")))
    assert "[tool.engross.locales.fr]" in caught.value.hint


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_goes_out_comes_back_unchanged(real, run, kind):
    before = {path: path.read_bytes() for path in (real / "translations").rglob("*.po")}
    said = run(real, "catalog", "export", "2018-06-06-dprk", "-l", "ja", "-f", kind, "-o", "out")
    (file,) = (real / "out").iterdir()
    assert file.name in said
    assert "0 changed" in run(real, "catalog", "import", "2018-06-06-dprk", "-l", "ja", f"out/{file.name}")
    assert {path: path.read_bytes() for path in (real / "translations").rglob("*.po")} == before


@pytest.mark.parametrize(
    ("name", "data", "says", "hint"),
    [
        ("back.xlsx", b"junk", "it is not a workbook", "as .xlsx"),
        ("back.xlf", b"<xliff>", "Premature end of data in tag xliff line 1", "ask for the file again"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(second, run, name, data, says, hint):
    run(second, "update")
    (second / name).write_bytes(data)
    with pytest.raises(Rejected) as refused:
        run(second, "catalog", "import", SECOND, "-l", "ko", name)
    (problem,) = refused.value.problems
    assert says in problem.message
    assert "<string>" not in problem.message
    assert hint in problem.hint


def test_after_an_import_the_check_is_next(real, run):
    run(real, "catalog", "export", "2018-06-06-dprk", "-l", "ko", "-f", "csv", "-o", "out")
    file = real / "out" / "2018-06-06-dprk.ko.csv"
    assert "next:" not in run(real, "catalog", "import", "2018-06-06-dprk", "-l", "ko", str(file))
    file.write_text(file.read_text("utf-8").replace("평양", "평양시", 1), "utf-8")
    assert run(real, "catalog", "import", "2018-06-06-dprk", "-l", "ko", str(file)).splitlines()[-1] == "next: engross check 2018-06-06-dprk -l ko"


@pytest.mark.parametrize(("kind", "name"), [("xlsx", ""), ("csv", "2018-06-06-dprk.ko (1).csv"), pytest.param("xliff", "back.xlf", marks=pytest.mark.real)])
def test_a_file_of_another_language_is_refused_before_it_takes_the_place_of_good_texts(real, run, kind, name):
    before = {path: path.read_bytes() for path in (real / "translations").rglob("*.po")}
    run(real, "catalog", "export", "2018-06-06-dprk", "-l", "ko", "-f", kind, "-o", "out")
    (file,) = (real / "out").glob("2018*")
    back = file.rename(real / "out" / (name or file.name))
    with pytest.raises(UsageError, match="is of another language than ja"):
        run(real, "catalog", "import", "2018-06-06-dprk", "-l", "ja", f"out/{back.name}")
    assert "0 changed" in run(real, "catalog", "import", "2018-06-06-dprk", "-l", "ko", f"out/{back.name}")
    assert {path: path.read_bytes() for path in (real / "translations").rglob("*.po")} == before


@pytest.mark.parametrize(("kind", "ending"), [("xlsx", "xlsx"), ("csv", "csv"), pytest.param("xliff", "xlf", marks=pytest.mark.real)])
def test_the_words_of_the_delivery_report_go_out_by_themselves_and_come_back(real, run, kind, ending):
    path = real / "translations" / "es" / "LC_MESSAGES" / "report.po"
    before = {file: file.read_bytes() for file in (real / "translations").rglob("*") if file.is_file()}
    run(real, "catalog", "export", "report", "-l", "es", "-f", kind, "-o", "out")
    (file,) = (real / "out").iterdir()
    assert file.name == f"report.es.{ending}"
    text = path.read_text("utf-8")
    path.write_text(re.sub(r'(?m)^msgstr "[^"]+"$', 'msgstr ""', text), "utf-8")
    assert "0 changed" not in run(real, "catalog", "import", "report", "-l", "es", f"out/{file.name}")
    dated = re.sub(rb"PO-Revision-Date: [^\\]+", b"", path.read_bytes())
    assert dated == re.sub(rb"PO-Revision-Date: [^\\]+", b"", before[path])
    assert {file: file.read_bytes() for file in before if file != path} == {file: data for file, data in before.items() if file != path}


def test_purge_removes_what_is_out_of_use(real, run):
    file = real / "translations" / "ko" / "LC_MESSAGES" / "missions.po"
    whole = file.read_text()
    file.write_text(whole + '\n#~ msgctxt "city"\n#~ msgid "Vienna"\n#~ msgstr "빈"\n')
    assert "translations/ko/LC_MESSAGES/missions.po: 1 removed" in run(real, "catalog", "purge")
    assert file.read_text() == whole
    assert "nothing was out of use" in run(real, "catalog", "purge")


def test_the_glossary_goes_to_other_tools(real, run):
    run(real, "catalog", "glossary", "-l", "ja", "-o", "out")
    with (real / "out" / "glossary.ja.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["source", "target"]
    assert [target for source, target in rows if source == "DPRK"] == ["朝鮮民主主義人民共和国", "DPRK"]


def test_renderings_of_a_term_that_differ_come_first(repo, run):
    said = run(repo, "catalog", "terms", "2018-06-06-dprk", "-l", "ja").splitlines()
    assert any(line.startswith("human rights: 人権 (") for line in said)
    counts = [line.count("; ") for line in said]
    assert counts == sorted(counts, reverse=True)


def test_terms_says_why_there_are_none(second, run):
    assert "has no terms yet" in run(second, "catalog", "terms", SECOND, "-l", "ko")
    (second / "content" / "glossary.csv").write_text("term,en,ko,note\nzebra,,얼룩말,\n")
    assert f"no term of content/glossary.csv stands in a text of {SECOND} that is translated into ko" in run(second, "catalog", "terms", SECOND, "-l", "ko")


def test_terms_of_the_source_or_of_a_broken_catalogue_are_refused(real, run):
    with pytest.raises(UsageError, match="the language that letters are written in"):
        run(real, "catalog", "terms", "2018-06-06-dprk", "-l", "en")
    with (real / "translations" / "ko" / "LC_MESSAGES" / "2018-06-06-dprk.po").open("a") as file:
        file.write('msgid "open\n')
    with pytest.raises(Rejected) as refused:
        run(real, "catalog", "terms", "2018-06-06-dprk", "-l", "ko")
    assert {problem.code for problem in refused.value.problems} == {"po-syntax"}
