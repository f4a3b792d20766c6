"""The protocol of a HylaFAX server, hfaxd: FTP (RFC 959) with commands for jobs. One connection for one question; nothing is kept open.

It is clear text, so a server elsewhere is reached through a tunnel only. A job is prepared first (`prepare`: the file is stored, the job described) and handed
over by one further command (`submit`): before that command the server has nothing to send.
"""

from __future__ import annotations

import ftplib
import ipaddress
import re
import socket
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from engross.errors import OutsideError, UsageError

DIAL = re.compile(r"\+[0-9]{7,15}\Z")
"""ITU-T E.164 as it is dialled; the server's own rules add prefixes."""
QUEUES = ("sendq", "doneq")
"""Where a job is looked for, in the order in which it moves: one that moves meanwhile is seen at least once."""
LIMIT = 8 << 20
"""Bytes of a listing, record or log that are read; more is not a fax server's answer."""

_FIELDS = ("j", "a", "p", "y", "d", "t", "J", "e", "o", "W", "s")  # the tag of a job comes before its status: only the status may hold the separator
_LINES = (98, 196)


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
    if not server.tunnel and not _loopback(server.host):
        raise UsageError(
            f"the fax server {server.host} is another machine, and its protocol is clear text",
            hint="reach it through a tunnel: with host = 127.0.0.1, or with tunnel = true if that host is the tunnel's end",
        )
    return server


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Session:
    """One connection. Use it in a `with`.

    Raises:
        FaxServerError: from every method: the server refused, or cannot be heard.
        UsageError: clear text may not go to that server.
    """

    def __init__(self, server: Server) -> None:
        self._server = checked(server)
        self._ftp = ftplib.FTP(encoding="latin-1")  # noqa: S321 - loopback or a tunnel only; Latin-1, as machines put any bytes into their names

    def __enter__(self) -> Self:
        server = self._server
        try:
            self._ftp.connect(server.host, server.port, server.timeout)
            self._check_peer()
            if self._command(f"USER {_word(server.user)}").startswith("3"):
                self._command(f"PASS {_word(server.password)}", hidden=True)
            self._command("TZONE GMT")
        except (OSError, EOFError, ftplib.Error) as error:
            self._ftp.close()
            raise self._fault("connect", error) from error
        except BaseException:
            self._ftp.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ftp.close()

    def _check_peer(self) -> None:
        assert self._ftp.sock
        peer = self._ftp.sock.getpeername()[0]
        if not self._server.tunnel and not _loopback(peer):
            raise UsageError(f"{self._server.host} is {peer}, another machine", hint="reach it through a tunnel")

    def jobs(self) -> list[Job]:
        """Every job in the server's queues."""
        self._command('JOBFMT "' + "|".join(f"%{letter}" for letter in _FIELDS) + '"')
        found: dict[str, Job] = {}
        for queue in QUEUES:
            for line in self._read(f"LIST {queue}", "A").decode("latin-1").splitlines():
                if job := _job(line, queue):
                    found[job.id] = job
        return list(found.values())

    def find(self, tag: str) -> list[Job]:
        """The jobs whose tag begins with `tag`. That there is none proves nothing: servers clear their queues."""
        return [job for job in self.jobs() if job.tag.startswith(tag)]

    def prepare(self, order: Order) -> str:
        """Store the file and describe the job; its id. The server does not send it before `submit`, and drops it when this connection ends."""
        parameters = _parameters(order, self._server.modem)
        path = self._store(order.tiff)
        reply = self._command("JNEW")
        found = re.search(r"jobid: ([0-9]+)", reply)
        if not found:
            raise FaxServerError(f"the fax server did not name the job it made: {reply}")
        for name, value in parameters:
            self._command(f"JPARM {name} {value}")
        self._command(f"JPARM DOCUMENT {path}")
        return found[1]

    def submit(self, job: str) -> str:
        """Hand the prepared job over; the server's reply. It may have it from now on, whatever it replies: see `find`."""
        return self._command(f"JSUBM {job}")

    def cancel(self, job: str) -> str:
        """End a job, also in the middle of a call; the server's reply."""
        try:
            return self._command(f"JKILL {job}")
        except FaxServerError as error:
            if error.code == 0:
                raise
            return self._command(f"JDELE {job}")

    def retrieve(self, path: str) -> bytes:
        """A file of the server as it is: a queue record or a session log."""
        return self._read(f"RETR {_word(path)}", "I")

    # how

    def _command(self, line: str, *, hidden: bool = False) -> str:
        try:
            return self._ftp.sendcmd(line)
        except (OSError, EOFError, ftplib.Error, ValueError) as error:
            raise self._fault(line.split(" ", 1)[0] if hidden else line.split("\n", 1)[0], error) from error

    def _data(self, command: str) -> tuple[socket.socket, str]:
        """An open data connection (always passive: the server never calls us), and the reply that came with it."""
        host, port = self._ftp.makepasv()
        connection = socket.create_connection((host, port), self._server.timeout)
        try:
            reply = self._ftp.sendcmd(command)
            if not reply.startswith("1"):
                raise ftplib.error_reply(reply)  # noqa: S321 - an exception, no connection
        except BaseException:
            connection.close()
            raise
        return connection, reply

    def _store(self, data: bytes) -> str:
        """STOT: a file with a name that the server makes up, gone with this connection unless a job takes it."""
        self._command("FORM TIFF")
        self._command("TYPE I")
        try:
            connection, reply = self._data("STOT")
            with connection:
                connection.sendall(data)
            self._at_once()
            found = re.search(r"FILE: (\S+)", reply + self._ftp.voidresp())
        except (OSError, EOFError, ftplib.Error) as error:
            raise self._fault("STOT", error) from error
        if not found:
            raise FaxServerError(f"the fax server did not say where it stored the fax: {reply}")
        return found[1]

    def _read(self, command: str, kind: str) -> bytes:
        self._command(f"TYPE {kind}")
        data = bytearray()
        try:
            connection, _ = self._data(command)
            with connection:
                while block := connection.recv(1 << 16):
                    data += block
                    if len(data) > LIMIT:
                        raise FaxServerError(f"the fax server sent more than {LIMIT >> 20} MB for {command}")
            self._at_once()
            self._ftp.voidresp()
        except (OSError, EOFError, ftplib.Error) as error:
            raise self._fault(command, error) from error
        return bytes(data)

    def _at_once(self) -> None:
        """Acknowledge what came so far: hfaxd says that a transfer ended only then, and TCP would wait 40 ms with it (tcp(7), Linux)."""
        if hasattr(socket, "TCP_QUICKACK") and self._ftp.sock:
            self._ftp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _fault(self, doing: str, error: Exception) -> FaxServerError:
        where = f"the fax server {self._server.name}"
        if isinstance(error, ftplib.Error) and (found := re.match(r"[0-9]{3}", str(error))):
            hint = "check user and password" if found[0] == "530" else ""
            return FaxServerError(f"{where} refused {doing}: {error}", code=int(found[0]), hint=hint)
        if isinstance(error, TimeoutError):
            return FaxServerError(f"{where} did not answer {doing} within {self._server.timeout:g} s")
        return FaxServerError(f"{where} cannot be heard ({doing}): {str(error) or 'it closed the connection'}", hint="is hfaxd running, and the tunnel open?")


