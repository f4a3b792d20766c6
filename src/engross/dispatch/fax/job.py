"""What is told to a HylaFAX server and what it tells: where it is, a fax to send, a job in its lists. Values and their spelling on the line."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from engross.errors import OutsideError, UsageError

DIAL = re.compile(r"\+[0-9]{7,15}\Z")
"""ITU-T E.164 as it is dialled; the server's own rules add prefixes."""
FIELDS = ("j", "a", "p", "y", "d", "t", "J", "e", "o", "W", "s")
"""JOBFMT letters of a listing. The tag of a job comes before its status: only the status may hold the separator."""
LINES = (98, 196)


class FaxServerError(OutsideError):
    """The fax server said no, or cannot be heard. `code` is its reply, 0 when there was none."""

    def __init__(self, message: str, *, code: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code

    @property
    def temporary(self) -> bool:
        """Whether it may go better later: a reply 4xx, or none."""
        return self.code < 500


@dataclass(frozen=True, slots=True)
class Server:
    """Where a HylaFAX server listens, and how to log in."""

    host: str = "127.0.0.1"
    port: int = 4559
    user: str = "engross"
    password: str = field(default="", repr=False)
    tunnel: bool = False
    """The host is the end of a tunnel (ssh, WireGuard), so that clear text may go there."""
    timeout: float = 20.0
    """Seconds that each step may take."""
    modem: str = ""
    """The device to call with; empty for any."""

    @property
    def name(self) -> str:
        """As events name it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Order:
    """One fax as it is handed to the server."""

    tiff: bytes
    number: str
    """As `DIAL` wants it."""
    tag: str
    """By which the job can be found again in the server's queues."""
    sender: str
    """Who sends it, for the server's lists: ASCII."""
    mail: str = "nobody"
    """The server mails nothing; it wants an address nevertheless."""
    identifier: str = ""
    """The number that our machine tells the other one (TSI)."""
    lines: int = 196
    """Lines per inch: 196 or 98."""
    dials: int = 3
    """Calls at most, answered or not."""
    tries: int = 2
    """Answered calls at most."""
    hours: int = 3
    """After which the server gives up."""
    ecm: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the server lists it. Strings are as the server sent them: escape them where they are shown."""

    id: str
    state: str
    """HylaFAX's letter: P pending, S waiting for another try, B blocked, W ready, R sending, T suspended, D done, F failed."""
    pages: int
    total: int
    dials: int
    tries: int
    tag: str
    number: str
    owner: str
    session: str
    """Names the log of its last call."""
    status: str
    queue: str

    @property
    def ended(self) -> bool:
        """Whether nothing more will be done for it."""
        return self.state in ("D", "F")

    @property
    def record(self) -> str:
        """Path of its queue record on the server."""
        return f"{self.queue}/q{self.id}"

    @property
    def log(self) -> str:
        """Path of the log of its last call; empty before there was one."""
        return f"log/c{self.session}" if self.session.isdecimal() else ""


def checked(server: Server) -> Server:
    """The server, if clear text may go there.

    Raises:
        UsageError: it is neither this machine nor said to be a tunnel's end.
    """
    if not server.tunnel and not loopback(server.host):
        raise UsageError(
            f"the fax server {server.host} is another machine, and its protocol is clear text",
            hint="reach it through a tunnel: with host = 127.0.0.1, or with tunnel = true if that host is the tunnel's end",
        )
    return server


def loopback(host: str) -> bool:
    """Whether that host, a name or an address, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def parameters(order: Order, modem: str) -> list[tuple[str, str]]:
    """The job's parameters as JPARM takes them.

    Raises:
        UsageError: the number is not one to dial, or a text cannot be told to the server.
    """
    if not DIAL.match(order.number):
        raise UsageError(f"{order.number!r} is not a number to dial", hint="write it internationally, with + and 7 to 15 digits")
    if order.lines not in LINES:
        raise UsageError(f"a fax has 98 or 196 lines per inch, not {order.lines}")
    given = [
        ("FROMUSER", quoted(order.sender)),
        ("LASTTIME", f"{order.hours // 24:02}{order.hours % 24:02}00"),
        ("MAXDIALS", str(order.dials)),
        ("MAXTRIES", str(order.tries)),
        ("SCHEDPRI", "127"),
        ("DIALSTRING", quoted(order.number)),
        ("EXTERNAL", quoted(order.number)),
        ("NOTIFYADDR", quoted(order.mail)),
        ("JOBINFO", quoted(order.tag)),
        ("VRES", str(order.lines)),
        ("PAGEWIDTH", "209"),  # what HylaFAX calls 1728 pixels
        ("PAGELENGTH", "296"),
        ("NOTIFY", quoted("none")),
        ("PAGECHOP", quoted("none")),
    ]
    if not order.ecm:  # YES would ask for the small frames; without a word the server takes the best it has
        given.append(("USEECM", "NO"))
    if order.identifier:
        given.append(("TSI", quoted(order.identifier)))
    if modem:
        given.append(("MODEM", quoted(modem)))
    return given


def word(text: str) -> str:
    """The text as an argument of a command.

    Raises:
        UsageError: it would end the command, or is not ASCII.
    """
    if not text.isascii() or any(not " " <= c <= "~" for c in text):
        raise UsageError(f"{text!r} cannot be told to a fax server", hint="use ASCII letters, digits and signs")
    return text


def quoted(text: str) -> str:
    """The text as a quoted argument of a command."""
    return '"' + word(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_job(line: str, queue: str) -> Job | None:
    """A line of a listing in the order of `FIELDS`; None when it is something else."""
    parts = [part.strip() for part in line.split("|", len(FIELDS) - 1)]
    if len(parts) != len(FIELDS) or not parts[0].isdecimal():
        return None
    job, state, pages, total, dials, tries, tag, number, owner, session, status = parts
    return Job(job, state, _count(pages), _count(total), _count(dials), _count(tries), tag, number, owner, session, status, queue)


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else 0
