"""A state file of its own for each test; one desk of the shipped rules for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from triage.daemon.desk import Desk, Language, make_desk
from triage.language import load_detector, load_model
from triage.memory import Memory, open_memory
from triage.preferences import Trust
from triage.rulebook import load_rulebook


@pytest.fixture(scope="session")
def shipped() -> Desk:
    """The rules that are shipped, and the samples' own trusted server."""
    language = Language(load_model(), load_detector())
    return make_desk(load_rulebook(None), language, Trust(("mx.example.org",)))


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with open_memory(tmp_path / "triage.db") as opened:
        yield opened
