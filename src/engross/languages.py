"""A new language is data: an entry in the settings, empty catalogues, and the names of the fonts it needs. No code changes.

What the entry says is CLDR's where CLDR is asked (tag, date, plural rule), and the habit of the script otherwise: it is a proposal that staff read and correct.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from engross import files
from engross.errors import Position, UsageError
from engross.letter import Segment
from engross.locales import BUILT_IN, LATIN_SANS, LATIN_SERIF, Locale, extended
from engross.project import SETTINGS_FILE, Project

CODE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?\Z")
"""BCP 47: language, and where it matters script and region (RFC 5646, 2.1.1 for the capitals)."""

_FULL_WIDTH: Mapping[str, Any] = {
    "emphasis": "bold",
    "hyphenate": False,
    "fullwidth": True,
    "spaces": False,
    "acronym": "{name}（{acronym}）",
    "place": "{name}，{place}",
    "field": "{label}：{value}",
    "field_separator": "，",
    "place_date": "{place}，{date}",
}
_SCRIPTS: Mapping[str, Mapping[str, Any]] = {
    "Latn": {"serif": LATIN_SERIF, "sans": LATIN_SANS},
    "Cyrl": {"serif": LATIN_SERIF, "sans": LATIN_SANS, "fonts": ("source-serif-4-cyrillic", "noto-sans-cyrillic")},
    "Grek": {"serif": LATIN_SERIF, "sans": LATIN_SANS, "fonts": ("source-serif-4-greek", "noto-sans-greek")},
    "Hans": {"serif": (*LATIN_SERIF, "Noto Serif SC"), "sans": (*LATIN_SANS, "Noto Sans SC"), "fonts": ("noto-serif-sc", "noto-sans-sc"), **_FULL_WIDTH},
    "Hant": {"serif": (*LATIN_SERIF, "Noto Serif TC"), "sans": (*LATIN_SANS, "Noto Sans TC"), "fonts": ("noto-serif-tc", "noto-sans-tc"), **_FULL_WIDTH},
    "Thai": {
        "serif": (*LATIN_SERIF, "Noto Serif Thai"),
        "sans": (*LATIN_SANS, "Noto Sans Thai"),
        "fonts": ("noto-serif-thai", "noto-sans-thai"),
        "hyphenate": False,
        "spaces": False,
    },
    "Deva": {
        "serif": (*LATIN_SERIF, "Noto Serif Devanagari"),
        "sans": (*LATIN_SANS, "Noto Sans Devanagari"),
        "fonts": ("noto-serif-devanagari", "noto-sans-devanagari"),
        "emphasis": "bold",
        "hyphenate": False,
    },
}
"""What languages of a script need. A file of a font family begins with the names under `fonts`."""

_QUOTES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("fr", "it", "pt-PT", "no", "nb", "nn", "el", "hy"), ("«»", "“”")),
    **dict.fromkeys(("ru", "uk", "be", "bg", "kk"), ("«»", "„“")),
    **dict.fromkeys(("de", "cs", "sk", "sl", "is", "lt", "et", "da"), ("„“", "‚‘")),
    **dict.fromkeys(("pl", "ro", "hu"), ("„”", "«»")),
    **dict.fromkeys(("sv", "fi"), ("””", "’’")),
    "zh-Hant": ("「」", "『』"),
}
"""CLDR's quotation marks (Babel does not carry them) where they are not “ ” and ‘ ’."""

_CUTS = ("400-normal", "700-normal")


@dataclass(frozen=True, slots=True)
class Font:
    """A family of font files that a language needs."""

    prefix: str
    """What the names of its files in layouts/fonts/ begin with."""
    missing: tuple[str, ...]
    """The cuts that are not there, of regular and bold; empty when it is complete."""


