"""``bench``: each test of the contract runs once on each mailbox."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from benches import BENCHES, Bench, build

from triage.mailbox.types import Writer


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest) -> Bench:
    return build(request.param, request)


@pytest.fixture
def writer(bench: Bench) -> Writer:
    return bench.writer()
