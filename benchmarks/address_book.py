"""The address book of a campaign: a letter to the missions of up to 193 states in New York and in Geneva, in English and Korean.

Names of states are CLDR's. Addresses are at example.org, telephone numbers in ranges that are reserved for fiction (+1 …-555-01xx, +44-20-7946-0xxx); posts are
named by their titles alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from babel import Locale

from engross import translation
from engross.project import find
from engross.translation import catalog

STATES = [
    "AF",
    "AL",
    "DZ",
    "AD",
    "AO",
    "AG",
    "AR",
    "AM",
    "AU",
    "AT",
    "AZ",
    "BS",
    "BH",
    "BD",
    "BB",
    "BY",
    "BE",
    "BZ",
    "BJ",
    "BT",
    "BO",
    "BA",
    "BW",
    "BR",
    "BN",
    "BG",
    "BF",
    "BI",
    "CV",
    "KH",
    "CM",
    "CA",
    "CF",
    "TD",
    "CL",
    "CN",
    "CO",
    "KM",
    "CG",
    "CD",
    "CR",
    "CI",
    "HR",
    "CU",
    "CY",
    "CZ",
    "DK",
    "DJ",
    "DM",
    "DO",
    "EC",
    "EG",
    "SV",
    "GQ",
    "ER",
    "EE",
    "SZ",
    "ET",
    "FJ",
    "FI",
    "FR",
    "GA",
    "GM",
    "GE",
    "DE",
    "GH",
    "GR",
    "GD",
    "GT",
    "GN",
    "GW",
    "GY",
    "HT",
    "HN",
    "HU",
    "IS",
    "IN",
    "ID",
    "IR",
    "IQ",
    "IE",
    "IL",
    "IT",
    "JM",
    "JP",
    "JO",
    "KZ",
    "KE",
    "KI",
    "KW",
    "KG",
    "LA",
    "LV",
    "LB",
    "LS",
    "LR",
    "LY",
    "LI",
    "LT",
    "LU",
    "MG",
    "MW",
    "MY",
    "MV",
    "ML",
    "MT",
    "MH",
    "MR",
    "MU",
    "MX",
    "FM",
    "MD",
    "MC",
    "MN",
    "ME",
    "MA",
    "MZ",
    "MM",
    "NA",
    "NR",
    "NP",
    "NL",
    "NZ",
    "NI",
    "NE",
    "NG",
    "KP",
    "MK",
    "NO",
    "OM",
    "PK",
    "PW",
    "PA",
    "PG",
    "PY",
    "PE",
    "PH",
    "PL",
    "PT",
    "QA",
    "KR",
    "RO",
    "RU",
    "RW",
    "KN",
    "LC",
    "VC",
    "WS",
    "SM",
    "ST",
    "SA",
    "SN",
    "RS",
    "SC",
    "SL",
    "SG",
    "SK",
    "SI",
    "SB",
    "SO",
    "ZA",
    "SS",
    "ES",
    "LK",
    "SD",
    "SR",
    "SE",
    "CH",
    "SY",
    "TJ",
    "TZ",
    "TH",
    "TL",
    "TG",
    "TO",
    "TT",
    "TN",
    "TR",
    "TM",
    "TV",
    "UG",
    "UA",
    "AE",
    "GB",
    "US",
    "UY",
    "UZ",
    "VU",
    "VE",
    "VN",
    "YE",
    "ZM",
    "ZW",
]
"""ISO 3166-1 codes of the members of the United Nations."""
CITIES = {
    "new-york": ("New York", "뉴욕", "the United Nations", "유엔"),
    "geneva": ("Geneva", "제네바", "the United Nations Office at Geneva", "유엔 제네바 사무소"),
}
"""By the end of the id: city and organisation in both languages."""
AREAS = (212, 646, 718)
"""Area codes of New York, each with a hundred numbers for fiction."""


@dataclass(frozen=True)
class Post:
    """A mission and the translations of its texts."""

    id: str
    entry: str
    """As it stands in missions.yaml."""
    texts: dict[str, str]
    """Korean by English."""


GLOSSARY = {"KR": "한국"}
"""Where the letter's glossary wants another name than CLDR's."""


def posts(states: int) -> Iterator[Post]:
    """The missions of the first `states` states, both cities of one state after the other."""
    english, korean = (Locale.parse(code).territories for code in ("en", "ko"))
    for number, code in enumerate(STATES[:states]):
        state_ko = GLOSSARY.get(code, korean[code])
        for place, (city, city_ko, body, body_ko) in CITIES.items():
            name = f"{code.lower()}-{place}"
            fax = f"+1-{AREAS[number // 100]}-555-{100 + number % 100:04}" if place == "new-york" else f"+44-20-7946-{number:04}"
            mission, title = f"Permanent Mission of {english[code]} to {body}", f"Permanent Representative of {english[code]} to {body}"
            entry = (
                f'- id: {name}\n  mission: "{mission}"\n  city: {city}\n  holder:\n    title: "{title}"\n    status: vacant\n  fax: "{fax}"\n  email: {name}@example.org\n'
                f"  languages: [en, ko]\n  office: {place}\n  source: generated\n  checked_on: 2018-06-06\n\n"
            )
            texts = {mission: f"{body_ko} 주재 {state_ko} 상임대표부", title: f"{body_ko} 주재 {state_ko} 상임대표", city: city_ko}
            yield Post(name, entry, texts)


OFFICES = "".join(
    f'\n[tool.engross.offices.{place}]\nname = "Example Office {city}"\naddress = ["1 Example Street", "{city}"]\nemail = "{place}@example.org"\nfax = "{fax}"\n'
    for (place, (city, *_)), fax in zip(CITIES.items(), ("+1-212-555-0199", "+44-20-7946-0999"), strict=True)
)


def write(workspace: Path, letter: str, states: int) -> list[str]:
    """Let a letter of the workspace go to the missions of so many states; their ids. Who gets a copy, and is printed on it, stays.

    Catalogues are brought up to date, and the missions' texts translated, so that the letter can be built officially once it is approved.
    """
    made = list(posts(states))
    with (workspace / "content" / "missions.yaml").open("a", encoding="utf-8") as book:
        book.write("\n" + "".join(post.entry for post in made))
    source = workspace / "content" / letter / "letter.md"
    source.write_text(source.read_text("utf-8").replace("\ncc: ", f"\nrecipients: [{', '.join(post.id for post in made)}]\ncc: ", 1), "utf-8")
    settings = workspace / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8") + OFFICES, "utf-8")
    project = find(workspace)
    translation.update(project, [letter])
    path = catalog.catalog_path(project, "ko", "missions")
    known, _ = catalog.read(project, path)
    korean = {source: text for post in made for source, text in post.texts.items()}
    entries = tuple(replace(entry, text=korean[entry.source], fuzzy=False) if entry.source in korean else entry for entry in known.entries)
    path.write_bytes(catalog.dump(replace(known, entries=entries)))
    return [post.id for post in made]


def approve(workspace: Path, letter: str) -> None:
    """Record a second reader's approval of the Korean version, which the new address book has voided."""
    from engross.inspection import approve as record

    record(find(workspace), letter, "ko", "second reader, generated address book", date(2018, 6, 6))
