"""One broken workspace for each kind of problem: the right code, severity, file, line and column, nothing else, and no file touched."""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest

from engross.content import read_glossary, read_labels, read_letter, read_missions
from engross.errors import Problem, Severity
from engross.project import Project, find

SECOND = "2020-02-29-second"
LETTER = f"content/{SECOND}/letter.md"
SIGNATORIES = f"content/{SECOND}/signatories.csv"
MISSIONS = "content/missions.yaml"
GLOSSARY = "content/glossary.csv"
LABELS = "layouts/labels.yaml"
WORDS_OF_THE_LAYOUTS = Path(__file__).parents[2] / LABELS

HEADER = "id,name,lang,acronym,place,territory,group,kind,affiliation,status,consent_by,consent_on,note\n"


@dataclass(frozen=True)
class Case:
    """An edit, and the one problem it makes. `mark` is where the problem stands in the edited file; `\\n` before it when the whole line is meant, empty for the first line."""

    code: str
    file: str
    old: str
    new: str
    mark: str
    warning: bool = False
    also: tuple[str, ...] = ()
    """Codes that follow from the same edit."""
    says: str = ""

    @property
    def id(self) -> str:
        return f"{self.code}-{Path(self.file).stem}-{self.mark[:18].strip()}"


FRONT = [
    Case("unknown-key", LETTER, "salutation:", "salutaton:", "salutaton", also=("missing-field",), says="'salutation'"),
    Case("unknown-key", LETTER, "    honorific:", "    honorofic:", "honorofic", says="'honorific'"),
    Case("duplicate-key", LETTER, "edition: 1\n", "edition: 1\nplace: Geneva\n", "place: Geneva", says="line 5"),
    Case("missing-field", LETTER, "closing: Yours faithfully,\n", "", "title:"),
    Case("missing-field", LETTER, "closing: Yours faithfully,\n", "closing:\n", "closing:"),
    Case("missing-field", LETTER, "  - name: Minister Sample\n    title", "  - title", "title: >"),
    Case("missing-field", LETTER, "edition: 1\n", "edition: 2\nsupersedes: 1\n", "title: Second", says="reason"),
    Case("missing-field", LETTER, "edition: 1\n", "edition: 2\nreason: a name was wrong\n", "2\nreason", says="supersedes"),
    Case("bad-value", LETTER, "edition: 1\n", "edition: 2\nsupersedes: 2\nreason: a name was wrong\n", "2\nreason"),
    Case("bad-value", LETTER, "edition: 1\n", "edition: first\n", "first"),
    Case("bad-value", LETTER, "cc_position: after-address", "cc_position: after-adress", "after-adress", says="'after-address'"),
    Case("bad-value", LETTER, "place: London", "place: [London]", "[London]"),
    Case("bad-value", LETTER, "cc: [example-london, example-washington]", "cc: [example-london, example-london]", "example-london]\ncc_position", says="twice"),
    Case("bad-date", LETTER, "date: 2020-02-29", "date: 2019-02-29", "2019-02-29"),
    Case("bad-date", LETTER, "date: 2020-02-29", "date: 29 February 2020", "29 February"),
    Case("bad-date", LETTER, "09:00 Europe/Zurich", "09:00", "2020-03-02", says="time zone"),
    Case("bad-date", LETTER, "09:00 Europe/Zurich", "09:00 Europe/Zürich", "2020-03-02"),
    Case("bad-email", LETTER, "minister@example.org", "minister at example.org", "minister at"),
    Case("bad-fax", LETTER, "+44-20-7946-0300", "+44-20", '"+44-20"'),
    Case("unknown-mission", LETTER, "cc: [example-london,", "cc: [example-londn,", "example-londn", says="'example-london'"),
    Case("unknown-mission", LETTER, "recipients: [example-tokyo,", "recipients: [nowhere,", "nowhere"),
    Case("unknown-lead", LETTER, "lead: example-centre-for-housing-1", "lead: example-centre-for-housing-99", "example-centre-for-housing-99", says="example-centre-for-housing"),
    Case("unknown-lead", LETTER, "lead: example-centre-for-housing-1", "lead: example-league", "example-league", says="withdrawn"),
    Case("bad-link", LETTER, "published_at: https://example.org/letters/second", "published_at: example.org", "example.org\nsic"),
    Case("unused-sic", LETTER, "  - Act(No. 7)\n", "  - Act(No. 7)\n  - Act(No. 8)\n", "Act(No. 8)", warning=True),
    Case("bad-yaml", LETTER, "place: London", "place: London: City", ": City"),
    Case("bad-yaml", LETTER, "    honorific:", "\thonorific:", "\thonorific", says="spaces where the tab"),
    Case("bad-yaml", LETTER, "place: London", "place: !town London", "!town"),
    Case("bad-yaml", LETTER, "signed_by: [director, legal-adviser]", "signed_by: &s [director, *s]", "&s", says="alias"),
    Case("bad-front-matter", LETTER, "---\ntitle", "title", ""),
    Case("bad-front-matter", LETTER, "\n---\n\nWe write", "\n\nWe write", ""),
]  # fmt: skip

