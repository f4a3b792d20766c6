"""Faxes on the command line: read back, priced, sent by hand or through a service, and what a person decides about one that cannot be read."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from engross import plan
from engross.cli import faxing
from engross.edition import prepare
from engross.project import find
from engross.proof import faxcost
from engross.proof.sets import Proved
from engross.render import tiff
from engross.render.fax import Cost
from engross.render.fax_pdf import absent
from tests.conftest import REPO, copy_workspace
from tests.dispatch.fake_server import Script
from tests.fax.reader import reader
from tests.fax_calls.deliveries import decoded
from tests.fax_calls.line import MH, V27, Line, Machine, call
from tests.inside import engross_here
from tests.pipeline.conftest import engross
from tests.sharing import shared

__all__ = ["reader"]

LETTER = "2018-06-06-dprk"
FAXES = f"output/{LETTER}/edition-1/fax"
FAULTS = ("blank-line", "missing-page", "other-letter", "grey", "too-small", "resolution", "inverted")
OFFICE = """
[tool.engross.offices.example-office]
name = "Example Rights Watch"
address = ["1 Example Street", "London"]
email = "office@example.org"
fax = "+44-20-7946-0100"
voice = "+44-20-7946-0101"
"""
BY_HAND = '[tool.engross.offices.example-office.fax_server]\nkind = "manual"\n'
GATEWAY = """[tool.engross.offices.example-office.fax_server]
kind = "gateway"
address = "{{digits}}@fax.example.org"
pdf = {pdf}
[tool.engross.offices.example-office.smtp]
host = "localhost"
port = {port}
tls = "none"
"""


@pytest.fixture(scope="session")
def faxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an official fax edition of a letter of one page, for eight missions."""
    return shared(tmp_path_factory, "faxes", _faxes)