@dataclass(frozen=True, slots=True)
class Added:
    """What adding a language did."""

    locale: Locale
    name: str
    """In English (CLDR)."""
    settings: str
    """The lines that were added to the settings; empty when the program knows the language by itself."""
    written: tuple[str, ...]
    fonts: tuple[Font, ...]
    lacking: str
    """Characters of the language's own words (CLDR: months, days, territories) that the fonts there are do not have."""


def add(project: Project, code: str) -> Added:
    """Add a language to the settings and make its catalogues.

    Raises:
        UsageError: no language, one that is there already or that the layouts cannot set, or settings that cannot be changed safely.
        Rejected: content or a catalogue has errors; nothing was written.
        StaleFile: somebody saved a file meanwhile.
    """
    from engross import translation

    if code in project.settings.languages:
        raise UsageError(f"{code} is among the languages already", hint="run `engross update` to refresh its catalogues")
    locale = project.settings.locales.get(code) or propose(code)
    lines = "" if code in project.settings.locales else settings_lines(locale)
    path = project.root / SETTINGS_FILE
    before = path.read_bytes()
    after = with_language(before.decode("utf-8"), code, lines).encode()
    table = {**project.settings.locales, code: locale}
    wider = Project(project.root, replace(project.settings, languages=(*project.settings.languages, code), locales=table))
    report = translation.update(wider)
    files.write_atomic(path, after, expected=before)
    return Added(locale, english_name(code), lines, (*report.written, SETTINGS_FILE), tuple(needed_fonts(wider, locale)), lacking(wider, locale))


def propose(code: str) -> Locale:
    """The entry of a language that the program does not know, from CLDR and the habits of its script.

    Raises:
        UsageError: it is no language code, CLDR does not know it, or the layouts cannot set its script.
    """
    from babel.core import get_global
    from babel.messages.plurals import get_plural

    babel = _cldr(code)
    likely = str(get_global("likely_subtags").get(babel.language + (f"_{babel.script}" if babel.script else ""), "")).split("_")
    script = babel.script or next((part for part in likely if len(part) == len("Latn")), "Latn")
    region = babel.territory or (likely[-1] if len(likely) > 1 and len(likely[-1]) == len("KR") else "")
    if babel.text_direction == "rtl" or script not in _SCRIPTS:
        why = "is written from right to left" if babel.text_direction == "rtl" else f"is written in a script ({script}) that nobody has set yet"
        raise UsageError(f"{english_name(code)} {why}: the layouts are not made for it", hint="layouts/letter.css and layouts/fax.css have to be adapted first")
    values = dict(_SCRIPTS[script])
    values["quotes"] = _QUOTES.get(code) or _QUOTES.get(f"{babel.language}-{script}") or _QUOTES.get(babel.language) or ("“”", "‘’")
    tag = "-".join(part for part in (babel.language, babel.script, region) if part)
    plural = get_plural(babel.language)
    return Locale(code=code, tag=tag, plural_forms=f"nplurals={plural.num_plurals}; plural={plural.plural_expr};", date_pattern=babel.date_formats["long"].pattern, **values)


def _cldr(code: str) -> Any:
    from babel import Locale as Babel
    from babel import UnknownLocaleError

    try:
        if CODE.match(code):
            return Babel.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        pass
    raise UsageError(f"{code!r} is no language that CLDR knows", hint="write a BCP 47 code such as fr, de, zh-Hans, pt-BR")


def english_name(code: str) -> str:
    """What English calls a language (CLDR)."""
    return str(_cldr(code).get_display_name("en"))


