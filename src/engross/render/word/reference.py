"""Build the style reference: `python -m engross.render.word.reference layouts/letter.docx`.

A small Word file with our styles, numberings, theme and page, and a sample of each style. Staff restyle it in Word or LibreOffice (Styles > Modify) and save;
letters take styles, theme, fonts, numbering and margins from it, never its text. Building it again gives the same bytes.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from engross.files import write_atomic
from engross.render.word import opc
from engross.render.word.fonts import COMPLEX, EAST_ASIAN, LATIN, font_table
from engross.render.word.opc import HEAD, escape
from engross.render.word.parts import APP, app_properties, core_properties, settings
from engross.render.word.wml import NAMESPACES, PARAGRAPH_ORDER, RUN_ORDER, properties

ACCENT = "1F3864"
GREY = "595959"

# Numberings: sections, bullets, numbers. `pStyle` ties each level to its style, as Word's own multilevel lists do.
SECTIONS, BULLETS, NUMBERS = 1, 2, 3

Children = dict[str, str]


def _size(half_points: int) -> Children:
    return {"sz": f'<w:sz w:val="{half_points}"/>', "szCs": f'<w:szCs w:val="{half_points}"/>'}


def _bold() -> Children:
    return {"b": "<w:b/>", "bCs": "<w:bCs/>"}


def _italic() -> Children:
    return {"i": "<w:i/>", "iCs": "<w:iCs/>"}


def _color(rgb: str) -> Children:
    return {"color": f'<w:color w:val="{rgb}"/>'}


def _spacing(before: int = 0, after: int = 0, at_least: int = 0) -> Children:
    line = f' w:line="{at_least}" w:lineRule="atLeast"' if at_least else ""
    return {"spacing": f'<w:spacing w:before="{before}" w:after="{after}"{line}/>'}


def _indent(left: int, hanging: int = 0, right: int = 0) -> Children:
    return {"ind": f'<w:ind w:left="{left}"' + (f' w:right="{right}"' if right else "") + (f' w:hanging="{hanging}"' if hanging else "") + "/>"}


def _number(num: int, level: int = 0) -> Children:
    return {"numPr": "<w:numPr>" + (f'<w:ilvl w:val="{level}"/>' if level else "") + f'<w:numId w:val="{num}"/></w:numPr>'}


_LEFT: Children = {"jc": '<w:jc w:val="left"/>'}
_NEXT: Children = {"keepNext": "<w:keepNext/>"}
_LINES: Children = {"keepLines": "<w:keepLines/>"}
_WHOLE: Children = {"suppressAutoHyphens": "<w:suppressAutoHyphens/>"}
_SET: Children = {**_LEFT, **_LINES, **_WHOLE}
"""Short lines that are not running text: ragged right, never hyphenated, never cut by a page."""

PARAGRAPH_STYLES: tuple[tuple[str, Children, Children, str, str], ...] = (
    # name, paragraph, characters, next style, sample
    ("Body Text", {}, {}, "", "Body text. Restyle these samples (Styles > Modify) and save; their words are not used."),
    (
        "Letterhead",
        {**_LEFT, **_WHOLE, **_spacing(0, 360), "pBdr": f'<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="6" w:color="{ACCENT}"/></w:pBdr>'},
        {**_bold(), **_color(ACCENT), **_size(28)},
        "",
        "Lead organization",
    ),
    ("Draft Notice", {**_SET, **_spacing(0, 120)}, {**_bold(), **_color("9C1C1C"), **_size(19)}, "Body Text", "Draft – not for distribution"),
    ("Translation Note", {**_SET, **_spacing(0, 240)}, {**_color(GREY), **_size(19)}, "Date", "Translated from English"),
    ("Date", {**_SET, **_spacing(0, 240)}, {}, "Letter Address", "June 6, 2018"),
    ("Letter Address", {**_SET, **_spacing(0, 200)}, {}, "Salutation", "Addressee, title and address"),
    ("Letter Subject", {**_SET, **_NEXT, **_spacing(80, 200)}, _bold(), "Salutation", "Re: subject"),
    ("Salutation", {**_SET, **_NEXT, **_spacing(120, 160)}, {}, "Body Text", "Dear Chairman,"),
    (
        "heading 1",
        {**_SET, **_NEXT, **_number(SECTIONS), **_spacing(280, 100, 340), "outlineLvl": '<w:outlineLvl w:val="0"/>'},
        {**_bold(), **_size(24)},
        "Body Text",
        "Numbered section heading",
    ),
    ("List Bullet", {**_number(BULLETS), **_spacing(0, 100)}, {}, "", "Bullet"),
    ("List Bullet 2", {**_number(BULLETS, 1), **_spacing(0, 100)}, {}, "", "Bullet of the second level"),
    ("List Number", {**_number(NUMBERS), **_spacing(0, 100)}, {}, "", "Numbered item"),
    ("List Number 2", {**_number(NUMBERS, 1), **_spacing(0, 100)}, {}, "", "Numbered item of the second level"),
    (
        "Quote",
        {**_indent(567, 0, 425), **_spacing(0, 140), "pBdr": '<w:pBdr><w:left w:val="single" w:sz="8" w:space="8" w:color="C3C9D4"/></w:pBdr>'},
        {},
        "Body Text",
        "Quotation",
    ),
    ("Closing", {**_SET, **_NEXT, **_spacing(240, 200)}, {}, "Signatory", "Sincerely,"),
    ("Signatory Group", {**_SET, **_NEXT, **_spacing(160, 80, 260), "outlineLvl": '<w:outlineLvl w:val="0"/>'}, {**_bold(), **_size(20)}, "Signatory", "Group of signatories"),
    ("Signatory", {**_SET, **_indent(227, 227), **_spacing(0, 60, 260)}, _size(19), "", "Signatory organization"),
    ("CC Heading", {**_SET, **_NEXT, **_spacing(240, 80, 260)}, {**_bold(), **_size(20)}, "CC", "CC:"),
    ("CC", {**_SET, **_spacing(0, 120, 260)}, _size(20), "", "Copied mission"),
    ("header", {**_SET, **_spacing(0, 0)}, {**_color(GREY), **_size(17)}, "", ""),
    ("footer", {**_SET, **_spacing(0, 0)}, {**_color(GREY), **_size(17)}, "", ""),
    ("footnote text", {**_LEFT, **_spacing(0, 40, 240)}, _size(18), "", "Footnote text"),
)
CHARACTER_STYLES: tuple[tuple[str, Children, str], ...] = (
    ("Emphasis", _italic(), "Emphasis"),
    ("Strong", _bold(), "Strong"),
    ("Hyperlink", {**_color("0B4F9E"), "u": '<w:u w:val="single"/>'}, "Hyperlink"),
    ("footnote reference", {"vertAlign": '<w:vertAlign w:val="superscript"/>'}, ""),
    ("Draft Mark", {**_color("9C1C1C"), **_size(17)}, "Mark in a draft"),
)
BUILT_IN = {
    name.lower()
    for name in (
        "Body Text",
        "Date",
        "Salutation",
        "heading 1",
        "List Bullet",
        "List Bullet 2",
        "List Number",
        "List Number 2",
        "Quote",
        "Closing",
        "header",
        "footer",
        "footnote text",
        "Emphasis",
        "Strong",
        "Hyperlink",
        "footnote reference",
    )
}
"""Names Word itself knows and translates in its menus; the others are custom styles."""


def style_id(name: str) -> str:
    """The id Word would give: `heading 1` is `Heading1`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split())


