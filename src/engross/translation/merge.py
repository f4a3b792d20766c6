"""Carry translations from a catalogue over to the present messages.

The rule, in this order:

1. An entry with the same role and text stays as it is, or is revived from the obsolete ones.
2. The same text under another role (a paragraph that became a bullet) gives its translation as fuzzy.
3. A similar text gives its translation as fuzzy: texts that have left the letter first, each to the message it fits best, the best pairs of all first,
   the same role preferred; what is left then borrows from texts that are still in the letter (a paragraph that was cut in two).
4. A finished translation that is not in use any more stays as obsolete (`#~`), also when it was lent to another text, until it is purged:
   an edit that is taken back finds it again.

Whatever msgmerge would propose is proposed: its measure and its limit are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from engross.translation.messages import Message
from engross.translation.po import Catalog, Entry, Key
from engross.translation.similarity import bound, similarity
from engross.values import value_class

LIMIT = 0.6
"""Below this similarity there is no proposal; msgmerge's own."""
MINOR_LIMIT = 0.85
"""Below this similarity a change is not the correction of a slip, whatever it is called."""
_SAME_ROLE = 0.05
"""How much more similar a text of another role must be to be preferred."""


@value_class
class Merge:
    """What became of a catalogue. The keys of each list are those of the present messages, in their order."""

    catalog: Catalog
    same: tuple[Key, ...] = ()
    new: tuple[Key, ...] = ()
    """Without translation."""
    fuzzy: tuple[Key, ...] = ()
    """With the translation of another text, to be reviewed."""
    revived: tuple[Key, ...] = ()
    touched: tuple[Key, ...] = ()
    """Kept as translated although the source changed, because the change was called minor."""
    obsolete: tuple[Key, ...] = ()
    """Those that went out of use just now."""


@dataclass
class _Work:
    """The pools of one merge."""

    wanted: Sequence[Message]
    active: dict[Key, Entry]
    dead: dict[Key, Entry]
    """The last translated obsolete entry of each key."""
    minor: bool
    made: dict[Key, Entry] = field(default_factory=dict)
    used: set[Key] = field(default_factory=set)
    """Keys of entries that moved on as a whole: their text, fuzzy or kept, lives in another entry now."""
    lists: dict[str, list[Key]] = field(default_factory=lambda: {name: [] for name in ("same", "new", "fuzzy", "revived", "touched", "obsolete")})

    @property
    def open(self) -> list[Message]:
        return [m for m in self.wanted if m.key not in self.made]

    def orphans(self) -> list[Entry]:
        """Entries whose message is gone, with a translation to give."""
        keys = {m.key for m in self.wanted}
        pool = [e for e in self.active.values() if e.key not in keys] + [e for e in self.dead.values() if e.key not in keys and e.key not in self.active]
        return [e for e in pool if e.text and e.key not in self.used]


def merge(catalog: Catalog, wanted: Sequence[Message], *, minor: bool = False) -> Merge:
    """The catalogue for the present messages: their entries in their order, then the obsolete ones. The header is left alone.

    With `minor`, a changed source that stays similar and keeps its figures keeps its translation as good, and its key is among `touched`.
    """
    dead: dict[Key, Entry] = {}
    for entry in catalog.obsolete:
        if entry.text and (entry.key not in dead or entry.translated):
            dead[entry.key] = entry
    work = _Work(wanted, catalog.by_key(), dead, minor)
    _exact(work)
    _other_role(work)
    _similar(work)
    _borrowed(work)
    _notes_only(work)
    for message in work.open:
        work.made[message.key] = message.entry(lines=False)
        work.lists["new"].append(message.key)
    entries = [work.made[m.key] for m in wanted]
    rest = _left_over(work, catalog)
    lists = {name: tuple(k.key for k in wanted if k.key in set(keys)) for name, keys in work.lists.items() if name != "obsolete"}
    return Merge(replace(catalog, entries=(*entries, *rest)), obsolete=tuple(work.lists["obsolete"]), **lists)


def purge(catalog: Catalog) -> Catalog:
    """The catalogue without its obsolete entries."""
    return replace(catalog, entries=tuple(catalog.active))


def _exact(work: _Work) -> None:
    for message in work.wanted:
        entry = work.active.get(message.key)
        memory = work.dead.get(message.key)
        if entry is not None and (entry.text or memory is None):
            work.made[message.key] = _dressed(message, entry)
            work.lists["same"].append(message.key)
        elif memory is not None:
            notes = tuple(dict.fromkeys((*(entry.notes if entry else ()), *memory.notes)))
            work.made[message.key] = _dressed(message, replace(memory, obsolete=False, notes=notes))
            work.lists["revived"].append(message.key)


def _other_role(work: _Work) -> None:
    orphans: dict[str, Entry] = {}
    for entry in work.orphans():
        orphans.setdefault(entry.source, entry)
    in_use: dict[str, Entry] = {}
    for entry in work.made.values():
        if entry.translated:
            in_use.setdefault(entry.source, entry)
    for message in work.open:
        if message.text in orphans:
            _give(work, message, orphans.pop(message.text), moved=True)
        elif message.text in in_use and not message.optional:
            _give(work, message, in_use[message.text], moved=False)


