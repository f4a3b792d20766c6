"""The proof of a message: who it is from and goes to, what is attached, and every text of its body, plain and HTML, in each language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from engross import markup
from engross.artifact import Artifact, Manifest, digest
from engross.edition import Edition
from engross.letter import Addressee, Letter, Mission
from engross.plan import office_of
from engross.project import Project
from engross.proof.compare import Comparison, nowhere, stream
from engross.proof.finding import Finding
from engross.proof.reading import read
from engross.proof.wanted import Item, wanted
from engross.settings_dispatch import Office
from engross.task import Version


def prove_message(entry: Artifact, data: bytes, manifest: Manifest, edition: Edition, project: Project) -> list[Finding]:
    """Compare a message of a set with the letter, the address book and the settings, and its attachments with the set's files, byte for byte."""
    message = BytesParser(policy=policy.default).parsebytes(data)
    assert isinstance(message, EmailMessage)
    known = {mission.id: mission for mission in (*edition.letter.cc, *edition.letter.recipients)}
    mission = known.get(entry.mission)
    office = project.settings.offices.get(office_of(project, mission)) if mission else None
    if mission is None or office is None:
        return [Finding("proof-file", entry.path, "the letter goes to no such mission, or no office serves it")]
    languages = [code for code in mission.languages if code in project.settings.languages]
    return list(_Message(message, entry, manifest, edition, project).findings(mission, office, languages))


