"""The catalogues of this repository: complete, canonical, and up to date with the content."""

from __future__ import annotations

from pathlib import Path

import pytest

from engross.content import read_labels, read_letter, read_missions
from engross.project import find
from engross.translation import catalog, gaps, load, localize
from engross.translation.catalog import dump
from engross.translation.refresh import plan, read_domains
from tests.translation.makers import msgfmt

PROJECT = find(Path(__file__).parents[2])
CATALOGS = [(lang, domain) for lang in PROJECT.settings.languages for domain in (*PROJECT.letters(), "missions", "layouts", "report")]


@pytest.mark.parametrize(("lang", "domain"), CATALOGS)
def test_a_catalogue_is_canonical_and_msgfmt_has_nothing_against_it(lang, domain, tmp_path):
    made, problems = catalog.read(PROJECT, catalog.catalog_path(PROJECT, lang, domain))
    assert problems == []
    assert dump(made) == made.data
    assert msgfmt(made.data, tmp_path) == ""
    assert not any(entry.fuzzy for entry in made.active)


@pytest.mark.parametrize("domain", [domain for lang, domain in CATALOGS if lang == "en"])
def test_english_is_the_source(domain):
    made, _ = catalog.read(PROJECT, catalog.catalog_path(PROJECT, "en", domain))
    assert made.entries
    assert all(entry.text == entry.source and not entry.obsolete for entry in made.entries)


def test_an_update_would_change_nothing():
    domains, _ = read_domains(PROJECT, ())
    changes, problems = plan(PROJECT, domains, created="2099-01-01 00:00+0000")
    assert problems == []
    assert [change.path for change in changes if change.changed] == []


@pytest.mark.parametrize("lang", PROJECT.settings.languages)
@pytest.mark.parametrize("name", PROJECT.letters())
def test_everything_that_is_printed_is_translated(name, lang):
    letter, _ = read_letter(PROJECT, name, read_missions(PROJECT)[0])
    assert letter
    translations, problems = load(PROJECT, lang, letter)
    assert problems == []
    assert gaps(localize(letter, translations, PROJECT.locale(lang)), read_labels(PROJECT)[0], translations) == []