BODY = [
    Case("raw-html", LETTER, "A home is", "A <b>home</b> is", "<b>", also=("raw-html",)),
    Case("raw-html", LETTER, "A home is more than a roof.", "<div>\n\nA home is more than a roof.", "<div>"),
    Case("raw-html", LETTER, "A home is more than a roof.", "<!-- a note to myself -->\n\nA home is more than a roof.", "<!-- a note", says="translators:"),
    Case("link-without-target", LETTER, "[record](https://example.org/record)", "[record]()", "[record]"),
    Case("link-without-target", LETTER, "[record](https://example.org/record)", "[record][r]", "[record]"),
    Case("bad-link", LETTER, "(https://example.org/record)", "(javascript:alert)", "[record]"),
    Case("unresolved-footnote", LETTER, "what became of them,", "what became of them[^nowhere],", "[^nowhere]"),
    Case("unused-footnote", LETTER, "[^both]: Articles", "[^more]: More.\n[^both]: Articles", "More.", warning=True),
    Case("unused-comment", LETTER, "*ends*.\n", "*ends*.\n\n<!-- translators: end -->\n", "<!-- translators: end", warning=True),
    Case("duplicate-footnote", LETTER, "[^both]: Articles", "[^both]: More.\n[^both]: Articles", "Articles 3"),
    Case("unsupported-markup", LETTER, "[^both]: Articles", "[^both]: Again[^date] Articles", "[^date] Articles", says="footnote in a footnote"),
    Case("unsupported-markup", LETTER, "A home is", "A `home` is", "`home`"),
    Case("unsupported-markup", LETTER, "A home is", "![home](https://example.org/h.png) is", "![home]"),
    Case("unsupported-markup", LETTER, "more than a roof.", "more\\\nthan a roof.", "\\\nthan"),
    Case("unsupported-block", LETTER, "A home is more than a roof.", "| a | b |\n|---|---|\n| 1 | 2 |", "| a | b |", says="table"),
    Case("unsupported-block", LETTER, "A home is more than a roof.", "```\ncode\n```", "```", says="code"),
    Case("unsupported-block", LETTER, "A home is more than a roof.", "    A home is more than a roof.", "A home is", says="indented"),
    Case("unsupported-block", LETTER, "## What was done", "# What was done", "# What was done", says="level 1"),
    Case("unsupported-block", LETTER, "## What was done", "### What was done", "### What was done", says="level 3"),
    Case("unsupported-block", LETTER, "org).\n\n---\n\nWe would", "org).\n\n---\n\nText\n---\n\nWe would", "Text\n---", says="empty line above"),
    Case("unsupported-block", LETTER, "org).\n\n---\n\nWe would", "org).\n\n---\n\n---\n\nWe would", "---\n\nWe would", says="ends no section"),
    Case("unsupported-block", LETTER, "   - with dates;", "   - with dates;\n     - soon;", "- soon;", says="two levels"),
    Case("unsupported-block", LETTER, "2. The plan is **public**.", "2. The plan is **public**.\n\n   It is.", "It is.", says="second paragraph"),
    Case("unsupported-block", LETTER, "> We were told", "> - We were told", "- We were told", says="list"),
    Case("unsupported-block", LETTER, "2. The plan is **public**.", "2.", "2.", says="without text"),
    Case("unsupported-block", LETTER, "A home is more than a roof.", "2018\\. A home.\n\n2018. A home.", "2018. A home.", says="2018\\."),
    Case("unsupported-block", LETTER, "A home is more than a roof.", "A home is more than a roof.\n[^late]: Late.", "\n[^late]", says="empty line", also=("unresolved-footnote",)),
    Case("empty-section", LETTER, "## What was done", "## Nothing\n\n## What was done", "Nothing", warning=True),
    Case("typed-number", LETTER, "## What was done", "## 2. What was done", "2. What"),
    Case("typed-number", LETTER, "- publish the whole", "- a) publish the whole", "a) publish"),
    Case("typed-number", LETTER, "- publish the whole", "- • publish the whole", "• publish"),
    Case("typed-number", LETTER, "2. The plan is", "2. (ii) The plan is", "(ii)"),
]  # fmt: skip