class _Message:
    def __init__(self, message: EmailMessage, entry: Artifact, manifest: Manifest, edition: Edition, project: Project) -> None:
        self.message, self.entry, self.manifest, self.edition, self.project = message, entry, manifest, edition, project

    def findings(self, mission: Mission, office: Office, languages: Sequence[str]) -> Iterator[Finding]:
        """Heads first, then what is attached, then the texts."""
        yield from self._people(mission, office, self.edition.versions[languages[0]].letter)
        names = [part.get_filename() or "" for part in self.message.iter_attachments()]
        yield from self._attached(languages)
        versions = {code: self.edition.versions[code] for code in languages}
        for kind, reader in (("plain", "txt"), ("html", "html")):
            part = self.message.get_body((kind,))
            if part is None:
                yield Finding("proof-missing", kind, "the message has no such text")
                continue
            reading = read(reader, part.get_content().encode())
            items, links = self._wanted(versions, mission, office, names, "txt" if kind == "plain" else "mail")
            found = Comparison(items, stream(reading.text), lines=False, others=self._strange(versions), locate=nowhere).findings()
            yield from (replace(finding, label=f"{kind}: {finding.label}") for finding in found)
            if kind == "html":
                expected, there = Counter(links), Counter(reading.links)
                yield from (Finding("proof-link", f"html: {target}", "no link leads there", target) for target in expected - there)
                yield from (Finding("proof-link", f"html: {target}", "a link leads there that the letter does not have", found=target) for target in there - expected)

    def _people(self, mission: Mission, office: Office, letter: Letter) -> Iterator[Finding]:
        """Sender, receivers, subject and date."""
        local = next(one for one in (letter.recipients or letter.cc) if one.id == mission.id)
        subject = markup.plain_of(letter.email_subject or letter.subject or letter.title)
        if not self.edition.official:
            subject = f"[{self.edition.versions[letter.lang].labels['draft']}] {subject}"
        expected = {
            "From": [(office.name, office.email)],
            "Reply-To": [(office.name, office.reply_to or office.email)],
            "To": [(local.mission.text, mission.email)],
            "Cc": [],
            "Bcc": [],
        }
        for name, people in expected.items():
            there = [(address.display_name, address.addr_spec) for header in self.message.get_all(name, []) for address in header.addresses]
            if there != people:
                yield Finding("proof-figure", name, f"it says {_listed(there)}", _listed(people), _listed(there), mission.where)
        for name, value, found in (
            ("Subject", subject, str(self.message.get("Subject", ""))),
            ("Date", letter.date.isoformat(), self.message["Date"].datetime.date().isoformat() if self.message["Date"] else ""),
        ):
            if found != value:
                yield Finding("proof-metadata", name, f"it says {found!r}", value, found, letter.where)

    def _attached(self, languages: Sequence[str]) -> Iterator[Finding]:
        """The PDF of each of the mission's languages, the signed one where there is one, in their order, and nothing else."""
        parts = list(self.message.iter_attachments())
        files = {e.sha256: e for e in self.manifest.artifacts}
        for number, code in enumerate(languages):
            pdfs = [e for e in self.manifest.artifacts if e.language == code and e.kind in ("pdf", "signed-pdf")]
            wanted_pdf = next((e for e in pdfs if e.kind == "signed-pdf"), pdfs[0] if pdfs else None)
            part = parts[number] if number < len(parts) else None
            if part is None or wanted_pdf is None:
                yield Finding("proof-attachment", code, "its PDF is not attached")
                continue
            content = bytes(part.get_payload(decode=True) or b"")
            if digest(content) != wanted_pdf.sha256:
                other = files.get(digest(content))
                yield Finding(
                    "proof-attachment", code, f"what is attached is {other.path if other else 'none of the files of the set'}", wanted_pdf.path, part.get_filename() or ""
                )
            name, letter = part.get_filename() or "", self.edition.versions[code].letter
            ending = f"({self.project.locale(code).language_name(code)}).pdf"
            if part.get_content_type() != "application/pdf" or not (name.startswith(letter.date.isoformat()) and name.endswith(ending)):
                yield Finding("proof-attachment", code, f"it is attached as {name}, {part.get_content_type()}", ending, name)
        for part in parts[len(languages) :]:
            yield Finding("proof-attachment", part.get_filename() or "", "it does not belong to the message")

    def _wanted(self, versions: Mapping[str, Version], mission: Mission, office: Office, names: Sequence[str], kind: str) -> tuple[list[Item], list[str]]:
        items: list[Item] = []
        links: list[str] = []
        for code, version in versions.items():
            items += (Item(f"{code}.note.{n}", text, version.letter.where) for n, text in enumerate(self._note(version, mission, names)))
        first = next(iter(versions.values()))
        items += (Item("signature", line, first.letter.where) for line in self._signature(office, first))
        for code, version in versions.items():
            authoritative = self.project.settings.authoritative
            want = wanted(
                version.letter, version.labels, self.project.locale(code), kind, draft=not self.edition.official, authoritative=authoritative if authoritative != code else ""
            )
            items += (replace(item, label=f"{code}.{item.label}") for item in want.items)
            links += want.links
        return items, links

    def _note(self, version: Version, mission: Mission, names: Sequence[str]) -> Iterator[str]:
        """The covering note, worked out from the layout's words."""
        letter, labels = version.letter, version.labels
        if not self.edition.official:
            yield labels["draft_notice"]
        ambassador = mission.holder.status == "in-office"
        yield labels["mail_greeting" if ambassador else "mail_greeting_vacant" if mission.holder.status == "vacant" else "mail_greeting_charge"]
        yield labels.fill("mail_body", addressee=self._addressees(letter))
        if letter.supersedes:
            yield labels.fill("mail_correction", edition=letter.edition, previous=letter.supersedes)
        if letter.cover_note:
            yield markup.plain_of(letter.cover_note)
        yield from (labels["mail_closing" if ambassador else "mail_closing_plain"], labels["mail_attachments"], *names)

    def _addressees(self, letter: Letter) -> str:
        from babel.lists import format_list

        locale = self.project.locale(letter.lang)

        def named(who: Addressee) -> str:
            name, honorific = markup.plain_of(who.name), markup.plain_of(who.honorific) if who.honorific else ""
            if not who.title:
                return f"{honorific} {name}".strip()
            return (locale.addressee_honorific if honorific else locale.addressee).format(honorific=honorific, name=name, title=markup.plain_of(who.title))

        return str(format_list([named(who) for who in letter.addressees], locale=locale.babel))

    def _signature(self, office: Office, version: Version) -> Iterator[str]:
        yield from (office.name, *office.address)
        pattern = self.project.locale(version.letter.lang).field
        for key, value in (("telephone", office.voice), ("fax", office.fax), ("email", office.email)):
            if value:
                yield pattern.format(label=version.labels[key], value=value)

    def _strange(self, versions: Mapping[str, Version]) -> Mapping[str, list[str]]:
        """What each text says in other languages than the one it belongs to here."""
        out: dict[str, list[str]] = {}
        for code in versions:
            for other in self.edition.versions.values():
                if other.letter.lang != code:
                    for segment in other.letter.segments():
                        out.setdefault(f"{code}.{segment.label}", []).append(markup.plain_of(segment))
        return out


def _listed(people: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} <{address}>" for name, address in people) or "nobody"
