"""A sender dies at each step, or at any moment, while a HylaFAX server goes on: each mission is dialled by one automatic attempt or known to be uncertain."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from pathlib import Path

import pytest

from engross.dispatch.fax import hfaxd
from engross.ledger import State, Status
from tests.fax_calls.conftest import MANY
from tests.fax_calls.deliveries import LETTER, open_ledger, run, stop
from tests.fax_calls.hylafax import HylaFax, until

SRC = Path(__file__).parents[2] / "src" / "engross" / "dispatch"
BEFORE_SUBMISSION = ["fax:before-connect", "fax:connected", "fax:before-prepare", "fax:prepared", "send:before-claim", "send:after-claim"]
UNSURE = ["ledger:after-commit:committing", "fax:before-submit"]
SUBMITTED = ["fax:after-submit", "send:before-outcome", "ledger:before-commit:accepted"]
KNOWN = ["ledger:after-commit:accepted", "send:after-outcome", "fax:before-poll", "fax:after-poll"]
ENDED = ["fax:before-retrieve", "fax:after-retrieve", "fax:before-outcome", "ledger:before-commit:acknowledged", "ledger:after-commit:acknowledged"]
LEDGER = [f"ledger:{when}-commit:{kind}" for kind in ("planned", "claimed") for when in ("before", "after")] + ["ledger:before-commit:committing"]
POINTS = [*LEDGER, *BEFORE_SUBMISSION, *UNSURE, *SUBMITTED, *KNOWN, *ENDED]


def start(folder: Path, hylafax: HylaFax, wanted: dict[str, str], hour: float, crash_at: str = "", told=None):
    process = MANY.Process(target=run, args=(folder, hylafax.server, wanted, hour, crash_at, told))
    process.start()
    return process


def finish(process) -> int:
    process.join(60)
    assert process.exitcode is not None, "it hangs"
    try:
        return int(process.exitcode)
    finally:
        process.close()


def all_ended(hylafax: HylaFax, wanted: dict[str, str]) -> bool:
    mine = set(wanted.values())
    with hfaxd.Session(hylafax.server) as session:
        return all(job.ended for job in session.jobs() if job.number in mine)


def states(folder: Path) -> dict[str, State]:
    with open_ledger(folder) as ledger:
        assert ledger.verify() == []
        return {state.delivery.recipient: state for state in ledger.deliveries(LETTER)}


def jobs(hylafax: HylaFax, wanted: dict[str, str]) -> Counter[str]:
    """How many different jobs called each number."""
    return Counter(number for _, number in set(hylafax.calls()) if number in set(wanted.values()))


def crashed(hylafax: HylaFax, tmp_path: Path) -> dict[str, tuple[Path, dict[str, str], int]]:
    """A delivery for each failpoint: a run that dies there, one that repairs, and one when the calls are over. All at once, as calls take their time."""
    cases: dict[str, tuple[Path, dict[str, str]]] = {point: (tmp_path / str(n), {f"m{n}": f"+44207946{n + 300:04}"}) for n, point in enumerate(POINTS)}
    running = {point: start(folder, hylafax, wanted, 0, point) for point, (folder, wanted) in cases.items() if point not in ENDED}
    first = {point: finish(process) for point, process in running.items()}
    for folder, wanted in cases.values():
        run(folder, hylafax.server, wanted, 1, "")
    everything = {recipient: number for _, wanted in cases.values() for recipient, number in wanted.items()}
    until(lambda: all_ended(hylafax, everything), 60, 0.2)
    running = {point: start(*cases[point][:1], hylafax, cases[point][1], 2, point) for point in ENDED}
    first |= {point: finish(process) for point, process in running.items()}
    for folder, wanted in cases.values():
        run(folder, hylafax.server, wanted, 3, "")
    return {point: (*case, first[point]) for point, case in cases.items()}


def test_whatever_step_it_dies_at_the_fax_goes_out_once_or_is_uncertain(hylafax: HylaFax, tmp_path: Path) -> None:
    found, expected = {}, {}
    for point, (folder, wanted, exit_code) in crashed(hylafax, tmp_path).items():
        (state,) = states(folder).values()
        found[point] = (exit_code, state.status, jobs(hylafax, wanted)[next(iter(wanted.values()))], state.submissions)
        expected[point] = (137, *((Status.UNCERTAIN, 0) if point in UNSURE else (Status.ACKNOWLEDGED, 1)), 1)
    assert found == expected


ENDING = ["fax:before-cancel", "fax:after-cancel"]


@pytest.mark.parametrize("point", ENDING)
def test_who_dies_while_ending_a_call_can_end_it_again_or_look(point: str, hylafax: HylaFax, number: str, tmp_path: Path) -> None:
    recipient = point.replace(":", "-")
    line = hylafax.world / f"line-{number[-4:]}"
    line.touch()
    run(tmp_path, hylafax.server, {recipient: number}, 0, "")
    until(lambda: [called for _, called in hylafax.calls() if called == number], 20)
    process = MANY.Process(target=stop, args=(tmp_path, hylafax.server, recipient, number, point))
    process.start()
    assert finish(process) == 137
    if point == "fax:before-cancel":
        assert states(tmp_path)[recipient].status is Status.ACCEPTED
        stop(tmp_path, hylafax.server, recipient, number, "")
    else:
        run(tmp_path, hylafax.server, {recipient: number}, 2, "")
    line.unlink()
    state = states(tmp_path)[recipient]
    assert (state.status, state.submissions, jobs(hylafax, {recipient: number})[number]) == (Status.FAILED, 1, 1)


def test_every_failpoint_of_a_fax_is_among_them() -> None:
    found = set()
    for file in [SRC / "sending.py", *(SRC / "fax").glob("*.py")]:
        found |= set(re.findall(r'failpoint\("([^"]+)"\)', file.read_text()))
    assert found - set(ENDING) == {point for point in POINTS if not point.startswith("ledger:")}


def test_killed_at_any_moment_twenty_times_each_mission_is_dialled_by_one_attempt(hylafax: HylaFax, tmp_path: Path) -> None:
    """Killed runs follow one another; a later one finishes what they left. What stays uncertain is reported, and was dialled once at most."""
    wanted = {f"k{n}": f"+44207946{n + 400:04}" for n in range(20)}
    began = time.monotonic()
    run(tmp_path, hylafax.server, dict(list(wanted.items())[:1]), 0, "")
    usual = time.monotonic() - began
    rng = random.Random(6)
    killed = 0
    for attempt in range(20):
        hear, told = MANY.Pipe(duplex=False)
        process = start(tmp_path, hylafax, dict(list(wanted.items())[: attempt + 1]), attempt + 1, "", told)
        assert hear.recv() == "begun"
        process.join(rng.uniform(0, usual))
        killed += process.exitcode is None
        process.kill()
        process.join(10)
        process.close()
    assert killed >= 10, "too few were killed in the middle"
    assert finish(start(tmp_path, hylafax, wanted, 30)) == 0
    until(lambda: all_ended(hylafax, wanted), 60, 0.2)
    assert finish(start(tmp_path, hylafax, wanted, 31)) == 0
    called, found = jobs(hylafax, wanted), states(tmp_path)
    assert found.keys() == wanted.keys(), "lost"
    assert {state.status for state in found.values()} <= {Status.ACKNOWLEDGED, Status.UNCERTAIN}, [state.reason for state in found.values()]
    for recipient, number in wanted.items():
        state = found[recipient]
        assert called[number] == (state.status is Status.ACKNOWLEDGED), (recipient, state)
        assert state.submissions == 1
    print(f"killed {killed} of 20; {sum(s.status is Status.UNCERTAIN for s in found.values())} uncertain")
