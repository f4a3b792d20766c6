"""Markup, links, placeholders and addresses: what the translation must carry over unchanged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from engross import markup
from engross.translation.checks.pair import EMAIL, PHONE, PLACEHOLDER, URL, Case, Finding, may_have_addresses, quoted


def emphasis(case: Case) -> Iterator[Finding]:
    """As many stretches of *emphasis* and **strong** text as in the source, and no stray asterisk."""
    if not case.pair.markup:
        return
    wanted, found = (Counter(_styles(markup.parse(text))) for text in (case.pair.source, case.pair.target))
    for style in sorted(wanted | found):
        if wanted[style] != found[style]:
            hint = "keep the marks around the words that carry the same meaning"
            yield Finding(f"{_times(wanted[style])} {style} in the source, {_times(found[style])} in the translation", hint)
    if case.target.count("*") > case.source.count("*"):
        yield Finding("an asterisk would be printed", r"marks stand directly at the words they emphasize: *así*; an asterisk to be printed is written \*")


def links(case: Case) -> Iterator[Finding]:
    """The same link targets as the source, as often."""
    if case.pair.markup and ("[" in case.pair.source or "[" in case.pair.target or "<" in case.pair.target):
        yield from _differences(markup.links(case.pair.source), markup.links(case.pair.target), "the link to", "copy the address in parentheses from the source")


def notes(case: Case) -> Iterator[Finding]:
    """The same footnote references as the source."""
    if case.pair.markup and ("[^" in case.pair.source or "[^" in case.pair.target):
        yield from _differences(markup.note_keys(case.pair.source), markup.note_keys(case.pair.target), "the footnote", "keep [^…] as it stands in the source")


def placeholders(case: Case) -> Iterator[Finding]:
    """`{name}` stands for a value that is filled in later; its spelling is not translated."""
    if "{" not in case.source and "{" not in case.target:
        return
    hint = "copy it from the source, with its braces; the word inside is not translated"
    yield from _differences(PLACEHOLDER.findall(case.source), PLACEHOLDER.findall(case.target), "the placeholder", hint)


def addresses(case: Case) -> Iterator[Finding]:
    """Web and mail addresses and telephone numbers, character by character."""
    if not (may_have_addresses(case.source) or may_have_addresses(case.target)):
        return
    for pattern, what in ((URL, "the web address"), (EMAIL, "the mail address"), (PHONE, "the telephone number")):
        found = [set(pattern.findall(text)) for text in (case.source, case.target)]
        yield from _differences(found[0], found[1], what, "copy it from the source, character by character")


def _differences(wanted: Iterable[str], found: Iterable[str], what: str, hint: str) -> Iterator[Finding]:
    source, target = Counter(wanted), Counter(found)
    for item in source - target:
        yield Finding(f"{what} {quoted(item)} of the source is missing", hint)
    for item in target - source:
        yield Finding(f"{what} {quoted(item)} is not in the source", hint)


def _styles(nodes: Iterable[markup.Inline]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, markup.Emphasis):
            yield "*emphasis*"
        elif isinstance(node, markup.Strong):
            yield "**strong**"
        if isinstance(node, markup.Emphasis | markup.Strong | markup.Link):
            yield from _styles(node.children)


def _times(number: int) -> str:
    return {0: "no", 1: "one"}.get(number, str(number))


_TEMPLATE = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\$\{|<%|%>")
_SPECIAL = re.compile(r"[<>&`\[\]]")
_TAG = re.compile(r"<[A-Za-z/!?]")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]+);")
_BLOCK = re.compile(
    r"""[ ]{4}
      | [ ]{0,3}(?: [-+*•](?=\s|$) | \d{1,9}[.)](?=\s|$) | \#{1,6}(?=\s|$) | > | ``` | ~~~ | ([-*_])(?:[ ]*\1){2,}[ ]*$ | =+[ ]*$ | \|
      | :{3} | \[[^\]]+\]: )""",
    re.VERBOSE,
)


def template(case: Case) -> Iterator[Finding]:
    """Nothing a template engine would read."""
    extra = Counter(_TEMPLATE.findall(case.pair.target)) - Counter(_TEMPLATE.findall(case.pair.source))
    for item in extra:
        yield Finding(f"{quoted(item)} is template syntax", "translations are text; delete it")


def html(case: Case) -> Iterator[Finding]:
    """No HTML, entities or Markdown that letters do not have."""
    if not _SPECIAL.search(case.pair.target):
        return
    known = {fault.code for fault in markup.faults(case.pair.source)} if case.pair.markup else set()
    for fault in markup.faults(case.pair.target) if case.pair.markup else ():
        if fault.code not in known:
            yield Finding(fault.message, fault.hint)
            known.add(fault.code)
    patterns = (_ENTITY,) if case.pair.markup else (_ENTITY, _TAG)
    for pattern in patterns:
        match = pattern.search(case.pair.target)
        if match and not pattern.search(case.pair.source):
            yield Finding(f"{quoted(match[0])} is HTML", "write the character itself; letters hold text and Markdown only")


def block_start(case: Case) -> Iterator[Finding]:
    """The beginning does not read as the start of a list, heading or quotation."""
    match = _BLOCK.match(case.pair.target)
    if match and not _BLOCK.match(case.pair.source):
        yield Finding(f"the beginning {quoted(match[0])} reads as a list, heading or quotation", "leave numbers and bullets to the layout, or begin with a word")
