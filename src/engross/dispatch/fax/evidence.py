"""What a fax server's records show of one attempt: a queue record (sendq(5)) and the log of its last call, read into a `FaxOutcome`.

A pure function of bytes, so that the same records give the same answer years later. It claims no more than stands there: "acknowledged" only when the job is
done, every page was confirmed, the other machine gave a name, and the pages went with error correction (ITU-T T.30 Annex A). Without error correction a machine
confirms pages that arrived as noise. A page is counted when its confirmation came; the last page sent without one leaves the attempt uncertain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engross.ledger import Status

DONE, FAILED = "7", "8"
"""Job states of sendq(5) in which nothing more will be done."""

_CAUSES = (
    # how the server's words begin, and what they mean; its codes differ between versions
    ("busy signal", "busy"),
    ("no answer", "no-answer"),
    ("ringback detected", "no-answer"),
    ("no carrier", "no-fax"),
    ("carrier established", "no-fax"),
    ("data connection", "no-fax"),
    ("no local dialtone", "line-dead"),
    ("no dial tone", "line-dead"),
    ("invalid dialing", "number-rejected"),
    ("blacklisted", "number-rejected"),
    ("job aborted", "cancelled"),
    ("call aborted by user", "cancelled"),
    ("kill time expired", "time-over"),
    ("no response to", "no-confirmation"),
    ("reject:", "rejected"),
)
_TIME = re.compile(r"[A-Z][a-z]{2} +\d+ (\d\d):(\d\d):(\d\d(?:\.\d+)?): \[ *\d+\]: (.*)")
_PAGE = re.compile(r"SEND FAX \(\d+\): .*\(page (\d+) of (\d+)")
_UNSPECIFIED = "<UNSPECIFIED>"
"""What HylaFAX writes for a machine that gave no name."""


@dataclass(frozen=True, slots=True)
class FaxOutcome:
    """One attempt, as far as its records show it. Strings of machines are as they came: escape them where they are shown."""

    result: Status
    """`accepted` (in the queue, under way, or sent without proof of quality), `acknowledged`, `partial`, `failed` or `uncertain`."""
    cause: str
    """Why it failed, in one of a few words (`busy`, `no-answer`, `no-fax`, `cancelled` …); empty when it did not, `other` when the server's words are unknown."""
    reason: str
    """The server's words, or ours where it has none."""
    ended: bool
    """Nothing more will be done for it."""
    number: str
    """As the job has it."""
    dialled: str
    """As the last call dialled it, after the server's rules; empty when not logged."""
    pages: int
    """Confirmed by the other machine."""
    total: int
    csid: str
    """What the other machine calls itself. Anybody can set anything there."""
    csid_differs: bool
    """It gives a number that is not the one dialled: worth a look, no proof of anything."""
    rate: int
    """Bits a second; 0 when not recorded."""
    coding: str
    ecm: bool | None
    """Whether the last call had error correction; None when the records do not say."""
    dials: int
    """Calls made, answered or not."""
    tries: int
    """Calls answered."""
    seconds: float | None
    """Of the last call, from dialling to hanging up; None without its log."""
    job: str
    session: str

    def details(self) -> dict[str, Any]:
        """As it is kept with an event of the ledger: strings, integers and None."""
        return {
            "cause": self.cause,
            "number": self.number,
            "dialled": self.dialled,
            "pages": self.pages,
            "total": self.total,
            "csid": self.csid,
            "csid_differs": int(self.csid_differs),
            "rate": self.rate,
            "coding": self.coding,
            "ecm": None if self.ecm is None else int(self.ecm),
            "dials": self.dials,
            "tries": self.tries,
            "seconds": None if self.seconds is None else round(self.seconds),
            "job": self.job,
            "session": self.session,
        }


@dataclass(frozen=True, slots=True)
class _Call:
    """What the log of one call shows."""

    dialled: str = ""
    csid: str = ""
    ecm: bool | None = None
    confirmed: int = 0
    """Pages confirmed in this call."""
    page_begun: bool = False
    last_page_sent: bool = False
    """The end of the last page was sent after the last confirmation."""
    seconds: float | None = None


