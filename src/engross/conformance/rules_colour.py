"""Rules about colour and transparency."""

from __future__ import annotations

import re
from typing import Any

import pikepdf

from engross.conformance.content import INTENTS, device_spaces
from engross.conformance.document import Document
from engross.conformance.objects import get, identity, inherited, items, name, number, place, text
from engross.conformance.rule import A3, Found, Rule

COMPONENTS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
CARRIES = {"DeviceGray": (1, 3, 4), "DeviceRGB": (3,), "DeviceCMYK": (4,)}
"""Components of the output profiles that say what a device colour is."""
BLENDS = re.compile("Normal|Compatible|Multiply|Screen|Overlay|Darken|Lighten|ColorDodge|ColorBurn|HardLight|SoftLight|Difference|Exclusion|Hue|Saturation|Color|Luminosity")
"""ISO 32000-1, 11.3.5."""


def _profile(document: Document) -> Any:
    return next((get(item, "DestOutputProfile") for item in items(document.root, "OutputIntents") if name(item, "S") == "GTS_PDFA1"), None)


def intent(document: Document) -> Found:
    """One output intent for PDF/A, with a valid ICC profile for output or display."""
    found = items(document.root, "OutputIntents")
    if not any(name(item, "S") == "GTS_PDFA1" for item in found):
        yield "the catalog has no output intent for PDF/A", ""
        return
    profiles = {identity(profile) if identity(profile)[0] else id(profile) for item in found if (profile := get(item, "DestOutputProfile")) is not None}
    if len(profiles) != 1:
        yield f"the output intents name {len(profiles)} profiles, not one", ""
    if not all(text(item, "OutputConditionIdentifier") for item in found):
        yield "an output intent has no identifier", ""
    profile = _profile(document)
    fault = _icc(profile)
    if fault:
        yield f"the output profile {fault}", place(profile)


def _icc(profile: Any) -> str:
    """What is wrong with an ICC profile's header (ICC.1:2010, 7.2); empty when nothing is."""
    if not isinstance(profile, pikepdf.Stream):
        return "is missing"
    data = profile.read_bytes()
    if len(data) < 132 or data[36:40] != b"acsp" or int.from_bytes(data[:4], "big") != len(data):
        return "is no ICC profile"
    if data[8] > 4:
        return f"is of ICC version {data[8]}, newer than PDF 1.7"
    if data[12:16] not in (b"prtr", b"mntr"):
        return "is not of an output or display device"
    if COMPONENTS.get(data[16:20]) != get(profile, "N"):
        return "has another number of components than N says"
    count = int.from_bytes(data[128:132], "big")
    tags = [data[132 + 12 * at : 144 + 12 * at] for at in range(min(count, 200))]
    if not count or any(len(tag) < 12 or int.from_bytes(tag[4:8], "big") + int.from_bytes(tag[8:12], "big") > len(data) for tag in tags):
        return "has a tag that reaches over its end"
    return ""


def device_colour(document: Document) -> Found:
    """Device colours are used only where the output profile says what they are."""
    known = get(_profile(document), "N")
    for page in (*document.contents, *document.appearances):
        for colour in sorted(page.colours):
            if known not in CARRIES[colour]:
                yield f"{colour} is used, and no output profile says what it is", page.where


def icc_based(document: Document) -> Found:
    """Colour spaces and images of their own have valid profiles."""
    for item in document.objects:
        if isinstance(item, pikepdf.Array) and len(item) == 2 and item[0] == pikepdf.Name.ICCBased:
            stream = item[1]
            data = stream.read_bytes() if isinstance(stream, pikepdf.Stream) else b""
            if data[36:40] != b"acsp" or COMPONENTS.get(data[16:20], get(stream, "N")) != get(stream, "N"):
                yield "an ICCBased colour space has no valid profile", place(stream)


def transparency(document: Document) -> Found:
    """Where something shines through, the space to blend in is known: the page's group or the output intent."""
    known = get(_profile(document), "N")
    for number_, page in enumerate(document.pages, 1):
        space = get(page, "Group", "CS")
        if space is None and known is None and any(_transparent(state) for _, state in _states(page)):
            yield "the page has transparency, and neither a group with a colour space nor an output intent", f"page {number_}"
    for item in document.maps:
        if name(item, "S") != "Transparency":
            continue
        for colour in device_spaces(get(item, "CS")):
            if known not in CARRIES[colour]:
                yield f"a transparency group blends in {colour}, and no output profile says what it is", place(item)


def graphics_state(document: Document) -> Found:
    """No transfer functions and halftones; blend modes of the standard alone."""
    for item in document.maps:
        if not isinstance(item, pikepdf.Dictionary) or name(item, "Type") not in ("ExtGState", ""):
            continue
        if name(item, "Type") == "ExtGState" and (any(get(item, key) is not None for key in ("TR", "HTP", "HTO")) or name(item, "TR2") not in ("", "Default")):
            yield "a graphics state has a transfer function or halftone", place(item)
        if name(item, "Type") == "ExtGState" and name(item, "RI") not in (*INTENTS, ""):
            yield f"{name(item, 'RI')} is no rendering intent", place(item)
        for mode in items(item, "BM"):
            if not isinstance(mode, pikepdf.Name) or not BLENDS.fullmatch(str(mode)[1:]):
                yield f"the blend mode {mode} is not of the standard", place(item)


def _states(page: Any) -> list[tuple[str, Any]]:
    states = get(inherited(page, "Resources"), "ExtGState")
    return list(states.items()) if isinstance(states, pikepdf.Dictionary) else []


def _transparent(state: Any) -> bool:
    shines = any((number(get(state, key)) or 0) < 1 for key in ("CA", "ca") if get(state, key) is not None)
    return shines or isinstance(get(state, "SMask"), pikepdf.Dictionary) or name(state, "BM") not in ("", "Normal", "Compatible")


RULES = (
    Rule("output-intent", A3 + "6.2.3", intent),
    Rule("device-colour", A3 + "6.2.4.3", device_colour),
    Rule("icc-based", A3 + "6.2.4.2", icc_based),
    Rule("blending-space", A3 + "6.2.10", transparency),
    Rule("graphics-state", A3 + "6.2.5, 6.2.10", graphics_state),
)
