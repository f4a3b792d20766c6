"""A page that reads the same as XML is read by expat, in C. See `weasy_speed`.

- `pages`: the tree that WeasyPrint's HTML parser would make, in a tenth of its time.
- `queries`: style sheets and metadata are looked for where they are, not at each element.

What HTML (WHATWG, 13.2) reads otherwise than XML goes to the HTML parser as before: other elements than those of letters, entities by name, comments, end tags left
out, blocks in paragraphs. The templates of the layout need not know of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from types import SimpleNamespace
from typing import Any
from xml.etree.ElementTree import Element, ParseError, XMLParser

_VOID = "br|img|meta"
_HEAD = frozenset({"meta", "style", "title"})
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_BLOCKS = _HEADINGS | {"blockquote", "div", "li", "ol", "p", "section", "ul"}
_TEXTS = _HEADINGS | {"p"}
"""Blocks that end where another begins, or hold none."""
_INLINE = frozenset({"a", "b", "br", "cite", "code", "em", "i", "img", "small", "span", "strong", "sub", "sup", "time"})

_START = re.compile(r"\s*<!doctype html>\s*(?=<html\b)", re.IGNORECASE)
_OPEN_VOID = re.compile(rf"<((?:{_VOID})(?:\s[^<>]*)?)(?<!/)>")
_OTHERWISE = re.compile(
    rf"""<[!?]                            # a comment, CDATA, an instruction
    |<style[^<]*&                         # text in HTML, an entity in XML
    |&\#(?!3[49];)                        # some numbers of characters are others in HTML
    |xmlns                                # a name space in XML, an attribute in HTML
    |=\s*(?:"[^"\t\n\r]*+|'[^'\t\n\r]*+)[\t\n\r]  # blanks in an attribute
    |<(?!(?:{_VOID})\b)[^<>]*/>           # an empty element in XML, a start tag in HTML
    """,
    re.VERBOSE,
)


def pages() -> None:
    """Read pages by expat where that gives the same tree."""
    import weasyprint

    stock = weasyprint.tinyhtml5.parse

    def parse(document: Any, **more: Any) -> Any:
        """As `tinyhtml5.parse`: the root element of a page."""
        root = read(document.getvalue()) if isinstance(document, StringIO) and more == {"namespace_html_elements": False} else None
        return stock(document, **more) if root is None else root

    weasyprint.tinyhtml5 = SimpleNamespace(parse=parse)


def queries() -> None:
    """Ask for elements of some names only where there are any: WeasyPrint asks so for style sheets, titles and metadata."""
    import weasyprint

    kind = weasyprint.cssselect2.ElementWrapper
    stock = kind.query_all
    asked = {("style", "link"), ("title", "meta", "link")}

    def query_all(self: Any, *selectors: Any) -> Iterator[Any]:
        """As cssselect2's: the elements that match one of the selectors, in order."""
        return _named(self, frozenset(selectors)) if selectors in asked else stock(self, *selectors)

    kind.query_all = query_all


def _named(wrapper: Any, names: frozenset[str]) -> Iterator[Any]:
    element = wrapper.etree_element
    if wrapper.local_name in names:
        yield wrapper
    if len(element) and any(isinstance(tag, str) and tag.rpartition("}")[2] in names for tag in {inner.tag for inner in element.iter()}):
        for child in wrapper.iter_children():
            yield from _named(child, names)


def read(page: str) -> Element | None:
    """The root element of a page as HTML has it, or nothing if XML might have another."""
    start = _START.match(page)
    if not start or _OTHERWISE.search(page, start.end()):
        return None
    page = page[start.end() :]
    _, end, after = page.rpartition("</html>")
    parser = XMLParser()  # noqa: S314 - a page of ours: no document type, no entities of its own
    try:
        parser.feed(_OPEN_VOID.sub(r"<\1/>", page))
        root = parser.close()
    except (ParseError, UnicodeError):
        return None
    if not end or root.tag != "html" or [child.tag for child in root] != ["head", "body"] or not _sound(root):
        return None
    head, body = root
    if any(child.tag not in _HEAD or len(child) or not _sound(child) or _words(child.tail) for child in head) or any(map(_words, (root.text, head.text, head.tail, body.tail))):
        return None
    if not (_sound(head) and _sound(body) and all(_as_html(child, body, frozenset()) for child in body)):
        return None
    root.text = None  # white space before the head is none, that after the body's end belongs to the body
    _append(body, (body.tail or "") + after)
    body.tail = None
    return root


def _as_html(element: Element, parent: Element, inside: frozenset[str]) -> bool:
    """Whether HTML gives an element of the body, inside elements of these names, the place that XML gives it."""
    tag = element.tag
    if tag in _BLOCKS:
        if inside & _TEXTS or (tag == "li" and parent.tag not in ("ol", "ul")):
            return False
    elif tag not in _INLINE or (tag == "a" and "a" in inside):
        return False
    if len(element):
        inside |= {tag}
        return _sound(element) and all(_as_html(child, element, inside) for child in element)
    return _sound(element)


def _sound(element: Element) -> bool:
    """Whether the attributes are the same in HTML: names in small letters, no value in which a tag might seem to end."""
    return all(name.islower() and name[0] != "{" and ">" not in value for name, value in element.items())


def _words(text: str | None) -> bool:
    return bool(text and text.strip(" \t\n\r"))


def _append(body: Element, space: str) -> None:
    if len(body):
        body[-1].tail = (body[-1].tail or "") + space
    else:
        body.text = (body.text or "") + space
