"""`engross build` and its neighbours, run as programs on workspaces of their own."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polib
import pytest
from typer.testing import CliRunner

from engross import artifact, pipeline, workers
from engross.cli.app import app
from engross.project import find
from tests.pipeline.conftest import engross

FIRST, SECOND = "2018-06-06-dprk", "2020-02-29-second"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def tree(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".ttf"}


def test_the_second_letter_builds_in_every_format(second: Path) -> None:
    result = engross(second, "build", SECOND, "-l", "en", "-l", "ja")
    assert result.returncode == 0, result.stderr
    manifest = artifact.read_manifest(second / "output" / SECOND / "draft")
    assert manifest
    assert {entry.kind for entry in manifest.artifacts} == {"pdf", "docx", "html", "txt", "fax-tiff", "fax-pdf"}
    assert {entry.language for entry in manifest.artifacts} == {"en", "ja"}
    assert "untranslated" in result.stderr


def test_an_unfinished_letter_is_refused_officially_with_file_and_line_and_nothing_is_written(second: Path) -> None:
    before = tree(second)
    result = engross(second, "build", SECOND, "--official", "-l", "ko")
    assert result.returncode == 1
    assert re.search(r"^translations/ko/LC_MESSAGES/.+\.po.*: error\[untranslated\]", result.stderr, re.MULTILINE)
    assert tree(second) == before


def test_building_again_makes_nothing(real: Path) -> None:
    assert engross(real, "build", "-l", "es", "-f", "txt", "-f", "html").returncode == 0
    folder = real / "output" / FIRST / "draft"
    first = tree(folder)
    again = engross(real, "build", "-l", "es", "-f", "txt", "-f", "html")
    assert "0 made, 2 unchanged" in again.stdout
    assert tree(folder) == first


def test_changed_words_of_the_delivery_report_make_no_letter_again(real: Path) -> None:
    engross(real, "build", "-l", "es", "-f", "txt")
    for name in ("report.yaml", "report.css", "report.html"):
        path = real / "layouts" / name
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert "0 made, 1 unchanged" in engross(real, "build", "-l", "es", "-f", "txt").stdout


def test_what_was_edited_by_hand_is_made_again(real: Path) -> None:
    engross(real, "build", "-l", "es", "-f", "txt")
    path = real / "output" / FIRST / "draft" / "es" / f"{FIRST}.es.txt"
    good = path.read_bytes()
    path.write_bytes(good.replace(b"2018", b"2019"))
    assert "1 made" in engross(real, "build", "-l", "es", "-f", "txt").stdout
    assert path.read_bytes() == good


def test_one_changed_translation_makes_that_language_again_and_keeps_the_others(real: Path) -> None:
    engross(real, "build", "-f", "txt")
    edit(real / "translations/es/LC_MESSAGES" / f"{FIRST}.po", "Por último, ", "Finalmente, ")
    result = engross(real, "build", "-f", "txt")
    assert "1 made, 3 unchanged" in result.stdout
    official = engross(real, "build", "--official", "-l", "es", "-f", "txt")
    assert official.returncode == 1
    assert "not-approved" in official.stderr


def test_a_language_on_its_own_leaves_the_others_in_the_set(real: Path) -> None:
    engross(real, "build", "-l", "ko", "-f", "txt")
    engross(real, "build", "-l", "ja", "-f", "txt")
    manifest = artifact.read_manifest(real / "output" / FIRST / "draft")
    assert manifest
    assert [entry.language for entry in manifest.artifacts] == ["ja", "ko"]
    assert {path.split("/")[1] for path in manifest.inputs if path.startswith("translations/")} == {"ja", "ko"}
    edit(real / "translations/ko/LC_MESSAGES" / f"{FIRST}.po", "촉구합니다", "요청합니다")
    checked = engross(real, "build", "-l", "ko", "-l", "ja", "-f", "txt", "--check").stdout
    assert f"{FIRST}.ko.txt: it was made from something else: translations/ko/LC_MESSAGES/{FIRST}.po changed\n" in checked
    assert f"{FIRST}.ja.txt" not in checked


@pytest.mark.parametrize("point", ["staged", "before-rename:manifest.json", "before-exchange", "after-exchange", "published"])
def test_a_build_that_dies_leaves_the_old_or_the_new_set(real: Path, point: str) -> None:
    folder = real / "output" / FIRST / "draft"
    asked = pipeline.Request((FIRST,), ("en",), ("txt",), jobs=1)
    pipeline.build(find(real), asked)
    old = tree(folder)
    edit(real / "content" / FIRST / "letter.md", "Thank you for your consideration", "Thank you for your attention")
    assert engross(real, "build", "-l", "en", "-f", "txt", ENGROSS_FAILPOINT=point).returncode == 137
    manifest = artifact.read_manifest(folder)
    assert manifest
    assert artifact.damaged(folder, manifest) == []
    died = tree(folder)
    pipeline.build(find(real), asked)
    assert died in (old, tree(folder))


def test_the_manifest_names_what_was_read_not_what_was_saved_while_it_rendered(real: Path) -> None:
    source = real / "content" / FIRST / "letter.md"
    before = hashlib.sha256(source.read_bytes()).hexdigest()

    class Slow:
        def run(self, *asked: Any, **more: Any) -> list[artifact.Artifact]:
            edit(source, "Thank you for your consideration", "Thank you for your attention")
            return workers.run(*asked, **more)

    (built,) = pipeline.build(find(real), pipeline.Request((FIRST,), ("en",), ("txt",), jobs=1), crew=Slow())
    assert built.manifest.inputs[f"content/{FIRST}/letter.md"] == before


def test_update_twice_changes_nothing(real: Path) -> None:
    before = tree(real / "translations")
    result = engross(real, "update")
    assert result.returncode == 0, result.stderr
    assert "everything was up to date" in result.stdout
    assert tree(real / "translations") == before


def test_check_is_clean_and_says_so_as_json(real: Path) -> None:
    result = engross(real, "check", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout) == []


def test_every_problem_is_reported_at_once(real: Path) -> None:
    before_letter = real / "content" / FIRST / "letter.md"
    edit(before_letter, "date: 2018-06-06", "date: 2018-06-31")
    edit(before_letter, "dprk-geneva", "dprk-genf")
    edit(real / "content/missions.yaml", "dprk.un@verizon.net", "dprk.un@")
    result = engross(real, "check")
    assert result.returncode == 1
    for code in ("bad-date", "unknown-mission", "bad-email"):
        assert f"error[{code}]" in result.stdout
    assert "Traceback" not in result.stderr


def test_what_follows_from_a_file_that_cannot_be_read_is_not_told_beside_it(real: Path) -> None:
    for name, code in ((f"content/{FIRST}/signatories.csv", "missing-file"), ("content/missions.yaml", "bad-yaml")):
        before = (real / name).read_bytes()
        if code == "missing-file":
            (real / name).unlink()
        else:
            (real / name).write_bytes(before + b"  - : : [\n")
        result = engross(real, "check", "--json")
        assert (result.returncode, [(problem["code"], problem["path"]) for problem in json.loads(result.stdout)]) == (1, [(code, name)])
        (real / name).write_bytes(before)


@pytest.mark.parametrize("kind", ["txt", "html", "docx", "fax"])
def test_a_word_that_the_layouts_lack_is_named(second: Path, kind: str) -> None:
    edit(second / "layouts/labels.yaml", "\ncc: ", "\ncopies: ")
    result = engross(second, "build", "2020-02-29-second", "-l", "en", "-f", kind)
    assert (result.returncode, result.stderr.splitlines()[-2:]) == (
        1,
        ["error: the layouts need the word 'cc', which layouts/labels.yaml lacks", "  hint: restore its line from the repository, or from a new `engross init`"],
    )


@pytest.mark.parametrize(
    "command",
    [("status",), ("update",), ("diff", FIRST, "--against", "other.md", "-f", "html", "-o", "x"), ("review", "export", FIRST, "-o", "x"), ("catalog", "terms", FIRST, "-l", "ko")],
    ids=lambda command: " ".join(command[:2]),
)
@pytest.mark.parametrize("name", ["content/missions.yaml", "layouts/labels.yaml"])
def test_what_is_half_read_is_not_taken_for_the_whole_letter(real: Path, command: tuple[str, ...], name: str) -> None:
    shutil.copy(real / "content" / FIRST / "letter.md", real / "other.md")
    with (real / name).open("a") as file:
        file.write("\n  - : : [\n")
    result = engross(real, *command)
    assert (result.returncode, re.findall(r"(\S+?):\d+:\d+: error\[([\w-]+)\]", result.stderr)) == (1, [(name, "bad-yaml")]), result.stdout
    assert not (real / "x").exists()


def test_status_tells_what_is_wrong_with_the_reviews_once(real: Path) -> None:
    (real / "translations" / "reviews.csv").write_bytes(b"a,b,c\n1,2,3\n")
    assert engross(real, "status").stderr.count("error[bad-reviews]") == 1


def test_a_pending_signatory_holds_the_edition_until_it_is_left_out_by_name(real: Path) -> None:
    path = real / "content" / FIRST / "signatories.csv"
    edit(path, "no-fence,No Fence,en,,Japan,JP,,organisation,,confirmed", "no-fence,No Fence,en,,Japan,JP,,organisation,,pending")
    refused = engross(real, "build", "--official", "-l", "en", "-f", "txt")
    assert refused.returncode == 1
    assert re.search(r"signatories\.csv:\d+(:\d+)?: error\[pending-signatory\]", refused.stderr)
    drawn = engross(real, "build", "-l", "en", "-f", "txt")
    assert [said.stderr.count("No Fence has not consented yet") for said in (refused, drawn)] == [1, 1]
    built = engross(real, "build", "--official", "-l", "en", "-f", "txt", "--leave-out", "no-fence")
    assert (built.returncode, built.stderr) == (0, "")
    text = (real / "output" / FIRST / "edition-1" / "en" / f"{FIRST}.en.txt").read_text("utf-8")
    assert "No Fence" not in text
    assert engross(real, "build", "--official", "-l", "en", "--leave-out", "nobody").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("build", "2018-06-06-dprg"), 2, "did you mean '2018-06-06-dprk'?"),
        (("build", "-l", "fr"), 2, "do not name the language"),
        (("build", "-f", "pfd"), 2, "unknown format"),
        (("build", "--paper", "legal"), 2, "paper"),
        (("new", "Bad Id"), 2, "cannot be the id"),
        (("new", FIRST), 2, "already"),
        (("approve", FIRST, "-l", "ko", "--by", " "), 2, "--by is empty"),
        (("proof", "--html", FIRST), 2, f"{FIRST} is no name of a page"),
    ],
)
def test_wrong_usage_says_what_was_meant(real: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    result = engross(real, *arguments)
    assert (result.returncode, "Traceback" in result.stderr) == (code, False)
    assert said in re.sub(r"[\s│]+", " ", result.stderr)


def test_outside_a_workspace_and_with_wrong_settings_the_message_says_what_to_do(tmp_path: Path, real: Path) -> None:
    lost = engross(tmp_path, "check")
    assert lost.returncode == 2
    assert "engross init" in lost.stderr
    edit(real / "pyproject.toml", "[tool.engross]\n", '[tool.engross]\nlanguagse = ["en"]\n')
    wrong = engross(real, "check")
    assert wrong.returncode == 1
    assert "did you mean 'languages'?" in wrong.stderr
    assert "ENGROSS_FAILPOIT" in engross(real, "check", ENGROSS_FAILPOIT="x").stderr


def test_a_check_of_no_letter_says_so(real: Path) -> None:
    (real / "content" / FIRST / "letter.md").unlink()
    assert "there is no letter yet" in engross(real, "check").stdout


def test_a_page_of_findings_is_named_when_it_is_made(real: Path) -> None:
    assert "made proof.html" in engross(real, "proof", "--html", "proof.html").stdout.splitlines()
    assert (real / "proof.html").is_file()


def test_a_workspace_begun_by_the_program_builds(tmp_path: Path) -> None:
    assert engross(tmp_path, "init", "desk").returncode == 0
    desk = tmp_path / "desk"
    assert engross(desk, "new", "2030-01-31-example").returncode == 0
    settings = desk / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8").replace('["en"]', '["en", "ko", "ja", "es"]'), "utf-8")
    assert engross(desk, "update").returncode == 0
    common = [polib.pofile(str(path)) for name in ("layouts", "report") for path in desk.glob(f"translations/*/LC_MESSAGES/{name}.po")]
    assert [len(catalogue.translated_entries()) == len(catalogue) for catalogue in common] == [True] * 8
    built = engross(desk, "build", "-f", "txt", "-f", "html")
    assert built.returncode == 0, built.stderr
    refused = engross(desk, "build", "--official", "-f", "txt")
    assert refused.returncode == 1
    assert "pending-signatory" in refused.stderr
    assert engross(tmp_path, "init", "desk").returncode == 2


def test_help_teaches() -> None:
    commands = ("check", "update", "status", "approve", "build", "init", "new")
    text = CliRunner().invoke(app, ["--help"]).output
    assert [command for command in commands if command not in text] == []
    assert [command for command in commands if len(CliRunner().invoke(app, [command, "--help"]).output) <= 300] == []


def test_help_names_what_is_really_taken_and_made() -> None:
    said = {name: " ".join(re.sub("[│╭╮╰╯─]", " ", CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output).split()) for name in ("diff", "verify", "proof")}
    assert "LETTER.LANGUAGE.diff.docx or .html" in said["diff"]
    assert "A pyproject.toml, or its folder" in said["verify"]
    assert "FILE.html" in said["proof"]


def test_status_as_json(real: Path) -> None:
    (letter,) = json.loads(engross(real, "status", "--json").stdout)
    assert letter["letter"] == FIRST
    assert {row["language"]: row["empty"] for row in letter["languages"]} == {"en": 0, "ko": 0, "ja": 0, "es": 0}


def faulty(folder: Path, raised: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program with a fault: looking for the workspace raises an error with that text."""
    code = f"import engross.project as p\ndef find(start): raise ZeroDivisionError({raised})\np.find = find\nfrom engross.cli import main\nmain()"
    state = {**os.environ, "XDG_STATE_HOME": str(folder), **environment}
    return subprocess.run([sys.executable, "-c", f"import os\n{code}", "check"], cwd=folder, env=state, capture_output=True, text=True, check=False)


