"""`engross watch`: a real process, real saves, and what it says of them. It is waited for by its lines, never by time."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from engross import artifact, recall
from engross.artifact import Artifact, Manifest
from engross.cli.watching import Told
from engross.errors import Position, Problem, Severity
from engross.pipeline import Built, Request
from engross.project import find
from engross.watch.looking import Digests, Mark, Watcher, marks
from engross.watch.memory import Memory
from engross.watch.session import Round, Session
from engross.watch.team import Team
from tests.conftest import REPO, WORKSPACE, copy_workspace, link
from tests.pipeline.conftest import engross

LETTER = "2020-02-29-second"
TEXT = f"content/{LETTER}/letter.md"
CATALOGUE = f"translations/es/LC_MESSAGES/{LETTER}.po"
SET = f"output/{LETTER}/draft"
OPEN = 'msgid "Yours faithfully,"\nmsgstr ""'
"""An entry without translation."""
LONGEST = 300
"""Seconds after which a process that says nothing any more is ended, and its test fails."""
DONE = r"\(\d+\.\d\d s\)$"


class Watch:
    """A running `engross watch`."""

    def __init__(self, workspace: Path, *arguments: str, **environment: str) -> None:
        self.workspace = workspace
        command = [sys.executable, "-m", "engross", "watch", *arguments]
        self.process = subprocess.Popen(
            command, cwd=workspace, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    def until(self, pattern: str = DONE) -> list[str]:
        """The lines up to one that fits."""
        lines: list[str] = []
        assert self.process.stdout
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if re.search(pattern, line):
                return lines
        raise AssertionError(f"it ended ({self.process.wait()}) and never said {pattern!r}:\n" + "\n".join(lines))

    def save(self, name: str, old: str, new: str) -> list[str]:
        """Save a file with other words, as most editors do (a new file takes the name of the old); what is said of it."""
        path = self.workspace / name
        text = path.read_text("utf-8")
        assert old in text
        replace(path, text.replace(old, new, 1))
        return self.until()

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal as a terminal does, to all its processes; exit code and last words."""
        os.killpg(self.process.pid, number)
        said, _ = self.process.communicate(timeout=30)
        return self.process.returncode, said


def replace(path: Path, text: str) -> None:
    """Save by another file that takes the name."""
    other = path.with_name(f"{path.name}.new~")
    other.write_text(text, "utf-8")
    other.replace(path)


@contextmanager
def watching(workspace: Path, *arguments: str, **environment: str) -> Iterator[Watch]:
    run = Watch(workspace, *arguments, **environment)
    last = threading.Timer(LONGEST, run.process.kill)
    last.start()
    try:
        yield run
    finally:
        last.cancel()
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGKILL)
        run.process.communicate()


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


