"""Fit a design to a letter's language: only the defaults below its styles change, so what staff set in a style wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engross.locales import Locale
from engross.render.word.design import Design
from engross.render.word.fonts import EAST_ASIAN, east_asian
from engross.render.word.wml import PARAGRAPH_ORDER, RUN_ORDER, insert_ordered, q

if TYPE_CHECKING:
    from lxml import etree


LATIN_LINE = ("276", "auto")
"""Line height of the reference's defaults: `w:line` and `w:lineRule`."""


def fit(design: Design, locale: Locale, latin: str, asian: str) -> None:
    """Set the document defaults for a letter's language: `w:lang`, all four fonts, line breaking and spacing between scripts, emphasis.

    Only defaults change, so what staff set in a style wins. In Korean, words stay whole and nothing is put between Hangul and digits or Latin letters (`w:autoSpaceDE`,
    `w:autoSpaceDN`), as Korean documents are set; in Japanese the quarter em between scripts stays (JIS X 4051). Both take even lines, whichever fonts share them.
    """
    _settle(design)
    before = east_asian(design.asian_default())
    run = _default(design, "rPrDefault", "rPr")
    _set_language(run, latin, asian)
    _set_fonts(design, run, before, east_asian(asian))
    if east_asian(asian):
        _complete_theme(design, before, east_asian(asian))
    paragraph = _default(design, "pPrDefault", "pPr")
    gap = "1" if east_asian(asian) == east_asian(locale.tag) == "ja" else "0"
    for name in ("autoSpaceDE", "autoSpaceDN"):
        _set(paragraph, name, val=gap)
    if east_asian(locale.tag):
        _loosen(design)
        _set(paragraph, "kinsoku", val="1")
        _set(paragraph, "wordWrap", val="1")
        _set(paragraph, "overflowPunct", val="1")
        _set(paragraph, "jc", val="both")
        spacing = paragraph.find(q("spacing"))
        after = (spacing.get(q("after")) if spacing is not None else None) or "140"
        _set(paragraph, "spacing", after=after, line="340", lineRule="atLeast")
    if locale.emphasis == "bold":
        _embolden(design)


def _default(design: Design, outer: str, inner: str) -> etree._Element:
    from lxml import etree

    defaults = design.styles.find(q("docDefaults"))
    if defaults is None:
        defaults = etree.Element(q("docDefaults"))
        design.styles.insert(0, defaults)
    holder = defaults.find(q(outer))
    if holder is None:
        holder = etree.Element(q(outer))
        defaults.insert(0 if outer == "rPrDefault" else len(defaults), holder)
    found = holder.find(q(inner))
    return found if found is not None else etree.SubElement(holder, q(inner))


def _complete_theme(design: Design, before: str, wanted: str) -> None:
    """Let the theme name an East Asian font for the letter's language.

    A font staff chose without script (Word's Customize Fonts writes `a:ea`) is for the language the file was made in; another language takes the one of its script.
    """
    from lxml import etree

    script = EAST_ASIAN[wanted][0]
    font = design.asian_fonts()[wanted]
    for fonts in (*design.theme.iterfind(".//{*}majorFont"), *design.theme.iterfind(".//{*}minorFont")):
        chosen = fonts.find("{*}ea")
        if chosen is not None and chosen.get("typeface"):
            if wanted == before:
                continue
            chosen.set("typeface", "")
        if not any(font.get("script") == script for font in fonts.iterfind("{*}font")):
            etree.SubElement(fonts, fonts.tag.rpartition("}")[0] + "}font", script=script, typeface=font)


def _settle(design: Design) -> None:
    """Undo what programs copy from the defaults into styles when they save, which would hide the letter's own defaults.

    Languages in styles; plain font names beside theme fonts, which mean the same (ISO/IEC 29500-1, 17.3.2.26); LibreOffice's general ban of hyphenation.
    """
    for style in design.styles.iterfind(q("style")):
        for lang in list(style.iter(q("lang"))):
            _remove(lang)
    for fonts in design.styles.iter(q("rFonts")):
        for slot, theme in _SLOTS.items():
            if fonts.get(q(theme)) and fonts.get(q(slot)):
                del fonts.attrib[q(slot)]
    for banned in _default(design, "pPrDefault", "pPr").findall(q("suppressAutoHyphens")):
        _remove(banned)


_SLOTS = {"ascii": "asciiTheme", "hAnsi": "hAnsiTheme", "eastAsia": "eastAsiaTheme", "cs": "cstheme"}


def _loosen(design: Design) -> None:
    """Where the base style only repeats the reference's defaults (LibreOffice writes them there), let the defaults decide alignment and line height."""
    for style in design.styles.iterfind(q("style")):
        if style.get(q("type")) == "paragraph" and style.get(q("default")) in ("1", "true", "on"):
            for align in style.findall(f"{q('pPr')}/{q('jc')}"):
                if align.get(q("val")) in ("left", "start"):
                    _remove(align)
            for spacing in style.findall(f"{q('pPr')}/{q('spacing')}"):
                if (spacing.get(q("line")), spacing.get(q("lineRule"), "auto")) == LATIN_LINE:
                    for name in {q("line"), q("lineRule")} & set(map(str, spacing.attrib)):
                        del spacing.attrib[name]


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _set(parent: etree._Element, name: str, **values: str) -> None:
    from lxml import etree

    insert_ordered(parent, etree.Element(q(name), {q(key): value for key, value in values.items()}), PARAGRAPH_ORDER)


def _set_language(run: etree._Element, latin: str, asian: str) -> None:
    from lxml import etree

    values = {"val": latin, "eastAsia": asian or latin, "bidi": "ar-SA"}
    insert_ordered(run, etree.Element(q("lang"), {q(key): value for key, value in values.items()}), RUN_ORDER)


def _set_fonts(design: Design, run: etree._Element, before: str, wanted: str) -> None:
    """All four slots of the default fonts.

    A file with theme fonts keeps them; in one with plain names (LibreOffice) the language's font takes the place of the one of the language the file was made in.
    """
    from lxml import etree

    fonts = run.find(q("rFonts"))
    if fonts is None:
        fonts = etree.Element(q("rFonts"))
        insert_ordered(run, fonts, RUN_ORDER)
    table = design.asian_fonts()
    old = fonts.get(q("eastAsia"))
    for slot, theme in _SLOTS.items():
        if slot != "eastAsia" and not fonts.get(q(theme)) and not fonts.get(q(slot)):
            fonts.set(q(slot), fonts.get(q("ascii")) or design.latin_font)
    if wanted and not fonts.get(q("eastAsiaTheme")) and (wanted != before or not old):
        fonts.set(q("eastAsia"), table[wanted])
        for element in design.styles.iter(q("rFonts")):
            if old and element.get(q("eastAsia")) == old:
                element.set(q("eastAsia"), table[wanted])


def _embolden(design: Design) -> None:
    """Emphasis as bold where slanted letters are not used."""
    from lxml import etree

    style = next(s for s in design.styles.iterfind(q("style")) if s.get(q("styleId")) == design.style("Emphasis"))
    run = style.find(q("rPr"))
    if run is None:
        run = etree.SubElement(style, q("rPr"))
    for name in ("i", "iCs"):
        for element in run.findall(q(name)):
            run.remove(element)
    for name in ("b", "bCs"):
        insert_ordered(run, etree.Element(q(name)), RUN_ORDER)
