"""Every event on every state: what follows and what is refused. The table is written out here a second time, by hand."""

from __future__ import annotations

from datetime import datetime

import pytest

from engross.ledger import Delivery, Kind, NotAllowed, Stale, Status
from engross.ledger.model import Channel
from engross.ledger.states import advance, state
from tests.ledger.facts import FAX, HOUR, NUMBER, OTHER_NUMBER, T0, after, canonical_event

WAYS = {
    "nothing": (),
    "planned": ("planned",),
    "claimed": ("planned", "claimed"),
    "committing": ("planned", "claimed", "committing"),
    "accepted": ("planned", "claimed", "committing", "accepted"),
    "delivery-reported": ("planned", "claimed", "committing", "accepted", "delivery-reported"),
    "acknowledged": ("planned", "claimed", "committing", "accepted", "acknowledged"),
    "partial": ("planned", "claimed", "committing", "accepted", "partial"),
    "failed": ("planned", "claimed", "committing", "accepted", "failed"),
    "refused": ("planned", "claimed", "committing", "refused"),
    "refused before the submission": ("planned", "claimed", "refused"),
    "deferred": ("planned", "claimed", "committing", "deferred"),
    "deferred before the submission": ("planned", "claimed", "deferred"),
    "uncertain": ("planned", "claimed", "committing", "uncertain"),
    "held": ("planned", "held"),
    "cancelled": ("planned", "cancelled"),
    "corrected": ("planned", "corrected"),
}

TABLE = {
    "nothing": "planned recorded",
    "planned": "claimed held cancelled corrected recorded noted",
    "claimed": "committing refused deferred held cancelled corrected noted",
    "committing": "accepted refused deferred uncertain delivery-reported acknowledged partial failed noted",
    "accepted": "accepted uncertain delivery-reported acknowledged partial failed corrected resolved recorded noted",
    "delivery-reported": "accepted delivery-reported acknowledged failed corrected resolved recorded noted",
    "acknowledged": "accepted delivery-reported acknowledged corrected resolved recorded noted",
    "partial": "accepted partial acknowledged corrected resolved recorded noted",
    "failed": "accepted failed delivery-reported acknowledged corrected resolved recorded noted",
    "refused": "accepted delivery-reported acknowledged corrected resolved recorded noted",
    "refused before the submission": "corrected resolved recorded noted",
    "deferred": "accepted delivery-reported acknowledged held cancelled corrected recorded noted",
    "deferred before the submission": "held cancelled corrected recorded noted",
    "uncertain": "accepted delivery-reported acknowledged partial failed corrected resolved recorded noted",
    "held": "released cancelled corrected recorded noted",
    "cancelled": "resolved noted",
    "corrected": "noted",
}
UNCHANGED = {"delivery-reported": "accepted", "acknowledged": "accepted delivery-reported", "partial": "accepted", "failed": "accepted"}
LEADS_TO = {"released": "planned", "resolved": "planned", "recorded": "acknowledged"}


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
@pytest.mark.parametrize("place", WAYS)
def test_each_event_on_each_state(place: str, kind: str) -> None:
    before = after(*WAYS[place])
    event = canonical_event(Kind(kind), before)
    if kind not in TABLE[place].split():
        with pytest.raises(NotAllowed):
            advance(before, event)
        return
    status = advance(before, event).status.value
    stays = kind == "noted" or kind in UNCHANGED.get(place, "").split()
    assert status == (before.status.value if stays and before else LEADS_TO.get(kind, kind))


def test_the_ways_reach_every_state() -> None:
    reached = {s.status for way in WAYS.values() if (s := after(*way))}
    assert reached == set(Status)


