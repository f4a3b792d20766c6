"""What a server does, and what the ledger says of it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from engross.dispatch import sending
from engross.dispatch.email.smtp import Login
from engross.errors import EngrossError, UsageError
from engross.ledger import Channel, Decision, Ledger, Status
from tests.dispatch.facts import HOUR, PASSWORD, T0, PlainWay, item, office
from tests.dispatch.fake_server import Script

Fake = Callable[[Script], int]
TEST = {Channel.EMAIL: "test@example.org"}


def send(ledger: Ledger, port: int, *names: str, at=T0, way=None, **options) -> list[sending.Result]:
    return sending.send([item(name, port) for name in names], {Channel.EMAIL: way or PlainWay()}, ledger, lambda: at, **options)


def taken(folder: Path) -> list[str]:
    world = folder / "world"
    return [line.split()[0] for line in world.read_text().splitlines()] if world.exists() else []


@pytest.mark.parametrize(
    ("script", "status", "words", "count"),
    [
        (Script(), "accepted", "queued as 4711", 1),
        (Script({"CONNECT": "421 4.3.2 come later"}), "deferred", "421", 0),
        (Script({"CONNECT": "554 5.3.2 no service"}), "deferred", "554", 0),
        (Script({"MAIL": "450 4.7.1 slow down"}), "deferred", "450", 0),
        (Script({"MAIL": "550 5.7.1 not you"}), "refused", "550", 0),
        (Script({"RCPT": "450 4.2.0 greylisted, come back in 5 minutes"}), "deferred", "greylisted", 0),
        (Script({"RCPT": "550 5.1.1 nobody of that name"}), "refused", "nobody", 0),
        (Script({"DATA": "451 4.3.0 no room"}), "deferred", "451", 0),
        (Script({"DATA": "554 5.7.1 no"}), "refused", "554", 0),
        (Script({"DOT": "451 4.7.1 not now"}), "deferred", "451", 0),
        (Script({"DOT": "552 5.3.4 too much"}), "refused", "552", 0),
        (Script(features=("SIZE 10",)), "refused", "takes 10", 0),
        (Script({"EHLO": ""}), "deferred", "connecting", 0),
        (Script({"RCPT": ""}), "deferred", "naming the recipient", 0),
        (Script(drop_in_data=True), "deferred", "sending the message", 0),
        (Script({"DOT": ""}), "uncertain", "waiting for the answer", 0),
        (Script({"DOT": ""}, take_before_drop=True), "uncertain", "waiting for the answer", 1),
        (Script(silent_after_dot=True), "uncertain", "waiting for the answer", 1),
        (Script({"DOT": "299 what"}), "uncertain", "299", 0),
        (Script(features=()), "accepted", "queued", 1),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_each_way_to_fail_has_its_state(fake: Fake, ledger: Ledger, tmp_path: Path, script: Script, status: str, words: str, count: int) -> None:
    (result,) = send(ledger, fake(script), "new-york", way=PlainWay(timeout_dot=0.3, padding=20_000_000 if script.drop_in_data else 0))
    assert result.status == status
    assert words in result.reason
    (state,) = ledger.deliveries()
    assert state.status.value == status
    assert len(taken(tmp_path)) == count
    assert ledger.verify() == []


def test_one_that_may_have_arrived_is_not_sent_again(fake: Fake, ledger: Ledger, tmp_path: Path) -> None:
    send(ledger, fake(Script(silent_after_dot=True)), "new-york", way=PlainWay(timeout_dot=0.2))
    good = fake(Script())
    (result,) = send(ledger, good, "new-york", at=T0 + 48 * HOUR)
    assert result.status == "uncertain"
    assert "a person decides" in result.reason
    assert not result.tried
    ledger.resolve(ledger.deliveries()[0].delivery, Decision.AGAIN, by="clerk", reason="they have not got it", now=T0 + 48 * HOUR)
    (result,) = send(ledger, good, "new-york", at=T0 + 49 * HOUR)
    assert result.status == "accepted"
    assert taken(tmp_path) == ["new-york@example.org", "new-york@example.org"]


def test_a_greylisted_message_is_the_same_message_when_it_comes_back(fake: Fake, ledger: Ledger) -> None:
    send(ledger, fake(Script({"RCPT": "450 4.2.0 greylisted"})), "new-york")
    (early,) = send(ledger, fake(Script()), "new-york", at=T0 + HOUR / 60)
    assert early.status == "deferred"
    assert not early.tried
    (result,) = send(ledger, fake(Script()), "new-york", at=T0 + HOUR)
    assert result.status == "accepted"
    first, second = ledger.deliveries()[0].attempts
    assert (first.token, first.payload) == (second.token, second.payload)
    envids = [event.data["envid"] for event in ledger.events() if event.kind.value == "claimed"]
    assert len(envids) == len(set(envids)) == 2


def test_one_refusal_leaves_the_other_mission_alone(fake: Fake, ledger: Ledger, tmp_path: Path) -> None:
    port = fake(Script({"RCPT new-york@example.org": "550 5.1.1 unknown"}))
    assert [result.status for result in send(ledger, port, "new-york", "geneva")] == ["refused", "accepted"]
    assert taken(tmp_path) == ["geneva@example.org"]


def test_nothing_more_is_tried_on_a_server_that_is_out_of_order(fake: Fake, ledger: Ledger) -> None:
    results = send(ledger, fake(Script({"CONNECT": "421 closed"})), "new-york", "geneva")
    assert [(result.status, result.tried) for result in results] == [("deferred", True), ("planned", False)]


@pytest.mark.parametrize("name", ["wrong", "selfmade"])
def test_a_certificate_of_somebody_else_gets_nothing(fake: Fake, ledger: Ledger, tmp_path: Path, keys: Path, name: str) -> None:
    port = fake(Script(certificate=str(keys / ("wrong.both" if name == "wrong" else "server.both"))))
    ca = {"ca": str(keys / "root.pem")} if name == "wrong" else {}
    sent = item("new-york", port, office=office(port, "tls", **ca))
    (result,) = sending.send([sent], {Channel.EMAIL: PlainWay()}, ledger, lambda: T0)
    assert result.status == "deferred"
    assert "certificate is not valid" in result.reason
    assert taken(tmp_path) == []


def test_tls_from_the_first_byte(fake: Fake, ledger: Ledger, keys: Path) -> None:
    port = fake(Script(certificate=str(keys / "server.both")))
    sent = item("new-york", port, office=office(port, "tls", ca=str(keys / "root.pem")))
    (result,) = sending.send([sent], {Channel.EMAIL: PlainWay()}, ledger, lambda: T0)
    assert result.status == "accepted"
    assert any(str(event.data.get("tls", "")).startswith("TLSv1.") for event in ledger.events())


def test_no_encryption_offered_means_nothing_sent(fake: Fake, ledger: Ledger, tmp_path: Path) -> None:
    port = fake(Script())
    (result,) = sending.send([item("new-york", port, office=office(port, "starttls"))], {Channel.EMAIL: PlainWay()}, ledger, lambda: T0)
    assert (result.status, taken(tmp_path)) == ("deferred", [])
    assert "clear text" in result.reason


@pytest.mark.parametrize("login", [Login("user", PASSWORD), Login("user", token=PASSWORD)], ids=["password", "token"])
def test_a_server_that_repeats_the_secret_does_not_put_it_on_record(fake: Fake, ledger: Ledger, login: Login, tmp_path: Path) -> None:
    port = fake(Script({"AUTH": "echo"}, features=("AUTH PLAIN XOAUTH2",)))
    (result,) = send(ledger, port, "new-york", way=PlainWay(login))
    assert result.status == "deferred"
    assert "[secret]" in result.reason
    everything = "".join(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()) + repr(result) + repr(login)
    for secret in login.secrets:
        assert secret not in everything


def test_nobody_is_written_to_at_night_when_hours_are_kept(fake: Fake, ledger: Ledger, tmp_path: Path) -> None:
    port = fake(Script())
    (result,) = send(ledger, port, "new-york", at=T0 - 8 * HOUR, in_hours=True)
    assert "run again after 2018-06-06T09:00:00-04:00" in result.reason
    assert taken(tmp_path) == []
    (result,) = send(ledger, port, "new-york", in_hours=True)
    assert result.status == "accepted"


@pytest.mark.parametrize("act", ["hold", "cancel"])
def test_what_a_person_stopped_stays(fake: Fake, ledger: Ledger, tmp_path: Path, act: str) -> None:
    port = fake(Script())
    one = item("new-york", port)
    ledger.plan({one.delivery: one.address}, T0)
    getattr(ledger, act)(one.delivery, by="clerk", reason="wait for the minister", now=T0)
    (result,) = send(ledger, port, "new-york", "geneva")[:1]
    assert result.reason == "wait for the minister"
    assert taken(tmp_path) == ["geneva@example.org"]


def test_a_person_may_stop_it_while_the_message_is_on_the_line(fake: Fake, ledger: Ledger, tmp_path: Path) -> None:
    port = fake(Script())

    class Slow(PlainWay):
        def submit(self, item, parcel, commit):
            ledger.cancel(item.delivery, by="clerk", reason="stop", now=T0)
            return super().submit(item, parcel, commit)

    (result,) = send(ledger, port, "new-york", way=Slow())
    assert result.status == "not sent"
    assert taken(tmp_path) == []
    assert ledger.deliveries()[0].status is Status.CANCELLED


def test_a_test_sending_occupies_nothing(fake: Fake, ledger: Ledger) -> None:
    (result,) = sending.rehearse([item("new-york", fake(Script()))], {Channel.EMAIL: PlainWay()}, lambda: T0, redirect=TEST)
    assert result.status == "accepted"
    assert ledger.deliveries() == []


def test_a_corrected_address_gets_it_once_more(fake: Fake, ledger: Ledger, tmp_path: Path) -> None:
    port = fake(Script())
    send(ledger, port, "new-york")
    delivery = ledger.deliveries()[0].delivery
    ledger.correct(delivery, by="clerk", reason="a typing error", now=T0, address="right@example.org")
    right = replace(item("new-york", port), address="right@example.org")
    (result,) = sending.send([right], {Channel.EMAIL: PlainWay()}, ledger, lambda: T0 + HOUR)
    assert result.status == "accepted"
    assert taken(tmp_path) == ["new-york@example.org", "right@example.org"]
    assert send(ledger, port, "new-york", at=T0 + 2 * HOUR)[0].tried is False


def test_where_everything_goes_instead() -> None:
    assert sending.redirection({}) == {}
    assert sending.redirection({"ENGROSS_DELIVER_TO": "test@example.org, +12025550100"}) == {Channel.EMAIL: "test@example.org", Channel.FAX: "+12025550100"}
    for wrong in ("", "2025550100", "a@example.org,b@example.org", "fax"):
        with pytest.raises(UsageError):
            sending.redirection({"ENGROSS_DELIVER_TO": wrong})


def test_the_embargo_is_kept_to_the_second_by_whoever_sends(fake: Fake, ledger: Ledger, tmp_path: Path) -> None:
    port = fake(Script())
    late = item("new-york", port, embargo=T0)
    early = T0 - timedelta(seconds=1)
    with pytest.raises(EngrossError, match="under embargo until 2018-06-06T14:00:00"):
        sending.send([item("geneva", port), late], {Channel.EMAIL: PlainWay()}, ledger, lambda: early)
    with pytest.raises(EngrossError, match="under embargo"):
        sending.rehearse([late], {Channel.EMAIL: PlainWay()}, lambda: early, redirect=TEST)
    assert taken(tmp_path) == []
    assert ledger.deliveries() == []
    assert [result.status for result in sending.send([late], {Channel.EMAIL: PlainWay()}, ledger, lambda: T0)] == ["accepted"]
