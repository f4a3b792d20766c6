"""The command line: thin; each command imports what it needs when it runs."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `engross` command."""
    from engross.cli import frame
    from engross.cli.room import roomily

    roomily(frame.run, _run)


def _run() -> None:
    """A plain `build` is begun without the library of the command line: see `quick`."""
    import os
    import sys

    from engross import recall
    from engross.cli import quick

    values = quick.parse(sys.argv[1:], os.environ)
    seen = recall.Seen()
    if values is None:
        from engross.cli.app import app

        app(standalone_mode=True)
    elif not quick.recalled(values, seen):
        import gc

        gc.disable()  # what is read stays until the end, so looking for what can go costs time and finds nothing
        try:
            from engross.cli import building

            building.build(values, seen)
        finally:
            gc.freeze()  # nor is it looked through when the process ends, which would take 40 ms
            gc.enable()
