"""The protocol of a HylaFAX server, hfaxd: FTP (RFC 959) with commands for jobs. One connection for one question; nothing is kept open.

It is clear text, so a server elsewhere is reached through a tunnel only. A job is prepared first (`prepare`: the file is stored, the job described) and handed
over by one further command (`submit`): before that command the server has nothing to send.
"""

from __future__ import annotations

import ftplib
import re
import socket
from types import TracebackType
from typing import Self

from engross.dispatch.fax.job import DIAL, FIELDS, FaxServerError, Job, Order, Server, checked, loopback, parameters, read_job, word
from engross.errors import UsageError

__all__ = ["DIAL", "FaxServerError", "Job", "Order", "Server", "Session", "checked", "find"]

QUEUES = ("sendq", "doneq")
"""Where a job is looked for, in the order in which it moves: one that moves meanwhile is seen at least once."""
TIMES = 3
"""A job made within the first milliseconds of a second forgets what it is told: hfaxd compares seconds, takes its own record for a newer one and reads it again."""
LIMIT = 8 << 20
"""Bytes of a listing, record or log that are read; more is not a fax server's answer."""


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
            if self._command(f"USER {word(server.user)}").startswith("3"):
                self._command(f"PASS {word(server.password)}", hidden=True)
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
        if not self._server.tunnel and not loopback(peer):
            raise UsageError(f"{self._server.host} is {peer}, another machine", hint="reach it through a tunnel")

    def jobs(self) -> list[Job]:
        """Every job in the server's queues."""
        self._command('JOBFMT "' + "|".join(f"%{letter}" for letter in FIELDS) + '"')
        found: dict[str, Job] = {}
        for queue in QUEUES:
            for line in self._read(f"LIST {queue}", "A").decode("latin-1").splitlines():
                if job := read_job(line, queue):
                    found[job.id] = job
        return list(found.values())

    def find(self, tag: str) -> list[Job]:
        """The jobs whose tag begins with `tag`. That there is none proves nothing: servers clear their queues."""
        return [job for job in self.jobs() if job.tag.startswith(tag)]

    def prepare(self, order: Order) -> str:
        """Store the file and describe the job; its id. The server does not send it before `submit`, and drops it when this connection ends."""
        described = parameters(order, self._server.modem)
        path = self._store(order.tiff)
        for _ in range(TIMES):
            job = self._describe(described, path)
            if order.number in self._command("JPARM DIALSTRING") and order.tag in self._command("JPARM JOBINFO"):
                return job
            self._command(f"JDELE {job}")
        raise FaxServerError(f"the fax server {self._server.name} forgot what it was told of the job", code=450, hint="is its disk's clock that of the machine?")

    def _describe(self, described: list[tuple[str, str]], path: str) -> str:
        reply = self._command("JNEW")
        found = re.search(r"jobid: ([0-9]+)", reply)
        if not found:
            raise FaxServerError(f"the fax server did not name the job it made: {reply}")
        for name, value in described:
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
        return self._read(f"RETR {word(path)}", "I")

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
