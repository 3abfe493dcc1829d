"""What every test may ask for: the servers. See servers/fixtures.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from servers.fixtures import (
    counting_proxy,
    dovecot,
    dovecot_user,
    embedded,
    prefixed_dovecot,
    server_folder,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """``-m "not server"`` leaves out what needs Dovecot."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if {"dovecot", "prefixed_dovecot"} & set(fixtures) or "[dovecot" in item.name:
            item.add_marker(pytest.mark.server)


__all__ = [
    "counting_proxy",
    "dovecot",
    "dovecot_user",
    "embedded",
    "prefixed_dovecot",
    "server_folder",
]
