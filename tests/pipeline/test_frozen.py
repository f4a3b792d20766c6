"""A signed edition made again from its record: what is found to be the same, what is not, and why. What the officers' own manifest adds is in tests/sign."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import pytest

from engross import artifact, frozen, pipeline, plan, record
from engross.content import editions
from engross.edition import prepare
from engross.errors import UsageError
from engross.project import Project, find
from engross.rebuilding import Rebuilt
from engross.task import Task
from tests.pipeline.conftest import engross

LETTER = "2020-02-29-second"
PDF = f"en/{LETTER}.en.pdf"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.unlink()
    path.write_text(text.replace(old, new, 1), "utf-8")


def remade(project: Project, *formats: str) -> Rebuilt:
    request = pipeline.Request((LETTER,), formats=formats, jobs=1)
    ((edition,), ()) = frozen.split(project, request, 1)
    return frozen.remake(project, edition, request)


def test_every_file_of_the_edition_is_made_again_to_the_byte_and_nothing_is_written(project: Project) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.root.rglob("*") if path.is_file()}
    run = engross(project.root, "build", LETTER, "--check", "--edition", "1", LC_ALL="C", TZ="Asia/Pyongyang", PYTHONHASHSEED="7")
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"output/{LETTER}/edition-1: 9 the same byte for byte, 0 different" in run.stdout
    assert "nobody's signature covers" in run.stdout, "the signed manifest is not there"
    assert {path: path.stat().st_mtime_ns for path in project.root.rglob("*") if path.is_file()} == before


def test_without_output_the_record_alone_is_enough(project: Project) -> None:
    shutil.rmtree(project.output)
    result = remade(project, "txt", "html")
    assert (len(result.same), result.different) == (2, {})
    assert any("signed.pdf is not in" in note for note in result.notes)


def test_messages_are_said_not_to_be_made_again_and_one_that_was_touched_is_found(project: Project) -> None:
    folder, path, data = project.output / LETTER / "edition-1", "email/uk-london.eml", b"Subject: a letter\r\n\r\n"
    standing = artifact.read_manifest(folder)
    assert standing
    entry = artifact.Artifact(path, artifact.digest(data), len(data), "email", "en", "r")
    with artifact.locked(folder):
        artifact.publish(folder, {path: data}, replace(standing, artifacts=(*standing.artifacts, entry)))
    result = remade(project, "txt")
    assert (result.different, sum("the messages in email/" in note for note in result.notes)) == ({}, 1)
    (folder / path).write_bytes(data + b"more")
    assert [*remade(project, "txt").different] == [path]


def test_content_and_addresses_that_changed_since_do_not_matter_and_are_told(project: Project) -> None:
    edit(project.content / LETTER / "letter.md", "A home is more than a roof.", "A home is a roof.")
    edit(project.content / "missions.yaml", "+44-20-7946-0", "+44-20-7946-9")
    result = remade(project, "txt", "html", "fax")
    assert (len(result.same), result.different) == (7, {}), "six files that were made, and the signed one"
    assert any("edition 1 was signed in en and its body changed since (this check does not look at the content)" in note for note in result.notes)


def test_a_layout_that_changed_is_named_and_what_was_signed_is_read_back(project: Project) -> None:
    edit(project.layouts / "web.html", "</article>", "<!-- another --></article>")
    result = remade(project, "txt", "html")
    assert f"en/{LETTER}.en.txt" in result.same
    why = result.different[f"en/{LETTER}.en.html"]
    assert why == "cannot be made again here byte for byte: layouts/web.html changed; but what stands in output/ was read and says what the record says, text by text"


def test_other_versions_and_fonts_are_named_and_nothing_is_said_of_the_content(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {**plan.versions(), "weasyprint": "1.0"}
    monkeypatch.setattr(plan, "versions", lambda: other)
    font = project.layouts / "fonts" / "source-serif-4-latin-400-normal.ttf"
    data = font.read_bytes()
    font.unlink()
    font.write_bytes(data.replace("4.004".encode("utf-16-be"), "4.999".encode("utf-16-be")))
    result = remade(project, "pdf")
    why = result.different[PDF]
    assert "weasyprint 1.0, then " in why
    assert "the font source-serif-4-latin-400-normal.ttf is another (Version 4.999, then Version 4.004)" in why
    assert "says what the record says, text by text" in why
    assert f"en/{LETTER}.en.signed.pdf" in result.same


def test_other_versions_that_make_the_same_bytes_are_only_noted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    other = {**plan.versions(), "weasyprint": "1.0"}
    monkeypatch.setattr(plan, "versions", lambda: other)
    result = remade(project, "txt")
    assert result.different == {}
    assert any(note.startswith("en: since the signing weasyprint 1.0, then ") for note in result.notes)


def test_a_record_that_somebody_changed_is_not_believed(project: Project) -> None:
    path = record.path(project, LETTER, 1, "en")
    edit(path, "A home is more than a roof.", "A home is a roof.")
    result = remade(project, "txt")
    assert (result.same, list(result.different)) == ((), [str(path)])
    assert "somebody changed it" in result.different[str(path)]


def test_a_record_and_its_digest_changed_together_still_have_not_the_text_of_the_seal(project: Project) -> None:
    path, main = record.path(project, LETTER, 1, "en"), editions.path(project, LETTER, 1)
    old = artifact.digest(path.read_bytes())
    edit(path, "A home is more than a roof.", "A home is a roof.")
    edit(main, old, artifact.digest(path.read_bytes()))
    assert remade(project, "txt").different == {str(path): "the record has another text than the one that was signed"}


@pytest.mark.parametrize("damage", ['{"format": 1}', "[]", '{"format": 9}', "no JSON", '{"format": 1, "letter": {"is": "Path"}}'])
def test_a_record_that_makes_no_sense_is_told_in_a_sentence(project: Project, damage: str) -> None:
    path, main = record.path(project, LETTER, 1, "en"), editions.path(project, LETTER, 1)
    old = artifact.digest(path.read_bytes())
    path.unlink()
    path.write_text(damage)
    edit(main, old, artifact.digest(path.read_bytes()))
    assert " is damaged: " in remade(project, "txt").different[str(path)]


def test_a_signed_file_that_was_touched_is_found(project: Project) -> None:
    path = project.output / LETTER / "edition-1" / "en" / f"{LETTER}.en.signed.pdf"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data.replace(b"officers", b"0fficers"))
    assert "it is not the file that was signed" in remade(project, "txt").different[f"en/{LETTER}.en.signed.pdf"]


def facts(path: Path) -> tuple[bytes, int, int]:
    """Bytes, time of the last change and number on the disk: what differs when somebody touched a file."""
    return path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino


def test_a_build_beside_a_signed_file_says_so_and_does_not_touch_it(project: Project) -> None:
    path = project.output / LETTER / "edition-1" / "en" / f"{LETTER}.en.signed.pdf"
    before = facts(path)
    edit(project.layouts / "web.html", "</article>", "<!-- another --></article>")
    run = engross(project.root, "build", LETTER, "--official", "-l", "en", "-f", "html", "-f", "txt")
    assert run.returncode == 0, run.stderr
    assert "2 made, 7 unchanged, 1 of them signed and left as they are" in run.stdout
    assert facts(path) == before


@pytest.mark.parametrize(("damage", "said"), [(b"%PDF-1.7 another", "was changed since it was signed"), (None, "was signed and is missing")])
def test_a_damaged_signed_file_is_told_with_what_to_do_at_every_build_and_not_touched_either(project: Project, damage: bytes | None, said: str) -> None:
    path = project.output / LETTER / "edition-1" / "en" / f"{LETTER}.en.signed.pdf"
    path.unlink()
    if damage:
        path.write_bytes(damage)
    edit(project.layouts / "web.html", "</article>", "<!-- another --></article>")
    for made in (2, 0):
        before = facts(path) if damage else None
        (built,) = pipeline.build(project, pipeline.Request((LETTER,), ("en",), ("html", "txt"), official=True, jobs=1))
        (problem,) = (problem for problem in built.problems if problem.code == pipeline.SIGNED_FILE)
        assert (len(built.made), problem.where.path) == (made, f"output/{LETTER}/edition-1/en/{LETTER}.en.signed.pdf")
        assert said in problem.message
        assert "engross verify FILE" in problem.hint
        assert (facts(path) if damage else None) == before
        assert path.exists() is bool(damage)


def test_a_signed_file_that_was_put_back_is_no_longer_told_of(project: Project) -> None:
    path = project.output / LETTER / "edition-1" / "en" / f"{LETTER}.en.signed.pdf"
    whole = path.read_bytes()
    path.unlink()
    build = ("build", LETTER, "--official", "-l", "en", "-f", "txt")
    assert "warning[signed-file]" in engross(project.root, *build).stderr
    path.write_bytes(whole)
    assert engross(project.root, *build).stderr == ""


def test_the_record_holds_no_notes_and_nobody_who_did_not_sign(signed: Path) -> None:
    value = json.loads(record.path(find(signed), LETTER, 1, "en").read_bytes())
    letter = value["letter"]
    assert {who.get("status", "confirmed") for who in letter["signatories"]} == {"confirmed"}
    assert not {"note", "hints", "consent_by", "where"} & {key for node in letter["signatories"] for key in node}


def test_a_record_gives_the_tasks_back_as_they_were(signed: Path) -> None:
    project = find(signed)
    standing = artifact.read_manifest(project.output / LETTER / "edition-1")
    assert standing
    edition = prepare(project, LETTER, ["en"], official=True)
    tasks = plan.tasks(project, edition, (), project.settings.paper)
    back = record.read(record.written(project, edition, "en", standing), project.layouts, "record").tasks
    assert {field.name for field in fields(Task)} == {*COMPARED, "products", "version", "missions", "rows"}, "a new field of a task has to be recorded"
    for name in COMPARED:
        assert [getattr(task, name) for task in back] == [getattr(task, name) for task in tasks], name
    assert [dict(task.products) for task in back] == [dict(task.products) for task in tasks]
    assert [[mission.id for mission in task.missions] for task in back] == [[mission.id for mission in task.missions] for task in tasks]


COMPARED = ("format", "layout", "english", "office", "sender", "fax")


def test_without_a_draft_a_check_is_about_the_signed_edition(project: Project) -> None:
    assert frozen.split(project, pipeline.Request((LETTER,)), None)[0]
    pipeline.build(project, pipeline.Request((LETTER,), ("en",), ("txt",), jobs=1))
    signed, (draft,) = frozen.split(project, pipeline.Request((LETTER,)), None)
    assert (signed, draft.official) == ([], False)


def test_what_was_built_from_something_else_before_the_signing_is_said_to_be_unexplained(project: Project) -> None:
    standing = artifact.read_manifest(project.output / LETTER / "edition-1")
    assert standing
    edit(project.layouts / "web.css", "", "/* changed between building and signing */\n")
    written = record.written(project, prepare(project, LETTER, ["en"], official=True), "en", standing)
    assert f"en/{LETTER}.en.html" in record.read(written, project.layouts, "record").unexplained


@pytest.mark.parametrize(("arguments", "said"), [(("--edition", "7"), "was not signed"), (("--edition", "1", "-l", "ko"), "signed: 1 in en")])
def test_an_edition_that_was_not_signed_cannot_be_compared(project: Project, arguments: tuple[str, ...], said: str) -> None:
    run = engross(project.root, "build", LETTER, "--check", *arguments)
    assert (run.returncode, said in run.stderr) == (2, True), run.stderr


def test_an_edition_is_only_compared_and_never_built_again(project: Project) -> None:
    run = engross(project.root, "build", LETTER, "--edition", "1")
    assert (run.returncode, "only compared" in run.stderr) == (2, True), run.stderr


def test_an_official_check_makes_signed_languages_from_the_record(project: Project) -> None:
    edit(project.content / LETTER / "letter.md", "A home is more than a roof.", "A home is a roof.")
    run = engross(project.root, "build", LETTER, "--check", "--official", "-f", "txt")
    assert run.returncode == 0, run.stdout + run.stderr
    with pytest.raises(UsageError):
        frozen.split(project, pipeline.Request((LETTER,), ("ja",)), 1)
