"""A real call: a HylaFAX server with two iaxmodems (V.17 and T.30 in software) that call each other over IAX2. Root, in `unshare --mount --net`.

`make test-fax-call` runs all scenarios with a letter of one page and its cover, about nine minutes. By hand: `python -m tests.fax_calls.two_modems TIFF FOLDER SCENARIO…`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from engross.dispatch.fax import evidence, hfaxd
from engross.ledger import Status
from engross.proof.fax import legibility
from engross.render import tiff as class_f
from tests.fax.letters import case
from tests.fax_calls.deliveries import decoded
from tests.fax_calls.hylafax import HylaFax, until

NUMBER = "+12025550101"
ROW = 216
HEADER = 46 * ROW
"""Bytes of the uppermost 6 mm, which belong to the sending machine."""
MODEM = """LocalIdentifier: "+1 202 555 010{n}"
RingsBeforeAnswer: {rings}
SpeakerVolume: off
RecvFileMode: 0644
DeviceMode: 0600
TagLineFont: etc/lutRS18.pcf
TagLineFormat: "From %%l|%c|Page %%P of %%T"
Class1AdaptRecvCmd: AT+FAR=1
Class1TMConnectDelay: 400
ModemResetCmds: AT+VCID=1
MaxRecvPages: 200
"""


@dataclass(frozen=True)
class Scenario:
    """How the called machine behaves, and what the records must show then."""

    result: Status
    cause: str = ""
    exact: bool = False
    """Every pixel arrives, below the line that the sending machine puts over each page."""
    answers: bool = True
    ecm: bool = True
    receiver: str = ""
    """More of its configuration."""
    cancel_after: float = 0
    """Seconds of sending after which the job is ended."""
    vanish_after: float = 0
    """Seconds of sending after which the called modem is gone."""


SCENARIOS = {
    "arrives": Scenario(Status.ACKNOWLEDGED, exact=True),
    "no-answer": Scenario(Status.FAILED, "no-answer", answers=False),
    "without-ecm": Scenario(Status.ACCEPTED, exact=True, ecm=False),
    "old-receiver": Scenario(Status.ACCEPTED, exact=True, receiver='Class1RMQueryCmd: "!24,48,72,96"\nClass1ECMSupport: no\n'),
    "cancelled": Scenario(Status.FAILED, "cancelled", cancel_after=25),
    "vanishes": Scenario(Status.UNCERTAIN, "no-confirmation", vanish_after=40),
}


class TwoModems(HylaFax):
    """The server with both modems; `answers` False lets it ring."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        modems = {f"ttyIAX{n}": MODEM.format(n=n, rings=int(scenario.answers or n == 0)) + (scenario.receiver if n else "") for n in (0, 1)}
        super().__init__(send="/usr/lib/hylafax/bin/faxsend", modems=modems)

    def start(self) -> None:
        etc = Path(tempfile.mkdtemp(prefix="iax", dir=self.root))
        for n, port in ((0, 4570), (1, 4569)):
            (etc / f"ttyIAX{n}").write_text(
                f"device /dev/ttyIAX{n}\nowner uucp:uucp\nmode 660\nport {port}\nrefresh 0\nserver 127.0.0.1\npeername modem{n}\nsecret none\ncidname Test\ncidnumber 202555010{n}\ncodec slinear\n"
            )
        subprocess.run(["mount", "--bind", etc, "/etc/iaxmodem"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for n in (0, 1):
            Path(f"/var/lock/LCK..ttyIAX{n}").unlink(missing_ok=True)
            self.run(f"iax{n}", "/usr/bin/iaxmodem", f"ttyIAX{n}")
        until(lambda: all(Path(f"/dev/ttyIAX{n}").exists() for n in (0, 1)))
        super().start()
        for n in (1, 0):
            self.run(f"getty{n}", "/usr/sbin/faxgetty", "-q", str(self.spool), f"ttyIAX{n}")
        until(lambda: all(self.status(n).startswith("Running and idle") for n in (0, 1)), 60, 0.1)

    def status(self, n: int) -> str:
        try:
            return (self.spool / "status" / f"ttyIAX{n}").read_text().strip()
        except OSError:
            return ""

    def stop(self) -> None:
        super().stop()
        subprocess.run(["umount", "/etc/iaxmodem"], check=False)
        for n in (0, 1):
            Path(f"/dev/ttyIAX{n}").unlink(missing_ok=True)


def call(scenario: Scenario, tiff: bytes, kept: Path) -> None:
    """Send once, and keep what the server recorded and what the other modem received."""
    kept.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with TwoModems(scenario) as fax:
        print(f"{time.monotonic() - began:6.1f} ready", flush=True)
        time.sleep(5)
        server = hfaxd.Server(port=fax.port, user="office", modem="ttyIAX0")
        with hfaxd.Session(server) as session:
            order = hfaxd.Order(tiff, NUMBER, "letter/1/mission/fax/en#1", "Office", identifier="+1 202 555 0100", dials=1, tries=1, ecm=scenario.ecm)
            job = session.prepare(order)
            session.submit(job)
        last = None
        acted = False
        sending = 0.0
        while True:
            (now,) = hfaxd.find(server, order.tag)
            if (seen := (now.state, now.pages, now.total, now.dials, now.status, fax.status(1)[:60])) != last:
                print(f"{time.monotonic() - began:6.1f}", seen, flush=True)
                last = seen
            if now.ended:
                break
            sending = sending or (time.monotonic() if now.state == "R" else 0)
            waited = time.monotonic() - sending if sending else 0
            if not acted and scenario.cancel_after and waited > scenario.cancel_after:
                acted = True
                with hfaxd.Session(server) as session:
                    print(session.cancel(job))
            if not acted and scenario.vanish_after and waited > scenario.vanish_after:
                acted = True
                fax.kill("iax1")
            assert time.monotonic() - began < 400
            time.sleep(1)
        with hfaxd.Session(server) as session:
            (kept / "record").write_bytes(session.retrieve(now.record))
            (kept / "log").write_bytes(session.retrieve(now.log) if now.log else b"")
        if scenario.answers and not acted:
            until(lambda: fax.status(1).startswith("Running and idle"), 30, 0.2)
        for file in (fax.spool / "recvq").glob("*.tif"):
            shutil.copy(file, kept / "received.tif")
    check(scenario, tiff, kept)
    print(f"{time.monotonic() - began:6.1f} as it should be", flush=True)


def check(scenario: Scenario, tiff: bytes, kept: Path) -> None:
    """What was recorded and received is what the scenario says."""
    outcome = evidence.read((kept / "record").read_bytes(), (kept / "log").read_bytes())
    print("      ", outcome, flush=True)
    assert (outcome.result, outcome.cause, outcome.number) == (scenario.result, scenario.cause, NUMBER)
    if scenario.exact:
        sent, received = decoded(tiff), decoded((kept / "received.tif").read_bytes())
        assert len(received) == len(sent)
        for one, other in zip(received, sent, strict=True):
            lost = (len(other) - len(one)) // ROW
            assert lost == 0 or (lost == 1 and not outcome.ecm), "without error correction the last, white row is not received"
            assert one[HEADER:] == other[HEADER : len(one)]
        assert outcome.pages == outcome.total == len(sent)
        assert not outcome.csid_differs
        if outcome.ecm:
            read_by_ocr((kept / "received.tif").read_bytes())


def short_letter() -> bytes:
    """The first letter in Korean, cut down to a page, with its cover."""
    return case("ko").short().fax()


def read_by_ocr(received: bytes) -> None:
    """What arrived can be read like what was sent, without the line that the sending machine puts into the 6 mm that are kept free for it."""
    this = case("ko").short()
    pages = [class_f.decode(page.strip, page.coding) for page in class_f.read(received)]
    for page in pages:
        page.paste(0, (0, 0, class_f.WIDTH, HEADER // ROW))
    cleared = class_f.write([class_f.code(page, "mmr") for page in pages], coding="mmr", dpi=196, stamp="")
    report = legibility(cleared, this.wanted())
    print("      ", *(f"page {page.number}: {page.cer:.2%} of the characters misread" for page in report.pages), flush=True)
    assert report.problems == ()


if __name__ == "__main__":
    assert os.geteuid() == 0, "as root, in unshare --mount --net"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the daemons are stopped then too
    lock = Path("/run/lock/engross-two-modems").open("w")  # noqa: SIM115 - held until the end: the devices' names are the machine's
    fcntl.flock(lock, fcntl.LOCK_EX)
    tiff, kept = (Path(sys.argv[1]).read_bytes(), Path(sys.argv[2])) if sys.argv[1:] else (short_letter(), Path(tempfile.mkdtemp(prefix="engross-fax-call-")))
    print(f"records and received faxes: {kept}", flush=True)
    for name in sys.argv[3:] or SCENARIOS:
        print("──", name, flush=True)
        call(SCENARIOS[name], tiff, kept / name)
