"""Reading PO files as people and their tools write them, and the one way of writing."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import polib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engross.errors import Problem
from engross.locales import BUILT_IN
from engross.translation.catalog import dump, headed, template
from engross.translation.parse import parse
from engross.translation.po import Catalog, Entry
from tests.translation.makers import CREATED, catalog, entry, message, msgfmt

HEADER = 'msgid ""\nmsgstr ""\n"Language: ko\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def read(text: str) -> tuple[Catalog, list[Problem]]:
    return parse(text.encode(), "ko.po")


def codes(text: str | bytes) -> list[tuple[str, int]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(problem.code, problem.where.line) for problem in parse(data, "ko.po")[1]]


def korean(*entries: Entry, notes: tuple[str, ...] = ()) -> Catalog:
    return headed(replace(catalog(*entries), notes=notes), "rivers", BUILT_IN["ko"], CREATED)


def test_a_full_catalogue_is_written_in_one_way(tmp_path):
    made = korean(
        entry(
            'Say "rivers"\\',
            "강",
            notes=("ask the desk", "", "  indented"),
            comments=("a paragraph",),
            references=("content/x/letter.md",),
            fuzzy=True,
            previous=("bullet", "Say rivers"),
        ),
        entry("Gone", "감", obsolete=True, notes=("memory",), fuzzy=True, previous=("paragraph", "Gone away")),
        entry("Rivers", "강", role="heading", flags=("no-wrap",)),
        notes=("Korean desk",),
    )
    expected = r"""# Korean desk
msgid ""
msgstr ""
"Project-Id-Version: rivers\n"
"Report-Msgid-Bugs-To: \n"
"POT-Creation-Date: 2030-01-31 09:00+0000\n"
"PO-Revision-Date: 2030-01-31 09:00+0000\n"
"Last-Translator: \n"
"Language-Team: Korean\n"
"Language: ko\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=1; plural=0;\n"

# ask the desk
#
#   indented
#. a paragraph
#: content/x/letter.md
#, fuzzy
#| msgctxt "bullet"
#| msgid "Say rivers"
msgctxt "paragraph"
msgid "Say \"rivers\"\\"
msgstr "강"

#, no-wrap
msgctxt "heading"
msgid "Rivers"
msgstr "강"

