"""An empty Typer program with the same commands: the floor for starting."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


def nothing(letters: list[str] = typer.Argument(None)) -> None:
    """Do nothing."""


for name in ("check", "update", "status", "approve", "build", "init", "new", "proof", "catalog", "language"):
    app.command(name)(nothing)

if __name__ == "__main__":
    app()
