"""The ledger as senders and commands use it. Every act reads, checks and appends in one transaction; times are given, never read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engross.ledger.chain import read_event
from engross.ledger.journal import Journal, clean, fold
from engross.ledger.model import Claim, Decision, Delivery, Event, Kind, NotAllowed, State, Status, Stored, utc
from engross.ledger.states import KNOWN, MOVES, shared_with, state

if TYPE_CHECKING:
    from engross.ledger.database import Transaction

WAITING = (Status.PLANNED, Status.DEFERRED, Status.CLAIMED)
"""What would go out by itself and can still be held back."""


class Ledger(Journal):
    """Deliveries, and what became of them. Open it with `Ledger.open`; close it, or use it in a `with`."""

    # what was decided

    def plan(self, wanted: Mapping[Delivery, str], now: datetime, details: Mapping[str, Any] | None = None) -> list[State]:
        """Enter deliveries with the number or address each goes to; those that are there already stay as they are.

        One number or address under two recipients of an edition is held for a person, in both, unless a person has released it.

        Raises:
            NotAllowed: one is there with another address; nothing was recorded. `correct` changes an address.
        """
        with self._appending() as transaction:
            known = _editions(transaction, {(d.letter, d.edition) for d in wanted})
            other = [f"{d} is known with {known[d].address!r}, not {address!r}" for d, address in wanted.items() if d in known and known[d].address != address]
            if other:
                raise NotAllowed("; ".join(other), hint="correct the delivery, with a reason")
            new = [delivery for delivery in wanted if delivery not in known]
            for delivery in new:
                known[delivery] = self._append(transaction, None, Event(Kind.PLANNED, now, delivery, data={"address": wanted[delivery], **(details or {})}))
            for delivery in new:
                self._hold_shared(transaction, known, delivery, now)
            return [known[delivery] for delivery in wanted]

    def hold(self, delivery: Delivery, *, by: str, reason: str, now: datetime) -> State:
        """Stop it until `release`; a claim on it is over. Not once it is being submitted."""
        return self._act(delivery, Kind.HELD, now, {"by": by, "reason": reason})

    def release(self, delivery: Delivery, *, by: str, reason: str, now: datetime) -> State:
        """Let a held delivery go."""
        return self._act(delivery, Kind.RELEASED, now, {"by": by, "reason": reason})

    def cancel(self, delivery: Delivery, *, by: str, reason: str, now: datetime) -> State:
        """It shall not go out. Not once it is being submitted."""
        return self._act(delivery, Kind.CANCELLED, now, {"by": by, "reason": reason})

    def correct(self, delivery: Delivery, *, by: str, reason: str, now: datetime, address: str = "") -> State:
        """Wrong number or address: go to the right one, once more. Without an address, the recipient was wrong and the delivery ends here. Old attempts stay."""
        with self._appending() as transaction:
            known = _editions(transaction, {(delivery.letter, delivery.edition)})
            known[delivery] = self._append(transaction, known.get(delivery), Event(Kind.CORRECTED, now, delivery, data={"by": by, "reason": reason, "address": address}))
            if address:
                self._hold_shared(transaction, known, delivery, now)
            return known[delivery]

    def resolve(self, delivery: Delivery, decision: Decision, *, by: str, reason: str, now: datetime, evidence: Stored | None = None) -> State:
        """A person says what became of an uncertain delivery, or that one is to be submitted again."""
        return self._act(delivery, Kind.RESOLVED, now, {"by": by, "reason": reason, "decision": decision.value, **_stored("evidence", evidence)})

    def record(self, delivery: Delivery, *, by: str, result: Status, occurred: datetime, evidence: Stored, now: datetime, address: str = "", note: str = "") -> State:
        """A person made this delivery outside the program, at `occurred`, and shows `evidence` (a receipt, a confirmation sheet).

        `result` is accepted, acknowledged, partial or failed. A delivery that was never planned is entered by this.
        """
        with self._appending() as transaction:
            before = self._state(transaction, delivery)
            data = {
                "attempt": len(before.attempts) + 1 if before else 1,
                "by": by,
                "result": result.value,
                "occurred": utc(occurred).isoformat(),
                "address": address,
                "note": note,
                **_stored("evidence", evidence),
            }
            return self._append(transaction, before, Event(Kind.RECORDED, now, delivery, data=data))

    def note(self, delivery: Delivery, *, now: datetime, evidence: Stored | None = None, details: Mapping[str, Any] | None = None) -> State:
        """Keep something that changes no state: a relayed notice, an answer out of office."""
        return self._act(delivery, Kind.NOTED, now, {**(details or {}), **_stored("evidence", evidence)})

    def tested(
        self, delivery: Delivery, *, address: str, result: Status, token: str, payload: Stored, now: datetime, reason: str = "", details: Mapping[str, Any] | None = None
    ) -> Event:
        """Keep that the delivery was rehearsed: it went to a test address or number, and the delivery itself is still to be made.

        Args:
            delivery: what it was made for; it need not be planned.
            address: the test address or number.
            result: accepted, refused, deferred or uncertain.
            token: Message-ID or fax tag.
            payload: the exact bytes.
            now: the present.
            reason: in the server's words or ours.
            details: replies, and what is known of the bytes.
        """
        data = {**(details or {}), "for": str(delivery), "address": address, "result": result.value, "token": token, "payload": payload.data(), "reason": reason}
        event = Event(Kind.TESTED, now, data=clean(data, self._secrets))
        with self._appending() as transaction:
            transaction.append(event)
        return event

    def tests(self, letter: str) -> list[tuple[Delivery, Event]]:
        """What was rehearsed of a letter, in order, each with the delivery that it was made for."""
        found = [(Delivery.parse(event.data["for"]), event) for event in self.events() if event.kind is Kind.TESTED]
        return [(delivery, event) for delivery, event in found if delivery.letter == letter]

    # one attempt

    def claim(self, delivery: Delivery, *, owner: str, until: datetime, token: str, payload: Stored, now: datetime, details: Mapping[str, Any] | None = None) -> Claim:
        """Take the delivery for one attempt. Nothing may be submitted before `commit`.

        Args:
            delivery: planned, deferred until now, or claimed by somebody whose time is over.
            owner: names this process, and no other.
            until: when others may take it over.
            token: Message-ID or fax tag by which the attempt can be found outside.
            payload: the exact bytes, which must be in `objects`.
            now: the present.
            details: kept with the event, for instance the envelope's ENVID.

        Raises:
            NotAllowed: it is not to be had now.
            LedgerError: the bytes are not in the store.
        """
        self.objects.get(payload.digest)
        with self._appending() as transaction:
            before = self._state(transaction, delivery)
            if before and before.overdue(now):
                self._append(transaction, before, _expired(before, now))
                failed = NotAllowed(f"{delivery} is uncertain: its submission had no outcome", hint="a person has to resolve it")
            elif before and (mine := _held_claim(before, owner, token, payload, until, now)):
                return mine
            else:
                attempt = len(before.attempts) + 1 if before else 1
                data = {**(details or {}), "attempt": attempt, "owner": owner, "until": utc(until).isoformat(), "token": token, "payload": payload.data()}
                after = self._append(transaction, before, Event(Kind.CLAIMED, now, delivery, data=data))
                return Claim(delivery, attempt, owner, utc(until), token, payload, after.address)
        raise failed

    def commit(self, claim: Claim, *, now: datetime, until: datetime | None = None) -> State:
        """The last step before the final dot or the submission of the job: from here on the other side may have it.

        `until` is when the outcome must be known; without it the claim's deadline stands.

        Raises:
            Stale: somebody else has the delivery, it was held, or the time is over. Nothing may be submitted.
            OutsideError: the database did not confirm it. Nothing may be submitted either.
        """
        return self._act(claim.delivery, Kind.COMMITTING, now, {"attempt": claim.attempt, "owner": claim.owner, "until": utc(until or claim.until).isoformat()})

    def outcome(self, claim: Claim, result: Status, *, now: datetime, reason: str = "", until: datetime | None = None, details: Mapping[str, Any] | None = None) -> State:
        """What the owner saw of its own attempt. Saying the same twice changes nothing; what comes too late to matter is noted.

        Args:
            claim: as `claim` returned it.
            result: accepted, refused, deferred (with `until`), uncertain, or what a fax job's end shows.
            now: the present.
            reason: why, in the server's words or ours.
            until: when to try again.
            details: kept with the event: replies, pages, rates.

        Raises:
            Stale: the claim was taken over before anything was submitted.
        """
        if (result is Status.DEFERRED) != (until is not None):
            raise ValueError("a deferred outcome, and no other, says until when")
        data = {**(details or {}), "attempt": claim.attempt, "owner": claim.owner, "reason": reason}
        if until:
            data["until"] = utc(until).isoformat()
        return self._see(claim.delivery, Kind(result.value), now, data)

    def observe(
        self, delivery: Delivery, attempt: int, result: Status, *, now: datetime, reason: str = "", evidence: Stored | None = None, details: Mapping[str, Any] | None = None
    ) -> State:
        """What was seen of an attempt later and by anybody: a notice, the job found in the queue, an answer. Never causes another attempt."""
        return self._see(delivery, Kind(result.value), now, {**(details or {}), "attempt": attempt, "reason": reason, **_stored("evidence", evidence)})

    def expire(self, now: datetime, letter: str = "") -> list[State]:
        """Write down as uncertain every submission that has outlived its deadline; returns those deliveries."""
        with self._appending() as transaction:
            states = fold(transaction.rows_under(f"{letter}/" if letter else ""))
            return [self._append(transaction, one, _expired(one, now)) for one in states.values() if one.overdue(now)]

    # what is known

    def deliveries(self, letter: str = "") -> list[State]:
        """States of all deliveries of a letter, or of all letters, in the order they were entered."""
        with self._database.reading() as transaction:
            return list(fold(transaction.rows_under(f"{letter}/" if letter else "")).values())

    def state(self, delivery: Delivery) -> State | None:
        """The state of one delivery; None when it was never entered."""
        with self._database.reading() as transaction:
            return self._state(transaction, delivery)

    def find(self, reference: str, *, envelope: bool = False) -> tuple[Delivery, int] | None:
        """The delivery and attempt with that token, a Message-ID or fax tag; with `envelope`, with that ENVID, which no recipient has seen."""
        field = "envid" if envelope else "token"
        for event in self.events():
            if event.kind is Kind.CLAIMED and event.delivery and reference and event.data.get(field) == reference:
                return event.delivery, int(event.data["attempt"])
        return None

    def restored(self, *, by: str, reason: str, now: datetime) -> list[State]:
        """Go on with a ledger that was rolled back and cannot be had as it was: all that could go out by itself is held, for a person to look at each."""
        lost = self._witness.seen(self.identity)
        with self._appending(restored=True) as transaction:
            transaction.append(Event(Kind.RESTORED, now, data=clean({"by": by, "reason": reason, "lost": lost.sequence if lost else 0}, self._secrets)))
            states = fold(transaction.rows_under(""))
            data = {"by": by, "reason": "the ledger was restored"}
            return [self._append(transaction, one, Event(Kind.HELD, now, one.delivery, data=data)) for one in states.values() if one.status in WAITING]

    # how

    def _act(self, delivery: Delivery, kind: Kind, now: datetime, data: Mapping[str, Any]) -> State:
        with self._appending() as transaction:
            return self._append(transaction, self._state(transaction, delivery), Event(kind, now, delivery, data=data))

    def _see(self, delivery: Delivery, kind: Kind, now: datetime, data: Mapping[str, Any]) -> State:
        """Append what was seen of an attempt. What was submitted and seen is never lost: if it changes nothing any more, it is noted."""
        with self._appending() as transaction:
            events = [read_event(row) for row in transaction.rows_of(delivery)]
            before = state(events)
            if before and any(event.kind is kind and event.data == clean(data, self._secrets) for event in events):
                return before
            attempt = before.attempt(data["attempt"]) if before else None
            if attempt and attempt.submitted and kind not in MOVES[attempt.standing] | KNOWN.get(attempt.standing, frozenset()):
                kind, data = Kind.NOTED, {**data, "late": kind.value}
            return self._append(transaction, before, Event(kind, now, delivery, data=data))

    def _hold_shared(self, transaction: Transaction, known: dict[Delivery, State], delivery: Delivery, now: datetime) -> None:
        """Hold the delivery, and those of other recipients that go to the same number or address and have not gone out or been released."""
        others = shared_with(known[delivery], known.values())
        for one in [known[delivery], *others] if others else []:
            if one.status in WAITING and not one.released:
                fellows = sorted({other.delivery.recipient for other in [known[delivery], *others]} - {one.delivery.recipient})
                data = {"by": "", "reason": f"the same number or address as {', '.join(fellows)}", "shared": fellows}
                known[one.delivery] = self._append(transaction, one, Event(Kind.HELD, now, one.delivery, data=data))


def _editions(transaction: Transaction, editions: Iterable[tuple[str, int]]) -> dict[Delivery, State]:
    states: dict[Delivery, State] = {}
    for letter, edition in sorted(set(editions)):
        states |= fold(transaction.rows_under(f"{letter}/{edition}/"))
    return states


def _held_claim(one: State, owner: str, token: str, payload: Stored, until: datetime, now: datetime) -> Claim | None:
    """The claim that this owner already has: it asks once more because the database's answer was lost."""
    last = one.attempts[-1] if one.attempts else None
    same = last and (last.owner, last.token, last.payload, last.until) == (owner, token, payload, utc(until))
    if one.status is Status.CLAIMED and last and same and not one.due(now):
        return Claim(one.delivery, last.number, owner, utc(until), token, payload, last.address)
    return None


def _expired(one: State, now: datetime) -> Event:
    data = {"attempt": one.attempts[-1].number, "reason": "no outcome was recorded before the deadline"}
    return Event(Kind.UNCERTAIN, now, one.delivery, data=data)


def _stored(name: str, stored: Stored | None) -> dict[str, Any]:
    return {name: stored.data()} if stored else {}