def _faxes(root: Path) -> None:
    copy_workspace(REPO, root)
    settings = root / "pyproject.toml"
    settings.write_text(re.sub(r"(?m)^languages = .*$", 'languages = ["en"]', settings.read_text()) + OFFICE)
    source = root / f"content/{LETTER}/letter.md"
    head, body = source.read_text().split("\n---\n", 1)
    head = re.sub(r"(?m)^lead: .*\n|^sic:\n(?:  .*\n)+", "", head + "\n")
    names = ["dprk-new-york", *(f"mission-{fault}" for fault in FAULTS)]
    source.write_text(f"{head}recipients: [{', '.join(names)}]\n---\n" + "\n\n".join(body.split("\n\n")[:3]) + "\n")
    signatories = root / f"content/{LETTER}/signatories.csv"
    signatories.write_text("".join(signatories.read_text().splitlines(keepends=True)[:5]))
    book = (root / "content/missions.yaml").read_text().replace("+1-212-972-3154", "+1-202-555-0143")
    first = book[book.index("- id: dprk-new-york") : book.index("- id: dprk-geneva")]
    for n, name in enumerate(names[1:]):
        book += "\n" + re.sub(r"(?m)^  email: .*$", f"  email: {name}@example.org", first.replace("dprk-new-york", name).replace("0143", f"015{n}"))
    (root / "content/missions.yaml").write_text(book)
    for command in (("update", LETTER), ("build", LETTER, "--official", "-f", "fax")):
        done = engross(root, *command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def workspace(faxes: Path, tmp_path: Path) -> Path:
    shutil.copytree(faxes, tmp_path / "workspace", copy_function=lambda a, b: Path(b).hardlink_to(a) if a.endswith(".ttf") else shutil.copy(a, b))
    return tmp_path / "workspace"


def run(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return engross_here(workspace, *arguments, XDG_STATE_HOME=str(workspace.parent / "state"))


def configure(workspace: Path, text: str) -> None:
    with (workspace / "pyproject.toml").open("a") as file:
        file.write(text)


def taken(workspace: Path) -> list[str]:
    world = workspace.parent / "world"
    return [line.split()[0] for line in world.read_text().splitlines()] if world.exists() else []


def exchange(workspace: Path, name: str, data: bytes) -> None:
    """Put another fax in its place, and let the manifest know it: only reading it tells what is wrong."""
    path = f"fax/{name}.en.tif"
    (workspace / FAXES / f"{name}.en.tif").write_bytes(data)
    manifest = workspace / FAXES / "../manifest.json"
    whole = json.loads(manifest.read_text())
    entry = next(one for one in whole["artifacts"] if one["path"] == path)
    entry.update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    manifest.write_text(json.dumps(whole))


def pages(workspace: Path, name: str) -> list[Image.Image]:
    return [tiff.decode(page.strip, page.coding) for page in tiff.read((workspace / FAXES / f"{name}.en.tif").read_bytes())]


def coded(images: list[Image.Image], dpi: int = 196) -> bytes:
    return tiff.write([tiff.code(image, "mmr") for image in images], coding="mmr", dpi=dpi, stamp="2018:06:06 00:00:00")


def without_a_line(page: Image.Image) -> Image.Image:
    """The page with a strip as high as two lines of its text wiped out."""
    ImageDraw.Draw(page).rectangle((0, 900, page.width, 980), fill=0)
    return page


def faulty(fault: str, images: list[Image.Image]) -> bytes:
    cover, page = images
    if fault == "blank-line":
        return coded([cover, without_a_line(page)])
    if fault == "missing-page":
        return coded([cover])
    if fault == "other-letter":
        other = page.copy()
        other.paste(page.crop((0, 260, 1728, 1000)).transpose(Image.Transpose.ROTATE_180), (0, 260))
        return coded([cover, other])
    if fault == "grey":
        dots = page.point([255] + [120] * 255, "L").convert("1")
        return coded([cover, dots.point([255] + [0] * 255, "1")])
    if fault == "too-small":
        small = Image.new("1", page.size)
        small.paste(page.point([0] + [255] * 255, "L").resize((1210, 1504), Image.Resampling.LANCZOS).point(lambda value: 255 * (value > 110), "1"), (250, 90))
        return coded([cover, small])
    if fault == "resolution":
        return coded([cover, page], dpi=98)
    return coded([cover, page.point([255] + [0] * 255, "1")])


def test_the_proof_names_each_fault_of_a_fax_and_what_cannot_be_read(workspace: Path) -> None:
    for fault in FAULTS:
        exchange(workspace, f"mission-{fault}", faulty(fault, pages(workspace, f"mission-{fault}")))
    proof = run(workspace, "proof", "--fax", "--json", LETTER)
    assert proof.returncode == 1, proof.stderr
    files = {Path(file["path"]).name: file for file in json.loads(proof.stdout)}
    price = files["dprk-new-york.en.tif"]["price"]
    assert (price["pages"], list(price["seconds"]), list(price["parts"])[:2]) == (2, ["9600", "14400", "33600"], ["text", "cover"])
    assert price["bytes"] > sum(price["parts"].values()) > price["bytes"] * 0.7
    found = {Path(file["path"]).name.split(".")[0]: [(one["code"], one["message"]) for one in file["findings"]] for file in json.loads(proof.stdout) if file["kind"] == "fax-tiff"}
    assert found["dprk-new-york"] == [], "a good fax passes"
    codes = {name.removeprefix("mission-"): {code for code, _ in findings} for name, findings in found.items()}
    assert "fax-text" in codes["blank-line"]
    assert any(re.match(r"p\d: “", message) for code, message in found["mission-blank-line"] if code == "fax-text")
    assert {"proof-pages", "fax-text", "fax-cover"} <= codes["missing-page"]
    assert any(message.startswith("salutation: “Dear Chairman") for _, message in found["mission-missing-page"])
    assert {"fax-text", "fax-unreadable"} <= codes["other-letter"]
    assert codes["grey"] == {"fax-grey"}
    assert "fax-type-size" in codes["too-small"]
    assert codes["resolution"] == {"fax-geometry"}
    assert codes["inverted"] == {"fax-coverage"}


def test_what_cannot_be_read_on_many_pages_is_one_line_with_its_likely_cause() -> None:
    cause = f"were the office's settings changed after the faxes were made? engross build {LETTER} --official makes them again"
    margins = [f"[fax-margin] the office 'Office' cannot be read in the margin of page {number}" for number in (1, 2, 3)]
    assert list(faxing.by_pages(("[fax-text] p1: “a” became “b”", *margins, "[fax-margin] the seal cannot be read in the margin of page 2"), LETTER)) == [
        "[fax-text] p1: “a” became “b”",
        f"[fax-margin] the office 'Office' cannot be read in the margin of pages 1, 2, 3; {cause}",
        "[fax-margin] the seal cannot be read in the margin of page 2",
    ]


def test_the_proof_says_once_for_each_language_and_office_what_a_fax_costs() -> None:
    price = faxcost.Price(Cost(2, 50_000, {9600: 63.7, 14400: 49.8, 33600: 33.9}, (20_000, 30_000)), {"text": 30_000, "cover": 20_000})
    read = [Proved(LETTER, f"fax/{name}.tif", "fax-tiff", lang, (), True, "geneva", price) for name, lang in (("a", "en"), ("b", "en"), ("c", "ko"))]
    line = "from geneva: 2 pages, 50 kB: 1.1 min at 9,600, 0.8 min at 14,400, 0.6 min at 33,600 bit/s; most for text 60%, cover 40%"
    assert [*faxing.prices(read)] == [f"{LETTER}: fax {lang} {line}" for lang in ("en", "ko")]


def test_by_hand_from_the_price_to_the_confirmation_sheet(workspace: Path) -> None:
    configure(workspace, BY_HAND)
    one = ("--via", "fax", "--to", "dprk-new-york")
    shown = run(workspace, "send", LETTER, *one)
    assert re.search(r"fax en from example-office: 2 pages, \d+ kB: [\d.]+ min at 9,600, [\d.]+ min at 14,400, [\d.]+ min at 33,600 bit/s; most for text \d+%, cover", shown.stdout)
    assert run(workspace, "deliveries", LETTER, "init").returncode == 0
    told = run(workspace, "send", LETTER, *one, "--yes")
    assert told.returncode == 0, told.stdout + told.stderr
    paper = workspace / FAXES / "dprk-new-york.en.pdf"
    assert f"Print {paper} at 100 %" in told.stdout
    assert "Dial +12025550143 (on the cover: +1-202-555-0143)" in told.stdout
    assert run(workspace, "send", LETTER, *one, "--yes").returncode == 0
    listed = run(workspace, "deliveries", LETTER)
    assert re.search(r"^    handed out on .* to be faxed by hand; once it was, enter what its confirmation sheet says:$", listed.stdout, re.MULTILINE)
    assert f"engross deliveries {LETTER} record --to dprk-new-york --via fax -l en --by ROLE --dialled +12025550143 --pages N --ok" in listed.stdout
    sheet = workspace.parent / "sheet.pdf"
    sheet.write_bytes(b"a scan")
    record = ("deliveries", LETTER, "record", "--to", "dprk-new-york", "--via", "fax", "--by", "clerk", "--evidence", str(sheet))
    assert run(workspace, *record).returncode == 2, "without what the sheet says nothing is entered"
    wrong = run(workspace, *record, "-l", "en", "--dialled", "+12025550144", "--pages", "2", "--ok")
    assert (wrong.returncode, "the cover +12025550143" in wrong.stderr) == (1, True)
    command = next(line for line in told.stdout.splitlines() if "engross deliveries" in line).split()
    fill = {"ROLE": "clerk", "NAME": "MISSION", "FILE": str(sheet)}
    entered = run(workspace, *(fill.get(word, word) for word in command[1:]))
    assert "acknowledged" in entered.stdout, entered.stderr
    assert "2 of 2 pages; OK; machine MISSION; ECM" in entered.stdout
    assert "handed out" not in run(workspace, "deliveries", LETTER).stdout
    again = run(workspace, "send", LETTER, *one, "--yes")
    assert "Print" not in again.stdout
    run(workspace, "send", LETTER, "--via", "fax", "--yes")
    left = run(workspace, "deliveries", LETTER).stdout
    assert re.search(rf"^  planned, \d fax(es)? handed out to be sent by hand: enter each .*: engross deliveries {LETTER} record --to MISSION", left, re.MULTILINE)
    assert f"engross send {LETTER}" not in left


@pytest.mark.parametrize("pdf", [False, True])
def test_a_service_gets_one_message_with_the_fax_that_was_read(workspace: Path, fake: Callable[[Script], int], pdf: bool) -> None:
    configure(workspace, GATEWAY.format(port=fake(Script()), pdf=str(pdf).lower()))
    run(workspace, "deliveries", LETTER, "init")
    sent = run(workspace, "send", LETTER, "--via", "fax", "--to", "dprk-new-york", "--yes")
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert taken(workspace) == ["12025550143@fax.example.org"]
    (row,) = json.loads(run(workspace, "deliveries", LETTER, "--json").stdout)
    assert (row["status"], row["address"], row["unreadable"]) == ("accepted", "+12025550143", None)


def test_what_cannot_be_read_goes_out_only_when_somebody_says_so_and_why(workspace: Path, fake: Callable[[Script], int]) -> None:
    configure(workspace, GATEWAY.format(port=fake(Script()), pdf="false"))
    cover, page = pages(workspace, "dprk-new-york")
    exchange(workspace, "dprk-new-york", coded([cover, without_a_line(page)]))
    exchange(workspace, "mission-grey", coded(pages(workspace, "mission-inverted")))  # the cover of another mission
    run(workspace, "deliveries", LETTER, "init")
    send = ("send", LETTER, "--via", "fax", "--to", "dprk-new-york", "--to", "mission-grey")
    assert "! cannot be read: [fax-text] p" in run(workspace, *send).stdout
    refused = run(workspace, *send, "--yes")
    assert refused.returncode == 3
    assert refused.stdout.count("not sent: it cannot be read: [fax-") == 2
    assert "[fax-cover] +12025550156 can be read on the cover, and not +12025550153 alone" in refused.stdout
    assert taken(workspace) == []
    assert run(workspace, *send, "--yes", "--unreadable-by", "head of office").returncode == 2, "a role and no reason"
    because = ("--unreadable-by", "head of office", "--because", "they hold the other half")
    sent = run(workspace, "send", LETTER, "--via", "fax", "--to", "dprk-new-york", "--yes", *because)
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert taken(workspace) == ["12025550143@fax.example.org"]
    listed = run(workspace, "deliveries", LETTER).stdout
    assert re.search(r"sent although it cannot be read \(\d+: \[fax-.*\); head of office: they hold the other half", listed)
    rows = {row["recipient"]: row for row in json.loads(run(workspace, "deliveries", LETTER, "--json").stdout)}
    assert rows["dprk-new-york"]["unreadable"]["by"] == "head of office"
    assert rows["mission-grey"]["unreadable"] is None


def kept(workspace: Path, digest: str) -> bytes:
    """The exact bytes of an attempt, as the delivery record keeps them."""
    (path,) = (workspace.parent / "state").rglob(f"{digest[:2]}/{digest[2:]}")
    return path.read_bytes()


def correct(workspace: Path, name: str, number: str) -> subprocess.CompletedProcess[str]:
    return run(workspace, "deliveries", LETTER, "correct", "--to", name, "--via", "fax", "--by", "clerk", "--reason", "they rang", "--address", number)


def test_a_corrected_number_stands_on_a_cover_made_anew_and_the_pages_stay_as_they_are(workspace: Path, fake: Callable[[Script], int]) -> None:
    configure(workspace, GATEWAY.format(port=fake(Script()), pdf="false"))
    run(workspace, "deliveries", LETTER, "init")
    send = ("send", LETTER, "--via", "fax", "--to", "dprk-new-york", "--yes")
    run(workspace, *send)
    assert (wrong := correct(workspace, "dprk-new-york", "0199")).returncode == 2
    assert "'0199' is not a fax number" in wrong.stderr
    assert correct(workspace, "dprk-new-york", "+1 (202) 555-0199").returncode == 0
    sent = run(workspace, *send)
    assert sent.returncode == 0, sent.stdout + sent.stderr
    assert "! corrected by a person: the address book says +12025550143; the cover is made anew" in sent.stdout
    assert taken(workspace) == ["12025550143@fax.example.org", "12025550199@fax.example.org"]
    (row,) = json.loads(run(workspace, "deliveries", LETTER, "--json").stdout)
    first, second = ([*message_from_bytes(kept(workspace, attempt["sha256"]), policy=default).iter_attachments()] for attempt in row["attempts"])
    before, after = tiff.read(first[0].get_content()), tiff.read(second[0].get_content())
    assert [page.strip for page in after[1:]] == [page.strip for page in before[1:]]
    changed = ImageChops.difference(*(tiff.decode(pages[0].strip, pages[0].coding) for pages in (before, after))).getbbox()
    assert changed, "the cover has the old number"
    assert changed[3] - changed[1] < 40, "more than the line with the number is another"
    assert row["unreadable"] is None


def test_a_corrected_fax_by_hand_is_printed_with_its_new_cover_and_kept(workspace: Path) -> None:
    configure(workspace, BY_HAND)
    run(workspace, "deliveries", LETTER, "init")
    send = ("send", LETTER, "--via", "fax", "--to", "dprk-new-york", "--yes")
    run(workspace, *send)
    assert correct(workspace, "dprk-new-york", "+12025550199").returncode == 0
    told = run(workspace, *send).stdout
    assert "Dial +12025550199 (on the cover: +12025550199)" in told
    paper = Path(re.findall(r"Print (\S+) at", told)[0])
    assert paper.read_bytes() != (workspace / FAXES / "dprk-new-york.en.pdf").read_bytes()
    run(workspace, *send)
    (fax,) = (data for path in (workspace.parent / "state").rglob("*") if path.is_file() and (data := path.read_bytes())[:4] == b"II*\0")
    assert absent(paper.read_bytes(), tiff.read(fax)) == [], "what is printed is not what the record keeps"


def test_the_letter_is_read_once_for_all_missions_of_an_office_and_remembered(workspace: Path) -> None:
    configure(workspace, BY_HAND)
    send = ("send", LETTER, "--via", "fax", "--to", "dprk-new-york", "--to", "mission-grey")
    run(workspace, *send)
    kept = sorted((workspace.parent / "state/engross/legibility").iterdir())
    assert len(kept) == 1 + 2, "the letter's page once, and each cover"
    before = {path: path.stat().st_mtime_ns for path in kept}
    run(workspace, *send)
    assert {path: path.stat().st_mtime_ns for path in sorted(kept[0].parent.iterdir())} == before


def test_the_faxes_of_an_office_have_the_form_its_machine_takes(workspace: Path) -> None:
    settings = workspace / "pyproject.toml"
    settings.write_text(settings.read_text().replace('name = "Example Rights Watch"', 'name = "Example Rights Watch"\nfax_resolution = "standard"\nfax_coding = "mr"'))
    project = find(workspace)
    edition = prepare(project, LETTER, ["en"], official=True)
    assert [(task.fax, len(task.missions)) for task in plan.tasks(project, edition, ["fax"], "a4")] == [(("standard", "mr"), 8)]


def test_one_mission_with_an_old_machine_has_faxes_in_standard_resolution_and_huffman_code(workspace: Path) -> None:
    configure(workspace, BY_HAND)
    book = workspace / "content/missions.yaml"
    book.write_text(book.read_text().replace('  fax: "+1-202-555-0143"\n', '  fax: "+1-202-555-0143"\n  fax_resolution: standard\n  fax_coding: mh\n'))
    others = (workspace / FAXES / "mission-grey.en.tif").read_bytes()
    built = run(workspace, "build", LETTER, "--official", "-f", "fax")
    assert built.returncode == 0, built.stdout + built.stderr
    assert (workspace / FAXES / "mission-grey.en.tif").read_bytes() == others
    path = workspace / FAXES / "dprk-new-york.en.tif"
    told = subprocess.run(["tiffinfo", "-D", str(path)], capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert told.stdout.count("204, 98 pixels/inch") == told.stdout.count("CCITT Group 3") == 2
    assert subprocess.run(
        ["/usr/lib/hylafax/bin/tiffcheck", "-r", "98", "-w", "1728", "-l", "297", "-1", str(path)], capture_output=True, text=True, check=False
    ).stdout.split() == ["OK"]
    done = call(path, path.with_name("received.tif"), Machine("+44 20 7946 0100", compressions=MH), Machine("+1 202 555 0143", modems=V27, compressions=MH), Line())
    assert done.sender.result == done.receiver.result == "OK"
    assert decoded(path.with_name("received.tif").read_bytes()) == decoded(path.read_bytes())
    path.with_name("received.tif").unlink()
    run(workspace, "deliveries", LETTER, "init")
    sent = run(workspace, "send", LETTER, "--via", "fax", "--to", "dprk-new-york", "--yes")
    assert "Dial +12025550143" in sent.stdout, sent.stdout + sent.stderr
