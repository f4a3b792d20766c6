"""content/missions.yaml: the address book."""

from __future__ import annotations

import re
from datetime import time
from zoneinfo import ZoneInfo

from engross.content.contact import email_problems, read_fax
from engross.content.fields import Fields, nearest
from engross.content.source import read_source
from engross.content.yaml_tree import Sequence, Table, read_yaml
from engross.errors import Position, Problem, Severity
from engross.letter import Holder, Mission, Segment
from engross.project import LETTER_ID, Project
from engross.settings_dispatch import FAX_CODINGS, FAX_RESOLUTIONS

KEYS = ("id", "mission", "city", "holder", "fax", "email", "languages", "office", "hours", "time_zone", "fax_resolution", "fax_coding", "source", "checked_on")
HOLDER_KEYS = ("name", "surname", "honorific", "gender", "title", "status")
HOLDER_STATUS = ("in-office", "vacant", "charge-d-affaires")
DOMAIN = "missions"

_HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d)\Z")


def read_missions(project: Project) -> tuple[tuple[Mission, ...], list[Problem]]:
    """The missions of the address book in its order, and everything that is wrong with it. A mission without id is left out."""
    path = project.content / "missions.yaml"
    text, problems = read_source(project, path)
    if text is None:
        return (), problems
    tree, faults = read_yaml(text, project.relative(path))
    problems += faults
    if tree is not None and not isinstance(tree, Sequence):
        problems.append(Problem("bad-value", "the address book must be a list of missions", tree.where, "begin each mission with “- id: …”"))
    missions: list[Mission] = []
    for item in tree.items if isinstance(tree, Sequence) else ():
        if not isinstance(item, Table):
            problems.append(Problem("bad-value", "an entry of the address book must have keys", item.where, "begin each mission with “- id: …”"))
            continue
        mission = _mission(Fields(item, KEYS, problems, "the mission"), project)
        if mission and any(mission.id == other.id for other in missions):
            problems.append(Problem("duplicate-id", f"the id {mission.id!r} stands twice", mission.where, "give each mission an id of its own"))
        elif mission:
            missions.append(mission)
    return tuple(missions), problems + _shared(missions)


def _mission(fields: Fields, project: Project) -> Mission | None:
    name = fields.scalar("id", required=True)
    if name and not LETTER_ID.match(name.text):
        fields.fault("bad-value", f"the id {name.text!r} may hold only a-z, 0-9 and hyphens", name.where)
    if not name:
        return None
    fields.owner = f"the mission {name.text!r}"
    label = f"cc.{name.text}"
    fax, email = fields.scalar("fax"), fields.scalar("email")
    dialled, problems = read_fax(fax.text, fax.where) if fax else ("", [])
    fields.problems += problems + (email_problems(email.text, email.where) if email else [])
    if not fax and not email:
        fields.fault("missing-field", f"{fields.owner} has neither fax nor email", fields.table.where, "nothing can be sent to it", Severity.WARNING)
    return Mission(
        id=name.text,
        mission=_segment(fields, "mission", "mission", f"{label}.mission", project),
        city=_segment(fields, "city", "city", f"{label}.city", project),
        holder=_holder(fields, label, project),
        fax=fax.text if fax else "",
        fax_e164=dialled,
        email=email.text if email else "",
        languages=_languages(fields, project),
        office=_office(fields, project),
        hours=_hours(fields),
        time_zone=_time_zone(fields),
        fax_resolution=fields.choice("fax_resolution", FAX_RESOLUTIONS, ""),
        fax_coding=fields.choice("fax_coding", FAX_CODINGS, ""),
        source=fields.text("source"),
        checked_on=fields.day("checked_on"),
        where=name.where,
    )


