"""A hostile text in any catalogue is refused with file and line, or stands as text in what is printed."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import html5lib
import mammoth
import pytest

from engross import edition, markup, translation
from engross.errors import Rejected
from engross.project import Project, find
from engross.render import RENDERERS
from engross.render.layout import Layout
from engross.translation import catalog
from engross.translation.parse import parse
from tests.checks.test_hostile import HOSTILE
from tests.conftest import REPO, copy_workspace

NAME = "2018-06-06-dprk"
DOMAINS = (NAME, "missions", "layouts")
REFUSED = [text for text in HOSTILE if "\ud800" not in text]
"""Half a character cannot stand in a UTF-8 file at all: that the file is refused is tested where files are read."""
PRINTED = (
    "왼쪽 < 오른쪽 & \"위\" > '아래'",
    "=HYPERLINK(0) +1 @SUM(A1)",
    "]]> --> */ //",
    "%s %n %(name)s",
    "..\\..\\x ../../x",
    "'; DROP TABLE letters; --",
    "javascript:alert(1)",
    "\\input x \\x41 $(id) ; rm",
    "< / >",
    "&lt 와 &amp 와 &#60",
    "(a) Tj ET BT /F1",
    "w:t xml:space",
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Project:
    return find(copy_workspace(REPO, tmp_path_factory.mktemp("hostile") / "workspace"))


def put(project: Project, domain: str, texts: dict[tuple[str, str], str], before: dict[str, bytes]) -> None:
    """Write the translations into the Korean catalogue as it was before."""
    path = catalog.catalog_path(project, "ko", domain)
    old, problems = parse(before[domain], "")
    assert not problems
    path.write_bytes(catalog.dump(replace(old, entries=tuple(replace(e, text=texts.get(e.key, e.text)) for e in old.entries))))


@pytest.fixture
def untouched(workspace) -> Iterator[dict[str, bytes]]:
    paths = {domain: catalog.catalog_path(workspace, "ko", domain) for domain in DOMAINS}
    data = {domain: path.read_bytes() for domain, path in paths.items()}
    yield data
    for domain, path in paths.items():
        path.write_bytes(data[domain])


@pytest.mark.parametrize("domain", DOMAINS)
def test_what_could_harm_is_refused_with_file_and_line(workspace, untouched, domain):
    letter = edition.read_source(workspace, NAME)[0].letter  # type: ignore[union-attr] # it is there
    keys = [entry.key for entry in parse(untouched[domain], "")[0].active if entry.text and entry.role != "signatory"]
    left = list(REFUSED)
    while left:
        now, left = left[: len(keys)], left[len(keys) :]
        put(workspace, domain, dict(zip(keys, now, strict=False)), untouched)
        catalogues, problems = translation.load(workspace, "ko", letter)
        problems = [*problems, *translation.examine(catalogues, (), workspace.locale("ko"))]
        stopping = {str(problem.where) for problem in problems if problem.is_error and problem.code not in translation.OPINIONS}
        path = f"translations/ko/LC_MESSAGES/{domain}.po"
        entries = catalogues.catalogs[domain].by_key()
        passed = [text for key, text in zip(keys, now, strict=False) if f"{path}:{entries[key].line}" not in stopping]
        assert not passed, f"nobody refuses {[ascii(text) for text in passed]}"
    with pytest.raises(Rejected):
        edition.prepare(workspace, NAME, ["ko"], official=False)


@pytest.fixture(scope="module")
def printed(workspace, tmp_path_factory) -> dict[str, str]:
    """What is read back of the three formats, without spaces, and the texts that were put in, by where."""
    before = {domain: catalog.catalog_path(workspace, "ko", domain).read_bytes() for domain in DOMAINS}
    body = [entry.key for entry in parse(before[NAME], "")[0].active if entry.role in ("paragraph", "bullet", "heading", "salutation")]
    put(workspace, NAME, dict(zip(body, PRINTED, strict=False)), before)
    everything = " · ".join(PRINTED)
    title = next(entry.key for entry in parse(before["missions"], "")[0].active if entry.role == "cc-title")
    put(workspace, "missions", {title: everything}, before)
    put(workspace, "layouts", {("label", "CC:"): everything}, before)
    version = edition.prepare(workspace, NAME, ["ko"], official=False).versions["ko"]
    layout = Layout(workspace.layouts, workspace.locale("ko"), workspace.settings.locales)
    made = {kind: RENDERERS[kind](version.letter, version.labels, layout) for kind in ("pdf", "html", "docx")}
    for domain, data in before.items():
        catalog.catalog_path(workspace, "ko", domain).write_bytes(data)
    folder = tmp_path_factory.mktemp("printed")
    (folder / "x.pdf").write_bytes(made["pdf"])
    read = {
        "pdf": subprocess.run(["pdftotext", "-raw", "x.pdf", "-"], cwd=folder, capture_output=True, check=True, text=True).stdout,
        "html": page_text(made["html"].decode()),
        "docx": page_text(mammoth.convert_to_html(io.BytesIO(made["docx"])).value),
        "page": made["html"].decode(),
    }
    return {kind: text if kind == "page" else squeezed(text) for kind, text in read.items()}


def page_text(html: str) -> str:
    return "".join(html5lib.parse(html, namespaceHTMLElements=False).itertext())


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("kind", ["pdf", "html", "docx"])
def test_what_looks_like_code_is_printed_as_text(printed, kind):
    for text in PRINTED:
        for form, where, times in ((markup.plain(text), "the letter", 1), (text, "the address book and the layout", 2)):
            assert printed[kind].count(squeezed(form)) >= times, f"{text!r} of {where} is not in the {kind}"
        if markup.plain(text) == text:
            assert printed[kind].count(squeezed(text)) >= 3


def test_nothing_of_it_became_an_element_or_a_link(printed):
    tree = html5lib.parse(printed["page"], namespaceHTMLElements=False)
    assert not list(tree.iter("script"))
    assert not [node for node in tree.iter() if isinstance(node.tag, str) and any(name.startswith("on") for name in node.attrib)]
    assert {node.get("href", "").partition(":")[0] for node in tree.iter("a")} <= {"mailto", "tel", "https", "#letter"} | {
        node.get("href") for node in tree.iter("a") if node.get("href", "").startswith("#")
    }


def test_half_a_character_spoils_the_file_at_its_line(workspace, untouched):
    path = catalog.catalog_path(workspace, "ko", NAME)
    data = untouched[NAME]
    at = data.index(b'msgstr "', data.index(b'msgctxt "paragraph"')) + len(b'msgstr "')
    path.write_bytes(data[:at] + "\ud800".encode("utf-8", "surrogatepass") + data[at:])
    with pytest.raises(Rejected) as caught:
        edition.prepare(workspace, NAME, ["ko"], official=False)
    (problem,) = [problem for problem in caught.value.problems if problem.code == "po-encoding"]
    assert (Path(problem.where.path).name, problem.where.line) == (path.name, data[:at].count(b"\n") + 1)
