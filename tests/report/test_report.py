"""The delivery report says what was recorded, in the reader's language, and nothing else."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from dataclasses import replace

import pikepdf
import pytest

from engross.content.glyphs import drawable
from engross.dispatch import reporting
from engross.errors import EngrossError, Rejected, UsageError
from engross.ledger import LedgerError, Status
from engross.report.outside import LIMIT, printable
from engross.translation import catalog
from tests.conftest import REPO
from tests.report.conftest import text, write
from tests.report.facts import GENEVA, HOSTILE, LETTER, NEW_YORK, Story, workspace

KO = {"acknowledged": "수신 확인됨", "accepted": "인수됨", "uncertain": "불확실", "partial": "일부만 도착"}


def gathered(project, story):
    return {(m.id, way.channel, way.packet): way for m in reporting.gather(project, LETTER, story.ledger, "en").missions for way in m.ways}


def section(whole: str, beginning: str, end: str) -> str:
    assert beginning in whole, beginning
    return whole.rpartition(beginning)[2].partition(end)[0]


def test_each_delivery_is_said_to_be_what_the_ledger_says(project, story):
    ways = gathered(project, story)
    assert {key: way.state for key, way in ways.items() if not way.test} == {
        (s.delivery.recipient, s.delivery.channel.value, s.delivery.packet): s.status.value for s in story.ledger.deliveries(LETTER)
    }
    said = {(key[0], way.channel): (way.state, way.decided, way.outside) for key, way in ways.items()}
    assert said["fourth", "email"] == ("acknowledged", True, False)
    assert [(key, way.state, way.address) for key, way in ways.items() if way.test] == [(("tenth", "fax", "en"), "accepted", "+12025550148")]
    assert said["ninth", "hand"] == ("acknowledged", False, True)
    assert said[GENEVA, "email"] == ("delivery-reported", False, False)


def test_what_was_not_handed_over_has_no_time_of_sending(project, story):
    ways = gathered(project, story)
    unsent = {key[0] for key, way in ways.items() if way.sent is None}
    assert unsent == {"third", "fifth", "eighth", "ninth"}
    assert ways["sixth", "email", "mail"].sent is not None
    assert not ways["sixth", "email", "mail"].sent_for_sure
    assert ways["ninth", "hand", "letter"].sent is not None


def test_the_first_page_says_how_much_is_known_and_what_waits_for_a_person(report):
    first = text(report("en"), "-l", "1")
    counted = section(first, "What it means", "Awaiting a person’s decision")
    for word, number in (("acknowledged", 3), ("delivery reported", 1), ("accepted", 2), ("arrived in part", 1), ("uncertain", 1), ("not delivered", 2), ("held back", 1)):
        assert f"{word} {number} " in counted
    waiting = section(first, "Awaiting a person’s decision", "Each mission")
    assert [name in waiting for name in ("fifth", "sixth", "seventh", "eighth", "ninth")] == [True, True, True, True, False]
    assert "TEST" not in counted


def test_an_accepted_message_is_never_called_delivered(tmp_path, project):
    story = Story(tmp_path)
    story.submit(story.plan(story.delivery(NEW_YORK), "mission-a@example.org"))
    page = text(reporting.make(project, LETTER, story.ledger, "en"))
    assert "The mail server accepted the message." in page
    assert "accepted 1 " in page
    for word in ("acknowledged", "delivery reported", "mailbox", "confirmed", "CSID", "arrived in part", "Awaiting"):
        assert word not in page, word
    assert "nothing recorded" in page  # of the other mission


def test_times_stand_in_both_zones(report):
    whole = text(report("en"))
    assert "Jun 6, 2018, 10:03 UTC−4" in whole  # the summary
    assert "Jun 6, 2018, 15:03:00 UTC+1 / 10:03:00 UTC−4" in whole  # the section
    assert "At the office: Europe/London · At the mission: not known" in whole


def test_what_the_fax_server_recorded_is_printed_and_what_it_did_not_is_not_known(report):
    whole = text(report("en"))
    acknowledged = section(whole, "Fax · Korean · acknowledged", "organizations in Geneva")
    for words in (
        "Pages confirmed: 3 of 3",
        "(CSID): +1 202 555 0143",
        "last call: 91 s",
        "Rate: 14400 bit/s",
        "(ECM): yes",
        "Number dialled: +12025550143",
        "The answering fax machine confirmed every page.",
    ):
        assert words in acknowledged
    assert "This is not the number" not in acknowledged
    partial = section(whole, "Fax · English · arrived in part", "Fax · Korean · acknowledged")
    for words in ("Pages confirmed: 1 of 3", "(CSID): +44 20 7946 0999", "This is not the number that was dialled.", "No response to MPS repeated 3 tries"):
        assert words in partial
    accepted = section(whole, "Fax · Korean · accepted", "third E-mail")
    for words in ("(CSID): none given", "(ECM): no", "That the pages arrived well is not proven.", "sent; the other machine gave no name"):
        assert words in accepted
    assert "confirmed every page" not in accepted


def test_notices_answers_decisions_and_evidence_are_in_the_section(report, story):
    whole = text(report("en"))
    mail = section(whole, "E-mail · delivery reported", "Fax · Korean · accepted")
    for words in (
        "This attempt did not hand it over. No other attempt is to be made before",
        "451 4.7.1 greylisted",
        "What became of it is not known.",
        "A notice came in. It does not say whether the message arrived. Notice: relayed 2.0.0",
        "A notice says that it was put into the mailbox.",
        "Reported by: dns; mx.example.org",
        "An answer to the message came in. Sender named: The Mission <mission",
        "· Subject: 잘 받았습니다",
    ):
        assert words in mail
    assert "Attempt 1 went to +12025550145, which a person found to be wrong." in whole
    assert "A person decided: the mission has it. By: desk officer · In the words on record: they rang" in whole
    assert "Done outside the program, and recorded as: acknowledged. By: courier of the office · Done at:" in whole
    assert "TEST: this went to an address or number of the office" in whole
    receipt = next(e for e in story.ledger.events() if e.data.get("note") == "stamped at the door").data["evidence"]["sha256"]
    assert receipt in whole.replace(" ", "")


def test_pictures_are_made_of_what_was_sent_and_shared(project, story, report):
    made = reporting.gather(project, LETTER, story.ledger, "en")
    assert [(d.kind, d.language, d.name, d.pages) for d in made.documents] == [
        ("pdf", "ko", "서한.pdf", 2),
        ("cover", "ko", "Permanent Mission of the Democratic People’s Republic of Korea to the United Nations", 0),
        ("fax", "ko", "", 3),
    ]
    assert all(document.picture.startswith(b"\x89PNG") for document in made.documents)


def test_bytes_that_are_elsewhere_are_said_to_be_elsewhere(tmp_path, project):
    story = Story(tmp_path)
    story.submit(story.plan(story.delivery(NEW_YORK), "mission-a@example.org"))
    for path in (tmp_path / "objects").rglob("*"):
        if path.is_file():
            path.unlink()
    assert "No picture: the file that was sent is not on this machine." in text(reporting.make(project, LETTER, story.ledger, "en"))


def test_a_korean_reader_gets_korean(report):
    whole = text(report("ko"))
    for words in (
        "발송 및 전달 기록",
        "유엔 주재 조선민주주의인민공화국 상임대표부",
        "응답한 팩스 기기가 모든 쪽의 수신을 확인하였습니다.",
        "오류 정정(ECM): 사용함",
        "팩스 · 영어",
        "2018. 6. 6. 15:03:00 UTC+1",
    ):
        assert words in whole
    assert all(word in whole for word in KO.values())
    for english in ("Recorded", "accepted", "acknowledged", "not known", "Attempt"):
        assert english not in whole


@pytest.mark.parametrize(("lang", "heading"), [("en", "Each mission"), ("ja", "代表部別の状況")])
def test_the_ways_of_a_mission_stand_on_one_page_of_the_list(report, lang, heading):
    page = next(found for number in (1, 2) if heading in (found := text(report(lang), "-f", str(number), "-l", str(number))))
    assert [words in page for words in ("mission-a@example.org", "+12025550144", "+12025550143", "+442079460143")] == [True] * 4


@pytest.mark.parametrize("lang", ["en", "ko", "ja", "es"])
def test_times_of_far_zones_do_not_touch_the_next_column(project, story, lang, monkeypatch, tmp_path):
    whole = reporting.gather(project, LETTER, story.ledger, lang)
    far = replace(whole, missions=tuple(replace(mission, time_zone="Pacific/Chatham") for mission in whole.missions))
    monkeypatch.setattr(reporting, "gather", lambda *_: far)
    path = write(tmp_path, reporting.make(project, LETTER, story.ledger, lang))
    found = subprocess.run(["pdftotext", "-bbox", "-l", "2", path, "-"], capture_output=True, check=True, text=True).stdout
    words = [(float(x), float(y), float(end), word) for x, y, end, word in re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">([^<]+)<', found)]
    sent = [word for word in words if word[3] == "UTC+12:45" and word[2] < 480]
    assert len(sent) >= 8
    gaps = [x - end for _, y, end, _ in sent for x, line, _, _ in words if abs(line - y) < 0.5 and x >= end]
    assert len(gaps) >= 8
    assert min(gaps) > 4.5


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_pdf_is_sound_tagged_and_in_its_language(report, lang, tmp_path):
    path = write(tmp_path, report(lang))
    assert subprocess.run(["qpdf", "--check", str(path)], check=False, capture_output=True).returncode == 0
    with pikepdf.open(path) as pdf:
        assert str(pdf.Root.Lang).startswith(lang)
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root


def test_the_same_ledger_gives_the_same_bytes(project, story, report):
    assert reporting.make(project, LETTER, story.ledger, "en") == report("en")


def test_hostile_strings_are_printed_harmlessly_and_cut(tmp_path, project):
    story = Story(tmp_path)
    mail = story.plan(story.delivery(NEW_YORK), "mission-a@example.org")
    story.submit(mail, reason=HOSTILE, server=HOSTILE)
    story.notice(f"envid-{NEW_YORK}-0", "mission-a@example.org", "delivered", HOSTILE.replace("\x1b", ""))
    story.answer(f"<{NEW_YORK}-0@example.org>", "<script>x</script> <a@example.org>", "{{ 7*7 }} {% raw %}")
    fax = story.plan(story.delivery(NEW_YORK, "ko"), "+12025550143")
    story.submit(fax, reason=HOSTILE)
    assert story.follow(fax, csid=HOSTILE.replace("\n", " ")) is Status.ACKNOWLEDGED
    data = reporting.make(project, LETTER, story.ledger, "en")
    whole = text(data)
    assert r"\x1b[2J\x1b]0;owned\x07<script>alert(1)</" in whole.replace(" ", "")
    assert "script>&amp;" in whole
    assert r"\u202e" in whole
    assert r"\U0001f4a3" in whole
    assert "{{ 7*7 }} {% raw %}" in whole
    assert "A" * (LIMIT + 1) not in whole.replace(" ", "")
    assert not [character for character in whole if unicodedata.category(character) in ("Cc", "Cf", "Co")]
    path = write(tmp_path, data)
    assert subprocess.run(["qpdf", "--check", str(path)], check=False, capture_output=True).returncode == 0
    with pikepdf.open(path) as pdf:
        assert not any("/JavaScript" in str(item) for item in pdf.objects if isinstance(item, pikepdf.Dictionary))


def test_a_string_is_bounded_and_shows_what_it_hides():
    known = frozenset("abc ")
    assert printable("a\tb\r\nc", known) == "a b c"
    assert printable("a\u200bb", known) == r"a\u200bb"
    assert printable("a" * 400, known) == "a" * LIMIT + "…"
    assert len(printable("\u202e" * 4000, known)) <= 2 * LIMIT + 1


def test_every_font_of_the_languages_counts(project):
    assert {"가", "あ", "é", "−"} <= drawable(project.layouts / "fonts", project.settings.locales.values())


@pytest.mark.parametrize("how", ["empty", "fuzzy"])
def test_a_language_whose_words_are_not_ready_is_refused(tmp_path, story, how):
    project = workspace(tmp_path / "space")
    path = catalog.catalog_path(project, "ko", "report")
    lines = path.read_text().replace('msgstr "인수됨"', 'msgstr ""') if how == "empty" else path.read_text().replace("#. a state\n", "#. a state\n#, fuzzy\n", 1)
    path.write_text(lines)
    with pytest.raises(Rejected, match="not ready in ko") as refused:
        reporting.make(project, LETTER, story.ledger, "ko")
    assert [problem.code for problem in refused.value.problems] == ["untranslated" if how == "empty" else "fuzzy"]
    assert "translations/ko/LC_MESSAGES/report.po" in str(refused.value.problems[0])


def test_a_language_that_is_not_in_the_settings_or_layouts_without_a_report_are_refused(tmp_path, story):
    project = workspace(tmp_path / "space")
    with pytest.raises(UsageError):
        reporting.make(project, LETTER, story.ledger, "fr")
    (project.layouts / "report.yaml").unlink()
    with pytest.raises(EngrossError, match=r"report\.yaml is missing"):
        reporting.make(project, LETTER, story.ledger, "en")


def test_the_words_of_the_report_void_no_approval(tmp_path):
    from engross import translation

    project = workspace(tmp_path / "space")
    words = project.layouts / "report.yaml"
    words.write_text(words.read_text().replace("Record of delivery", "Record of deliveries"))
    translation.update(project)
    rows = {row.language: row for row in translation.status(project, LETTER, project.settings.languages).languages}
    assert all(rows[code].approval_state.valid for code in ("ko", "ja", "es"))
    assert all(rows[code].share == 100 for code in rows)
    assert rows["ko"].report.fuzzy + rows["ko"].report.empty == 1


def test_a_ledger_that_was_changed_gives_no_report(tmp_path, project):
    story = Story(tmp_path)
    story.submit(story.plan(story.delivery(NEW_YORK), "mission-a@example.org"))
    story.ledger.close()
    import sqlite3

    with sqlite3.connect(tmp_path / "ledger.sqlite3") as connection:
        (table,) = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND name LIKE 'engross%'")]
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(f"UPDATE {table} SET event = replace(event, '250 2.0.0', '250 9.9.9')")
    connection.close()
    from engross.ledger import Ledger
    from tests.report.facts import T0

    with Ledger.open(tmp_path / "ledger.sqlite3", offices=1, now=T0, create=False) as changed, pytest.raises(LedgerError):
        reporting.make(project, LETTER, changed, "en")


def test_the_repository_has_every_word_of_the_template_and_no_other():
    import re

    from engross.content import read_report_words
    from engross.project import find

    page = "".join((REPO / name).read_text() for name in ("layouts/report.html", "src/engross/report/page.py", "src/engross/dispatch/report_steps.py"))
    named = {segment.label for segment in read_report_words(find(REPO))[0]}
    assert set(re.findall(r"words\.([a-z_]+)\b", page)) - {"fill", "words"} <= named
    assert {f"{status.value}{end}" for status in Status for end in ("", "_means")} <= named
