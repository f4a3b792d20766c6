"""What the content streams of a PDF paint, and under which marks (ISO 32000-1, 14.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from engross.conformance.objects import get, identity, name, text

PAINTS = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "INLINE IMAGE"}
SHOWS = {"Tj", "TJ", "'", '"'}
DEVICE = {"g": "DeviceGray", "G": "DeviceGray", "rg": "DeviceRGB", "RG": "DeviceRGB", "k": "DeviceCMYK", "K": "DeviceCMYK"}
_LETTERS = (
    "b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re RG rg ri s S sc SC scn SCN sh "
    "T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \""
)
OPERATORS = {*_LETTERS.split(), "INLINE IMAGE"}
"""ISO 32000-1, annex A; pikepdf gives an inline image as one."""
INTENTS = {"AbsoluteColorimetric", "RelativeColorimetric", "Saturation", "Perceptual"}
"""ISO 32000-1, 8.6.5.8."""
SAVED = 28
"""Graphics states that may be kept (ISO 32000-1, annex C)."""
DEEPEST = 12
"""Forms inside forms; more is no letter."""

Key = tuple[tuple[int, int], int]
"""A piece of marked content: the page or form it stands in, and its MCID."""


@dataclass(slots=True)
class Mark:
    """An open marked-content sequence."""

    tag: str
    mcid: int | None
    lang: str
    replaced: bool
    """Whether it carries ActualText."""


@dataclass(slots=True)
class Content:
    """What a page and the forms drawn on it contain, or one appearance of a field."""

    where: str
    marked: Counter[Key] = field(default_factory=Counter)
    texts: dict[Key, list[tuple[tuple[int, int], bytes]]] = field(default_factory=dict)
    """Font and codes of what is shown under each mark."""
    langs: dict[Key, str] = field(default_factory=dict)
    glyphs: dict[tuple[int, int], list[tuple[bytes, bool]]] = field(default_factory=dict)
    """What is shown in each font, and whether ActualText stands for it."""
    unmarked: Counter[str] = field(default_factory=Counter)
    """Painting operators outside of tagged content and artifacts."""
    colours: set[str] = field(default_factory=set)
    """The device colour spaces that are used."""
    faults: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    """Artifacts in tagged content, tagged content in artifacts or in other tagged content."""
    fonts: dict[tuple[int, int], Any] = field(default_factory=dict)
    forms: set[tuple[int, int]] = field(default_factory=set)
    """The form XObjects drawn."""
    borrowed: list[str] = field(default_factory=list)
    """Forms drawn without resources of their own."""


def read(where: str, stream: Any, resources: Any, owner: tuple[int, int]) -> Content:
    """Follow the operators of a page (or of a form, for an appearance), and of the forms it draws."""
    content = Content(where)
    _follow(content, stream, resources, owner, [], ())
    return content


def _follow(  # noqa: C901, PLR0912  one branch for each operator that counts
    content: Content, stream: Any, resources: Any, owner: tuple[int, int], marks: list[Mark], above: tuple[tuple[int, int], ...]
) -> None:
    try:
        instructions = pikepdf.parse_content_stream(stream)
    except pikepdf.PdfError as error:
        content.faults.append(f"the content cannot be read: {error}")
        return
    opened, font, saved = len(marks), (0, 0), list[tuple[int, int]]()
    for instruction in instructions:
        operator, operands = str(instruction.operator), instruction.operands
        if operator not in OPERATORS:
            content.faults.append(f"{operator[:20]!r} is no operator")
        elif operator == "ri" and str(operands[0])[1:] not in INTENTS:
            content.faults.append(f"{operands[0]} is no rendering intent")
        if operator in ("BMC", "BDC"):
            marks.append(_mark(content, operator, operands, resources, owner, marks))
        elif operator == "EMC":
            if len(marks) > opened:
                marks.pop()
            else:
                content.faults.append("EMC closes nothing")
        elif operator == "q":
            saved.append(font)
            if len(saved) == SAVED + 1:
                content.faults.append(f"more than {SAVED} graphics states are kept")
        elif operator == "Q":
            if saved:
                font = saved.pop()
            else:
                content.faults.append("Q restores nothing")
        elif operator == "Tf":
            found = get(resources, "Font", str(operands[0])[1:])
            font = identity(found)
            content.fonts[font] = found
        elif operator == "Do":
            _draw(content, get(resources, "XObject", str(operands[0])[1:]), resources, marks, above)
        elif operator in PAINTS:
            _paint(content, operator, operands, marks, font, owner)
        _colour(content, operator, operands, resources)
    if saved:
        content.faults.append("q is not closed")
    if len(marks) > opened:
        content.faults.append(f"{len(marks) - opened} marked-content sequences are not closed")
        del marks[opened:]


def _mark(content: Content, operator: str, operands: Any, resources: Any, owner: tuple[int, int], marks: list[Mark]) -> Mark:
    properties: Any = operands[1] if operator == "BDC" and len(operands) > 1 else None
    if isinstance(properties, pikepdf.Name):
        properties = get(resources, "Properties", str(properties)[1:])
    mcid = get(properties, "MCID")
    mark = Mark(str(operands[0])[1:], mcid if isinstance(mcid, int) else None, text(properties, "Lang"), bool(text(properties, "ActualText")))
    inside = "an artifact" if any(item.tag == "Artifact" for item in marks) else "tagged content" if any(item.mcid is not None for item in marks) else ""
    if inside and (mark.tag == "Artifact" or mark.mcid is not None) and not (inside == "an artifact" and mark.tag == "Artifact"):
        content.nested.append(f"{'an artifact' if mark.tag == 'Artifact' else f'content {mark.mcid}'} stands inside {inside}")
    if mark.mcid is not None:
        key = (owner, mark.mcid)
        content.marked[key] += 1
        content.texts.setdefault(key, [])
        content.langs[key] = mark.lang
    return mark


def _paint(content: Content, operator: str, operands: Any, marks: list[Mark], font: tuple[int, int], owner: tuple[int, int]) -> None:
    if not any(mark.tag == "Artifact" or mark.mcid is not None for mark in marks):
        content.unmarked[operator] += 1
    if operator not in SHOWS or not operands:
        return
    pieces: Iterable[Any] = operands[-1] if operator == "TJ" else [operands[-1]]
    shown = b"".join(bytes(piece) for piece in pieces if isinstance(piece, pikepdf.String))
    content.glyphs.setdefault(font, []).append((shown, any(mark.replaced for mark in marks)))
    mcid = next((mark.mcid for mark in reversed(marks) if mark.mcid is not None), None)
    if mcid is not None:
        content.texts.setdefault((owner, mcid), []).append((font, shown))


def _draw(content: Content, drawn: Any, resources: Any, marks: list[Mark], above: tuple[tuple[int, int], ...]) -> None:
    if not isinstance(drawn, pikepdf.Stream):
        content.faults.append("Do draws something that is not there")
        return
    if name(drawn, "Subtype") != "Form":
        if not any(mark.tag == "Artifact" or mark.mcid is not None for mark in marks):
            content.unmarked["Do"] += 1
        content.colours |= device_spaces(get(drawn, "ColorSpace"))
        return
    key = identity(drawn)
    if key in above or len(above) >= DEEPEST:
        content.faults.append("a form draws itself, or forms stand too deep")
        return
    content.forms.add(key)
    if get(drawn, "Resources") is None:
        content.borrowed.append(f"the form of object {key[0]}")
    _follow(content, drawn, get(drawn, "Resources") or resources, key, marks, (*above, key))


def _colour(content: Content, operator: str, operands: Any, resources: Any) -> None:
    if operator in DEVICE:
        content.colours.add(DEVICE[operator])
    elif operator in ("cs", "CS") and operands:
        short = str(operands[0])[1:]
        content.colours |= device_spaces(get(resources, "ColorSpace", short) or operands[0])
    elif operator == "sh" and operands:
        content.colours |= device_spaces(get(resources, "Shading", str(operands[0])[1:], "ColorSpace"))
    elif operator in ("scn", "SCN") and operands and isinstance(operands[-1], pikepdf.Name):
        content.colours |= device_spaces(get(resources, "Pattern", str(operands[-1])[1:], "Shading", "ColorSpace"))


def device_spaces(space: Any, depth: int = 0) -> set[str]:
    """The device colour spaces a colour space is or rests on; one with a profile of its own rests on none."""
    if isinstance(space, pikepdf.Name):
        return {str(space)[1:]} & {"DeviceGray", "DeviceRGB", "DeviceCMYK"}
    if not isinstance(space, pikepdf.Array) or depth > 4 or not len(space):
        return set()
    kind = str(space[0])[1:]
    at = {"Indexed": 1, "Pattern": 1, "Separation": 2, "DeviceN": 2}.get(kind)
    if at is None:
        return {kind} & {"DeviceGray", "DeviceRGB", "DeviceCMYK"}
    return device_spaces(space[at], depth + 1) if len(space) > at else set()