CHARACTERS = [
    Case("not-nfc", LETTER, "A home is", "A hom" + unicodedata.normalize("NFD", "é") + " is", "e\u0301"),
    Case("invisible-character", LETTER, "A home is", "A ho\u200bme is", "\u200b", says="ZERO WIDTH SPACE"),
    Case("invisible-character", LETTER, "A home is", "A ho\u202eme is", "\u202e", says="RIGHT-TO-LEFT OVERRIDE"),
    Case("invisible-character", LETTER, "A home is", "A ho\u3164me is", "\u3164", says="Hangul filler"),
    Case("invisible-character", LETTER, "A home is", "A ho\U000e0041me is", "\U000e0041", says="TAG"),
    Case("invisible-character", LETTER, "A home is", "A ho\xadme is", "\xad", says="soft hyphen"),
    Case("invisible-character", LETTER, "A home is", "A ho\ue000me is", "\ue000", says="private use"),
    Case("invisible-character", LETTER, "A home is", "A home\xa0is", "\xa0", says="non-breaking", warning=True),
    Case("invisible-character", LETTER, "A home is", "A ho&#x200b;me is", "&#x200b;", says="ZERO WIDTH SPACE"),
    Case("invisible-character", SIGNATORIES, "Example Union for Water 1,", "Example\u2060 Union for Water 1,", "\u2060", says="WORD JOINER"),
    Case("invisible-character", MISSIONS, "city: London", "city: Lon\ufeffdon", "\ufeff"),
]

WORDING = [
    Case("double-space", LETTER, "A home is", "A  home is", "  home", warning=True),
    Case("double-space", LETTER, "A home is", "A\thome is", "\thome", warning=True),
    Case("missing-space", LETTER, "of housing (", "of housing(", "housing(", warning=True),
    Case("stray-space", LETTER, "safe, dry", "safe , dry", "e , dry", warning=True),
    Case("straight-quote", LETTER, "A home is more", "A home isn't more", "'t more", warning=True),
    Case("straight-quote", LETTER, "A home is", 'A "home is', '"home', warning=True),
    Case("doubled-word", LETTER, "more than a roof", "more than than a roof", "than than", warning=True),
    Case("missing-comma", LETTER, "A home is", "The Housing Act the Water Act say a home is", "Housing Act the", warning=True),
    Case("stray-mark", LETTER, "A home is", "A home_house is", "_house", warning=True),
    Case("unbalanced-brackets", LETTER, "A home is", "A home) is", ") is", warning=True),
    Case("unbalanced-brackets", LETTER, "A home is", "A “home is", "“home is", warning=True),
]  # fmt: skip

