"""What `engross deliveries` can do: each action with the options that it needs and takes. Others are refused, so that nothing that somebody typed is passed over."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

WHICH = ("via", "language", "edition")
SHEET = ("dialled", "pages", "ok", "machine", "ecm")


@dataclass(frozen=True, slots=True)
class Action:
    """One action; options by the names of the command's parameters."""

    what: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


_DECIDED = ("to", "by", "reason")
ACTIONS = {
    "list": Action("what is known of each delivery; of many, how many are in which state and which need a person", takes=("to", *WHICH, "state", "everything", "json")),
    "init": Action("makes the ledger, once, before the officers sign"),
    "follow": Action("asks the fax servers what became of their jobs", takes=("everything", "json")),
    "import": Action("reads notices and answers that came back: .eml files, Maildir folders, mbox files", needs=("files",), takes=("json",)),
    "record": Action("enters what was done without the program; of a fax, what its confirmation sheet says", ("to", "via", "by", "evidence"), ("language", "edition", "reason", "address", "result", "at", *SHEET, "json")),
    "hold": Action("stops a delivery until its release; not once it is being submitted", _DECIDED, (*WHICH, "json")),
    "release": Action("lets a held delivery go", _DECIDED, (*WHICH, "json")),
    "cancel": Action("ends a delivery that was not submitted yet, or the job that a fax server has", _DECIDED, (*WHICH, "json")),
    "correct": Action("it went, or was to go, to a wrong address or number: --address is the right one; without it the recipient was wrong", _DECIDED, (*WHICH, "address", "json")),
    "resolve": Action("says what became of an uncertain delivery, or has one submitted again", (*_DECIDED, "decision"), (*WHICH, "evidence", "json")),
    "report": Action("writes a PDF for who has to say what was sent and what arrived", needs=("files",), takes=("language",)),
}  # fmt: skip
_OPTIONS = {"files": "FILES", "everything": "--all"}
_FILES = {"import": "FILES: what came back, as .eml files, a Maildir or an mbox", "report": "FILES: the PDF to write, for instance record.pdf"}


def option(name: str) -> str:
    """A parameter as it is typed."""
    return _OPTIONS.get(name, f"--{name}")


def fault(action: str, given: Collection[str]) -> str:
    """What is wrong with what was typed, in words; empty if nothing is.

    Args:
        action: as typed.
        given: names of the parameters that were given.
    """
    if action not in ACTIONS:
        close = difflib.get_close_matches(action, ACTIONS, 1, 0.5)
        return f"there is no {action!r}{f'; did you mean {close[0]!r}?' if close else ''} Actions: {', '.join(ACTIONS)}"
    known = ACTIONS[action]
    missing = [name for name in known.needs if name not in given]
    foreign = [name for name in given if name not in (*known.needs, *known.takes)]
    parts = [f"{action} needs {', '.join(_FILES[action] if name == 'files' else option(name) for name in missing)}"] if missing else []
    parts += [f"{action} takes no {_listed(foreign)}"] if foreign else []
    return "; ".join(parts)


def help_text() -> str:
    """The help of the command: a paragraph for each action."""
    lines = [
        f"[bold]{name}[/]: {one.what}." + (f" Needs {_listed(one.needs)}." if one.needs else "") + (f" Takes {_listed(one.takes)}." if one.takes else "")
        for name, one in ACTIONS.items()
    ]
    head = "What was sent and what is known of it; and what people know or decide."
    codes = "Exit codes: 0 done, 1 the ledger does not allow it or is not sound, 2 wrong usage, 3 a fax server or the database cannot be used, or has no such job."
    return "\n\n".join([head, *lines, codes])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(option, names))
