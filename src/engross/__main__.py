"""The program as a process of its own: `python -m engross`, and the command `engross`."""

from __future__ import annotations

from engross.cli import main


def program() -> None:
    """Run the command. After a build the process is over at once: its memory is left to the system, where clearing it up piece by piece would take 5 ms."""
    main()
    import os
    import sys

    from engross.cli import quick

    if quick.parse(sys.argv[1:], os.environ) is not None:
        _leave()


def _leave() -> None:
    """End this process as Python does, but for the clearing up; unless threads run, or what was said cannot be written: then Python knows what to say of it."""
    import atexit
    import os
    import sys

    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except (OSError, ValueError, AttributeError):
        return
    if "threading" not in sys.modules or sys.modules["threading"].active_count() == 1:
        atexit._run_exitfuncs()  # noqa: SLF001  as `multiprocessing` ends its processes
        os._exit(0)


if __name__ == "__main__":
    program()
