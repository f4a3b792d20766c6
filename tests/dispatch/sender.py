"""A run of the program in a process of its own, which may die at a failpoint or be killed."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import sqlalchemy.dialects.sqlite  # noqa: F401 - loaded once, before the processes part

import engross.ledger.database  # noqa: F401
from engross.dispatch import sending
from engross.files import FAILPOINT_VARIABLE
from engross.ledger import Channel
from tests.dispatch.facts import PlainWay, item, open_ledger

NAMES = ("new-york", "geneva")


def run(folder: Path, port: int, now: datetime, crash_at: str, names: tuple[str, ...] = NAMES) -> None:
    if crash_at:  # in a process of its own: the tests' environment stays as it is
        os.environ[FAILPOINT_VARIABLE] = crash_at
    with open_ledger(folder) as ledger:
        sending.send([item(name, port) for name in names], {Channel.EMAIL: PlainWay()}, ledger, lambda: now)
