"""One message to one recipient over SMTP (RFC 5321), step by step, so that it is always known whether the other side can have it.

smtplib raises the same exception before and after the final dot, so the steps are taken here one by one: until the dot is sent, nothing was handed over; after it,
only the server's answer says what became of it, and without an answer nobody knows.
"""

from __future__ import annotations

import base64
import contextlib
import re
import select
import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from pathlib import Path

from engross import redaction
from engross.dispatch.channel import Outcome
from engross.dispatch.email.connection import TIMEOUT, Connection, TlsConnection
from engross.errors import OutsideError
from engross.files import failpoint
from engross.ledger import Status
from engross.settings_dispatch import Smtp

AGAIN = timedelta(minutes=15)
"""After a temporary refusal: greylisting usually ends within that time."""
SOON = timedelta(minutes=1)
"""After a failure on our own side, which somebody repairs."""
TIMEOUT_DOT = 600.0
TIMEOUT_QUIT = 5.0
"""When the answer to the message is there, that to QUIT is not worth a long wait."""
PIECE = 1 << 16
"""Bytes of the message that have the time of one step to leave: a slow line is no failure."""
MAX_REPLY = 600
"""Characters of a reply that are kept, as they came: whoever shows them escapes them."""
TEMPORARY = range(400, 500)
CHALLENGE = 334


class Phase(Enum):
    """How far a session came."""

    CONNECT = "connecting"
    TLS = "securing the connection"
    LOGIN = "logging in"
    SENDER = "naming the sender"
    RECIPIENT = "naming the recipient"
    DATA = "sending the message"
    DOT = "waiting for the answer to the message"


OWN = (Phase.CONNECT, Phase.TLS, Phase.LOGIN)
"""What goes wrong here is between the office and its own server: the recipient has nothing to do with it."""


@dataclass(frozen=True, slots=True)
class Login:
    """What the server wants from the office. Never printed, logged or kept."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    """OAuth 2 access token."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be seen."""
        return tuple(secret for secret in (self.password, self.token) if secret)


def login(smtp: Smtp, environment: Mapping[str, str]) -> Login:
    """User and secret of a server, from the environment.

    Raises:
        OutsideError: the variable that the settings name is not set.
    """
    name = smtp.password_env or smtp.oauth_env
    if not name:
        return Login()
    secret = environment.get(name, "")
    if not secret:
        raise OutsideError(f"the environment variable {name} is not set", hint=f"it holds the {'password' if smtp.password_env else 'access token'} for {smtp.host}")
    return Login(smtp.user, secret if smtp.password_env else "", secret if smtp.oauth_env else "")


