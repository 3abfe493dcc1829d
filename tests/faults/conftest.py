"""One quick Dovecot for all faults of a worker, a court for each kind of server, and the
count of the points that were tried."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from faults.kills import Launcher
from faults.law import KINDS, Court
from faults.points import Points
from faults.server import FaultServer, in_memory, started
from servers.fixtures import require_dovecot


@pytest.fixture(scope="session")
def server() -> Iterator[FaultServer]:
    require_dovecot()
    folder = Path(tempfile.mkdtemp(prefix="tri-", dir=in_memory()))
    with started(folder) as one:
        yield one
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def court(server: FaultServer) -> Callable[[str], Court]:
    """``court(kind)``, by the names of ``KINDS``."""
    return cache(lambda kind: Court(server, KINDS[kind]))


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    one = Launcher()
    yield one
    one.close()


@pytest.fixture
def points(record_property: Callable[[str, object], None]) -> Points:
    return Points(record_property)
