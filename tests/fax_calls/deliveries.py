"""Deliveries by fax as one run of the program makes them, in a process of its own that may die at a failpoint or be killed."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

import sqlalchemy.dialects.sqlite  # noqa: F401 - loaded once, before the processes part
from PIL import Image

import engross.ledger.database  # noqa: F401
from engross.dispatch import sending
from engross.dispatch.channel import Item
from engross.dispatch.fax import follow, way
from engross.dispatch.fax.hfaxd import Server
from engross.errors import Position
from engross.files import FAILPOINT_VARIABLE
from engross.ledger import Channel, Delivery, Ledger
from engross.letter import Holder, Mission, Segment
from engross.render import tiff
from engross.settings_dispatch import Office

T0 = datetime(2018, 6, 6, 9, 0, tzinfo=UTC)
LETTER = "2018-06-06-dprk"


@cache
def small_fax(pages: int = 2) -> bytes:
    """A class-F TIFF that is quickly made: a bar on each page."""
    strips = []
    for page in range(pages):
        image = Image.new("1", (tiff.WIDTH, 2148))
        image.paste(1, (100, 100 * (page + 1), 1600, 100 * (page + 1) + 40))
        strips.append(tiff.code(image, "mmr"))
    return tiff.write(strips, coding="mmr", dpi=196, stamp="2018:06:06 00:00:00")


def item(recipient: str, number: str, *, cover: str = "", pages: int = 1) -> Item:
    """A fax for a mission; `cover` is the number on its cover when that is another one."""
    words = Segment("mission", recipient, Position("missions.yaml"), recipient, "en", "missions")
    mission = Mission(recipient, words, words, Holder(words, words), number, cover or number, "", ("en",))
    data = small_fax(pages)
    return Item(
        Delivery(LETTER, 1, recipient, Channel.FAX, "en"),
        mission,
        number,
        Office("office", "Example Office", email="office@example.org"),
        ("en",),
        {f"fax/{recipient}.en.tif": data},
        len(data),
    )


def clock(hour: float) -> Callable[[], datetime]:
    return lambda: T0 + timedelta(hours=hour)


def open_ledger(folder: Path, hour: float = 0) -> Ledger:
    return Ledger.open(folder / "ledger.sqlite3", offices=1, now=clock(hour)())


def hylafax(server: Server, ledger: Ledger | None = None) -> way.HylafaxWay:
    return way.HylafaxWay(server, identifier="+1 202 555 0100", known=(lambda tag: ledger.find(tag) is not None) if ledger else None)


def run(folder: Path, server: Server, wanted: dict[str, str], hour: float, crash_at: str, told: Connection | None = None) -> None:
    """Send what is due, and look once at what was sent before."""
    if crash_at:  # in a process of its own: the tests' environment stays as it is
        os.environ[FAILPOINT_VARIABLE] = crash_at
    if told:
        told.send("begun")
    with open_ledger(folder, hour) as ledger:
        sending.send([item(recipient, number) for recipient, number in wanted.items()], {Channel.FAX: hylafax(server, ledger)}, ledger, clock(hour))
        follow.follow_all(ledger, server, LETTER, clock(hour)())


def decoded(data: bytes) -> list[bytes]:
    """The pixels of each page of a TIFF, whatever its coding."""
    pages = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pages.append(image.convert("1").tobytes())
    return pages


def stop(folder: Path, server: Server, recipient: str, number: str, crash_at: str) -> None:
    """A person ends the job of a fax that was handed over."""
    if crash_at:  # in a process of its own: the tests' environment stays as it is
        os.environ[FAILPOINT_VARIABLE] = crash_at
    with open_ledger(folder, 1) as ledger:
        follow.cancel(ledger, item(recipient, number).delivery, server, by="clerk", reason="wrong edition", now=clock(1)())
