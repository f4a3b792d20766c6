"""Office hours at the other end: when a mission opens, and a sending that waits for it. The clock is the test's own, and nothing sleeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engross.dispatch import sending
from engross.dispatch.channel import Item
from engross.dispatch.hours import opens, weekend
from engross.ledger import Channel, Ledger, Status
from tests.dispatch.facts import HOUR, T0, PlainWay, item, open_ledger
from tests.dispatch.fake_server import Script

Fake = Callable[[Script], int]
NIGHT = T0 - 8 * HOUR
"""02:00 in New York, 08:00 in Zurich."""


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Europe/Zurich", "2026-03-27T17:00+01:00", "2026-03-30T09:00:00+02:00"),  # summer time begins on the Sunday between
        ("Europe/Zurich", "2026-03-30T08:59+02:00", "2026-03-30T09:00:00+02:00"),
        ("Europe/Zurich", "2026-03-30T09:00+02:00", None),
        ("Europe/Zurich", "2026-10-23T17:00+02:00", "2026-10-26T09:00:00+01:00"),  # and ends
        ("Asia/Seoul", "2018-06-05T23:59+00:00", "2018-06-06T09:00:00+09:00"),  # it is tomorrow there
        ("Africa/Cairo", "2018-06-07T18:00+02:00", "2018-06-10T09:00:00+02:00"),  # closed on Fridays and Saturdays, open on Sundays
        ("Asia/Kolkata", "2018-06-09T10:00+05:30", "2018-06-11T09:00:00+05:30"),  # CLDR's weekend is the Sunday alone
        ("America/New_York", "2018-06-06T17:00-04:00", "2018-06-07T09:00:00-04:00"),
        ("", "2018-06-09T10:00+00:00", None),
    ],
)
def test_when_a_mission_opens(zone: str, now: str, expected: str | None) -> None:
    found = opens("09:00-17:00", zone, datetime.fromisoformat(now))
    assert (found.isoformat() if found else None) == expected


def test_a_zone_of_no_country_has_the_usual_weekend() -> None:
    assert weekend("Etc/UTC") == {5, 6}


@dataclass
class Day:
    """A clock that stands still until the sending waits, and what was waited for."""

    now: datetime
    ledger: Path
    waits: list[tuple[str, list[str]]] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)
    meanwhile: Callable[[Ledger], object] = lambda _: None
    stopped: bool = False

    def wait(self, until: datetime, items: Sequence[Item]) -> None:
        self.waits.append((until.isoformat(), [one.delivery.recipient for one in items]))
        with open_ledger(self.ledger) as another:  # somebody else can write into it while we wait
            self.meanwhile(another)
        self.now = max(self.now, until)

    def send(self, ledger: Ledger, items: list[Item]) -> list[tuple[str, str]]:
        watch = sending.Watch(tell=lambda result: self.told.append((result.item.delivery.recipient, result.status)), wait=self.wait, stop=lambda: self.stopped)
        results = sending.send(items, {Channel.EMAIL: PlainWay()}, ledger, lambda: self.now, in_hours=True, watch=watch)
        assert self.told == [(result.item.delivery.recipient, result.status) for result in results], "each was told, once"
        return self.told


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(NIGHT, tmp_path)


def there(name: str, port: int, zone: str) -> Item:
    one = item(name, port)
    return replace(one, mission=replace(one.mission, time_zone=zone))


def test_each_mission_is_written_to_when_it_opens(fake: Fake, ledger: Ledger, day: Day) -> None:
    port = fake(Script())
    found = day.send(ledger, [item("new-york", port), there("geneva", port, "Europe/Zurich"), there("seoul", port, "Asia/Seoul")])
    assert found == [("seoul", "accepted"), ("geneva", "accepted"), ("new-york", "accepted")]
    assert day.waits == [("2018-06-06T09:00:00+02:00", ["new-york", "geneva"]), ("2018-06-06T09:00:00-04:00", ["new-york"])]


def test_without_waiting_the_closed_ones_are_left_and_the_open_ones_go(fake: Fake, ledger: Ledger) -> None:
    port = fake(Script())
    closed, opened = sending.send([item("new-york", port), there("seoul", port, "Asia/Seoul")], {Channel.EMAIL: PlainWay()}, ledger, lambda: NIGHT, in_hours=True)
    assert (opened.status, closed.status, closed.closed) == ("accepted", "planned", True)
    assert closed.again
    assert closed.again.isoformat() == "2018-06-06T09:00:00-04:00"
    assert not closed.good


def test_what_a_person_decides_while_it_waits_counts(fake: Fake, ledger: Ledger, day: Day) -> None:
    port = fake(Script())
    night = [item("new-york", port), item("washington", port), item("ottawa", port)]

    def decide(other: Ledger) -> None:
        other.hold(night[0].delivery, by="clerk", reason="wait for the minister", now=NIGHT)
        other.correct(night[1].delivery, by="clerk", reason="a typing error", now=NIGHT, address="right@example.org")
        other.plan({replace(night[2].delivery, edition=2): night[2].address}, NIGHT)

    day.meanwhile = decide
    assert day.send(ledger, night) == [("new-york", "held"), ("washington", "planned"), ("ottawa", "planned")]
    assert [state.status for state in ledger.deliveries()] == [Status.HELD, Status.PLANNED, Status.PLANNED, Status.PLANNED]


def test_a_sending_that_is_stopped_while_it_waits_leaves_the_rest_as_it_was(fake: Fake, ledger: Ledger, day: Day) -> None:
    port = fake(Script())
    day.meanwhile = lambda _: setattr(day, "stopped", True)
    assert day.send(ledger, [item("new-york", port)]) == [("new-york", "planned")]
    day.stopped, day.now, day.told = False, T0, []
    assert day.send(ledger, [item("new-york", port)]) == [("new-york", "accepted")]


def test_an_hour_that_passes_while_sending_is_noticed(fake: Fake, ledger: Ledger, day: Day) -> None:
    port = fake(Script())
    day.now = datetime.fromisoformat("2018-06-06T16:59:59-04:00")

    class Slow(PlainWay):
        def submit(self, item, parcel, commit):
            day.now += timedelta(minutes=2)
            return super().submit(item, parcel, commit)

    first, second = sending.send([item("new-york", port), item("washington", port)], {Channel.EMAIL: Slow()}, ledger, lambda: day.now, in_hours=True)
    assert (first.status, second.closed) == ("accepted", True)
