"""The style reference: built the same each time, restyled by whichever program, refused with a clear word when it cannot serve."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engross.errors import EngrossError
from engross.letter import Paragraph
from engross.render.word import reference
from tests.docx.letters import LANGUAGES, REAL, REPO, SECOND, minimal, printed, sample, text
from tests.docx.package import Package, W, text_of, value

REFERENCE = REPO / "layouts" / "letter.docx"
Edit = Callable[[dict[str, str]], None]


def edited(change: Edit, source: bytes = b"") -> bytes:
    """The reference with its parts changed as text."""
    with zipfile.ZipFile(io.BytesIO(source or REFERENCE.read_bytes())) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    change(parts)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in parts.items():
            archive.writestr(name, words)
    return buffer.getvalue()


def layouts(tmp_path: Path, data: bytes) -> Path:
    (tmp_path / "letter.docx").write_bytes(data)
    return tmp_path


def as_word_saves(parts: dict[str, str]) -> None:
    """What a Korean Word does to a file it saves: ids of its own, editing sessions, more namespaces and parts, heads and feet."""
    ids = {"Heading1": "1", "ListBullet": "a0", "ListNumber": "a", "Header": "a3", "Footer": "a4", "FootnoteText": "a5", "Strong": "a6", "BodyText": "a7", "Normal": "a8"}
    for name in ("word/styles.xml", "word/numbering.xml", "word/document.xml"):
        for old, new in ids.items():
            parts[name] = re.sub(rf'(w:styleId=|<w:(?:pStyle|rStyle|basedOn|next) w:val=)"{old}"', rf'\1"{new}"', parts[name])
    spaces = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" mc:Ignorable="w14" '
    parts["word/document.xml"] = parts["word/document.xml"].replace("<w:document ", f"<w:document {spaces}").replace("<w:p>", '<w:p w:rsidR="00AB12CD" w14:paraId="1A2B3C4D">')
    head = f'<w:hdr xmlns:w="{W[1:-1]}"><w:p><w:r><w:t>Old head</w:t></w:r></w:p></w:hdr>'
    parts["word/header1.xml"] = head
    parts["word/document.xml"] = parts["word/document.xml"].replace("<w:sectPr>", '<w:sectPr w:rsidR="00AB12CD"><w:headerReference w:type="default" r:id="rId90"/>')
    relationship = '<Relationship Id="rId90" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/></Relationships>'
    parts["word/_rels/document.xml.rels"] = parts["word/_rels/document.xml.rels"].replace("</Relationships>", relationship)
    override = '<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("</Types>", override)
    parts["word/settings.xml"] = parts["word/settings.xml"].replace("<w:zoom", '<w:rsids><w:rsidRoot w:val="00AB12CD"/></w:rsids><w:zoom')


def test_the_committed_reference_is_what_the_script_builds(tmp_path):
    assert reference.build() == REFERENCE.read_bytes()
    made = tmp_path / "made.docx"
    subprocess.run([sys.executable, "-m", "engross.render.word.reference", str(made)], check=True, cwd=tmp_path)
    assert made.read_bytes() == REFERENCE.read_bytes()


def test_it_shows_a_sample_of_each_style():
    package = Package(REFERENCE.read_bytes())
    shown = {style for style, _ in package.paragraphs()}
    assert shown >= {name.lower() for name, _, _, _, example in reference.PARAGRAPH_STYLES if example}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_saved_by_word_serves(tmp_path, lang):
    it = sample(REAL, lang).but(root=layouts(tmp_path, edited(as_word_saves)))
    package = Package(it.bytes())
    assert not [part for part, data in package.parts.items() if b":rsid" in data or b"Old head" in data]
    assert [words for _, words in package.paragraphs()] == [words for _, words in Package(sample(REAL, lang).bytes()).paragraphs()]
    assert package.numbers() == Package(sample(REAL, lang).bytes()).numbers()
    assert "1" in [value(node) for node in package.document.iter(f"{W}pStyle")], "the heading has the id Word gave"


def restyled(parts: dict[str, str]) -> None:
    styles = parts["word/styles.xml"]
    styles = re.sub(r'(<w:name w:val="Body Text"/>.*?<w:qFormat/>)', r'\1<w:pPr><w:jc w:val="right"/></w:pPr><w:rPr><w:color w:val="AA0000"/></w:rPr>', styles, count=1)
    parts["word/styles.xml"] = styles
    parts["word/theme/theme1.xml"] = parts["word/theme/theme1.xml"].replace('"Cambria"', '"Georgia"').replace('"MS Mincho"', '"Yu Mincho"')
    parts["word/document.xml"] = parts["word/document.xml"].replace('w:left="1418"', 'w:left="1701"')


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_staff_changed_is_what_the_letter_shows(tmp_path, lang):
    package = Package(sample(REAL, lang).but(root=layouts(tmp_path, edited(restyled))).bytes())
    body = package.style("Body Text")
    assert value(body.find(f"{W}pPr/{W}jc")) == "right"
    assert value(body.find(f"{W}rPr/{W}color")) == "AA0000"
    assert {value(node, "left") for node in package.document.iter(f"{W}pgMar")} == {"1701"}
    fonts = [node.get("typeface") for node in package.tree("word/theme/theme1.xml").iter() if node.get("typeface")]
    assert {"Georgia", "Yu Mincho"} <= set(fonts)
    assert "Cambria" not in fonts


def test_a_file_saved_by_libreoffice_serves(tmp_path):
    saved = saved_by_libreoffice(tmp_path)
    assert b"Heading 1" in Package(saved).parts["word/styles.xml"], "LibreOffice renames built-in styles"
    for name, lang in ((REAL, "en"), (REAL, "ko"), (REAL, "ja"), (SECOND, "en")):
        it = sample(name, lang).but(root=layouts(tmp_path, saved))
        package = Package(it.bytes())
        everything = "\n".join(words for _, words in package.paragraphs())
        assert all(words in everything for words in printed(it))
        assert package.numbers() == Package(sample(name, lang).bytes()).numbers()
        (margins,) = {(value(node, "header"), value(node, "footer")) for node in package.document.iter(f"{W}pgMar")}
        assert margins == ("709", "624"), "a head needs a distance"
        defaults = package.styles.find(f"{W}docDefaults")
        assert defaults is not None
        assert value(defaults.find(f".//{W}lang"), "eastAsia") == ("ja-JP" if lang == "ja" else "ko-KR" if name == REAL else value(defaults.find(f".//{W}lang"), "eastAsia"))
        assert not list(package.styles.iterfind(f"{W}style//{W}lang")), "the letter's language, not the reference's"
        assert defaults.find(f".//{W}suppressAutoHyphens") is None


def saved_by_libreoffice(tmp_path: Path) -> bytes:
    program = shutil.which("soffice")
    assert program, "LibreOffice Writer is missing: make test installs it"
    command = [
        program,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(tmp_path / "saved"),
        str(REFERENCE),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (tmp_path / "saved" / "letter.docx").read_bytes()


def fonts_by_name(parts: dict[str, str]) -> None:
    """Fonts by name instead of by theme, as LibreOffice leaves them once somebody chose one."""
    named = '<w:rFonts w:ascii="Gelasio" w:hAnsi="Gelasio" w:eastAsia="Noto Serif CJK KR" w:cs="Gelasio"/>'
    parts["word/styles.xml"] = re.sub(r"<w:rFonts [^>]*Theme[^>]*/>", named, parts["word/styles.xml"])


@pytest.mark.parametrize(("lang", "font"), [("ko", "Noto Serif CJK KR"), ("ja", "MS Mincho")])
def test_a_chosen_font_stays_but_for_another_script(tmp_path, lang, font):
    package = Package(sample(REAL, lang).but(root=layouts(tmp_path, edited(fonts_by_name))).bytes())
    fonts = package.styles.find(f".//{W}rPrDefault//{W}rFonts")
    assert {slot: value(fonts, slot) for slot in ("ascii", "hAnsi", "eastAsia", "cs")} == {"ascii": "Gelasio", "hAnsi": "Gelasio", "eastAsia": font, "cs": "Gelasio"}


def fonts_of_one_script(parts: dict[str, str]) -> None:
    """What Word's Customize Fonts leaves of a theme's fonts."""
    chosen = '<a:latin typeface="Georgia"/><a:ea typeface="Malgun Gothic"/><a:cs typeface=""/>'
    parts["word/theme/theme1.xml"] = re.sub(r"<a:latin .*?(?=</a:m..orFont>)", chosen, parts["word/theme/theme1.xml"])


@pytest.mark.parametrize(("lang", "chosen", "script"), [("ko", "Malgun Gothic", None), ("ja", "", ("Jpan", "MS Mincho"))])
def test_a_theme_made_for_one_script_serves_another(tmp_path, lang, chosen, script):
    package = Package(sample(REAL, lang).but(root=layouts(tmp_path, edited(fonts_of_one_script))).bytes())
    (minor,) = [node for node in package.tree("word/theme/theme1.xml").iter() if str(node.tag).endswith("}minorFont")]
    assert [node.get("typeface") for node in minor if str(node.tag).endswith("}ea")] == [chosen]
    assert [(node.get("script"), node.get("typeface")) for node in minor if node.get("script")] == ([script] if script else [])


def without(style: str) -> Edit:
    def change(parts: dict[str, str]) -> None:
        parts["word/styles.xml"] = parts["word/styles.xml"].replace(f'<w:name w:val="{style}"/>', '<w:name w:val="Something else"/>')

    return change


def no_numbering(parts: dict[str, str]) -> None:
    parts["word/styles.xml"] = re.sub(r"<w:numPr>.*?</w:numPr>", "", parts["word/styles.xml"])


def strict(parts: dict[str, str]) -> None:
    for name, words in parts.items():
        parts[name] = words.replace("http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main")


def entities(parts: dict[str, str]) -> None:
    head, _, rest = parts["word/styles.xml"].partition("?>")
    parts["word/styles.xml"] = f'{head}?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]>{rest}'


def broken(parts: dict[str, str]) -> None:
    parts["word/styles.xml"] = parts["word/styles.xml"][:-20]


def nothing_inside(parts: dict[str, str]) -> None:
    parts.clear()


def huge(parts: dict[str, str]) -> None:
    parts["word/media/x.bin"] = "\0" * (40 << 20)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without("Body Text"), 'lacks the style "Body Text"'),
        (no_numbering, 'no numbering belongs to "heading 1", "List Bullet", "List Bullet 2", "List Number", "List Number 2"'),
        (strict, "Transitional"),
        (entities, "document type declaration"),
        (broken, "XML is broken"),
        (nothing_inside, "no document part"),
        (huge, "more than 32 MB"),
    ],
)
def test_a_file_that_cannot_serve_is_refused_with_a_reason(tmp_path, change, message):
    it = sample(REAL, "en").but(root=layouts(tmp_path, edited(change)))
    with pytest.raises(EngrossError) as caught:
        it.bytes()
    assert message in caught.value.message
    assert "letter.docx" in caught.value.message
    assert caught.value.hint


def test_all_missing_styles_are_named_at_once(tmp_path):
    def change(parts: dict[str, str]) -> None:
        without("Signatory")(parts)
        without("Emphasis")(parts)

    with pytest.raises(EngrossError, match='lacks the styles "Signatory", "Emphasis"'):
        sample(REAL, "en").but(root=layouts(tmp_path, edited(change))).bytes()


@pytest.mark.parametrize("data", [b"", b"not a Word file", REFERENCE.read_bytes()[:3000]])
def test_a_file_that_is_no_package_is_refused(tmp_path, data):
    with pytest.raises(EngrossError, match="not a Word document"):
        sample(REAL, "en").but(root=layouts(tmp_path, data)).bytes()


def test_what_refers_to_parts_left_behind_is_left_behind_too(tmp_path):
    """Picture bullets, embedded fonts and picture effects of the reference's theme would point nowhere."""

    def change(parts: dict[str, str]) -> None:
        parts["word/numbering.xml"] = parts["word/numbering.xml"].replace("<w:abstractNum ", '<w:numPicBullet w:numPicBulletId="0"><w:pict/></w:numPicBullet><w:abstractNum ', 1)
        parts["word/fontTable.xml"] = parts["word/fontTable.xml"].replace(
            "</w:font>", '<w:embedRegular r:id="rId1" w:fontKey="{00000000-0000-0000-0000-000000000000}"/></w:font>', 1
        )
        blip = '<a:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="rId1"/></a:blipFill>'
        parts["word/theme/theme1.xml"] = parts["word/theme/theme1.xml"].replace("<a:bgFillStyleLst>", f"<a:bgFillStyleLst>{blip}")

    package = Package(sample(REAL, "en").but(root=layouts(tmp_path, edited(change))).bytes())
    joined = b"".join(package.parts.values())
    for trace in (b"numPicBullet", b"embedRegular", b"blip"):
        assert trace not in joined


