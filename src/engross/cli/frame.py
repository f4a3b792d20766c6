"""The one place where exceptions become output and exit codes, and where text is made safe for a terminal and rid of secrets."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from engross import redaction

if TYPE_CHECKING:
    from engross.errors import EngrossError, Problem

INTERRUPTED = 130
FAULT = 70
"""EX_SOFTWARE of sysexits(3)."""
OUT, WARNING, ERROR = 1, 2, 3
"""Where a line goes, and how it is coloured."""
SETTINGS_FILE = "pyproject.toml"


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
        told = redaction.clean(f"{type(error).__name__}: {error}", _every_secret())
        warn(f"error: the program itself failed ({told}); nothing was published")
        warn(f"  hint: this is a fault of engross, not of your letter; the details {_kept(error)}")
        sys.exit(FAULT)


def _kept(error: Exception) -> str:
    """Write an unforeseen failure with its traceback, without secrets, to the user's state directory; in words where it is."""
    import traceback

    from platformdirs import user_state_path

    from engross.errors import EngrossError
    from engross.files import write_atomic

    path = user_state_path("engross") / "fault.txt"
    text = redaction.clean("".join(traceback.format_exception(error)), _every_secret())
    try:
        write_atomic(path, text.encode("utf-8", "backslashreplace"), mode=0o600)
    except (EngrossError, OSError) as second:
        return f"could not be kept ({second})"
    return f"are in {path}"


def fail(error: EngrossError) -> None:
    """Print an error with everything it carries to standard error."""
    from engross.errors import Rejected

    if isinstance(error, Rejected):
        show_problems(error.problems, err=True)
    first, *more = redaction.clean(error.message, _every_secret()).split("\n")
    warn(f"error: {first}")
    for line in more:
        warn(f"  {line}")
    if error.hint:
        warn(f"  hint: {redaction.clean(error.hint, _every_secret())}")


@contextmanager
def about(letter: str) -> Iterator[None]:
    """What is raised inside speaks of this letter: below the commands a hint can only say LETTER, as a ledger does not know for which one it was opened."""
    from engross.errors import EngrossError

    try:
        yield
    except EngrossError as error:
        error.hint = error.hint.replace("LETTER", letter)
        raise


@lru_cache(maxsize=1)
def _secrets() -> tuple[str, ...]:
    """Secrets of this process that are certain: of the variables that the settings choose, those of the officers, and of the database."""
    text = ""
    with suppress(OSError):
        here = Path.cwd()
        for folder in (here, *here.parents):
            with suppress(OSError):
                text += (folder / SETTINGS_FILE).read_bytes().decode("utf-8", "replace")
    return redaction.secrets(os.environ, redaction.chosen(text))


@lru_cache(maxsize=1)
def _every_secret() -> tuple[str, ...]:
    """Those, and what the name of any variable gives away: for errors, in which more may stand than the program knows of."""
    return tuple(dict.fromkeys((*_secrets(), *redaction.likely(os.environ))))


def show_problems(problems: Iterable[Problem], *, err: bool = False) -> None:
    """Print problems in the order of the files and lines, errors in red where there are colours."""
    for stream, text in problem_lines(problems):
        show(stream, text, sys.stderr if err else sys.stdout)


def problem_lines(problems: Iterable[Problem]) -> list[tuple[int, str]]:
    """The problems in the order of the files and lines, each as a line for `show`."""
    ordered = sorted(problems, key=lambda p: (p.where, not p.is_error, p.code))
    return [(ERROR if problem.is_error else WARNING, "\n  hint: ".join(map(safe, _parts(problem)))) for problem in ordered]


def _parts(problem: Problem) -> tuple[str, ...]:
    """A problem as its line and its hint, so that a line break in what a file says makes no line of its own."""
    from dataclasses import replace

    return (str(replace(problem, hint="")), problem.hint) if problem.hint else (str(problem),)


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


NO_LETTER = "there is no letter yet: engross new 2030-01-31-subject begins one"


def many(number: int, thing: str) -> str:
    """`1 letter`, `2 letters`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def say(text: str) -> None:
    """A line for standard output."""
    show(OUT, safe(text))


def say_lines(text: str) -> None:
    """Lines of ours for standard output; nothing from outside may stand in them with line breaks of its own."""
    show(OUT, "\n".join(map(safe, text.split("\n"))))


def warn(text: str) -> None:
    """A line for standard error."""
    show(WARNING, safe(text))


def safe(text: str) -> str:
    """The text on one line, without secrets and without characters that could steer a terminal or hide something; each is shown as its escape."""
    return _visible(redaction.clean(text, _secrets()), lambda character: character.encode("unicode_escape").decode())


def _visible(text: str, escape: Callable[[str], str]) -> str:
    """The text with each character escaped that has no shape: controls, marks of direction, separators of lines, what has no width, halves of characters."""
    if text.isprintable():
        return text
    from unicodedata import category

    return "".join(c if c.isprintable() or category(c) == "Zs" else escape(c) for c in text)


def as_json(value: object) -> None:
    """Print a value as JSON for other programs, without secrets; what cannot be seen is escaped (RFC 8259, 7)."""
    import json

    lines = json.dumps(_clean(value), ensure_ascii=False, indent=2).split("\n")
    sys.stdout.write("\n".join(_visible(line, lambda character: json.dumps(character)[1:-1]) for line in lines) + "\n")


def _clean(value: Any) -> Any:
    """Plain data without secrets; names of fields are the program's own."""
    if isinstance(value, str):
        return redaction.clean(value, _secrets())
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list | tuple) else value


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
