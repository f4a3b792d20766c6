"""`engross proof` of signed PDFs and of what the officers' manifest lists; whether signatures hold is `engross verify`'s to say, and in tests/sign."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engross import artifact, pipeline, plan
from engross.artifact import Artifact
from engross.edition import prepare
from engross.letter import Letter
from engross.project import Project
from engross.proof import sets
from engross.proof.sets import Proved
from engross.render import pdf
from engross.verify import manifest
from tests.pipeline.conftest import SECOND as LETTER
from tests.proof.faults import DOUBLED, FIGURE, LANGUAGE, MISSING, ORDER, doubled, dropped, moved, said

NAME = f"en/{LETTER}.en.signed.pdf"


def proved(project: Project) -> dict[str, Proved]:
    return {result.path.partition("edition-1/")[2]: result for result in sets.prove_letter(project, LETTER)}


def put(project: Project, name: str, data: bytes, *, kind: str = "") -> None:
    """Replace a file of the set so that its manifest vouches for it: only a reading can tell."""
    folder = project.output / LETTER / "edition-1"
    standing = artifact.read_manifest(folder)
    assert standing
    (folder / name).unlink(missing_ok=True)
    old = standing.find(name) or Artifact(name, "", 0, kind, "", "r")
    entries = [entry for entry in standing.artifacts if entry.path != name] + [replace(old, sha256=artifact.digest(data), bytes=len(data))]
    with artifact.locked(folder):
        artifact.publish(folder, {name: data}, replace(standing, artifacts=tuple(entries)))


def test_a_signed_pdf_is_read_as_any_other(project: Project) -> None:
    results = proved(project)
    assert [str(f) for result in results.values() for f in result.findings] == []
    assert results[NAME].read


def planted(letter: Letter) -> Letter:
    """Faults that stand apart."""
    plants: list[Callable[[Letter], Letter]] = [dropped("s3.b2"), doubled("s2.p1"), moved("p3", -2), said("s1.p1", "2019", "2091")]
    for plant in plants:
        letter = plant(letter)
    return letter.map(lambda segment: replace(segment, text="이 편지는 두 장관에게 보내는 것입니다.") if segment.label == "s2.b3" else segment)


def test_what_a_signed_pdf_says_otherwise_is_found_with_its_page(project: Project) -> None:
    edition = prepare(project, LETTER, ["en"], official=True)
    task = next(task for task in plan.tasks(project, edition, ("pdf",), "a4"))
    put(project, NAME, pdf.render(planted(task.version.letter), task.version.labels, task.layout))
    found = {(f.label, f.code) for f in proved(project)[NAME].findings}
    assert {("s3.b2", MISSING), ("s2.p1", DOUBLED), ("p3", ORDER), ("s1.p1", FIGURE), (NAME, "proof-file")} <= found, found
    assert ("s2.b3", MISSING) in found or ("s2.b3", LANGUAGE) in found
    assert "content.json" in {label for label, _ in found}


def test_a_signed_pdf_that_nobody_recorded_is_found(project: Project) -> None:
    (project.content / LETTER / "editions" / "1.json").unlink()
    assert [f.message for f in proved(project)[NAME].findings] == ["the edition's record in content/ does not know that it was signed"]


def test_files_that_were_made_again_after_the_signing_are_named_for_they_are_not_sent(project: Project) -> None:
    folder = project.output / LETTER / "edition-1"
    text = f"en/{LETTER}.en.txt"
    standing = artifact.read_manifest(folder)
    assert standing
    others = {entry.path: entry.sha256 for entry in standing.artifacts if entry.kind not in artifact.SIGNED}
    put(project, manifest.NAME, json.dumps({"others": others}).encode(), kind="signed-manifest")
    assert not proved(project)[manifest.NAME].findings
    put(project, text, (folder / text).read_bytes() + b"\n")
    assert [f.label for f in proved(project)[manifest.NAME].findings] == [text]
    put(project, manifest.NAME, b"[]", kind="signed-manifest")
    assert [f.code for f in proved(project)[manifest.NAME].findings] == ["proof-unreadable"]


def test_a_build_after_the_signing_says_which_files_the_officers_did_not_sign_for(project: Project) -> None:
    standing = artifact.read_manifest(project.output / LETTER / "edition-1")
    assert standing
    others = {entry.path: entry.sha256 for entry in standing.artifacts if entry.kind not in artifact.SIGNED}
    put(project, manifest.NAME, json.dumps({"others": others}).encode(), kind="signed-manifest")
    page, request = project.layouts / "web.html", pipeline.Request((LETTER,), ("en",), ("html", "txt"), official=True, jobs=1)
    text = page.read_text("utf-8")
    page.unlink()
    said = []
    for words in (text, text.replace("</article>", "<!-- another --></article>"), text):
        page.write_text(words, "utf-8")
        (built,) = pipeline.build(project, request)
        said.append([problem.where.path.rpartition(".")[2] for problem in built.problems if problem.code == pipeline.SIGNED_FILE])
    assert said == [[], ["html"], []]


def test_of_a_file_from_an_older_text_that_alone_is_said(project: Project) -> None:
    (project.content / LETTER / "editions" / "1.json").unlink()
    source = project.content / LETTER / "letter.md"
    text = source.read_text("utf-8")
    source.unlink()
    source.write_text(text.replace("Yours faithfully,", "Yours sincerely,"), "utf-8")
    results = [result for result in proved(project).values() if result.language == "en"]
    assert len(results) > 3
    for result in results:
        finding = result.findings[0]
        assert [f.code for f in result.findings] == ["proof-file"] * (1 + (result.kind == "signed-pdf"))  # nobody recorded that one
        assert "made from another text" in finding.message
        assert finding.beside(result.path).count(result.path.rpartition("/")[2]) == 1


@pytest.mark.parametrize("name", [NAME])
def test_what_is_no_pdf_is_said_to_be_none(project: Project, name: str) -> None:
    put(project, name, b"not a PDF")
    assert {"proof-unreadable", "proof-file"} == {f.code for f in proved(project)[name].findings}
    assert Path(name).suffix == ".pdf"
