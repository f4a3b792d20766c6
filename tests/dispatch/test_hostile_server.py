"""A mail server, or somebody on the line to it, that means harm: what it sends is bounded, believed only when it is a reply, and gets no secret that it should not get."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engross.dispatch.channel import Outcome
from engross.dispatch.email import smtp
from engross.dispatch.email.smtp import Login, Session
from engross.ledger import Status
from engross.settings_dispatch import Smtp
from tests.dispatch.facts import MESSAGE

Talk = Callable[[socket.socket], None]
PASSWORD = "Pässwort-7391"


@pytest.fixture
def served() -> Iterator[Callable[[Talk], int]]:
    """One connection to a server that does what the function says; the port."""
    threads: list[threading.Thread] = []

    def start(talk: Talk) -> int:
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            with listener, listener.accept()[0] as connection:
                connection.settimeout(10)
                with contextlib.suppress(OSError):
                    talk(connection)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def answer(connection: socket.socket, *replies: bytes) -> list[bytes]:
    """Greet, then give each reply to one command; the commands."""
    connection.sendall(b"220 x\r\n")
    heard = []
    for reply in replies:
        heard.append(connection.recv(1 << 16))
        connection.sendall(reply)
    return heard


def take(connection: socket.socket, pause: float = 0) -> None:
    """Read a message to its dot."""
    body = b""
    while not body.endswith(b"\r\n.\r\n"):
        piece = connection.recv(1 << 14)
        if not piece:
            raise ConnectionError
        body = body[-9:] + piece
        time.sleep(pause)


def send(port: int, tls: str = "none", login: Login | None = None, ca: Path | None = None, timeout: float = 5) -> tuple[Outcome, list[str]]:
    """The outcome, and whether the last step before the dot was reached."""
    committed: list[str] = []
    session = Session(Smtp("localhost", port, tls, user=login.user if login else "", ca=str(ca or "")), login or Login(), Path("/"), timeout=timeout, timeout_dot=5)
    return session.send("office@example.org", "mission@example.org", MESSAGE, "envid", lambda: committed.append("dot")), committed


ACCEPT = (b"250 x\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n")


def endless(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"250-and more\r\n" * 1000)


def test_a_reply_without_end_ends_the_session(served: Callable[[Talk], int]) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"220 x\r\n")
        connection.recv(99)
        endless(connection)

    outcome, committed = send(served(talk))
    assert (outcome.status, committed) == (Status.DEFERRED, [])
    assert "no end" in outcome.reason


def test_a_line_without_end_after_the_dot_leaves_it_uncertain(served: Callable[[Talk], int]) -> None:
    def talk(connection: socket.socket) -> None:
        answer(connection, *ACCEPT)
        take(connection)
        connection.sendall(b"250 " + b"x" * (1 << 20))

    outcome, committed = send(served(talk))
    assert (outcome.status, committed) == (Status.UNCERTAIN, ["dot"])
    assert len(outcome.reason) < 700


def test_a_reply_that_comes_byte_by_byte_has_no_more_time_than_another(served: Callable[[Talk], int]) -> None:
    def talk(connection: socket.socket) -> None:
        answer(connection)
        for _ in range(100):
            connection.sendall(b"2")
            time.sleep(0.05)

    start = time.monotonic()
    outcome, _ = send(served(talk), timeout=0.3)
    assert outcome.status is Status.DEFERRED
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("reply", "status"), [(b"550-no\r\n250 ok\r\n", Status.UNCERTAIN), (b"999 ok\r\n", Status.UNCERTAIN), (b"ok\r\n", Status.UNCERTAIN), (b"250-ok\r\n250 ok\r\n", Status.ACCEPTED)]
)
def test_what_is_no_reply_to_the_message_is_no_answer(served: Callable[[Talk], int], reply: bytes, status: Status) -> None:
    def talk(connection: socket.socket) -> None:
        answer(connection, *ACCEPT)
        take(connection)
        connection.sendall(reply)

    assert send(served(talk))[0].status is status


@pytest.mark.parametrize("early", [1, 3], ids=["MAIL", "DATA"])
def test_an_answer_that_came_before_its_question_is_none(served: Callable[[Talk], int], early: int) -> None:
    """A server that says 250 before it has the message would have accepted what it does not have."""
    replies = [reply + b"250 queued\r\n" * (number == early) for number, reply in enumerate(ACCEPT)]

    def talk(connection: socket.socket) -> None:
        answer(connection, *replies)
        take(connection)

    outcome, committed = send(served(talk))
    assert (outcome.status, committed) == (Status.DEFERRED, [])
    assert "250 queued" in outcome.reason


def test_a_server_that_does_not_answer_quit_keeps_nobody_waiting(served: Callable[[Talk], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_QUIT", 0.1)

    def talk(connection: socket.socket) -> None:
        answer(connection, *ACCEPT)
        take(connection)
        connection.sendall(b"250 ok\r\n")
        while connection.recv(99):
            pass

    start = time.monotonic()
    assert send(served(talk), timeout=5)[0].status is Status.ACCEPTED
    assert time.monotonic() - start < 3


def test_what_was_said_in_clear_text_is_not_taken_into_the_secured_session(served: Callable[[Talk], int], keys: Path) -> None:
    """Command injection turned round (CVE-2011-0411): replies put into the line before TLS begins offer a login that the server does not."""
    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        answer(connection, b"250-x\r\n250 STARTTLS\r\n", b"220 go\r\n250-evil\r\n250 AUTH PLAIN LOGIN\r\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys / "server.both")
        with context.wrap_socket(connection, server_side=True) as secured:
            while line := secured.recv(999):
                heard.append(line)
                secured.sendall(b"250 x\r\n")

    outcome, committed = send(served(talk), "starttls", Login("office", PASSWORD), keys / "root.pem")
    assert (outcome.status, committed) == (Status.DEFERRED, [])
    assert "said more than it was asked: 250-evil" in outcome.reason
    assert heard == []


def test_a_token_is_not_given_to_a_server_that_offers_another_login(served: Callable[[Talk], int]) -> None:
    heard: list[bytes] = []
    outcome, _ = send(served(lambda connection: heard.extend(answer(connection, b"250-x\r\n250 AUTH PLAIN LOGIN\r\n"))), login=Login("office", token="token-7391"))
    assert "offers no login by XOAUTH2" in outcome.reason
    assert [line.split()[0] for line in heard] == [b"ehlo"]


@pytest.mark.parametrize("offered", [b"PLAIN", b"LOGIN"])
def test_a_password_beyond_ascii_opens_the_server(served: Callable[[Talk], int], offered: bytes) -> None:
    """RFC 4616: UTF-8. smtplib raises UnicodeEncodeError."""
    from base64 import b64decode

    heard: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        challenges = (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n") if offered == b"LOGIN" else ()
        heard.extend(answer(connection, b"250-x\r\n250 AUTH " + offered + b"\r\n", *challenges, b"535 no\r\n"))

    outcome, _ = send(served(talk), login=Login("office", PASSWORD))
    assert outcome.reason == "535 no"
    assert b64decode(heard[-1].split()[-1]).decode().endswith(PASSWORD)
    assert len(heard) == (4 if offered == b"LOGIN" else 2)


def test_a_slow_line_is_no_failure(served: Callable[[Talk], int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece of a message has the time of a step, not the whole of it."""
    monkeypatch.setattr("tests.dispatch.test_hostile_server.MESSAGE", MESSAGE + b"0123456789\r\n" * 500_000)

    def talk(connection: socket.socket) -> None:
        answer(connection, *ACCEPT)
        take(connection, pause=0.003)
        connection.sendall(b"250 ok\r\n")

    assert send(served(talk), timeout=0.3)[0].status is Status.ACCEPTED
