"""The processes that render are called while the letter is read: they are not needed, they die, they cannot load what they need."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import pytest

from engross import artifact
from engross.crew import Crew
from engross.errors import OutsideError
from tests.pipeline.conftest import engross

LETTER = "2018-06-06-dprk"

CALLED = """
import sys
from pathlib import Path
from typing import IO, Any
from engross import crew
with crew.called(Path("layouts"), {formats!r}, {jobs}) as found:
    print(type(found).__name__)
"""


def called(formats: tuple[str, ...], jobs: int) -> str:
    """What a process of its own, in which nothing is loaded yet, gets when it calls a crew."""
    program = f"import os; os.cpu_count = lambda: 2\n{CALLED.format(formats=formats, jobs=jobs)}"
    return subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize(("formats", "jobs", "found"), [((), 0, "Crew"), (("pdf", "txt"), 2, "Crew"), (("docx", "txt"), 0, "NoneType"), ((), 1, "NoneType")])
def test_it_is_called_where_something_is_laid_out_on_several_processes(formats: tuple[str, ...], jobs: int, found: str) -> None:
    assert called(formats, jobs) == found


LOADED = """
import os, sys
from engross import crew
def called(self, *values):
    print(*sorted(sys.modules))
    sys.exit(0)
os.cpu_count = lambda: 2
crew.Crew.{when} = called
sys.argv = ["engross", "build", "-f", "pdf"]
from engross.cli import main
main()
"""


def loaded_when(real: Path, when: str) -> set[str]:
    """The modules that a build has loaded when it first calls this of a crew."""
    return set(subprocess.run([sys.executable, "-c", LOADED.format(when=when)], cwd=real, capture_output=True, text=True, check=True).stdout.split())


def test_it_is_called_before_anything_is_loaded_that_only_reading_needs(real: Path) -> None:
    loaded = loaded_when(real, "__init__")
    assert {"engross.workers", "engross.markup", "engross.task"} <= loaded
    assert not loaded & {"engross.pipeline", "engross.plan", "engross.edition", "engross.content", "engross.translation", "engross.project", "tomllib", "ruamel.yaml", "babel"}


def test_rendering_begins_before_the_checks_of_translations_are_loaded(real: Path) -> None:
    loaded = loaded_when(real, "begin")
    assert "engross.translation" in loaded
    assert not {name for name in loaded if name.startswith(("engross.translation.checks", "engross.translation.approval"))}


def test_a_crew_of_another_folder_is_not_asked(real: Path) -> None:
    inner = real / "notes"
    (inner / "layouts" / "fonts").mkdir(parents=True)
    (inner / "pyproject.toml").write_text("[project]\n")
    done = engross(inner, "build", LETTER, "-l", "en", "-f", "pdf")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"output/{LETTER}/draft: 1 pdf; 1 made" in done.stdout


@pytest.fixture
def crew() -> Iterator[Crew]:
    crew = Crew(Path(__file__).parents[2] / "layouts")
    yield crew
    crew.dismiss()


def test_a_crew_that_is_sent_home_before_it_has_loaded_anything_is_gone(crew: Crew) -> None:
    crew.dismiss()
    with pytest.raises(ProcessLookupError):
        os.kill(crew.foreman, 0)


def test_the_end_of_a_process_is_an_error_with_advice(crew: Crew, task: object) -> None:
    os.kill(crew.foreman, signal.SIGKILL)
    with pytest.raises(OutsideError, match="ended before its time"):
        crew.run([task], 0, lambda *_: None)  # type: ignore[list-item]


def test_tasks_of_many_languages_do_not_wait_for_the_foreman(crew: Crew) -> None:
    os.kill(crew.foreman, signal.SIGSTOP)  # it is busy, and reads nothing
    handed_over = threading.Thread(target=crew.begin, args=([b"a task" * 100_000], 0), daemon=True)
    handed_over.start()
    handed_over.join(10)
    waits = handed_over.is_alive()
    os.kill(crew.foreman, signal.SIGCONT)
    assert not waits


def test_it_goes_home_by_itself_when_the_last_tasks_are_done(crew: Crew) -> None:
    tasks: Any = [object]  # not a task: what becomes of it is an error
    crew.begin(tasks, 0)
    with pytest.raises(AttributeError, match="format"):
        list(crew._outcomes(tasks, 0, None, None))
    waiting = threading.Thread(target=os.waitid, args=(os.P_PID, crew.foreman, os.WEXITED | os.WNOWAIT), daemon=True)
    waiting.start()
    waiting.join(10)
    assert not waiting.is_alive()


def test_what_is_made_goes_to_the_disk_while_others_still_render(crew: Crew, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks: Any = [object, object]
    reports = [(place, [artifact.Artifact(f"{place}.pdf", "", 1, "pdf", "en", "")]) for place in (0, 1)]
    crew._in.close()
    crew._in = BytesIO(b"".join(map(pickle.dumps, (*reports, None))))
    (tmp_path / "0.pdf").write_bytes(b"%PDF-1.7")
    synced: list[str] = []
    monkeypatch.setattr("os.fsync", lambda handle: synced.append(Path(f"/proc/self/fd/{handle}").readlink().name))
    for _ in crew._outcomes(tasks, 0, None, tmp_path):
        assert synced == ["0.pdf"]  # the second is not there: nothing happens before it is published


@pytest.fixture
def task() -> object:
    return "never looked at"


def test_what_cannot_be_loaded_is_told_by_the_build(real: Path) -> None:
    (real / "sitecustomize.py").write_text("import sys\nsys.modules['weasyprint'] = None\n")
    failed = engross(real, "build", LETTER, "-l", "en", "-f", "pdf", "-f", "txt", "-j", "2", PYTHONPATH=str(real))
    assert failed.returncode == 3
    assert "WeasyPrint cannot be loaded" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_letter_with_a_fault_is_refused_while_the_crew_is_still_loading(real: Path) -> None:
    source = real / "content" / LETTER / "letter.md"
    source.write_text(source.read_text("utf-8").replace("date:", "dat:", 1), "utf-8")
    failed = engross(real, "build", LETTER, "-l", "en", "-f", "pdf")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "letter.md" in failed.stderr


def test_what_was_rendered_while_translations_were_examined_is_thrown_away_if_they_are_refused(real: Path) -> None:
    catalogue = real / "translations" / "es" / "LC_MESSAGES" / f"{LETTER}.po"
    catalogue.write_text(catalogue.read_text("utf-8").replace("27 de abril", "28 de abril", 1), "utf-8")
    refused = engross(real, "build", LETTER, "-l", "es", "-f", "pdf", "-f", "txt", "-j", "2", "--official")
    assert refused.returncode == 1
    assert "not-approved" in refused.stderr
    assert not (real / "output" / LETTER).exists()


def test_a_lock_that_was_taken_away_is_no_lock(tmp_path: Path) -> None:
    """Two builds at once: the first comes to nothing and takes its folder along between the second's opening of the lock and its taking it."""
    taken: list[bool] = []

    def flock(stream: IO[str], how: int) -> None:
        taken.append(True)
        (tmp_path / "letter" / ".lock").unlink()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fcntl.flock", flock)
        with pytest.raises(artifact.Busy), artifact.locked(tmp_path / "letter" / "draft"):
            pass
    assert taken == [True]
