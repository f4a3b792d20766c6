"""XML from outside, parsed so that it can neither reach for other files nor blow up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


class Refused(Exception):
    """A file from outside is not what it says, or holds what no translation needs."""

    def __init__(self, message: str, hint: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line


def xml_root(data: bytes) -> _Element:
    """The root element. Entities are not expanded, nothing is loaded, and a document type declaration is refused whatever the encoding.

    Raises:
        Refused: it is not well-formed XML, or has a document type declaration.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        said = re.sub(r"(, line \d+, column \d+)? \(<string>, line \d+\)\Z", "", str(error))
        raise Refused(f"it is not well-formed XML: {said}", "it was cut short or changed on the way: ask for the file again", line) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("it has a document type declaration", "an exchanged file has none; ask for it without", line=1)
    return root
