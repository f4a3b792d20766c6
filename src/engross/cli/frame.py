"""The one place where exceptions become output and exit codes, and where text is made safe for a terminal."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engross.errors import EngrossError, Problem, Rejected

if TYPE_CHECKING:
    import typer

INTERRUPTED = 130
FAULT = 70
"""EX_SOFTWARE of sysexits(3)."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def run(app: typer.Typer) -> None:
    """Run the program: an `EngrossError` is printed as problem and hint and ends with its exit code; nothing shows a traceback."""
    try:
        app(standalone_mode=True)
    except EngrossError as error:
        fail(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        warn("interrupted; nothing was published")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  the last place: what nobody foresaw is kept for who mends it, and told in a sentence
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
    if isinstance(error, Rejected):
        show_problems(error.problems, err=True)
    warn(f"error: {error.message}")
    if error.hint:
        warn(f"  hint: {error.hint}")


def show_problems(problems: Iterable[Problem], *, err: bool = False) -> None:
    """Print problems in the order of the files and lines, errors in red where there are colours."""
    import typer

    for problem in sorted(problems, key=lambda p: (p.where, not p.is_error, p.code)):
        head, _, rest = safe(str(problem)).partition(f" {problem.severity.value}[")
        colour = typer.colors.RED if problem.is_error else typer.colors.YELLOW
        typer.echo(head + " " + typer.style(f"{problem.severity.value}[{rest.partition(']')[0]}]", fg=colour) + rest.partition("]")[2], err=err)


def say(text: str) -> None:
    """A line for standard output."""
    import typer

    typer.echo(safe(text))


def warn(text: str) -> None:
    """A line for standard error."""
    import typer

    typer.echo(safe(text), err=True)


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