# memory
#, fuzzy
#~| msgctxt "paragraph"
#~| msgid "Gone away"
#~ msgctxt "paragraph"
#~ msgid "Gone"
#~ msgstr "감"
"""
    assert dump(made).decode() == expected
    assert msgfmt(dump(made), tmp_path) == ""
    again, problems = parse(dump(made), "x")
    assert problems == []
    assert dump(again) == dump(made)


def test_a_template_has_line_numbers_and_lacks_only_its_language(tmp_path):
    made = dump(template("rivers", [message("We write.").entry(lines=True)], CREATED))
    assert b"#: content/2030-01-31-rivers/letter.md:3\n" in made
    remarks = msgfmt(made, tmp_path).splitlines()
    assert [line.partition("warning: ")[2] for line in remarks] == ["header field 'Language' still has the initial default value"]


def test_poedit_style_is_read_and_written_canonically():
    poedit = (
        '\ufeffmsgid ""\r\nmsgstr ""\r\n"Language: ko\\n"\r\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\r\n"Content-Type: text/plain; charset=UTF-8\\n"\r\n"X-Generator: Poedit 3.4\\n"\r\n"Last-Translator: Korean desk <desk@example.org>\\n"\r\n\r\n'
        '#. a paragraph\r\n#: content/x/letter.md\r\n#, fuzzy\r\n#| msgid ""\r\n#| "We write "\r\n#| "to you."\r\nmsgctxt "paragraph"\r\nmsgid ""\r\n"We write "\r\n"about rivers."\r\nmsgstr ""\r\n"강에 대해 "\r\n"씁니다."\r\n'
    )
    made, problems = read(poedit)
    assert problems == []
    (only,) = made.entries
    assert (only.source, only.text, only.previous) == ("We write about rivers.", "강에 대해 씁니다.", ("paragraph", "We write to you."))
    written = dump(headed(made, "rivers", BUILT_IN["ko"], CREATED)).decode()
    assert '"Plural-Forms: nplurals=1; plural=0;\\n"\n"X-Generator: Poedit 3.4\\n"' in written
    assert '"Last-Translator: Korean desk <desk@example.org>\\n"' in written
    assert "\r" not in written
    assert "\ufeff" not in written
    assert 'msgid "We write about rivers."\nmsgstr "강에 대해 씁니다."\n' in written


def test_weblate_style_keeps_comments_flags_and_unknown_fields():
    made, problems = read(
        '# Korean team\n#\n#, fuzzy\nmsgid ""\nmsgstr ""\n"X-Generator: Weblate 5.9\\n"\n"Language: ko\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        '# is this right?\n#. a heading\n#: a.md b.md\n#, max-length:80, fuzzy\nmsgctxt "heading"\nmsgid "Rivers"\nmsgstr "강"\n\n#~ msgctxt "heading"\n#~ msgid "Long "\n#~ "gone"\n#~ msgstr "오래전"\n'
    )
    assert problems == []
    written = dump(headed(made, "rivers", BUILT_IN["ko"], CREATED)).decode()
    assert written.startswith('# Korean team\n#\nmsgid ""\n')
    assert '# is this right?\n#. a heading\n#: a.md b.md\n#, fuzzy, max-length:80\nmsgctxt "heading"' in written
    assert '#~ msgid "Long gone"\n#~ msgstr "오래전"\n' in written


def test_values_of_gettexts_templates_are_not_kept():
    made, _ = read(HEADER.replace("Language: ko", 'Last-Translator: FULL NAME <EMAIL@ADDRESS>\\n"\n"PO-Revision-Date: YEAR-MO-DA HO:MI+ZONE'))
    header = headed(made, "rivers", BUILT_IN["ko"], CREATED).header
    assert (header["Last-Translator"], header["PO-Revision-Date"]) == ("", CREATED)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEADER + 'msgid "a"\nmsgstr "가\n', [("po-syntax", 7)]),
        (HEADER + 'msgid "a "b" c"\nmsgstr ""\n', [("po-syntax", 6)]),
        (HEADER + 'msgid "a"\n\nmsgid "b"\nmsgstr ""\n', [("po-syntax", 6)]),
        (HEADER + 'msgstr "가"\n', [("po-syntax", 6)]),
        (HEADER + 'msgid "a"\nmsgstr "가"\n\n<<<<<<< HEAD\nmsgid "b"\nmsgstr ""\n', [("po-syntax", 9)]),
        (HEADER + 'msgid "a"\nmsgstr "\\q"\n', [("po-syntax", 7)]),
        (HEADER + 'msgid "a"\nmsgstr "\\352"\n', [("po-syntax", 7)]),
        (HEADER + 'msgid "a"\nmsgstr "가"\n\nmsgid "a"\nmsgstr "나"\n', [("po-duplicate", 9)]),
        (HEADER + HEADER, [("po-duplicate", 6)]),
        (HEADER + 'msgid "a"\nmsgid_plural "as"\nmsgstr[0] "가"\n', [("po-plural", 6)]),
        (HEADER + 'msgid "a"\nmsgstr "가\\n"\n', [("po-newline", 6)]),
        (HEADER + 'msgctxt "x"\nmsgid ""\nmsgstr "가"\n', [("po-syntax", 7)]),
        ('msgid "a"\nmsgstr "가"\n', [("po-no-header", 1)]),
        ("", [("po-no-header", 1)]),
        (HEADER.replace("UTF-8", "EUC-KR"), [("po-charset", 1)]),
        (HEADER + '"stray"\nmsgid "a"\nmsgstr "b\n"', [("po-syntax", 8), ("po-syntax", 9)]),
    ],
)
def test_every_fault_has_its_code_and_line(text, expected):
    found = codes(text)
    assert [f for f in found if f in expected] == expected
    assert len(found) <= len(expected) + 1


def test_files_in_other_encodings_are_refused_with_the_line():
    assert codes((HEADER + 'msgid "a"\nmsgstr "').encode() + "한국".encode("cp949") + b'"\n')[0] == ("po-encoding", 7)
    assert codes((HEADER).encode("utf-16"))[0] == ("po-encoding", 1)


def test_all_faults_of_a_file_are_reported_at_once():
    broken = HEADER + 'msgid "a"\nmsgstr "가\n\nmsgid "b"\nmsgstr "\\q"\n\nmsgid "b"\nmsgstr ""\n'
    assert [code for code, _ in codes(broken)] == ["po-syntax", "po-syntax", "po-duplicate"]


def test_what_polib_would_lose_is_kept():
    made, problems = read(HEADER + '#~| msgid "Old"\n#, fuzzy\n#~ msgid "a\u2028b"\n#~ msgstr "가\x85나"\n# last words\n')
    assert problems == []
    (only,) = made.entries
    assert (only.source, only.text, only.previous) == ("a\u2028b", "가\x85나", ("", "Old"))
    assert made.tail == ("last words",)
    assert parse(dump(made), "x")[0] == replace(made, path="x")


words = st.text(st.characters(codec="utf-8", exclude_characters="\0", categories=["L", "M", "N", "P", "S", "Z", "Cc", "Cf"]), min_size=1, max_size=30)
lines = st.text(st.characters(codec="utf-8", exclude_characters="\0\n\r", categories=["L", "M", "N", "P", "S", "Z", "Cc", "Cf"]), max_size=20).map(lambda s: s.rstrip(" \t\f"))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["paragraph", "bullet", ""]), words, words, st.booleans(), st.booleans(), st.lists(lines, max_size=2)),
        max_size=5,
        unique_by=lambda e: (e[0], e[1]),
    )
)
def test_what_is_written_is_read_back_the_same(rows):
    made = korean(
        *(
            entry(source, text.strip("\n") or "x", role, fuzzy=fuzzy, obsolete=obsolete, notes=tuple(notes), previous=(role, "was") if fuzzy else None)
            for role, source, text, fuzzy, obsolete, notes in rows
        )
    )
    again, problems = parse(dump(made), "")
    assert problems == []
    assert [e for e in again.entries if not e.obsolete] == list(made.active)
    assert list(again.obsolete) == list(made.obsolete)
    assert dump(again) == dump(made)


def test_polib_and_msgcat_read_the_same(tmp_path):
    made = korean(entry("One", "하나", notes=("note",)), entry("Two", "둘", role="bullet", fuzzy=True, previous=("paragraph", "Two")), entry("Old", "옛", obsolete=True))
    file = tmp_path / "a.po"
    file.write_bytes(dump(made))
    seen = polib.pofile(str(file))
    assert [(e.msgctxt, e.msgid, e.msgstr, e.fuzzy, bool(e.obsolete)) for e in seen] == [
        ("paragraph", "One", "하나", False, False),
        ("bullet", "Two", "둘", True, False),
        ("paragraph", "Old", "옛", False, True),
    ]
    done = subprocess.run(["msgcat", "--no-wrap", str(file)], capture_output=True, check=True)
    assert parse(done.stdout, "")[0].entries == made.entries
