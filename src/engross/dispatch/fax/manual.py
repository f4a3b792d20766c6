"""A fax fed by hand: what to print and dial, and afterwards what the machine's confirmation sheet says, entered by a person together with the sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engross.dispatch.fax.hfaxd import DIAL
from engross.errors import EngrossError, UsageError
from engross.ledger import Event, Kind, Ledger, State, Status
from engross.ledger.model import Delivery

HANDED_OUT = "handed out to be faxed by hand"
"""What a note says of a fax that somebody was told how to send."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A confirmation sheet, as a person reads it. Where the sheet is silent, the value stays empty: nothing is entered that was not seen."""

    number: str
    """As dialled."""
    pages: int
    """Reported as sent."""
    ok: bool
    """The sheet says so; machines write OK, SENT, RESULT OK."""
    machine: str = ""
    """What the other machine calls itself."""
    ecm: bool = False
    """The sheet shows ECM or EC."""
    seconds: int = 0


def instructions(pdf: str, number: str, printed: str, pages: int, delivery: Delivery) -> str:
    """What somebody at the machine has to do, line by line.

    Args:
        pdf: path of the PDF that has the fax's pixels.
        number: as it is dialled.
        printed: as it stands on the cover.
        pages: pages to feed, the cover counted.
        delivery: what is sent.
    """
    lines = [
        f"Fax by hand: {delivery}",
        f'  1. Print {pdf} at 100 % ("actual size"), {pages} page{"" if pages == 1 else "s"}, black on white.',
        f"  2. Set the machine to fine, text, error correction (ECM) on. Dial {number} (on the cover: {printed}).",
        "  3. Let the machine print its confirmation sheet, and keep it.",
        "  4. Scan the sheet and enter what it says; leave out --ok, --machine or --ecm where it does not say so:",
        f"     {entering(delivery.letter, delivery.recipient, delivery.packet, number, str(pages))}",
    ]
    return "\n".join(lines) + "\n"


def entering(letter: str, mission: str, language: str, number: str, pages: str) -> str:
    """The command by which a confirmation sheet is entered."""
    return f"engross deliveries {letter} record --to {mission} --via fax -l {language} --by ROLE --dialled {number} --pages {pages} --ok --machine NAME --ecm --evidence FILE"


def hand_out(ledger: Ledger, delivery: Delivery, now: datetime) -> None:
    """Note that somebody was told how to send it, once until something else happens to it."""
    if handed_out(ledger, delivery) is None:
        ledger.note(delivery, now=now, details={"what": HANDED_OUT})


def handed_out(ledger: Ledger, delivery: Delivery) -> Event | None:
    """The note that it was handed out, if nothing has become known of it since then."""
    for event in reversed(ledger.events(delivery)):
        if event.data.get("what") == HANDED_OUT:
            return event
        if event.kind is not Kind.NOTED:
            break
    return None


def result(sheet: Sheet, pages: int) -> Status:
    """What a sheet shows of a fax of `pages` pages: the same rule as for a server's records."""
    if sheet.pages >= pages > 0 and sheet.ok:
        return Status.ACKNOWLEDGED if sheet.machine and sheet.ecm else Status.ACCEPTED
    return Status.PARTIAL if sheet.pages else Status.FAILED


def record(ledger: Ledger, delivery: Delivery, sheet: Sheet, evidence: bytes, *, number: str, pages: int, by: str, occurred: datetime, now: datetime) -> State:
    """Enter a confirmation sheet, with the scanned sheet itself.

    Raises:
        UsageError: the number on the sheet is not a number, or there is no evidence.
        EngrossError: another number was dialled than the cover's: that is a correction, not this delivery.
        NotAllowed: the delivery is being submitted, or was cancelled.
    """
    if not evidence:
        raise UsageError("a fax by hand is entered with its confirmation sheet", hint="scan or photograph it")
    if not DIAL.match(sheet.number):
        raise UsageError(f"{sheet.number!r} is not a number as it is dialled", hint="write it internationally, with + and 7 to 15 digits")
    if sheet.number != number:
        raise EngrossError(f"the sheet says {sheet.number}, and the cover {number}", hint="if it went to a wrong number, use `engross deliveries correct`")
    note = f"{sheet.pages} of {pages} pages; {'OK' if sheet.ok else 'not OK'}; machine {sheet.machine or 'not named'}; {'ECM' if sheet.ecm else 'ECM not shown'}" + (
        f"; {sheet.seconds} s" if sheet.seconds else ""
    )
    return ledger.record(delivery, by=by, result=result(sheet, pages), occurred=occurred, evidence=ledger.objects.put(evidence), now=now, address=sheet.number, note=note)
