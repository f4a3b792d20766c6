"""A letter in another language, its gaps, its state, and the approval that a change voids by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from engross.errors import Rejected, UsageError
from engross.labels import Labels
from engross.letter import Letter, Paragraph, Standing
from engross.project import Project
from engross.translation import approve, catalog, gaps, load, localize, localize_labels, unapproved
from engross.translation.approval import read_reviews, state
from engross.translation.localization import territory_name
from engross.translation.po import Catalog, Entry
from engross.translation.progress import LetterStatus, language_status, parts_of
from engross.translation.refresh import plan, write
from tests.translation.makers import CREATED, ID, domains, labels, letter, project, segment

TODAY = date(2030, 2, 1)


@pytest.fixture
def space(tmp_path):
    made = project(tmp_path)
    write(made, plan(made, domains(), created=CREATED)[0])
    return made


def edit(made: Project, change: Callable[[Entry], Entry], domain: str = ID, lang: str = "ko") -> None:
    path = catalog.catalog_path(made, lang, domain)
    old, _ = catalog.read(made, path)
    path.write_bytes(catalog.dump(replace(old, entries=tuple(map(change, old.entries)))))


def fill(made: Project, lang: str = "ko") -> None:
    for domain in domains():
        edit(made, lambda e: e if e.role in ("signatory", "place") else replace(e, text=f"<b>{e.source}</b>"), domain, lang)


def set_text(made: Project, source: str, text: str, *, fuzzy: bool = False, domain: str = ID) -> None:
    edit(made, lambda e: replace(e, text=text, fuzzy=fuzzy) if e.source == source else e, domain)


def version(made: Project, lang: str = "ko", given: Letter | None = None) -> tuple[Letter, Labels]:
    source = given or letter()
    found, problems = load(made, lang, source)
    assert problems == []
    return localize(source, found, made.locale(lang)), localize_labels(labels(), found)


def test_the_source_language_is_the_letter_itself(space):
    local, words = version(space, "en")
    assert local == letter()
    assert words["cc"] == "CC:"


def test_translated_fuzzy_and_empty_stand_as_what_they_are(space):
    set_text(space, "Thank you.", "감사합니다.")
    set_text(space, "We ask you to:", "요청합니다.", fuzzy=True)
    local, _ = version(space)
    found = {s.label: s for s in local.segments()}
    assert local.lang == "ko"
    assert [(found[k].text, found[k].lang, found[k].standing) for k in ("p2", "s1.p1", "p1")] == [
        ("감사합니다.", "ko", Standing.TRANSLATED),
        ("We ask you to:", "en", Standing.FUZZY),
        ("We write about the rivers.", "en", Standing.EMPTY),
    ]


def test_a_translation_is_data_whatever_it_looks_like(space):
    fill(space)
    local, words = version(space)
    assert local.closing.text == "<b>Sincerely,</b>"
    assert words["cc"] == "<b>CC:</b>"


def test_names_print_as_their_owners_write_them_and_places_take_cldrs_name(space):
    local, _ = version(space)
    rivers, lakes = local.printed
    assert (rivers.name.text, rivers.name.lang, rivers.name.standing) == ("Rivers Network", "en", Standing.SOURCE)
    assert rivers.place
    assert (rivers.place.text, rivers.place.lang, rivers.place.standing) == (territory_name("KR", space.locale("ko")), "ko", Standing.TRANSLATED)
    assert lakes.place
    assert (lakes.place.text, lakes.place.standing) == ("The Lakes", Standing.SOURCE)


def test_a_translated_place_wins_over_cldr_and_a_name_left_as_it_is_keeps_its_language(space):
    set_text(space, "South Korea", "남한")
    set_text(space, "Rivers Network", "Rivers Network")
    rivers = version(space)[0].printed[0]
    assert rivers.place
    assert rivers.place.text == "남한"
    assert (rivers.name.lang, rivers.name.standing) == ("en", Standing.TRANSLATED)


@pytest.mark.parametrize(("code", "name"), [("KR", "Corea del Sur"), ("KOR", "Corea del Sur"), ("GM", "Gambia"), ("XX", ""), ("", "")])
def test_territories_have_names_by_either_iso_code(space, code, name):
    assert territory_name(code, space.locale("es")) == name


def test_a_language_that_cldr_does_not_know_needs_no_code(space):
    unknown = replace(space.locale("es"), code="tlh")
    assert territory_name("KR", unknown) == ""
    assert catalog.headed(Catalog(), ID, unknown, CREATED).header["Language-Team"] == "tlh"


def test_gaps_name_each_entry_once_with_its_line(space):
    fill(space)
    assert gaps(version(space)[0], labels(), load(space, "ko", letter())[0]) == []
    set_text(space, "Thank you.", "")
    set_text(space, "CC:", "x", fuzzy=True, domain="layouts")
    set_text(space, "Geneva", "", domain="missions")
    translations, _ = load(space, "ko", letter())
    found = gaps(version(space)[0], labels(), translations)
    assert [(p.code, p.where.path) for p in found] == [
        ("untranslated", f"translations/ko/LC_MESSAGES/{ID}.po"),
        ("untranslated", "translations/ko/LC_MESSAGES/missions.po"),
        ("fuzzy", "translations/ko/LC_MESSAGES/layouts.po"),
    ]
    for problem in found:
        line = (space.root / problem.where.path).read_text().splitlines()[problem.where.line - 1]
        assert line.startswith("msgid ")


def test_a_text_the_catalogue_does_not_know_and_a_missing_catalogue_say_what_to_do(space):
    fill(space)
    changed = replace(letter(), closing=replace(letter().closing, text="Yours,"))
    local, _ = version(space, given=changed)
    (problem,) = gaps(local, labels(), load(space, "ko", changed)[0])
    assert problem.code == "untranslated"
    assert "engross update" in problem.hint
    catalog.catalog_path(space, "ko", "missions").unlink()
    (first, second) = gaps(version(space, given=changed)[0], labels(), load(space, "ko", changed)[0])
    assert (second.message, second.where.path) == ("there is no such catalogue yet", "translations/ko/LC_MESSAGES/missions.po")
    assert first == problem


def test_a_broken_catalogue_is_told_with_its_line(space):
    path = catalog.catalog_path(space, "ko", ID)
    path.write_text(path.read_text().replace('msgid "Thank you."', 'msgid "Thank you.'))
    _, (problem,) = load(space, "ko", letter())
    assert (problem.code, path.read_text().splitlines()[problem.where.line - 1]) == ("po-syntax", 'msgid "Thank you.')


# -- approval


def test_an_approval_holds_until_a_text_changes_and_then_names_it(space):
    fill(space)
    (problem,) = unapproved(space, *version(space))
    assert (problem.code, "nobody" in problem.message) == ("not-approved", True)
    entry = approve(space, *version(space), "second reader, Korean desk", TODAY)
    assert unapproved(space, *version(space)) == []
    assert (space.translations / "reviews.csv").read_text() == f'letter,language,reviewer,date,digest\n{ID},ko,"second reader, Korean desk",2030-02-01,{entry.digest}\n'
    set_text(space, "Close 18 of the 20 outlets.", "다른 말")
    (problem,) = unapproved(space, *version(space))
    assert "changed: s1.b2 “다른 말”" in problem.message
    assert problem.is_error
    local, words = version(space)
    (problem,) = unapproved(space, local, words, load(space, "ko", letter())[0])
    path = catalog.catalog_path(space, "ko", ID)
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if 'msgid "Close 18 of the 20 outlets."' in text)
    place = re.search(r"changed: s1.b2 “Close 18 of the 20 outlets.” \(translations/ko/LC_MESSAGES/.+\.po:(\d+)\)", problem.message)
    assert place, problem.message
    assert abs(int(place[1]) - line) <= 3
    assert f"engross approve {ID} -l ko --by ROLE" in problem.hint


def test_of_many_changed_texts_a_few_are_named_and_the_others_counted(space):
    fill(space)
    approve(space, *version(space), "second reader", TODAY)
    path = catalog.catalog_path(space, "ko", ID)
    path.write_text(re.sub(r'^msgstr "(.+)"$', r'msgstr "\1!"', path.read_text(), flags=re.MULTILINE))
    (problem,) = unapproved(space, *version(space))
    total = len(state(space, *version(space))[0].changed)
    assert total > 5
    assert f" and {total - 3} more: engross status lists them" in problem.message
    assert problem.message.count("“") == 3


def test_a_change_taken_back_is_approved_again(space):
    fill(space)
    before = catalog.catalog_path(space, "ko", ID).read_bytes()
    approve(space, *version(space), "second reader", TODAY)
    set_text(space, "Thank you.", "x")
    assert unapproved(space, *version(space))
    catalog.catalog_path(space, "ko", ID).write_bytes(before)
    assert unapproved(space, *version(space)) == []


@pytest.mark.parametrize(
    ("domain", "source", "label"), [("missions", "Permanent Representative", "cc.geneva.title"), ("layouts", "CC:", "label.cc"), (ID, "South Korea", "sig.rivers.place")]
)
def test_missions_layout_words_and_places_are_covered_too(space, domain, source, label):
    fill(space)
    approve(space, *version(space), "second reader", TODAY)
    set_text(space, source, "x", domain=domain)
    assert state(space, *version(space))[0].changed == (label,)


def test_a_name_in_its_owners_spelling_is_not_covered(space):
    fill(space)
    approve(space, *version(space), "second reader", TODAY)
    old = letter()
    renamed = replace(old, signatories=(*old.signatories[:1], replace(old.signatories[1], name=replace(old.signatories[1].name, text="Lakes Union")), *old.signatories[2:]))
    assert unapproved(space, *version(space, given=renamed)) == []


def test_an_inserted_text_voids_by_its_own_label_alone_and_a_removed_one_by_its_old(space):
    fill(space)
    approve(space, *version(space), "second reader", TODAY)
    old = letter()
    added = replace(old, body=(Paragraph(segment("paragraph", "Brand new.", "p0", markup=True)), *old.body))
    assert state(space, *version(space, given=added))[0].changed == ("p0",)
    removed = replace(old, body=old.body[:-1])
    found = state(space, *version(space, given=removed))[0]
    assert (found.changed, found.removed, found.reason()) == ((), ("p2",), "gone: p2")


def test_another_order_voids_too(space):
    fill(space)
    approve(space, *version(space), "second reader", TODAY)
    old = letter()
    turned = replace(old, body=(old.body[2], old.body[1], old.body[0]))
    assert state(space, *version(space, given=turned))[0].reason() == "the order of the texts changed"


def test_an_unfinished_language_cannot_be_approved_and_nothing_is_written(space):
    fill(space)
    set_text(space, "Thank you.", "?", fuzzy=True)
    with pytest.raises(Rejected) as caught:
        approve(space, *version(space), "second reader", TODAY)
    assert [p.code for p in caught.value.problems] == ["fuzzy"]
    assert not (space.translations / "reviews.csv").exists()


def test_the_source_language_may_be_approved(space):
    approve(space, *version(space, "en"), "editor", TODAY)
    assert unapproved(space, *version(space, "en")) == []


@pytest.mark.parametrize("reviewer", ["", "  ", "=HYPERLINK(1)", "+1", "@x"])
def test_a_reviewer_is_named_and_is_no_formula(space, reviewer):
    fill(space)
    with pytest.raises(UsageError):
        approve(space, *version(space), reviewer, TODAY)


def test_a_table_saved_by_a_spreadsheet_program_is_read(space):
    fill(space)
    approve(space, *version(space), "second reader", TODAY)
    path = space.translations / "reviews.csv"
    path.write_bytes(("\ufeff" + path.read_text().replace(",", ";").replace("\n", "\r\n")).encode())
    assert unapproved(space, *version(space)) == []


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"letter,language\n", 1),
        (b"letter,language,reviewer,date,digest\nx,ko,r,1.2.2030,y\n", 2),
        ("letter\n가".encode("cp949"), 2),
        (b"letter,language,reviewer,date,digest\nx,ko\n", 2),
        (b"letter,language,reviewer,date,digest\n" + b"x" * 200_000, 2),
    ],
)
def test_faults_of_the_table_have_their_line(space, data, line):
    space.translations.joinpath("reviews.csv").write_bytes(data)
    (problem,) = read_reviews(space)[1]
    assert (problem.code, problem.where.line) == ("bad-reviews", line)


# -- status


def row(made: Project, lang: str = "ko") -> LetterStatus:
    found, problems = language_status(made, letter(), labels(), load(made, lang, letter())[0])
    assert problems == []
    return LetterStatus(ID, (found,))


def test_status_counts_texts_and_source_words(space):
    (before,) = row(space).languages
    assert (before.translated, before.fuzzy, before.total.optional) == (0, 0, 4)
    assert before.words_left == before.total.words
    fill(space)
    set_text(space, "Thank you.", "")
    set_text(space, "We ask you to:", "x", fuzzy=True)
    found = row(space)
    (after,) = found.languages
    assert (after.fuzzy, after.empty, after.words_left) == (1, 1, 6)
    assert after.translated == before.empty - 2
    assert [(part.name, part.words_left) for part in after.parts if part.words_left] == [("Clean the Rivers", 4), ("closing", 2)]
    assert after.last_change == CREATED
    assert found.line() == f"ko {after.translated * 100 // before.empty} % (1 fuzzy)"


def test_status_tells_who_approved_and_what_voids_it(space):
    fill(space)
    approve(space, *version(space), "second reader", TODAY)
    assert row(space).languages[0].approval == "second reader, 2030-02-01"
    set_text(space, "Thank you.", "x")
    assert row(space).languages[0].approval == "void (second reader, 2030-02-01): changed: p2"
    (entry,) = row(space).to_json()["languages"]
    assert (entry["approved"], entry["changed_since"], entry["approved_on"]) == (False, ["p2"], "2030-02-01")


def test_status_lists_the_checks_that_translators_silenced(space):
    fill(space)
    edit(space, lambda e: replace(e, notes=("waive figures: counted otherwise here", "another note")) if e.source == "Thank you." else e)
    (waived,) = row(space).languages[0].waivers
    assert (waived.code, waived.reason) == ("figures", "counted otherwise here")
    assert waived.where.startswith(f"translations/ko/LC_MESSAGES/{ID}.po:")
    assert row(space).to_json()["languages"][0]["waivers"][0]["code"] == "figures"


def test_every_printed_text_is_in_one_part():
    parts = parts_of(letter())
    assert list(parts) == ["opening", "Clean the Rivers", "closing", "signatories", "missions"]
    assert [s.label for s in parts["Clean the Rivers"]] == ["s1", "s1.p1", "s1.b1", "s1.b2"]
    assert [s.label for s in parts["closing"]] == ["p2", "closing"]
    assert {s.label for found in parts.values() for s in found} == {s.label for s in letter().segments() if not s.label.startswith(("sig.twice", "sig.gone"))}
