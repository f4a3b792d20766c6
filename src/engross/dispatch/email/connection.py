"""A connection to a mail server that is believed only what is a reply, to something that was asked, and has an end."""

from __future__ import annotations

import re
import smtplib
import time

TIMEOUT = 60.0
"""Seconds for each step; RFC 5321, 4.5.3.2 asks for more only after the dot."""
MAX_LINES = 128
MAX_LINE = 4096
"""Lines and bytes of a line of a reply that are read; RFC 5321, 4.5.3.1.5 has 512."""


class Connection(smtplib.SMTP):
    """Reads replies that end: smtplib gathers lines without end, and takes the last of several codes."""

    _unread = b""

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Send a command, unless an answer to it is there already: that would be none.

        Raises:
            SMTPServerDisconnected: the server said more than it was asked.
        """
        if self.has_more():
            text = self._unread.decode("utf-8", "replace")
            self.close()
            raise smtplib.SMTPServerDisconnected(f"the server said more than it was asked: {text}")
        super().putcmd(cmd, args)

    def has_more(self) -> bool:
        """Whether something that nobody asked for was read together with the last reply."""
        return bool(self._unread)

    def getreply(self) -> tuple[int, bytes]:
        """Code and text of one reply; the code is -1 when it is none.

        Raises:
            OSError: the line is lost, or nothing came in time.
            SMTPServerDisconnected: the server closed the connection, or its reply has no end.
        """
        assert self.sock
        if self.file is None:  # also after STARTTLS: what came before it in clear text is forgotten
            self.file, self._unread = self.sock.makefile("rb"), b""
        end = time.monotonic() + (self.sock.gettimeout() or TIMEOUT)
        codes: set[bytes] = set()
        lines: list[bytes] = []
        while len(lines) < MAX_LINES and (line := self._line(end)):
            codes.add(line[:3])
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                code = int(line[:3]) if len(codes) == 1 and re.match(rb"[2-5][0-9]{2}", line) else -1
                return code, b"\n".join(lines)
        ending = self._unread or lines
        self.close()
        raise smtplib.SMTPServerDisconnected("the server's reply has no end" if ending else "the server closed the connection")

    def _line(self, end: float) -> bytes:
        """The next line; empty when none comes to an end within its length and before that moment."""
        while b"\n" not in self._unread[:MAX_LINE] and len(self._unread) < MAX_LINE and time.monotonic() < end:
            assert self.file
            if not (piece := self.file.read1(MAX_LINE)):
                return b""
            self._unread += piece
        line, found, rest = self._unread.partition(b"\n")
        if not found or len(line) >= MAX_LINE:
            return b""
        self._unread = rest
        return line + found


class TlsConnection(Connection, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""
