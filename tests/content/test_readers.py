"""The parts of the reader on their own: rows with positions, encodings, glyphs; and that nothing whatever makes it raise."""

from __future__ import annotations

import csv
import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engross.content import contact, glyphs, missing_glyphs, read_glossary, read_labels, read_letter, read_missions
from engross.content.body import Body, read_body
from engross.content.contact import email_problems
from engross.content.source import decode, looks_like
from engross.content.table_file import read_table
from engross.content.wording import wording_problems
from engross.content.yaml_tree import Scalar, Table, read_yaml
from engross.errors import Position
from engross.files import inside
from engross.letter import Segment, _walk
from engross.locales import BUILT_IN
from engross.project import Project, find

SECOND = "2020-02-29-second"
quick = settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


# -- addresses


@settings(quick, max_examples=150)
@given(st.text("aZ0.-_@", max_size=12), st.sampled_from(["a.org", "b-c.test.int", "x.local", "1.kr", "-.com", "a--b.com", "com", "test", "o.example"]), st.sampled_from([1, 60]))
def test_an_address_is_what_email_validator_takes(local: str, domain: str, times: int) -> None:
    address = f"{local * times}@{domain}"
    try:
        validate_email(address, check_deliverability=False)
        good = True
    except EmailNotValidError:
        good = False
    assert (email_problems(address, Position("f")) == []) is good


def test_codes_that_are_known_without_cldr_are_known_to_cldr() -> None:
    languages, territories = contact._english()
    assert languages.issuperset(contact.ISO_639.split())
    assert territories.issuperset(contact.ISO_3166.split())


def test_cldr_is_not_loaded_for_codes_that_everybody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def english() -> tuple[frozenset[str], frozenset[str]]:
        asked.append(True)
        return frozenset({"haw"}), frozenset({"KOR"})

    monkeypatch.setattr(contact, "_english", english)
    assert [contact.known_language(tag) for tag in ("ko", "zh-Hant", "en-GB")] == [True] * 3
    assert [contact.known_territory(code) for code in ("KR", "NO")] == [True] * 2
    assert asked == []
    assert [contact.known_language(tag) for tag in ("haw", "xx", "")] == [True, False, False]
    assert [contact.known_territory(code) for code in ("KOR", "XX", "kr", "D ", " A", "E\u200b")] == [True, *[False] * 5]


# -- CSV


def test_lines_are_right_after_quoted_line_breaks() -> None:
    rows, problems = read_table('id,note\na,"one\ntwo\n"\nb,"x, ""y"""\n\nc,z', "f.csv", ("id", "note"), ("id",))
    assert problems == []
    assert [(row["id"].text, row.where.line, row["note"].text, row["note"].where) for row in rows] == [
        ("a", 2, "one\ntwo", Position("f.csv", 2, 3)),
        ("b", 5, 'x, "y"', Position("f.csv", 5, 3)),
        ("c", 7, "z", Position("f.csv", 7, 3)),
    ]


def test_an_unclosed_quotation_mark_is_named_where_it_opens_and_the_rest_is_read() -> None:
    rows, problems = read_table('id,note\na,"one\nb,two\n', "f.csv", ("id", "note"), ("id",))
    assert [(p.code, str(p.where)) for p in problems] == [("unbalanced-quotes", "f.csv:2:3")]
    assert [row["id"].text for row in rows] == ["a", "b"]


def test_rows_that_excel_leaves_empty_are_no_rows() -> None:
    rows, problems = read_table("id,note\n,\na,b\n,\n,\n", "f.csv", ("id", "note"), ("id",))
    assert (len(rows), problems) == (1, [])


@quick
@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=8), min_size=2, max_size=2), max_size=5))
def test_rows_are_those_of_the_standard_library(values: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["id", "note"], *values])
    rows, problems = read_table(stream.getvalue(), "f.csv", ("id", "note"), ("id",))
    assert problems == []
    assert [[row["id"].text, row["note"].text] for row in rows] == [[a.strip(), b.strip()] for a, b in values if a.strip() or b.strip()]


# -- YAML


def test_scalars_are_what_is_written() -> None:
    tree, problems = read_yaml("a: NO\nb: 2018-06-06\nc: 010\nd: ~\ne: |\n  one\n  two\nf: 'it''s'\n", "f.yaml")
    assert problems == []
    assert isinstance(tree, Table)
    texts = {key: value.text for key, (_, value) in tree.entries.items() if isinstance(value, Scalar)}
    assert texts == {"a": "NO", "b": "2018-06-06", "c": "010", "d": "", "e": "one two", "f": "it's"}
    assert tree.entries["f"] == (Position("f.yaml", 8, 1), Scalar("it's", Position("f.yaml", 8, 4), None)) or tree.entries["f"][1].where == Position("f.yaml", 8, 4)


