"""An empty Typer program with the same commands: the floor for starting."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


def nothing(letters: list[str] = typer.Argument(None)) -> None:
    """Do nothing."""


for name in ("check", "update", "status", "approve", "build", "init", "new", "send", "deliveries", "proof", "archive", "diff", "sign", "verify", "watch"):
    app.command(name)(nothing)
for group, names in {"catalog": ("export", "import", "purge", "glossary", "terms"), "language": ("add",), "review": ("export", "import")}.items():
    below = typer.Typer()
    app.add_typer(below, name=group)
    for name in names:
        below.command(name)(nothing)

if __name__ == "__main__":
    app()
