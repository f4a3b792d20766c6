"""Missions, items and a way out that the tests of sending share: the message is always the same, the session with the server is the real one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engross.dispatch.channel import Item, Outcome, Parcel
from engross.dispatch.email.smtp import Login, Session
from engross.errors import Position
from engross.ledger import MAIL, Channel, Delivery, Ledger
from engross.letter import Holder, Mission, Segment
from engross.settings_dispatch import Office, Smtp

T0 = datetime(2018, 6, 6, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PASSWORD = "correct horse battery staple"
MESSAGE = b"From: office@example.org\r\nSubject: test\r\nMessage-ID: <one@example.org>\r\n\r\nA line.\r\n.A dot begins this one.\r\n"


def mission(name: str) -> Mission:
    def segment(text: str) -> Segment:
        return Segment("mission", text, Position("missions.yaml"), "m", "en", "missions")

    return Mission(
        name, segment("Mission of Example"), segment("New York"), Holder(segment("Envoy Example"), segment("Ambassador")), "", "", f"{name}@example.org", ("en",),
        hours="09:00-17:00", time_zone="America/New_York",
    )  # fmt: skip


def office(port: int, tls: str = "none", **options: str) -> Office:
    return Office("office", "Example Office", email="office@example.org", smtp=Smtp("localhost", port, tls, **options))  # type: ignore[arg-type]


def item(name: str, port: int, **changes: object) -> Item:
    delivery = Delivery("letter", 1, name, Channel.EMAIL, MAIL)
    made = Item(delivery, mission(name), f"{name}@example.org", office(port), ("en",), {"letter.pdf": b"%PDF"}, size=4)
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class PlainWay:
    """Sends `MESSAGE` through the real session."""

    login: Login = field(default_factory=Login)
    timeout_dot: float = 5
    channel: Channel = Channel.EMAIL
    packed: int = 0
    padding: int = 0
    """Bytes more than the sockets' buffers can hold, so that a line that is dropped is seen while sending."""

    def pack(self, item: Item, now: datetime, earlier: Parcel | None) -> Parcel:
        self.packed += 1
        if earlier:
            return replace(earlier, details={**earlier.details, "envid": f"envid-{self.packed}"})
        digests = [hashlib.sha256(data).hexdigest() for data in item.files.values()]
        return Parcel(
            MESSAGE + b"0123456789\r\n" * (self.padding // 12),
            f"<{item.delivery.recipient}@example.org>",
            {"envid": f"{item.delivery.recipient}0123456789abcdef", "attachments": digests},
        )

    def submit(self, item: Item, parcel: Parcel, commit: Callable[[], None]) -> Outcome:
        assert item.office.smtp
        session = Session(item.office.smtp, self.login, Path("/"), timeout=5, timeout_dot=self.timeout_dot)
        return session.send(item.office.email, item.address, parcel.payload, str(parcel.details["envid"]), commit)


def open_ledger(folder: Path) -> Ledger:
    return Ledger.open(folder / "ledger.sqlite3", offices=1, now=T0)
