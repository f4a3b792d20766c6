"""PDFs that some officers have signed and others not yet: files in the user's state folder, never in the workspace. A file can travel to the next officer's machine."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from engross.errors import EngrossError
from engross.files import write_atomic


@dataclass(frozen=True, slots=True)
class Stage:
    """The place of one language's partly signed PDF. Its name has the digest of the unsigned PDF: a rebuilt letter starts anew."""

    folder: Path
    letter: str
    edition: int
    language: str
    unsigned: bytes

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / self.letter / f"edition-{self.edition}" / f"{self.language}.{sha256(self.unsigned).hexdigest()[:16]}.pdf"

    def read(self) -> bytes:
        """What was signed so far, or the unsigned PDF.

        Raises:
            EngrossError: officers signed another build of this language, or the file is not a continuation of this one.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            if others := sorted(self.path.parent.glob(f"{self.language}.*.pdf")):
                raise EngrossError(
                    f"{self.language}: officers have signed another build of this letter ({others[0]})",
                    hint="build the letter as it was when they signed, or remove that file and let them sign again",
                ) from None
            return self.unsigned
        return self.accept(data)

    def accept(self, data: bytes) -> bytes:
        """The bytes, if they begin with the unsigned PDF.

        Raises:
            EngrossError: they do not.
        """
        if not data.startswith(self.unsigned):
            raise EngrossError(
                f"{self.language}: this is no continuation of the official PDF of edition {self.edition}", hint="was the letter built again since, or is it another language?"
            )
        return data

    def write(self, data: bytes) -> None:
        """Keep what was signed so far, readable by the owner alone.

        Raises:
            EngrossError: the folder may not be written.
        """
        write_atomic(self.path, data, mode=0o600)

    def remove(self) -> None:
        """Forget it, once it is published."""
        self.path.unlink(missing_ok=True)


def state_folder() -> Path:
    """Where they stand for this user."""
    from platformdirs import user_state_path

    return user_state_path("engross") / "signing"