class _Ended(Exception):
    """The session is over, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass
class Session:
    """One transaction. `phase` says how far it came; it never goes back."""

    smtp: Smtp
    login: Login
    root: Path
    """Where the path of `ca` begins."""
    timeout: float = TIMEOUT
    timeout_dot: float = TIMEOUT_DOT
    phase: Phase = Phase.CONNECT
    facts: dict[str, str | int] = field(default_factory=dict)
    """What is kept with the outcome: the server, the protocol, each reply."""

    def send(self, sender: str, recipient: str, data: bytes, envid: str, commit: Callable[[], None]) -> Outcome:
        """Hand the message over. `commit` is called when all but the final dot has been sent; what it raises ends the session without the dot."""
        connection = self._connection()
        try:
            self._connect(connection)
            self._secured(connection)
            self._logged_in(connection)
            return self._transaction(connection, sender, recipient, data, envid, commit)
        except _Ended as end:
            return end.outcome
        except (OSError, smtplib.SMTPException, ssl.CertificateError) as error:
            return self._lost(error)
        finally:
            connection.close()

    # steps

    def _connection(self) -> Connection:
        name = "localhost" if self.smtp.local else socket.getfqdn()
        self.facts["server"] = f"{self.smtp.host}:{self.smtp.port}"
        if self.smtp.tls == "tls":
            connection: Connection = TlsConnection(local_hostname=name, timeout=self.timeout, context=self._context())
        else:
            connection = Connection(local_hostname=name, timeout=self.timeout)
        connection._host = self.smtp.host  # type: ignore[attr-defined]  # noqa: SLF001 - the name the certificate is checked against, which smtplib takes only when it connects in its constructor
        return connection

    def _connect(self, connection: smtplib.SMTP) -> None:
        self._expect(connection.connect(self.smtp.host, self.smtp.port), 220)
        failpoint("smtp:connected")
        connection.ehlo_or_helo_if_needed()

    def _secured(self, connection: smtplib.SMTP) -> None:
        self.phase = Phase.TLS
        if self.smtp.tls == "none":
            self.facts["tls"] = "none"
            return
        if self.smtp.tls == "starttls":
            if not connection.has_extn("starttls"):
                raise _Ended(self._outcome(Status.DEFERRED, "the server offers no encryption; nothing was sent in clear text"))
            connection.starttls(context=self._context())
            connection.ehlo()
        self.facts["tls"] = getattr(connection.sock, "version", lambda: "")() or "tls"

    def _logged_in(self, connection: smtplib.SMTP) -> None:
        self.phase = Phase.LOGIN
        user, offered = self.login.user, connection.esmtp_features.get("auth", "").upper().split()
        if not user:
            return
        if self.login.token:
            ways: dict[str, tuple[str, ...]] = {"XOAUTH2": (_bearer(user, self.login.token), "")}  # the empty answer ends the challenge by which a token is refused
        else:
            ways = {"PLAIN": (f"\0{user}\0{self.login.password}",), "LOGIN": ("", user, self.login.password)}
        mechanism = next((name for name in ways if name in offered), "")
        if not mechanism:
            raise _Ended(self._outcome(Status.DEFERRED, f"the server offers no login by {' or '.join(ways)}; it was told no secret"))
        first, *answers = (base64.b64encode(answer.encode()).decode() for answer in ways[mechanism])
        reply = connection.docmd("AUTH", f"{mechanism} {first}".strip())
        for answer in answers:
            if reply[0] == CHALLENGE:
                reply = connection.docmd(answer)
        self._expect(reply, 235)

    def _transaction(self, connection: Connection, sender: str, recipient: str, data: bytes, envid: str, commit: Callable[[], None]) -> Outcome:
        self.phase = Phase.SENDER
        notices = connection.has_extn("dsn")
        self.facts["dsn"] = "requested" if notices else "not offered"
        limit = connection.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < len(data):
            raise _Ended(self._outcome(Status.REFUSED, f"the message has {len(data)} bytes, the server takes {limit}"))
        size = [f"SIZE={len(data)}"] if connection.has_extn("size") else []
        self._expect(connection.mail(sender, [*size, *(["RET=HDRS", f"ENVID={envid}"] if notices else [])]), 250)
        self.phase = Phase.RECIPIENT
        self._expect(connection.rcpt(recipient, ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(recipient)}"] if notices else []), 250, 251)
        self.phase = Phase.DATA
        failpoint("smtp:before-data")
        self._expect(connection.docmd("DATA"), 354)
        assert connection.sock
        whole = memoryview(stuffed(data))
        for start in range(0, len(whole), PIECE):
            connection.sock.sendall(whole[start : start + PIECE])
        failpoint("smtp:before-commit")
        self._still_there(connection)
        commit()
        failpoint("smtp:before-dot")
        self.phase = Phase.DOT
        connection.sock.settimeout(self.timeout_dot)
        connection.sock.sendall(b".\r\n")
        failpoint("smtp:after-dot")
        reply = connection.getreply()
        text = self._note(reply)
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.sock.settimeout(TIMEOUT_QUIT)
            connection.docmd("QUIT")
        if reply[0] == 250:
            return self._outcome(Status.ACCEPTED, text)
        if reply[0] in TEMPORARY:
            return self._outcome(Status.DEFERRED, text)
        return self._outcome(Status.REFUSED if reply[0] >= 500 else Status.UNCERTAIN, text)

    def _still_there(self, connection: Connection) -> None:
        """A server that answers or hangs up before the dot has not taken the message; after the dot one could not tell."""
        assert connection.sock
        if connection.has_more() or select.select([connection.sock], [], [], 0)[0]:
            self._expect(connection.getreply())

    # what it means

    def _expect(self, reply: tuple[int, bytes], *codes: int) -> None:
        if reply[0] not in codes:
            raise _Ended(self._outcome(Status.REFUSED if reply[0] >= 500 and self.phase not in OWN else Status.DEFERRED, self._note(reply)))
        self._note(reply)

    def _lost(self, error: Exception) -> Outcome:
        """The connection broke, or the server's answer to a step of ours was no."""
        if isinstance(error, smtplib.SMTPResponseException) and self.phase is not Phase.DOT and error.smtp_code > 0:
            text = self._note((error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()))
            return self._outcome(Status.REFUSED if error.smtp_code >= 500 and self.phase not in OWN else Status.DEFERRED, text)
        said = error.strerror if isinstance(error, OSError) and error.strerror else f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        text = f"{self.facts['server']}: {self._clean(said)}"
        if isinstance(error, ssl.SSLCertVerificationError):
            text = f"the server's certificate is not valid: {self._clean(error.verify_message)}"
        return self._outcome(Status.UNCERTAIN if self.phase is Phase.DOT else Status.DEFERRED, f"{text} (while {self.phase.value})")

    def _outcome(self, status: Status, reason: str) -> Outcome:
        own = self.phase in OWN
        retry = (SOON if own else AGAIN) if status is Status.DEFERRED else None
        return Outcome(status, reason, retry, {**self.facts, "phase": self.phase.value}, broken=own)

    def _note(self, reply: tuple[int, bytes]) -> str:
        text = self._clean(f"{reply[0]} {reply[1].decode('utf-8', 'replace')}")
        self.facts["reply"] = text
        return text

    def _clean(self, text: str) -> str:
        """A server's words without our secrets, which some echo."""
        return redaction.clean(text, self.login.secrets)[:MAX_REPLY]

    def _context(self) -> ssl.SSLContext:
        """Certificates are verified, always; smtplib's own default would not."""
        try:
            context = ssl.create_default_context(cafile=str(self.root / Path(self.smtp.ca).expanduser()) if self.smtp.ca else None)
        except (OSError, ssl.SSLError):
            raise OutsideError(f"cannot read the certificates in {self.smtp.ca}", hint="ca is a PEM file") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def stuffed(data: bytes) -> bytes:
    """The message with the dots doubled that begin a line (RFC 5321, 4.5.2), ready for the final dot."""
    return re.sub(rb"(?m)^\.", b"..", data)


def _bearer(user: str, token: str) -> str:
    return f"user={user}\1auth=Bearer {token}\1\1"


def _xtext(text: str) -> str:
    """RFC 3461, 4."""
    return "".join(c if "!" <= c <= "~" and c not in "+=" else "".join(f"+{byte:02X}" for byte in c.encode()) for c in text)
