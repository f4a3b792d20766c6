"""The Word letter as Word reads it: numbering, notes, columns, fields, languages; and that its parts fit together."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from engross import canonical
from engross.errors import EngrossError
from engross.letter import Item, List, ListKind, Note, Paragraph, Section, Standing
from tests.docx.letters import LANGUAGES, REAL, SECOND, minimal, plain, printed, sample, text
from tests.docx.package import Package, R, W, text_of, value

EVERY = [(REAL, lang) for lang in LANGUAGES] + [(SECOND, lang) for lang in LANGUAGES]
DRAFTS = pytest.mark.parametrize("draft", [False, True], ids=["official", "draft"])
ALL = pytest.mark.parametrize(("name", "lang"), EVERY)


@cache
def opened(name: str, lang: str, **values: object) -> Package:
    return Package(sample(name, lang).but(**values).bytes())


def bullets(kind: ListKind, *texts: str, start: int = 1) -> List:
    return List(kind, tuple(Item(text(words)) for words in texts), start)


@ALL
def test_every_text_stands_in_order_in_paragraphs_of_its_own_style(name, lang):
    package = opened(name, lang)
    everything = "\n".join(words for _, words in package.paragraphs())
    at = 0
    for words in printed(sample(name, lang)):
        found = everything.find(words, at)
        assert found >= 0, f"{words!r} is missing after {everything[max(at - 60, 0) : at]!r}"
        at = found + len(words)


@ALL
@DRAFTS
def test_relationships_are_all_used_and_all_there(name, lang, draft):
    package = opened(name, lang, draft=draft)
    parts = {part for part in package.parts if not part.endswith(".rels") and part != "[Content_Types].xml"}
    reached = {target for _, target, external in package.relationships("").values() if not external}
    for part in sorted(parts):
        relationships = package.relationships(part)
        used = {str(used) for node in package.tree(part).iter() for key, used in node.attrib.items() if str(key).startswith(R)}
        implicit = {key for key, (kind, _, _) in relationships.items() if kind in ("styles", "numbering", "settings", "fontTable", "theme", "footnotes")}
        assert used | implicit == set(relationships), part
        reached |= {target for _, target, external in relationships.values() if not external}
    assert reached == parts
    types = package.tree("[Content_Types].xml")
    assert {str(node.get("PartName"))[1:] for node in types if node.get("PartName")} == parts


@ALL
def test_numbering_styles_notes_and_bookmarks_are_consistent(name, lang):
    package = opened(name, lang)
    numbering = package.tree("word/numbering.xml")
    abstract = [value(node, "abstractNumId") for node in numbering.iterfind(f"{W}abstractNum")]
    nums = {value(node, "numId"): value(node.find(f"{W}abstractNumId")) for node in numbering.iterfind(f"{W}num")}
    assert len(set(abstract)) == len(abstract)
    assert len(nums) == len(numbering.findall(f"{W}num"))
    assert set(nums.values()) <= set(abstract)
    order = [node.tag for node in numbering]
    assert order == sorted(order, key=[f"{W}abstractNum", f"{W}num"].index)
    trees = [package.tree(part) for part in package.parts if part.startswith("word/") and part.endswith(".xml")]
    assert {value(node) for tree in trees for node in tree.iter(f"{W}numId")} <= set(nums)
    names = [name for _, name in sorted(package.style_names.items())]
    assert len(set(names)) == len(names)
    styles = {value(node) for tree in trees for tag in ("pStyle", "rStyle", "basedOn", "next", "link") for node in tree.iter(W + tag)}
    assert styles <= set(package.style_names)
    marks = [value(node, "id") for node in package.document.iter(f"{W}bookmarkStart")]
    assert len(set(marks)) == len(marks)
    assert marks == [value(node, "id") for node in package.document.iter(f"{W}bookmarkEnd")]


def test_sections_are_numbered_by_their_style_and_never_typed():
    package = opened(REAL, "ko")
    headings = [(number, words) for number, words in package.numbers() if re.fullmatch(r"\d\.", number)]
    body = [block for block in sample(REAL, "ko").letter.body if isinstance(block, Section)]
    assert headings == [(f"{block.number}.", plain(block.heading)) for block in body]
    assert not any(words.startswith("1.") for _, words in package.paragraphs())


def test_lists_restart_and_nest():
    numbered = [(number, words) for number, words in opened(SECOND, "en").numbers() if not words.startswith("What ")]
    assert [number for number, _ in numbered] == ["1.", "–", "–", "–", "2.", "3.", "•", "•", "a)", "b)", "•", "•", "•", "•", "•", "•"]


def test_each_ordered_list_begins_where_its_source_says():
    nested = List(ListKind.ORDERED, (Item(text("one"), bullets(ListKind.ORDERED, "x", "y")), Item(text("two"), bullets(ListKind.ORDERED, "z", start=3))))
    package = Package(
        minimal(bullets(ListKind.ORDERED, "a", "b"), Paragraph(text("between")), bullets(ListKind.ORDERED, "c", "d", start=5), Paragraph(text("again")), nested).bytes()
    )
    assert package.numbers() == [("1.", "a"), ("2.", "b"), ("5.", "c"), ("6.", "d"), ("1.", "one"), ("a)", "x"), ("b)", "y"), ("2.", "two"), ("c)", "z")]


def test_notes_are_real_and_refer_once():
    it = sample(SECOND, "en")
    package = Package(it.bytes())
    notes = package.tree("word/footnotes.xml")
    assert [value(note, "type") for note in notes][:2] == ["separator", "continuationSeparator"]
    assert [text_of(note).strip() for note in notes][2:] == [plain(note.text) for note in it.letter.notes]
    cited = [value(node, "id") for node in package.document.iter(f"{W}footnoteReference")]
    assert cited == [value(note, "id") for note in notes][2:]
    assert [target for kind, target, _ in package.relationships("word/footnotes.xml").values() if kind == "hyperlink"] == ["https://example.org/record"]
    special = [value(node, "id") for node in package.tree("word/settings.xml").iter(f"{W}footnote")]
    assert special == ["-1", "0"]


def test_a_note_referred_to_again_is_a_cross_reference():
    note = Note(1, "a", text("A note."))
    package = Package(minimal(Paragraph(text("First[^a] and again[^a].")), notes=(note,)).bytes())
    assert len(list(package.document.iter(f"{W}footnoteReference"))) == 1
    (bookmark,) = [value(node, "name") for node in package.document.iter(f"{W}bookmarkStart")]
    (instruction,) = [node.text for node in package.document.iter(f"{W}instrText")]
    assert instruction == f" NOTEREF {bookmark} \\f \\h "


def test_a_letter_without_notes_has_no_notes_part():
    package = opened(REAL, "en")
    assert "word/footnotes.xml" not in package.parts
    assert not list(package.tree("word/settings.xml").iter(f"{W}footnotePr"))


@pytest.mark.parametrize("body", ["See[^nowhere].", "See[^a]."])
def test_a_note_that_cannot_be_printed_is_an_error(body):
    note = Note(1, "a", text("Like the other.[^b]"))
    with pytest.raises(EngrossError, match="footnote"):
        minimal(Paragraph(text(body)), notes=(note, Note(2, "b", text("Other.")))).bytes()


def test_columns_are_a_section_that_reads_in_order_and_is_balanced():
    for name in (REAL, SECOND):
        package = opened(name, "en")
        sections = list(package.document.iter(f"{W}sectPr"))
        assert [value(s.find(f"{W}cols"), "num") or "1" for s in sections] == ["1", "2", "1"]
        assert [value(s.find(f"{W}type")) for s in sections] == ["", "continuous", "continuous"]
        assert [s.find(f"{W}titlePg") is not None for s in sections] == [True, False, False]
        assert [len(s.findall(f"{W}headerReference")) for s in sections] == [2, 0, 0]
        styles = [style for style, _ in package.paragraphs()]
        assert styles[-1] not in ("signatory", "closing"), "columns are balanced only before another section"


def test_columns_at_the_very_end_are_closed_by_an_empty_paragraph():
    it = sample(REAL, "en")
    package = Package(it.but(letter=replace(it.letter, cc=())).bytes())
    assert list(package.paragraphs())[-1] == ("signatory", "")
    assert len(list(package.document.iter(f"{W}sectPr"))) == 3


def test_a_letter_nobody_signs_yet_is_one_section():
    package = Package(minimal(Paragraph(text("Words."))).bytes())
    (section,) = package.document.iter(f"{W}sectPr")
    assert section.find(f"{W}titlePg") is not None
    assert len(section.findall(f"{W}footerReference")) == 2


@pytest.mark.parametrize(("paper", "size", "right"), [("a4", ("11906", "16838"), "9070"), ("letter", ("12240", "15840"), "9404")])
def test_paper(paper, size, right):
    package = opened(REAL, "en", paper=paper)
    for section in package.document.iter(f"{W}sectPr"):
        assert (value(section.find(f"{W}pgSz"), "w"), value(section.find(f"{W}pgSz"), "h")) == size
    (tab,) = package.tree("word/footer1.xml").iterfind(f".//{W}tabs/{W}tab")
    assert (value(tab), value(tab, "pos")) == ("right", right)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_heads_and_feet(lang):
    it = sample(REAL, lang)
    package = Package(it.bytes())
    lead = it.letter.lead_signatory
    assert lead
    assert text_of(package.tree("word/header1.xml")) == lead.name.text
    assert text_of(package.tree("word/header2.xml")) == f"{it.letter.addressees[0].name.text}\t{it.layout.locale.format_date(it.letter.date)}"
    for part in ("word/footer1.xml", "word/footer2.xml"):
        foot = package.tree(part)
        assert canonical.document_number(it.letter) in text_of(foot)
        assert canonical.seal(it.letter) in text_of(foot)
        assert text_of(foot).endswith(it.labels.fill("page_of", page=1, pages=1))
        fields = [(node.text or "").strip() for node in foot.iter(f"{W}instrText")]
        order = sorted(("page", "pages"), key=lambda word: it.labels["page_of"].index(f"{{{word}}}"))
        assert fields == [{"page": "PAGE", "pages": "NUMPAGES"}[word] for word in order]


@ALL
def test_what_belongs_together_stays_together(name, lang):
    package = opened(name, lang)
    for style in ("heading 1", "Signatory Group", "CC Heading", "Closing", "Salutation"):
        assert package.style(style).find(f"{W}pPr/{W}keepNext") is not None, style
    assert package.style("Normal").find(f"{W}pPr/{W}widowControl") is not None
    for (style, _), (following, _), paragraph in zip(package.paragraphs(), list(package.paragraphs())[1:], package.document.iter(f"{W}p"), strict=False):
        if style == "body text" and following.startswith("list"):
            assert paragraph.find(f"{W}pPr/{W}keepNext") is not None


def test_links_lead_where_the_text_says():
    package = opened(SECOND, "en")
    relationships = package.relationships("word/document.xml")
    found = [(relationships[str(link.get(f"{R}id"))][1], text_of(link)) for link in package.document.iter(f"{W}hyperlink")]
    assert ("https://example.org/principles", "published") in found
    assert ("mailto:letters@example.org", "letters@example.org") in found
    assert ("mailto:london@example.org", "london@example.org") in found
    assert all(external for kind, _, external in relationships.values() if kind == "hyperlink")


def test_a_draft_says_so_and_marks_what_is_missing():
    it = sample(REAL, "ko")
    turn = iter(range(10_000))

    def spoil(segment):
        if segment.role != "bullet":
            return segment
        return replace(segment, standing=(Standing.EMPTY, Standing.FUZZY, Standing.TRANSLATED)[next(turn) % 3])

    spoilt = it.but(letter=it.letter.map(spoil), draft=True)
    standings = [s.standing for s in spoilt.letter.segments() if s.role == "bullet"]
    package = Package(spoilt.bytes())
    empty, fuzzy = standings.count(Standing.EMPTY), standings.count(Standing.FUZZY)
    (notice,) = [words for style, words in package.paragraphs() if style == "draft notice"]
    assert next(package.paragraphs())[1] == notice
    assert notice.startswith(it.labels["draft_notice"])
    assert f"{it.labels['untranslated']}: {empty}" in notice
    assert f"{it.labels['fuzzy']}: {fuzzy}" in notice
    everything = "\n".join(words for _, words in package.paragraphs())
    assert everything.count(f"[{it.labels['untranslated']}]") == empty
    assert everything.count(f"[{it.labels['fuzzy']}]") == fuzzy
    assert {value(node) for node in package.document.iter(f"{W}highlight")} == {"yellow", "cyan"}
    for part in ("word/header1.xml", "word/header2.xml"):
        assert f'string="{it.labels["draft"]}"'.encode() in package.parts[part]


def test_marks_in_notes_are_counted_too():
    notice = next(Package(sample(SECOND, "ko").but(draft=True).bytes()).paragraphs())[1]
    messages = {(s.role, s.text) for s in sample(SECOND, "ko").letter.segments() if s.standing is Standing.EMPTY}
    unprinted = {"title", "cover-note", "email-subject", "mission", "city", "honorific", "holder-name", "cc-title"}
    assert int(re.findall(r"\d+", notice)[-1]) >= len({m for m in messages if m[0] not in unprinted})


@ALL
def test_an_official_letter_has_no_trace_of_a_draft(name, lang):
    it = sample(name, lang)
    package = Package(it.but(draft=False).bytes())
    joined = b"".join(data for part, data in package.parts.items() if part != "word/styles.xml").decode()
    for trace in ("highlight", "pict", "Draft", f"[{it.labels['untranslated']}]", it.labels["draft_notice"]):
        assert trace not in joined


@pytest.mark.parametrize("lang", LANGUAGES)
def test_authoritative_version_is_named_on_the_others(lang):
    it = sample(REAL, lang).but(authoritative="en")
    notes = [words for style, words in Package(it.bytes()).paragraphs() if style == "translation note"]
    assert notes == ([] if lang == "en" else ["\n".join(it.labels.fill(key, language=it.layout.locale.language_name("en")) for key in ("translated_from", "authoritative"))])


def test_special_characters_are_what_word_calls_them():
    package = Package(minimal(Paragraph(text("a\u2011b <c> & \u00ad“d”  e"))).bytes())
    assert ("body text", "a\u2011b <c> & \u00ad“d”  e") in list(package.paragraphs())
    assert len(list(package.document.iter(f"{W}noBreakHyphen"))) == 1
    assert len(list(package.document.iter(f"{W}softHyphen"))) == 1


@ALL
def test_nothing_of_editing_sessions_or_other_programs(name, lang):
    package = opened(name, lang)
    joined = b"".join(package.parts.values())
    for trace in (b":rsid", b"python-docx", b"w:proofErr", b"w:lastRenderedPageBreak"):
        assert trace not in joined
    names = [info.filename for info in package.infos]
    assert names[0] == "[Content_Types].xml"
    assert names[1:] == sorted(names[1:])
    assert {info.date_time for info in package.infos} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_properties(lang):
    it = sample(REAL, lang)
    package = Package(it.bytes())
    core = {node.tag.rpartition("}")[2]: node.text for node in package.tree("docProps/core.xml")}
    lead = it.letter.lead_signatory
    assert lead
    assert core["title"] == it.letter.title.text
    assert core["creator"] == core["lastModifiedBy"] == lead.name.text
    assert core["language"] == it.layout.locale.tag
    assert core["created"] == core["modified"] == "2018-06-06T00:00:00Z"
    custom = {str(node.get("name")): node[0].text for node in package.tree("docProps/custom.xml")}
    assert custom == {"Document number": f"{REAL}/1/{lang}", "Edition": "1", "Seal": canonical.seal(it.letter)}


def test_sections_follow_one_another_without_empty_paragraphs():
    for name, lang in EVERY:
        words = [(style, words.strip()) for style, words in opened(name, lang).paragraphs()]
        assert all(text for _, text in words)
        assert not any(a == b for a, b in pairwise(words))
