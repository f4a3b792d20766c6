"""The command line: thin; each command imports what it needs when it runs."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `engross` command."""
    from engross.cli.app import app
    from engross.cli.frame import run

    run(app)
