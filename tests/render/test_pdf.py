"""The printed letter, read back by programs that know nothing of how it was made."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pypdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from engross import canonical
from engross.errors import EngrossError
from engross.letter import Segment, Standing
from engross.render import weasy_private
from tests.conftest import link
from tests.render.conftest import FIRST, REPO, SECOND, case, changed, find_in_order, plain, reading_order, run

LANGUAGES = ["en", "ko", "ja", "es"]
EVERY = [(FIRST, lang) for lang in LANGUAGES] + [(SECOND, "en")]
RIGHT = 595.276 - 25 / 25.4 * 72
"""Right edge of the text on A4, in points."""


def squeezed(text: str) -> str:
    """Without spaces and hyphens, which may stand at the end of any line, and bullets, which are drawn when the page is full."""
    return re.sub(r"[\s\u00ad\u2060\ufffe\x02•-]", "", text)


def body_text(path: Path) -> str:
    """The pages without their heads and feet."""
    first = run("pdftotext", "-raw", "-l", "1", "-x", "0", "-y", "0", "-W", "600", "-H", "775", path, "-")
    return first + run("pdftotext", "-raw", "-f", "2", "-x", "0", "-y", "62", "-W", "600", "-H", "713", path, "-")


def lines(path: Path) -> list[tuple[int, float, float, str]]:
    """(page, left, right, text) of each line; what stands side by side is one line."""
    xml = run("pdftotext", "-bbox-layout", path, "-")
    root = ET.fromstring(re.sub(r' xmlns="[^"]*"', "", xml[xml.index("<html") :]))
    out = []
    for number, page in enumerate(root.iter("page"), 1):
        rows: dict[int, list[tuple[float, float, str]]] = {}
        for word in page.iter("word"):
            baseline = float(word.get("yMax", 0))
            key = next((y for y in rows if abs(y - baseline) < 4), round(baseline))
            rows.setdefault(key, []).append((float(word.get("xMin", 0)), float(word.get("xMax", 0)), word.text or ""))
        for _, words in sorted(rows.items()):
            words.sort()
            out.append((number, words[0][0], max(word[1] for word in words), "".join(word[2] for word in words)))
    return out


def running_texts(letter) -> list[str]:
    return [plain(s) for s in letter.segments() if s.role in ("paragraph", "bullet")]


def broken_lines(path: Path, texts: list[str]) -> list[tuple[int, float, str, str, int]]:
    """(page, right, line, text, end) of each line at which one of the texts goes on; `end` counts its characters up to there without spaces and hyphens."""
    out = []
    for page, left, right, line in lines(path):
        inside = squeezed(line) if left < 100 else ""
        for text in texts:
            at = squeezed(text).find(inside)
            if len(inside) > 12 and 0 <= at < len(squeezed(text)) - len(inside):
                out.append((page, right, line, text, at + len(inside)))
                break
    return out


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_every_text_is_read_back_in_order(cases, files, letter_id, lang):
    text = re.sub(r"(?<=[.;])[123]\b", "", body_text(files(letter_id, lang))) if letter_id == SECOND else body_text(files(letter_id, lang))
    assert find_in_order(reading_order(cases(letter_id, lang)), text, squeezed) == ""
    for note in cases(letter_id, lang).letter.notes:
        assert squeezed(f"{note.number}. {plain(note.text)}") in squeezed(text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_names_its_document_and_its_number(cases, files, lang):
    letter, labels = cases(FIRST, lang).letter, cases(FIRST, lang).labels
    pages = run("pdftotext", "-layout", files(FIRST, lang), "-").rstrip("\f").split("\f")
    for number, page in enumerate(pages, 1):
        assert labels.fill("page_of", page=number, pages=len(pages)) in page
        assert canonical.document_number(letter) in page
        assert canonical.seal(letter) in page


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_only_our_fonts_all_embedded(files, letter_id, lang):
    rows = [line.split() for line in run("pdffonts", files(letter_id, lang)).splitlines()[2:]]
    assert rows
    for row in rows:
        assert re.fullmatch(r"[A-Z]{6}\+(Source-Serif-4|Noto-Serif-(KR|JP))(-ext)?(-Bold|-Italic)?", row[0]), row
        assert row[-5:-2] == ["yes", "yes", "yes"], row


def test_letters_of_latin_extended_print_as_themselves(files):
    text = body_text(files(SECOND, "en"))
    for name in ("Przykładowe Stowarzyszenie na rzecz Mieszkań", "Örnek İnsan Hakları Derneği (ÖİHD)"):
        assert squeezed(name) in squeezed(text)
    assert "Source-Serif-4-ext" in run("pdffonts", files(SECOND, "en"))


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_qpdf_finds_nothing(files, letter_id, lang):
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", files(letter_id, lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_justified_lines_reach_the_margin(cases, files, lang):
    letter = cases(FIRST, lang).letter
    others = [squeezed(plain(s)) for s in letter.segments() if s.role in ("addressee-title", "address-line", "heading", "cc-title")]
    found = [entry for entry in broken_lines(files(FIRST, lang), running_texts(letter)) if not any(squeezed(entry[2]) in other for other in others)]
    assert len(found) > 80
    for page, right, line, _, _ in found:
        assert abs(right - RIGHT) < (5.5 if lang == "ja" and line[-1] in "、。」）" else 1.0), (page, right, line)


def test_korean_words_are_whole(cases, files):
    texts = [plain(s) for s in cases(FIRST, "ko").letter.segments() if s.role in ("paragraph", "bullet", "heading", "cc-title", "address-line", "addressee-title")]
    found = broken_lines(files(FIRST, "ko"), texts)
    assert len(found) > 60
    for _, _, line, text, end in found:
        assert _is_word_end(text, end), (line, text)


def _is_word_end(text: str, count: int) -> bool:
    """Whether a space follows the first `count` characters that are none."""
    for index, character in enumerate(text):
        count -= not (character.isspace() or character == "-")
        if count == 0:
            return text[index + 1 : index + 2].isspace()
    return True


def test_japanese_lines_begin_and_end_as_they_may(files):
    for page, left, _, line in lines(files(FIRST, "ja")):
        if left < 100 and len(line) > 1:
            assert line[0] not in "、。，．」』）！？：；ー々ゃゅょっぁぃぅぇぉャュョッァィゥェォ", (page, line)
            assert line[-1] not in "「『（", (page, line)


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_no_heading_or_intro_ends_a_page(cases, files, letter_id, lang):
    letter = cases(letter_id, lang).letter
    headings = [squeezed(plain(s)) for s in letter.segments() if s.role == "heading"]
    labels = cases(letter_id, lang).labels
    last: dict[int, str] = {}
    for page, _, _, line in lines(files(letter_id, lang)):
        if labels["document_number"].split()[0] not in line and not re.search(r"^\d?.*/1/(en|ko|ja|es)", line):
            last[page] = squeezed(line)
    for page, line in last.items():
        assert not any(heading.endswith(line) for heading in headings if len(line) > 3), (page, line)


def test_a_cold_process_elsewhere_writes_the_same_bytes(cases, files, tmp_path):
    program = "import sys; sys.path[:0] = [sys.argv[1]]\nfrom tests.render.conftest import case, FIRST\nsys.stdout.buffer.write(case(FIRST, 'ko').pdf())\n"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "TZ": "Pacific/Apia", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    other = subprocess.run([sys.executable, "-c", program, str(REPO)], cwd=tmp_path, env=environment, check=True, capture_output=True).stdout
    assert other == files(FIRST, "ko").read_bytes()


def test_us_letter():
    data = case(SECOND, "en", paper="letter").pdf()
    assert [float(x) for x in pypdf.PdfReader(_stream(data)).pages[0].mediabox] == [0, 0, 612, 792]


def _stream(data: bytes):
    from io import BytesIO

    return BytesIO(data)


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_mark_of_a_draft_stands_on_the_page_whole(lang: str, paper: str, tmp_path: Path) -> None:
    draft = case(SECOND if lang in ("en", "es") else FIRST, lang, draft=True, paper=paper)
    document = pdfium.PdfDocument(draft.pdf())
    page = document[0]
    text = page.get_textpage()
    mark = {text.get_text_range(n, 1): text.get_charbox(n) for n in range(text.count_chars()) if pdfium_c.FPDFText_GetFontSize(text, n) > 60 and text.get_text_range(n, 1).strip()}
    assert set(mark) == set(draft.labels["draft"])
    assert min(left for left, *_ in mark.values()) > 9
    assert max(right for _, _, right, _ in mark.values()) < page.get_width() - 9


def test_drafts_and_only_drafts_are_marked(cases, files, tmp_path):
    draft = case(SECOND, "es", draft=True)
    path = tmp_path / "draft.pdf"
    path.write_bytes(draft.pdf())
    pages = run("pdftotext", "-raw", path, "-").rstrip("\f").split("\f")
    for page in pages:
        assert draft.labels["draft"] in page.split()
        assert draft.labels["draft_notice"] in page
    assert squeezed(f"A home is more than a roof. [{draft.labels['untranslated']}]") in squeezed("".join(pages))
    assert draft.labels["draft_notice"] not in structure_text(path)
    official = run("pdftotext", "-raw", files(FIRST, "es"), "-")
    assert draft.labels["draft"] not in official.split()
    assert draft.labels["untranslated"] not in official


def test_a_fuzzy_text_is_marked_in_its_language():
    draft = case(FIRST, "ja", draft=True)
    marked = changed(draft, lambda s: replace(s, standing=Standing.FUZZY) if s.role == "salutation" else s)
    text = run_text(marked.pdf())
    assert squeezed(f"{plain(marked.letter.salutation)} [{draft.labels['fuzzy']}]") in squeezed(text)


def run_text(data: bytes) -> str:
    return subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, check=True, capture_output=True).stdout.decode()


HOSTILE = [
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}{% for x in y %}",
    "</style><style>* { display: none }</style>",
    "<img src=file:///etc/passwd onerror=x>",
    '" onclick="x" \' &lt;b&gt; &amp;',
    "\\3c url(http://example.org/x)",
]


def hostile(segment: Segment) -> Segment:
    text = HOSTILE[sum(map(ord, segment.role)) % len(HOSTILE)]
    if segment.markup:
        text = re.sub(r"([\\`*_\[\]<>&])", r"\\\1", text)
    return replace(segment, text=f"{segment.text} {text}")


def test_hostile_texts_print_as_text():
    attacked = changed(case(SECOND, "en"), hostile)
    words = {key: f"{word} <b>{HOSTILE[1]}" for key, word in attacked.labels.words.items() if key in ("cc", "fax", "document_number")}
    attacked = replace(attacked, labels=replace(attacked.labels, words={**attacked.labels.words, **words}))
    text = re.sub(r"(?<=[.;])[123]\b", "", run_text(attacked.pdf()))
    for line in reading_order(attacked):
        assert squeezed(line.split("[^")[0]) in squeezed(text), line


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.png", "file:///etc/hostname"])
def test_a_layout_that_loads_something_is_refused(tmp_path, address):
    shutil.copytree(REPO / "layouts", tmp_path / "layouts", copy_function=link)
    css = tmp_path / "layouts" / "letter.css"
    source = css.read_text()
    css.write_text(f"{source}\n.salutation {{ background: url({address}) }}")
    with pytest.raises(EngrossError, match="outside it"):
        case(SECOND, "en", root=tmp_path / "layouts").pdf()


def test_a_fault_in_a_template_names_file_and_line(tmp_path):
    shutil.copytree(REPO / "layouts", tmp_path / "layouts", copy_function=link)
    page = tmp_path / "layouts" / "letter.html"
    source = page.read_text()
    page.write_text(source.replace("{% if logo %}", "{% if logo %}{{ misspelt }}{% endfor %}"))
    with pytest.raises(EngrossError, match=r"letter\.html:\d+ has a fault"):
        case(SECOND, "en", root=tmp_path / "layouts").pdf()


def test_the_logo_is_the_one_image(tmp_path):
    shutil.copytree(REPO / "layouts", tmp_path / "layouts", copy_function=link)
    (tmp_path / "layouts" / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><title>x</title><rect width="40" height="20" fill="#345"/></svg>'
    )
    given = case(SECOND, "en", root=tmp_path / "layouts")
    data = replace(given, layout=replace(given.layout, logo="logo.svg")).pdf()
    figures = [e for e in elements(pypdf.PdfReader(_stream(data))) if e["/S"] == "/Figure"]
    assert [figure["/Alt"] for figure in figures] == ["Example Centre for Housing 1"]
    with pytest.raises(EngrossError, match="neither PNG nor SVG"):
        replace(given, layout=replace(given.layout, logo="logo.gif")).pdf()


# -- what the file says of itself


def elements(reader: pypdf.PdfReader) -> list[pypdf.generic.DictionaryObject]:
    """The structure elements in reading order."""
    out = []

    def walk(node: object) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for kid in node:
                walk(kid)
        elif isinstance(node, dict):
            if "/S" in node:
                out.append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return out


def structure_text(path: Path) -> str:
    """What is heard: the marked content of the structure elements, in their order."""
    document = pdfium.PdfDocument(path)
    marked: dict[tuple[int, int], str] = {}
    for number, page in enumerate(document):
        text_page = page.get_textpage()
        for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=1):
            key = (number, pdfium_c.FPDFPageObj_GetMarkedContentID(item.raw))
            length = pdfium_c.FPDFTextObj_GetText(item.raw, text_page.raw, None, 0)
            buffer = (pdfium_c.FPDF_WCHAR * (length // 2))()
            pdfium_c.FPDFTextObj_GetText(item.raw, text_page.raw, buffer, length)
            marked[key] = marked.get(key, "") + bytes(buffer).decode("utf-16-le").rstrip("\0")
    reader = pypdf.PdfReader(path)
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}
    out = []
    for element in elements(reader):
        if "/ActualText" in element:
            out.append(str(element["/ActualText"]))
            continue
        kids = element.get("/K", [])
        out += [marked.get((pages[element.raw_get("/Pg").idnum], int(kid)), "") for kid in (kids if isinstance(kids, list) else [kids]) if isinstance(kid, int)]
    return "".join(out)


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_claims_metadata_and_the_one_attachment(cases, files, letter_id, lang):
    letter = cases(letter_id, lang).letter
    reader = pypdf.PdfReader(files(letter_id, lang))
    root = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    for claim in ('pdfaid:part="3"', 'pdfaid:conformance="A"', "<pdfuaid:part>1</pdfuaid:part>", "pdfaExtension:schemas"):
        assert claim in xmp
    assert reader.metadata.title == plain(letter.title)
    assert plain(letter.title).replace("&", "&amp;") in xmp
    assert reader.metadata["/CreationDate"] == reader.metadata["/ModDate"] == f"D:{letter.date:%Y%m%d}000000Z"
    assert root["/Lang"] == {"en": "en-US", "ko": "ko-KR", "ja": "ja-JP", "es": "es-ES"}[lang]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert len(root["/AF"]) == 1
    assert list(reader.attachments) == ["content.json"]
    assert json.loads(reader.attachments["content.json"][0]) == canonical.printed_content(letter)
    assert reader.attachments["content.json"][0] == canonical.canonical_json(canonical.printed_content(letter))


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_structure_holds_the_letter_and_nothing_of_the_margins(cases, files, letter_id, lang):
    text = structure_text(files(letter_id, lang))
    assert canonical.seal(cases(letter_id, lang).letter) not in text
    expected = [t for t in reading_order(cases(letter_id, lang)) if letter_id == FIRST]
    assert find_in_order(expected, text, squeezed) == ""


def test_words_stay_apart_where_lines_break(files):
    text = structure_text(files(FIRST, "en"))
    assert "signal clear improvements in the lives of DPRK citizens or in their basic rights and freedoms." in text
    actual = [e["/ActualText"] for e in elements(pypdf.PdfReader(files(FIRST, "en"))) if "/ActualText" in e]
    assert len(actual) > 10
    assert not any(line.endswith("-") for line in actual)


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_headings_notes_languages_and_links_are_tagged(cases, files, letter_id, lang):
    letter = cases(letter_id, lang).letter
    reader = pypdf.PdfReader(files(letter_id, lang))
    found = elements(reader)
    levels = [int(e["/S"][2:]) for e in found if re.fullmatch("/H[1-6]", e["/S"])]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert sum(e["/S"] == "/Note" for e in found) == sum(e["/S"] == "/Reference" for e in found) == len(letter.notes)
    assert len({e["/ID"] for e in found if e["/S"] == "/Note"}) == len(letter.notes)
    foreign = {e["/Lang"] for e in found if "/Lang" in e}
    assert foreign >= ({"ko-KR", "ja-JP", "es-ES", "pl", "tr", "fr"} if letter_id == SECOND else {"ko": {"en-US"}, "ja": {"en-US"}}.get(lang, set()))
    annotations = [annotation.get_object() for page in reader.pages for annotation in page.get("/Annots") or []]
    addresses = {each["/A"]["/URI"] for each in annotations if "/URI" in each.get("/A", {})}
    for mission in letter.cc:
        assert f"mailto:{mission.email}" in addresses
        assert f"tel:{mission.fax_e164}" in addresses
    assert all(each["/Contents"] for each in annotations)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bookmarks_are_the_sections(cases, files, lang):
    letter = cases(FIRST, lang).letter
    titles = [entry.title for entry in pypdf.PdfReader(files(FIRST, lang)).outline]
    expected = [f"{s.number}. {plain(s.heading)}" for s in letter.body if hasattr(s, "heading")]
    assert titles[: len(expected)] == expected


@pytest.mark.parametrize(("letter_id", "lang"), EVERY)
def test_everything_drawn_is_tagged_or_an_artifact(files, letter_id, lang):
    """ISO 14289-1, 7.1: no marked content without an element of the structure tree, nothing outside marked content."""
    reader = pypdf.PdfReader(files(letter_id, lang))
    in_tree = {element.indirect_reference.idnum for element in elements(reader)}
    numbers = reader.trailer["/Root"]["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    parents = {int(numbers[i]): numbers[i + 1].get_object() for i in range(0, len(numbers), 2)}
    for page in reader.pages:
        stream = page.get_contents().get_data().decode("latin-1")
        used = sorted(int(n) for n in re.findall(r"/MCID (\d+)", stream))
        assert used == list(range(len(used)))
        assert len(parents[int(page["/StructParents"])]) == len(used)
        assert {parent.idnum for parent in parents[int(page["/StructParents"])]} <= in_tree
        depth = 0
        for token in re.findall(r"\bBMC\b|\bBDC\b|\bEMC\b|\bTj\b|\bTJ\b|\bDo\b", re.sub(r"\((?:\\.|[^\\)])*\)|<[0-9a-f]*>", "", stream)):
            depth += {"BMC": 1, "BDC": 1, "EMC": -1}.get(token, 0)
            assert depth > 0 or token == "EMC"


def test_without_the_repairs_english_lines_break_at_the_same_places(files, tmp_path):
    program = (
        "import sys; sys.path[:0] = [sys.argv[1]]\n"
        "from engross.render import weasy\n"
        "weasy.REPAIRS = ()\n"
        "from tests.render.conftest import case, FIRST\n"
        "sys.stdout.buffer.write(case(FIRST, 'en').pdf())\n"
    )
    stock = subprocess.run([sys.executable, "-c", program, str(REPO)], check=True, capture_output=True).stdout
    assert run_text(stock) == run("pdftotext", "-raw", files(FIRST, "en"), "-")


def test_another_version_of_weasyprint_is_refused(monkeypatch):
    from engross.errors import OutsideError
    from engross.render import weasy

    monkeypatch.setattr(weasy, "VERSION", "69.0")
    with pytest.raises(OutsideError, match=r"69\.0 is needed"):
        weasy.load.__wrapped__()
    assert weasy_private.VERSION == "70.0"
