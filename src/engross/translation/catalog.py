"""Catalogues on disk: where they lie, how they are read, and the one canonical way they are written.

Canonical means: UTF-8, LF, no wrapping, header fields in gettext's order, no fuzzy header, entries as given, obsolete ones last. Equal catalogues
are equal bytes, and what is written passes `msgfmt -c`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from engross import files
from engross.errors import Position, Problem
from engross.locales import Locale
from engross.project import Project
from engross.translation.parse import parse
from engross.translation.po import Catalog, Entry

HEADER_FIELDS = (
    "Project-Id-Version",
    "Report-Msgid-Bugs-To",
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Language",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Plural-Forms",
)
"""In the order gettext writes them; any other field follows by name."""

_TEMPLATE_VALUES = ("YEAR-MO-DA HO:MI+ZONE", "FULL NAME <EMAIL@ADDRESS>", "LANGUAGE <LL@li.org>", "PACKAGE VERSION")
"""What gettext's programs put into fields nobody has filled; `msgfmt -c` complains of them."""

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\a": "\\a", "\b": "\\b", "\f": "\\f", "\v": "\\v"})


def template_path(project: Project, domain: str) -> Path:
    """Where a domain's POT file lies."""
    return project.translations / f"{domain}.pot"


def catalog_path(project: Project, lang: str, domain: str) -> Path:
    """Where a domain's PO file in one language lies."""
    return project.translations / lang / "LC_MESSAGES" / f"{domain}.po"


def read(project: Project, path: Path) -> tuple[Catalog, list[Problem]]:
    """The catalogue at `path` and what is wrong with it; an empty one without problems if there is no such file."""
    name = project.relative(path)
    try:
        if not files.inside(project.root, path):
            return Catalog(path=name), [Problem("outside-workspace", "a link leads out of the workspace", Position(name), "put the file itself here instead of a link")]
        return parse(path.read_bytes(), name)
    except FileNotFoundError:
        return Catalog(path=name), []
    except (OSError, RuntimeError) as error:
        return Catalog(path=name), [Problem("unreadable-file", f"the file cannot be read: {getattr(error, 'strerror', None) or error}", Position(name))]


def dump(catalog: Catalog) -> bytes:
    """The canonical bytes of a catalogue."""
    blocks = ["\n".join(_header_lines(catalog))]
    blocks += ["\n".join(_entry_lines(entry)) for entry in (*catalog.active, *catalog.obsolete)]
    blocks += ["\n".join(_notes(catalog.tail))] if catalog.tail else []
    return ("\n\n".join(blocks) + "\n").encode()


def template(domain: str, entries: Iterable[Entry], created: str) -> Catalog:
    """A POT file: entries without translation, the creation date as `stamp` makes it."""
    header = {"Project-Id-Version": domain, "Report-Msgid-Bugs-To": "", "POT-Creation-Date": created}
    header |= dict.fromkeys(("PO-Revision-Date", "Last-Translator", "Language-Team", "Language"), "") | _ENCODING
    return Catalog(header, tuple(entries))


def headed(catalog: Catalog, domain: str, locale: Locale, created: str) -> Catalog:
    """The catalogue with the header it must have: what people and their tools wrote stays, what depends on language and domain is set."""
    given = {name: value for name, value in catalog.header.items() if value not in _TEMPLATE_VALUES}
    header = {
        "Project-Id-Version": domain,
        "Report-Msgid-Bugs-To": given.get("Report-Msgid-Bugs-To", ""),
        "POT-Creation-Date": created,
        "PO-Revision-Date": given.get("PO-Revision-Date", created),
        "Last-Translator": given.get("Last-Translator", ""),
        "Language-Team": given.get("Language-Team", "") or _language_name(locale),
        "Language": locale.code,
        **_ENCODING,
        "Plural-Forms": locale.plural_forms,
    }
    return replace(catalog, header=header | {name: given[name] for name in sorted(given) if name not in header})


def _language_name(locale: Locale) -> str:
    """The language's English name; its code when CLDR does not know it."""
    from babel import Locale as Babel
    from babel import UnknownLocaleError

    try:
        return Babel.parse(locale.babel).get_display_name("en") or locale.code
    except (UnknownLocaleError, ValueError):
        return locale.code


def stamp(moment: datetime) -> str:
    """A time as PO headers write it, `2018-06-06 12:00+0000`."""
    return moment.strftime("%Y-%m-%d %H:%M%z")


_ENCODING = {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}


def _header_lines(catalog: Catalog) -> Iterator[str]:
    yield from _notes(catalog.notes)
    yield 'msgid ""'
    yield 'msgstr ""'
    header: Mapping[str, str] = catalog.header
    for name in (*(f for f in HEADER_FIELDS if f in header), *sorted(f for f in header if f not in HEADER_FIELDS)):
        yield f'"{name}: {header[name].translate(_ESCAPES)}\\n"'


def _entry_lines(entry: Entry) -> Iterator[str]:
    yield from _notes(entry.notes)
    if not entry.obsolete:
        yield from (f"#. {comment}" for comment in entry.comments)
        if entry.references:
            yield "#: " + " ".join(entry.references)
    flags = (["fuzzy"] if entry.fuzzy else []) + list(entry.flags)
    if flags:
        yield "#, " + ", ".join(flags)
    if entry.previous:
        mark = "#~| " if entry.obsolete else "#| "
        yield from _string("msgctxt", entry.previous[0], mark) if entry.previous[0] else ()
        yield from _string("msgid", entry.previous[1], mark)
    mark = "#~ " if entry.obsolete else ""
    yield from _string("msgctxt", entry.role, mark) if entry.role else ()
    yield from _string("msgid", entry.source, mark)
    yield from _string("msgstr", entry.text, mark)


def _notes(notes: Iterable[str]) -> Iterator[str]:
    return (f"# {note}" if note else "#" for note in notes)


def _string(name: str, text: str, mark: str) -> Iterator[str]:
    """A field; only a text that holds line breaks takes several lines, one for each."""
    lines = text.split("\n")
    pieces = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    if len(pieces) <= 1:
        yield f'{mark}{name} "{text.translate(_ESCAPES)}"'
        return
    yield f'{mark}{name} ""'
    yield from (f'{mark}"{piece.translate(_ESCAPES)}"' for piece in pieces)
