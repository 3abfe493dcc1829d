"""The servers beside Dovecot as fixtures: ``cyrus``, ``courier``.

One of each for the whole run; ``new_user()`` gives a mailbox that nobody has touched. Where
one is not unpacked, what needs it is skipped with the reason, or fails if
TRIAGE_REQUIRE_SERVERS=1 says that it must be there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from servers import courier as couriers
from servers import cyrus as cyruses
from servers.courier import Courier
from servers.cyrus import Cyrus
from servers.fixtures import PASSWORD
from servers.rooted import missing


def _require(name: str) -> None:
    reason = missing(name)
    if reason and os.environ.get("TRIAGE_REQUIRE_SERVERS") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def cyrus() -> Iterator[Cyrus]:
    _require("cyrus")
    server = cyruses.start(PASSWORD)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def courier() -> Iterator[Courier]:
    _require("courier")
    server = couriers.start(PASSWORD)
    yield server
    server.stop()