def png(width: int, height: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(buffer, "PNG")
    return buffer.getvalue()


def test_the_logo_is_a_picture_with_a_text_for_who_cannot_see_it(tmp_path):
    root = layouts(tmp_path, REFERENCE.read_bytes())
    (root / "logo.png").write_bytes(png(300, 100))
    package = Package(sample(REAL, "en").but(root=root, logo="logo.png").bytes())
    head = package.tree("word/header1.xml")
    (drawing,) = [node for node in head.iter() if str(node.tag).endswith("}docPr")]
    assert drawing.get("descr") == "Human Rights Watch"
    (extent,) = [node for node in head.iter() if str(node.tag).endswith("}extent")]
    assert int(str(extent.get("cx"))) == 3 * int(str(extent.get("cy"))) == 3 * 504000
    assert package.parts["word/media/logo.png"] == png(300, 100)
    assert text_of(head).strip() == "Human Rights Watch"


@pytest.mark.parametrize(("name", "data"), [("logo.svg", b"<svg/>"), ("logo.png", b"\x89PNG\r\n\x1a\n"), ("logo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF")])
def test_a_logo_word_cannot_show_is_refused(tmp_path, name, data):
    root = layouts(tmp_path, REFERENCE.read_bytes())
    (root / name).write_bytes(data)
    with pytest.raises(EngrossError, match="PNG or JPEG"):
        sample(REAL, "en").but(root=root, logo=name).bytes()


def test_the_same_letter_is_the_same_bytes_in_another_process_and_time_zone():
    code = (
        "import hashlib; from tests.docx.letters import *\n"
        "print(*[hashlib.sha256(sample(n, l).but(draft=l == 'en').bytes()).hexdigest() for n, l in ((REAL, 'ko'), (SECOND, 'en'))])"
    )
    outputs = set()
    for seed, zone in (("1", "Asia/Seoul"), ("2", "America/New_York")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        outputs.add(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=REPO, env=environment).stdout)
    assert len(outputs) == 1


def test_one_letter_leaves_nothing_in_the_next():
    first = sample(REAL, "es").bytes()
    for lang in ("ko", "ja", "en"):
        sample(REAL, lang).bytes()
    minimal(Paragraph(text("Words."))).bytes()
    assert sample(REAL, "es").bytes() == first