def _holder(fields: Fields, label: str, project: Project) -> Holder:
    entry = fields.table.entries.get("holder")
    if entry is None or not isinstance(entry[1], Table):
        fields.fault("missing-field", f"{fields.owner} has no holder", entry[0] if entry else fields.table.where, "add `holder:` with name, title and status")
        return Holder(None, Segment("cc-title", "", fields.table.where, f"{label}.title", _source(project), DOMAIN))
    holder = Fields(entry[1], HOLDER_KEYS, fields.problems, f"the holder of {fields.owner}")
    status = holder.choice("status", HOLDER_STATUS, "in-office")
    name = holder.scalar("name", required=status != "vacant")
    if name and status == "vacant":
        holder.fault("bad-value", "a vacant post has a holder's name", name.where, "remove the name, or set status: in-office")
    hints = tuple(f"{key}: {holder.text(key)}" for key in ("surname", "gender") if holder.text(key))
    surname = holder.scalar("surname")
    if name and surname and surname.text not in name.text:
        holder.fault("bad-value", f"the surname {surname.text!r} is not part of the name {name.text!r}", surname.where)
    return Holder(
        name=Segment("holder-name", name.text, name.where, f"{label}.name", _source(project), DOMAIN, hints) if name and status != "vacant" else None,
        title=_segment(holder, "title", "cc-title", f"{label}.title", project),
        honorific=_segment(holder, "honorific", "honorific", f"{label}.honorific", project) if holder.text("honorific") else None,
        surname=surname.text if surname else "",
        gender=holder.choice("gender", ("m", "f"), ""),
        status=status,
    )


def _segment(fields: Fields, key: str, role: str, label: str, project: Project) -> Segment:
    found = fields.scalar(key, required=True)
    return Segment(role, found.text if found else "", found.where if found else fields.table.where, label, _source(project), DOMAIN)


def _source(project: Project) -> str:
    return project.settings.languages[0]


def _languages(fields: Fields, project: Project) -> tuple[str, ...]:
    found = fields.scalars("languages")
    if not found:
        fields.fault("missing-field", f"{fields.owner} has no languages", fields.where("languages"), "add the languages it is written to in, for instance `languages: [en]`")
    for one in found:
        if one.text not in project.settings.locales:
            fields.fault("unknown-language", f"the language {one.text!r} of {fields.owner} is unknown", one.where, nearest(one.text, project.settings.locales, "languages"))
    if found and not any(one.text in project.settings.languages for one in found):
        fields.fault(
            "unknown-language", f"no letter leaves in a language of {fields.owner}", found[0].where, f"letters leave in {', '.join(project.settings.languages)}", Severity.WARNING
        )
    return tuple(one.text for one in found)


def _office(fields: Fields, project: Project) -> str:
    office = fields.scalar("office")
    if office and office.text not in project.settings.offices:
        fields.fault(
            "unknown-office",
            f"the settings have no office {office.text!r}",
            office.where,
            nearest(office.text, project.settings.offices, "offices") or "offices are set in pyproject.toml",
        )
    return office.text if office else ""


def _hours(fields: Fields) -> str:
    hours = fields.scalar("hours")
    if not hours:
        return ""
    match = _HOURS.match(hours.text)
    try:
        if match and time.fromisoformat(match[1]) < time.fromisoformat(match[2]):
            return hours.text
    except ValueError:
        pass
    fields.fault("bad-value", f"office hours cannot be {hours.text!r}", hours.where, "write from and to, for instance 09:00-17:00")
    return ""


def _time_zone(fields: Fields) -> str:
    zone = fields.scalar("time_zone")
    if zone and not known_zone(zone.text):
        fields.fault("bad-value", f"there is no time zone {zone.text!r}", zone.where, "write its IANA name, for instance Europe/Zurich")
        return ""
    return zone.text if zone else ""


def known_zone(name: str) -> bool:
    """Whether the IANA database has such a time zone."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError only when the name is well-formed
        return False
    except KeyError:
        return False
    return bool(name)


def _shared(missions: list[Mission]) -> list[Problem]:
    """Numbers and addresses that stand under two missions: the letter would reach one of them twice and the other never."""
    problems: list[Problem] = []
    seen: dict[str, Mission] = {}
    for mission in missions:
        for value, printed in ((mission.fax_e164, mission.fax), (mission.email.casefold(), mission.email)):
            if value and value in seen:
                problems.append(
                    Problem(
                        "shared-address",
                        f"{printed} stands under {seen[value].id!r} and {mission.id!r}",
                        Position(mission.where.path, mission.where.line),
                        "check both entries",
                        Severity.WARNING,
                    )
                )
            elif value:
                seen[value] = mission
    return problems
