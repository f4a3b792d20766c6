"""Bring the catalogues up to date with the content: plan everything, then write what changed, or nothing if anything is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from engross import files
from engross.errors import Problem, Rejected
from engross.project import Project
from engross.translation import catalog
from engross.translation.merge import Merge, merge, purge
from engross.translation.messages import Message, label_messages, letter_messages, mission_messages
from engross.translation.po import Catalog
from engross.values import value_class


@value_class
class Change:
    """What an update makes of one file."""

    path: str
    """Relative to the workspace."""
    domain: str
    lang: str
    """Empty for a POT file."""
    before: bytes
    after: bytes
    merge: Merge | None = None
    """`None` for POT files and for the generated catalogues of the source language."""

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after


@value_class
class UpdateReport:
    """What an update did."""

    changes: tuple[Change, ...]
    problems: tuple[Problem, ...] = ()
    """Warnings."""

    @property
    def written(self) -> tuple[str, ...]:
        """Paths of the files that were written."""
        return tuple(change.path for change in self.changes if change.changed)

    def lines(self) -> Iterator[str]:
        """What people are told: a line for each catalogue, and under it what a minor change touched."""
        for change in self.changes:
            if change.merge:
                counts = [(len(change.merge.same), "unchanged"), (len(change.merge.new), "new"), (len(change.merge.fuzzy), "fuzzy"), (len(change.merge.revived), "revived")]
                counts += [(len(change.merge.touched), "kept through a minor change"), (len(change.merge.obsolete), "out of use")]
                yield f"{change.path}: " + (", ".join(f"{number} {what}" for number, what in counts if number) or "empty")
                yield from (f"  {change.lang} keeps its translation of: {text[:100]}" for _, text in change.merge.touched)
        yield f"{len(self.written)} {'file' if len(self.written) == 1 else 'files'} written" if self.written else "everything was up to date"


def update(project: Project, letters: Iterable[str] = (), *, minor: bool = False, now: datetime | None = None) -> UpdateReport:
    """Refresh the catalogues of the letters (all when none is named), of the address book, of the layouts and of the delivery report, in every language.

    `minor` says that the changes correct slips: translations stay valid. `now` is when new messages are said to have been made.

    Raises:
        Rejected: content or a catalogue has errors; nothing was written.
        StaleFile: somebody saved a catalogue meanwhile; that file was not written.
    """
    from engross.content.source import causes

    domains, problems = read_domains(project, letters)
    changes, found = plan(project, domains, minor=minor, created=catalog.stamp(now or datetime.now(UTC)))
    problems += found
    if any(problem.is_error for problem in problems):
        raise Rejected(causes(problems))
    write(project, changes)
    return UpdateReport(tuple(changes), tuple(problems))


def read_domains(project: Project, letters: Iterable[str]) -> tuple[dict[str, list[Message]], list[Problem]]:
    """The messages of each domain, read from the content, and what is wrong with it."""
    from engross.content import read_glossary, read_labels, read_letter, read_missions, read_report_words

    missions, problems = read_missions(project)
    segments, found = read_labels(project)
    report, faults = read_report_words(project)
    glossary, more = read_glossary(project)
    problems = [*problems, *found, *faults, *more]
    terms = [term.term for term in glossary]
    domains: dict[str, list[Message]] = {}
    for name in project.pick(letters):
        letter, found = read_letter(project, name, missions)
        problems += found
        if letter is not None:
            domains[name] = letter_messages(letter, terms=terms)
    return domains | {"missions": mission_messages(missions, terms=terms), "layouts": label_messages(segments), "report": label_messages(report)}, problems


def plan(project: Project, domains: Mapping[str, Sequence[Message]], *, created: str, minor: bool = False) -> tuple[list[Change], list[Problem]]:
    """What an update would make of every file, and what is wrong with the catalogues as they are."""
    changes: list[Change] = []
    problems: list[Problem] = []
    for domain, messages in domains.items():
        template, date, found = _template(project, domain, messages, created)
        problems += found
        for lang in project.settings.languages:
            path = catalog.catalog_path(project, lang, domain)
            if messages or path.exists():
                change, found = _catalog(project, path, (domain, lang), messages, date, minor=minor)
                changes.append(change)
                problems += found
        if messages or template.before:
            changes.append(template)
    return changes, problems


def write(project: Project, changes: Iterable[Change]) -> None:
    """Write what changed, each file whole. First all are looked at: if one is not as it was when planned, none is written.

    Raises:
        StaleFile: somebody saved a file since it was read.
    """
    todo = [(project.root / change.path, change) for change in changes if change.changed]
    for path, change in todo:
        if files.read_or_empty(path) != change.before:
            raise files.StaleFile(f"{change.path} was saved by somebody else while this command ran", hint="run the command again")
    for path, change in todo:
        files.write_atomic(path, change.after, expected=change.before)


def _template(project: Project, domain: str, messages: Sequence[Message], created: str) -> tuple[Change, str, list[Problem]]:
    """The POT file, and its date: the old one as long as the messages are the same. A spoilt one is made anew."""
    path = catalog.template_path(project, domain)
    entries = [message.entry(lines=True) for message in messages]
    old, problems = catalog.read(project, path)
    if old.header.get("POT-Creation-Date") and {e.key for e in old.entries} == {e.key for e in entries}:
        created = old.header["POT-Creation-Date"]
    after = catalog.dump(catalog.template(domain, entries, created))
    return Change(project.relative(path), domain, "", old.data, after), created, _not_of_form(problems)


def _catalog(project: Project, path: Path, what: tuple[str, str], messages: Sequence[Message], created: str, *, minor: bool) -> tuple[Change, list[Problem]]:
    domain, lang = what
    name, locale = project.relative(path), project.locale(lang)
    old, problems = catalog.read(project, path)
    if lang == project.settings.languages[0]:
        after = catalog.dump(catalog.headed(source_catalog(messages), domain, locale, created))
        return Change(name, domain, lang, old.data, after), _not_of_form(problems)
    if any(problem.is_error for problem in problems):
        return Change(name, domain, lang, old.data, old.data), problems
    merged = merge(old, messages, minor=minor)
    after = catalog.dump(catalog.headed(merged.catalog, domain, locale, created))
    return Change(name, domain, lang, old.data, after, merged), problems


def _not_of_form(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that writing the file anew does not mend."""
    return [problem for problem in problems if not problem.code.startswith("po-")]


def source_catalog(messages: Iterable[Message]) -> Catalog:
    """The source language's catalogue: each text is its own translation, so that translators' tools show it as complete."""
    return Catalog(entries=tuple(replace(entry, text=entry.source) for entry in (message.entry(lines=False) for message in messages)))


def purge_obsolete(project: Project, domains: Iterable[str]) -> UpdateReport:
    """Remove the obsolete entries of the domains in every language.

    Raises:
        Rejected: a catalogue has errors; nothing was written.
    """
    changes, problems = [], []
    for domain in domains:
        for lang in project.settings.languages:
            old, found = catalog.read(project, catalog.catalog_path(project, lang, domain))
            problems += found
            if old.header:
                changes.append(Change(old.path, domain, lang, old.data, catalog.dump(purge(old))))
    if any(problem.is_error for problem in problems):
        raise Rejected(problems)
    write(project, changes)
    return UpdateReport(tuple(changes), tuple(problems))
