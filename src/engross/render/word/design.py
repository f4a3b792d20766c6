"""The style reference as staff left it: find its styles by name whichever program saved them.

Word keeps built-in names in English but may give any id (`a3`, `1`); LibreOffice writes `Heading 1` for `heading 1`, its own names for a few character
styles, and plain fonts instead of theme fonts. Nothing is taken from the file but styles, numberings, theme, font table, margins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engross.errors import EngrossError
from engross.render.word import opc
from engross.render.word.fonts import EAST_ASIAN, LATIN, east_asian, font_table
from engross.render.word.wml import W, q

if TYPE_CHECKING:
    from docx.document import Document
    from lxml import etree

FILE = "letter.docx"
HINT = "restyle a fresh layouts/letter.docx: `python -m engross.render.word.reference layouts/letter.docx` builds it"

PARAGRAPHS = (
    *("Body Text", "Letterhead", "Draft Notice", "Translation Note", "Date", "Letter Address", "Letter Subject", "Salutation", "heading 1", "List Bullet", "List Bullet 2"),
    *("List Number", "List Number 2", "Quote", "Closing", "Signatory Group", "Signatory", "CC Heading", "CC", "header", "footer", "footnote text"),
)
NUMBERED = ("heading 1", "List Bullet", "List Bullet 2", "List Number", "List Number 2")
CHARACTERS = ("Emphasis", "Strong", "Hyperlink", "footnote reference", "Draft Mark")
OTHER_NAMES = {
    "body text": ("text body",),
    "quote": ("quotations",),
    "closing": ("complimentary close",),
    "strong": ("strong emphasis",),
    "hyperlink": ("internet link",),
    "footnote reference": ("footnote characters", "footnote anchor"),
    "footnote text": ("footnote",),
}
"""What LibreOffice may call Word's built-in styles."""

_RSID = "rsid"


@dataclass
class Design:
    """What a letter takes from the style reference. Fresh for each letter: it is changed while the letter is made."""

    document: Document
    """The reference itself, empty but for its design."""
    styles: etree._Element
    numbering: etree._Element
    theme: etree._Element
    margins: dict[str, str]
    """Attributes of `w:pgMar`, in twentieths of a point."""
    ids: dict[str, str] = field(default_factory=dict)
    """Style id by style name in lower case."""
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    """For each style of a list or heading: its `w:numId` and the `w:abstractNumId` behind it."""

    def style(self, name: str) -> str:
        """The id under which the file has a style."""
        return self.ids[name.lower()]

    def restart(self, style: str, level: int, start: int) -> str:
        """The `w:numId` of a new list in this style's numbering that begins at `start` (ISO/IEC 29500-1, 17.9.8, 17.9.27)."""
        from lxml import etree

        new = str(1 + max((int(num.get(q("numId"), "0")) for num in self.numbering.iter(q("num"))), default=0))
        num = etree.Element(q("num"), {q("numId"): new})
        etree.SubElement(num, q("abstractNumId"), {q("val"): self.numbers[style.lower()][1]})
        override = etree.SubElement(num, q("lvlOverride"), {q("ilvl"): str(level)})
        etree.SubElement(override, q("startOverride"), {q("val"): str(start)})
        last = self.numbering.findall(q("num"))[-1]
        last.addnext(num)
        return new

    def asian_fonts(self) -> dict[str, str]:
        """The East Asian body font of each language: the theme's for its script, else what Word users have."""
        listed = {str(font.get("script")): str(font.get("typeface")) for font in self.theme.iterfind(".//{*}minorFont/{*}font") if font.get("typeface")}
        return {key: listed.get(script, fallback) for key, (script, fallback) in EAST_ASIAN.items()}

    def tab_stops(self, name: str) -> list[int]:
        """The positions of a style's own tab stops, in twentieths of a point."""
        style = next(s for s in self.styles.iterfind(q("style")) if s.get(q("styleId")) == self.style(name))
        return [int(float(tab.get(q("pos"), "0"))) for tab in style.iterfind(f"{q('pPr')}/{q('tabs')}/{q('tab')}") if tab.get(q("val")) != "clear"]

    @property
    def latin_font(self) -> str:
        """The theme's Latin body font."""
        latin = self.theme.find(".//{*}minorFont/{*}latin")
        return (latin.get("typeface") if latin is not None else None) or LATIN

    def asian_default(self) -> str:
        """The East Asian language the file itself was made in; empty when it names none."""
        lang = self.styles.find(f"{q('docDefaults')}/{q('rPrDefault')}/{q('rPr')}/{q('lang')}")
        value = lang.get(q("eastAsia")) or "" if lang is not None else ""
        return value if east_asian(value) else ""


