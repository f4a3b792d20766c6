"""A signed edition on its way: it goes out as the officers signed it, to the addresses of that day, on the word of the ledger that they named."""

from __future__ import annotations

import email
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engross.artifact import digest
from engross.dispatch.published import read_published
from engross.errors import EngrossError
from engross.project import find
from engross.render import tiff
from engross.sign.listing import of_set
from tests.conftest import REPO, copy_workspace
from tests.dispatch.conftest import SETTINGS
from tests.dispatch.fake_server import Script
from tests.dispatch.test_commands import LETTER, configure, run, taken
from tests.sign import pki as pki_module
from tests.sign.conftest import profile
from tests.sign.pki import PASSPHRASE, Pki

EDITION = f"output/{LETTER}/edition-1"
PDF, FAX = f"en/{LETTER}.en.signed.pdf", "fax/dprk-geneva.en.tif"
BOOK = {"dprk.un@verizon.net": "mission-a@example.org", "mission.korea-dpr@ties.itu.int": "mission-b@example.org", "[en, ko]": "[en]"}


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with pki_module.running(tmp_path_factory.mktemp("pki")) as served:
        yield served


@pytest.fixture(scope="module")
def signed(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in English with one officer's signature, and beside it the user's state as it is then, and `old`, as it was before the signing. To read; tests copy all of it."""
    top = tmp_path_factory.mktemp("signed")
    root = copy_workspace(REPO, top / "workspace")
    settings = root / "pyproject.toml"
    settings.write_text(re.sub(r"(?m)^languages = .*$", 'languages = ["en"]', settings.read_text()) + SETTINGS + profile(pki, 1, level="B-T"))
    book = (root / "content/missions.yaml").read_text()
    for old, new in BOOK.items():
        assert old in book
        book = book.replace(old, new)
    (root / "content/missions.yaml").write_text(book)
    built = run(root, "build", LETTER, "--official", "-f", "pdf", "-f", "fax")
    assert built.returncode == 0, built.stdout + built.stderr
    without = run(root, "sign", LETTER, ENGROSS_PASSPHRASE=PASSPHRASE)
    assert without.returncode == 2, without.stderr
    assert "the signed manifest names the ledger of the deliveries, and there is no ledger" in without.stderr
    assert not (root / EDITION / PDF).exists()
    made = run(root, "deliveries", LETTER, "init")
    shutil.copytree(top / "state", top / "old")
    recorded = run(root, "deliveries", LETTER, "record", "--to", "dprk-new-york", "--via", "hand", "--by", "clerk", "--evidence", str(settings))
    assert recorded.returncode == 0, recorded.stderr
    done = run(root, "sign", LETTER, ENGROSS_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stdout + done.stderr
    named = json.loads((root / EDITION / "signed.json").read_text())
    assert named["ledger"]["identity"] == made.stdout.split()[1]
    assert named["ledger"]["sequence"] == 2
    assert set(named["fax_pages"]) == {"en"}
    return top


@pytest.fixture
def workspace(signed: Path, tmp_path: Path, fake: Callable[[Script], int]) -> Path:
    shutil.copytree(signed, tmp_path, dirs_exist_ok=True)
    configure(tmp_path / "workspace", fake(Script()))
    return tmp_path / "workspace"


def exchange(workspace: Path, name: str, data: bytes) -> None:
    """Put other bytes in the place of a file, and make the set's own manifest agree with them, as whoever can write there could."""
    manifest = workspace / EDITION / "manifest.json"
    value = json.loads(manifest.read_text())
    entry = next(entry for entry in value["artifacts"] if entry["path"] == name)
    entry["sha256"], entry["bytes"] = digest(data), len(data)
    manifest.write_text(json.dumps(value))
    (workspace / EDITION / name).write_bytes(data)


def send(workspace: Path, *arguments: str) -> str:
    """What a sending that is refused says."""
    result = run(workspace, "send", LETTER, "--via", "email", "--yes", *arguments)
    assert result.returncode == 1, result.stdout + result.stderr
    assert taken(workspace) == []
    return result.stderr


def test_the_signed_files_go_to_the_addresses_of_the_signing_though_the_book_has_changed(workspace: Path) -> None:
    book = workspace / "content/missions.yaml"
    book.write_text(book.read_text().replace("mission-b@example.org", "elsewhere@example.org"))
    result = run(workspace, "send", LETTER, "--via", "email", "--yes")
    assert result.returncode == 0, result.stdout + result.stderr
    assert taken(workspace) == ["mission-a@example.org", "mission-b@example.org"]
    assert "! the address book has another e-mail address since the signing: elsewhere@example.org; the edition says mission-b@example.org" in result.stdout
    assert "not signed" not in result.stdout
    listed = json.loads(run(workspace, "deliveries", LETTER, "--json").stdout)
    digests = [attempt["sha256"] for row in listed if row["channel"] == "email" for attempt in row["attempts"]]
    assert len(digests) == 2
    for name in digests:
        message = email.message_from_bytes((workspace.parent / "state/engross/ledger/objects" / name[:2] / name[2:]).read_bytes())
        parts = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
        assert [part.get_payload(decode=True) for part in parts] == [(workspace / EDITION / PDF).read_bytes()]


@pytest.mark.parametrize("how", ["longer", "other", "unsigned"])
def test_a_pdf_exchanged_after_the_signing_is_not_sent_though_the_manifest_agrees(workspace: Path, how: str) -> None:
    data = (workspace / EDITION / PDF).read_bytes()
    other = {"longer": data + b"%", "other": data.replace(b"%%EOF", b"%%EOG", 1), "unsigned": (workspace / EDITION / PDF.replace(".signed", "")).read_bytes()}[how]
    exchange(workspace, PDF, other)
    assert PDF in send(workspace)


def test_a_signed_manifest_that_was_rewritten_vouches_for_nothing(workspace: Path) -> None:
    data = (workspace / EDITION / PDF).read_bytes() + b"%"
    exchange(workspace, PDF, data)
    path = workspace / EDITION / "signed.json"
    value = json.loads(path.read_text())
    value["files"]["en"] |= {"signed_bytes": len(data), "signed_sha256": digest(data)}
    path.write_text(json.dumps(value))
    assert "the signature of signed.json" in send(workspace)
    path.unlink()
    assert "signed.json" in send(workspace)


def test_what_has_happened_is_entered_though_the_edition_is_damaged_since(workspace: Path, tmp_path: Path) -> None:
    for name in (PDF, FAX, "signed.json"):
        (workspace / EDITION / name).write_bytes(b"something else")
    source = workspace / f"content/{LETTER}/letter.md"
    source.write_text(source.read_text().replace("human rights", "rights", 1))
    sheet = tmp_path / "sheet.png"
    sheet.write_bytes(b"2 pages OK")
    entry = ("deliveries", LETTER, "record", "--by", "clerk", "--evidence", str(sheet))
    by_hand = run(workspace, *entry, "--to", "dprk-geneva", "--via", "hand", "--result", "acknowledged")
    assert "dprk-geneva  hand letter    acknowledged" in by_hand.stdout, by_hand.stderr
    number = re.search(r'fax: "(\+41[\d-]+)"', (workspace / "content/missions.yaml").read_text())
    assert number
    dialled = number[1].replace("-", "")
    faxed = run(workspace, *entry, "--to", "dprk-geneva", "--via", "fax", "-l", "en", "--dialled", dialled, "--pages", "1")
    assert "dprk-geneva  fax en    partial" in faxed.stdout, faxed.stderr
    to_nobody = run(workspace, *entry, "--to", "dprk-genva", "--via", "hand")
    assert to_nobody.returncode == 2
    assert "is not sent to 'dprk-genva'" in to_nobody.stderr
    assert "did you mean 'dprk-geneva'? it is sent to dprk-geneva, dprk-new-york" in to_nobody.stderr
    (workspace / EDITION / "manifest.json").unlink()
    without = run(workspace, *entry, "--to", "dprk-geneva", "--via", "post")
    assert (without.returncode, "no official edition 1" in without.stderr) == (2, True)


def test_no_ledger_another_ledger_and_an_old_copy_send_nothing(workspace: Path) -> None:
    state = workspace.parent / "state"
    shutil.rmtree(state)
    assert "there is no ledger" in send(workspace)
    assert run(workspace, "deliveries", LETTER, "init").returncode == 0
    assert re.search(r"this is the ledger \S+, not ", send(workspace))
    shutil.rmtree(state)
    shutil.copytree(workspace.parent / "old", state)  # with what the machine remembers: only the signed manifest knows of more
    assert "it was rolled back or cut" in send(workspace)


def test_a_fax_exchanged_after_the_signing_is_not_sent_and_a_new_cover_is(workspace: Path) -> None:
    pages = [page.strip for page in tiff.read((workspace / EDITION / FAX).read_bytes())]
    for strips, good in (([pages[1], *pages[1:]], True), ([pages[0], pages[0], *pages[2:]], False), (pages[:-1], False)):
        exchange(workspace, FAX, tiff.write(strips, coding="mmr", dpi=196, stamp=""))
        published = read_published(find(workspace), LETTER, datetime.now(UTC))
        entry = published.manifest.find(FAX)
        assert entry
        if good:
            assert published.read(entry)
        else:
            with pytest.raises(EngrossError, match="has other pages than the signed manifest says"):
                published.read(entry)


def test_what_was_read_is_what_goes_out_whatever_stands_there_later(workspace: Path) -> None:
    published = read_published(find(workspace), LETTER, datetime.now(UTC))
    entry = published.manifest.find(PDF)
    assert entry
    before = published.read(entry)
    (workspace / EDITION / PDF).write_bytes(b"something else")
    assert published.read(entry) == before


def test_the_later_of_the_signed_embargo_and_the_letter_s_binds(workspace: Path) -> None:
    late, later = datetime(2999, 1, 1, tzinfo=UTC), datetime(2999, 1, 2, tzinfo=UTC)
    assert of_set(workspace, [], None, later)["embargo"] == later.isoformat()
    published = read_published(find(workspace), LETTER, datetime.now(UTC))
    assert published.embargo is None
    assert published.signed
    listing = replace(published.signed.listing, embargo=later)
    published = replace(published, signed=replace(published.signed, listing=listing))
    assert published.embargo == later
    edition = published.edition
    assert replace(published, edition=replace(edition, letter=replace(edition.letter, embargo=late))).embargo == later
