from __future__ import annotations

from collections import Counter

import pytest

SEEN = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[SEEN] = []


@pytest.fixture
def record_case(request):
    """Put a row into the table that ends the report."""
    return request.config.stash.setdefault(SEEN, []).append


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash.get(SEEN, [])
    if not rows:
        return
    terminalreporter.section("translations that must and must not be flagged")
    if config.getoption("verbose") > 0:
        for lang, code, verdict, about, text in rows:
            terminalreporter.write_line(f"{lang}  {code:<16} {verdict:<8} {about:<58} {text}")
    counts = Counter((lang, "must be caught" if code else "must pass", verdict) for lang, code, verdict, _, _ in rows)
    for (lang, kind, verdict), number in sorted(counts.items()):
        terminalreporter.write_line(f"{lang}  {kind:<15} {verdict:<8} {number:>4}")
