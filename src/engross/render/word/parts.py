"""The small parts of a Word file: settings and properties, written new for every letter so that nothing of an old file travels along."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from engross.render.word.opc import HEAD, escape, quoteattr

if TYPE_CHECKING:
    from docx.document import Document

_WML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
FOOTNOTES = f"{_WML}.footnotes+xml"
APP = "application/vnd.openxmlformats-officedocument.extended-properties+xml"
CUSTOM = "application/vnd.openxmlformats-officedocument.custom-properties+xml"

_COMPATIBILITY = {
    "compatibilityMode": "15",
    "overrideTableStyleFontSizeAndJustification": "1",
    "enableOpenTypeFeatures": "1",
    "doNotFlipMirrorIndents": "1",
    "differentiateMultirowTableHeaders": "1",
    "useWord2013TrackBottomHyphenation": "0",
}
"""What a document made by Word 2013 or later says; without it Word opens in compatibility mode ([MS-DOCX] 2.6.1)."""


def settings(latin: str, asian: str, *, hyphenate: bool = False, strict_kinsoku: bool = False, footnotes: bool = False) -> str:
    """The children of `w:settings`.

    Args:
        latin: language of Latin text, `en-US`.
        asian: language of East Asian text, which decides the theme's East Asian font; empty for none.
        hyphenate: Word hyphenates by the dictionary of each run's language.
        strict_kinsoku: small kana and the long vowel mark may not begin a line either (JIS X 4051; Word's default is the lenient set).
        footnotes: the file has a footnotes part with separators.
    """
    compat = "".join(f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>' for name, value in _COMPATIBILITY.items())
    inner = '<w:zoom w:percent="100"/>'
    inner += '<w:autoHyphenation/><w:consecutiveHyphenLimit w:val="2"/><w:doNotHyphenateCaps/>' if hyphenate else ""
    # defaultTabStop comes before the hyphenation settings in the schema
    inner = inner.replace("<w:autoHyphenation/>", '<w:defaultTabStop w:val="720"/><w:autoHyphenation/>') if hyphenate else inner + '<w:defaultTabStop w:val="720"/>'
    inner += f'<w:characterSpacingControl w:val="{"compressPunctuation" if strict_kinsoku else "doNotCompress"}"/>'
    inner += "<w:strictFirstAndLastChars/>" if strict_kinsoku else ""
    inner += '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>' if footnotes else ""
    east = f" w:eastAsia={quoteattr(asian)}" if asian else ""
    inner += f'<w:compat>{compat}</w:compat><w:themeFontLang w:val={quoteattr(latin)}{east}/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/>'
    return inner


def core_properties(document: Document, *, title: str, creator: str, subject: str, language: str, day: date) -> None:
    """Who, what and when (ECMA-376 part 2, 11). Created and modified are the letter's day, never the clock's."""
    own = document.core_properties
    own.title, own.author, own.last_modified_by, own.subject, own.language, own.revision = title, creator, creator, subject, language, 1
    own.created = own.modified = datetime(day.year, day.month, day.day, tzinfo=UTC)


def app_properties(company: str = "") -> bytes:
    """docProps/app.xml: who made it, and for whom."""
    of = f"<Company>{escape(company)}</Company>" if company else ""
    return f'{HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>engross</Application>{of}</Properties>'.encode()


def custom_properties(values: Mapping[str, str]) -> bytes:
    """docProps/custom.xml: text properties that Word shows under File > Info > Advanced and that DOCPROPERTY fields can print."""
    rows = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{at}" name={quoteattr(name)}><vt:lpwstr>{escape(value)}</vt:lpwstr></property>'
        for at, (name, value) in enumerate(values.items(), 2)
    )
    spaces = 'xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"'
    return f"{HEAD}<Properties {spaces}>{rows}</Properties>".encode()
