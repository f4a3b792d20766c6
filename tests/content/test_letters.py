"""The first letter as the organizations agreed it, and the tests' own letter with everything the first one lacks."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest

from engross import markup
from engross.content import read_glossary, read_labels, read_letter, read_missions
from engross.letter import CCPosition, Consent, Letter, List, ListKind, Paragraph, Quote, Section, Segment, Standing
from engross.project import find

FIRST, SECOND = "2018-06-06-dprk", "2020-02-29-second"


def read(root: Path, letter_id: str) -> Letter:
    project = find(root)
    missions, problems = read_missions(project)
    letter, faults = read_letter(project, letter_id, missions)
    assert [*problems, *faults] == []
    assert letter
    return letter


def shape(letter: Letter) -> list[str]:
    """The body's labels and kinds, in reading order."""
    out: list[str] = []
    for block in letter.body:
        out += [f"section {block.number}", *(kind(inner) for inner in block.blocks)] if isinstance(block, Section) else [kind(block)]
    return out


def kind(block: object) -> str:
    if isinstance(block, List):
        return block.kind.value + "".join(f" {item.text.label}" + (f"({block_labels(item.sublist)})" if item.sublist else "") for item in block.items)
    if isinstance(block, Quote):
        return "quote " + " ".join(p.text.label for p in block.paragraphs)
    assert isinstance(block, Paragraph)
    return block.text.label


def block_labels(block: List) -> str:
    return " ".join(item.text.label for item in block.items)


class TestFirstLetter:
    def test_it_reads_without_a_problem(self, repo: Path) -> None:
        letter = read(repo, FIRST)
        assert (letter.date, letter.edition, letter.lead) == (dt.date(2018, 6, 6), 1, "human-rights-watch")
        assert [mission.id for mission in letter.cc] == [mission.id for mission in letter.recipients] == ["dprk-new-york", "dprk-geneva"]
        assert [mission.fax_e164 for mission in letter.cc] == ["+12129723154", "+41227860662"]

    def test_signatories(self, repo: Path) -> None:
        letter = read(repo, FIRST)
        assert len(letter.signatories) == 53
        assert len(letter.printed) == 52
        (twice,) = [s for s in letter.signatories if s.status is Consent.DUPLICATE]
        assert twice.acronym == "NAUH"
        assert letter.printed[0].name.text.startswith("1969 KAL")
        assert next(s for s in letter.signatories if s.acronym == "ARNKA").territory == "TH"
        assert next(s for s in letter.signatories if s.id == "rafto-foundation-for-human-rights").territory == "NO"

    def test_sections_and_what_stands_outside_them(self, repo: Path) -> None:
        letter = read(repo, FIRST)
        sections = [block for block in letter.body if isinstance(block, Section)]
        assert [s.number for s in sections] == [1, 2, 3, 4, 5, 6]
        assert [sum(len(b.items) for b in s.blocks if isinstance(b, List)) for s in sections] == [6, 6, 3, 4, 6, 3]
        outside = [block.text for block in letter.body if isinstance(block, Paragraph)]
        assert [s.label for s in outside] == ["p1", "p2", "p3", "p4", "p5"]
        assert outside[3].text.startswith("Finally, as you have pledged")

    def test_the_text_is_word_for_word_what_was_agreed(self, repo: Path) -> None:
        """The digest was taken of the letter as received: its words alone, from salutation to closing, without list marks and numbers."""
        letter = read(repo, FIRST)
        body = [s for s in letter.segments() if s.role in ("paragraph", "heading", "bullet")]
        words = " ".join([letter.salutation.text, *(markup.plain(s.text) for s in body), letter.closing.text]).split()
        assert hashlib.sha256(" ".join(words).encode()).hexdigest() == "6b49f65a4eebf39ee70072fd8087b6ee5c10930b37547948ba46d9b712025410"
        assert len(words) == 1803

    def test_oddities_kept_are_warnings_when_not_listed(self, real: Path) -> None:
        path = real / "content" / FIRST / "letter.md"
        text = path.read_text("utf-8")
        start, end = text.index("sic:\n"), text.index("---\n\nAs your government")
        path.write_text(text[:start] + text[end:], "utf-8")
        project = find(real)
        _, problems = read_letter(project, FIRST, read_missions(project)[0])
        found = {problem.code: problem.message for problem in problems}
        assert not any(problem.is_error for problem in problems)
        assert set(found) == {"missing-space", "missing-comma", "stray-mark", "stray-space"}
        assert "Convention(No. 138)" in found["missing-space"]
        assert "Political Rights the International" in found["missing-comma"]
        assert "Korea_Catacombs" in found["stray-mark"]
        assert "Saram -Stiftung" in found["stray-space"]

    def test_glossary_and_labels_have_no_problem(self, repo: Path) -> None:
        project = find(repo)
        terms, problems = read_glossary(project)
        labels, faults = read_labels(project)
        assert [*problems, *faults] == []
        assert all(term.renderings for term in terms)
        assert {"cc", "page_of", "seal"} <= {label.label for label in labels}
        assert all(label.hints and label.domain == "layouts" and label.role == "label" for label in labels)


