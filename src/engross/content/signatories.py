"""content/<letter>/signatories.csv: who signs, as staff keep it in a spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from engross.content.contact import known_language, known_territory
from engross.content.fields import nearest
from engross.content.source import read_source
from engross.content.table_file import Cell, Row, read_table
from engross.errors import Problem, Severity
from engross.letter import Consent, Segment, Signatory
from engross.project import LETTER_ID, Project

COLUMNS = ("id", "name", "lang", "acronym", "place", "territory", "group", "kind", "affiliation", "status", "consent_by", "consent_on", "note")
REQUIRED = ("id", "name", "lang", "status")
KINDS = ("organisation", "individual")
STATUS = tuple(status.value for status in Consent)


def read_signatories(project: Project, letter_id: str) -> tuple[tuple[Signatory, ...], list[Problem]]:
    """All rows in the file's order, and everything that is wrong with them. Rows without id or name are left out."""
    path = project.content / letter_id / "signatories.csv"
    text, problems = read_source(project, path)
    if text is None:
        return (), problems
    rows, faults = read_table(text, project.relative(path), COLUMNS, REQUIRED)
    problems += faults
    found: list[tuple[Row, Signatory]] = []
    for row in rows:
        problems += _row_faults(row)
        if row["id"].text and row["name"].text:
            found.append((row, _signatory(row, letter_id, project.settings.languages[0])))
    problems += _ids(found) + _duplicates(found)
    return tuple(signatory for _, signatory in found), problems


def _row_faults(row: Row) -> list[Problem]:
    problems = [Problem("missing-field", f"the row has no {column}", row[column].where, f"fill in {column}") for column in REQUIRED if column in row.cells and not row[column].text]
    problems += [Problem(code, message, row[column].where, hint) for column, code, message, hint in _value_faults(row)]
    problems += [
        Problem("bad-value", f"{column} runs over several lines", row[column].where, "write it on one line")
        for column in ("name", "acronym", "place", "group", "affiliation")
        if "\n" in row[column].text
    ]
    if row["status"].text == Consent.PENDING.value:
        hint = "record the consent, or leave it out by name when the letter is built"
        problems.append(Problem("pending-signatory", f"{row['name'].text} has not consented yet", row["status"].where, hint, Severity.WARNING))
    return problems


def _value_faults(row: Row) -> Iterator[tuple[str, str, str, str]]:
    """(column, code, message, hint) for each value that cannot be."""
    text = {column: row[column].text for column in COLUMNS}
    if text["id"] and not LETTER_ID.match(text["id"]):
        yield "id", "bad-value", f"the id {text['id']!r} may hold only a-z, 0-9 and hyphens", ""
    if text["lang"] and not known_language(text["lang"]):
        yield "lang", "unknown-language", f"{text['lang']!r} is not a language code", "write a BCP 47 code: en, ko, ja, es, de …"
    for column, options, code in (("status", STATUS, "bad-status"), ("kind", KINDS, "bad-kind")):
        if text[column] and text[column] not in options:
            yield column, code, f"{column} cannot be {text[column]!r}", nearest(text[column], options, "it is one of")
    if text["territory"] and not known_territory(text["territory"]):
        yield (
            "territory",
            "bad-territory",
            f"{text['territory']!r} is not an ISO 3166-1 code",
            "write two capital letters, for instance KR; leave it empty for a place that has none",
        )
    if text["consent_on"] and _day(row["consent_on"]) is None:
        yield "consent_on", "bad-consent-date", f"consent_on is not a date: {text['consent_on']!r}", "write year-month-day, for instance 2018-06-06"
    if text["affiliation"] and text["kind"] != "individual":
        yield "affiliation", "bad-kind", "only an individual has an affiliation", "set kind to individual"


def _signatory(row: Row, domain: str, source: str) -> Signatory:
    label, lang = f"sig.{row['id'].text}", row["lang"].text
    status, territory = row["status"].text, row["territory"].text
    about = [f"{key}: {row[key].text}" for key in ("acronym", "place", "affiliation") if row[key].text]
    name_hints = (*about, "optional: left empty, the name is printed as its owner writes it")
    place_hints = (f"territory: {territory}", "optional: left empty, the name of the territory is CLDR's") if territory else ("optional: left empty, it is printed as it stands",)
    return Signatory(
        id=row["id"].text,
        name=_segment("signatory", row["name"], f"{label}.name", lang if known_language(lang) else source, domain, name_hints, optional=True),
        acronym=_line(row["acronym"].text),
        place=_segment("place", row["place"], f"{label}.place", source, domain, place_hints, optional=True) if row["place"].text else None,
        territory=territory if territory and known_territory(territory) else "",
        group=_segment("group", row["group"], f"{label}.group", source, domain, ("heading above a group of signatories",)) if row["group"].text else None,
        individual=row["kind"].text == "individual",
        affiliation=_segment("affiliation", row["affiliation"], f"{label}.affiliation", source, domain, (f"of {row['name'].text}",)) if row["affiliation"].text else None,
        status=Consent(status) if status in STATUS else Consent.PENDING,
        consent_by=row["consent_by"].text,
        consent_on=_day(row["consent_on"]),
        note=row["note"].text,
    )


def _segment(role: str, cell: Cell, label: str, lang: str, domain: str, hints: tuple[str, ...], *, optional: bool = False) -> Segment:
    return Segment(role, _line(cell.text), cell.where, label, lang, domain, hints, optional=optional)


def _line(text: str) -> str:
    return re.sub(r"\s*\n\s*", " ", text)


def _day(cell: Cell) -> date | None:
    try:
        return date.fromisoformat(cell.text) if len(cell.text) == len("2018-06-06") else None
    except ValueError:
        return None


def _ids(found: list[tuple[Row, Signatory]]) -> list[Problem]:
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for row, signatory in found:
        if signatory.id in seen:
            problems.append(Problem("duplicate-id", f"the id {signatory.id!r} stands twice", row["id"].where, f"it first stands in line {seen[signatory.id]}"))
        seen.setdefault(signatory.id, row.where.line)
    return problems


def _duplicates(found: list[tuple[Row, Signatory]]) -> list[Problem]:
    """Names that would be printed twice, and rows marked as the duplicate of nothing."""
    problems: list[Problem] = []
    live: dict[str, tuple[Row, Signatory]] = {}
    for row, signatory in found:
        if signatory.status not in (Consent.CONFIRMED, Consent.PENDING):
            continue
        first = live.setdefault(_same(signatory.name.text), (row, signatory))
        if first[0] is row:
            continue
        sure = _same(first[1].acronym) == _same(signatory.acronym)
        problems.append(
            Problem(
                "duplicate-signatory",
                f"{signatory.name.text} already stands in line {first[0].where.line}" + ("" if sure else ", with another acronym"),
                row["name"].where,
                "give one of the two rows the status `duplicate`, or remove it",
                Severity.ERROR if sure else Severity.WARNING,
            )
        )
    for row, signatory in found:
        if signatory.status is Consent.DUPLICATE and _same(signatory.name.text) not in live:
            problems.append(
                Problem(
                    "bad-status",
                    f"{signatory.name.text} is marked as a duplicate, but stands nowhere else",
                    row["status"].where,
                    "set it to confirmed or withdrawn",
                    Severity.WARNING,
                )
            )
    return problems


def _same(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())
