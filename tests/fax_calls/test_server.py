"""Deliveries over a real HylaFAX server: hfaxd, faxq and its conversion and counting of pages; only the modem is a fake one."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engross.dispatch import sending
from engross.dispatch.fax import follow, hfaxd, way
from engross.dispatch.fax.hfaxd import FaxServerError, Order, Server, Session
from engross.errors import EngrossError, OutsideError, UsageError
from engross.ledger import Channel, Kind, Ledger, State, Status
from tests.fax_calls.deliveries import LETTER, clock, item, open_ledger, small_fax
from tests.fax_calls.deliveries import hylafax as over_hylafax
from tests.fax_calls.hylafax import HylaFax, until


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path) as opened:
        yield opened


def send(ledger: Ledger, server: Server, recipient: str, number: str, pages: int = 1) -> State:
    one = item(recipient, number, pages=pages)
    sending.send([one], {Channel.FAX: over_hylafax(server, ledger)}, ledger, clock(0))
    state = ledger.state(one.delivery)
    assert state
    return state


def ended(ledger: Ledger, server: Server, state: State, hour: float = 1) -> State:
    """The state when the server has finished, polled like the program does."""
    tag = state.attempts[-1].token
    until(lambda: any(job.ended for job in hfaxd.find(server, tag)), 30, 0.1)
    return follow.follow(ledger, state.delivery, server, clock(hour)())


def last(ledger: Ledger, state: State, kind: Kind) -> dict:
    return dict([event for event in ledger.events(state.delivery) if event.kind is kind][-1].data)


def test_a_fax_is_handed_over_counted_and_acknowledged(ledger, hylafax, number) -> None:
    sent = send(ledger, hylafax.server, "done", number, pages=3)
    assert sent.status is Status.ACCEPTED, "taken by our server is not arrived"
    assert last(ledger, sent, Kind.CLAIMED)["from"] == "+1 202 555 0100"
    after = ended(ledger, hylafax.server, sent)
    assert after.status is Status.ACKNOWLEDGED
    seen = last(ledger, after, Kind.ACKNOWLEDGED)
    assert {key: seen[key] for key in ("number", "pages", "total", "csid", "csid_differs", "rate", "ecm", "dials")} == {
        "number": number, "pages": 3, "total": 3, "csid": "+1 202 555 0101", "csid_differs": 1, "rate": 14400, "ecm": 1, "dials": 1,
    }  # fmt: skip
    assert f"number:{number}\n".encode() in ledger.objects.get(seen["evidence"]["sha256"]), "the raw record is kept"
    assert b"SESSION BEGIN" in ledger.objects.get(seen["log"]["sha256"])
    assert follow.follow(ledger, after.delivery, hylafax.server, clock(2)()) == after, "what is known is not asked again"


class Forgetful(Session):
    """The server finds the record of the first `times` jobs newer than what it remembers of them, as it does when they are made just after a full second."""

    def __init__(self, server: HylaFax, times: int) -> None:
        super().__init__(server.server)
        self.spool, self.times = server.spool, times

    def _command(self, line: str, *, hidden: bool = False) -> str:
        reply = super()._command(line, hidden=hidden)
        if line == "JNEW" and self.times:
            self.times -= 1
            record = self.spool / "sendq" / f"q{reply.split('jobid: ')[1].split()[0]}"
            os.utime(record, (time.time() + 2, time.time() + 2))
        return reply


def test_a_server_that_forgets_what_it_was_told_of_a_job_is_told_once_more(hylafax, number) -> None:
    order = Order(small_fax(), number, "forgetful#1", "office")
    with Forgetful(hylafax, 1) as session:
        assert session.submit(session.prepare(order)).startswith("200")
        assert [one.number for one in session.find("forgetful#1")] == [number], "one job, and it knows whom to call"
    with Forgetful(hylafax, 9) as session, pytest.raises(FaxServerError, match="forgot what it was told") as refused:
        session.prepare(replace(order, tag="forgetful#2"))
    assert refused.value.temporary, "it goes better later"


FAILURES = [
    ("0111", Status.FAILED, "busy", 3),
    ("0112", Status.FAILED, "no-answer", 3),
    ("0113", Status.PARTIAL, "no-confirmation", 1),
    ("0114", Status.UNCERTAIN, "no-confirmation", 1),
]


@pytest.mark.parametrize(("end", "status", "cause", "dials"), FAILURES)
def test_what_goes_wrong_at_the_other_end_is_told_apart(ledger, hylafax, end, status, cause, dials) -> None:
    after = ended(ledger, hylafax.server, send(ledger, hylafax.server, f"end-{end}", f"+1202555{end}", pages=4))
    assert after.status is status
    seen = last(ledger, after, Kind(status.value))
    assert (seen["cause"], seen["dials"]) == (cause, dials)
    assert after.submissions == 1, "redials are the job's own, not attempts of ours"


def test_a_call_before_a_redial_is_noted(ledger, hylafax) -> None:
    (hylafax.world / "line-0131").touch()
    sent = send(ledger, hylafax.server, "again", "+12025550131")
    (job,) = until(lambda: [job for job in hfaxd.find(hylafax.server, sent.attempts[0].token) if job.state == "R"], 20, 0.05)
    waiting = replace(job, state="S", dials=1, tries=0, status="Busy signal detected")
    follow._note_call(ledger, sent, sent.attempts[0], waiting, hylafax.server, clock(1)())
    follow._note_call(ledger, sent, sent.attempts[0], waiting, hylafax.server, clock(1)())
    (hylafax.world / "line-0131").unlink()
    noted = [event.data for event in ledger.events(sent.delivery) if event.kind is Kind.NOTED]
    assert [(data["dials"], data["reason"]) for data in noted] == [(1, "Busy signal detected")]
    assert ended(ledger, hylafax.server, sent).status is Status.ACKNOWLEDGED


def test_a_call_can_be_ended_and_who_wanted_it_is_on_record(ledger, hylafax) -> None:
    (hylafax.world / "line-0132").touch()
    sent = send(ledger, hylafax.server, "stopped", "+12025550132")
    until(lambda: [number for _, number in hylafax.calls() if number == "+12025550132"])
    after = follow.cancel(ledger, sent.delivery, hylafax.server, by="clerk", reason="wrong edition", now=clock(1)())
    (hylafax.world / "line-0132").unlink()
    assert after.status is Status.FAILED
    assert last(ledger, after, Kind.FAILED)["cause"] == "cancelled"
    assert (last(ledger, after, Kind.NOTED)["by"], last(ledger, after, Kind.NOTED)["reason"]) == ("clerk", "wrong edition")
    with pytest.raises(OutsideError, match="no job"):
        follow.cancel(ledger, sent.delivery, hylafax.server, by="clerk", reason="again", now=clock(2)())


def test_a_server_that_restarts_in_mid_job_still_has_the_job(ledger, tmp_path, number) -> None:
    with HylaFax() as own:
        (own.world / f"line-{number[-4:]}").touch()
        sent = send(ledger, own.server, "restart", number)
        until(own.calls)
        own.kill("hfaxd", "faxq")
        with pytest.raises(FaxServerError):
            follow.follow(ledger, sent.delivery, own.server, clock(1)())
        assert ledger.state(sent.delivery) == sent, "a server that cannot be heard says nothing of the fax"
        (own.world / f"line-{number[-4:]}").unlink()
        own.start()
        after = ended(ledger, own.server, sent)
        assert after.status is Status.ACKNOWLEDGED
        assert {tag for tag, _ in own.calls()} == {sent.attempts[0].token}, "whoever called again, it was the same job"
        assert after.submissions == 1


def test_a_scheduler_that_is_down_defers_the_fax_and_nothing_goes_out_later(ledger, number) -> None:
    with HylaFax() as own:
        own.kill("faxq")
        sent = send(ledger, own.server, "down", number)
        assert (sent.status, sent.submissions) == (Status.DEFERRED, 0)
        own.start_queue()
        assert hfaxd.find(own.server, str(sent.delivery)) == []
        sending.send([item("down", number)], {Channel.FAX: hylafax_way(own, ledger)}, ledger, clock(1))
        again = ledger.state(sent.delivery)
        assert again
        assert ended(ledger, own.server, again, 2).status is Status.ACKNOWLEDGED
        assert len(own.calls()) == 1


def hylafax_way(server: HylaFax, ledger: Ledger) -> way.HylafaxWay:
    return over_hylafax(server.server, ledger)


def test_a_purged_queue_proves_nothing(ledger, hylafax, number) -> None:
    sent = send(ledger, hylafax.server, "purged", number)
    with Session(hylafax.server) as session:
        job = until(lambda: [job for job in session.find(sent.attempts[0].token) if job.ended], 90, 0.1)[0]
    (hylafax.spool / job.record).unlink()
    after = follow.follow(ledger, sent.delivery, hylafax.server, clock(1)())
    assert after.status is Status.UNCERTAIN
    assert "no longer knows" in after.reason
    assert not after.due(clock(100)()), "and so it does not go out again by itself"


def test_another_office_s_server_that_never_had_the_job_says_nothing_of_it(ledger, hylafax, number) -> None:
    sent = send(ledger, hylafax.server, "elsewhere", number)
    with HylaFax() as other:
        assert follow.follow_all(ledger, other.server, LETTER, clock(1)()) == [sent]
    assert ended(ledger, hylafax.server, sent).status is Status.ACKNOWLEDGED


def test_a_job_that_the_ledger_does_not_know_stops_the_attempt(ledger, hylafax, number, tmp_path) -> None:
    """The ledger was lost or rolled back, or another office sent the same."""
    with open_ledger(tmp_path / "other") as other:
        before = send(other, hylafax.server, "twice", number)
        ended(other, hylafax.server, before)
    after = send(ledger, hylafax.server, "twice", number)
    assert (after.status, after.submissions) == (Status.REFUSED, 0)
    assert before.attempts[0].token in after.reason
    assert sum(called == number for _, called in hylafax.calls()) == 1


def test_a_test_number_gets_everything_and_nothing_else_is_dialled(hylafax, number) -> None:
    one = item("redirected", number)
    redirected = replace(hylafax_way_for(hylafax), redirect="+12025550133")
    parcel = redirected.pack(one, clock(0)(), None)
    assert parcel.token.startswith("test:")
    assert redirected.submit(one, parcel, lambda: None).status is Status.ACCEPTED
    (job,) = until(lambda: [job for job in hfaxd.find(hylafax.server, parcel.token) if job.ended], 30, 0.1)
    assert job.number == "+12025550133"
    assert number not in {called for _, called in hylafax.calls()}


def hylafax_way_for(server: HylaFax) -> way.HylafaxWay:
    return way.HylafaxWay(server.server)


def test_nothing_is_handed_over_on_a_claim_that_is_over(hylafax, number) -> None:
    one = item("stale", number)
    out = way.HylafaxWay(hylafax.server)

    def over() -> None:
        raise EngrossError("the claim is over")

    with pytest.raises(EngrossError, match="over"):
        out.submit(one, out.pack(one, clock(0)(), None), over)
    assert hfaxd.find(hylafax.server, way.prefix(one.delivery)) == []


@pytest.mark.parametrize("wrong", ["", "+1", "12025550101", "+1202555010A", "+1 202 555 0101", "+12025550101,9", "+12025550101\r\nJSUBM 1", "+1234567890123456", "＋12025550101"])
def test_only_a_number_is_dialled(wrong, hylafax) -> None:
    with pytest.raises(UsageError, match="not a number to dial"):
        way.checked_fax(item("wrong", wrong))
    with Session(hylafax.server) as session, pytest.raises(UsageError, match="not a number to dial"):
        session.prepare(Order(small_fax(), wrong, "letter#1", "Office"))


def test_the_number_dialled_is_the_one_on_the_cover(number) -> None:
    with pytest.raises(EngrossError, match="its cover says"):
        way.checked_fax(item("cover", number, cover="+12025550134"))


@pytest.mark.parametrize("evil", ['x"\r\nJKILL 1', "x\0", "naïve"])
def test_no_text_ends_a_command(evil, hylafax) -> None:
    with Session(hylafax.server) as session, pytest.raises(UsageError, match="cannot be told"):
        session.prepare(Order(small_fax(), "+12025550101", "letter#1", evil))


def test_clear_text_stays_on_this_machine() -> None:
    with pytest.raises(UsageError, match="clear text"):
        Session(Server(host="192.0.2.1"))
    assert hfaxd.checked(Server(host="192.0.2.1", tunnel=True)).tunnel
    assert "secret" not in repr(Server(password="secret"))


@contextmanager
def pretender(answer: Callable[[socket.socket], None]) -> Iterator[Server]:
    """Something on a port that is no fax server; `answer` gets one connection after another."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Server(port=listening.getsockname()[1], timeout=0.3)
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def hangs_up(connection: socket.socket) -> None:
    connection.sendall(b"220 ready.\r\n")


