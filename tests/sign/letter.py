"""A letter of one page in two languages, built officially with fields for its officers: what signing and verifying do does not depend on its length."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from engross import translation
from engross.inspection import approve
from engross.pipeline import Request, build
from engross.project import find
from engross.translation import catalog
from tests.conftest import REPO, WORKSPACE, copy_workspace

LETTER = "2030-01-31-joint"
TEXT = """---
title: Joint letter on rivers
date: 2030-01-31
place: London
edition: 1
lead: example-centre
addressees:
  - name: Minister Example
    title: Minister for Example Affairs
    address: [1 Example Square]
salutation: Excellency,
closing: Yours sincerely,
cc: [example-london]
---

We write about **rivers**.

## Rivers

- Keep them clean, as [promised](https://example.org/rivers).
- Keep them free.
"""
SIGNATORIES = """id,name,lang,acronym,place,territory,group,kind,affiliation,status,consent_by,consent_on,note
example-centre,Example Centre,en,,London,GB,,organisation,,confirmed,secretary,2030-01-10,
sample-house,Sample House,en,,Seoul,KR,,organisation,,confirmed,secretary,2030-01-10,
"""
KOREAN = {
    "Joint letter on rivers": "강에 관한 공동 서한",
    "London": "런던",
    "Seoul": "서울",
    "Minister Example": "장관 님",
    "Minister for Example Affairs": "예시부 장관",
    "1 Example Square": "예시 광장 1",
    "Excellency,": "각하께,",
    "Yours sincerely,": "감사합니다.",
    "We write about **rivers**.": "**강**에 관하여 씁니다.",
    "Rivers": "강",
    "Keep them clean, as [promised](https://example.org/rivers).": "[약속한](https://example.org/rivers) 대로 깨끗이 지켜 주십시오.",
    "Keep them free.": "자유로이 흐르게 해 주십시오.",
    "Mission of Example to the Organization in London": "런던 주재 예시 대표부",
    "Envoy Example": "대사 님",
    "Her Excellency": "존경하는",
    "Ambassador of Example": "예시 대사",
}


def write(root: Path) -> Path:
    """A workspace with this letter alone, Korean translated and approved."""
    copy_workspace(WORKSPACE, root)
    shutil.rmtree(root / "content")
    shutil.copytree(REPO / "translations", root / "translations")
    (root / "pyproject.toml").write_text('[tool.engross]\nlanguages = ["en", "ko"]\n', "utf-8")
    folder = root / "content" / LETTER
    folder.mkdir(parents=True)
    (folder / "letter.md").write_text(TEXT, "utf-8")
    (folder / "signatories.csv").write_text(SIGNATORIES, "utf-8")
    shutil.copyfile(WORKSPACE / "content/missions.yaml", root / "content/missions.yaml")
    missions = root / "content/missions.yaml"
    missions.write_text(missions.read_text("utf-8").partition("\n- id: example-washington")[0].replace("[en, es]", "[en]").replace("  office: example-office\n", ""), "utf-8")
    project = find(root)
    translation.update(project, [LETTER])
    for domain in (LETTER, "missions"):
        path = catalog.catalog_path(project, "ko", domain)
        old, _ = catalog.read(project, path)
        entries = tuple(replace(entry, text=KOREAN[entry.source], fuzzy=False, previous=None) if entry.source in KOREAN else entry for entry in old.entries)
        path.write_bytes(catalog.dump(replace(old, entries=entries)))
    approve(find(root), LETTER, "ko", "second reader", date(2030, 1, 31))
    return root


def built(root: Path, settings: str) -> Path:
    """The workspace with a signing profile, and its two official PDFs."""
    write(root)
    with (root / "pyproject.toml").open("a", encoding="utf-8") as stream:
        stream.write("\n" + settings)
    build(find(root), Request((LETTER,), ("en", "ko"), ("pdf",), official=True, jobs=1))
    return root
