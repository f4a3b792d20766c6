"""A mail server in a process of its own that misbehaves as it is told. Each message it takes is a line in the file `world`."""

from __future__ import annotations

import base64
import os
import socket
import ssl
import threading
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path


@dataclass
class Script:
    """What the server says; an empty reply is none at all, and the line is dropped."""

    replies: dict[str, str] = field(default_factory=dict)
    """By command, `RCPT` or, for one recipient, `RCPT new-york@example.org`; `DOT` is what follows the message."""
    features: tuple[str, ...] = ("PIPELINING", "SIZE 50000000", "DSN", "8BITMIME")
    drop_in_data: bool = False
    silent_after_dot: bool = False
    take_before_drop: bool = False
    """The message counts as taken although the answer never leaves."""
    silent_for: str = ""
    """The recipient whose message is taken, and never answered."""
    gather: int = 0
    """So many sessions are begun before the first of them is greeted."""
    certificate: str = ""
    """PEM with key: the server speaks TLS from the first byte."""
    bearer: str = ""
    """The server speaks AUTH XOAUTH2 and takes this token, of the user `office@example.org`, and no other."""


def serve(world: Path, script: Script, told: Connection) -> None:
    """Serve sessions, several at once, until the process is ended."""
    listener = socket.create_server(("127.0.0.1", 0))
    told.send(listener.getsockname()[1])
    waiting: list[socket.socket] = []
    while True:
        waiting.append(listener.accept()[0])
        if len(waiting) < script.gather:
            continue
        script.gather = 0
        for connection in waiting:
            threading.Thread(target=converse, args=(connection, world, script), daemon=True).start()
        waiting.clear()


def converse(connection: socket.socket, world: Path, script: Script) -> None:
    """One session."""
    try:
        if script.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(script.certificate)
            connection = context.wrap_socket(connection, server_side=True)
        Conversation(connection, world, script).run()
    except OSError:
        pass
    finally:
        connection.close()


class Conversation:
    def __init__(self, connection: socket.socket, world: Path, script: Script) -> None:
        self.connection, self.world, self.script = connection, world, script
        self.file = connection.makefile("rb")
        self.recipient = ""

    def say(self, text: str) -> None:
        self.connection.sendall(text.encode() + b"\r\n")

    def run(self) -> None:
        self.say(self.script.replies.get("CONNECT", "220 fake.example.org ESMTP"))
        while line := self.file.readline().decode("utf-8", "replace").strip():
            verb = line.split()[0].upper()
            if verb == "RCPT":
                self.recipient = line.partition("<")[2].partition(">")[0]
            reply = self.script.replies.get(f"{verb} {self.recipient}", self.script.replies.get(verb))
            if reply == "":
                return
            if reply is not None and "echo" in reply:
                reply = f"535 5.7.8 no: {line} {base64.b64decode(line.split()[-1] + '==').decode('utf-8', 'replace')}"
            if verb == "EHLO" and reply is None:
                self.say("250-fake.example.org")
                for feature in self.script.features:
                    self.say(f"250-{feature}")
                reply = "250 HELP"
            if verb == "AUTH" and self.script.bearer:
                reply = self.xoauth2(line)
            if verb == "DATA" and reply is None:
                if not self.data():
                    return
                continue
            self.say(reply or {"QUIT": "221 bye", "AUTH": "235 welcome"}.get(verb, "250 ok"))
            if verb == "QUIT":
                return

    def xoauth2(self, line: str) -> str:
        """As Google and Microsoft describe it: a token that is not good is answered by a challenge with the reason, and the client answers that with nothing."""
        if base64.b64decode(line.split()[-1]).decode() == f"user=office@example.org\1auth=Bearer {self.script.bearer}\1\1":
            return "235 2.7.0 Accepted"
        self.say("334 " + base64.b64encode(b'{"status":"400","schemes":"Bearer","scope":"https://mail.example.org/"}').decode())
        return "535 5.7.8 Username and Password not accepted" if self.file.readline() == b"\r\n" else "500 5.5.2 an empty answer was expected"

    def data(self) -> bool:
        """Whether the session goes on."""
        self.say("354 go on")
        body = b""
        while not body.endswith(b"\r\n.\r\n"):
            if self.script.drop_in_data:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return False
            line = self.file.readline()
            if not line:
                return False
            body += line
        reply = self.script.replies.get("DOT", "250 2.0.0 queued as 4711")
        if reply.startswith("250") or self.script.take_before_drop:
            with (self.world).open("ab") as stream:
                stream.write(f"{self.recipient} {len(body)}\n".encode())
                stream.flush()
                os.fsync(stream.fileno())
        if self.script.silent_after_dot or self.recipient == self.script.silent_for:
            self.file.read()
            return False
        if not reply:
            return False
        self.say(reply)
        return True