def settings_lines(locale: Locale) -> str:
    """The table of a locale for the settings: what differs from the defaults of `Locale`."""
    rows = [f"[tool.engross.locales.{locale.code}]"]
    for field in fields(locale):
        value = getattr(locale, field.name)
        if field.name != "code" and (field.default is MISSING or value != field.default):
            rows.append(f"{field.name} = {_toml(value)}")
    return "\n".join(rows) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def with_language(text: str, code: str, lines: str) -> str:
    """The settings file with one more language; every other byte stays.

    Raises:
        UsageError: the file is written in a way that does not let itself be changed so; the hint says what to add by hand.
    """
    by_hand = f'add "{code}" to languages' + (f" and this table:\n{lines}" if lines else "")
    before = tomllib.loads(text)
    head = re.search(r"^\[tool\.engross\][^\n]*\n?", text, re.MULTILINE)
    if not head:
        raise UsageError(f"{SETTINGS_FILE} has no line [tool.engross]", hint=by_hand)
    follows = re.search(r"^[ \t]*\[", text[head.end() :], re.MULTILINE)
    end = head.end() + follows.start() if follows else len(text)
    body = text[head.end() : end]
    own = re.sub(r"(?:^[ \t]*(?:#[^\n]*)?\n)+\Z", "", body, flags=re.MULTILINE)  # what stands right above the next table belongs to it
    rest = text[head.end() + len(own) :]
    head_and_own = text[: head.end()] + _listed(own, code)
    after = head_and_own + ("" if head_and_own.endswith("\n") else "\n") + (f"\n{lines}" if lines else "") + rest
    want = {**before, "tool": {**before["tool"], "engross": _expected(before["tool"]["engross"], code, lines)}}
    try:
        same = tomllib.loads(after) == want
    except tomllib.TOMLDecodeError:
        same = False
    if not same:
        raise UsageError(f"{SETTINGS_FILE} cannot be changed safely", hint=by_hand)
    return after


def _listed(body: str, code: str) -> str:
    """The lines of [tool.engross] with the code at the end of its list of languages."""
    found = re.search(r"^(\s*languages\s*=\s*\[)([^\]]*)\]", body, re.MULTILINE)
    if not found:
        return f'languages = ["en", "{code}"]\n{body}'
    if "\n" not in found[2]:
        items = found[2].rstrip(", ")
        added = f'{items}, "{code}"' if items else f'"{code}"'
    else:
        *lines, last = found[2].rstrip().split("\n")
        value, mark, comment = last.partition("#")
        bare = value.rstrip(", \t")
        indent = last[: len(last) - len(last.lstrip())]
        gap = value[len(value.rstrip()) :]
        added = "\n".join([*lines, f"{bare}{',' if bare.strip() else ''}{gap}{mark}{comment}", f'{indent}"{code}",', ""])
    return f"{body[: found.start()]}{found[1]}{added}]{body[found.end() :]}"


def _expected(table: Mapping[str, Any], code: str, lines: str) -> dict[str, Any]:
    want = {**table, "languages": [*table.get("languages", ["en"]), code]}
    if lines:
        want["locales"] = {**table.get("locales", {}), **tomllib.loads(lines)["tool"]["engross"]["locales"]}
    return want


def needed_fonts(project: Project, locale: Locale) -> Iterator[Font]:
    """The font families that the language needs beside those of the Latin script, and what of each is not there."""
    names = [path.name for path in (project.layouts / "fonts").glob("*.ttf")]
    for prefix in locale.fonts:
        yield Font(prefix, tuple(cut for cut in _CUTS if not any(name.startswith(prefix) and cut in name for name in names)))


def lacking(project: Project, locale: Locale) -> str:
    """The characters that the language's months, days and territories are written with and the fonts do not have, each once."""
    from babel import Locale as Babel

    from engross.content import missing_glyphs

    babel = Babel.parse(locale.babel)
    words = [*babel.months["format"]["wide"].values(), *babel.days["format"]["wide"].values(), *babel.territories.values()]
    table = extended({}) if locale.code in BUILT_IN else {**project.settings.locales, locale.code: locale}
    found = {}
    for character in dict.fromkeys("".join(words)):
        segment = Segment("label", character, Position(SETTINGS_FILE), "cldr", locale.code, "layouts")
        if missing_glyphs([segment], locale, project.layouts / "fonts", table):
            found[character] = True
    return "".join(found)