def test_a_claim_can_be_taken_over_once_its_time_is_over_and_not_before() -> None:
    before = after("planned", "claimed")
    with pytest.raises(NotAllowed, match="is claimed by o until"):
        advance(before, canonical_event(Kind.CLAIMED, before, T0 + HOUR / 2, owner="p"))
    taken = advance(before, canonical_event(Kind.CLAIMED, before, T0 + HOUR, owner="p"))
    assert (taken.current, taken.attempts[-1].owner) == (2, "p")
    with pytest.raises(Stale, match="taken over by p"):
        advance(taken, canonical_event(Kind.COMMITTING, before, T0 + HOUR))
    with pytest.raises(Stale):
        advance(taken, canonical_event(Kind.REFUSED, before, T0 + HOUR))


def test_a_claim_whose_time_is_over_submits_nothing_though_nobody_took_it_over() -> None:
    before = after("planned", "claimed")
    with pytest.raises(Stale, match="ended at"):
        advance(before, canonical_event(Kind.COMMITTING, before, T0 + HOUR))


@pytest.mark.parametrize("stop", ["held", "cancelled", "corrected"])
def test_who_holds_a_claim_that_a_person_stopped_submits_nothing(stop: str) -> None:
    before = after("planned", "claimed", stop)
    with pytest.raises(Stale):
        advance(before, canonical_event(Kind.COMMITTING, before))


def test_a_deferred_delivery_waits_for_its_time() -> None:
    before = after("planned", "claimed", "committing", "deferred")
    with pytest.raises(NotAllowed, match="deferred until"):
        advance(before, canonical_event(Kind.CLAIMED, before))
    again = advance(before, canonical_event(Kind.CLAIMED, before, T0 + HOUR))
    assert advance(again, canonical_event(Kind.COMMITTING, again, T0 + HOUR)).status is Status.COMMITTING


def test_others_may_say_that_a_submission_is_overdue_only_when_it_is() -> None:
    before = after("planned", "claimed", "committing")
    assert before
    with pytest.raises(NotAllowed, match="is submitting"):
        advance(before, canonical_event(Kind.UNCERTAIN, before, owner=None))
    assert advance(before, canonical_event(Kind.UNCERTAIN, before, T0 + HOUR, owner=None)).status is Status.UNCERTAIN
    assert (before.overdue(T0 + HOUR), before.due(T0 + HOUR)) == (True, False)
    with pytest.raises(NotAllowed):
        advance(before, canonical_event(Kind.CLAIMED, before, T0 + HOUR))


@pytest.mark.parametrize("kind", [Kind.REFUSED, Kind.DEFERRED])
def test_only_the_owner_says_that_nothing_was_taken(kind: Kind) -> None:
    before = after("planned", "claimed", "committing")
    with pytest.raises(NotAllowed, match="only the owner"):
        advance(before, canonical_event(kind, before, owner=None))
    with pytest.raises(Stale, match="belongs to o"):
        advance(before, canonical_event(kind, before, owner="somebody else"))


@pytest.mark.parametrize(("decision", "status"), [("sent", "accepted"), ("arrived", "acknowledged"), ("not-sent", "failed"), ("again", "planned")])
def test_a_person_resolves_what_is_uncertain(decision: str, status: str) -> None:
    before = after("planned", "claimed", "committing", "uncertain")
    resolved = advance(before, canonical_event(Kind.RESOLVED, before, decision=decision))
    assert (resolved.status.value, resolved.decided) == (status, True)
    if decision != "again":
        for way in ("failed", "accepted"):
            known = after("planned", "claimed", "committing", "accepted", *([way] if way != "accepted" else []))
            with pytest.raises(NotAllowed, match="only an uncertain"):
                advance(known, canonical_event(Kind.RESOLVED, known, decision=decision))


def test_news_of_the_first_attempt_stops_the_second() -> None:
    before = after("planned", "claimed", "committing", "uncertain", "resolved", "claimed")
    assert before
    settled = advance(before, canonical_event(Kind.DELIVERY_REPORTED, before, attempt=1))
    assert (settled.status, settled.current) == (Status.DELIVERY_REPORTED, 1)
    with pytest.raises(Stale):
        advance(settled, canonical_event(Kind.COMMITTING, settled))