def test_aliases_cannot_make_a_file_grow() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 15))
    started = time.perf_counter()
    _, problems = read_yaml(bomb, "f.yaml")
    assert {p.code for p in problems} == {"bad-yaml"}
    assert time.perf_counter() - started < 1


# -- encodings


@pytest.mark.parametrize(
    ("text", "encoding", "says"),
    [
        ("우리는 대화가 늘어난 것을 환영한다.", "cp949", "CP949"),
        ("대한민국,KR", "euc_kr", "CP949"),
        ("똠방각하 펲시콜라", "cp949", "CP949"),
        ("私たちは対話の拡大を歓迎します。", "cp932", "CP932"),
        ("人権,日本", "cp932", "CP932"),
        ("ひらがな カタカナ", "shift_jis", "CP932"),
        ("Perú", "cp1252", "Windows-1252"),
        ("naïve café, Workers’ Party", "cp1252", "Windows-1252"),
    ],
)
def test_the_encoding_a_file_looks_like(text: str, encoding: str, says: str) -> None:
    assert looks_like(text.encode(encoding)).startswith(says)


@quick
@given(st.binary(max_size=80))
def test_any_bytes_are_text_or_a_problem(data: bytes) -> None:
    text, problems = decode(data, "f.csv")
    assert (text is None) == any(p.is_error for p in problems)


# -- what looks wrong


@pytest.mark.parametrize(
    "text",
    [
        "The person(s) named, I(d)eas and f(x).",
        "In the Panmunjeom Declaration for Peace, the Republic of Korea (ROK) and others.",
        "He said that that was so; (a) first, b) then.",
        "[Words](https://example.org/a__b'c\"d) and <https://example.org/x_y>.",
        "The Workers’ Party – “of Korea” – in 1950-1953.",
        "주거(住居)와 물",
    ],
)
def test_good_text_has_no_warning(text: str) -> None:
    assert wording_problems([segment(text, markup=True)], (), lambda s, offset: s.where) == []


def test_sic_covers_only_what_it_touches() -> None:
    text = "Convention(No. 138) and Convention(No. 29)"
    found = wording_problems([segment(text)], ["Convention(No. 138)"], lambda s, offset: Position("f", 1, offset + 1))
    assert [(p.code, p.where.column) for p in found] == [("missing-space", text.rindex("Convention") + 1)]


# -- glyphs


def segment(text: str, lang: str = "en", *, markup: bool = False) -> Segment:
    return Segment("paragraph", text, Position("f", 3, 5), "p1", lang, "d", markup=markup)


@pytest.mark.parametrize(
    ("locale", "lang", "text", "lacking"),
    [
        ("en", "en", "Perú, Türkiye, Łódź – “quoted” … €", ""),
        ("en", "en", "housing (주거), water (みず)", ""),
        ("en", "en", "a snowman ☃", "☃"),
        ("en", "en", "Москва", "Москва"),
        ("ko", "ko", "조선민주주의인민공화국(DPRK) ‘뷁’", ""),
        ("ko", "ko", "朝鮮", "朝鮮"),
        ("ko", "ja", "みず", ""),
        ("ja", "ja", "朝鮮民主主義人民共和国「拉致」、ー〜", ""),
        ("ja", "ja", "𠮟る", "𠮟"),
        ("es", "es", "¿Qué? ¡Sí! 15 000 personas «así»", ""),
    ],
)
def test_characters_without_glyph(repo: Path, locale: str, lang: str, text: str, lacking: str) -> None:
    problems = missing_glyphs([segment(text, lang)], BUILT_IN[locale], repo / "layouts" / "fonts", BUILT_IN)
    assert "".join(p.message.partition("“")[2][0] for p in problems) == lacking
    assert {p.code for p in problems} <= {"missing-glyph"}
    assert all(p.where == Position("f", 3, 5) and p.is_error for p in problems)


def test_print_and_fax_are_looked_at_apart(repo: Path, tmp_path: Path) -> None:
    for font in (repo / "layouts" / "fonts").glob("*latin*400-normal.ttf"):
        if "noto-sans-latin-ext" not in font.name:
            shutil.copy(font, tmp_path)
    (problem,) = missing_glyphs([segment("Łódź")], BUILT_IN["en"], tmp_path, {"en": BUILT_IN["en"]})[:1]
    assert "fonts for fax have no glyph" in problem.message


