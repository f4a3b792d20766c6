"""The merge rule, and that nothing is lost which msgmerge keeps."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engross.locales import BUILT_IN
from engross.translation.catalog import dump, headed, template
from engross.translation.merge import Merge, merge, purge
from engross.translation.messages import Message
from engross.translation.parse import parse
from engross.translation.po import Catalog, Entry
from engross.translation.similarity import similarity
from tests.translation.makers import CREATED, catalog, entry, message, msgfmt

RIVER = "Allow independent experts to take samples from every river in the country."
RIVER_EDITED = "Allow independent experts to take water samples from every river in the country."
LAKE = "Publish a yearly report on the state of the lakes and their shores."


def one(merged: Merge, source: str) -> Entry:
    return next(e for e in merged.catalog.active if e.source == source)


def test_an_unchanged_text_keeps_everything_people_wrote():
    old = catalog(entry(RIVER, "강", notes=("ask",), fuzzy=True, previous=("bullet", "x"), flags=("max-length:80", "python-format")))
    merged = merge(old, [message(RIVER)])
    assert one(merged, RIVER) == replace(old.entries[0], comments=("a paragraph",), references=("content/2030-01-31-rivers/letter.md",), flags=("max-length:80",))
    assert merged.same == (("paragraph", RIVER),)


def test_a_moved_text_keeps_its_translation_and_the_letters_order_is_the_files():
    merged = merge(catalog(entry("One is first", "일"), entry("Two follows", "이")), [message("Two follows"), message("Something quite different"), message("One is first")])
    assert [(e.source, e.text, e.fuzzy) for e in merged.catalog.entries] == [("Two follows", "이", False), ("Something quite different", "", False), ("One is first", "일", False)]


def test_a_paragraph_that_became_a_bullet_is_fuzzy_with_its_previous_role():
    merged = merge(catalog(entry(RIVER, "강")), [message(RIVER, "bullet")])
    assert one(merged, RIVER).previous == ("paragraph", RIVER)
    assert merged.fuzzy == (("bullet", RIVER),)


def test_a_text_that_also_stands_elsewhere_is_proposed_for_a_second_role():
    merged = merge(catalog(entry(RIVER, "강")), [message(RIVER), message(RIVER, "bullet")])
    assert [(e.role, e.text, e.fuzzy) for e in merged.catalog.entries] == [("paragraph", "강", False), ("bullet", "강", True)]


def test_an_edited_text_is_fuzzy_with_the_previous_source_and_its_notes():
    merged = merge(catalog(entry(RIVER, "강", notes=("ask",))), [message(RIVER_EDITED)])
    made = one(merged, RIVER_EDITED)
    assert (made.text, made.fuzzy, made.previous, made.notes) == ("강", True, ("paragraph", RIVER), ("ask",))


def test_an_edit_that_is_taken_back_finds_its_translation_again():
    start = catalog(entry(RIVER, "강"))
    edited = merge(start, [message(RIVER_EDITED)]).catalog
    back = merge(edited, [message(RIVER)])
    assert [(e.source, e.text, e.fuzzy) for e in back.catalog.entries] == [(RIVER, "강", False)]
    assert back.revived == (("paragraph", RIVER),)


def test_the_same_role_is_preferred_for_a_fuzzy_match():
    merged = merge(catalog(entry(RIVER, "as heading", role="heading"), entry(RIVER, "as bullet", role="bullet")), [message(RIVER_EDITED, "bullet")])
    assert one(merged, RIVER_EDITED).text == "as bullet"


def test_the_best_pairs_are_made_not_the_first_ones():
    better = RIVER + " Now."
    merged = merge(catalog(entry(RIVER, "강")), [message(RIVER[:50] + " somewhere."), message(better)])
    assert one(merged, better).text == "강"
    assert merged.catalog == merge(catalog(entry(RIVER, "강")), [message(RIVER[:50] + " somewhere."), message(better)]).catalog


def test_two_swapped_edits_each_find_their_own():
    merged = merge(catalog(entry(RIVER, "강"), entry(LAKE, "호수")), [message(LAKE + " Soon."), message(RIVER_EDITED)])
    assert [e.text for e in merged.catalog.active] == ["호수", "강"]


def test_both_halves_of_a_text_that_was_cut_get_its_translation():
    whole = f"{RIVER} {LAKE}"
    merged = merge(catalog(entry(whole, "둘")), [message(RIVER), message(LAKE)])
    assert [(e.text, e.fuzzy) for e in merged.catalog.active] == [("둘", True), ("둘", True)]


def test_an_obsolete_entry_is_revived():
    merged = merge(catalog(entry(RIVER, "강", obsolete=True, notes=("memory",))), [message(RIVER)])
    assert [(e.text, e.fuzzy, e.obsolete, e.notes) for e in merged.catalog.entries] == [("강", False, False, ("memory",))]
    assert merged.revived


def test_a_text_that_goes_stays_as_memory_until_purged():
    merged = merge(catalog(entry(RIVER, "강"), entry(LAKE, ""), entry("Unsure", "?", notes=("n",))), [message("Quite another thing")])
    assert [(e.source, e.obsolete) for e in merged.catalog.entries] == [("Quite another thing", False), (RIVER, True), ("Unsure", True)]
    assert [e.source for e in purge(merged.catalog).entries] == ["Quite another thing"]


def test_a_question_on_an_untranslated_text_follows_its_edit():
    merged = merge(catalog(entry(RIVER, "", notes=("which river?",))), [message(RIVER_EDITED)])
    made = one(merged, RIVER_EDITED)
    assert (made.text, made.fuzzy, made.notes) == ("", False, ("which river?",))


def test_a_question_on_an_untranslated_text_that_is_gone_is_kept():
    merged = merge(catalog(entry(RIVER, "", notes=("which river?",))), [])
    assert [(e.notes, e.obsolete) for e in merged.catalog.entries] == [(("which river?",), True)]


def test_a_new_name_does_not_borrow_anothers_translation():
    merged = merge(
        catalog(entry("Rivers Network", "강 네트워크", role="signatory")),
        [message("Rivers Network", "signatory", optional=True), message("Rivers Networks", "signatory", optional=True)],
    )
    assert one(merged, "Rivers Networks").text == ""


def test_a_minor_change_keeps_the_translation_and_is_listed():
    merged = merge(catalog(entry(RIVER, "강")), [message(RIVER_EDITED)], minor=True)
    made = one(merged, RIVER_EDITED)
    assert (made.text, made.fuzzy, made.previous) == ("강", False, None)
    assert merged.touched == (("paragraph", RIVER_EDITED),)
    assert list(merged.catalog.obsolete) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("Close 18 of the 20 outlets at once.", "Close 19 of the 20 outlets at once."), (RIVER, RIVER[:45] + " and of all the others too.")],
    ids=["a figure changed", "too different"],
)
def test_what_is_not_minor_stays_fuzzy_even_if_it_is_called_so(old, new):
    merged = merge(catalog(entry(old, "강")), [message(new)], minor=True)
    assert one(merged, new).fuzzy
    assert not merged.touched


def test_a_minor_change_does_not_bless_a_fuzzy_translation():
    assert one(merge(catalog(entry(RIVER, "강", fuzzy=True)), [message(RIVER_EDITED)], minor=True), RIVER_EDITED).fuzzy


def test_several_edits_before_the_translator_comes_keep_the_source_that_was_translated():
    first = merge(catalog(entry(RIVER, "강")), [message(RIVER_EDITED)]).catalog
    second = merge(first, [message(RIVER_EDITED + " Now.")])
    assert one(second, RIVER_EDITED + " Now.").previous == ("paragraph", RIVER)
    assert [(e.source, e.text, e.fuzzy) for e in second.catalog.obsolete] == [(RIVER, "강", False)]


def test_an_inserted_bullet_changes_only_its_own_lines():
    texts = [RIVER, LAKE, "Thank the people who live there for their patience."]
    old = headed(catalog(*(entry(t, f"번역 {n}", "bullet") for n, t in enumerate(texts))), "x", BUILT_IN["ko"], CREATED)
    old = replace(old, entries=merge(old, [message(t, "bullet") for t in texts]).catalog.entries)
    new = merge(old, [message(t, "bullet") for t in (texts[0], "Zeppelin quiz: box jumps vow.", *texts[1:])]).catalog
    before, after = dump(old).decode().split("\n\n"), dump(new).decode().split("\n\n")
    assert [block for block in after if block not in before] == [after[2]]
    assert [block for block in before if block not in after] == []


def test_similarity_is_the_longest_common_subsequence():
    assert similarity("abcd", "abcd") == 1
    assert similarity("abcd", "xbxd") == 0.5
    assert similarity("", "a") == 0
    assert similarity("가나다", "가다") == pytest.approx(0.8)


# -- against msgmerge

SENTENCES = (
    RIVER,
    LAKE,
    "We welcome the dialogue of last year but have yet to see actions that would signal clear improvements.",
    "Agree to meet with officials of the Organization to discuss steps to improve working conditions.",
    "Ensure all workers are fairly paid and that their families have housing, food, and health care.",
    "Permit visits to prisons, including visits without notice, by an international committee.",
    "Thank you for your consideration and we look forward to your reply.",
    "End the use of forced labor in all projects.",
)

Rows = list[tuple[str, str]]

edits = st.lists(
    st.tuples(st.sampled_from(["insert", "delete", "swap", "retype", "word", "cut", "join", "back"]), st.integers(0, 30), st.integers(0, 30)),
    min_size=1,
    max_size=6,
)


def edited(start: Rows, script: Sequence[tuple[str, int, int]]) -> Rows:
    """Texts with roles after the edits of a script."""
    rows = list(start)
    for what, i, j in script:
        if not rows:
            rows = [("paragraph", SENTENCES[i % len(SENTENCES)])]
        n = i % len(rows)
        role, text = rows[n]
        words = text.split()
        if what == "insert":
            rows.insert(n, ("bullet", f"{SENTENCES[j % len(SENTENCES)]} Also {j}."))
        elif what == "delete":
            del rows[n]
        elif what == "swap":
            m = j % len(rows)
            rows[n], rows[m] = rows[m], rows[n]
        elif what == "retype":
            rows[n] = ("bullet" if role == "paragraph" else "paragraph", text)
        elif what == "word":
            words[j % len(words)] = f"changed{j}"
            rows[n] = (role, " ".join(words))
        elif what == "cut" and len(words) > 3:
            half = len(words) // 2
            rows[n : n + 1] = [(role, " ".join(words[:half])), (role, " ".join(words[half:]))]
        elif what == "join" and n + 1 < len(rows):
            rows[n : n + 2] = [(role, f"{text} {rows[n + 1][1]}")]
        elif what == "back" and start:
            rows.append(start[j % len(start)])
    return list(dict.fromkeys(rows))


def by_msgmerge(old: Catalog, wanted: Sequence[Message], tmp_path: Path) -> Catalog:
    po, pot = tmp_path / "old.po", tmp_path / "new.pot"
    po.write_bytes(dump(old))
    pot.write_bytes(dump(template("x", [m.entry(lines=True) for m in wanted], CREATED)))
    done = subprocess.run(["msgmerge", "--previous", "--no-wrap", "--quiet", str(po), str(pot)], capture_output=True, check=True)
    made, problems = parse(done.stdout, "")
    assert problems == []
    return made


def compare(old: Catalog, wanted: Sequence[Message], tmp_path: Path) -> tuple[Catalog, Catalog]:
    ours, theirs = merge(old, wanted).catalog, by_msgmerge(old, wanted, tmp_path)
    mine = ours.by_key()
    for theirs_entry in theirs.active:
        assert not theirs_entry.text or mine[theirs_entry.key].text, f"msgmerge proposes for {theirs_entry.key}"
        if theirs_entry.translated:
            assert mine[theirs_entry.key].translated
            assert mine[theirs_entry.key].text == theirs_entry.text
    kept = {e.text for e in ours.entries}
    assert {e.text for e in theirs.entries} <= kept
    assert {e.text for e in old.entries if e.text} <= kept, "a translation was lost"
    assert {n for e in theirs.entries for n in e.notes} <= {n for e in ours.entries for n in e.notes}
    return ours, theirs


def starting_catalog(rows: Rows) -> Catalog:
    entries = [entry(text, f"번역 {n}", role, notes=(f"note {n}",) if n % 3 == 0 else ()) for n, (role, text) in enumerate(rows)]
    return headed(catalog(*entries), "x", BUILT_IN["ko"], CREATED)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(edits, min_size=1, max_size=3))
def test_after_random_edits_nothing_is_lost_that_msgmerge_keeps(tmp_path_factory, scripts):
    folder = tmp_path_factory.mktemp("merge")
    start = [("paragraph" if n % 2 else "bullet", text) for n, text in enumerate(SENTENCES)]
    old, rows = starting_catalog(start), start
    for script in scripts:
        rows = edited(rows, script)
        wanted = [message(text, role) for role, text in rows]
        ours, _ = compare(old, wanted, folder)
        written = dump(ours)
        assert msgfmt(written, folder) == ""
        assert dump(parse(written, "")[0]) == written
        assert dump(merge(ours, wanted).catalog) == written, "a second merge changes something"
        old = ours


def test_ours_keeps_more_where_msgmerge_forgets(tmp_path):
    """A question on an untranslated text, and the finished translation of a text whose edit is taken back."""
    old = replace(starting_catalog([("paragraph", RIVER)]), entries=(entry(RIVER, "강"), entry(LAKE, "", notes=("which lakes?",))))
    edited_once = [message(RIVER_EDITED), message(LAKE + " Soon.")]
    ours, theirs = compare(old, edited_once, tmp_path)
    assert "which lakes?" in {n for e in ours.entries for n in e.notes}
    back = [message(RIVER), message(LAKE)]
    assert merge(ours, back).catalog.by_key()["paragraph", RIVER].translated
    assert not by_msgmerge(theirs, back, tmp_path).by_key()["paragraph", RIVER].translated
