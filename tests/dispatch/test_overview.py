"""A listing for hundreds of missions: what is the same for many stands in one line, and nothing is lost by it."""

from __future__ import annotations

from dataclasses import replace

from engross.dispatch.overview import FEW, due, grouped, hours_lines, offer_lines, result_lines, totals
from engross.dispatch.sending import Result
from engross.ledger import Channel, Delivery, State, Status
from tests.dispatch.facts import HOUR, T0, item

MANY = [item(f"mission-{number:03}", 25) for number in range(386)]
FAXES = [replace(one, delivery=Delivery("letter", 1, one.delivery.recipient, Channel.FAX, "en"), minutes=1.5, size=40_000) for one in MANY]


def shown(items, states=None, impossible=(), *, everything=False):
    return list(offer_lines(items, impossible, states or {}, {}, T0, everything=everything))


def test_the_sum_counts_missions_messages_faxes_bytes_and_minutes() -> None:
    items = [*(replace(one, size=650_000) for one in MANY), *FAXES]
    assert str(totals(items)) == "386 messages (250.9 MB) and 386 faxes (about 579 min on the line) to 386 missions"
    assert str(totals(items[:1])) == "1 message (650 kB) to 1 mission"
    assert str(totals([])) == "nothing"


def test_warnings_that_many_have_are_one_line_and_a_rare_one_is_not_lost() -> None:
    warned = [replace(one, warnings=("the address was last checked on 2018-06-06",)) for one in MANY]
    warned[7] = replace(warned[7], warnings=(*warned[7].warnings, "ko is missing: the edition has it not"))
    lines = shown(warned)
    assert "  ! all 386 missions: the address was last checked on 2018-06-06" in lines
    assert "  ! mission-007: ko is missing: the edition has it not" in lines
    assert len(lines) == 4
    assert len(shown(warned, everything=True)) == 386 * 2 + 2


def test_what_differs_in_dates_and_addresses_only_is_said_together() -> None:
    several = grouped((f"m-{n}", f"the address was last checked on 2018-06-{n + 10}") for n in range(9))
    assert [list(group.lines("! ")) for group in several] == [["! 9 missions: the address was last checked on …: m-0, m-1, m-2, m-3, m-4, m-5 and 3 more"]]
    few = grouped([("a", "the edition says a@example.org"), ("b", "the edition says b@example.org")])
    assert [line for group in few for line in group.lines("! ")] == ["! a: the edition says a@example.org", "! b: the edition says b@example.org"]
    assert [group.text for group in grouped([("a", "no fax number"), ("b", "no e-mail address"), ("c", "no fax number")])] == ["no fax number", "no e-mail address"]


def test_what_is_done_is_counted_apart_from_what_goes_out() -> None:
    states = {one.delivery: State(one.delivery, Status.ACCEPTED, one.address) for one in MANY[:380]}
    states[MANY[380].delivery] = State(MANY[380].delivery, Status.DEFERRED, MANY[380].address, until=T0 + HOUR)
    assert due(MANY, states, T0) == MANY[381:]
    assert due(MANY, states, T0 + HOUR) == MANY[380:]
    lines = shown(MANY, states, ["x: no fax number", "y: no fax number"])
    assert lines[1:] == [
        "not possible: 2 missions: no fax number: x, y",
        "not now, 381 of 386 deliveries:",
        "     380  accepted: a server took it; whether it arrived is not known",
        "       1  deferred: not taken: a server said later, or could not be used; they have nothing",
        f"to go out now: {totals(MANY[381:])}; --all shows each",
    ]


def test_few_are_shown_one_by_one() -> None:
    assert sum(f"from {one.office.id}" in line for one, line in zip(MANY, shown(MANY[:FEW]), strict=False)) == FEW


def test_what_all_of_a_few_have_is_said_once_before_them() -> None:
    warned = [replace(one, warnings=("nobody has checked the address", f"ko is missing for {one.delivery.recipient}")) for one in MANY[:3]]
    lines = shown(warned)
    assert lines[0] == "  ! all 3 missions: nobody has checked the address"
    assert sum("nobody has checked" in line for line in lines) == 1
    assert sum("    ! ko is missing" in line for line in lines) == 3
    assert sum("nobody has checked" in line for line in shown(warned, everything=True)) == 3


def test_who_is_closed_stands_under_its_hour() -> None:
    (line,) = hours_lines(MANY, T0 - 8 * HOUR)
    assert line.startswith("  closed until Wed 2018-06-06 09:00 EDT: mission-000, ")
    assert list(hours_lines(MANY, T0)) == []
    unknown = replace(MANY[0], mission=replace(MANY[0].mission, hours=""))
    assert list(hours_lines([unknown], T0)) == ["  the address book has no office hours: it goes out at any hour: mission-000"]


def test_the_end_says_what_to_do_for_each_state_once() -> None:
    results = [Result(one, "accepted", "250 queued") for one in MANY[:380]]
    results += [Result(one, "deferred", f"450 {one.address}: greylisted", again=T0 + n * HOUR) for n, one in enumerate(MANY[380:384])]
    results += [Result(MANY[384], "refused", "550 no"), Result(MANY[385], "uncertain", "the line dropped")]
    lines = list(result_lines("letter", results, told=False, test=False))
    assert lines[0] == "386 deliveries:"
    assert sum("greylisted" in line for line in lines) == 4
    steps = lines[lines.index("next:") + 1 :]
    assert [line.split()[0].rstrip(":") for line in steps] == ["deferred", "uncertain", "refused"]
    assert "after Wed 2018-06-06" in steps[0]
    assert "mission-385" in steps[1]
    assert "next:" not in list(result_lines("letter", results, told=True, test=True)), "nothing of a test is on record"
    assert list(result_lines("letter", results[:1], told=True, test=False))[-1].endswith("whether it arrived is not known")