def test_all_cuts_of_a_font_have_the_same_characters(repo: Path) -> None:
    """So looking at the regular cuts is enough."""
    fonts = repo / "layouts" / "fonts"
    for bold in fonts.glob("*-700-normal.ttf"):
        regular = fonts / bold.name.replace("-700-", "-400-")
        assert set(glyphs.Coverage([bold]).characters()) >= set(glyphs.Coverage([regular]).characters()), bold.name


# -- nothing raises


@pytest.fixture(scope="module")
def base(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("any")
    shutil.copytree(repo / "tests" / "workspace", root, dirs_exist_ok=True)
    (root / "layouts").mkdir()
    return find(root)


SIGNS = ["---", "\n", "\n\n", "## ", "# ", "- ", "  - ", "    - ", "1. ", "> ", ">", "[^a]", "[^a]: ", "<!-- translators: x -->", "<b>", "**", "*", "`", "```", "|a|b|\n|-|-|", "![", "](", ")"]  # fmt: skip
KEYS = ["title: ", "date: ", "addressees:\n  - name: ", "cc: [", "]", "{", "}", "&a ", "*a", "!x ", "? ", ": ", "'", '"', "id,name,lang,status\n", ",", ";", "\t", "\\", "\u200b", "é", "가", "a", " ", "\0"]  # fmt: skip
WORDS = st.sampled_from([*SIGNS, *KEYS])
PIECES = st.lists(WORDS | st.text(max_size=4), max_size=14).map("".join)


def insertions(text: str) -> st.SearchStrategy[str]:
    """A real file with something put somewhere."""
    return st.tuples(st.integers(0, len(text)), PIECES).map(lambda pair: text[: pair[0]] + pair[1] + text[pair[0] :])


def files() -> Iterator[str]:
    yield f"content/{SECOND}/letter.md"
    yield f"content/{SECOND}/signatories.csv"
    yield "content/missions.yaml"


@pytest.mark.parametrize("file", [*files(), "content/glossary.csv", "layouts/labels.yaml"])
@pytest.mark.parametrize("real", [True, False], ids=["edited", "arbitrary"])
def test_reading_never_raises(base: Project, repo: Path, file: str, real: bool) -> None:
    source = repo / "tests" / "workspace" / file
    source = source if source.exists() else repo / file
    original = source.read_text("utf-8")

    @settings(quick, max_examples=25 if real else 50)
    @given(insertions(original) if real else PIECES)
    def run(text: str) -> None:
        path = base.root / file
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        problems = read_missions(base)[1] if "missions" in file else []
        problems += read_letter(base, SECOND, ())[1] if SECOND in file else []
        problems += read_glossary(base)[1] if "glossary" in file else []
        problems += read_labels(base)[1] if "labels" in file else []
        for problem in problems:
            assert problem.where.path == file or "content" in problem.where.path
            assert problem.where.line <= text.count("\n") + text.count("\r") + 2 or problem.where.path != file

    try:
        run()
    finally:
        (base.root / file).write_text(original, "utf-8")
    assert inside(base.root, base.root / file)


MARKS = st.sampled_from(
    [
        "\n",
        "\n\n",
        "\n\n",
        "## ",
        "# ",
        "- ",
        "  - ",
        "    - ",
        "1. ",
        "   ",
        "> ",
        "[^a]",
        "[^a]: ",
        "<!-- translators: ",
        " -->",
        "<b>",
        "*",
        "`",
        "---\n",
        "| - |\n",
        "]: ",
        "[",
        "\\",
    ]
)


@settings(quick, max_examples=150)
@given(st.lists(MARKS, max_size=16))
def test_no_word_of_the_body_is_dropped_unless_a_problem_says_so(marks: list[str]) -> None:
    text = "".join(f"{mark}word{number}q " for number, mark in enumerate(marks))
    body, problems = read_body(text, "f.md", 1, "en", "d")
    kept = " ".join(text for s in segments_of(body) for text in (s.text, *s.hints))
    lost = [f"word{n}q" for n in range(len(marks)) if f"word{n}q" not in kept]
    assert not lost or problems, f"{lost} of {text!r}"


def segments_of(body: Body) -> Iterator[Segment]:
    yield from _walk((body.blocks, body.notes))