def full(connection: socket.socket) -> None:
    connection.sendall(b"421 Too many connections.\r\n")


def other_program(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH\r\n" + b"x" * 100_000 + b"\r\n")


def stranger(connection: socket.socket) -> None:
    connection.sendall(b"220 ready.\r\n331 Password.\r\n530 Login incorrect.\r\n")
    while connection.recv(1000):
        pass


@pytest.mark.parametrize("answer", [silent, hangs_up, full, other_program, stranger])
def test_a_server_out_of_order_defers_the_fax_and_says_why(answer, ledger, number) -> None:
    with pretender(answer) as server:
        sent = send(ledger, server, "nobody", number)
    assert (sent.status, sent.submissions) == (Status.DEFERRED, 0)
    assert "fax server 127.0.0.1" in sent.reason


def test_a_server_that_is_lost_in_the_last_step_leaves_the_fax_uncertain(ledger, number) -> None:
    with HylaFax() as own:
        one = item("lost", number)
        out = hylafax_way(own, ledger)
        ledger.plan({one.delivery: number}, clock(0)())
        parcel = out.pack(one, clock(0)(), None)
        outcome = out.submit(one, parcel, lambda: own.kill("hfaxd"))
        assert outcome.status is Status.UNCERTAIN
        own.start_protocol()
        assert hfaxd.find(own.server, parcel.token) == []


def test_a_deferred_fax_is_found_in_the_letter_and_followed_with_the_others(ledger, hylafax, number) -> None:
    sent = send(ledger, hylafax.server, "all", number)
    until(lambda: any(job.ended for job in hfaxd.find(hylafax.server, sent.attempts[0].token)), 30, 0.1)
    told: list[tuple[str, int, int]] = []
    assert [state.status for state in follow.follow_all(ledger, hylafax.server, LETTER, clock(1)(), lambda *step: told.append(step))] == [Status.ACKNOWLEDGED]
    assert told == [(f"asking about {sent.delivery.recipient} {sent.delivery.packet}", 0, 1)]
    assert follow.follow_all(ledger, hylafax.server, LETTER, clock(2)()) == []