def read(record: bytes, log: bytes = b"") -> FaxOutcome:
    """The outcome that a queue record shows, together with the log of its last call if that could be had.

    Raises:
        ValueError: it is not a queue record.
    """
    fields = _fields(record)
    if "state" not in fields or "number" not in fields:
        raise ValueError("this is no queue record of a fax server")
    call = _call(log)
    csid = "" if fields.get("csi", "") == _UNSPECIFIED else fields.get("csi", "") or call.csid
    answered = _count(fields, "tottries") > 0  # without an answer, rate and coding are what the server would have liked
    ecm = call.ecm if call.ecm is not None else True if answered and "MMR" in fields.get("dataformat", "") else None
    result, reason = _judge(fields, call, csid, ecm)
    return FaxOutcome(
        result,
        _cause(fields.get("status", "")) if result not in (Status.ACCEPTED, Status.ACKNOWLEDGED) else "",
        reason,
        ended=fields["state"] in (DONE, FAILED),
        number=fields["number"],
        dialled=call.dialled,
        pages=_count(fields, "npages"),
        total=_count(fields, "totpages"),
        csid=csid,
        csid_differs=_differs(csid, fields["number"]),
        rate=int(found[0]) if answered and (found := re.match(r"\d+", fields.get("signalrate", ""))) else 0,
        coding=fields.get("dataformat", "") if answered else "",
        ecm=ecm,
        dials=_count(fields, "totdials"),
        tries=_count(fields, "tottries"),
        seconds=call.seconds,
        job=fields.get("jobid", ""),
        session=fields.get("commid", ""),
    )


def _judge(fields: Mapping[str, str], call: _Call, csid: str, ecm: bool | None) -> tuple[Status, str]:
    """The result and the reason for it."""
    pages, total, words = _count(fields, "npages"), _count(fields, "totpages"), fields.get("status", "")
    if fields["state"] == DONE:
        return _judge_done(fields, call, csid, ecm)
    if fields["state"] != FAILED:
        return Status.ACCEPTED, words or "the fax server has it in its queue"
    if pages >= total > 0:
        return Status.UNCERTAIN, f"every page was confirmed, and the job failed nevertheless: {words}"
    if _count(fields, "tottries") and total and pages == total - 1 and (call.last_page_sent or not call.page_begun):
        return Status.UNCERTAIN, f"no confirmation after the last page: {words}"
    if pages:
        return Status.PARTIAL, words
    begun = "; no page was confirmed, but part of one may have been printed" if _count(fields, "tottries") and call.page_begun else ""
    return Status.FAILED, (words or "the fax server gave no reason") + begun


def _judge_done(fields: Mapping[str, str], call: _Call, csid: str, ecm: bool | None) -> tuple[Status, str]:
    pages, total = _count(fields, "npages"), _count(fields, "totpages")
    if pages < total or not total:
        return (Status.PARTIAL if pages else Status.UNCERTAIN), f"the fax server calls it done with {pages} of {total} pages"
    if not csid:
        return Status.ACCEPTED, "sent; the other machine gave no name"
    if not ecm:
        return (
            Status.ACCEPTED,
            "sent without error correction: the quality of what arrived is not verified" if ecm is False else "sent; whether with error correction is not recorded",
        )
    if _count(fields, "tottries") > 1 and call.confirmed < total:
        return Status.ACCEPTED, "sent in several calls: what the records of the earlier ones say of error correction is not known"
    return Status.ACKNOWLEDGED, "the answering machine confirmed every page"


def _fields(record: bytes) -> dict[str, str]:
    """Name and value of each line; a value that ends with a backslash goes on in the next line."""
    fields: dict[str, str] = {}
    for line in record.decode("utf-8", "surrogateescape").replace("\\\n", " ").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name, value.strip())
    return fields


def _call(log: bytes) -> _Call:
    dialled = csid = ""
    ecm: bool | None = None
    confirmed, begun, last_sent = 0, False, False
    times: list[float] = []
    for line in log.decode("utf-8", "surrogateescape").splitlines():
        if not (found := _TIME.match(line)):
            continue
        times.append(int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]))
        text = found[4]
        if text.startswith("DIAL "):
            dialled = text[5:]
        elif text.startswith("REMOTE CSI "):
            csid = text[11:].strip('"')
        elif text == "USE error correction mode":
            ecm = True
        elif text.startswith("USE ") and ecm is None:
            ecm = False
        elif text == "SEND begin page":
            begun = True
        elif text.startswith("SEND send EOP"):
            last_sent = True
        elif _PAGE.match(text):
            confirmed, last_sent = confirmed + 1, False
    ecm = ecm if any(times) else None
    return _Call(dialled, csid, ecm, confirmed, begun, last_sent, (times[-1] - times[0]) % 86400 if times else None)


def _cause(words: str) -> str:
    lower = words.casefold()
    return next((cause for beginning, cause in _CAUSES if lower.startswith(beginning)), "other")


def _differs(csid: str, number: str) -> bool:
    """Whether the machine's name is a number that does not end like the one dialled; machines leave out prefixes, so the last seven digits count."""
    digits = re.sub(r"[^0-9]", "", csid)
    return len(digits) >= 5 and not (number.endswith(digits[-7:]) or digits.endswith(number[-7:]))


def _count(fields: Mapping[str, str], name: str) -> int:
    value = fields.get(name, "")
    return int(value) if value.isdecimal() else 0