LANGUAGES, FORMATS, TWO = ("-l", "en", "-l", "es"), ("-f", "pdf", "-f", "docx", "-f", "txt"), ("-j", "2")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second letter with its catalogues begun; to be copied."""
    folder = copy_workspace(WORKSPACE, tmp_path_factory.mktemp("watch") / "workspace")
    assert engross(folder, "update").returncode == 0
    return folder


def copied(workspace: Path, target: Path) -> Path:
    """A copy without what was made and what editors left; fonts are linked."""
    shutil.copytree(workspace, target, ignore=shutil.ignore_patterns("output", ".*", "*~", "*.mo"), copy_function=link)
    return target


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program, which nobody edits while it runs: it would begin anew."""
    folder = tmp_path_factory.mktemp("program")
    shutil.copytree(REPO / "src/engross", folder / "engross", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def watch(workspace: Path, program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """One process that the tests below share, as a day of work does. Each leaves a letter that can be built."""
    folder = copied(workspace, tmp_path_factory.mktemp("watch") / "day")
    with watching(folder, LETTER, *LANGUAGES, *FORMATS, *TWO, PYTHONPATH=str(program)) as run:
        first = run.until()
        assert first[0].startswith("watching content/")
        assert "6 made, 0 unchanged" in first[-1]
        yield run


def test_a_saved_translation_makes_its_language_again_and_no_other(watch: Watch) -> None:
    said = watch.save(CATALOGUE, OPEN, OPEN[:-1] + 'Atentamente,"')
    assert said[0] == f"{CATALOGUE} saved"
    assert any(line.startswith("mended:") and "Yours faithfully" in line for line in said)
    assert "3 made, 3 unchanged" in said[-1]


def test_what_editors_leave_and_a_save_that_changes_nothing_are_passed_over(watch: Watch) -> None:
    path = watch.workspace / TEXT
    path.with_name(".letter.md.swp").write_bytes(b"swap")
    path.with_name("letter.md~").write_bytes(b"backup")
    (watch.workspace / CATALOGUE).with_suffix(".mo").write_bytes(b"compiled")
    replace(path, path.read_text("utf-8"))
    said = watch.save("content/missions.yaml", "mission:", "mission:  ")
    assert said[0] == "content/missions.yaml saved"
    assert "0 made, 6 unchanged" in said[-1]


def test_a_problem_is_told_with_its_line_and_told_to_be_mended(watch: Watch) -> None:
    before = tree(watch.workspace / SET)
    wrong = watch.save(TEXT, "[published](https://example.org/principles)", "[published](ftp:/principles)")
    assert any(re.match(rf"{re.escape(TEXT)}:\d+(:\d+)?: error\[bad-link\]", line) for line in wrong)
    assert "nothing was made, what stood in output/ stays" in wrong[-1]
    assert tree(watch.workspace / SET) == before
    right = watch.save(TEXT, "(ftp:/principles)", "(https://example.org/principles)")
    assert any(line.startswith(f"mended: {TEXT}: bad-link") for line in right)
    assert "0 made, 6 unchanged" in right[-1]


def test_a_letter_that_is_gone_is_missed_and_taken_back(watch: Watch) -> None:
    path = watch.workspace / TEXT
    aside = path.rename(watch.workspace / "aside.md")
    gone = watch.until()
    assert gone[0] == f"{TEXT} is gone"
    assert "nothing was made" in gone[-1]
    aside.rename(path)
    assert "0 made, 6 unchanged" in watch.until()[-1]


def test_a_broken_template_is_told_by_its_line_and_a_mended_one_is_used(watch: Watch) -> None:
    name = "layouts/letter.html"
    broken = watch.save(name, "<body", "{% if %}<body")
    assert any(re.search(r"error: .*letter\.html:\d+", line) for line in broken)
    mended = watch.save(name, "{% if %}<body", '<body class="plain"')
    assert any(line.startswith("mended: ") for line in mended)
    assert "made" in mended[-1]


def test_settings_are_read_again(watch: Watch) -> None:
    wrong = watch.save("pyproject.toml", "languages =", "langages =")
    assert any(line.startswith("pyproject.toml: error[unknown-setting]") for line in wrong)
    right = watch.save("pyproject.toml", "langages =", 'paper = "letter"\nlanguages =')
    assert right[1] == "mended: pyproject.toml: unknown-setting: [tool.engross] has no key 'langages'"
    assert "6 made, 0 unchanged" in right[-1]


def test_a_font_that_is_gone_is_missed_by_the_characters_it_had(watch: Watch, tmp_path: Path) -> None:
    font = watch.workspace / "layouts/fonts/noto-serif-kr-korean-400-normal.ttf"
    aside = font.rename(tmp_path / font.name)
    assert any(re.match(rf"{re.escape(TEXT)}:\d+:\d+: error\[missing-glyph\]", line) for line in watch.until())
    aside.rename(font)
    mended = watch.until()
    assert any(line.startswith(f"mended: {TEXT}: missing-glyph") for line in mended)
    assert "0 made, 6 unchanged" in mended[-1]


def test_a_changed_font_and_changed_words_are_printed_and_a_day_of_saves_ends_with_the_bytes_of_a_build(watch: Watch, tmp_path: Path) -> None:
    fonts = watch.workspace / "layouts/fonts"
    pdf = watch.workspace / SET / "en" / f"{LETTER}.en.pdf"
    before = pdf.read_bytes()
    other = tmp_path / "font.ttf"
    shutil.copy(fonts / "source-serif-4-latin-700-normal.ttf", other)
    other.replace(fonts / "source-serif-4-latin-400-normal.ttf")
    assert "made" in watch.until()[-1]
    assert pdf.read_bytes() != before
    watch.save("layouts/labels.yaml", '"CC:"', '"Copies to:"')
    assert "Copies to:" in (watch.workspace / SET / "en" / f"{LETTER}.en.txt").read_text("utf-8")
    made = tree(watch.workspace / SET)
    fresh = copied(watch.workspace, tmp_path / "fresh")
    assert engross(fresh, "build", LETTER, *LANGUAGES, *FORMATS).returncode == 0
    assert tree(fresh / SET) == made


def test_ctrl_c_in_the_middle_of_a_build_leaves_neither_files_nor_processes(watch: Watch) -> None:
    before, staged = tree(watch.workspace / SET), (watch.workspace / SET).with_name(".draft.new")
    children = processes(watch.process.pid)
    assert len(children) == 2
    os.kill(children[0], signal.SIGSTOP)  # so that what is begun does not end
    path = watch.workspace / "layouts/letter.css"
    replace(path, path.read_text("utf-8") + "/* changed */\n")
    while not staged.is_dir():
        assert watch.process.poll() is None
    assert watch.end() == (0, "stopped\n")
    assert not staged.exists()
    assert tree(watch.workspace / SET) == before
    assert not any(Path(f"/proc/{child}").exists() for child in children)


def processes(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_a_signed_edition_is_named_and_another_build_is_waited_for_and_a_lost_process_replaced(workspace: Path, program: Path, tmp_path: Path) -> None:
    folder = copied(workspace, tmp_path / "signed")
    record, edition = folder / "content" / LETTER / "editions/1.json", folder / "output" / LETTER / "edition-1"
    record.parent.mkdir()
    record.write_text(f'{{"format": 1, "letter": "{LETTER}", "edition": 1, "versions": {{}}}}', "utf-8")
    edition.mkdir(parents=True)
    (edition / "signed.pdf").write_bytes(b"signed")
    with watching(folder, "-l", "es", "-f", "txt", PYTHONPATH=str(program)) as run:
        assert f"{LETTER}: edition 1 is signed and stays as it is; what is made here are drafts" in run.until()
        with (edition.parent / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert "nothing was made" in run.save(CATALOGUE, OPEN, OPEN[:-1] + 'Muy atentamente,"')[-1]
        assert "1 made, 0 unchanged" in run.until()[-1]
        (child,) = processes(run.process.pid)
        os.kill(child, signal.SIGKILL)
        assert "1 made, 0 unchanged" in run.save(CATALOGUE, "Muy atentamente", "Atentamente")[-1]
        assert run.end(signal.SIGTERM) == (0, "stopped\n")
    assert tree(edition) == {"signed.pdf": b"signed"}


def test_another_version_of_the_program_begins_anew(workspace: Path, program: Path, tmp_path: Path) -> None:
    folder, init = copied(workspace, tmp_path / "workspace"), tmp_path / "engross" / "__init__.py"
    shutil.copytree(program / "engross", init.parent)
    with watching(folder, "-l", "es", "-f", "txt", PYTHONPATH=str(tmp_path)) as run:
        run.until()
        init.write_text(re.sub(r'__version__ = ".*"', '__version__ = "0.0.0"', init.read_text("utf-8")), "utf-8")
        said = run.until()
        assert said[0] == "engross itself has changed: it begins anew"
        assert "1 made, 0 unchanged" in said[-1]
    manifest = artifact.read_manifest(folder / SET)
    assert manifest
    assert manifest.versions["engross"] == "0.0.0"


def test_a_letter_or_format_that_there_is_not_ends_it_at_once(workspace: Path) -> None:
    for wrong in (("-f", "txt", "no-such-letter"), ("-f", "odt")):
        result = engross(workspace, "watch", *wrong)
        assert (result.returncode, "error: " in result.stderr) == (2, True), wrong


STYLES = (
    *("font-size: 9pt", "font-size: 14pt", "font-weight: 700", "font-style: italic", "font-family: Noto Sans", "letter-spacing: 1pt", "word-spacing: 3pt"),
    *(
        "hyphens: auto; width: 3cm",
        "hyphens: auto; hyphenate-limit-zone: 50%; width: 3cm",
        "width: 3cm",
        "text-align: justify",
        "text-decoration: underline",
        "font-variant-numeric: oldstyle-nums",
    ),
    *("white-space: pre", "overflow-wrap: anywhere; width: 1cm", "font-kerning: none"),
)
SET_AGAIN = """
import sys
from pathlib import Path
from engross.render import weasy, weasy_kept
fonts, styles = Path(sys.argv[1]), sys.argv[2:]
words = "The representatives of organisations respectfully wrote 1948 letters. " * 4
page = '<html lang="{}"><p style="font-family: &quot;Source Serif 4&quot;; {}">{}</p><p style="display: inline-block; {}">{}</p>'
pages = [page.format(lang, style, words, style, words[:40]) for style in styles for lang in ("en", "es")]
made = [weasy.to_plain_pdf(each, font_folder=fonts) for each in pages]
assert len(set(made)) > len(styles), "the styles make no difference"
weasy_kept.keep_lines(1000)
again = [weasy.to_plain_pdf(each, font_folder=fonts) for _ in range(2) for each in pages]
print([pages[i % len(pages)] for i, each in enumerate(again) if each != made[i % len(pages)]])
"""


def test_lines_that_stay_are_those_that_would_be_set_anew() -> None:
    done = subprocess.run([sys.executable, "-c", SET_AGAIN, str(REPO / "layouts/fonts"), *STYLES], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_of_many_texts_that_wait_for_a_translator_the_number_is_told_once_and_how_many_came(capsys: pytest.CaptureFixture[str]) -> None:
    waiting = [Problem("untranslated", f"text {n}: not translated", Position(CATALOGUE, n), severity=Severity.WARNING) for n in range(1, 10)]
    told, drafts = Told(Path()), Manifest(LETTER, 1, "draft", ())
    said = []
    for problems in (waiting, waiting, waiting[:1]):
        told.tell(Round((), {LETTER: Built(LETTER, Path(SET), drafts, (), tuple(problems))}), 0.1)
        out, err = capsys.readouterr()
        said.append([line for line in (out + err).splitlines() if CATALOGUE in line])
    assert said == [[f"{CATALOGUE}:1: warning[untranslated]: 9 texts are not translated, the first of them here"], [], [f"mended: {CATALOGUE}: 8 texts translated"]]


@pytest.fixture
def session(workspace: Path, tmp_path: Path) -> Iterator[Session]:
    """A session in this process that makes web pages, with a first build done."""
    with closing(Session(find(copied(workspace, tmp_path / "session")), Request((LETTER,), ("en",), ("html",), jobs=1))) as found:
        assert built(found).made
        yield found


def built(session: Session) -> Built:
    turn = session.build(marks(session.root))
    assert turn
    result = turn.results[LETTER]
    assert isinstance(result, Built), result
    return result


def rewrite(session: Session, name: str, old: str, new: str) -> None:
    path = session.root / name
    replace(path, path.read_text("utf-8").replace(old, new))


def test_processes_are_replaced_when_a_font_changes_and_stay_when_a_style_sheet_does(session: Session, tmp_path: Path) -> None:
    first = {process.pid for process in active_children()}
    rewrite(session, "layouts/web.css", "}", " }")
    assert built(session).made
    assert {process.pid for process in active_children()} == first
    fonts = session.root / "layouts/fonts"
    shutil.copy(fonts / "source-serif-4-latin-700-normal.ttf", tmp_path / "font.ttf")
    (tmp_path / "font.ttf").replace(fonts / "source-serif-4-latin-400-normal.ttf")
    built(session)
    assert not {process.pid for process in active_children()} & first


def test_a_layout_that_is_saved_and_undone_within_a_build_leaves_nothing_of_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    name, run, before = "layouts/web.html", Team.run, tree(session.root / SET)
    page = session.root / name
    whole = page.read_text("utf-8")

    def within(team: Team, *arguments: Any) -> list[Artifact]:
        aside = page.rename(page.with_name("web.html~"))
        page.write_text(whole.replace("</article>", "<!-- undone --></article>"), "utf-8")
        try:
            return run(team, *arguments)
        finally:
            aside.replace(page)

    rewrite(session, TEXT, "Yours faithfully,", "Yours sincerely,")
    with monkeypatch.context() as patched:
        patched.setattr(Team, "run", within)
        turn = session.build(marks(session.root))
    assert turn
    assert turn.busy
    assert tree(session.root / SET) == before
    session.distrust()
    assert built(session).made
    text = (session.root / SET / "en" / f"{LETTER}.en.html").read_text("utf-8")
    assert ("Yours sincerely," in text, "undone" in text) == (True, False)


class Scripted:
    """Looks at a workspace that changes as told, and a clock that only waiting moves."""

    def __init__(self, *sizes: dict[str, int]) -> None:
        self.sizes, self.time, self.looks = [*sizes], 0.0, 0

    def look(self, _root: Path) -> dict[str, Mark]:
        now = self.sizes[min(self.looks, len(self.sizes) - 1)]
        self.looks += 1
        return {name: (size, size, size, size) for name, size in now.items()}

    def pause(self, seconds: float) -> None:
        self.time += seconds

    def watcher(self) -> Watcher:
        return Watcher(Path(), look=self.look, pause=self.pause, clock=lambda: self.time)


@pytest.mark.parametrize(
    "looks",
    [
        ({"a": 1}, {"a": 2}, {"a": 3}),  # written in two steps
        ({"a": 1}, {}, {}, {"a": 3}),  # moved away, then written anew
        ({"a": 1}, {"a": 0}, {"a": 0}, {"a": 3}),  # emptied, then written
        ({"a": 1, "b": 1}, {"a": 3, "b": 1}, {"a": 3, "b": 3}),  # two files of one act
    ],
)
def test_the_steps_of_a_save_are_one_change(looks: tuple[dict[str, int], ...]) -> None:
    script = Scripted(*looks)
    watcher = script.watcher()
    assert watcher.wait(10) is not None
    assert watcher.seen == {name: (size, size, size, size) for name, size in looks[-1].items()}
    assert watcher.wait(10) is None


def test_a_file_that_stays_away_is_gone_after_a_while() -> None:
    script = Scripted({"a": 1, "b": 1}, {"b": 1})
    watcher = script.watcher()
    assert watcher.wait(10) is not None
    assert 0.5 < script.time < 2
    assert set(watcher.seen) == {"b"}


def test_a_file_is_read_only_when_its_mark_is_another(tmp_path: Path) -> None:
    folder = copy_workspace(WORKSPACE, tmp_path / "workspace")
    digests, seen = Digests(folder), marks(folder)
    assert digests.of(seen) == recall.inputs(folder)
    (folder / TEXT).write_bytes(b"other")
    assert digests.of(seen) != recall.inputs(folder), "it looked though the mark was the same"
    assert digests.of(marks(folder)) == recall.inputs(folder)


def test_what_was_read_is_kept_until_a_file_it_was_read_from_changes() -> None:
    memory = Memory()
    made: list[str] = []
    for digest in ("one", "one", "two", "one"):
        memory.files = {"content/letter.md": digest, "layouts/letter.css": str(len(made))}
        memory("letter", ("content/",), lambda: made.append(digest))  # noqa: B023
    assert made == ["one", "two", "one"]
