"""What can be wrong, where, and what to do about it: `Problem` is a value that is collected; the exceptions end a command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from engross.values import value_class


class Severity(Enum):
    """How much a problem matters: an error stops an official build, a warning asks for a person's look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file of the workspace."""

    path: str
    """Relative to the workspace, with forward slashes."""
    line: int = 0
    """1-based; 0 when the problem is about the whole file."""
    column: int = 0
    """1-based, in characters; 0 when the problem is about the whole line."""

    def __str__(self) -> str:
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])


@value_class
class Problem:
    """One thing that is wrong. `code` is stable and documented in docs/problems.md."""

    code: str
    message: str
    where: Position
    hint: str = ""
    severity: Severity = Severity.ERROR

    @property
    def is_error(self) -> bool:
        """Whether it stops an official build."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        text = f"{self.where}: {self.severity.value}[{self.code}]: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class EngrossError(Exception):
    """A command cannot go on. The exception owns its message, hint and exit code."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Rejected(EngrossError):
    """The letter, a catalogue or the settings are not fit for what was asked; `problems` says why, all at once and each once."""

    def __init__(self, problems: Iterable[Problem], message: str = "", *, hint: str = "") -> None:
        self.problems = tuple(dict.fromkeys(problems))
        errors = sum(problem.is_error for problem in self.problems)
        super().__init__(message or f"{errors} error{'' if errors == 1 else 's'}", hint=hint)


class UsageError(EngrossError):
    """The command was asked for something that does not exist or cannot be."""

    exit_code = 2


class OutsideError(EngrossError):
    """A program, server or token outside failed or is missing."""

    exit_code = 3