ROWS = [
    Case("unknown-column", SIGNATORIES, ",acronym,", ",acronim,", "acronim", says="'acronym'"),
    Case("missing-column", SIGNATORIES, "id,name,lang,acronym,place,territory,group,kind,affiliation,status,", "id,name,lang,acronym,place,territory,group,kind,affiliation,stat,", "", also=("unknown-column",)),
    Case("duplicate-column", SIGNATORIES, ",consent_by,consent_on,note", ",consent_by,consent_on,consent_by", "consent_by\n"),
    Case("short-row", SIGNATORIES, "Author,confirmed,,,\n", "Author,confirmed\n", "confirmed\n"),
    Case("long-row", SIGNATORIES, "C. Example,", "C., Example,", "\nindividual-3"),
    Case("unbalanced-quotes", SIGNATORIES, "C. Example,", '"C." Example,', '"C." Example'),
    Case("unbalanced-quotes", SIGNATORIES, "C. Example,", 'C. "Example",', 'C. "Example"', also=("straight-quote",)),
    Case("bad-separator", SIGNATORIES, HEADER, HEADER.replace(",", ";"), "id;name", says="semicolons"),
    Case("bad-status", SIGNATORIES, "Author,confirmed,", "Author,agreed,", "agreed"),
    Case("bad-status", SIGNATORIES, "Example League,en,,,,,organisation,,withdrawn", "Example League,en,,,,,organisation,,duplicate", "duplicate,,,withdrew", warning=True),
    Case("bad-kind", SIGNATORIES, "individual,Author", "person,Author", "person,Author", also=("bad-kind",)),
    Case("bad-kind", SIGNATORIES, "individual,Author", "organisation,Author", "Author"),
    Case("bad-territory", SIGNATORIES, "Belgium,BE", "Belgium,BX", "BX"),
    Case("bad-territory", SIGNATORIES, "Belgium,BE", "Belgium,Belgium", "Belgium,,organisation"),
    Case("bad-consent-date", SIGNATORIES, "Norway,NO,,organisation,,confirmed,secretary,2020-02-10", "Norway,NO,,organisation,,confirmed,secretary,10.2.2020", "10.2.2020"),
    Case("unknown-language", SIGNATORIES, "Example Society for Water 1,en", "Example Society for Water 1,xx", "xx"),
    Case("missing-field", SIGNATORIES, "C. Example,en", ",en", ",en,,,,In their personal capacity,individual,Author"),
    Case("missing-field", SIGNATORIES, "individual-3,", ",", ",C. Example"),
    Case("missing-field", SIGNATORIES, "Author,confirmed,", "Author,,", ",,,\nindividual-4"),
    Case("duplicate-id", SIGNATORIES, "individual-3,", "individual-2,", "individual-2,C."),
    Case("bad-value", SIGNATORIES, "individual-3,", "individual 3,", "individual 3"),
    Case("bad-value", SIGNATORIES, "C. Example,", '"C.\nExample",', '"C.\nExample"'),
    Case("duplicate-signatory", SIGNATORIES, "C. Example,", "b.  EXAMPLE,", "b.  EXAMPLE", also=("double-space",)),
    Case("duplicate-signatory", SIGNATORIES, "organisation,,duplicate,", "organisation,,confirmed,", "Example Centre for Housing 2,en,,,,,organisation,,confirmed"),
    Case("duplicate-signatory", SIGNATORIES, "C. Example,en,", "B. Example,en,CX", "B. Example,en,CX", warning=True),
    Case("pending-signatory", SIGNATORIES, "Author,confirmed,", "Author,pending,", "pending", warning=True),
]  # fmt: skip

ADDRESS_BOOK = [
    Case("unknown-key", MISSIONS, "  time_zone: Europe/London", "  timezone: Europe/London", "timezone", says="'time_zone'"),
    Case("unknown-key", MISSIONS, "    surname: Example", "    sirname: Example", "sirname"),
    Case("bad-email", MISSIONS, "london@example.org", "london@example", "london@example\n"),
    Case("bad-fax", MISSIONS, "+44-20-7946-0200", "+44-20-7", '"+44-20-7"'),
    Case("bad-fax", MISSIONS, "+44-20-7946-0200", "020 7946 0200", '"020 7946'),
    Case("bad-fax", MISSIONS, "+44-20-7946-0200", "+44-20-7946-0200 ext. 5", '"+44-20-7946-0200 ext'),
    Case("bad-fax", MISSIONS, "+1-202-555-0142", "+1-202-055-0142", '"+1-202-055', warning=True),
    Case("bad-value", MISSIONS, "Europe/London", "Europe/Londn", "Europe/Londn"),
    Case("bad-value", MISSIONS, "09:00-17:30", "17:30-09:00", '"17:30'),
    Case("bad-value", MISSIONS, "09:00-17:30", "9-17", '"9-17'),
    Case("bad-value", MISSIONS, "status: in-office", "status: inoffice", "inoffice"),
    Case("bad-value", MISSIONS, "gender: f", "gender: w", "w\n"),
    Case("bad-value", MISSIONS, "status: in-office", "status: vacant", "Envoy Example"),
    Case("bad-date", MISSIONS, "checked_on: 2020-02-01", "checked_on: 2020-02-31", "2020-02-31"),
    Case("missing-field", MISSIONS, "    name: Envoy Example\n    surname: Example\n", "", "honorific: Her"),
    Case("missing-field", MISSIONS, "  city: Washington\n", "", "id: example-washington"),
    Case("missing-field", MISSIONS, '  fax: "+1-202-555-0142"\n  email: washington@example.org\n', "", "id: example-washington", warning=True),
    Case("unknown-language", MISSIONS, "languages: [ja]", "languages: [ja, xy]", "xy"),
    Case("unknown-office", MISSIONS, "office: example-office", "office: exampl-office", "exampl-office", says="'example-office'"),
    Case("duplicate-id", MISSIONS, "- id: example-tokyo", "- id: example-london", "example-london\n  mission: Liaison", also=("unknown-mission",)),
    Case("shared-address", MISSIONS, "tokyo@example.org", "London@example.org", "\n- id: example-tokyo", warning=True),
    Case("bad-value", MISSIONS, "- id: example-london\n", "- example-paris\n\n- id: example-london\n", "example-paris"),
]  # fmt: skip