def _style(kind: str, name: str, ppr: Children, rpr: Children, following: str = "") -> str:
    custom = "" if name.lower() in BUILT_IN else ' w:customStyle="1"'
    base = "Normal" if kind == "paragraph" else "DefaultParagraphFont"
    quick = "" if name in ("header", "footer", "footnote text", "footnote reference", "Hyperlink") else "<w:qFormat/>"
    return (
        f'<w:style w:type="{kind}"{custom} w:styleId="{style_id(name)}"><w:name w:val="{name}"/><w:basedOn w:val="{base}"/>'
        + (f'<w:next w:val="{style_id(following)}"/>' if following else "")
        + f'<w:uiPriority w:val="{1 if quick else 99}"/>{quick}'
        + properties("pPr", PARAGRAPH_ORDER, ppr)
        + properties("rPr", (*RUN_ORDER[:-4], "u", *RUN_ORDER[-4:]), rpr)
        + "</w:style>"
    )


def styles() -> bytes:
    """word/styles.xml: document defaults from the theme, Word's four defaults, and our styles."""
    defaults = (
        '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi" w:eastAsiaTheme="minorEastAsia" w:cstheme="minorBidi"/>'
        '<w:sz w:val="21"/><w:szCs w:val="21"/><w:lang w:val="en-US" w:eastAsia="ko-KR" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:after="140" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>'
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr><w:widowControl/></w:pPr></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/>'
        "<w:semiHidden/><w:unhideWhenUsed/></w:style>"
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/><w:uiPriority w:val="99"/><w:semiHidden/><w:unhideWhenUsed/></w:style>'
    )
    ours = "".join(_style("paragraph", name, ppr, rpr, following) for name, ppr, rpr, following, _ in PARAGRAPH_STYLES)
    chars = "".join(_style("character", name, {}, rpr) for name, rpr, _ in CHARACTER_STYLES)
    return f"{HEAD}<w:styles {NAMESPACES}>{defaults}{ours}{chars}</w:styles>".encode()


