"""One HylaFAX server with four fake modems for all tests of a worker, and processes that may die."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from itertools import count

import pytest

from tests.fax_calls.hylafax import HylaFax

MANY = multiprocessing.get_context("forkserver")
MANY.set_forkserver_preload(["__main__", "tests.fax_calls.deliveries"])


@pytest.fixture(scope="session")
def hylafax() -> Iterator[HylaFax]:
    """Shared: each test uses recipients and numbers of its own."""
    with HylaFax() as server:
        yield server


_numbers = count(500)


@pytest.fixture
def number() -> str:
    """A number of the reserved range that nobody else calls in this session."""
    return f"+44207946{next(_numbers):04}"