WORDS = [
    Case("unknown-key", LABELS, "cc:                {text:", "cc:                {txet:", "txet", also=("missing-field",)),
    Case("bad-value", LABELS, "fax:               {text: Fax, note: before a fax number}", "fax:               Fax", "\nfax:"),
]


@pytest.fixture
def workspace(tmp_path: Path, repo: Path) -> Path:
    """The second letter's workspace, without layouts unless a test adds them."""
    return Path(shutil.copytree(repo / "tests" / "workspace", tmp_path, dirs_exist_ok=True))


def add_labels(workspace: Path) -> None:
    (workspace / "layouts").mkdir()
    shutil.copy(WORDS_OF_THE_LAYOUTS, workspace / LABELS)


@pytest.mark.parametrize("case", [*FRONT, *BODY, *CHARACTERS, *WORDING, *ROWS, *ADDRESS_BOOK, *WORDS], ids=lambda case: case.id)
def test_broken(workspace: Path, case: Case) -> None:
    if case.file == LABELS:
        add_labels(workspace)
    text = (workspace / case.file).read_text("utf-8")
    assert case.old in text
    edited = text.replace(case.old, case.new, 1)
    (workspace / case.file).write_text(edited, "utf-8")
    before = digests(workspace)

    problems = everything(workspace)

    found = [problem for problem in problems if problem.code == case.code]
    assert [p.code for p in problems if p.code not in case.also or p in found[:1]] == [case.code], "\n".join(map(str, problems))
    assert {p.code for p in problems} == {case.code, *case.also}
    problem = found[0]
    assert problem.severity is (Severity.WARNING if case.warning else Severity.ERROR)
    assert problem.where.path == case.file
    assert case.says in f"{problem.message} {problem.hint}"
    whole_line = not case.mark or case.mark.startswith("\n")
    index = edited.index(case.mark) + case.mark.startswith("\n")
    assert problem.where.line == edited.count("\n", 0, index) + 1
    if not whole_line:
        assert problem.where.column == index - edited.rfind("\n", 0, index)
    assert digests(workspace) == before


def everything(root: Path) -> list[Problem]:
    """All problems of a workspace's content."""
    return read_all(find(root))


def read_all(project: Project) -> list[Problem]:
    missions, problems = read_missions(project)
    return problems + read_letter(project, SECOND, missions)[1] + read_glossary(project)[1] + (read_labels(project)[1] if project.layouts.is_dir() else [])


