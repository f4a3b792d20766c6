"""Files that no reviewer's Word makes are refused with a word about why, and nothing of them is used."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest

from engross.errors import Rejected
from engross.review import returning
from tests.review.word import Doc

Spoil = Callable[[dict[str, bytes]], None]


def part(name: str, data: bytes) -> Spoil:
    return lambda parts: parts.update({name: data})


def without(name: str) -> Spoil:
    def change(parts: dict[str, bytes]) -> None:
        del parts[name]

    return change


def swap(name: str, old: bytes, new: bytes) -> Spoil:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return change


def relation(kind: str, target: bytes, *, where: str = "word/_rels/document.xml.rels") -> Spoil:
    row = (
        b'<Relationship Id="rId98" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        + kind.encode()
        + b'" Target="'
        + target
        + b'" TargetMode="External"/>'
    )
    return swap(where, b"</Relationships>", row + b"</Relationships>")


ENTITY = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><w:document'


def utf16(parts: dict[str, bytes]) -> None:
    text = parts["word/document.xml"].decode()
    parts["word/document.xml"] = text.replace("UTF-8", "UTF-16").replace("<w:document", ENTITY.decode(), 1).encode("utf-16")


CASES: list[tuple[str, Spoil, str]] = [
    ("entities", swap("word/document.xml", b"<w:document", ENTITY), "document type declaration"),
    ("entities in UTF-16", utf16, "document type declaration"),
    ("entities in the relationships", swap("word/_rels/document.xml.rels", b"<Relationships", b'<!DOCTYPE r SYSTEM "http://example.org/x.dtd"><Relationships'), "document type declaration"),
    ("another encoding", swap("word/document.xml", b"encoding='UTF-8'", b"encoding='UTF-7'"), "neither UTF-8 nor UTF-16"),
    ("a zip bomb", part("word/media/x.bin", b"\0" * (40 << 20)), "more than 32 MB"),
    ("path traversal", part("../../evil.xml", b"<x/>"), "unsafe name"),
    ("path traversal backwards", part("word\\..\\..\\evil.xml", b"<x/>"), "unsafe name"),
    ("an absolute name", part("/etc/evil.xml", b"<x/>"), "unsafe name"),
    ("macros", part("word/vbaProject.bin", b"\xd0\xcf\x11\xe0"), "macros"),
    ("a macro document's type", swap("[Content_Types].xml", b"wordprocessingml.document.main+xml", b"ms-word.document.macroEnabled.main+xml"), "macros"),
    ("an embedded file", part("word/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0"), "embedded file"),
    ("a template elsewhere", relation("attachedTemplate", b"http://example.org/t.dotm"), "refers to something outside itself (attachedTemplate)"),
    ("a picture elsewhere", relation("image", b"http://example.org/pixel.png"), "outside itself (image)"),
    ("a frame elsewhere", relation("frame", b"file:///etc/passwd"), "outside itself (frame)"),
    ("another document inside", swap("word/document.xml", b"<w:body>", b'<w:body><w:altChunk r:id="rId1"/>'), "another document inside"),
    ("broken XML", swap("word/document.xml", b"</w:body>", b""), "XML is broken"),
    ("a part that is missing", without("word/styles.xml"), "missing"),
    ("no document at all", lambda parts: parts.clear(), "no document part"),
    ("the Strict variant", swap("_rels/.rels", b"http://schemas.openxmlformats.org/officeDocument", b"http://purl.oclc.org/ooxml/officeDocument"), "Transitional"),
    ("no review", lambda parts: parts.update({"docProps/custom.xml": parts["docProps/custom.xml"].replace(b"Review of", b"Else")}), "does not say which letter"),
    ("a spreadsheet", swap("[Content_Types].xml", b"wordprocessingml.document.main+xml", b"spreadsheetml.sheet.main+xml"), "not a Word document"),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_it_is_refused_with_a_reason(spoil, message, english, home, tmp_path, monkeypatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("an address was looked up")

    doc = Doc(english)
    spoil(doc.parts)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in doc.parts.items():
            archive.writestr(name, data)
    path = tmp_path / "r.docx"
    path.write_bytes(buffer.getvalue())
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    with pytest.raises(Rejected) as caught:
        returning.read_returned(home, path)
    (problem,) = caught.value.problems
    assert problem.code == "bad-review"
    assert message in problem.message
    assert problem.where.path == "r.docx"


@pytest.mark.parametrize("data", [b"", b"not a Word file", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0" * 200], ids=["empty", "text", "broken", "the old .doc"])
def test_what_is_no_package_is_refused(data, home, tmp_path) -> None:
    (tmp_path / "r.docx").write_bytes(data)
    with pytest.raises(Rejected) as caught:
        returning.read_returned(home, tmp_path / "r.docx")
    assert "not a Word document" in caught.value.problems[0].message


def test_a_package_that_lies_about_its_size_takes_no_memory(home, tmp_path) -> None:
    """The directory says 1 kB, the entry unpacks to 100 MB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"\0" * (100 << 20))
    data = buffer.getvalue().replace((100 << 20).to_bytes(4, "little"), (1024).to_bytes(4, "little"))
    (tmp_path / "r.docx").write_bytes(data)
    tracemalloc.start()
    with pytest.raises(Rejected):
        returning.read_returned(home, tmp_path / "r.docx")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20


def test_the_command_says_it_without_a_traceback(english, home, tmp_path) -> None:
    doc = Doc(english).insert("p2", "roof", "good ").comment("p3", "glad", "\x1b[31mred\x1b[0m")
    (tmp_path / "bad.docx").write_bytes(b"PK")
    doc.parts["word/document.xml"] = b""
    run = [sys.executable, "-m", "engross", "review", "import"]
    bad = subprocess.run([*run, str(tmp_path / "bad.docx")], cwd=home.root, capture_output=True, text=True, check=False)
    assert bad.returncode == 1
    assert "bad.docx: error[bad-review]" in bad.stderr
    assert "Traceback" not in bad.stderr
    good = subprocess.run([*run, str(Doc(english).insert("p2", "roof", "good ").save(tmp_path / "r.docx")), "--json"], cwd=home.root, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    report = json.loads(good.stdout)
    assert [(c["label"], c["kind"], c["text"], c["author"], c["applied"]) for c in report["changes"]] == [("p2", "insert", "good ", "Legal adviser", False)]
