"""What differs from language to language: a table of facts, extended by `[tool.engross.locales]`, never code.

Sources: CLDR 47 (dates, plural rules, quotation marks), W3C i18n layout requirements (clreq, jlreq, klreq), GNU gettext manual (Plural-Forms).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from engross.values import value_class


@value_class
class Locale:
    """How one language is written, set and named."""

    code: str
    """Name of its folder in translations/: `ko`, `zh-Hans`."""
    tag: str
    """BCP 47 tag with region, for documents: `ko-KR`."""
    plural_forms: str
    """Value of the PO header of that name."""
    serif: tuple[str, ...]
    """Font families for print, in the order they are tried."""
    sans: tuple[str, ...]
    """Font families for fax."""
    fonts: tuple[str, ...] = ()
    """Beginnings of the names of the font files it needs beside the Latin ones."""
    date_pattern: str = "long"
    """CLDR pattern or length name for a full date."""
    quotes: tuple[str, ...] = ("“”", "‘’")
    """Accepted quotation marks, the preferred pair first."""
    emphasis: str = "italic"
    """How `*emphasis*` is set: `italic`, or `bold` where slanting is not done (Korean, Japanese)."""
    hyphenate: bool = True
    keep_words: bool = False
    """Lines never break inside a word that would allow it (Korean `word-break: keep-all`)."""
    fullwidth: bool = False
    """Punctuation takes the full width (Japanese, Chinese)."""
    spaces: bool = True
    """Words are separated by spaces."""
    acronym: str = "{name} ({acronym})"
    place: str = "{name}, {place}"
    field: str = "{label}: {value}"
    """A label and its value, `Fax: +1…`."""
    field_separator: str = ", "
    """Between two such fields on a line."""
    place_date: str = "{place}, {date}"
    addressee: str = "{name}, {title}"
    """Somebody named in a sentence, in the order and the form of respect of the language."""
    addressee_honorific: str = "{honorific} {name}, {title}"
    """The same where the letter gives an honorific."""

    def format_date(self, day: date) -> str:
        """The date in full, as letters of this language write it."""
        from babel.dates import format_date

        return format_date(day, self.date_pattern, locale=self.babel)

    def format_moment(self, moment: datetime) -> str:
        """Date in full and time of day, in UTC, joined as the language does (CLDR)."""
        from babel.dates import get_datetime_format

        joined = str(get_datetime_format("long", locale=self.babel)).replace("'", "")
        return joined.replace("{1}", self.format_date(moment.date())).replace("{0}", f"{moment:%H:%M} UTC")

    def language_name(self, code: str) -> str:
        """What this language calls another, `inglés` for `en` in Spanish (CLDR)."""
        from babel import Locale as Babel

        name = Babel.parse(code.replace("-", "_")).get_display_name(self.babel) or code
        return name.split(" (")[0]

    @property
    def babel(self) -> str:
        """The identifier Babel uses."""
        return self.code.replace("-", "_")


def load_dates() -> None:
    """Load what dates are written with, once for all processes that are forked from this one: Babel, and the data that those of each language are put upon."""
    from babel.dates import get_datetime_format

    get_datetime_format("long", locale="en")


LATIN_SERIF = ("Source Serif 4",)
LATIN_SANS = ("Noto Sans",)
LATIN_FONTS = ("source-serif-4-latin", "noto-sans-latin")

BUILT_IN: Mapping[str, Locale] = {
    "en": Locale("en", "en-US", "nplurals=2; plural=(n != 1);", LATIN_SERIF, LATIN_SANS),
    "es": Locale("es", "es-ES", "nplurals=2; plural=(n != 1);", LATIN_SERIF, LATIN_SANS, quotes=("“”", "«»", "‘’")),
    "ko": Locale(
        "ko",
        "ko-KR",
        "nplurals=1; plural=0;",
        (*LATIN_SERIF, "Noto Serif KR"),
        (*LATIN_SANS, "Noto Sans KR"),
        ("noto-serif-kr", "noto-sans-kr"),
        emphasis="bold",
        hyphenate=False,
        keep_words=True,
        acronym="{name}({acronym})",
        place_date="{place}, {date}",
        addressee="{name} {title}님",
        addressee_honorific="{honorific} {name} {title}님",
    ),
    "ja": Locale(
        "ja",
        "ja-JP",
        "nplurals=1; plural=0;",
        (*LATIN_SERIF, "Noto Serif JP"),
        (*LATIN_SANS, "Noto Sans JP"),
        ("noto-serif-jp", "noto-sans-jp"),
        date_pattern="y年M月d日",
        quotes=("「」", "『』"),
        emphasis="bold",
        hyphenate=False,
        fullwidth=True,
        spaces=False,
        acronym="{name}（{acronym}）",
        place="{name}、{place}",
        field="{label}：{value}",
        field_separator="、",
        place_date="{place}、{date}",
        addressee="{title} {name}閣下",
        addressee_honorific="{title} {name}{honorific}",
    ),
}


def extended(overrides: Mapping[str, Mapping[str, object]]) -> dict[str, Locale]:
    """The built-in table with entries of the settings added or changed.

    Raises:
        TypeError: an entry has a key that `Locale` does not know, or lacks one it needs.
    """
    table = dict(BUILT_IN)
    for code, values in overrides.items():
        given = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
        table[code] = replace(table[code], **given) if code in table else Locale(code=code, **given)  # type: ignore[arg-type]
    return table
