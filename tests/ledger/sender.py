"""A sender in a process of its own: it claims, submits and records every delivery that is due, and may die at any failpoint.

The file `world` stands for the world outside: it gets one line for each submission.
"""

from __future__ import annotations

import os
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import sqlalchemy.dialects.postgresql.psycopg
import sqlalchemy.dialects.sqlite  # noqa: F401 - loaded once, before the processes part

import engross.ledger.database  # noqa: F401
from engross.files import FAILPOINT_VARIABLE, failpoint
from engross.ledger import Channel, Delivery, Ledger, NotAllowed, Status
from tests.ledger.facts import HOUR, T0

DELIVERIES = {Delivery("l", 1, f"mission-{n:02}", Channel.FAX, "en"): f"+120255501{n:02}" for n in range(8)}


def send_all(where: str, folder: Path, owner: str, hour: int, count: int, crash_at: str, start: Barrier | None, told: Connection | None) -> None:
    """One run of the program. `start` lets several begin at the same moment; `told` hears of each submission, and says when to go on."""
    if crash_at:  # in a process of its own: the tests' environment stays as it is
        os.environ[FAILPOINT_VARIABLE] = crash_at
    now = T0 + hour * HOUR
    wanted = dict(list(DELIVERIES.items())[:count])
    outside = os.open(folder / "world", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Ledger.open(where, offices=2 if "://" in where else 1, now=now, folder=folder) as ledger:
        if start:
            start.wait(20)
        ledger.plan(wanted, now)
        for delivery in wanted:
            _send(ledger, delivery, owner, now, outside, told)
        ledger.expire(now)


def _send(ledger: Ledger, delivery: Delivery, owner: str, now, outside: int, told: Connection | None) -> None:
    payload = ledger.objects.put(f"fax for {delivery.recipient}".encode())
    try:
        claim = ledger.claim(delivery, owner=owner, until=now + timedelta(minutes=30), token=f"tag {owner} {delivery}", payload=payload, now=now)
        ledger.commit(claim, now=now)
    except NotAllowed:
        return
    failpoint("before-submission")
    os.write(outside, f"{delivery} {owner}\n".encode())
    if told:
        told.send(str(delivery))
        told.recv()
    failpoint("after-submission")
    ledger.outcome(claim, Status.ACCEPTED, now=now, reason="queued")
