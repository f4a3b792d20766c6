"""Whatever senders, crashes, notices and people do, in any order: without a person's decision nothing goes out a second time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engross.ledger import Claim, Decision, Delivery, Event, Head, Kind, Ledger, NotAllowed, Status, Stored
from engross.ledger.chain import Row, faults, row_after
from tests.ledger.facts import FAX, HOUR, NUMBER, PAYLOAD, T0


class Rows:
    """The table as a list: thousands of steps without a disk. The other tests run on the real ones."""

    def __init__(self) -> None:
        self.all: list[Row] = [row_after(None, Event(Kind.CREATED, T0))]

    @contextmanager
    def appending(self) -> Iterator[Rows]:
        before = list(self.all)
        try:
            yield self
        except BaseException:
            self.all = before
            raise

    reading = appending

    def head(self) -> Row:
        return self.all[-1]

    def row(self, sequence: int) -> Row | None:
        return self.all[sequence - 1]

    def rows(self) -> list[Row]:
        return self.all

    def rows_of(self, delivery: Delivery) -> list[Row]:
        return [row for row in self.all if row.delivery == str(delivery)]

    def rows_under(self, prefix: str) -> list[Row]:
        return [row for row in self.all if row.delivery and row.delivery.startswith(prefix)]

    def append(self, event: Event) -> Row:
        self.all.append(row_after(self.head(), event))
        return self.head()


class Nothing:
    """Keeps no bytes and has seen nothing."""

    def get(self, digest: str) -> bytes:
        return b"the fax"

    def seen(self, identity: Any) -> Head | None:
        return None

    def saw(self, identity: Any, head: Head, *, lower: bool = False) -> None:
        pass


WORLDS = ("taken 250", "taken and lost", "dropped", "451", "550")
"""What the other side does with a submission."""


class Offices(RuleBasedStateMachine):
    """Three senders, a server that takes or does not take and answers or does not answer, and a person."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger(cast("Any", Rows()), cast("Any", Nothing()), cast("Any", Nothing()), ())
        self.now = T0
        self.claims: list[Claim] = []
        self.answers: list[tuple[Claim, Status]] = []
        """What a sender saw and has not written down yet; it may crash before it does."""
        self.taken: list[int] = []
        """Attempts of which the other side really has a copy."""
        self.budget = 1
        """How many copies there may be: one, and after a person's decision one more than there were then."""

    @initialize()
    def plan(self) -> None:
        self.ledger.plan({FAX: NUMBER}, T0)

    @rule(owner=st.sampled_from("abc"), minutes=st.sampled_from([1, 45]), world=st.sampled_from([*WORLDS, "", "", ""]), at_once=st.booleans())
    def send(self, owner: str, minutes: int, world: str, at_once: bool) -> None:
        """A sender comes by, sometimes when the time of an earlier one is over, and may stop after its claim."""
        self.now += timedelta(minutes=minutes)
        try:
            claim = self.ledger.claim(FAX, owner=owner, until=self.now + timedelta(minutes=30), token=f"{owner}{self.now}", payload=Stored(PAYLOAD.digest, 7, "here"), now=self.now)
        except NotAllowed:
            return
        self.claims.append(claim)
        if world:
            self.submit(claim, world, at_once)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), world=st.sampled_from(WORLDS), at_once=st.booleans())
    def wake_up(self, data: st.DataObject, world: str, at_once: bool) -> None:
        """A sender goes on with a claim it once got, however long ago."""
        self.submit(data.draw(st.sampled_from(self.claims)), world, at_once)

    def submit(self, claim: Claim, world: str, at_once: bool) -> None:
        try:
            self.ledger.commit(claim, now=self.now, until=self.now + timedelta(minutes=30))
        except NotAllowed:
            return
        if world.startswith("taken"):
            self.taken.append(claim.attempt)
        seen = {"taken 250": Status.ACCEPTED, "451": Status.DEFERRED, "550": Status.REFUSED}.get(world, Status.UNCERTAIN)
        self.answers.append((claim, seen))
        if at_once:
            self.write_down_last()

    @precondition(lambda self: self.answers)
    @rule()
    def write_down_last(self) -> None:
        claim, seen = self.answers.pop()
        self.ledger.outcome(claim, seen, now=self.now, until=self.now + HOUR if seen is Status.DEFERRED else None)

    @precondition(lambda self: self.answers)
    @rule()
    def crash(self) -> None:
        self.answers.pop()

    @rule(minutes=st.sampled_from([1, 45]))
    def look_for_what_is_overdue(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.ledger.expire(self.now)

    @rule(result=st.sampled_from([Status.DELIVERY_REPORTED, Status.ACKNOWLEDGED, Status.FAILED]), data=st.data())
    def a_notice_comes(self, result: Status, data: st.DataObject) -> None:
        if self.taken:
            self.ledger.observe(FAX, data.draw(st.sampled_from(self.taken)), result, now=self.now)

    @rule(act=st.sampled_from(["release", "again", "hold", "correct", "sent", "not-sent", "cancel"]))
    def a_person_acts(self, act: str) -> None:
        why: dict[str, Any] = {"by": "clerk", "reason": "so", "now": self.now}
        try:
            if act in ("again", "sent", "not-sent"):
                self.ledger.resolve(FAX, Decision(act), **why)
            elif act == "correct":
                self.ledger.correct(FAX, address=f"+1202555{self.now:%d%H%M}", **why)
            else:
                getattr(self.ledger, act)(FAX, **why)
        except NotAllowed:
            return
        if act in ("again", "correct"):
            self.budget = len(self.taken) + 1

    @invariant()
    def each_copy_but_the_first_was_decided_by_a_person(self) -> None:
        assert len(self.taken) <= self.budget

    @invariant()
    def nothing_that_went_out_is_forgotten(self) -> None:
        for state in self.ledger.deliveries():
            for number in self.taken:
                attempt = state.attempt(number)
                assert attempt
                assert attempt.open, "the other side has it, and the ledger says that it has not"
            assert state.submissions <= state.allowed

    def teardown(self) -> None:
        assert list(faults(self.ledger._database.rows())) == []  # type: ignore[attr-defined]


Offices.TestCase.settings = settings(
    derandomize=True, max_examples=80, stateful_step_count=25, deadline=None, database=None, phases=[Phase.generate]
)  # shrinking a failure takes minutes
TestOffices = Offices.TestCase
