"""What stands in the way of signing, told all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

from engross.errors import EngrossError


class Several(EngrossError):
    """More than one error; the exit code is that of the first."""

    def __init__(self, errors: Sequence[EngrossError]) -> None:
        self.errors = tuple(errors)
        self.exit_code = errors[0].exit_code
        told = [error.message for error in errors]
        super().__init__("\n".join([f"{len(told)} things stand in the way of signing", *told]), hint="; ".join(dict.fromkeys(error.hint for error in errors if error.hint)))


@dataclass(slots=True)
class Faults:
    """Keeps the errors of `with` blocks until everything was looked at."""

    found: list[EngrossError] = field(default_factory=list)

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> bool:
        if not isinstance(error, EngrossError):
            return False
        self.found += error.errors if isinstance(error, Several) else (error,)
        return True

    def end(self) -> None:
        """Raise what was kept: one error as it is, several as one.

        Raises:
            EngrossError: there is something.
        """
        if self.found:
            raise self.found[0] if len(self.found) == 1 else Several(self.found)
