"""`engross build` without the library of the command line, which takes longer to load than a build with nothing to do takes.

What is written the plain way is read here; everything else, and every mistake, is left to the full command line, so that there is one voice for it.
A test holds the two to each other.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from engross import recall
from engross.cli import frame

_LISTS = {"-l": "languages", "--language": "languages", "-f": "formats", "--format": "formats", "--leave-out": "leave_out"}
_TEXTS = {"--paper": "paper", "-j": "jobs", "--jobs": "jobs"}
DECIDING = ("letters", "languages", "formats", "leave_out", "official", "paper")
PAPERS = ("a4", "letter")


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any] | None:
    """The arguments of `build` by the names its function has for them, or None: let the full command line look."""
    if not arguments or arguments[0] != "build" or any(name.startswith("_ENGROSS") for name in environment):
        return None
    found: dict[str, Any] = {"letters": [], "languages": [], "formats": [], "official": False, "paper": "", "leave_out": [], "jobs": 0}
    given: set[str] = set()
    rest = iter(arguments[1:])
    for word in rest:
        option, equals, value = word.partition("=")
        if not word.startswith("-"):
            found["letters"].append(word)
        elif word == "--official":
            found["official"] = True
        elif option in _LISTS or option in _TEXTS:
            if equals and not option.startswith("--"):
                return None
            value = value if equals else next(rest, "")
            name = _LISTS.get(option) or _TEXTS[option]
            if not value or value.startswith("-") or name in given:
                return None
            if option in _LISTS:
                found[name].append(value)
            else:
                given.add(name)
                found[name] = value
        else:
            return None
    return _checked(found) if "" not in found["letters"] else None


def _checked(found: dict[str, Any]) -> dict[str, Any] | None:
    if found["paper"] and found["paper"] not in PAPERS:
        return None
    if found["jobs"]:
        if not (found["jobs"].isascii() and found["jobs"].isdecimal() and len(found["jobs"]) < 4):
            return None
        found["jobs"] = int(found["jobs"])
    return found


def key(values: Mapping[str, Any]) -> list[object]:
    """What decides the files that a build makes, of what is asked: all but the number of processes."""
    return [list(value) if isinstance(value := values[name], (list, tuple)) else value for name in DECIDING]


def recalled(values: Mapping[str, Any], seen: recall.Seen) -> bool:
    """Say what the last such build said, if nothing has changed since; whether that was so. `seen` gets what was looked at."""
    lines = recall.answer(".", key(values), os.environ, seen)
    for stream, text in lines or ():
        frame.show(stream, text)
    return lines is not None