def _level(at: int, fmt: str, text: str, left: int, hanging: int, style: str = "", font: str = "") -> str:
    fonts = f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}" w:hint="default"/></w:rPr>' if font else ""
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{fmt}"/>'
        + (f'<w:pStyle w:val="{style_id(style)}"/>' if style else "")
        + f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr>{fonts}</w:lvl>'
    )


def numbering() -> bytes:
    """word/numbering.xml: numbered sections, bullets and numbers, each of two levels or more."""
    lists = {
        SECTIONS: "".join(
            [_level(0, "decimal", "%1.", 425, 425, "heading 1"), *(_level(i, "decimal", ".".join(f"%{k + 1}" for k in range(i + 1)), 425 + 283 * i, 425) for i in range(1, 9))]
        ),
        BULLETS: _level(0, "bullet", "•", 709, 284, "List Bullet", LATIN) + _level(1, "bullet", "–", 1134, 284, "List Bullet 2", LATIN),
        NUMBERS: _level(0, "decimal", "%1.", 709, 397, "List Number") + _level(1, "lowerLetter", "%2)", 1134, 397, "List Number 2"),
    }
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{key}"><w:nsid w:val="1E77E20{key}"/><w:multiLevelType w:val="multilevel"/><w:tmpl w:val="1E77E21{key}"/>{levels}</w:abstractNum>'
        for key, levels in lists.items()
    )
    nums = "".join(f'<w:num w:numId="{key}"><w:abstractNumId w:val="{key}"/></w:num>' for key in lists)
    return f"{HEAD}<w:numbering {NAMESPACES}>{abstract}{nums}</w:numbering>".encode()


