"""What translators are asked to translate: one `Message` for each distinct role and text, in the letter's order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from engross import markup
from engross.errors import Position
from engross.letter import Consent, Letter, Mission, Segment
from engross.translation.po import Entry, Key
from engross.values import value_class

_OPTIONAL = "optional: "
_ROLES: Mapping[str, str] = {
    "title": "title of the web page and of the files; not printed on the letter",
    "salutation": "opens the letter",
    "closing": "complimentary close before the signatories",
}


@value_class
class Message:
    """An entry of a POT file."""

    role: str
    """msgctxt"""
    text: str
    """msgid"""
    comments: tuple[str, ...] = ()
    """`#.` lines: they change only when this text's own circumstances do."""
    references: tuple[Position, ...] = ()
    optional: bool = False

    @property
    def key(self) -> Key:
        """Role and text."""
        return self.role, self.text

    def entry(self, *, lines: bool) -> Entry:
        """The untranslated entry; references carry line numbers only in POT files, where they make no noise for translators."""
        references = dict.fromkeys(f"{p.path}:{p.line}" if lines and p.line else p.path for p in self.references if p.path)
        return Entry(self.role, self.text, comments=self.comments, references=tuple(references))


def messages(segments: Iterable[Segment], *, terms: Iterable[str] = ()) -> list[Message]:
    """One message for each distinct (role, text), in the order of first appearance; comments and references of equal ones are joined.

    `terms` are the glossary's source terms: each text is told which of them it holds.
    """
    known = sorted(terms, key=len, reverse=True)
    found: dict[Key, Message] = {}
    for segment in segments:
        comments = tuple(_comments(segment, known))
        key = (segment.role, segment.text)
        old = found.get(key)
        if old is None:
            found[key] = Message(segment.role, segment.text, comments, (segment.where,), segment.optional)
        else:
            joined = tuple(dict.fromkeys(old.comments + comments))
            optional = old.optional and segment.optional
            joined = joined if optional else tuple(c for c in joined if not c.startswith(_OPTIONAL))
            found[key] = replace(old, comments=joined, references=tuple(dict.fromkeys((*old.references, segment.where))), optional=optional)
    return list(found.values())


def letter_messages(letter: Letter, *, terms: Iterable[str] = ()) -> list[Message]:
    """What the letter's own domain holds. Signatories that withdrew or stand twice are nobody's work."""
    awaited = tuple(s for s in letter.signatories if s.status in (Consent.CONFIRMED, Consent.PENDING))
    own = [s for s in replace(letter, signatories=awaited).segments() if s.domain == letter.id]
    return messages(own, terms=terms)


def mission_messages(missions: Iterable[Mission], *, terms: Iterable[str] = ()) -> list[Message]:
    """What the domain `missions` holds."""
    return messages((segment for mission in missions for segment in mission_segments(mission)), terms=terms)


def label_messages(segments: Iterable[Segment]) -> list[Message]:
    """What the domain `layouts` holds."""
    return messages(segments)


def mission_segments(mission: Mission) -> Iterator[Segment]:
    """Every text of an entry of the address book."""
    holder = mission.holder
    return (s for s in (mission.mission, mission.city, holder.honorific, holder.name, holder.title) if s is not None)


def words(text: str) -> int:
    """How many words a source text has, as translators count them."""
    return len(markup.plain(text).split())


def _comments(segment: Segment, terms: list[str]) -> Iterator[str]:
    lines = [*segment.hints] or [_ROLES.get(segment.role, "")]
    if segment.markup:
        spotted = glossary_terms(markup.plain(segment.text), terms)
        lines += ["glossary: " + "; ".join(spotted)] if spotted else []
    if segment.optional and not any(line.startswith(_OPTIONAL) for line in lines):
        lines.append(_OPTIONAL + "left empty, it is printed as it stands")
    return (" ".join(line.split()) for line in dict.fromkeys(lines) if line.strip())


def glossary_terms(text: str, terms: Iterable[str]) -> list[str]:
    """The terms that stand in a text, in its order; a term inside a longer one that was found is not named again. `terms` comes longest first."""
    found: list[tuple[int, int, str]] = []
    for term in terms:
        for match in re.finditer(rf"(?<!\w){re.escape(term)}(?!\w)", text, re.IGNORECASE):
            if not any(start <= match.start() and match.end() <= end for start, end, _ in found):
                found.append((match.start(), match.end(), term))
    return list(dict.fromkeys(term for _, _, term in sorted(found)))