def test_a_fault_of_the_program_is_told_in_a_sentence_and_kept(tmp_path: Path) -> None:
    result = faulty(tmp_path, "'by accident'")
    assert result.returncode == 70
    assert "ZeroDivisionError: by accident" in result.stderr
    assert "Traceback" not in result.stderr
    assert "Traceback" in (tmp_path / "engross" / "fault.txt").read_text()


SECRET = "p'l\"4nted é/73+91\\x"
SPELLED = {
    "as it stands": "s",
    "by Python": "repr(s)",
    "as bytes": "repr(s.encode())",
    "as JSON": "__import__('json').dumps({'a': s})",
    "in a URL": "__import__('urllib.parse').parse.quote(s)",
    "in a form": "__import__('urllib.parse').parse.urlencode({'a': s})",
    "in base64": "__import__('base64').b64encode(s.encode()).decode()",
    "SASL PLAIN": "__import__('base64').b64encode(('\\0office\\0' + s).encode()).decode()",
    "XOAUTH2": "__import__('base64').b64encode(('user=office@example.org\\1auth=Bearer ' + s + '\\1\\1').encode()).decode()",
    "in hexadecimal": "s.encode().hex()",
}


@pytest.mark.parametrize(
    "settings", ["[tool.engross.offices.a.smtp]\npassword_env = 'OFFICE_LOGIN'\n", "not TOML at all [ password_env = 'OFFICE_LOGIN'"], ids=["settings", "broken settings"]
)
def test_a_fault_shows_no_secret_that_the_settings_choose_in_any_spelling(tmp_path: Path, settings: str) -> None:
    (tmp_path / "pyproject.toml").write_text(settings)
    result = faulty(tmp_path, f"(lambda s: ' | '.join([{', '.join(SPELLED.values())}]))(os.environ['OFFICE_LOGIN'])", OFFICE_LOGIN=SECRET)
    for text in (result.stderr, (tmp_path / "engross" / "fault.txt").read_text()):
        pieces = text[text.index("ZeroDivisionError") :].split(" | ")
        assert len(pieces) == len(SPELLED)
        assert [name for name, piece in zip(SPELLED, pieces, strict=True) if "[secret]" not in piece] == []
        whole = [eval(code, {"s": SECRET}) for code in SPELLED.values()]
        assert not [name for name, form in zip(SPELLED, whole, strict=True) if form in text]
        assert "4nted" not in text