def open_reference(data: bytes) -> Design:
    """The style reference opened and emptied of all but its design; the letter is written into its document.

    Raises:
        EngrossError: not a Word file, in the Strict variant, or without a style or numbering that letters need; the message names all of them.
    """
    from docx.opc.constants import RELATIONSHIP_TYPE as RT

    try:
        document = opc.open_document(data)
        related = {rel.reltype: rel.target_part for rel in document.part.rels.values() if not rel.is_external}
        for name, kind in (("styles", RT.STYLES), ("numbering", RT.NUMBERING)):
            if kind not in related:
                raise opc.Malformed(f"it has no {name}")
        theme = _theme(related[RT.THEME].blob if RT.THEME in related else b"")
        fonts = opc.parse(related[RT.FONT_TABLE].blob) if RT.FONT_TABLE in related else opc.parse(font_table())
    except opc.Malformed as error:
        raise EngrossError(f"the layout file {FILE} cannot be used: {error}", hint=HINT) from error
    page = next(document.part.element.iter(q("pgMar")), None)
    margins = {str(key).rpartition("}")[2]: str(value) for key, value in page.attrib.items()} if page is not None else {}
    # A file without head and foot has no distance for them: LibreOffice then writes 0.
    margins = {key: value for key, value in margins.items() if not (key in ("header", "footer") and value == "0")}
    design = Design(document, document.styles.element, document.part.numbering_part.element, theme, _DEFAULT_MARGINS | margins)
    for tree in (design.styles, design.numbering):
        _strip_revision_ids(tree)
    _without(fonts, "embedRegular", "embedBold", "embedItalic", "embedBoldItalic")
    _without(design.numbering, "numPicBullet", "lvlPicBulletId")
    for level in design.numbering.iter(q("lvl")):
        level[:] = sorted(level, key=lambda child: _LEVEL_ORDER.get(child.tag, len(_LEVEL_ORDER)))
    _find_styles(design)
    _empty(design, fonts)
    return design


def _empty(design: Design, fonts: etree._Element) -> None:
    """Cut off all that the file holds but its design: words, heads and feet, properties, settings, pictures, whatever an add-in left."""
    from docx.opc.constants import CONTENT_TYPE as CT
    from docx.opc.constants import RELATIONSHIP_TYPE as RT
    from docx.opc.packuri import PackURI

    main = design.document.part
    settings = design.document.settings.element  # made by python-docx where the file has none
    own = [
        (RT.STYLES, main.part_related_by(RT.STYLES)),
        (RT.NUMBERING, main.numbering_part),
        (RT.SETTINGS, main.part_related_by(RT.SETTINGS)),
        (RT.FONT_TABLE, opc.xml_part(main.package, "/word/fontTable.xml", CT.WML_FONT_TABLE, fonts)),
        (RT.THEME, opc.xml_part(main.package, "/word/theme/theme1.xml", CT.OFC_THEME, design.theme)),
    ]
    for owner in (main.package, main, *(part for _, part in own)):
        owner.rels.clear()
    main.package.relate_to(main, RT.OFFICE_DOCUMENT)
    main.partname = PackURI("/word/document.xml")
    for kind, part in own:
        main.relate_to(part, kind)
        part.partname = PackURI(f"/word/{'theme/theme1' if kind == RT.THEME else kind.rpartition('/')[2]}.xml")
    opc.refill(settings)
    opc.refill(main.element, *opc.parse(f"<w:document xmlns:w='{W}'><w:body/></w:document>".encode()))


