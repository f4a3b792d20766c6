"""How a letter is set: the layout's files, the language's facts, the paper, and whether it is a draft."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engross.errors import EngrossError
from engross.files import inside
from engross.locales import LATIN_FONTS, Locale
from engross.values import value_class


def read(root: Path, name: str) -> bytes:
    """A file of the layout in `root`.

    Raises:
        EngrossError: it is missing, or a link leads out of the folder.
    """
    path = root / name
    if not inside(root, path):
        raise EngrossError(f"the layout file {name} leads out of {root}", hint="put the file itself into layouts/")
    try:
        return path.read_bytes()
    except OSError as error:
        raise EngrossError(f"cannot read the layout file {name}: {error.strerror}", hint="restore it from the repository, or from a new `engross init`") from error


@value_class
class Signature:
    """A signature field of the printed letter."""

    field: str
    role: str
    """Of the officer, in the letter's language."""
    visible: bool = True


@value_class
class Layout:
    """Everything a renderer needs beside the letter and the labels."""

    root: Path
    """The folder of templates, style sheets and fonts."""
    locale: Locale
    """Facts of the letter's language."""
    locales: Mapping[str, Locale]
    """Facts of every language, for names and terms in others."""
    paper: str = "a4"
    """`a4` or `letter`; fax pages have a size of their own."""
    draft: bool = True
    """Watermark, and untranslated or fuzzy segments marked."""
    authoritative: str = ""
    """Locale of the version that prevails; empty when nobody said."""
    logo: str = ""
    """File in the layout for the letterhead, or none."""
    signatures: tuple[Signature, ...] = ()
    """Fields that wait in the official PDF for its officers; none in a draft or where nobody signs PDFs."""
    archive_fields: tuple[str, ...] = ()
    """Names of the fields that wait for archive time stamps."""
    seal_qr: bool = False
    """Document number and seal as a QR code on the last page of the print."""

    def bytes(self, name: str) -> bytes:
        """A file of the layout.

        Raises:
            EngrossError: it is missing, or a link leads out of the folder.
        """
        return read(self.root, name)

    def text(self, name: str) -> str:
        """A text file of the layout, UTF-8."""
        return self.bytes(name).decode("utf-8")

    def font_files(self) -> list[Path]:
        """The font files of the letter's language: the Latin ones and its own."""
        wanted = (*LATIN_FONTS, *self.locale.fonts)
        return sorted(path for path in (self.root / "fonts").glob("*.ttf") if path.name.startswith(wanted))