def theme() -> bytes:
    """word/theme/theme1.xml: the fonts by script, and quiet colours."""
    scripts = "".join(f'<a:font script="{script}" typeface="{font}"/>' for script, font in EAST_ASIAN.values())
    fonts = f'<a:latin typeface="{LATIN}"/><a:ea typeface=""/><a:cs typeface="{COMPLEX}"/>{scripts}'
    colors = {
        "dk1": "000000",
        "lt1": "FFFFFF",
        "dk2": ACCENT,
        "lt2": "EEEEEE",
        "accent1": "1F3864",
        "accent2": "9C1C1C",
        "accent3": "3A7D44",
        "accent4": "8A6D1D",
        "accent5": "5B4B8A",
        "accent6": "2E6F7E",
        "hlink": "0B4F9E",
        "folHlink": "5B4B8A",
    }
    scheme = "".join(f'<a:{name}><a:srgbClr val="{rgb}"/></a:{name}>' for name, rgb in colors.items())
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    return (
        f'{HEAD}<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Letter"><a:themeElements><a:clrScheme name="Letter">{scheme}</a:clrScheme>'
        f'<a:fontScheme name="Letter"><a:majorFont>{fonts}</a:majorFont><a:minorFont>{fonts}</a:minorFont></a:fontScheme>'
        f'<a:fmtScheme name="Letter"><a:fillStyleLst>{fill * 3}</a:fillStyleLst><a:lnStyleLst>{f"""<a:ln w="6350">{fill}</a:ln>""" * 3}</a:lnStyleLst>'
        f"<a:effectStyleLst>{'<a:effectStyle><a:effectLst/></a:effectStyle>' * 3}</a:effectStyleLst><a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme>"
        "</a:themeElements></a:theme>"
    ).encode()


def document() -> bytes:
    """word/document.xml: one sample of each style, so that staff see what they change."""
    rows = [f'<w:p><w:pPr><w:pStyle w:val="{style_id(name)}"/></w:pPr><w:r><w:t>{escape(sample)}</w:t></w:r></w:p>' for name, _, _, _, sample in PARAGRAPH_STYLES if sample]
    runs = [f'<w:r><w:rPr><w:rStyle w:val="{style_id(name)}"/></w:rPr><w:t xml:space="preserve">{escape(sample)} </w:t></w:r>' for name, _, sample in CHARACTER_STYLES if sample]
    samples = "".join(rows) + f'<w:p><w:pPr><w:pStyle w:val="BodyText"/></w:pPr>{"".join(runs)}</w:p>'
    margins = '<w:pgMar w:top="1418" w:right="1418" w:bottom="1304" w:left="1418" w:header="709" w:footer="624" w:gutter="0"/>'
    page = f'<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>{margins}<w:cols w:space="454"/></w:sectPr>'
    return f"{HEAD}<w:document {NAMESPACES}><w:body>{samples}{page}</w:body></w:document>".encode()


def build() -> bytes:
    """The style reference as a Word file: python-docx's empty document with all that we name put in its place."""
    import docx
    from docx.opc.constants import CONTENT_TYPE as CT
    from docx.opc.constants import RELATIONSHIP_TYPE as RT
    from docx.opc.packuri import PackURI
    from docx.oxml import parse_xml
    from docx.parts.document import DocumentPart

    package = docx.Document().part.package
    package.rels.clear()
    main = DocumentPart(PackURI("/word/document.xml"), CT.WML_DOCUMENT_MAIN, parse_xml(document()), package)
    package.relate_to(main, RT.OFFICE_DOCUMENT)
    for kind, name, content_type, data in (
        (RT.STYLES, "styles", CT.WML_STYLES, styles()),
        (RT.NUMBERING, "numbering", CT.WML_NUMBERING, numbering()),
        (RT.SETTINGS, "settings", CT.WML_SETTINGS, f"{HEAD}<w:settings {NAMESPACES}>{settings('en-US', 'ko-KR')}</w:settings>".encode()),
        (RT.FONT_TABLE, "fontTable", CT.WML_FONT_TABLE, font_table()),
        (RT.THEME, "theme/theme1", CT.OFC_THEME, theme()),
    ):
        main.relate_to(opc.blob_part(package, f"/word/{name}.xml", content_type, data), kind)
    core_properties(main.document, title="Style reference of letters", creator="", subject="", language="en-US", day=date(2018, 6, 6))
    package.relate_to(opc.blob_part(package, "/docProps/app.xml", APP, app_properties()), RT.EXTENDED_PROPERTIES)
    return opc.save(package)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m engross.render.word.reference FILE")
    write_atomic(Path(sys.argv[1]), build())
