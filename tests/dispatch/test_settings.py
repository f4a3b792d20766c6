"""The section of the offices: what it can hold, and that a slip of the keyboard or a secret is noticed."""

from __future__ import annotations

import tomllib

import pytest

from engross.settings_dispatch import read_offices

GOOD = """
[x]
name = "Example Office"
email = "office@example.org"
time_zone = "Europe/Zurich"
hours = "09:00-17:00"
languages = ["en"]
[x.smtp]
host = "mail.example.org"
user = "office"
password_env = "OFFICE_PASSWORD"
[x.fax_server]
kind = "hylafax"
[x.smime]
certificate = "office.pem"
key = "office.key"
"""


def test_a_full_office() -> None:
    offices, problems = read_offices(tomllib.loads(GOOD))
    assert problems == []
    office = offices["x"]
    assert office.smtp
    assert (office.smtp.port, office.smtp.tls, office.smtp.limit_mb) == (587, "starttls", 25)
    assert office.fax_server
    assert office.fax_server.host == "localhost"
    assert office.secrets == ("OFFICE_PASSWORD",)


def test_no_channel_by_default() -> None:
    offices, problems = read_offices({"x": {"name": "Example Office"}})
    assert problems == []
    assert (offices["x"].smtp, offices["x"].fax_server, offices["x"].smime) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("hours =", "huors =", "no key 'huors'"),
        ("user =", "usr =", "did you mean 'user'"),
        ('"Europe/Zurich"', '"Europe/Zurick"', "time_zone"),
        ('"09:00-17:00"', '"17:00-09:00"', "hours"),
        ('"office@example.org"', '"office@example.org, other@example.org"', "not one e-mail address"),
        ('"office@example.org"', '"büro@example.org"', "not one e-mail address"),
        ('"mail.example.org"', '"mail example"', "no name of a server"),
        ('"OFFICE_PASSWORD"', '"ENGROSS_PASSWORD"', "not the name of an environment variable"),
        ('user = "office"\n', "", "names a user and no variable"),
        ("[x.smtp]", '[x.smtp]\ntls = "ssl"', "tls = 'ssl' is unknown"),
        ("[x.smtp]", '[x.smtp]\ntls = "none"', "clear text"),
        ("[x.smtp]", "[x.smtp]\nport = 70000", "port"),
        ("[x.smtp]", "[x.smtp]\nport = true", "must be a number"),
        ("[x.smtp]", "[x.smtp]\nlimit_mb = 0", "limit_mb"),
        ('"hylafax"', '"modem"', "kind = 'modem'"),
        ('"hylafax"', '"gateway"', "a place for the number"),
        ("hours =", 'fax_coding = "jbig"\nhours =', "fax_coding = 'jbig'"),
        ("hours =", 'fax_resolution = "superfine"\nhours =', "fax_resolution = 'superfine'"),
        ('key = "office.key"', "", "certificate and key"),
        ('email = "office@example.org"\n', "", "no email"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, words: str) -> None:
    assert old in GOOD
    _, problems = read_offices(tomllib.loads(GOOD.replace(old, new, 1)))
    assert any(words in f"{problem.message} {problem.hint}" for problem in problems), problems


@pytest.mark.parametrize(
    ("old", "new"), [("OFFICE_PASSWORD", "hunter2 is secret"), ("mail.example.org", "office:hunter2@mail.example.org"), ("user =", 'password = "hunter2"\nuser =')]
)
def test_a_password_written_into_the_file_is_not_repeated(old: str, new: str) -> None:
    _, problems = read_offices(tomllib.loads(GOOD.replace(old, new)))
    assert problems
    assert not any("hunter2" in str(problem) for problem in problems)
