"""A HylaFAX server of the test's own: spool, faxq and hfaxd on a free port of loopback, started and stopped by process id.

HylaFAX starts only as root, and changes to the fax user then.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from engross.dispatch.fax.hfaxd import Server

INSTALLED = Path("/var/spool/hylafax")
SETTINGS = Path("/etc/hylafax")
PROGRAMS = Path("/usr/lib/hylafax/bin")
FAKE = tuple(f"ttyFAKE{n}" for n in range(12))
TRACED = "ServerTracing: 0xFFF\nSessionTracing: 0xFFF\nLogFileMode: 0644\nCountryCode: 1\nAreaCode: 202\nLongDistancePrefix: 1\nInternationalPrefix: 011\nDialStringRules: etc/dialrules\n"


def until(what, seconds: float = 15.0, pause: float = 0.02):
    """What `what()` returns as soon as it is true."""
    end = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(pause)
    return value


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class HylaFax:
    """Use it in a `with`. `world` is the folder in which the fake modem writes what went over the line."""

    def __init__(self, send: str = "", modems: dict[str, str] | None = None, port: int = 0) -> None:
        assert os.geteuid() == 0, "HylaFAX starts only as root"
        self.root = Path(tempfile.mkdtemp(prefix="engross-fax-"))  # not in a folder of pytest's: the fax user has to come in
        self.root.chmod(0o755)
        self.spool, self.world = self.root / "spool", self.root / "world"
        self.port = port or free_port()
        self.server = Server(port=self.port, user="office", timeout=10)
        self.modems = modems or dict.fromkeys(FAKE, "")
        self._over = threading.Event()
        self._poker: threading.Thread | None = None
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._prepare(send or self._fake_send())

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)

    def _fake_send(self) -> str:
        """faxq runs one program; the fake modem is a script of ours, and the world's folder stands in it."""
        self.world.mkdir()
        script = self.root / "fakesend"
        shutil.copyfile(Path(__file__).with_name("fakesend.py"), self.root / "fakesend.py")
        script.write_text(f'#!/bin/sh\nexec {Path(sys.base_prefix) / "bin" / "python3"} -S -E {self.root / "fakesend.py"} {self.world} "$@"\n')
        script.chmod(0o755)
        (self.root / "fakesend.py").chmod(0o644)
        return str(script)

    def _prepare(self, send: str) -> None:
        for folder in INSTALLED.iterdir():
            target = self.spool / folder.name
            target.mkdir(parents=True, exist_ok=True)
            if folder.name == "bin":
                shutil.copytree(folder, target, dirs_exist_ok=True)
        etc = self.spool / "etc"
        for name in ("dialrules", "pagesizes", "typerules", "lutRS18.pcf", "setup.cache", "setup.modem"):
            shutil.copyfile(SETTINGS / name, etc / name)
        (etc / "config").write_text(
            f"{TRACED}SendFaxCmd: {send}\nMaxDials: 12\nMaxConcurrentPreps: 12\nMaxTries: 3\nJobReqBusy: 1\nJobReqNoAnswer: 1\nJobReqOther: 1\nJobRetryBusy: 1\n"
        )
        (etc / "hosts.hfaxd").write_text("localhost:21::\n127.0.0.1:21::\n")
        (etc / "hosts.hfaxd").chmod(0o600)
        (etc / "hfaxd.conf").write_text("ServerTracing: 0x001\n")
        for modem, more in self.modems.items():
            (etc / f"config.{modem}").write_text(f"{TRACED}ModemType: Class1\nFAXNumber: +1.202.555.0100\n{more}")
        for path in (self.spool, *self.spool.rglob("*"), *([self.world] if self.world.exists() else [])):
            shutil.chown(path, "uucp", "uucp")

    # daemons

    def start(self) -> None:
        self.start_queue()
        self.start_protocol()

    def start_queue(self) -> None:
        (self.spool / "FIFO").unlink(missing_ok=True)
        self.run("faxq", "/usr/sbin/faxq", "-D", "-q", str(self.spool))
        until(lambda: self._tell(""))
        for modem in self.modems:
            if modem in FAKE:
                self.command(str(PROGRAMS / "faxmodem"), "-q", str(self.spool), modem)
        if self._poker is None and FAKE[0] in self.modems:
            self._poker = threading.Thread(target=self._poke, daemon=True)
            self._poker.start()

    def _poke(self) -> None:
        """Tell faxq now and then that a modem is ready. It looks at its queue once a second and overhears what happens meanwhile: fake calls are too short for it."""
        while not self._over.wait(0.3):
            self._tell(f"+{FAKE[0]}:R\0")

    def _tell(self, message: str) -> bool:
        """Write to faxq; False when it does not listen."""
        try:
            fifo = os.open(self.spool / "FIFO", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        with suppress(BrokenPipeError):
            os.write(fifo, message.encode())
        os.close(fifo)
        return True

    def start_protocol(self) -> None:
        self.run("hfaxd", "/usr/sbin/hfaxd", "-d", "-q", str(self.spool), "-l", "127.0.0.1", "-i", str(self.port))
        until(self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                return probe.recv(4).startswith(b"220")
        except OSError:
            return False

    def run(self, name: str, *command: str) -> None:
        log = (self.root / f"{name}.out").open("ab")
        self._running[name] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        log.close()

    def command(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True)

    def kill(self, *names: str, how: int = signal.SIGKILL) -> None:
        """End these of our daemons and whatever they started: each has a session of its own."""
        for name in names:
            process = self._running.pop(name)
            try:
                os.killpg(process.pid, how)
                process.wait(5)
            except ProcessLookupError:
                process.wait()
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def stop(self) -> None:
        self._over.set()
        if self._poker:
            self._poker.join()
        self.kill(*reversed(list(self._running)), how=signal.SIGTERM)

    # what can be seen

    def calls(self) -> list[tuple[str, str]]:
        """Job tag and number of each call that the fake modem made, in order."""
        log = self.world / "calls"
        return [(line.split("\t")[0], line.split("\t")[1]) for line in log.read_text().splitlines()] if log.exists() else []

    def records(self, queue: str) -> Iterable[Path]:
        return sorted((self.spool / queue).glob("q*"))