def digests(root: Path) -> dict[str, str]:
    """Every file of a workspace with its bytes."""
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(root.rglob("*")) if path.is_file() and path.suffix != ".ttf"}


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("term,ko,ja\nhousing,주거,住居\nhousing,집,家\n", "duplicate-term", 3, 1),
        ("term,ko,ja\n,주거,住居\n", "missing-field", 2, 1),
        ("term,ko,jp\nhousing,주거,住居\n", "unknown-column", 1, 9),
        ("word,ko\nhousing,주거\n", "missing-column", 1, 0),
        ("", "missing-column", 0, 0),
    ],
)
def test_broken_glossary(workspace: Path, text: str, code: str, line: int, column: int) -> None:
    (workspace / GLOSSARY).write_text(text, "utf-8")
    found = {problem.code: problem for problem in everything(workspace)}
    assert set(found) <= {code, "unknown-column"}
    assert (found[code].where.path, found[code].where.line, found[code].where.column) == (GLOSSARY, line, column)


@pytest.mark.parametrize(
    ("data", "says", "line", "warning"),
    [
        (b"\xef\xbb\xbf" + HEADER.encode() + "a,가,ko,,,,,,,confirmed,,,\n".encode(), "byte order mark", 1, True),
        (HEADER.encode() + "a,예시 인권 센터,ko,,,,,,,confirmed,,,\n".encode("cp949"), "CP949", 2, False),
        (HEADER.encode() + "a,例示人権センター,ja,,,,,,,confirmed,,,\n".encode("cp932"), "CP932", 2, False),
        (HEADER.encode() + "a,みずとすまいのネットワーク,ja,,,,,,,confirmed,,,\n".encode("cp932"), "CP932", 2, False),
        (HEADER.encode() + "a,b,en,,,,,,,confirmed,,,\nb,Asociación por la Vivienda,es,,Perú,,,,,confirmed,,,\n".encode("cp1252"), "Windows-1252", 3, False),
        ((HEADER + "a,가,ko,,,,,,,confirmed,,,\n").encode("utf-16"), "UTF-16", 1, False),
        ((HEADER + "a,b,en,,,,,,,confirmed,,,\n").encode("utf-16-le"), "UTF-16", 1, False),
        (HEADER.encode() + b"a,\xff\xfe\xff\xfe,en,,,,,,,confirmed,,,\n", "not UTF-8", 2, False),
    ],
)
def test_encodings_that_staff_really_save(workspace: Path, data: bytes, says: str, line: int, warning: bool) -> None:
    (workspace / SIGNATORIES).write_bytes(data)
    before = digests(workspace)
    problems = [problem for problem in everything(workspace) if problem.code != "unknown-lead"]
    assert [(p.code, p.where.path, p.where.line) for p in problems] == [("bad-encoding", SIGNATORIES, line)]
    assert problems[0].severity is (Severity.WARNING if warning else Severity.ERROR)
    assert says in problems[0].message
    assert warning or "UTF-8" in problems[0].hint
    assert digests(workspace) == before


@pytest.mark.parametrize("file", [LETTER, SIGNATORIES, MISSIONS, LABELS])
def test_missing_files_and_links_out_of_the_workspace(workspace: Path, tmp_path_factory: pytest.TempPathFactory, file: str) -> None:
    add_labels(workspace)
    project = find(workspace)
    outside = tmp_path_factory.mktemp("elsewhere") / "file"
    outside.write_bytes((workspace / file).read_bytes())
    (workspace / file).unlink()
    assert ("missing-file", file) in [(p.code, p.where.path) for p in read_all(project)]
    (workspace / file).symlink_to(outside)
    assert ("outside-workspace", file) in [(p.code, p.where.path) for p in read_all(project)]
    (workspace / file).unlink()
    (workspace / file).mkdir()
    assert ("unreadable-file", file) in [(p.code, p.where.path) for p in read_all(project)]


def test_everything_wrong_is_said_at_once(workspace: Path) -> None:
    for case in (FRONT[0], BODY[0], WORDING[0], ROWS[0], ADDRESS_BOOK[0]):
        path = workspace / case.file
        path.write_text(path.read_text("utf-8").replace(case.old, case.new, 1), "utf-8")
    found = {(problem.code, problem.where.path) for problem in everything(workspace)}
    assert found >= {(case.code, case.file) for case in (FRONT[0], BODY[0], ROWS[0], ADDRESS_BOOK[0])}


def test_a_column_that_the_file_lacks_is_empty(workspace: Path) -> None:
    (workspace / SIGNATORIES).write_text("id,name,lang,status\nexample-centre-for-housing-1,A,en,confirmed\n", "utf-8")
    assert everything(workspace) == []
