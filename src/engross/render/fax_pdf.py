"""A PDF of coded fax pages: one CCITT Group 4 image a page, at its true size, without coding it again (ISO 32000-1, 7.4.6)."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from engross.render.tiff import SCAN_WIDTH_MM, SOFTWARE, WIDTH, Page, Strip, code, decode

_escape = partial(html.escape, quote=False)  # `xml.sax.saxutils` has this too, and imports an HTTP client with it
PAGE_PIXELS = 1688
"""Pixels of the 210 mm that paper is wide; the 20 on either side are blank by the layout and lie outside the sheet."""
_POINTS_PER_MM = 72 / 25.4
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""PDF counts the bits of a byte from the most significant one, class F from the least."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the document says of itself."""

    title: str
    lang: str
    number: str
    author: str
    stamp: str
    """The letter's date, `20180606`."""
    draft: bool


def write(strips: Sequence[Strip], lines_per_mm: float, facts: Facts) -> bytes:
    """A PDF 1.7 whose bytes follow from its arguments alone."""
    count = len(strips)
    kids = " ".join(f"{4 + 3 * i} 0 R" for i in range(count))
    objects: list[bytes] = [
        f"<</Type/Catalog/Pages 2 0 R/Lang{_text(facts.lang)}/Metadata {4 + 3 * count} 0 R/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None>>>>".encode("ascii"),
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>".encode("ascii"),
        _info(facts),
    ]
    for index, strip in enumerate(strips):
        objects += _page(4 + 3 * index, strip, lines_per_mm)
    objects.append(_stream(b"/Type/Metadata/Subtype/XML", _xmp(facts)))
    return _file(objects)


def absent(pdf: bytes, pages: Sequence[Page]) -> list[int]:
    """Numbers of the pages of a TIFF that are not, coded alike, in a PDF."""
    strips = [page.strip if page.coding == "mmr" else code(decode(page.strip, page.coding), "mmr") for page in pages]
    return [number for number, strip in enumerate(strips, 1) if strip.data.translate(_REVERSED) not in pdf]


@lru_cache(maxsize=32)
def _reversed(data: bytes) -> bytes:
    """A strip as PDF counts its bits; the letter's are the same under each cover."""
    return data.translate(_REVERSED)


def _page(number: int, strip: Strip, lines_per_mm: float) -> list[bytes]:
    pixel = SCAN_WIDTH_MM / WIDTH * _POINTS_PER_MM
    width, height = PAGE_PIXELS * pixel, strip.rows / lines_per_mm * _POINTS_PER_MM
    left = -(strip.width - PAGE_PIXELS) / 2 * pixel
    draw = f"{strip.width * pixel:.4f} 0 0 {height:.4f} {left:.4f} 0 cm /I Do"
    parameters = f"/K -1/Columns {strip.width}/Rows {strip.rows}"
    image = f"/Type/XObject/Subtype/Image/Width {strip.width}/Height {strip.rows}/BitsPerComponent 1/ColorSpace/DeviceGray/Filter/CCITTFaxDecode/DecodeParms<<{parameters}>>"
    page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width:.4f} {height:.4f}]/Resources<</XObject<</I {number + 2} 0 R>>>>/Contents {number + 1} 0 R>>"
    return [page.encode("ascii"), _stream(b"", draw.encode("ascii")), _stream(image.encode("ascii"), _reversed(strip.data))]


def _info(facts: Facts) -> bytes:
    dates = f"/CreationDate(D:{facts.stamp}000000Z)/ModDate(D:{facts.stamp}000000Z)" if facts.stamp else ""
    return f"<</Title{_text(_title(facts))}/Author{_text(facts.author)}/Subject{_text(facts.number)}/Creator({SOFTWARE})/Producer({SOFTWARE}){dates}>>".encode("ascii")


def _title(facts: Facts) -> str:
    return f"{facts.title} (DRAFT)" if facts.draft else facts.title


def _xmp(facts: Facts) -> bytes:
    day = f"{facts.stamp[:4]}-{facts.stamp[4:6]}-{facts.stamp[6:]}T00:00:00Z" if facts.stamp else ""
    dates = f"<xmp:CreateDate>{day}</xmp:CreateDate><xmp:ModifyDate>{day}</xmp:ModifyDate>" if day else ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{_escape(_title(facts))}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{_escape(facts.author)}</rdf:li></rdf:Seq></dc:creator>"
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{_escape(facts.number)}</rdf:li></rdf:Alt></dc:description>'
        f"<dc:language><rdf:Bag><rdf:li>{_escape(facts.lang)}</rdf:li></rdf:Bag></dc:language>"
        f"<xmp:CreatorTool>{SOFTWARE}</xmp:CreatorTool>{dates}<pdf:Producer>{SOFTWARE}</pdf:Producer>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _text(value: str) -> str:
    """A text string as hexadecimal UTF-16, which needs no escapes."""
    return "<" + ("\ufeff" + value).encode("utf-16-be").hex().upper() + ">" if value else "()"


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<<" + entries + b"/Length " + str(len(data)).encode("ascii") + b">>stream\n" + data + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    pieces, offsets = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"], []
    at = len(pieces[0])
    for number, data in enumerate(objects, 1):
        offsets.append(at)
        written = b"%d 0 obj\n" % number, data, b"\nendobj\n"
        pieces += written
        at += sum(map(len, written))
    body = b"".join(pieces)
    identifier = hashlib.sha256(body).hexdigest()[:32].upper()
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R/Info 3 0 R/ID[<{identifier}><{identifier}>]>>\nstartxref\n{len(body)}\n%%EOF\n".encode("ascii")
    return b"".join((body, b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1), table, end))