def test_news_of_an_attempt_at_a_wrong_number_says_nothing_about_the_delivery() -> None:
    before = after("planned", "claimed", "committing", "accepted")
    corrected = advance(before, canonical_event(Kind.CORRECTED, before, address=OTHER_NUMBER))
    assert (corrected.status, corrected.address, corrected.attempts[0].address, corrected.allowed) == (Status.PLANNED, OTHER_NUMBER, NUMBER, 2)
    news = advance(corrected, canonical_event(Kind.ACKNOWLEDGED, corrected))
    assert (news.status, news.attempts[0].standing, news.attempts[0].misdirected) == (Status.PLANNED, Status.ACKNOWLEDGED, True)
    with pytest.raises(NotAllowed, match="has this address already"):
        advance(before, canonical_event(Kind.CORRECTED, before, address=NUMBER))


def test_what_a_person_did_by_hand_leaves_nothing_to_send_and_lowers_nothing() -> None:
    sent = advance(after("planned"), canonical_event(Kind.RECORDED, after("planned"), result="accepted"))
    assert (sent.status, sent.submissions, sent.attempts[0].automatic) == (Status.ACCEPTED, 0, False)
    known = after("planned", "claimed", "committing", "accepted", "delivery-reported")
    assert advance(known, canonical_event(Kind.RECORDED, known, result="failed")).status is Status.DELIVERY_REPORTED
    with pytest.raises(NotAllowed, match="cannot record planned"):
        advance(None, canonical_event(Kind.RECORDED, None, result="planned"))


def test_a_submission_that_was_declined_leaves_room_for_one_and_an_open_one_does_not() -> None:
    again = after("planned", "claimed", "committing", "refused", "resolved")
    assert again
    assert (again.submissions, again.allowed) == (0, 1)
    open_one = after("planned", "claimed", "committing", "failed", "resolved")
    assert open_one
    assert (open_one.submissions, open_one.allowed) == (1, 2)


def test_events_of_another_delivery_or_of_no_attempt_do_not_count() -> None:
    before = after("planned", "claimed")
    with pytest.raises(NotAllowed, match="has no attempt 9"):
        advance(before, canonical_event(Kind.ACCEPTED, before, attempt=9))
    with pytest.raises(NotAllowed, match="the next attempt"):
        advance(after("planned"), canonical_event(Kind.CLAIMED, None, attempt=2))
    with pytest.raises(NotAllowed, match="no event of"):
        advance(before, canonical_event(Kind.CREATED, before).__class__(Kind.NOTED, T0))
    assert state([]) is None


@pytest.mark.parametrize("until", [T0, T0 - HOUR])
def test_a_deadline_lies_ahead(until: datetime) -> None:
    with pytest.raises(NotAllowed, match="in the future"):
        advance(after("planned"), canonical_event(Kind.CLAIMED, after("planned"), until=until.isoformat()))
    with pytest.raises(NotAllowed, match="in the future"):
        advance(after("planned", "claimed"), canonical_event(Kind.COMMITTING, after("planned", "claimed"), until=until.isoformat()))


@pytest.mark.parametrize(
    "parts",
    [("a/b", 1, "m", "fax", "en"), ("a", 0, "m", "fax", "en"), ("a", 1, "", "fax", "en"), ("a", 1, "m", "email", "en"), ("a", 1, "m", "fax", "mail"), ("a", 1, "m", "fax", "-")],
)
def test_what_is_no_delivery(parts: tuple[str, int, str, str, str]) -> None:
    letter, edition, recipient, channel, packet = parts
    with pytest.raises(ValueError):
        Delivery(letter, edition, recipient, Channel(channel), packet)


def test_a_delivery_is_read_back_from_its_name_and_times_have_zones() -> None:
    assert Delivery.parse(str(FAX)) == FAX
    naive = datetime(2018, 6, 6)  # noqa: DTZ001
    with pytest.raises(ValueError, match="without a time zone"):
        canonical_event(Kind.NOTED, None, naive).body()