_LEVEL_ORDER = {q(name): at for at, name in enumerate(("start", "numFmt", "lvlRestart", "pStyle", "isLgl", "suff", "lvlText", "legacy", "lvlJc", "pPr", "rPr"))}
"""The children of `w:lvl` in schema order; LibreOffice writes `w:pStyle` too early."""

_DEFAULT_MARGINS = {"top": "1418", "right": "1418", "bottom": "1304", "left": "1418", "header": "709", "footer": "624", "gutter": "0"}


def _theme(data: bytes) -> etree._Element:
    """The file's theme; ours where it has none. Effects that need pictures, which stay behind, are ours too."""
    from engross.render.word.reference import theme

    own = opc.parse(theme())
    if not data:
        return own
    found = opc.parse(data)
    effects, plain = found.find(".//{*}fmtScheme"), own.find(".//{*}fmtScheme")
    if effects is not None and plain is not None and any(element.tag.endswith("}blip") for element in found.iter("{*}*")):
        parent = effects.getparent()
        if parent is not None:
            parent.replace(effects, plain)
    return found


def _without(root: etree._Element, *names: str) -> etree._Element:
    """Remove what refers to other parts of the old file: embedded fonts, picture bullets."""
    for element in list(root.iter(*(q(name) for name in names))):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return root


def _strip_revision_ids(root: etree._Element) -> None:
    """Remove what tells in which editing session a thing was written ([MS-DOCX] and ISO/IEC 29500-1, 17.15.1.70)."""
    for element in list(root.iter(q(_RSID), q("rsids"))):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for element in root.iter("{*}*"):
        for name in [name for name in element.attrib if str(name).rpartition("}")[2].startswith(_RSID)]:
            del element.attrib[name]


def _find_styles(design: Design) -> None:
    """Fill `ids` and `numbers`, or name all that is missing."""
    known: dict[tuple[str, str], etree._Element] = {}
    for style in design.styles.iterfind(q("style")):
        known.setdefault((style.get(q("type"), "paragraph"), _value(style, "name").lower()), style)
    missing = []
    for kind, names in (("paragraph", PARAGRAPHS), ("character", CHARACTERS)):
        for name in names:
            accepted = (name.lower(), *OTHER_NAMES.get(name.lower(), ()))
            found = next((known[kind, other] for other in accepted if (kind, other) in known), None)
            if found is None:
                missing.append(name)
            else:
                design.ids[name.lower()] = found.get(q("styleId")) or ""
    if missing:
        plural = "s" if len(missing) > 1 else ""
        raise EngrossError(f"the layout file {FILE} lacks the style{plural} {_listed(missing)}", hint=HINT)
    by_id = {str(style.get(q("styleId"))): style for style in known.values()}
    instances = {str(num.get(q("numId"))): _value(num, "abstractNumId") for num in design.numbering.iterfind(q("num"))}
    for name in NUMBERED:
        number = _number_of(design.style(name), by_id)
        if number in instances:
            design.numbers[name.lower()] = (number, instances[number])
        else:
            missing.append(name)
    if missing:
        raise EngrossError(f"in the layout file {FILE} no numbering belongs to {_listed(missing)}", hint=HINT)


def _value(parent: etree._Element, path: str) -> str:
    """`w:val` of a descendant; empty when there is none."""
    found = parent.find("/".join(q(name) for name in path.split("/")))
    return str(found.get(q("val")) or "") if found is not None else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _number_of(style_id: str, by_id: dict[str, etree._Element]) -> str:
    """The `w:numId` of a style or of the one it is based on."""
    seen: set[str] = set()
    while style_id in by_id and style_id not in seen:
        seen.add(style_id)
        number = _value(by_id[style_id], "pPr/numPr/numId")
        if number:
            return number
        style_id = _value(by_id[style_id], "basedOn")
    return ""
