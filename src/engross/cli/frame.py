"""The one place where exceptions become output and exit codes, and where text is made safe for a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from engross.errors import EngrossError, Problem

INTERRUPTED = 130
FAULT = 70
"""EX_SOFTWARE of sysexits(3)."""
OUT, WARNING, ERROR = 1, 2, 3
"""Where a line goes, and how it is coloured."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def run(act: Callable[[], object]) -> None:
    """Run the program: an `EngrossError` is printed as problem and hint and ends with its exit code; nothing shows a traceback."""
    try:
        act()
    except KeyboardInterrupt:
        warn("interrupted; nothing was published")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  the last place: what nobody foresaw is kept for who mends it, and told in a sentence
        from engross.errors import EngrossError

        if isinstance(error, EngrossError):
            fail(error)
            sys.exit(error.exit_code)
        warn(f"error: the program itself failed ({type(error).__name__}: {error}); nothing was published")
        warn(f"  hint: this is a fault of engross, not of your letter; the details are in {_kept(error)}")
        sys.exit(FAULT)


def _kept(error: Exception) -> str:
    """Write an unforeseen failure with its traceback to the user's state directory; the path."""
    import traceback

    from platformdirs import user_state_path

    from engross.files import write_atomic

    path = user_state_path("engross") / "fault.txt"
    write_atomic(path, "".join(traceback.format_exception(error)).encode(), mode=0o600)
    return str(path)


def fail(error: EngrossError) -> None:
    """Print an error with everything it carries to standard error."""
    from engross.errors import Rejected

    if isinstance(error, Rejected):
        show_problems(error.problems, err=True)
    warn(f"error: {error.message}")
    if error.hint:
        warn(f"  hint: {error.hint}")


def show_problems(problems: Iterable[Problem], *, err: bool = False) -> None:
    """Print problems in the order of the files and lines, errors in red where there are colours."""
    for stream, text in problem_lines(problems):
        show(stream, text, sys.stderr if err else sys.stdout)


def problem_lines(problems: Iterable[Problem]) -> list[tuple[int, str]]:
    """The problems in the order of the files and lines, each as a line for `show`."""
    return [(ERROR if problem.is_error else WARNING, safe(str(problem))) for problem in sorted(problems, key=lambda p: (p.where, not p.is_error, p.code))]


def show(stream: int, text: str, target: TextIO | None = None) -> None:
    """Print a line that is safe for a terminal: `OUT` to standard output, `WARNING` and `ERROR` to standard error or to `target`.

    The severity of a problem and its code are yellow or red (ECMA-48) where there are colours.
    """
    target = target or (sys.stdout if stream == OUT else sys.stderr)
    word = "error" if stream == ERROR else "warning"
    head, found, rest = text.partition(f" {word}[") if stream != OUT and target.isatty() else (text, "", "")
    code, _, message = rest.partition("]")
    target.write(f"{head} \033[{31 if stream == ERROR else 33}m{word}[{code}]\033[0m{message}\n" if found else text + "\n")
    target.flush()


def say(text: str) -> None:
    """A line for standard output."""
    show(OUT, safe(text))


def warn(text: str) -> None:
    """A line for standard error."""
    show(WARNING, safe(text))


def safe(text: str) -> str:
    """The text without characters that could steer a terminal; each is shown as its escape."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def as_json(value: object) -> None:
    """Print a value as JSON for other programs."""
    import json

    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def problem_json(problem: Problem) -> dict[str, object]:
    """A problem as plain data."""
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "path": problem.where.path,
        "line": problem.where.line,
        "column": problem.where.column,
        "hint": problem.hint,
    }


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error while something long runs; silent when that is not a terminal."""
    if not sys.stderr.isatty():
        yield lambda _title, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task("engross", total=None)
        yield lambda title, done, total: bar.update(line, description=title, completed=done, total=total)
