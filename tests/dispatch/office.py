"""An office with a small edition, and the program in this process: so its clock can be set and its Ctrl-C timed, and it starts at once. Servers are real."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from engross.cli import main
from tests.dispatch.small import LETTER


@dataclass
class Office:
    """A workspace whose office can send, and the program in it."""

    root: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    errors: str = ""

    def run(self, *arguments: str, code: int = 0) -> str:
        """What the program prints; what it says of errors is in `errors`."""
        self.monkeypatch.setattr(sys, "argv", ["engross", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.capsys.readouterr()
        self.errors = " ".join(re.sub("[│╭╮╰╯─]", " ", said.err).split())  # without the boxes in which lines are broken
        assert (ended.value.code or 0) == code, said.out + said.err
        return said.out

    def send(self, *arguments: str, code: int = 0) -> str:
        return self.run("send", LETTER, "--via", "email", "--yes", *arguments, code=code)

    def decide(self, action: str, to: str, *arguments: str, code: int = 0) -> str:
        return self.run("deliveries", LETTER, action, "--to", to, "--via", "email", *arguments, code=code)

    def states(self) -> dict[str, dict[str, Any]]:
        return {row["recipient"]: row for row in json.loads(self.run("deliveries", LETTER, "--json"))}

    def message(self, digest: str) -> str:
        """The text of a message that was sent, as it is kept."""
        data = (self.root.parent / "state/engross/ledger/objects" / digest[:2] / digest[2:]).read_bytes()
        body = message_from_bytes(data, policy=policy.default).get_body(("plain",))
        assert body is not None
        return str(body.get_content())