def find(server: Server, tag: str) -> list[Job]:
    """`Session.find` on a connection of its own, asked twice when there is none: a job that changes at the moment may be skipped.

    Raises:
        FaxServerError: the server refused, or cannot be heard.
    """
    for _ in range(2):
        with Session(server) as session:
            if found := session.find(tag):
                return found
    return []


def _parameters(order: Order, modem: str) -> list[tuple[str, str]]:
    if not DIAL.match(order.number):
        raise UsageError(f"{order.number!r} is not a number to dial", hint="write it internationally, with + and 7 to 15 digits")
    if order.lines not in _LINES:
        raise UsageError(f"a fax has 98 or 196 lines per inch, not {order.lines}")
    parameters = [
        ("FROMUSER", _quoted(order.sender)),
        ("LASTTIME", f"{order.hours // 24:02}{order.hours % 24:02}00"),
        ("MAXDIALS", str(order.dials)),
        ("MAXTRIES", str(order.tries)),
        ("SCHEDPRI", "127"),
        ("DIALSTRING", _quoted(order.number)),
        ("EXTERNAL", _quoted(order.number)),
        ("NOTIFYADDR", _quoted(order.mail)),
        ("JOBINFO", _quoted(order.tag)),
        ("VRES", str(order.lines)),
        ("PAGEWIDTH", "209"),  # what HylaFAX calls 1728 pixels
        ("PAGELENGTH", "296"),
        ("NOTIFY", _quoted("none")),
        ("PAGECHOP", _quoted("none")),
    ]
    if not order.ecm:  # YES would ask for the small frames; without a word the server takes the best it has
        parameters.append(("USEECM", "NO"))
    if order.identifier:
        parameters.append(("TSI", _quoted(order.identifier)))
    if modem:
        parameters.append(("MODEM", _quoted(modem)))
    return parameters


def _word(text: str) -> str:
    """The text as an argument of a command.

    Raises:
        UsageError: it would end the command, or is not ASCII.
    """
    if not text.isascii() or any(not " " <= c <= "~" for c in text):
        raise UsageError(f"{text!r} cannot be told to a fax server", hint="use ASCII letters, digits and signs")
    return text


def _quoted(text: str) -> str:
    return '"' + _word(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _job(line: str, queue: str) -> Job | None:
    parts = [part.strip() for part in line.split("|", len(_FIELDS) - 1)]
    if len(parts) != len(_FIELDS) or not parts[0].isdecimal():
        return None
    job, state, pages, total, dials, tries, tag, number, owner, session, status = parts
    return Job(job, state, _count(pages), _count(total), _count(dials), _count(tries), tag, number, owner, session, status, queue)


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else 0
