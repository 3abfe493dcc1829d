"""Logins to whatever a test has started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from servers.fixtures import PASSWORD
from servers.scripted import ScriptedServer
from triage.mailbox.connect import AccountLogin
from triage.mailbox.credentials import PasswordSource

VARIABLE = "TRIAGE_TEST_PASSWORD"
Login = Callable[..., AccountLogin]


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Login:
    """``login(port, ...)``: plain text to localhost unless told otherwise."""
    monkeypatch.setenv(VARIABLE, PASSWORD)
    usual = AccountLogin(
        "main", "localhost", 0, "none", "reader", PasswordSource("env", VARIABLE), None, 10.0
    )
    return lambda port, **changes: replace(usual, port=port, **changes)


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedServer]]:
    with ExitStack() as stack:
        yield lambda *a, **k: stack.enter_context(ScriptedServer(*a, **k))
