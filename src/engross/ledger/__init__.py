"""The delivery record: what was to be sent, what was tried, and what was observed. Events are appended and never changed.

`Ledger` is what senders and commands use; `states` has the rules, `chain` the hashes, `database` the table. Importing this loads no database library.
"""

from __future__ import annotations

from engross.ledger.chain import Fault
from engross.ledger.ledger import Ledger
from engross.ledger.model import (
    MAIL,
    Attempt,
    Channel,
    Claim,
    Decision,
    Delivery,
    Event,
    Head,
    Kind,
    LedgerError,
    Missing,
    NotAllowed,
    Stale,
    State,
    Status,
    Stored,
)
from engross.ledger.objects import Objects

__all__ = [
    "MAIL",
    "Attempt",
    "Channel",
    "Claim",
    "Decision",
    "Delivery",
    "Event",
    "Fault",
    "Head",
    "Kind",
    "Ledger",
    "LedgerError",
    "Missing",
    "NotAllowed",
    "Objects",
    "Stale",
    "State",
    "Status",
    "Stored",
]
