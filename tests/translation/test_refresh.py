"""`update`: all or nothing, never over somebody's work, and nothing to do the second time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engross import files
from engross.errors import Rejected
from engross.project import Project
from engross.translation import catalog, refresh
from engross.translation.messages import Message
from engross.translation.parse import parse
from engross.translation.refresh import Change, plan, write
from tests.translation.makers import CREATED, ID, domains, letter, message, msgfmt, project


@pytest.fixture
def space(tmp_path):
    made = project(tmp_path / "space")
    run(made)
    return made


def run(made: Project, content: Mapping[str, Sequence[Message]] | None = None, *, created: str = CREATED, minor: bool = False) -> list[Change]:
    changes, problems = plan(made, content or domains(), created=created, minor=minor)
    assert problems == []
    write(made, changes)
    return changes


def tree(made: Project) -> dict[str, bytes]:
    return {path.relative_to(made.root).as_posix(): path.read_bytes() for path in sorted(made.root.rglob("*")) if path.is_file()}


def translate(made: Project, lang: str = "ko", domain: str = ID, mark: str = "번역") -> Path:
    path = catalog.catalog_path(made, lang, domain)
    old, _ = catalog.read(made, path)
    path.write_bytes(catalog.dump(replace(old, entries=tuple(replace(e, text=f"{mark} {n}") for n, e in enumerate(old.entries)))))
    return path


def test_the_first_update_makes_templates_and_catalogues_in_every_language(space, tmp_path):
    expected = {f"translations/{domain}.pot" for domain in (ID, "missions", "layouts")}
    expected |= {f"translations/{lang}/LC_MESSAGES/{domain}.po" for domain in (ID, "missions", "layouts") for lang in ("en", "ko", "ja", "es")}
    assert set(tree(space)) == expected
    for name, data in tree(space).items():
        if name.endswith(".po"):
            assert msgfmt(data, tmp_path) == "", name


def test_the_source_languages_catalogue_says_what_the_source_says(space):
    made, _ = catalog.read(space, catalog.catalog_path(space, "en", ID))
    assert made.entries
    assert all(entry.text == entry.source for entry in made.entries)


def test_equal_texts_are_one_message_and_withdrawn_names_are_none(space):
    made, _ = catalog.read(space, catalog.catalog_path(space, "ko", ID))
    names = [entry.source for entry in made.entries if entry.role == "signatory"]
    assert names == ["Rivers Network", "Lakes Network"]


def test_a_second_update_changes_nothing(space):
    before = tree(space)
    changes = run(space, created="2031-01-01 00:00+0000")
    assert [change.path for change in changes if change.changed] == []
    assert tree(space) == before


def test_a_moved_text_touches_no_date_and_an_added_one_does(space):
    made = domains()
    moved = {**made, ID: list(reversed(made[ID]))}
    run(space, moved, created="2031-01-01 00:00+0000")
    pot = catalog.template_path(space, ID)
    assert b"POT-Creation-Date: 2030-01-31" in pot.read_bytes()
    run(space, {**moved, ID: [*moved[ID], message("One more.")]}, created="2031-01-01 00:00+0000")
    assert b"POT-Creation-Date: 2031-01-01" in pot.read_bytes()
    assert b"POT-Creation-Date: 2030-01-31" in catalog.template_path(space, "missions").read_bytes()


def test_references_have_line_numbers_only_in_templates(space):
    assert b"letter.md:10\n" in catalog.template_path(space, ID).read_bytes()
    po = catalog.catalog_path(space, "ko", ID).read_bytes()
    assert b"letter.md\n" in po
    assert b"letter.md:" not in po


def test_translations_and_comments_survive_and_only_the_changed_entry_is_fuzzy(space):
    path = translate(space)
    path.write_bytes(path.read_bytes().replace(b'msgctxt "salutation"', b'# why this?\nmsgctxt "salutation"', 1))
    made = domains()
    made[ID] = [replace(m, text="We write to you about the rivers.") if m.text == "We write about the rivers." else m for m in made[ID]]
    (change,) = [c for c in run(space, made) if c.path.endswith(f"ko/LC_MESSAGES/{ID}.po")]
    assert change.merge
    assert change.merge.fuzzy == (("paragraph", "We write to you about the rivers."),)
    after, _ = catalog.read(space, path)
    assert [e.source for e in after.active if e.fuzzy] == ["We write to you about the rivers."]
    assert all(e.text for e in after.active)
    assert after.by_key()["salutation", "Dear Minister,"].notes == ("why this?",)


def test_a_minor_change_lists_the_language_and_text(space):
    translate(space)
    made = domains()
    made[ID] = [replace(m, text="We write, about the rivers.") if m.text == "We write about the rivers." else m for m in made[ID]]
    changes = run(space, made, minor=True)
    lines = list(refresh.UpdateReport(tuple(changes)).lines())
    assert "  ko keeps its translation of: We write, about the rivers." in lines
    assert f"translations/ko/LC_MESSAGES/{ID}.po: {len(made[ID]) - 1} unchanged, 1 kept through a minor change" in lines


def test_a_catalogue_in_another_writing_style_is_written_canonically(space):
    path = translate(space)
    canonical = path.read_bytes()
    text = canonical.decode().replace('msgstr "번역 3"', 'msgstr ""\n"번역 "\n"3"')
    path.write_bytes(("\ufeff" + text.replace("\n", "\r\n")).encode())
    run(space)
    assert path.read_bytes() == canonical


def test_one_broken_catalogue_stops_everything_and_all_faults_are_told(space):
    for lang in ("ko", "ja"):
        path = catalog.catalog_path(space, lang, ID)
        path.write_bytes(path.read_bytes().replace(b'msgstr ""\n\n', b'msgstr "x\n\n', 1))
    before = tree(space)
    made = domains()
    made[ID].append(message("One more."))
    _, problems = plan(space, made, created=CREATED)
    assert [(p.code, p.where.path.split("/")[1]) for p in problems] == [("po-syntax", "ko"), ("po-syntax", "ja")]
    assert all(p.where.line > 1 for p in problems)
    assert tree(space) == before


def test_a_catalogue_that_somebody_saves_meanwhile_is_not_overwritten_and_nothing_is_written(space):
    made = domains()
    made[ID].append(message("One more."))
    changes, _ = plan(space, made, created=CREATED)
    saved = translate(space, "ja", mark="訳")
    before = tree(space)
    with pytest.raises(files.StaleFile, match=rf"ja/LC_MESSAGES/{ID}.po"):
        write(space, changes)
    assert tree(space) == before
    assert "訳 1".encode() in saved.read_bytes()


def test_a_save_between_two_writes_is_kept_and_the_next_update_merges_it(space, monkeypatch):
    made = domains()
    made[ID].append(message("One more."))
    changes, _ = plan(space, made, created=CREATED)
    real = files.write_atomic

    def saving_meanwhile(path, data, **more):
        if path == catalog.catalog_path(space, "ja", ID):
            translate(space, "ja", mark="訳")
        real(path, data, **more)

    monkeypatch.setattr(files, "write_atomic", saving_meanwhile)
    with pytest.raises(files.StaleFile):
        write(space, changes)
    monkeypatch.undo()
    run(space, made)
    after, _ = catalog.read(space, catalog.catalog_path(space, "ja", ID))
    assert [e.source for e in after.active if not e.text] == ["One more."]


def test_a_spoilt_template_or_source_catalogue_is_made_anew(space):
    before = tree(space)
    catalog.template_path(space, ID).write_bytes(b"<<<<<<< HEAD\n")
    catalog.catalog_path(space, "en", ID).write_bytes(b'msgid "a"\nmsgstr "b\n')
    run(space)
    assert tree(space) == before


def test_a_catalogue_that_is_a_link_out_of_the_workspace_is_refused(space, tmp_path):
    outside = tmp_path / "outside.po"
    outside.write_bytes(b"secret")
    for path in (catalog.catalog_path(space, "ko", ID), catalog.template_path(space, "missions")):
        path.unlink()
        path.symlink_to(outside)
    _, problems = plan(space, domains(), created=CREATED)
    assert [(p.code, p.where.path) for p in problems] == [("outside-workspace", f"translations/ko/LC_MESSAGES/{ID}.po"), ("outside-workspace", "translations/missions.pot")]
    assert outside.read_bytes() == b"secret"


def test_a_catalogue_that_cannot_be_read_is_a_problem(space):
    path = catalog.catalog_path(space, "ko", ID)
    path.unlink()
    path.mkdir()
    _, (problem,) = plan(space, domains(), created=CREATED)
    assert problem.code == "unreadable-file"


def test_purging_removes_only_obsolete_entries(space):
    translate(space)
    made = domains()
    made[ID] = [m for m in made[ID] if m.text != "Thank you."]
    run(space, made)
    path = catalog.catalog_path(space, "ko", ID)
    assert b"#~ msgid" in path.read_bytes()
    report = refresh.purge_obsolete(space, [ID])
    assert report.written == (f"translations/ko/LC_MESSAGES/{ID}.po",)
    assert b"#~" not in path.read_bytes()
    run(space, made)
    assert b"#~" not in path.read_bytes()


def test_a_workspace_on_disk_is_updated_through_its_content(tmp_path):
    made = project(tmp_path / "disk", ("en", "ko"))
    folder = made.content / ID
    folder.mkdir(parents=True)
    front = "title: T\ndate: 2030-01-31\naddressees:\n  - name: The Minister\nsalutation: Dear Minister,\nclosing: Sincerely,\n"
    (folder / "letter.md").write_text(f"---\n{front}---\n\nWe write.\n")
    (folder / "signatories.csv").write_text("id,name,lang,status\nrivers,Rivers Network,en,confirmed\n")
    (made.content / "missions.yaml").write_text(
        "- id: geneva\n  mission: M\n  city: Geneva\n  holder: {name: H, title: R, status: in-office}\n  email: office@example.com\n  languages: [en]\n"
    )
    made.layouts.mkdir()
    (made.layouts / "labels.yaml").write_text('cc: {text: "CC:", note: before the list}\n')
    report = refresh.update(made, now=datetime(2030, 1, 31, tzinfo=UTC))
    assert len(report.written) == 9
    assert refresh.update(made).written == ()
    (folder / "letter.md").write_text(f"---\n{front}unknown: 1\n---\n\nWe write more.\n")
    before = tree(made)
    with pytest.raises(Rejected):
        refresh.update(made)
    assert tree(made) == before


def test_messages_carry_glossary_terms_and_say_what_is_optional():
    from engross.translation.messages import glossary_terms, letter_messages

    found = {m.text: m for m in letter_messages(letter(), terms=["rivers", "figures", "Riv"])}
    assert found["We write about the rivers."].comments == ("glossary: rivers",)
    assert found["Publish the *figures* of 2029;"].comments == ("glossary: figures",)
    assert found["Rivers Network"].optional
    assert found["Rivers Network"].comments[-1].startswith("optional: ")
    assert glossary_terms("forced labor in labor camps", ["forced labor", "labor"]) == ["forced labor", "labor"]
    assert glossary_terms("forced labor", ["forced labor", "labor"]) == ["forced labor"]


def test_what_was_written_is_what_was_read(space):
    for data in tree(space).values():
        assert catalog.dump(parse(data, "x")[0]) == data