def _similar(work: _Work) -> None:
    """Pair open messages and orphans, the best pair of all first: so no pair could both do better with each other."""
    opened, orphans = work.open, work.orphans()
    pairs: list[tuple[float, int, int, int]] = []
    for i, message in enumerate(opened):
        for j, entry in enumerate(orphans):
            limit = LIMIT
            if bound(message.text, entry.source) >= limit:
                score = similarity(message.text, entry.source)
                if score >= limit:
                    rank = score + (_SAME_ROLE if entry.role == message.role else 0.0)
                    pairs.append((-rank, abs(i * len(orphans) - j * len(opened)), i, j))
    taken: set[int] = set()
    for _, _, i, j in sorted(pairs):
        if opened[i].key not in work.made and j not in taken:
            taken.add(j)
            _give(work, opened[i], orphans[j], moved=True)


def _borrowed(work: _Work) -> None:
    """What still has nothing takes a copy from the most similar text, be it in use, or lent already. Names and places do not: another's is no help."""
    lenders = [e for e in (*work.active.values(), *work.dead.values()) if e.text]
    for message in work.open:
        if message.optional:
            continue
        scored = [(similarity(message.text, e.source) + (_SAME_ROLE if e.role == message.role else 0.0), e) for e in lenders if bound(message.text, e.source) >= LIMIT]
        scored = [(score, e) for score, e in scored if score - (_SAME_ROLE if e.role == message.role else 0.0) >= LIMIT]
        if scored:
            _give(work, message, max(scored, key=lambda pair: pair[0])[1], moved=False)


def _notes_only(work: _Work) -> None:
    """A comment on an entry that nobody has translated yet (a question to the desk) follows its text through an edit."""
    keys = {m.key for m in work.wanted}
    pool = [e for e in work.active.values() if e.key not in keys and not e.text and e.notes]
    for message in work.open:
        scored = [(similarity(message.text, e.source), -n, e) for n, e in enumerate(pool) if e.role == message.role]
        best = max(scored, key=lambda item: item[:2], default=None)
        if best and best[0] >= LIMIT:
            pool.remove(best[2])
            work.used.add(best[2].key)
            work.made[message.key] = replace(message.entry(lines=False), notes=best[2].notes)
            work.lists["new"].append(message.key)


def _give(work: _Work, message: Message, entry: Entry, *, moved: bool) -> None:
    """Make the message's entry from another text's translation. With `moved`, the giver's text and notes have their place here from now on."""
    minor = work.minor and moved and entry.translated and _is_minor(entry.source, message.text)
    notes = entry.notes if moved else ()
    made = replace(entry, obsolete=False, notes=notes, fuzzy=not minor, previous=None if minor else entry.previous or entry.key)
    work.made[message.key] = _dressed(message, made)
    work.lists["touched" if minor else "fuzzy"].append(message.key)
    if moved and (minor or entry.fuzzy):
        work.used.add(entry.key)
    elif moved:
        work.lists["obsolete"] += [entry.key] if not entry.obsolete else []


def _dressed(message: Message, entry: Entry) -> Entry:
    """The entry with what belongs to the message: key, comments, references. Format flags go: no text of a letter is a format string."""
    flags = tuple(flag for flag in entry.flags if not flag.endswith("-format"))
    fresh = message.entry(lines=False)
    return replace(entry, role=message.role, source=message.text, comments=fresh.comments, references=fresh.references, flags=flags)


def _left_over(work: _Work, catalog: Catalog) -> list[Entry]:
    """The obsolete entries: those there were, and those that have just gone out of use with a translation or a note."""
    rest: dict[Key, Entry] = {}
    for entry in catalog.obsolete:
        if entry.key not in work.made and entry.key not in work.used and (entry.text or entry.notes):
            rest[entry.key] = work.dead.get(entry.key, entry)
    texts = {e.text for e in work.made.values() if e.text}
    for entry in catalog.active:
        if entry.key in work.made or entry.key in work.used:
            continue
        if entry.translated or entry.notes or (entry.text and entry.text not in texts):
            rest.pop(entry.key, None)
            rest[entry.key] = replace(entry, obsolete=True, comments=(), references=())
            if entry.key not in work.lists["obsolete"]:
                work.lists["obsolete"].append(entry.key)
    return list(rest.values())


def _is_minor(old: str, new: str) -> bool:
    return similarity(old, new) >= MINOR_LIMIT and _figures(old) == _figures(new)


def _figures(text: str) -> list[str]:
    return sorted(re.findall(r"\d+", text))


def summary(merges: Iterable[Merge]) -> dict[str, int]:
    """How many messages of several merges came out how."""
    totals = dict.fromkeys(("same", "new", "fuzzy", "revived", "touched", "obsolete"), 0)
    for done in merges:
        for name in totals:
            totals[name] += len(getattr(done, name))
    return totals
