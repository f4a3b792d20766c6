"""Begins a workspace or a letter with files that are right as they stand and say what to put where."""

from __future__ import annotations

from importlib.resources import files as package_files
from pathlib import Path

import engross
from engross.errors import UsageError
from engross.files import write_atomic
from engross.project import LETTER_ID, Project

SETTINGS = """[tool.engross]
languages = ["en"]        # the first is the language letters are written in; add "ko", "ja", "es"
paper = "a4"              # or "letter"
"""

MISSIONS = """# The address book: the missions that letters are copied and sent to. One entry a mission; the id is what letters name.
# Fax numbers are printed as written here and dialled in E.164. `source` and `checked_on` say where an address comes from.
- id: example-new-york
  mission: Permanent Mission of Example to the United Nations
  city: New York
  holder:
    title: Ambassador and Permanent Representative of Example to the United Nations
    status: vacant
  fax: "+1-202-555-0142"
  email: mission@example.org
  languages: [en]
  time_zone: America/New_York
  hours: "09:00-17:00"
  source: directory of permanent missions
  checked_on: 2030-01-31
"""

GLOSSARY = "term,note\n"

LETTER = """---
title: {title}
date: {date}
addressees:
  - name: Name of the addressee
    title: Office of the addressee
    address:
      - First line of the address
salutation: Dear Addressee,
closing: Sincerely,
cc: []
---

The first paragraph. Paragraphs are separated by an empty line.

## The heading of a section, without a number

Text of the section. We urge you to:

- write one bullet a line;
- and end the list with a full stop.

---

After the line above, paragraphs stand outside the sections again.
"""

COMMON = ("layouts.po", "report.po")
"""Catalogues of the words that every letter and every delivery report has: those of the languages that come with the program are translated already."""

SIGNATORIES = "id,name,lang,acronym,place,territory,group,kind,affiliation,status,consent_by,consent_on,note\n"
FIRST_SIGNATORY = "example-organisation,Example Organisation,en,,,,,organisation,,pending,,,\n"


def init(folder: Path) -> list[Path]:
    """Make a workspace in a new or empty folder; the files made, in order.

    Raises:
        UsageError: the folder is not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not an empty folder", hint="name a new one")
    texts = {
        "content/missions.yaml": MISSIONS,
        "content/glossary.csv": GLOSSARY,
        "translations/.gitkeep": "",
        "output/.gitkeep": "",
        ".gitignore": "output/*\n!output/.gitkeep\n",
        "pyproject.toml": SETTINGS,
    }
    made = []
    for name, source in (("layouts", layouts()), ("translations", translations())):
        for path in sorted(source.rglob("*")):
            if path.is_file() and not path.name.startswith(".") and (name == "layouts" or path.name in COMMON):
                made.append(folder / name / path.relative_to(source))
                write_atomic(made[-1], path.read_bytes())
    for name, text in texts.items():
        made.append(folder / name)
        write_atomic(made[-1], text.encode())
    return [path for path in made if path.parent.name not in ("fonts", "LC_MESSAGES")]


def new(project: Project, letter: str) -> list[Path]:
    """Begin a letter; the files made.

    Raises:
        UsageError: the id is not well formed, or there is such a letter.
    """
    if not LETTER_ID.match(letter):
        raise UsageError(f"{letter!r} cannot be the id of a letter", hint="ids are made of a-z, 0-9 and hyphens, for example 2030-01-31-subject")
    folder = project.content / letter
    if folder.exists():
        raise UsageError(f"there is a {project.relative(folder)} already", hint="choose another id")
    date = letter[:10] if letter[:4].isdigit() and len(letter) >= 10 and letter[4] == letter[7] == "-" else "2030-01-31"
    texts = {"signatories.csv": SIGNATORIES + FIRST_SIGNATORY, "letter.md": LETTER.format(title=f"Title of {letter}", date=date)}
    for name, text in texts.items():
        write_atomic(folder / name, text.encode())
    return [folder / name for name in texts]


def layouts() -> Path:
    """The layouts that come with the program."""
    return _shipped("layouts")


def translations() -> Path:
    """The translations that come with the program, one folder a language."""
    return _shipped("translations")


def _shipped(name: str) -> Path:
    """A folder inside the installed package, or beside src/ in the repository."""
    packed = Path(str(package_files(engross))) / f"_{name}"
    return packed if packed.is_dir() else Path(__file__).resolve().parents[2] / name
