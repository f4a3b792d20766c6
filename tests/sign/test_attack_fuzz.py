"""A signed file changed at random, with a fixed seed: no change passes, and none ends in an exception."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import partial

from engross.verify import Verdict, cms, layout, structure, trust
from engross.verify.document import Document, Malformed, Signed, parse
from tests.sign.signed import House, reasons

CHANGES = 150
_VALUES = re.compile(rb"(?<=/Contents <)[0-9A-Fa-f]+(?=>)")
_WORDS = re.compile(rb"[0-9]{1,10}|/[A-Za-z]{1,12}|<<|>>|\b(?:endobj|stream|xref|startxref|null)\b")


def flip(data: bytes, dice: random.Random) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


def cut(data: bytes, dice: random.Random) -> bytes:
    begin = dice.randrange(len(data))
    return data[:begin] + data[begin + dice.randint(1, 200) :]


def repeat(data: bytes, dice: random.Random) -> bytes:
    begin, to = dice.randrange(len(data)), dice.randrange(len(data))
    return data[:to] + data[begin : begin + dice.randint(1, 500)] + data[to:]


def exchange(data: bytes, dice: random.Random) -> bytes:
    """A number, a name or a word of the file's structure becomes another one of the same length, if there is one."""
    words = list(_WORDS.finditer(data))
    one = dice.choice(words)
    others = sorted({word[0] for word in words if len(word[0]) == len(one[0]) and word[0] != one[0]})
    return data[: one.start()] + dice.choice(others or [b"0" * len(one[0])]) + data[one.end() :]


def value(data: bytes, dice: random.Random) -> bytes:
    """Inside a signature value: another digit, or the same digit as a small letter."""
    begin, end = dice.choice([match.span() for match in _VALUES.finditer(data)])
    at = dice.randrange(begin, end)
    new = data[at : at + 1].lower() if dice.random() < 0.5 else dice.choice([b"%X" % digit for digit in range(16)])
    return data[:at] + new + data[at + 1 :]


def shorten(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data))]


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (flip, flip, cut, repeat, exchange, exchange, value, shorten)


def is_refused(data: bytes) -> bool:
    """Whether one of the rules that take little time finds something; `verify` asks them too. A rule that breaks leaves it to `verify`."""
    try:
        document = parse(data)
        if any(True for rule in (layout.listed, structure.byte_ranges) for _ in rule(document)):
            return True
        messages = {signed.field: cms.read(signed.contents) for signed in document.signatures}
        return any(True for _ in cms.forms(messages)) or any(not _holds(document, signed, messages[signed.field][0]) for signed in document.signatures)
    except Malformed:
        return True
    except Exception:  # noqa: BLE001 - whatever it is, `verify` has to find it too
        return False


def _holds(document: Document, signed: Signed, message: cms.Cms | None) -> bool:
    if message is None:
        return False
    if signed.is_archive:
        return not trust.read_stamp(message, partial(cms.digest_of, document, signed))[1]
    return not cms.holds(message, "data", cms.digest_of(document, signed, "sha256"))


def normal(data: bytes) -> bytes:
    """The file with signature values in capital digits: the same values, which no signature covers (ISO 32000-1, 7.3.4.3)."""
    return _VALUES.sub(lambda match: match[0].upper(), data)


def test_no_random_change_passes(house: House, complete: bytes) -> None:
    dice = random.Random(20300131)
    for number in range(CHANGES):
        way = dice.choice(WAYS)
        changed = way(complete, dice)
        if normal(changed) == normal(complete) or is_refused(changed):
            continue
        report = house.verify(changed)
        assert report.verdict is not Verdict.PASSED, f"change {number}, {way.__name__}"
        assert report.findings, reasons(report)


def test_the_quick_rules_do_not_refuse_the_file_itself(complete: bytes) -> None:
    assert not is_refused(complete)
