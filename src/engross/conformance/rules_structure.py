"""Rules about tags: the structure tree, the marks in the content, and that each leads to the other."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pikepdf

from engross.conformance.content import Key
from engross.conformance.document import Document
from engross.conformance.objects import entries, get, identity, items, name, text
from engross.conformance.rule import A3, UA1, Found, Rule
from engross.conformance.structure import Element

STANDARD = re.compile(
    "Document|Part|Art|Sect|Div|BlockQuote|Caption|TOC|TOCI|Index|NonStruct|Private|P|H[1-6]?|L|LI|Lbl|LBody|Table|TR|TH|TD|THead|TBody|TFoot|"
    "Span|Quote|Note|Reference|BibEntry|Code|Link|Annot|Ruby|RB|RT|RP|Warichu|WT|WP|Figure|Formula|Form"
)
"""ISO 32000-1, 14.8.4."""
INSIDE = {
    "LI": {"L"},
    "LBody": {"LI"},
    "TR": {"Table", "THead", "TBody", "TFoot"},
    "TH": {"TR"},
    "TD": {"TR"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "TFoot": {"Table"},
    "TOCI": {"TOC"},
    "RB": {"Ruby"},
    "RT": {"Ruby"},
    "RP": {"Ruby"},
    "WT": {"Warichu"},
    "WP": {"Warichu"},
}
"""What stands only in certain others."""
HOLDS = {
    "L": {"LI", "L", "Caption"},
    "LI": {"Lbl", "LBody"},
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "TR": {"TH", "TD"},
    "TOC": {"TOCI", "TOC", "Caption"},
    "Ruby": {"RB", "RT", "RP"},
    "Warichu": {"WT", "WP"},
}
"""What holds only certain others."""
_HEADING = re.compile(r"H[1-6]")
_KOREAN = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_JAPANESE = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_ADDRESS = re.compile(r"\S*[@/]\S*")
_LATIN_WORDS = 4
"""So many Latin words in a row in a text of another script are a sentence or a name of another language, not an abbreviation."""


def marked(document: Document) -> Found:
    """The file says that it is tagged, and is."""
    if get(document.root, "MarkInfo", "Marked") is not True:
        yield "MarkInfo does not say Marked", ""
    if get(document.root, "MarkInfo", "Suspects") is True:
        yield "MarkInfo says that tags are doubtful", ""
    if not document.structure.elements:
        yield "there is no structure tree", ""
    elif [top.kind for top in document.structure.tops] != ["Document"]:
        yield "the structure tree is not one Document", ""


def tree(document: Document) -> Found:
    """The structure tree is a tree, of standard types."""
    yield from document.structure.faults
    roles = {key: str(item)[1:] for key, item in entries(document.root, "StructTreeRoot", "RoleMap") if isinstance(item, pikepdf.Name)}
    for kind in roles:
        seen = {kind}
        while (kind := roles.get(kind, "")) and kind not in seen:
            seen.add(kind)
        if kind:
            yield f"the role map leads in a circle at {kind}", ""
    for element in document.structure.elements:
        if not STANDARD.fullmatch(element.kind):
            yield f"{element.kind} is no standard type and is mapped to none", element.where
        if STANDARD.fullmatch(name(element.item, "S")) and name(element.item, "S") != element.kind:
            yield f"the standard type {name(element.item, 'S')} is mapped to another", element.where


def content(document: Document) -> Found:
    """Content streams are sound: what is opened is closed, what is drawn is there, every operator is one of PDF."""
    for page in (*document.contents, *document.appearances):
        yield from ((fault, page.where) for fault in dict.fromkeys(page.faults))


def everything_marked(document: Document) -> Found:
    """Everything on a page is tagged content or an artifact."""
    for page in document.contents:
        if page.unmarked:
            yield f"{page.unmarked.total()} painting operators are neither tagged nor artifacts ({', '.join(sorted(page.unmarked))})", page.where
        yield from ((fault, page.where) for fault in page.nested)


def mcids(document: Document) -> Found:
    """Every piece of marked content belongs to exactly one structure element, which finds it on its page."""
    claimed = Counter(key for element in document.structure.elements for key in element.content)
    present: Counter[Key] = Counter()
    for page in document.contents:
        present.update(page.marked)
        for key in page.marked:
            if page.marked[key] > 1:
                yield f"marked content {key[1]} stands on the page {page.marked[key]} times", page.where
            if claimed[key] != 1:
                yield f"marked content {key[1]} belongs to {claimed[key]} structure elements", page.where
    for (_, number), where in {key: page.where for page in document.contents for key in page.marked if present[key] > page.marked[key]}.items():
        yield f"marked content {number} stands in a form that several pages draw", where
    for element in document.structure.elements:
        for key in element.content:
            if not present[key]:
                yield f"the element claims marked content {key[1]}, which is not on its page", element.where


def parent_tree(document: Document) -> Found:
    """The parent tree leads from content back to the element that claims it."""
    owners = {key: element for element in document.structure.elements for key in element.content}
    parents = document.structure.parents
    streams = {identity(page): (get(page, "StructParents"), f"page {number}") for number, page in enumerate(document.pages, 1)}
    for item in document.maps:
        if name(item, "Subtype") == "Form":
            streams.setdefault(identity(item), (get(item, "StructParents"), f"object {identity(item)[0]}"))
    numbers = Counter(number for number, _ in streams.values() if number is not None)
    for number, times in numbers.items():
        if times > 1:
            yield f"StructParents {number} is used {times} times", ""
    for key in {key for page in document.contents for key in page.marked}:
        number, where = streams.get(key[0], (None, ""))
        line = items(parents.get(number)) if number is not None else []
        back = line[key[1]] if key[1] < len(line) else None
        if back is None or key not in owners or identity(back) != identity(owners[key].item):
            yield f"the parent tree does not lead from content {key[1]} to its element", where


def headings(document: Document) -> Found:
    """Headings begin with H1 and skip no level downwards."""
    last = 0
    for element in document.structure.elements:
        if element.kind == "H":
            yield "H without a level, among headings that are numbered", element.where
        if not _HEADING.fullmatch(element.kind):
            continue
        level = int(element.kind[1])
        if level > last + 1:
            yield f"H{level} follows {f'H{last}' if last else 'no heading'}", element.where
        last = level


def nesting(document: Document) -> Found:
    """Lists and tables are made of the parts they are made of."""
    for element in document.structure.elements:
        parent = element.parent.kind if element.parent else ""
        if element.kind in INSIDE and parent not in INSIDE[element.kind]:
            yield f"{element.kind} stands in {parent or 'nothing'}", element.where
        for child in element.children:
            if element.kind in HOLDS and child.kind not in HOLDS[element.kind]:
                yield f"{element.kind} holds {child.kind}", child.where
        if element.kind in HOLDS and (element.content or not element.children):
            yield f"{element.kind} has content of its own, or nothing at all", element.where
        if element.kind == "LI" and not any(child.kind == "LBody" for child in element.children):
            yield "a list item has no LBody", element.where


def tables(document: Document) -> Found:
    """A table has header cells that say what they head."""
    for element in document.structure.elements:
        if element.kind != "Table":
            continue
        heads = [below for below in element.below() if below.kind == "TH"]
        if not heads:
            yield "the table has no header cell", element.where
        for head in heads:
            if not any(name(attributes, "Scope") in ("Row", "Column", "Both") for attributes in items(head.item, "A")):
                yield "a header cell has no Scope", head.where


def figures(document: Document) -> Found:
    """A picture says what it shows."""
    for element in document.structure.elements:
        if element.kind in ("Figure", "Formula") and not (text(element.item, "Alt").strip() or text(element.item, "ActualText").strip()):
            yield "the picture has neither Alt nor ActualText", element.where


def notes(document: Document) -> Found:
    """Each note has an identifier of its own."""
    seen: set[str] = set()
    for element in document.structure.elements:
        known = text(element.item, "ID")
        if element.kind == "Note" and not known:
            yield "the note has no ID", element.where
        if known and known in seen:
            yield f"the ID {known!r} stands twice", element.where
        seen.add(known)


def foreign_text(document: Document) -> Found:
    """Text in a script that the language in force is not written in needs a language of its own."""
    marks = {key: lang for page in document.contents for key, lang in page.langs.items()}
    for element in document.structure.elements:
        for key in element.content:
            lang = (marks.get(key) or element.lang).split("-")[0].lower()
            said = document.texts.get(key, "")
            if _foreign(said, lang) and not _replaced(element):
                yield f"{said.strip()[:40]!r} is marked as {lang or 'no language'}", element.where


def _replaced(element: Element) -> bool:
    return any(text(item.item, "ActualText") or text(item.item, "Alt") for item in (element, *element.above()))


def _foreign(said: str, lang: str) -> bool:
    if (_KOREAN.search(said) and lang != "ko") or (_JAPANESE.search(said) and lang != "ja") or (_HAN.search(said) and lang not in ("ja", "ko", "zh")):
        return True
    if lang not in ("ja", "ko", "zh"):
        return False
    run = longest = 0
    for word in re.findall(r"\w+", _ADDRESS.sub(" ", unicodedata.normalize("NFC", said))):
        run = run + 1 if re.fullmatch(r"[A-Za-z\u00c0-\u024f]{2,}", word) else 0
        longest = max(longest, run)
    return longest >= _LATIN_WORDS


def outline(document: Document) -> Found:
    """A document with headings has bookmarks, each with a title and a language the document says."""
    kinds = Counter(element.kind for element in document.structure.elements)
    first = get(document.root, "Outlines", "First")
    if sum(kinds[f"H{level}"] for level in range(1, 7)) > 1 and first is None:
        yield "there are headings and no bookmarks", ""
    seen: set[tuple[int, int]] = set()
    todo = [first]
    while todo:
        entry = todo.pop()
        if entry is None:
            continue
        if identity(entry) in seen:
            yield "bookmarks lead in a circle", f"object {identity(entry)[0]}"
            return
        seen.add(identity(entry))
        if not text(entry, "Title").strip():
            yield "a bookmark has no title", f"object {identity(entry)[0]}"
        if get(entry, "Dest") is None and get(entry, "A") is None:
            yield "a bookmark leads nowhere", f"object {identity(entry)[0]}"
        todo += [get(entry, "Next"), get(entry, "First")]


RULES = (
    Rule("tagged", A3 + "6.7.2; " + UA1 + "7.1", marked),
    Rule("structure-tree", A3 + "6.7.3; " + UA1 + "7.1", tree),
    Rule("content", "ISO 32000-1, 7.8.2, 14.6", content),
    Rule("all-marked", UA1 + "7.1, 7.8", everything_marked),
    Rule("marked-content", "ISO 32000-1, 14.7.4; " + UA1 + "7.1", mcids),
    Rule("parent-tree", "ISO 32000-1, 14.7.4.4", parent_tree),
    Rule("headings", UA1 + "7.4", headings),
    Rule("nesting", UA1 + "7.2, 7.5, 7.6", nesting),
    Rule("tables", UA1 + "7.5", tables),
    Rule("figures", UA1 + "7.3, 7.7", figures),
    Rule("notes", UA1 + "7.9", notes),
    Rule("foreign-text", UA1 + "7.2", foreign_text),
    Rule("bookmarks", UA1 + "7.17; ours", outline),
)