class TestSecondLetter:
    def test_front_matter(self, second: Path) -> None:
        letter = read(second, SECOND)
        one, two = letter.addressees
        assert [s.text for s in one.lines()] == ["Her Excellency", "Minister Example", "Minister for Example Affairs", "Ministry for Example Affairs", "1 Example Square"]
        assert (one.fax, one.email) == ("+44-20-7946-0300", "minister@example.org")
        assert two.title
        assert two.title.text == "Minister of Samples and Measures"
        assert letter.subject
        assert letter.subject.text == "Housing, water and the “example principles” of 2019"
        assert letter.place
        assert (letter.place.role, letter.place.label) == ("place-date", "place")
        assert letter.embargo
        assert letter.embargo.isoformat() == "2020-03-02T09:00:00+01:00"
        assert letter.signed_by == ("director", "legal-adviser")
        assert letter.cc_position is CCPosition.AFTER_ADDRESS
        assert [m.id for m in letter.cc] == ["example-london", "example-washington"]
        assert [m.id for m in letter.recipients] == ["example-tokyo", "example-london"]
        assert [(e.label, e.text) for e in letter.enclosures] == [("e1", "The example principles (2019)"), ("e2", "List of the cases, with the authors’ consent")]
        assert letter.cc[1].holder.name is None

    def test_body(self, second: Path) -> None:
        assert shape(read(second, SECOND)) == [
            "p1",
            "p2",
            "section 1",
            "s1.p1",
            "quote s1.q1.p1",
            "ordered s1.n1(s1.n1.1 s1.n1.2 s1.n1.3) s1.n2 s1.n3",
            "section 2",
            "bullet s2.b1 s2.b2(s2.b2.1 s2.b2.2) s2.b3",
            "s2.p1",
            "quote s2.q1.p1 s2.q1.p2",
            "section 3",
            "s3.p1",
            "bullet s3.b1 s3.b2 s3.b3",
            "p3",
        ]

    def test_soft_breaks_are_spaces_and_markup_stays_as_written(self, second: Path) -> None:
        texts = by_label(read(second, SECOND))
        assert texts["p1"].text == (
            "We write about the *example principles* of 2019 and what became of them, one year after they were **adopted by all parties**.[^adopted] "
            "The text is [published](https://example.org/principles) in three languages."
        )

    def test_notes_for_translators(self, second: Path) -> None:
        texts = by_label(read(second, SECOND))
        assert texts["p2"].hints[-1] == "“home” is the building and what it means to those who live in it."
        assert texts["s2.b1"].hints == ("bullet in section: What was done", "the three villages have no official names in other languages")
        assert texts["s2.b2"].hints == ("bullet in section: What was done",)
        assert texts["s2.b2.1"].role == "item"
        assert texts["s1.n1.1"].hints == ("second-level bullet in section: What was promised",)

    def test_footnotes_are_numbered_as_they_are_met(self, second: Path) -> None:
        path = second / "content" / SECOND / "letter.md"
        text = path.read_text("utf-8")
        assert [(n.number, n.key) for n in read(second, SECOND).notes] == [(1, "adopted"), (2, "both"), (3, "date")]
        path.write_text(text.replace("both together.[^both]", "both together.").replace("more than a roof.", "more than a roof.[^date][^both]"), "utf-8")
        assert [(n.number, n.key, n.text.label) for n in read(second, SECOND).notes] == [(1, "adopted", "note.adopted"), (2, "date", "note.date"), (3, "both", "note.both")]

    def test_signatories(self, second: Path) -> None:
        letter = read(second, SECOND)
        assert [(group and group.text, len(members)) for group, members in letter.groups] == [
            (None, 17),
            ("Networks and coalitions", 6),
            ("Organizations in Asia", 20),
            ("Organizations in Europe", 20),
            ("In their personal capacity", 5),
        ]
        author = next(s for s in letter.signatories if s.id == "individual-3")
        assert author.individual
        assert author.affiliation
        assert (author.affiliation.role, author.affiliation.label, author.affiliation.text) == ("affiliation", "sig.individual-3.affiliation", "Author")
        korean = next(s for s in letter.signatories if s.id == "yesi-center")
        assert (korean.name.lang, korean.acronym, korean.name.optional) == ("ko", "예인", True)
        assert korean.name.hints[:2] == ("acronym: 예인", "place: South Korea")
        twice = next(s for s in letter.signatories if s.status is Consent.DUPLICATE)
        assert twice.note == "sent its consent twice,\nfrom two offices"
        after = next(s for s in letter.signatories if s.id == "example-league")
        assert after.name.where.line == 72, "a quoted line break counts"


