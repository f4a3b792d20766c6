"""What senders and people do with the ledger, on a real file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engross.errors import EngrossError
from engross.ledger import Channel, Claim, Decision, Delivery, Kind, Ledger, LedgerError, NotAllowed, Stale, Status, Stored
from tests.ledger.facts import FAX, GENEVA, HOUR, MAIL, NUMBER, OTHER_NUMBER, T0, open_ledger


def claim(ledger: Ledger, delivery: Delivery = FAX, owner: str = "a", now=T0) -> Claim:
    return ledger.claim(
        delivery, owner=owner, until=now + HOUR, token=f"<{owner}@example.org>", payload=ledger.objects.put(b"the fax"), now=now, details={"envid": f"envid-{owner}"}
    )


def test_a_delivery_from_plan_to_answer(ledger: Ledger, tmp_path: Path) -> None:
    (planned,) = ledger.plan({FAX: NUMBER}, T0, {"office": "seoul"})
    assert planned.due(T0)
    mine = claim(ledger)
    assert (mine.attempt, mine.address, ledger.objects.get(mine.payload.digest)) == (1, NUMBER, b"the fax")
    ledger.commit(mine, now=T0)
    ledger.outcome(mine, Status.ACCEPTED, now=T0, details={"reply": "250 queued"})
    ledger.observe(FAX, 1, Status.ACKNOWLEDGED, now=T0 + HOUR, details={"pages": 4, "csid": "\x1b[31m+1 202"}, evidence=ledger.objects.put(b"q17"))
    with open_ledger(tmp_path, create=False) as again:
        assert again.identity == ledger.identity
        assert again.state(FAX) == ledger.state(FAX)
        assert [event.kind.value for event in again.events(FAX)] == ["planned", "claimed", "committing", "accepted", "acknowledged"]
        assert again.events(FAX)[-1].data["csid"] == "\x1b[31m+1 202", "what a machine says is kept as it came"
        assert again.verify(ledger.identity, ledger.head()) == []
        assert again.deliveries("2018-06-06-dprk") == [again.state(FAX)]
        assert again.deliveries("2018-06-06") == []


def test_planning_again_changes_nothing_and_another_address_is_refused(ledger: Ledger) -> None:
    ledger.plan({FAX: NUMBER}, T0)
    head = ledger.head()
    ledger.plan({FAX: NUMBER}, T0 + HOUR)
    assert ledger.head() == head
    with pytest.raises(NotAllowed, match="is known with"):
        ledger.plan({GENEVA: OTHER_NUMBER, FAX: OTHER_NUMBER}, T0)
    assert ledger.head() == head, "a plan is entered as a whole or not at all"


@pytest.mark.parametrize(("one", "other"), [("+1 202-555-0143", "+12025550143"), ("Desk@Example.org", "desk@example.org")])
def test_one_address_under_two_recipients_waits_for_a_person(ledger: Ledger, one: str, other: str) -> None:
    channel, packet = (Channel.EMAIL, "mail") if "@" in one else (Channel.FAX, "en")
    here, there = (Delivery("l", 1, name, channel, packet) for name in ("new-york", "geneva"))
    ledger.plan({here: one}, T0)
    ledger.plan({there: other}, T0)
    states = ledger.deliveries("l")
    assert [s.status for s in states] == [Status.HELD, Status.HELD]
    assert states[0].reason == "the same number or address as geneva"
    ledger.release(here, by="clerk", reason="one machine for both", now=T0)
    third = Delivery("l", 1, "vienna", channel, packet)
    ledger.plan({third: one}, T0)
    assert {s.delivery.recipient: s.status for s in ledger.deliveries("l")} == {"new-york": Status.PLANNED, "geneva": Status.HELD, "vienna": Status.HELD}


def test_one_mission_may_get_two_languages_another_edition_and_a_corrected_number(ledger: Ledger) -> None:
    korean, second = Delivery(FAX.letter, 1, FAX.recipient, Channel.FAX, "ko"), Delivery(FAX.letter, 2, "geneva", Channel.FAX, "en")
    states = ledger.plan({FAX: NUMBER, korean: NUMBER, second: NUMBER, GENEVA: OTHER_NUMBER}, T0)
    assert {s.status for s in states} == {Status.PLANNED}
    assert ledger.correct(GENEVA, by="clerk", reason="typing error", address=NUMBER, now=T0).status is Status.HELD
    assert ledger.state(FAX).status is Status.HELD  # type: ignore[union-attr]
    assert ledger.correct(GENEVA, by="clerk", reason="not for them", now=T0).status is Status.CORRECTED


def test_a_stale_owner_that_wakes_up_is_refused(ledger: Ledger) -> None:
    ledger.plan({FAX: NUMBER}, T0)
    old = claim(ledger, owner="a")
    with pytest.raises(NotAllowed):
        claim(ledger, owner="b", now=T0 + HOUR / 2)
    new = claim(ledger, owner="b", now=T0 + HOUR)
    with pytest.raises(Stale):
        ledger.commit(old, now=T0)
    with pytest.raises(Stale):
        ledger.outcome(old, Status.REFUSED, now=T0)
    assert ledger.commit(new, now=T0 + HOUR).status is Status.COMMITTING
    with pytest.raises(Stale):
        ledger.commit(new, now=T0 + HOUR)


def test_a_submission_without_outcome_becomes_uncertain_and_is_never_repeated(ledger: Ledger) -> None:
    ledger.plan({FAX: NUMBER, MAIL: "desk@example.org"}, T0)
    mine, other = claim(ledger), claim(ledger, MAIL)
    ledger.commit(mine, now=T0)
    ledger.commit(other, now=T0, until=T0 + 9 * HOUR)
    assert ledger.expire(T0) == []
    with pytest.raises(NotAllowed, match="had no outcome"):
        claim(ledger, owner="b", now=T0 + 2 * HOUR)
    assert ledger.state(FAX).status is Status.UNCERTAIN  # type: ignore[union-attr]
    assert [s.delivery for s in ledger.expire(T0 + 9 * HOUR, FAX.letter)] == [MAIL]
    assert ledger.expire(T0 + 9 * HOUR) == []
    with pytest.raises(NotAllowed):
        claim(ledger, owner="b", now=T0 + 99 * HOUR)
    assert ledger.observe(FAX, 1, Status.ACCEPTED, now=T0 + 3 * HOUR, details={"job": 17}).status is Status.ACCEPTED
    ledger.resolve(MAIL, Decision.AGAIN, by="clerk", reason="they have nothing", now=T0 + 9 * HOUR)
    second = claim(ledger, MAIL, now=T0 + 9 * HOUR)
    assert (second.attempt, ledger.commit(second, now=T0 + 9 * HOUR).submissions) == (2, 2)


def test_what_an_owner_says_too_late_is_kept_and_only_good_news_settles(ledger: Ledger) -> None:
    ledger.plan({FAX: NUMBER}, T0)
    mine = claim(ledger)
    ledger.commit(mine, now=T0)
    ledger.expire(T0 + HOUR)
    late = ledger.outcome(mine, Status.DEFERRED, now=T0 + 2 * HOUR, until=T0 + 3 * HOUR, reason="451 later")
    assert late.status is Status.UNCERTAIN, "an absence resolves nothing by itself"
    assert (ledger.events(FAX)[-1].kind, ledger.events(FAX)[-1].data["late"]) == (Kind.NOTED, "deferred")
    assert ledger.outcome(mine, Status.ACCEPTED, now=T0 + 2 * HOUR, reason="250 ok").status is Status.ACCEPTED


def test_saying_the_same_twice_records_it_once(ledger: Ledger) -> None:
    ledger.plan({FAX: NUMBER}, T0)
    mine = claim(ledger)
    assert claim(ledger) == mine, "the answer to the first one may have been lost"
    ledger.commit(mine, now=T0)
    for _ in range(2):
        ledger.outcome(mine, Status.ACCEPTED, now=T0, details={"reply": "250"})
    assert ledger.state(FAX).events == 4  # type: ignore[union-attr]
    ledger.outcome(mine, Status.ACCEPTED, now=T0, details={"reply": "another"})
    assert ledger.state(FAX).events == 5  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="says until when"):
        ledger.outcome(mine, Status.DEFERRED, now=T0)


def test_deliveries_by_hand_are_recorded_with_their_evidence(ledger: Ledger) -> None:
    by_hand = Delivery(FAX.letter, 1, "geneva", Channel.HAND, "original")
    receipt = ledger.objects.put(b"receipt")
    done = ledger.record(by_hand, by="clerk", result=Status.ACKNOWLEDGED, occurred=T0, evidence=receipt, now=T0 + HOUR, note="stamped at the desk")
    assert (done.status, done.attempts[0].automatic) == (Status.ACKNOWLEDGED, False)
    assert Stored.read(ledger.events(by_hand)[0].data["evidence"]) == receipt
    with pytest.raises(NotAllowed):
        claim(ledger, by_hand)
    assert ledger.note(by_hand, now=T0, details={"from": "desk@example.org"}).status is Status.ACKNOWLEDGED


def test_holding_releasing_and_cancelling(ledger: Ledger) -> None:
    ledger.plan({FAX: NUMBER}, T0)
    mine = claim(ledger)
    ledger.hold(FAX, by="clerk", reason="wait", now=T0)
    with pytest.raises(Stale):
        ledger.commit(mine, now=T0)
    ledger.release(FAX, by="clerk", reason="go", now=T0)
    assert ledger.cancel(FAX, by="clerk", reason="withdrawn", now=T0).reason == "withdrawn"
    with pytest.raises(NotAllowed):
        claim(ledger, owner="b")


def test_nothing_is_claimed_without_its_bytes_or_before_it_is_planned(ledger: Ledger) -> None:
    ledger.plan({FAX: NUMBER}, T0)
    with pytest.raises(LedgerError, match="not in the store"):
        ledger.claim(FAX, owner="a", until=T0 + HOUR, token="t", payload=Stored("0" * 64, 1, "here"), now=T0)
    with pytest.raises(NotAllowed, match="not planned"):
        claim(ledger, GENEVA)


def test_an_attempt_is_found_by_what_stands_in_a_notice(ledger: Ledger) -> None:
    ledger.plan({FAX: NUMBER}, T0)
    claim(ledger)
    assert ledger.find("<a@example.org>") == ledger.find("envid-a", envelope=True) == (FAX, 1)
    assert not any([ledger.find("envid-a"), ledger.find("<a@example.org>", envelope=True), ledger.find("envid-b", envelope=True), ledger.find("", envelope=True)])


def test_secrets_and_broken_bytes_from_outside(tmp_path: Path) -> None:
    with open_ledger(tmp_path, secrets=["hunter2-hunter2"]) as ledger:
        ledger.plan({FAX: NUMBER}, T0)
        raw = b"535 no: hunter2-hunter2 \xff\x00\x1b]0;x\x07".decode("utf-8", "surrogateescape")
        ledger.note(FAX, now=T0, details={"reply": [raw], "n": 1, "none": None})
        assert ledger.events(FAX)[-1].data["reply"] == ["535 no: [secret] \\udcff\x00\x1b]0;x\x07"]
        with pytest.raises(TypeError, match="float"):
            ledger.note(FAX, now=T0, details={"rate": 1.5})
        assert ledger.verify() == []
        assert "hunter2" not in repr(ledger)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


def test_objects_are_private_checked_and_mended(ledger: Ledger) -> None:
    stored = ledger.objects.put(b"message")
    path = ledger.objects.path(stored.digest)
    assert [path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777, ledger.objects.root.stat().st_mode & 0o777] == [0o600, 0o700, 0o700]
    before = path.stat().st_ino
    ledger.objects.put(b"message")
    assert path.stat().st_ino == before, "what is there is left alone"
    path.write_bytes(b"messagE")
    with pytest.raises(LedgerError, match="were changed"):
        ledger.objects.get(stored.digest)
    assert not ledger.objects.has(stored.digest)
    ledger.objects.put(b"message")
    assert ledger.objects.has(stored.digest)
    assert ledger.objects.get(ledger.objects.put(b"").digest) == b""
    with pytest.raises(ValueError):
        ledger.objects.path("../../etc")


def test_every_refusal_is_one_of_ours() -> None:
    assert issubclass(Stale, NotAllowed)
    assert issubclass(NotAllowed, EngrossError)
    assert issubclass(LedgerError, EngrossError)
