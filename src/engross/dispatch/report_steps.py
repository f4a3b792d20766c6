"""What happened to a delivery, event by event, in the report's words and with the facts that the event holds, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Any

from engross.ledger import Channel, Event, Kind
from engross.report.model import Fact, Step

Data = Mapping[str, Any]

PLAIN = (Kind.CLAIMED, Kind.COMMITTING, Kind.DELIVERY_REPORTED, Kind.PARTIAL, Kind.FAILED, Kind.REFUSED, Kind.UNCERTAIN, Kind.HELD, Kind.RELEASED, Kind.CANCELLED, Kind.PLANNED)
"""Kinds that have one sentence, whatever the event holds."""
NOTES = {"a call of the fax server": "call", "the fax job is to be ended": "ending"}
"""What a note says that the fax server's follower makes, and the word for it."""


def steps(events: Iterable[Event]) -> tuple[Step, ...]:
    """A step for each event of one delivery."""
    made: list[Step] = []
    address = ""
    for event in events:
        address = str(event.data.get("address") or "") or address
        made.append(_step(event, address))
    return tuple(made)


def _step(event: Event, address: str) -> Step:
    data = event.data
    attempt = data.get("attempt")
    state = str(data.get("late") or data.get("result") or "")
    until = _moment(data.get("until")) if event.kind is Kind.DEFERRED else None
    return Step(event.at, _key(event), attempt if isinstance(attempt, int) else 0, {"address": address}, state, until, tuple(_facts(event)))


def _key(event: Event) -> str:
    kind, data = event.kind, event.data
    if kind in PLAIN or kind is Kind.DEFERRED:
        return kind.value
    pages = isinstance(data.get("total"), int) and 0 < data["total"] <= data.get("pages", 0)
    if kind is Kind.ACCEPTED:
        mail = event.delivery is not None and event.delivery.channel is Channel.EMAIL
        return "accepted_pages" if pages else "accepted_email" if mail or "phase" in data else "accepted_fax"
    if kind is Kind.ACKNOWLEDGED:
        return "acknowledged_pages" if pages else "acknowledged"
    if kind is Kind.CORRECTED:
        return "corrected_to" if data.get("address") else "corrected"
    if kind is Kind.RESOLVED:
        return f"resolved_{data['decision']}"
    return "recorded" if kind is Kind.RECORDED else _key_of_note(data)


def _key_of_note(data: Data) -> str:
    if "late" in data:
        return "late"
    if "answer" in data:
        return "answer_automatic" if data["answer"] == "automatic" else "answer_person"
    return "notice" if "notice" in data else NOTES.get(str(data.get("what", "")), "noted")


def _facts(event: Event) -> Iterator[Fact]:
    data = event.data
    yield from _of_person(data)
    yield from _of_preparation(data) if event.kind is Kind.CLAIMED else ()
    yield from _of_server(data)
    yield from _of_fax(data) if "csid" in data else ()
    yield from _of_notice(data) if "notice" in data else ()
    yield from _of_answer(data) if "answer" in data else ()
    yield from _kept("evidence", data.get("evidence"))
    yield from _kept("log", data.get("log"))


def _of_person(data: Data) -> Iterator[Fact]:
    if "notice" not in data:  # there `by` is the server that reported, and the reason repeats the notice
        yield from _text("by", data, "by")
    if occurred := _moment(data.get("occurred")):
        yield Fact("occurred", moment=occurred)
    for name in ("reason", "note", "text") if "notice" not in data else ():
        yield from _text("reason", data, name)
    if "what" in data and data["what"] not in NOTES:
        yield from _text("reason", data, "what")
    if isinstance(shared := data.get("shared"), list):
        yield Fact("shared", ", ".join(map(str, shared)))


def _of_preparation(data: Data) -> Iterator[Fact]:
    yield from _text("token", data, "token", code=True)
    yield from _text("envid", data, "envid", code=True)
    yield from _text("signed", data, "signed")
    for digest in data.get("attachments", ()):
        yield Fact("attachments", f"SHA-256 {digest}", code=True)
    yield from _kept("payload", data.get("payload"))


def _of_server(data: Data) -> Iterator[Fact]:
    yield from _text("server", data, "server")
    if data.get("tls") == "none":
        yield Fact("tls", word="f_tls_none")
    else:
        yield from _text("tls", data, "tls")
    if data.get("dsn") in ("requested", "not offered"):
        yield Fact("dsn", word="f_dsn_requested" if data["dsn"] == "requested" else "f_dsn_not_offered")
    if data.get("reply") != data.get("reason"):
        yield from _text("reply", data, "reply")
    yield from _text("job", data, "job", code=True)


def _of_fax(data: Data) -> Iterator[Fact]:
    """What the fax server's records show, or do not show, of the last call."""
    if data.get("total"):
        yield Fact("pages", word="f_pages_of", values={"pages": str(data.get("pages", 0)), "total": str(data["total"])})
    else:
        yield Fact("pages", word="not_known")
    yield Fact("csid", str(data["csid"])) if data["csid"] else Fact("csid", word="f_csid_none")
    if data.get("csid_differs"):
        yield Fact("csid", word="f_csid_differs")
    yield from _text("dialled", data, "dialled")
    seconds, rate, ecm = data.get("seconds"), data.get("rate"), data.get("ecm")
    yield Fact("seconds", word="not_known") if seconds is None else Fact("seconds", word="f_seconds_of", values={"seconds": str(seconds)})
    yield Fact("rate", f"{rate} bit/s") if rate else Fact("rate", word="not_known")
    yield Fact("ecm", word="not_known" if ecm is None else "f_yes" if ecm else "f_no")
    if "dials" in data:
        yield Fact("calls", f"{data['dials']}, {data.get('tries', 0)}")


def _of_notice(data: Data) -> Iterator[Fact]:
    words = " ".join(str(data[name]) for name in ("notice", "code", "diagnostic") if data.get(name))
    yield Fact("notice", words)
    yield from _text("reporter", data, "by")


def _of_answer(data: Data) -> Iterator[Fact]:
    for key, name in (("sender", "from"), ("subject", "subject"), ("date", "date")):
        if data.get(name):
            yield Fact(key, _decoded(str(data[name])))


def _decoded(text: str) -> str:
    """A header as people read it (RFC 2047); as it came where it cannot be decoded."""
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError, HeaderParseError):
        return text


def _text(key: str, data: Data, name: str, *, code: bool = False) -> Iterator[Fact]:
    if data.get(name):
        yield Fact(key, str(data[name]), code=code)


def _kept(key: str, stored: object) -> Iterator[Fact]:
    """Bytes that are kept: digest, size and where."""
    if isinstance(stored, dict) and stored.get("sha256"):
        yield Fact(key, f"SHA-256 {stored['sha256']}", code=True)
        yield from _text("where", stored, "where") if key == "payload" else ()


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None
