"""Mail-to-fax, and faxes fed by hand."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from engross.dispatch.fax import gateway, manual
from engross.dispatch.fax.gateway import Gateway
from engross.dispatch.fax.manual import Sheet
from engross.errors import EngrossError, UsageError
from engross.ledger import Kind, Status
from tests.fax_calls.deliveries import T0, clock, item, open_ledger, small_fax

NUMBER = "+12025550101"
PLACE = Gateway("{digits}@fax.example.org")


def mail(gate: Gateway = PLACE, number: str = NUMBER, data: bytes = b"") -> bytes:
    return gateway.message(gate, number, data or small_fax(), sender="office@example.org", name="letter.ko", token="<tag@example.org>", date=T0)


def test_a_gateway_gets_one_message_with_the_fax_and_nothing_to_print_besides() -> None:
    read = message_from_bytes(mail(), policy=policy.SMTP)
    assert read["To"] == "12025550101@fax.example.org"
    assert (read["From"], read["Message-ID"]) == ("office@example.org", "<tag@example.org>")
    (part,) = read.iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("image/tiff", "letter.ko.tif")
    assert part.get_content() == small_fax()
    assert [one.get_content_type() for one in read.walk()] == ["multipart/mixed", "image/tiff"]
    assert mail() == mail(), "the same bytes each time"
    assert b"\n" not in mail().replace(b"\r\n", b"")


def test_a_gateway_may_want_a_plus_a_subject_and_a_pdf() -> None:
    read = message_from_bytes(mail(Gateway("fax={number}@example.org", "account 1", pdf=True), data=b"%PDF-1.7"), policy=policy.SMTP)
    assert (read["To"], read["Subject"]) == ("fax=+12025550101@example.org", "account 1")
    assert next(read.iter_attachments()).get_filename() == "letter.ko.pdf"


@pytest.mark.parametrize(
    "pattern",
    ["fax@example.org", "{digits}{number}@example.org", "{digits}", "{digits}@fax.example.org, other@example.org", "{digits}@exa mple.org", "{digits}@\r\nBcc: x@example.org"],
)
def test_a_pattern_makes_one_address_or_none(pattern) -> None:
    with pytest.raises(UsageError):
        gateway.address(Gateway(pattern), NUMBER)


@pytest.mark.parametrize("number", ["", "12025550101", "+1-202-555-0101", "+1202@evil.example"])
def test_a_gateway_dials_only_numbers(number) -> None:
    with pytest.raises(UsageError, match="not a number"):
        gateway.address(PLACE, number)


def test_no_header_takes_a_line_break() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        mail(Gateway("{digits}@fax.example.org", "x\r\nBcc: other@example.org"))


SHEETS = [
    (Sheet(NUMBER, 3, ok=True, machine="MISSION", ecm=True), Status.ACKNOWLEDGED),
    (Sheet(NUMBER, 3, ok=True, machine="MISSION"), Status.ACCEPTED),
    (Sheet(NUMBER, 3, ok=True, ecm=True), Status.ACCEPTED),
    (Sheet(NUMBER, 3, ok=False, machine="MISSION", ecm=True), Status.PARTIAL),
    (Sheet(NUMBER, 2, ok=True, machine="MISSION", ecm=True), Status.PARTIAL),
    (Sheet(NUMBER, 0, ok=False), Status.FAILED),
]


@pytest.mark.parametrize(("sheet", "status"), SHEETS)
def test_a_confirmation_sheet_is_worth_what_stands_on_it(sheet, status, tmp_path: Path) -> None:
    delivery = item("by-hand", NUMBER).delivery
    with open_ledger(tmp_path) as ledger:
        ledger.plan({delivery: NUMBER}, clock(0)())
        state = manual.record(ledger, delivery, sheet, b"a scan", number=NUMBER, pages=3, by="clerk", occurred=T0 + timedelta(minutes=5), now=clock(1)())
        recorded = next(event for event in ledger.events(delivery) if event.kind is Kind.RECORDED)
        assert recorded.data["result"] == status.value
        assert ledger.objects.get(recorded.data["evidence"]["sha256"]) == b"a scan"
        assert f"{sheet.pages} of 3 pages" in recorded.data["note"]
        assert not state.attempts[0].automatic


def test_a_sheet_of_another_call_is_not_taken(tmp_path: Path) -> None:
    delivery = item("by-hand", NUMBER).delivery
    sheet = Sheet("+12025550102", 3, ok=True)
    with open_ledger(tmp_path) as ledger:
        with pytest.raises(EngrossError, match="the cover"):
            manual.record(ledger, delivery, sheet, b"a scan", number=NUMBER, pages=3, by="clerk", occurred=T0, now=T0)
        with pytest.raises(UsageError, match="confirmation sheet"):
            manual.record(ledger, delivery, SHEETS[0][0], b"", number=NUMBER, pages=3, by="clerk", occurred=T0, now=T0)


def test_what_to_do_at_the_machine_is_said_step_by_step() -> None:
    text = manual.instructions("output/fax/m.ko.pdf", NUMBER, "+1-202-555-0101", 7, item("m", NUMBER).delivery)
    for word in ("output/fax/m.ko.pdf", "7 pages", "Dial +12025550101", "+1-202-555-0101", "fine", "ECM", "confirmation sheet"):
        assert word in text