@pytest.mark.parametrize("letter_id", [FIRST, SECOND])
def test_every_segment_says_what_it_is(repo: Path, second: Path, letter_id: str) -> None:
    letter = read(repo if letter_id == FIRST else second, letter_id)
    segments = list(letter.segments())
    assert segments
    own = [s for s in segments if s.domain == letter_id]
    assert len({s.label for s in own}) == len(own), "labels are unique"
    for segment in segments:
        assert segment.standing is Standing.SOURCE
        assert segment.where.line > 0
        assert segment.where.column > 0
        assert segment.markup == (segment.role in ("paragraph", "heading", "bullet", "item", "quote", "footnote"))
        assert segment.optional == (segment.role in ("signatory", "place"))
        assert segment.text == segment.text.strip()
        assert "\n" not in segment.text
        assert segment.domain == ("missions" if segment.role in ("mission", "city", "holder-name", "honorific", "cc-title") else letter_id)


@pytest.mark.parametrize("letter_id", [FIRST, SECOND])
def test_positions_are_where_the_text_begins(repo: Path, second: Path, letter_id: str) -> None:
    root = repo if letter_id == FIRST else second
    for segment in read(root, letter_id).segments():
        line = (root / segment.where.path).read_text("utf-8").split("\n")[segment.where.line - 1]
        rest = line[segment.where.column - 1 :].lstrip("\"'")
        assert rest.startswith((segment.text[:12].replace('"', '""'), ">")), segment


def test_hints_do_not_change_when_a_neighbour_does(second: Path) -> None:
    path = second / "content" / SECOND / "letter.md"
    before = {s.text: s.hints for s in read(second, SECOND).segments()}
    path.write_text(
        path.read_text("utf-8").replace("- A plan was published", "- First of all.\n- A plan was published").replace("In the words of", "A new paragraph.\n\nIn the words of"),
        "utf-8",
    )
    after = {s.text: s.hints for s in read(second, SECOND).segments()}
    changed = {text for text, hints in before.items() if after.get(text) != hints}
    assert changed == {"A plan was published on 1 December 2019, in part."}, "only the comment went to the bullet that now follows it"


def test_groups_and_lists_that_a_comment_parts_are_one_list(second: Path) -> None:
    path = second / "content" / SECOND / "letter.md"
    path.write_text(path.read_text("utf-8").replace("- The third, 예시마을", "<!-- translators: a village -->\n- The third, 예시마을"), "utf-8")
    letter = read(second, SECOND)
    section = next(b for b in letter.body if isinstance(b, Section) and b.number == 2)
    lists = [b for b in section.blocks if isinstance(b, List)]
    assert [(b.kind, [i.text.label for i in b.items]) for b in lists] == [(ListKind.BULLET, ["s2.b1", "s2.b2", "s2.b3"])]
    assert by_label(letter)["s2.b3"].hints[-1] == "a village"


def by_label(letter: Letter) -> dict[str, Segment]:
    return {segment.label: segment for segment in letter.segments()}