BY_NAME = ("PGPASSWORD", "ENGROSS_PASSPHRASE", "ENGROSS_PASSPHRASE_2", "SOME_SERVICE_PASSWORD", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "API_KEY")


def test_a_fault_shows_no_secret_of_the_environment_of_a_url_or_of_the_password_file(tmp_path: Path) -> None:
    (tmp_path / "pgpass").write_text("localhost:*:*:office:planted\\:7391\n")
    raised = f"' '.join([os.environ[name] for name in {BY_NAME!r}]) + ' postgresql://office:planted@db/ledger password=planted planted:7391'"
    result = faulty(tmp_path, raised, PGPASSFILE=str(tmp_path / "pgpass"), **{name: f"planted-{number}73" for number, name in enumerate(BY_NAME)})
    told = f"{'[secret] ' * len(BY_NAME)}postgresql://office:[secret]@db/ledger password=[secret] [secret]"
    assert f"ZeroDivisionError: {told})" in result.stderr
    assert f"ZeroDivisionError: {told}\n" in (tmp_path / "engross" / "fault.txt").read_text()


def test_a_fault_that_cannot_be_kept_is_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "engross").write_text("a file where the folder has to be")
    result = faulty(tmp_path, "'by accident'")
    assert result.returncode == 70
    assert "could not be kept" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_draft_names_many_untranslated_texts_of_a_catalogue_in_one_line(second: Path) -> None:
    assert engross(second, "update").returncode == 0
    result = engross(second, "build", SECOND, "-l", "ko", "-f", "txt")
    assert result.returncode == 0, result.stderr
    told = re.findall(rf"^(translations/ko/LC_MESSAGES/{SECOND}\.po:\d+: error\[untranslated\]: .*)", result.stderr, re.MULTILINE)
    assert len(told) == 1
    assert re.search(r": \d+ texts are not translated", told[0])


def test_a_workspace_without_a_letter_says_how_to_begin_one(tmp_path: Path) -> None:
    assert engross(tmp_path, "init", "house").returncode == 0
    for command in ("build", "status"):
        assert "engross new" in engross(tmp_path / "house", command).stdout
